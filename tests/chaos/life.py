"""`python -m psbridge` by another clock: `python -m tests.chaos.life ARGUMENT ...`.

CHAOS_SECONDS is what the clock is ahead of the computer's, so that a wait of days can be over in a moment. When everything is
imported a byte goes to the descriptor CHAOS_READY: what is killed before that has done nothing yet.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from psbridge.clock import SystemClock


def _ahead(self: SystemClock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(os.environ["CHAOS_SECONDS"]))


def main() -> None:
    """Be psbridge."""
    SystemClock.now = _ahead  # type: ignore[method-assign]
    from psbridge.cli import app, main, resume, run  # noqa: F401 - loaded before the byte is sent

    ready = int(os.environ.pop("CHAOS_READY"))
    os.write(ready, b".")
    os.close(ready)
    main()


if __name__ == "__main__":
    main()
