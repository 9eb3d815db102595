"""Mail addresses as text or object in: SmtpAddress, and ProxyAddress with its prefix, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from psbridge.models.values.shape import WrongShape, unwrapped
from psbridge.psobject import PSObject, Value

__all__ = ["ProxyAddress", "SmtpAddress"]

SMTP_EXPECTED: Final = "an SMTP address such as 'user@domain.com'"
PROXY_EXPECTED: Final = "a proxy address with its prefix, such as 'SMTP:user@domain.com'"


@dataclass(frozen=True, slots=True, eq=False)
class SmtpAddress:
    """Microsoft.Exchange.Data.SmtpAddress; two that differ in case only are equal, as in Exchange."""

    address: str

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read `user@domain.com`, or an object that is shown so. Raises WrongShape."""
        text = _text_of(value, "Address")
        local, _, domain = text.rpartition("@") if text is not None else ("", "", "")
        if text is None or not local or domain.split() != [domain]:
            raise WrongShape(value, SMTP_EXPECTED)
        return cls(text)

    @property
    def local(self) -> str:
        """What stands before the last @."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind the last @."""
        return self.address.rpartition("@")[2]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SmtpAddress) and self.address.lower() == other.address.lower()

    def __hash__(self) -> int:
        return hash(self.address.lower())

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Microsoft.Exchange.Data.ProxyAddress: `SMTP:` is primary, `smtp:` secondary; `X500:` carries a LegacyExchangeDN."""

    prefix: str
    address: str

    @classmethod
    def parse(cls, value: Value) -> Self:
        """Read `smtp:user@domain.com`, or an object that is shown so. Raises WrongShape."""
        text = _text_of(value, "ProxyAddressString")
        prefix, colon, address = text.partition(":") if text is not None else ("", "", "")
        if not colon or not prefix or not address or not prefix.isalnum():
            raise WrongShape(value, PROXY_EXPECTED)
        return cls(prefix, address)

    @property
    def kind(self) -> str:
        """The prefix without its case: SMTP, X500, SIP, EUM."""
        return self.prefix.upper()

    @property
    def is_primary(self) -> bool:
        """Whether the prefix is written in capitals."""
        return self.prefix == self.prefix.upper()

    @property
    def smtp(self) -> SmtpAddress | None:
        """The mail address, None for other kinds."""
        return SmtpAddress(self.address) if self.kind == "SMTP" else None

    def __str__(self) -> str:
        return f"{self.prefix}:{self.address}"


def _text_of(value: Value, member: str) -> str | None:
    if type(value) is str:
        return value
    plain = unwrapped(value)
    if isinstance(plain, PSObject):
        plain = plain.to_string if plain.to_string is not None else unwrapped(plain.get(member))
    return str(plain) if isinstance(plain, str) else None
