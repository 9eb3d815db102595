"""The brake of a tenant's fleet: how it stands, who pulled it and why; and whether one more destructive step may go through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from psbridge.errors import HeldBack
from psbridge.fleet.hourly import hold_to_hourly
from psbridge.fleet.tables import SCHEMA
from psbridge.journal.failures import NEVER_SEEN, count_failures
from psbridge.journal.rows import Transaction
from psbridge.profile import Limits

__all__ = ["Brake", "let_through", "read_brake", "set_brake"]

# A run that is held back by a person is woken when the brake is released; this is for the case that nobody tells it.
_LOOK_AGAIN: Final = timedelta(minutes=5)
_COLUMNS: Final = "paused, draining, who, why, since, set_at"


@dataclass(frozen=True, slots=True)
class Brake:
    """`paused`: no destructive step begins. `draining`: workers take no further run.

    `since`: failures before it were seen to by a person, who released the brake; NEVER_SEEN where nobody ever did. `set_at`: when
    `who` pulled or released it; None where nobody did, or that was not kept yet. Both are in UTC.
    """

    paused: bool
    draining: bool
    who: str
    why: str
    since: datetime
    set_at: datetime | None


def read_brake(tx: Transaction, tenant: str, *, lock: Literal["", " FOR SHARE", " FOR UPDATE"] = "") -> Brake:
    """How it stands; a tenant that was never braked has one that is released, and no failure of its was seen by anybody."""
    wanted = f"SELECT {_COLUMNS} FROM {SCHEMA}.brake WHERE tenant = ?{lock}"  # noqa: S608 - constants
    found = tx.rows(wanted, [tenant])
    if not found:
        made = f"INSERT INTO {SCHEMA}.brake (tenant, {_COLUMNS}) VALUES (?, false, false, '', '', ?, NULL) ON CONFLICT DO NOTHING"  # noqa: S608 - constants
        tx.rows(made, [tenant, NEVER_SEEN])
        found = tx.rows(wanted, [tenant])
    paused, draining, who, why, since, set_at = found[0]
    # The driver gives times in the zone that the server is set to.
    return Brake(paused, draining, who, why, since.astimezone(UTC), set_at and set_at.astimezone(UTC))


def set_brake(
    tx: Transaction, tenant: str, *, who: str, why: str, paused: bool | None = None, draining: bool | None = None
) -> None:
    """Pull or release it; None leaves a part as it is. Failures so far are taken as seen where both are released."""
    now = read_brake(tx, tenant, lock=" FOR UPDATE")
    paused, draining = now.paused if paused is None else paused, now.draining if draining is None else draining
    tx.rows(
        f"UPDATE {SCHEMA}.brake SET paused = ?, draining = ?, who = ?, why = ?, set_at = clock_timestamp(), "  # noqa: S608 - a constant
        "since = CASE WHEN ? THEN clock_timestamp() ELSE since END WHERE tenant = ?",
        [paused, draining, who, why, not paused and not draining, tenant],
    )


def let_through(tx: Transaction, tenant: str, limits: Limits, now: datetime) -> None:
    """Raise HeldBack where one more destructive step would be one too many.

    The row is held until the step's intent is committed: nothing begins once a pause is known to stand, and where steps are
    counted no two can be the last one that is allowed. Where they are not, they need not wait for one another.
    """
    counted = limits.stop_after_failures is not None or limits.destructive_per_hour is not None
    brake = read_brake(tx, tenant, lock=" FOR UPDATE" if counted else " FOR SHARE")
    if brake.paused:
        raise HeldBack(f"{brake.who} has paused destructive steps: {brake.why}", now + _LOOK_AGAIN)
    most = limits.stop_after_failures
    if most is not None and (failed := count_failures(tx, tenant, brake.since)) >= most:
        since = "" if brake.since == NEVER_SEEN else f" since {brake.since:%Y-%m-%d %H:%M} UTC"
        why = f"{failed} runs failed or stopped{since}, and the limit is {most}: somebody must look at them"
        raise HeldBack(f"{why}, then `psbridge fleet resume`", now + _LOOK_AGAIN)
    if limits.destructive_per_hour is not None:
        hold_to_hourly(tx, tenant, limits.destructive_per_hour, now)
