"""A validation error of an account in; what it means and what to do, for people, out.

The code decides, never the text, which is the service's and may be in any language. A code that is not here is told with its
text and correlation id: that is what Microsoft's support asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psbridge.models import AccountError

__all__ = ["KNOWN", "Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is such an error, and what to do."""

    cause: str
    remedy: str


_RESET: Final = "The account is deleted and comes back (OPTION #0): that takes the broken pair apart."
KNOWN: Final[Mapping[str, Explanation]] = {
    "ExO_ObjectValidation": Explanation(
        "Exchange Online could not bring the recipient into the state that the directory asks for.",
        f"{_RESET} If the text names an attribute (an address, an alias), put that right on-premises first.",
    ),
    "ExO_DualWrite": Explanation(
        "The licence in the directory and the recipient in Exchange Online are out of step: changes of licences have no effect.",
        f"{_RESET} To assign or remove a licence once more does not help.",
    ),
}
_UNKNOWN: Final = Explanation(
    "This code is not known to psbridge; read the service's own text.",
    "If the text names an attribute, put that right on-premises, synchronise, and look whether the error goes. "
    "For a support case have the correlation id ready.",
)


def explain(error: AccountError) -> str:
    """One error as a paragraph: when, where, its own text, its cause, and what to do."""
    known = KNOWN.get(error.code, _UNKNOWN)
    asked = f" Correlation id {error.correlation_id}." if error.correlation_id else ""
    when = f" at {error.at}" if error.at else ""
    return (
        f"{error.code or 'an error without a code'} from {error.service or 'a service that is not told'}{when}: "
        f"{error.description or 'without a text'}{asked} Cause: {known.cause} What to do: {known.remedy}"
    )
