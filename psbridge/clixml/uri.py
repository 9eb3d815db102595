"""A text in, whether .NET refuses it as a Uri out.

`Uri.TryCreate(text, UriKind.RelativeOrAbsolute)` takes nearly everything as a relative Uri. It fails where an absolute one begins
and then breaks: a malformed host, a port above 65535, a drive without a root. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

import re
import string
from ipaddress import AddressValueError, IPv6Address
from typing import Final

__all__ = ["is_refused"]

_BLANKS: Final = " \t\r\n"
_SCHEME: Final = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9+.\-]*):")
_DRIVE: Final = re.compile(r"[ \t\r\n]*[A-Za-z][:|]")
_UNC: Final = re.compile(r"[ \t\r\n]*(?:\\\\([\\/]*)|[Ff][Ii][Ll][Ee]:[\\/]{4,})(\[[^\]/?#]*\]|[^\\/]*)")
_FILE_ON_DRIVE: Final = re.compile(r"[ \t\r\n]*[Ff][Ii][Ll][Ee]:[\\/]{4,}[A-Za-z][:|][\\/]")
_FILE_ON_ROOTLESS_DRIVE: Final = re.compile(r"[ \t\r\n]*[Ff][Ii][Ll][Ee]:[\\/]*[A-Za-z][:|](?![\\/])")
_AUTHORITY: Final = re.compile(r"(?:(?P<user>[^/?#@\\]*)@)?(?P<host>\[[^\]/?#]*\]|[^/?#:\[\]@]*)(?P<port>:[0-9]*)?")
# A DNS name takes every character from U+00A0 on, but for those that IDNA takes for full stops.
_STOP: Final = r"[.\u3002\uff0e\uff61]"
_ANY: Final = r"A-Za-z0-9\u00a0-\u3001\u3003-\uff0d\uff0f-\uff60\uff62-\U0010ffff"
_LABEL: Final = rf"[{_ANY}][{_ANY}_\-]*"
_DNS_NAME: Final = re.compile(rf"{_LABEL}(?:{_STOP}{_LABEL})*{_STOP}?")
_HOSTLESS: Final = frozenset({"http", "https", "ftp", "ws", "wss", "gopher", "nntp", "telnet", "net.tcp", "net.pipe"})
_WITHOUT_USER: Final = frozenset({"file", "net.tcp", "net.pipe"})
_WITHOUT_PORT: Final = frozenset({"file", "net.pipe"})
_OF_DNS: Final = frozenset({"net.tcp", "net.pipe"})
_KNOWN: Final = _HOSTLESS | {"file", "ldap", "mailto"}
_OF_UNC: Final = frozenset("-_" + string.ascii_letters + string.digits)
_OPAQUE: Final = frozenset({"news", "uuid"})


def is_refused(text: str) -> bool:
    """Tell whether .NET takes this text neither as an absolute nor as a relative Uri."""
    if _FILE_ON_DRIVE.match(text):
        return False
    if _FILE_ON_ROOTLESS_DRIVE.match(text):
        return True
    unc = _UNC.match(text)
    if unc is not None:
        return _is_no_computer(unc[2].rstrip(_BLANKS)) if unc[2] else bool(unc[1])
    drive = _DRIVE.match(text)
    if drive is not None:
        return text[drive.end() : drive.end() + 1] not in {"", "/", "\\"}
    found = _SCHEME.match(text)
    return found is not None and _has_bad_authority(found[1].lower(), text[found.end() :])


def _has_bad_authority(scheme: str, rest: str) -> bool:
    bare = rest.rstrip(_BLANKS)
    if scheme in _OPAQUE:
        return False
    if scheme == "mailto":
        return not bare.startswith("//") and not _has_authority(scheme, bare) if bare else bool(rest)
    if scheme == "file":
        bare = bare.replace("\\", "/")
    return bare[:2].replace("\\", "/") == "//" and not _has_authority(scheme, bare[2:])


def _is_no_computer(host: str) -> bool:
    return not (_is_ipv6(host[1:-1]) if host.endswith("]") else _is_name(host))


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
    if (scheme in _WITHOUT_USER and user is not None) or (scheme in _WITHOUT_PORT and port is not None):
        return False
    return _is_host(host, scheme, alone=user is port is None) and _is_port(port or "")


def _is_host(host: str, scheme: str, *, alone: bool) -> bool:
    """Tell whether a scheme takes a host; `alone`: there is neither a user nor a port."""
    if not host or host in {".", ".."}:
        return alone and scheme not in (_KNOWN if host else _HOSTLESS)
    return _is_ipv6(host[1:-1]) if host.startswith("[") else _is_name(host, scheme)


def _is_name(host: str, scheme: str = "file") -> bool:
    return _DNS_NAME.fullmatch(host) is not None or (scheme not in _OF_DNS and _is_unc_name(host))


def _is_unc_name(host: str) -> bool:
    """Tell whether it is the name of a computer: labels of letters, digits, - and _; from the third on - and _ begin none."""
    first, *others = host.split(".")
    if others and not others[-1]:
        others.pop()
    return (
        all(label and all(map(_is_of_unc, label)) for label in (first, *others))
        and not (first.isascii() and first.isdigit())
        and not any(label[0] in "-_" for label in others[1:])
    )


def _is_of_unc(character: str) -> bool:
    return character in _OF_UNC if character.isascii() else character.isalpha() and character <= "\uffff"


def _is_port(text: str) -> bool:
    digits = text[1:].lstrip("0")
    return len(digits) <= 5 and int(digits or "0") <= 0xFFFF


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text.partition("%")[0])
    except AddressValueError:
        return False
    return True
