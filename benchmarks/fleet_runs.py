"""A playbook of six steps and a far end in memory: what a benchmark of it measures is the journal and the dispatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from psbridge.clixml import encode_message
from psbridge.cmdlets.call import Call, ConfirmImpact, reading, writing
from psbridge.command import Pipeline
from psbridge.engine import Input, Look, Playbook, Run
from psbridge.models import Model, Untyped
from psbridge.models.base import prop
from psbridge.psobject import PSObject
from psbridge.reply import Record, Reply, State, Stream

__all__ = ["SIX_STEPS", "WAITING", "MemoryEndpoints"]


class _Account(Model):
    id: UUID | None = prop("Id")


def _look_at(name: str) -> Call[_Account]:
    return reading("Get-Account", _Account, {"Name": name})


def _remove(name: str) -> Call[Untyped]:
    return writing("Remove-Account", Untyped, ConfirmImpact.HIGH, {"Name": name})


def _six_steps(run: Run) -> Mapping[str, object]:
    name = run.inputs["identity"]
    account = run.evidence("account", "directory", _look_at(name), need=("id",))
    run.read("two", "directory", _look_at(name))
    run.read("three", "directory", _look_at(name))
    run.guard("four", account.id is not None, found="-", expected="-", remedy="-")
    run.destroy("five", "directory", _remove(name), requires=["account"], approval=None, verify=_cannot_tell)
    run.read("six", "directory", _look_at(name))
    return {"id": str(account.id)}


def _wait(run: Run) -> Mapping[str, object]:
    run.poll(
        "never",
        "directory",
        _look_at(run.inputs["identity"]),
        until=_no,
        every=timedelta(hours=1),
        timeout=timedelta(days=9),
        why="nothing",
    )
    return {}


def _cannot_tell(look: Look) -> bool | None:
    _ = look
    return None


_no: Final[Callable[[object], bool]] = lambda _: False  # noqa: E731 - one word for a look that is never satisfied

SIX_STEPS: Final = Playbook("six-steps", "1", "A benchmark.", (Input("identity"),), ("directory",), (), _six_steps)
WAITING: Final = Playbook("waiting", "1", "A benchmark.", (Input("identity"),), ("directory",), (), _wait)


class MemoryEndpoints:
    """Sessions that answer at once."""

    def session(self, endpoint: str) -> MemoryEndpoints:
        """The only one there is."""
        _ = endpoint
        return self

    def ask(self, pipeline: Pipeline, *, reads: bool) -> Reply:
        """One account with the id of its name; nothing for a write."""
        if not reads:
            return Reply(State.COMPLETED, ())
        name = str(pipeline.commands[0].parameters["Name"])
        account = PSObject(("Contoso.Account", "System.Object"), ms={"Id": uuid5(NAMESPACE_DNS, name)})
        return Reply(State.COMPLETED, (Record(Stream.OUTPUT, encode_message(account)),))

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""
