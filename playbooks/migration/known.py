"""The names of stalls and failures in; what each means, what to do and where that is written, out. Names decide, never texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["FAILURES", "STALLS", "Known", "failure_named", "stall_named"]

SLOW: Final = "Exchange team, Troubleshooting Slow Migrations (ba-p/1795706); field-notes 5.3"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one name."""

    name: str
    means: str
    remedy: str
    source: str


def stall_named(reason: str) -> Known | None:
    """What a stall means; its side does not matter here. None for a name that no source explains."""
    name = reason.lower()
    for side in ("stalledduetotarget", "stalledduetosource", "stalleddueto"):
        name = name.removeprefix(side)
    return next((known for known in STALLS if known.name.lower() == name.strip("_")), None)


def failure_named(*names: str) -> Iterator[Known]:
    """What failures mean, each once; names that no source explains give nothing."""
    told = {name.rpartition(".")[2].lower() for name in names if name}
    yield from (known for known in FAILURES if known.name.lower() in told)


_WAIT: Final = "Nothing: the service goes on by itself. Do not begin the move anew; that sends everything once more."
_LIMITS: Final = "On-premises, see to the resource, or raise its limit (New-SettingOverride ... MaxConcurrency)."

STALLS: Final = (
    Known("DiskLatency", "the disk below the database is too slow for more load", _WAIT, SLOW),
    Known("MdbReplication", "the copy queue of the database's other copies is too long", _WAIT, SLOW),
    Known("DataMoveReplicationConstraint", "the database's copies lag behind the constraint of its moves", _WAIT, SLOW),
    Known("MdbAvailability", "the replay queue of the database's copies is too long", _WAIT, SLOW),
    Known("HA", "the database's copies lag behind (older name of MdbReplication)", _WAIT, SLOW),
    Known("Processor", "the processors of the server are too busy", f"{_WAIT} {_LIMITS}", SLOW),
    Known("ReadCpu", "the processors of the source are too busy", _LIMITS, SLOW),
    Known("WriteCpu", "the processors of the target are too busy", _WAIT, SLOW),
    Known("MDBFull", "the database has reached its threshold of size", _WAIT, SLOW),
    Known("ContentIndexing", "the content index of the database lags behind", _WAIT, SLOW),
    Known("CI", "the content index of the database lags behind (older name of ContentIndexing)", _WAIT, SLOW),
    Known("BigFunnel", "the search index of the mailbox lags behind", _WAIT, "field-notes 5.3 (unverified)"),
    Known("MailboxCapacityExceeded", "ten moves are at work on this mailbox already", _WAIT, SLOW),
    Known(
        "EndpointCapacityExceeded", "the endpoint is at work on as many moves as it may", _WAIT, "field-notes 5.3 (unverified)"
    ),
    Known(
        "MailboxLock",
        "the mailbox is still locked by a session that has broken off",
        "Look at the network between both sides: a firewall or proxy that cuts connections leaves such locks behind.",
        SLOW,
    ),
    Known("ReadThrottle", "the source throttles", _LIMITS, SLOW),
    Known("WriteThrottle", "the target throttles", _WAIT, SLOW),
    Known("UnknownReason", "the service gives no reason", _WAIT, SLOW),
    Known("ReadUnknown", "the service gives no reason, on the source", _WAIT, SLOW),
    Known("WriteUnknown", "the service gives no reason, on the target", _WAIT, SLOW),
)

_DCS: Final = "track-prevent-data-loss-dcs.md, in field-notes 5.3"

FAILURES: Final = (
    Known(
        "TooManyBadItemsPermanentException",
        "more items could not be moved than the limit allows; permissions of people who no longer exist count as such",
        "Read the bad items of the report. Leave the limit away, so that the data consistency score decides, and approve it.",
        f"Exchange team, TooManyBadItemsPermanentException (ba-p/606807); {_DCS}",
    ),
    Known(
        "TooManyLargeItemsPermanentException",
        "items are larger than the target takes",
        "Export them from the source, or have them shortened; then resume the move.",
        _DCS,
    ),
    Known(
        "MapiFxProxyTransientException",
        "the data export was cancelled because the destination did not answer in time",
        "It is tried again by itself. If it goes on, the target's processors are too busy: wait, or move at another time.",
        "KB 3162761, stalledduetotarget-processor-error-during-migration.md",
    ),
    Known(
        "CommunicationErrorTransientException",
        "the connection between both sides broke off",
        "It is tried again by itself. If it comes often, let moves go around firewalls and proxies: such breaks leave mailboxes "
        "locked, and moves slow.",
        "Exchange team, Troubleshooting Failed Migrations (ba-p/1746234)",
    ),
    Known(
        "DataExportTransientException",
        "the data export broke off",
        "It is tried again by itself. If it goes on, look at what is between both sides.",
        "KB 3162761, stalledduetotarget-processor-error-during-migration.md",
    ),
    Known(
        "RecipientNotFoundPermanentException",
        "no recipient has the mailbox GUID that is asked for",
        "In the restore of a disconnected on-premises mailbox this is the expected end (FailedOther), if all was copied before "
        "it. In a move it is a failure: look whether the mail user carries the ExchangeGuid.",
        "KB mailbox-exists-exo-onpremises, in field-notes 1.6",
    ),
    Known(
        "FailedOther",
        "the move failed; the report's last failure says why",
        "Read the failures. Only the cross-premises restore of a disconnected mailbox ends so in success.",
        "field-notes 1.6",
    ),
    Known(
        "FailedBadItemLimit", "more items could not be moved than the limit allows", "As TooManyBadItemsPermanentException.", _DCS
    ),
    Known(
        "FailedStuck",
        "the move made no progress for too long",
        "Look at its last entries, then resume it.",
        "field-notes 5.2",
    ),
    Known(
        "FailedNetwork", "the way to the source was lost for too long", "See to the network, then resume it.", "field-notes 5.2"
    ),
)
