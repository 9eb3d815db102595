"""An account and the parameters that choose accounts in, whether it is one of them out: MSOnline's and Entra's lists."""

from __future__ import annotations

from typing import Final

from psbridge.simulator.rules.licensing import is_licensed
from psbridge.simulator.runspace.cmdlet import Call
from psbridge.simulator.state import Account

__all__ = ["CHOOSING", "wanted"]

# The parameters that `wanted` gives their meaning.
CHOOSING: Final = (
    *("SearchString", "HasErrorsOnly", "UnlicensedUsersOnly", "Synchronized", "LicenseReconciliationNeededOnly"),
    *("DomainName", "UsageLocation"),
)


def wanted(call: Call, account: Account) -> bool:
    """Whether every parameter that was given lets this account pass (Get-MsolUser.md; field-notes 2.2)."""
    domain, location, text = call.text("DomainName"), call.text("UsageLocation"), call.text("SearchString")
    return (
        (text is None or _begins(account, text))
        and (domain is None or account.user_principal_name.casefold().endswith(f"@{domain.casefold()}"))
        and (location is None or account.usage_location.casefold() == location.casefold())
        and not (call.switch("HasErrorsOnly") and not any(not error.resolved for error in account.errors))
        and not (call.switch("UnlicensedUsersOnly") and is_licensed(account))
        and not (call.switch("Synchronized") and account.last_dir_sync_time is None)
        # Every simulated licence is in order.
        and not call.switch("LicenseReconciliationNeededOnly")
    )


def _begins(account: Account, text: str) -> bool:
    names = (account.display_name, account.user_principal_name)
    return any(name.casefold().startswith(text.casefold()) for name in names)
