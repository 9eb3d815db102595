"""A text in, whether .NET refuses it as a Uri out.

`Uri.TryCreate(text, UriKind.RelativeOrAbsolute)` takes nearly everything as a relative Uri. It fails where an absolute one begins
and then breaks: a malformed host, a port above 65535, a drive without a root. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

__all__ = ["is_refused"]

_SCHEME: Final = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9+.\-]*):")
_DRIVE: Final = re.compile(r"[ \t\r\n]*[A-Za-z][:|]")
_UNC: Final = re.compile(r"[ \t\r\n]*\\\\([^\\/]*)")
_AUTHORITY: Final = re.compile(r"(?:(?P<user>[^/?#@\\]*)@)?(?P<host>\[[^\]/?#]*\]|[^/?#:\[\]@]*)(?P<port>:[0-9]*)?")
_NAME: Final = re.compile(r"[\w\-]+(?:\.[\w\-]+)*\.?")
_HOSTLESS: Final = frozenset({"http", "https", "ftp", "ws", "wss", "gopher", "nntp", "telnet", "net.tcp", "net.pipe"})
_WITHOUT_USER: Final = frozenset({"file", "net.tcp", "net.pipe"})
_OPAQUE: Final = frozenset({"news", "uuid"})


def is_refused(text: str) -> bool:
    """Tell whether .NET takes this text neither as an absolute nor as a relative Uri."""
    unc = _UNC.match(text)
    if unc is not None:
        return bool(unc[1]) and not _NAME.fullmatch(unc[1])
    drive = _DRIVE.match(text)
    if drive is not None:
        return text[drive.end() : drive.end() + 1] not in {"", "/", "\\"}
    found = _SCHEME.match(text)
    if found is None:
        return False
    scheme, rest = found[1].lower(), text[found.end() :].rstrip(" \t\r\n")
    if scheme in _OPAQUE:
        return False
    if scheme == "mailto":
        return not rest.startswith("//") and not _has_authority(scheme, rest)
    if scheme == "file":
        rest = rest.replace("\\", "/")
    return rest[:2].replace("\\", "/") == "//" and not _has_authority(scheme, rest[2:])


def _has_authority(scheme: str, rest: str) -> bool:
    found = _AUTHORITY.match(rest)
    if found is None:
        return False
    host, port, user = found["host"], found["port"], found["user"]
    behind = rest[found.end() : found.end() + 1]
    if behind == "\\" and (port is not None or host.startswith("[") or scheme == "mailto"):
        return False
    if behind not in {"", "/", "?", "#", "\\"} and (port is not None or not host.startswith("[")):
        return False
    if (scheme in _WITHOUT_USER and user is not None) or (scheme == "file" and port is not None):
        return False
    if not host:
        return scheme not in _HOSTLESS and not port and user is None
    return _is_port(port or "") and (_is_ipv6(host[1:-1]) if host.startswith("[") else _NAME.fullmatch(host) is not None)


def _is_port(text: str) -> bool:
    digits = text[1:].lstrip("0")
    return len(digits) <= 5 and int(digits or "0") <= 0xFFFF


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text.partition("%")[0])
    except AddressValueError:
        return False
    return True
