"""`psbridge clixml show` prints what PowerShell prints; the engine says what that is."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, saved
from tests.real_engine import printed

# What a pipeline prints, and what `show` is told to print the same.
ALIKE = [
    ("| Format-List", "--list"),
    ("| Format-List -Property Name,Nope,*e*", "--list --property Name,Nope,*e*"),
    ("| Format-Table -Property Name,Items,Shared,Nope", "--table --property Name,Items,Shared,Nope"),
    ("| Format-Table -Property Al*,Addresses,Database", "--table -p Al* -p Addresses,Database"),
    ("| Format-Table", "--table"),
    ("", ""),
    ("| Select-Object -Property Name,Created,Office", "--property Name,Created,Office"),
    ("| Select-Object -First 3 -Property Name,Alias,Items,Shared,Created", "-n 3 -p Name,Alias,Items,Shared,Created"),
    ("| Where-Object Name -eq 'mailbox 4' | Format-List Name", "--where 'Name -eq mailbox 4' --list -p Name"),
    ("| Where-Object Name -ne 'mailbox 4' | Format-Table Name", "--where 'Name -ne mailbox 4' --table -p Name"),
    ("| Where-Object Name -like '*[35]' | Format-Table Name", "--where 'Name -like *[35]' --table -p Name"),
    ("| Where-Object Alias -match 'R[1-3]$' | Format-Table Name", "--where 'Alias -match R[1-3]$' --table -p Name"),
    ("| Where-Object Items -gt 21 | Format-Table Name", "--where 'Items -gt 21' --table -p Name"),
    ("| Where-Object Items -lt 21 | Format-Table Name", "--where 'Items -lt 21' --table -p Name"),
    ("| Where-Object Created -lt '2013-01-01' | Format-Table Name", "--where 'Created -lt 2013-01-01' --table -p Name"),
    ("| Where-Object Shared -eq $true | Format-Table Name", "--where 'Shared -eq $true' --table -p Name"),
    ("| Where-Object Office -eq $null | Format-Table Name", "--where 'Office -eq $null' --table -p Name"),
    ("| Where-Object Addresses -like '*u2@*' | Format-Table Name", "--where 'Addresses -like *u2@*' --table -p Name"),
    (
        "| Where-Object Items -ge 14 | Where-Object Shared -eq $false | Format-Table Name",
        "--where 'Items -ge 14' -w 'Shared -eq $false' --table -p Name",
    ),
]  # fmt: skip


def _trimmed(lines: list[str]) -> list[str]:
    """Blank lines around a text are the console's, which adds more or fewer of them by how it was asked."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    while lines and not lines[0].strip():
        lines = lines[1:]
    return lines


@pytest.mark.realps
@pytest.mark.timeout(300)
def test_what_is_shown_is_what_powershell_prints(realps: str, tmp_path: Path) -> None:
    data = mailboxes(7)
    export = saved(tmp_path, data)
    wanted = printed(realps, [(data, tail) for tail, _ in ALIKE])
    for (tail, options), lines in zip(ALIKE, wanted, strict=True):
        shown = clixml("show", export, *shlex.split(options))
        # PowerShell says nothing of a name that no object has.
        assert (shown.returncode, "Nope" in shown.stderr) == (0, "Nope" in options)
        assert _trimmed(shown.stdout.split("\n")) == _trimmed(lines), tail


@pytest.mark.realps
def test_values_that_are_no_objects_are_shown_as_powershell_prints_them(realps: str, tmp_path: Path) -> None:
    data = document(
        "<S>text</S>", "<I32>5</I32>", "<Db>1.239</Db>", "<Nil />", "<B>true</B>",
        '<Obj RefId="0"><DCT><En><S N="Key">a</S><I32 N="Value">1</I32></En></DCT></Obj>',
        '<Obj RefId="1"><LST><S>x</S><S>y</S></LST></Obj>',
    )  # fmt: skip
    shown = clixml("show", saved(tmp_path, data))
    assert _trimmed(shown.stdout.split("\n")) == _trimmed(printed(realps, [(data, "")])[0])


def test_a_table_is_written_as_it_is_read_and_first_ends_the_reading(tmp_path: Path) -> None:
    # Behind the first objects the file is broken, which nobody sees who does not read that far.
    data = mailboxes(2000).replace(b"user1900", b"<broken")
    export = saved(tmp_path, data)
    assert clixml("show", export, "--table", "-p", "Alias", "-n", "2").returncode == 0
    whole = clixml("show", export, "--table", "-p", "Alias")
    assert whole.returncode == 1
    assert "user1899\n" in whole.stdout
    assert "1900 values were read" in whole.stderr


def test_what_has_a_view_is_one_table_however_long_and_other_values_follow(tmp_path: Path) -> None:
    more = "".join(f'<S N="Attribute{number}">x</S>' for number in range(200))
    data = mailboxes(1000, more).replace(
        b"Deserialized.Contoso.Mailbox", b"Deserialized.Microsoft.Exchange.Data.Directory.Management.Mailbox"
    )
    data = data.replace(b"\n</Objs>", b"\n  <S>text</S>\n</Objs>")
    lines = clixml("show", saved(tmp_path, data)).stdout.splitlines()
    assert lines[1].split() == ["Name", "Alias", "Database", "ProhibitSendQuota", "ExternalDirectoryObjectId"]
    assert [line.split()[2] for line in lines[3:1003]] == [f"user{number}" for number in range(1000)]
    assert lines[1003:] == ["", "text"]


def test_nothing_in_a_file_can_steer_the_terminal(tmp_path: Path) -> None:
    hostile = "\u202e_x001B_]0;owned_x0007_ _x001B_[2J _x0000_ _xD83D_ _x009B_31m \u200bend"
    data = document(mailbox(0, hostile, f'<S N="_x001B_[1m">{hostile}</S>', first=True))
    for options in (["--list"], ["--table"], ["--table", "-p", "Name"], []):
        shown = clixml("show", saved(tmp_path, data), *options).stdout
        assert {character for character in shown if not character.isprintable()} <= {"\n"}
    listed = clixml("show", saved(tmp_path, data), "--list").stdout
    assert "\u241b]0;owned\u2407" in listed
    assert "<U+202E>" in listed
    assert "<U+D83D>" in listed


def test_redirected_output_is_shown_with_its_warnings_and_errors(tmp_path: Path) -> None:
    data = (
        b"#< CLIXML\r\n"
        + document('<S S="Output">done</S>', '<S S="warning">careful</S>', '<S S="Error">it failed_x000D__x000A_</S>')
        + b"#< CLIXML\r\n"
        + document('<S S="verbose">more</S>')
    )
    shown = clixml("show", saved(tmp_path, data))
    assert shown.stdout == "done\nWARNING: careful\nit failed\nVERBOSE: more\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--where", "Name like x"], "is no condition"),
        (["--where", "Name -likes x"], "-likes is no operator"),
        (["--where", "Name -eq a -and Alias -eq b"], "more than one condition"),
        (["--where", "Name -match ("], "is no regular expression"),
        (["--where", "Name -like [a"], "without its ]"),
        (["--property", "Name,,Alias"], "an empty name"),
        (["--list", "--table"], "exclude each other"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(options: list[str], message: str) -> None:
    done = clixml("show", "none.xml", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    for name in (tmp_path / "none.xml", tmp_path):
        done = clixml("show", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"psbridge: {name} cannot be read:" in done.stderr
