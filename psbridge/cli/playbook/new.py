"""`psbridge playbook new`: a playbook of one's own in one file, and a test beside it that passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from psbridge.errors import InputError

__all__ = ["new"]

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLAYBOOK: Final = '''\
"""What this playbook does, in a sentence.

The first argument of a step is its name, once in a run. A body may do nothing but call the steps of `run`: after every wait
and every crash it is run again from its top, and steps that were done before answer from the journal. So it reads no clock and
no file, and draws no lots. Each step is explained in docs/your-own-playbook.md of psbridge, with a larger example.
"""

from collections.abc import Mapping

from psbridge.cmdlets import get_mailbox, get_user, set_user
from psbridge.engine import Input, Look, Playbook, Run


def body(run: Run) -> Mapping[str, object]:
    """Look first, then ask, then change, then look again."""
    number = run.inputs["number"]
    # Evidence is on the disk before anything that depends on it; from here on the user is addressed by the id.
    before = run.evidence("user", "onprem", get_user(run.inputs["identity"]), need=("guid",))
    run.guard(
        "the number is another one",
        before.mobile_phone != number,
        found=f"{before.mobile_phone or 'no number'}.",
        expected=f"another number than {number}.",
        remedy="Nothing is to be done.",
    )
    change = set_user(before.guid, mobile_phone=number)
    run.approval("change", [("onprem", change)], requires=("user",), says=f"The mobile phone becomes {number}.")

    def is_changed(look: Look) -> bool | None:
        """After a crash or a lost answer: True, False, or None for "cannot tell"; nothing is ever repeated blindly."""
        return look.read("onprem", get_user(before.guid)).one().mobile_phone == number

    run.destroy("change-number", "onprem", change, requires=("user",), approval="change", verify=is_changed)
    after = run.read("after", "onprem", get_user(before.guid)).one()
    mailboxes = run.read("mailboxes", "exo", get_mailbox(run.inputs["identity"])).objects
    return {"before": before.mobile_phone or "", "after": after.mobile_phone or "", "cloud_mailboxes": len(mailboxes)}


playbook = Playbook(
    name="{name}",
    version="1",  # raise it when a step is added, removed, renamed or moved, and keep the old playbook among `earlier`
    summary="What this playbook does, in a sentence.",
    inputs=(
        Input("identity", help="the user's name or address"),
        Input("number", default="0123456789", help="the new mobile phone"),
    ),
    endpoints=("onprem", "exo"),
    outline=(
        ("user", "on-premises: Get-User (evidence)"),
        ("change-number", "on-premises: Set-User -MobilePhone, after an approval"),
        ("after", "on-premises: Get-User; exo: Get-Mailbox"),
    ),
    body=body,
)
'''
_TEST: Final = '''\
"""The playbook in a simulated organisation: no PowerShell, no tenant, and no wait."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_it_carries_its_change_out() -> None:
    command = [sys.executable, "-m", "psbridge", "run", "{name}", "testmobile@domain.com", "--simulate", "--seed", "mobile-phone"]
    done = subprocess.run([*command, "--yes", "--playbooks", str(HERE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "after: 0123456789" in done.stdout


def test_it_says_beforehand_what_it_would_do_and_changes_nothing() -> None:
    command = [sys.executable, "-m", "psbridge", "run", "{name}", "testmobile@domain.com", "--simulate", "--seed", "mobile-phone"]
    done = subprocess.run([*command, "--what-if", "--playbooks", str(HERE)], capture_output=True, text=True, check=False)
    assert "What if: [PS] C:\\\\> Set-User" in done.stdout
    assert "Nothing was changed." in done.stdout
'''


def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens.")],
    folder: Annotated[Path, typer.Argument(help="Where the two files go.")] = Path(),
) -> None:
    """Write a playbook that works, to be changed, and its test; then `psbridge run NAME ... --playbooks FOLDER`."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a playbook: small letters, digits, and hyphens between them")
    module = name.replace("-", "_")
    files = {folder / f"{module}.py": _PLAYBOOK, folder / f"test_{module}.py": _TEST}
    there = [str(path) for path in files if path.exists()]
    if there:
        raise InputError(f"{', '.join(there)} is there already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text.replace("{name}", name), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}") from error
    playbook, test = files
    typer.echo(f"{playbook}: the playbook. {test}: its test; run it with: python -m pytest {test}")
    typer.echo(f"Try it: psbridge run {name} testmobile@domain.com --simulate --seed mobile-phone --playbooks {folder}")
