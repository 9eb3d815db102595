"""`psbridge demo`: OPTION #0 end to end on any machine, replayed from the recording that comes with psbridge."""

from __future__ import annotations

from pathlib import Path

import typer

import psbridge
from psbridge.cli.consent import SayYes
from psbridge.cli.replay import replay

__all__ = ["demo"]

CASSETTE = Path("cassettes") / "duplicate-mailbox-delete-account" / "option-0.cassette"


def demo() -> None:
    """Replay a recorded run, approving by itself: nothing is connected, nothing is changed."""
    # fixtures/ lies beside the package, in a checkout and in an installed wheel alike.
    fixtures = Path(psbridge.__file__).resolve().parent.parent / "fixtures"
    raise typer.Exit(replay(fixtures / CASSETTE, SayYes(), report=True))
