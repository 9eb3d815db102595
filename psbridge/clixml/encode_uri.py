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
    r"(?:[A-Za-z0-9._~%!$&'()*+,;=:\-]*@)?(?:(?P<name>[A-Za-z0-9._\-]*)|\[(?P<v6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?"
    r"(?=[/?#]|$)"
)
_UNC: Final = re.compile(r"\s*\\\\[A-Za-z0-9._\-]+(?:\\[^\x00-\x1f]*)?")
_OPAQUE: Final = re.compile(r"(?!/)[A-Za-z0-9._~%!$&'()*+,;=:@/?#\-]*")
_MAIL: Final = re.compile(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")
_LONGEST: Final = 65_519
_LONGEST_SCHEME: Final = 1024
_HOSTLESS: Final = frozenset({"file"})  # with any other scheme .NET wants a host, or its answer depends on the scheme


def is_readable(text: str) -> bool:
    """Tell whether .NET surely takes this text as a Uri, absolute or relative."""
    found = _SCHEME.match(text)
    if found is None:
        return not text.lstrip().startswith("\\") or bool(_UNC.fullmatch(text))
    scheme, rest = found[1], text[found.end() :]
    if len(scheme) == 1:
        return bool(_ROOTED_DRIVE.fullmatch(text))
    if len(text) > _LONGEST or len(scheme) > _LONGEST_SCHEME:
        return False
    if rest.startswith("//"):
        return _has_sound_authority(scheme.lower(), rest[2:])
    pattern = _MAIL if scheme.lower() == "mailto" else _OPAQUE
    return bool(pattern.fullmatch(rest))


def _has_sound_authority(scheme: str, rest: str) -> bool:
    found = _AUTHORITY.match(rest)
    if found is None or int(found["port"] or 0) > 0xFFFF:
        return False
    if found["v6"]:
        return _is_ipv6(found["v6"])
    labels = found["name"].split(".")
    if not found["name"]:
        return scheme in _HOSTLESS and found[0] == ""
    return len(found["name"]) <= 255 and all(0 < len(label) <= 63 for label in labels)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
