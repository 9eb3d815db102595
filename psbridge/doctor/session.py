"""What a connected session has: modules, cmdlets, the connection behind it, and how much the server lets it do at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

from psbridge.command import Command, Pipeline
from psbridge.doctor.finding import Seen, failed, failed_with, ok, skipped, warning
from psbridge.doctor.modules import judged, modules_of
from psbridge.doctor.needs import needed
from psbridge.doctor.subject import Subject
from psbridge.errors import PsbridgeError, Throttled
from psbridge.psobject import PSObject, Value
from psbridge.session import Result
from psbridge.transports.base import Transport

__all__ = ["cmdlets", "connection", "modules", "sessions", "throttling_policy"]

_QUIET: Final = {"ErrorAction": "SilentlyContinue"}


def modules(subject: Subject) -> Seen:
    """Whether the modules of this endpoint are there, and in versions that work."""
    wanted = modules_of(subject.name, subject.profile.dialect)
    if not wanted:
        return skipped("the cmdlets are part of the endpoint")
    names = [known.name for known in wanted]
    # Those that are loaded; where several versions lie on the disk, they are the ones that count.
    listed = [subject.ask(_listing("Get-Module", names)), subject.ask(_listing("Get-Module", names, ListAvailable=True))]
    if any(answer.first_error for answer in listed):
        return _untold(listed[0] if listed[0].first_error else listed[1], "Get-Module")
    found: dict[str, str] = {}
    for answer in listed:
        newest: dict[str, str] = {}
        for module in _objects(answer.output):
            name, version = _text(module, "Name"), _text(module, "Version")
            newest[name] = max(newest.get(name, ""), version, key=_comparable)
        found = newest | found
    _, number, edition = subject.state or ("", "", "")
    return judged(wanted, found, number, edition)


def cmdlets(subject: Subject) -> Seen:
    """Whether the cmdlets are there that the playbooks call; at Exchange a missing role hides them, elsewhere a module."""
    wanted = needed(subject.name, subject.profile.dialect)
    command = Command("Get-Command", {"Name": sorted(wanted), **_QUIET})
    answer = subject.ask(Pipeline((command, Command("Select-Object", {"Property": "Name"}))))
    if answer.first_error:
        return _untold(answer, "Get-Command")
    there = {_text(found, "Name").lower() for found in _objects(answer.output)}
    missing = [name for name in wanted if name.lower() not in there]
    if not missing:
        return ok(f"all {len(wanted)} that the playbooks call")
    stopped = sorted({playbook for name in missing for playbook in wanted[name]})
    found = f"{len(missing)} of {len(wanted)} are missing: {', '.join(missing)}"
    return failed(
        found, f"{_hidden(subject)} These playbooks cannot do all their work: {', '.join(stopped)}.", _remedy(subject, missing)
    )


def _hidden(subject: Subject) -> str:
    if subject.name in ("onprem", "exo"):
        return "No management role of the account has them."
    return "A module is missing or older, or was not loaded."


def _remedy(subject: Subject, missing: list[str]) -> str:
    if subject.name in ("onprem", "exo"):
        return (
            f"Ask Exchange which roles have one: Get-ManagementRole -Cmdlet {missing[0]}. Give the account such a role, "
            "by a role group or New-ManagementRoleAssignment, and open a new session."
        )
    return f"Ask on that machine which module has one: Find-Module -Command {missing[0]}"


def connection(subject: Subject) -> Seen:
    """The connection to Exchange Online behind the session, where the profile makes one."""
    if not any(command.cmdlet.lower() == "connect-exchangeonline" for command in subject.endpoint.connect):
        return skipped("the profile has no Connect-ExchangeOnline")
    answer = subject.ask(Pipeline.of("Get-ConnectionInformation"))
    if answer.first_error:
        return _untold(answer, "Get-ConnectionInformation")
    connections = list(_objects(answer.output))
    if not connections:
        cause = "Connect-ExchangeOnline reported no error, and left no connection."
        return failed("there is no connection", cause, "Try the same command by hand in the same PowerShell.")
    told = [
        ", ".join(filter(None, (_text(one, name) for name in ("Organization", "State", "TokenStatus")))) for one in connections
    ]
    if not any(_text(one, "State") == "Connected" for one in connections):
        return failed(
            "; ".join(told), "The connection was lost, or its token has expired.", "Check the application and its certificate."
        )
    if len(connections) > 1:
        cause = "Connections that are not ended count against the tenant's limit, and leak memory."
        return warning(f"{len(connections)} connections: {'; '.join(told)}", cause, "Connect once in the profile.")
    return ok(told[0])


def throttling_policy(subject: Subject) -> Seen:
    """How many sessions the account may have at once, against what the profile allows psbridge.

    An account without a policy of its own has that of the organisation, else the default one: the others are not its own.
    """
    own, is_told = _own_policy(subject)
    answer = subject.ask(Pipeline((Command("Get-ThrottlingPolicy", {"Identity": own} if own else {}),)))
    if answer.first_error:
        if answer.first_error.names("CommandNotFoundException"):
            return skipped("the account's roles do not show it (Get-ThrottlingPolicy); Exchange allows 18 unless told otherwise")
        return skipped(f"Get-ThrottlingPolicy: {answer.first_error.message}")
    policies = list(_objects(answer.output))
    policy = next(iter(policies), None) if own else _for_everybody(policies)
    if policy is None:
        found = f"it is not told which of {len(policies)} policies is the account's"
        return warning(found, "None of them says that it is the default.", "Look at Get-ThrottlingPolicyAssociation there.")
    return _allowed(subject, _text(policy, "PowerShellMaxConcurrency"), "" if own else f", by {_named(policy)}", sure=is_told)


def _own_policy(subject: Subject) -> tuple[str, bool]:
    """The name of the account's own policy, empty where it has none; and whether that is told at all."""
    if not subject.endpoint.username:
        return "", False
    answer = subject.ask(Pipeline.of("Get-ThrottlingPolicyAssociation", Identity=subject.endpoint.username))
    associations = [] if answer.first_error else list(_objects(answer.output))
    return (_text(associations[0], "ThrottlingPolicyId"), True) if len(associations) == 1 else ("", False)


