"""An engine whose server refused who we are in, what a person is told before its other runs are left alone out."""

from __future__ import annotations

from psbridge.engine import Engine

__all__ = ["refusal_of"]


def refusal_of(engine: Engine) -> str:
    """Which endpoints refused, why nobody asks again, and what to do; the error itself stands above, with its run."""
    names = " and ".join(f"[{name}]" for name in engine.refused)
    return (
        f"{names} refused us, and would refuse the others, too; refused credentials, given again, may lock the account. "
        "See to the cause, look with psbridge doctor, then give this command again."
    )
