"""A diagnosed person in, the text of a support case out: what the document offers where the on-premises number must win."""

from __future__ import annotations

from typing import Final

from playbooks.mobile_phone.numbers import shown_numbers
from playbooks.mobile_phone.reading import Person, changed_at, moment

__all__ = ["support_case"]

_GET_ACCOUNT: Final = {"msonline": "Get-MsolUser", "graph": "Get-MgUser", "entra": "Get-EntraUser"}
_SOURCE: Final = "https://learn.microsoft.com/entra/identity/hybrid/connect/how-to-bypassdirsyncoverrides"


def support_case(found: Person, dialect: str) -> str:
    """Give a text that can be pasted as it is: subject, what was seen, where and when, and what is asked for."""
    local, account = found.local, found.account
    online = found.online.objects[0].mobile_phone if found.online is not None and found.online.objects else None
    return "\n".join(
        (
            "Subject: MobilePhone of a synchronised user does not follow the on-premises directory (DirSyncOverrides)",
            "",
            f"User:              {account.user_principal_name}",
            f"ObjectId:          {account.object_id}",
            f"ImmutableId:       {account.immutable_id or '(none)'}",
            f"On-premises GUID:  {local.guid}",
            "",
            "What each side holds:",
            f"  on-premises, Get-User:         MobilePhone {_number(local.mobile_phone)}; WhenChanged {_time(changed_at(local))}",
            f"  directory, {_GET_ACCOUNT[dialect] + ':':<19} MobilePhone {_number(account.mobile_phone)}; last synchronisation "
            + _time(moment(account.last_dir_sync_time)),
            f"{' ' * 33}AlternateMobilePhones {_numbers(found.directory_alternates)}",
            f"{' ' * 33}otherMobile on-premises {_numbers(found.other_mobile)}",
            f"  Exchange Online, Get-User:     MobilePhone {_number(online)}",
            "",
            f"What we conclude: {found.mobile_phone.why}",
            "",
            "What we ask for: the on-premises value of MobilePhone is to reach this account again. Please tell us how its source",
            "of authority can be given back to the on-premises directory for this user, without changing other users; the",
            f"tenant-wide way is BypassDirSyncOverrides ({_SOURCE}).",
        )
    )


def _number(number: str | None) -> str:
    return shown_numbers((number,) if number else ())


def _numbers(numbers: tuple[str, ...] | None) -> str:
    return "not read" if numbers is None else shown_numbers(numbers)


def _time(when: object) -> str:
    return "unknown" if when is None else f"{when:%Y-%m-%d %H:%M:%S} UTC"
