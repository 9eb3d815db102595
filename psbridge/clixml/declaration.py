"""An XML document in, the same without the encoding that it declares out.

What .NET takes for the name of an encoding expat may refuse. It means nothing to PowerShell (clixml-notes section 4).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_encoding"]

_SPACE: Final = rb"[ \t\r\n]"
# .NET takes neither quotes and blanks but the space here, nor characters beyond the first plane.
_VALUE: Final = rb"""(?:"[^"'<>&\t\r\n\xf0-\xf4]*"|'[^"'<>&\t\r\n\xf0-\xf4]*')"""
_DECLARED: Final = re.compile(
    rb"\A(<\?xml%(space)s+version%(space)s*=%(space)s*%(value)s%(space)s+)(encoding%(space)s*=%(space)s*%(value)s)"
    % {b"space": _SPACE, b"value": _VALUE}
)


def without_encoding(document: bytes) -> bytes:
    """Put blanks for the encoding in an XML declaration, so that everything else stays in its place."""
    return _DECLARED.sub(lambda found: found[1] + b" " * len(found[2]), document)
