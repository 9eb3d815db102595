"""A server's address as a profile has it in; whether it can be used, and how it may be shown, out.

A profile is a file: an address with a user or a password in it is refused, and neither is ever shown.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["holds_user", "is_address", "is_loopback", "shown"]


def is_address(text: str) -> bool:
    """Whether it is an http or https address of a server, without a user."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not holds_user(text)
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a name means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def holds_user(text: str) -> bool:
    """Whether there is a user or a password in an address; also where it is malformed otherwise."""
    return "@" in text


def shown(text: str) -> str:
    """An address without what stands in front of its server."""
    return text.rpartition("@")[2]
