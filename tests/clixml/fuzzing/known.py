"""What was said of an input in; the name of the difference if psbridge.clixml.differences lists it out.

What is not listed there is a fault. A test walks the table: a row that no longer differs must go, and each has a mark here.
"""

from __future__ import annotations

import re
from typing import Final

from psbridge.clixml.differences import DIFFERENCES

# By the name of the row: what is said of such a difference, and what the input holds then.
MARKS: Final[dict[str, tuple[str, bytes]]] = {
    "a time without a date": (r"no date or no year", rb"DT"),
    "a SecureString in a message of no session": (
        r"refuses \((System\.FormatException|System\.Management\.Automation\.PSArg|The input string .* correct format)",
        rb"SS",
    ),
    "a null as a message": (r"Deserialized remoting data is null", rb"Nil"),
    "markup behind the document": (r"psbridge refuses", rb"</(\w+:)?Objs\s*>(<!--.*?-->|<\?.*?\?>)*\s+<"),
    "a current operation that only .NET puts into words": (r"only \.NET knows the text", rb"PR"),
}


def known(said: str, data: bytes) -> str:
    """The name of the difference; empty if it is a new one."""
    letters = data.replace(b"\0", b"")  # of UTF-16 as well
    rows = MARKS.items()
    return next((name for name, (line, inside) in rows if re.search(line, said) and re.search(inside, letters, re.DOTALL)), "")


def unmarked() -> set[str]:
    """The rows of the table that the fuzzer does not know by a mark, and the marks without a row."""
    return {row.name for row in DIFFERENCES} ^ set(MARKS)
