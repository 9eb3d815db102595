"""A text in, whether .NET refuses it as a Uri out.

`Uri.TryCreate(text, UriKind.RelativeOrAbsolute)` takes nearly everything as a relative Uri. It fails where an absolute one begins and
then breaks: an empty or malformed host, a port above 65535, a drive without a root. (Tried on the engine of PowerShell 7.6.9.)
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_refused"]

_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_AUTHORITY: Final = re.compile(r"(?:[^/?#@]*@)?(?P<host>\[[^\]/?#]*\]|[^/?#:\[\]]*)(?::(?P<port>[0-9]*))?(?=[/\\?#]|$)")
_HOSTLESS: Final = frozenset({"file"})


def is_refused(text: str) -> bool:
    """Tell whether .NET takes this text neither as an absolute nor as a relative Uri."""
    found = _SCHEME.match(text)
    if found is None:
        return False
    scheme, rest = found[1].lower(), text[found.end() :]
    if len(scheme) == 1:
        return rest[:1] not in {"/", "\\"}
    return rest.startswith("//") and not _has_authority(scheme, rest[2:].rstrip())


def _has_authority(scheme: str, rest: str) -> bool:
    found = _AUTHORITY.match(rest)
    if found is None or int(found["port"] or "0") > 0xFFFF:
        return False
    host = found["host"]
    return scheme in _HOSTLESS if not host else not re.search(r"\s", host)