def _for_everybody(policies: list[PSObject]) -> PSObject | None:
    """The policy of who has none of its own: of the organisation where there is one, else the default."""
    for scope in ("Organization", "Global"):
        scoped = [policy for policy in policies if _text(policy, "ThrottlingPolicyScope") == scope]
        if scoped:
            return scoped[0] if len(scoped) == 1 else None
    defaults = [policy for policy in policies if policy.get("IsDefault") is True]
    return defaults[0] if len(defaults) == 1 else None


def _named(policy: PSObject) -> str:
    return f"the policy for everybody, {_text(policy, 'Name') or 'which has no name'}"


def _allowed(subject: Subject, told: str, which: str, *, sure: bool) -> Seen:
    """What the policy allows; where it is not `sure` whose policy it is, too little is a warning."""
    most = _number(told)
    if most is None:
        return ok(f"PowerShellMaxConcurrency is {told or 'not told'}{which}")
    wanted = subject.profile.limits.sessions.get(subject.name, 1)  # type: ignore[call-overload]  # a name of an endpoint
    if wanted > most:
        cause = f"The profile lets psbridge open {wanted} at once; further ones will be refused."
        remedy = f"Write sessions = {{ {subject.name} = {most} }} below [limits], or give the account a policy of its own."
        if sure:
            return failed(f"PowerShellMaxConcurrency is {most}{which}", cause, remedy)
        return warning(f"PowerShellMaxConcurrency is {most}{which}; whether the account has its own is not told", cause, remedy)
    return ok(f"PowerShellMaxConcurrency is {most}{which}; the profile uses {wanted}")


def sessions(subject: Subject) -> Seen:
    """Whether the server gives as many sessions at once as the profile lets psbridge open; they are opened, and closed again."""
    wanted = subject.profile.limits.sessions.get(subject.name)  # type: ignore[call-overload]  # a name of an endpoint
    if wanted is None:
        return ok("one at a time; the profile sets no limit")
    if wanted > 1 and not subject.try_sessions:
        return skipped(
            f"{wanted} were not tried: beside a running worker they may use up the account's quota; when none runs, ask for it "
            f"with: psbridge doctor {subject.name} --sessions"
        )
    opened: list[Transport] = []
    try:
        for count in itertools.count(1):
            if count >= wanted:  # the one of the other checks is open already
                return ok(f"{wanted} at once, as the profile allows")
            opened.append(subject.another(connect=False))
            opened[-1].open()
    except Throttled as error:
        seen = failed_with(error)
        remedy = f"Write sessions = {{ {subject.name} = {len(opened)} }} below [limits], or end others. {seen.remedy}"
        return failed(f"{len(opened)} of {wanted}: {error.problem}", seen.cause, remedy)
    except PsbridgeError as error:
        return failed_with(error)
    finally:
        for transport in opened:
            transport.close()
    raise AssertionError


def _listing(cmdlet: str, names: list[str], **parameters: object) -> Pipeline:
    command = Command(cmdlet, {"Name": names, **parameters, **_QUIET})
    return Pipeline((command, Command("Select-Object", {"Property": ["Name", "Version"]})))


def _untold(answer: Result, cmdlet: str) -> Seen:
    error = answer.first_error
    if error is not None and error.names("CommandNotFoundException"):
        return warning(f"it is not told: the endpoint has no {cmdlet}", "The session shows its own cmdlets only.")
    return warning(f"it is not told: {error.message if error else ''}", f"{cmdlet} failed.")


def _objects(values: Iterable[Value]) -> Iterable[PSObject]:
    return (value for value in values if isinstance(value, PSObject))


def _text(found: PSObject, name: str) -> str:
    value = found.get(name)
    return "" if value is None else str(value)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _comparable(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdecimal())
