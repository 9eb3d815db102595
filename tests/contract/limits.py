"""What a test may need of its carrier, and which carrier cannot give it by design, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

import pytest

__all__ = ["LIMITS", "Need", "needs"]


class Need(Enum):
    """Something that not every carrier keeps. A test that needs it says so: `@needs(Need.SESSION)`."""

    ORDER = "records of different streams come in the order in which they were written"
    SESSION = "what one call sets up is there for the next"
    SECRETS = "a SecureString arrives at the cmdlet"
    HOST = "a question reaches the client as a question, with its choices"
    NONCHARACTERS = "a text with U+FFFE or U+FFFF comes back"
    OPENING = "connection commands run when the session opens"
    PROMPT = "a call begins at once, so that values can be tried one by one, and deadlines be short"
    LIVE = "something happens at the far end now, takes its time and can be stopped"
    WIRE = "what would carry a value says whether it can travel"
    TIME = "a cmdlet can take a while, and have its effect although it was stopped"
    OBJECTS = "an object that was read can be sent back"


# A test that needs what stands here is skipped with the reason; `test_limits.py` has a proof of each line.
LIMITS: Final[Mapping[str, Mapping[Need, str]]] = {
    "winrm": {
        Need.ORDER: "the bootstrap takes one stream after another: the order holds within each",
        Need.SESSION: "each call is a PowerShell process of its own",
        Need.SECRETS: "there is no session key: a SecureString would cross as plain text, so it is refused",
        Need.HOST: "nobody is at the far end's console: a question is a HostException there",
        Need.OPENING: "connection commands run in the process of each call, so what is wrong with them comes with the call",
    },
    "powershell-per-call": {
        Need.PROMPT: "each call starts a PowerShell; test_winrm_deadline and test_winrm_bootstrap have what fits it",
        Need.NONCHARACTERS: "PSSerializer cannot write U+FFFE and U+FFFF",
    },
    "simulator": {
        Need.TIME: "a simulated cmdlet is over at once, or hangs",
    },
    "replay": {
        Need.SECRETS: "a cassette keeps no secret, so an answer that repeats one is not what it was",
        Need.LIVE: "nothing runs: an answer comes at once, and there is nothing that could be stopped",
        Need.WIRE: "what was refused before it was sent is no part of a recording",
        Need.OBJECTS: "what is asked is compared by its canonical form, and an object that was read has none",
    },
}


def needs(*need: Need) -> pytest.MarkDecorator:
    """Mark a test with what it needs of its carrier."""
    return pytest.mark.needs(*need)
