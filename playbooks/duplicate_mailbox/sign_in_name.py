"""A captured user in; whether the account comes back under the sign-in name that it has, and the operator's word if not, out.

A new account gets the on-premises UPN. One that has another name now has an alternate login id, which it keeps; or the suffix is
not verified in the cloud, or a change of the UPN never reached it: then another name comes (field-notes 2.9). That cannot be told
apart.
"""

from __future__ import annotations

from typing import Final

from playbooks.asking import ask_until
from playbooks.duplicate_mailbox.capture import Captured
from psbridge.engine import Input, Run

__all__ = ["SIGN_IN_NAME", "is_kept"]

SIGN_IN_NAME: Final = Input(
    "sign_in_name",
    default="ask",
    choices=("ask", "any"),
    help="any: the new account may have another sign-in name than the old one",
)


def is_kept(run: Run, kept: Captured) -> bool:
    """Whether the new account has the old one's sign-in name; where that is not certain, somebody has agreed to another."""
    name, local = kept.account.user_principal_name, kept.local.user_principal_name
    if local is not None and name.casefold() == str(local).casefold():
        return True
    if run.inputs[SIGN_IN_NAME.name] == "ask":
        ask_until(
            run,
            "another-sign-in-name",
            f"The account signs in as {name}, and its on-premises user as {local or '(no answer)'}: the account may come back "
            "under another sign-in name.",
            "With alternate login ids it keeps it. Else cancel the run and bring the two together (the suffix verified in the "
            "cloud, the change of the UPN synchronised); or, if the user may get another name, go on. The new account is found "
            "by its recipient, and taken only with the same ImmutableId. To go on, answer `go on`.",
            ("go on",),
        )
    return False
