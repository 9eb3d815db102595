"""The endpoint `local` answers as the cmdlets do, without a PowerShell; a path is taken as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from psbridge.cmdlets import get_file_hash, import_clixml
from psbridge.command import Command, Pipeline
from psbridge.errors import ClixmlError, InputError
from psbridge.models import FileHash
from psbridge.psobject import PSObject
from psbridge.session import Result
from psbridge.transports.local import LocalTransport
from tests.real_engine import said


def ask(pipeline: Pipeline) -> Result:
    with LocalTransport() as local:
        return Result.of(local.run(pipeline))


def test_a_file_of_the_real_engine_gives_what_the_real_engine_reads(tmp_path: Path, pwsh: str) -> None:
    path = tmp_path / "[odd] name.xml"
    value = "[pscustomobject]@{Text = 'a'; Number = 3; List = 1, 2; Inner = [pscustomobject]@{Deep = $true}}"
    said(pwsh, f"{value}, 'text', 7, $null | Export-Clixml -LiteralPath '{path}' -Encoding Unicode")
    first, text, number, nothing = ask(import_clixml(str(path)).pipeline).output
    assert isinstance(first, PSObject)
    assert (first["Text"], first["Number"], first["Inner"]["Deep"]) == ("a", 3, True)  # type: ignore[index,call-overload]
    assert (text, number, nothing) == ("text", 7, None)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 3_000_001)
    (value,) = ask(get_file_hash(str(path)).pipeline).output
    found = FileHash.parse(value, "Get-FileHash")
    assert found.hash == hashlib.sha256(path.read_bytes()).hexdigest().upper()
    assert (found.algorithm, found.path) == ("SHA256", str(path))


def test_what_cannot_be_opened_or_read_is_named(tmp_path: Path) -> None:
    for call in (import_clixml(str(tmp_path)), get_file_hash(str(tmp_path / "nosuch.xml"))):
        with pytest.raises(InputError, match="cannot be read"):
            ask(call.pipeline)
    broken = tmp_path / "broken.xml"
    broken.write_text("<Objs>", encoding="utf-8")
    with pytest.raises(ClixmlError, match=r"broken\.xml"):
        ask(import_clixml(str(broken)).pipeline)


@pytest.mark.parametrize("path", ["", "  ", "a\0b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="no path"):
        import_clixml(path)


@pytest.mark.parametrize(
    "commands",
    [
        (Command("Get-Mailbox", {"Identity": "x"}),),
        (Command("Import-Clixml", {"LiteralPath": "x"}), Command("Select-Object", {"Property": "y"})),
    ],
)
def test_nothing_else_runs_here(commands: tuple[Command, ...]) -> None:
    with pytest.raises(InputError, match="does not run on this machine"):
        ask(Pipeline(commands))
