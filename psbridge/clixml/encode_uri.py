"""A text in, whether .NET surely reads it as a Uri out.

`new Uri(text, UriKind.RelativeOrAbsolute)` takes nearly everything as a relative Uri, but fails on an absolute one whose host or
port is wrong, and on a drive without a root. A message with such a text is never answered, so what is in doubt is refused here.
The rule is narrower than .NET's: internationalised hosts pass as Punycode only. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

__all__ = ["is_readable"]

_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_ROOTED_DRIVE: Final = re.compile(r"\s*[A-Za-z]:(?:[\\/].*)?", re.DOTALL)
_AUTHORITY: Final = re.compile(
    r"(?P<user>[A-Za-z0-9._~%!$&'()*+,;=:\-]+@)?"
    r"(?:(?P<name>[A-Za-z0-9._\-]*)|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?"
    r"(?=[/?#]|$)"
)
_UNC: Final = re.compile(r"\s*\\\\(?P<name>[A-Za-z0-9._\-]+)(?:\\[^\x00-\x1f]*)?")
_FILE: Final = re.compile(r"//(?P<name>[A-Za-z0-9._\-]*)(?:/(?!/)[^\x00-\x1f]*)?")
_OPAQUE: Final = re.compile(r"(?!//)[A-Za-z0-9._~%!$&'()*+,;=:@/?#\-]*")
_MAIL: Final = re.compile(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")
_WITH_USER: Final = frozenset({"http", "https", "ftp"})
_LONGEST: Final = 65_519
_LONGEST_SCHEME: Final = 1024
_LONGEST_HOST: Final = 255
_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,62}")


def is_readable(text: str) -> bool:
    """Tell whether .NET surely takes this text as a Uri, absolute or relative."""
    found = _SCHEME.match(text)
    if found is None:
        unc = _UNC.fullmatch(text)
        return not text.lstrip().startswith("\\") or (unc is not None and _is_host(unc["name"]))
    scheme, rest = found[1].lower(), text[found.end() :]
    if len(scheme) == 1:
        return bool(_ROOTED_DRIVE.fullmatch(text))
    if len(text) > _LONGEST or len(scheme) > _LONGEST_SCHEME:
        return False
    if scheme == "file":
        file = _FILE.fullmatch(rest)
        return file is not None and (not file["name"] or _is_host(file["name"]))
    if rest.startswith("//"):
        return _has_sound_authority(rest[2:], takes_user=scheme in _WITH_USER)
    return bool((_MAIL if scheme == "mailto" else _OPAQUE).fullmatch(rest))


def _has_sound_authority(rest: str, *, takes_user: bool) -> bool:
    found = _AUTHORITY.match(rest)
    if found is None or int(found["port"] or 0) > 0xFFFF or (found["user"] and not takes_user):
        return False
    return _is_ipv6(found["v6"]) if found["v6"] else _is_host(found["name"])


def _is_host(name: str) -> bool:
    return len(name) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, name.split(".")))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
