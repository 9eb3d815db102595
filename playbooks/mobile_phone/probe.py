"""`mobile-phone-probe`: whether another synchronised attribute is locked in the cloud, as the third document shows it.

The document writes a first name and is refused. The probe writes the first name that is there already: where the write is not
refused, it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.mobile_phone.reading import must_be_synchronised
from psbridge.cmdlets.directory import directory_of
from psbridge.engine import DIALECT, Input, Playbook, Refused, Run
from psbridge.models import Account

__all__ = ["playbook"]

_LOCKED: Final = "Synchronised attributes are locked and changed on-premises only. MobilePhone and AlternateMobilePhones are not."
# field-notes 2.2: only its text tells that the attribute is mastered on-premises.
_ONE_CODE: Final = (
    "Microsoft Graph has one code for a locked attribute and for any other request that it will not carry out. Read the error: "
    "where it says that the object is mastered on-premises, the attribute is locked."
)
_DENIED: Final = (
    "The sign-in of this endpoint may not write users, so the directory did not come to the attribute. It needs "
    "User.ReadWrite.All."
)
# Whether the attribute is locked, by the refusal's id, and why. Any other says nothing of the attribute, and ends the run.
_REFUSALS: Final = {
    "PropertyNotSettableException": ("yes", _LOCKED),
    "Request_BadRequest": ("cannot be told", _ONE_CODE),
    "Authorization_RequestDenied": ("cannot be told", _DENIED),
}


def body(run: Run) -> Mapping[str, object]:
    """Write the first name that is there; the refusal is what is looked for."""
    directory = directory_of(run.inputs["dialect"])
    account = run.evidence(
        "account",
        "directory",
        directory.get_user(run.inputs["identity"]),
        need=("object_id", "user_principal_name", "first_name"),
        identifies=("object_id",),
    )
    must_be_synchronised(run, account)
    call = directory.set_first_name(account, str(account.first_name))
    run.approval(
        "probe",
        [("directory", call)],
        requires=("account",),
        says=(
            f"The first name of {account.user_principal_name} is written with the value that it has, {account.first_name!r}. A "
            "refusal is expected: the attribute belongs to the on-premises directory. If it is not refused, nothing is different."
        ),
    )
    try:
        run.change("write-first-name", "directory", call)
    except Refused as refusal:
        return _told(account, refusal)
    return {
        "user": account.user_principal_name,
        "locked": "no",
        "why": "The directory took a first name for a synchronised account: its source of authority is not on-premises.",
    }


def _told(account: Account, refusal: Refused) -> Mapping[str, object]:
    found = next((told for name, told in _REFUSALS.items() if refusal.record.names(name)), None)
    if found is None:
        raise refusal
    locked, why = found
    return {
        "user": account.user_principal_name,
        "locked": locked,
        "why": why,
        "error": refusal.record.message,
        "error_id": refusal.record.error_id,
    }


playbook: Final = Playbook(
    name="mobile-phone-probe",
    version="1",
    summary="Show that a synchronised attribute is locked in the cloud: writes the first name it has, and expects a refusal.",
    inputs=(Input("identity", help="the account's sign-in name"), DIALECT),
    endpoints=("directory",),
    outline=(
        ("account", "directory: the account (it is synchronised)"),
        ("write-first-name", "directory: the first name it has is written again, after an approval; the refusal is the answer"),
    ),
    body=body,
)
