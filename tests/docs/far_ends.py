"""What goes wrong on the way, for the tables of stops: the command, the files that it meets, what is typed at its prompts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.readme.readme import ROOT

__all__ = ["MORE_STOPS", "Stop"]

DELETE: Final = "psbridge run duplicate-mailbox-delete-account testduplicate@domain.com"


@dataclass(frozen=True, slots=True)
class Stop:
    """A command that does not end well, the files that it needs, and what is typed."""

    command: str
    answers: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def _rehearsed(command: str, base: str, *faults: str, answers: Sequence[str] = ()) -> Stop:
    """A rehearsal in an organisation that something is wrong with."""
    seed = "\n".join([f'extends = "{base}"', *(f"[[faults]]\n{fault}" for fault in faults)])
    return Stop(f"{command} --simulate --seed wrong.toml", answers, {"wrong.toml": seed})


def _held(command: str, base: str) -> Stop:
    """A rehearsal in an organisation that retains everybody's mailbox."""
    seed = f'extends = "{base}"\n[settings]\norganization_holds = ["mbx7cfb30345d454ac0a989ab3041051209:2"]\n'
    return Stop(f"{command} --simulate --seed held.toml", files={"held.toml": seed})


_LOST: Final = 'name = "dropped-connection"\ncmdlet = "Remove-MsolUser"\ncall = 1\nafter = true'
# The answer to the deletion is lost, and so is every look at the account behind it.
_IN_DOUBT: Final = (_LOST, *(f'name = "terminating-error"\ncmdlet = "Get-MsolUser"\ncall = {call}' for call in range(5, 9)))

_TENANTS: Final = ROOT / "fixtures" / "tenants"
_OF_DELETE: Final = _TENANTS / "duplicate-mailbox-delete-account"
_BATCH: Final = "--option migration=batch --option migration_endpoint=Hybrid --option delivery_domain=domain.mail.onmicrosoft.com"
_REMOVE: Final = "psbridge run duplicate-mailbox-remove-license testlicense@domain.com"
_DELETE_EACH: Final = "psbridge run duplicate-mailbox-delete-account"
_NOBODY: Final = "Playbook,UserPrincipalName\n" + "".join(
    f"duplicate-mailbox-delete-account,{name}@domain.com\n" for name in ("nobody", "noone")
)
_RECORDED: Final = ROOT / "fixtures" / "cassettes" / "duplicate-mailbox-remove-license" / "licence-meanwhile.cassette"

MORE_STOPS: Final[Mapping[str, Sequence[Stop]]] = {
    "find-them": (
        _rehearsed("psbridge run duplicate-mailbox-scan", "scan", 'name = "terminating-error"\ncmdlet = "Get-Mailbox"'),
        Stop(f"{_DELETE_EACH} --from scan.csv", files={"scan.csv": "UserPrincipalName\nx@domain.com\n"}),
        Stop(f"{_DELETE_EACH} --from two.csv --max-failures 1", files={"two.csv": _NOBODY}),
    ),
    "option-0": (
        _rehearsed(DELETE, "option-0", 'name = "sync-cycle"\ncmdlet = "Remove-MsolUser"\ncall = 2', answers=["yes"]),
        _rehearsed(DELETE, "option-0", 'name = "failed-restore"', answers=["yes", "yes"]),
        _rehearsed(DELETE, str(_OF_DELETE / "archive-into-primary.toml"), answers=["yes", ""]),
        _rehearsed(f"{DELETE} --option sync=manual", "option-0", answers=["yes", ""]),
        _held(DELETE, "option-0"),
        _rehearsed(DELETE, str(_OF_DELETE / "guid-not-synchronised.toml"), answers=["yes"]),
        _rehearsed(f"{DELETE} {_BATCH}", str(_OF_DELETE / "migrated-once-batch.toml"), answers=["yes", ""]),
        _rehearsed(DELETE, str(_OF_DELETE / "another-sign-in-name.toml"), answers=[""]),
    ),
    "option-1": (
        _rehearsed(
            _REMOVE, str(_TENANTS / "duplicate-mailbox-remove-license" / "asked-about-the-delay.toml"), answers=["yes", ""]
        ),
        _rehearsed(_REMOVE, str(_TENANTS / "duplicate-mailbox-remove-license" / "guid-not-synchronised.toml"), answers=["yes"]),
        _rehearsed(
            f"{_REMOVE} --option dialect=graph",
            str(_TENANTS / "duplicate-mailbox-remove-license" / "another-plan-needs-exchange.toml"),
            answers=["yes"],
        ),
        # Somebody gives it back while the run waits: that was recorded.
        Stop(f"{_REMOVE} --option delayed=wait --replay {shlex.quote(str(_RECORDED))}", ["yes"]),
        _held(_REMOVE, "option-1"),
    ),
    "option-3": (_held("psbridge run duplicate-mailbox-validation-error testlicense@domain.com", "option-3"),),
    "migration-report": (
        Stop("psbridge run migration-report nobody@domain.com --simulate --seed migration"),
        Stop("psbridge run migration-report user@domain.com --option file=nothing.xml"),
        Stop("psbridge run migration-report another@domain.com --option file=migration.xml"),
        Stop("psbridge run migration-report user@domain.com --profile empty.toml", files={"empty.toml": "[endpoints]\n"}),
    ),
    "when-it-stops": (
        _rehearsed(DELETE, "option-0", *_IN_DOUBT, answers=["yes", ""]),
        _rehearsed(DELETE, "option-0", 'name = "terminating-error"\ncmdlet = "Get-Mailbox"\ncall = 1'),
        Stop("psbridge runs --journal nowhere.db"),
        Stop("psbridge run no-such-playbook x"),
        Stop(DELETE),
        Stop(DELETE, ["no"]),
    ),
}
