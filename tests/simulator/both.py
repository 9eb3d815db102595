"""The same commands in the simulator and in the real engine's tenant: what each gives, held against the other.

What may differ stands in `DIFFERENT`, with the reason; all else must be the same: the types, names, kinds and values of every
property, the ids, categories and texts of every error, and how the pipeline ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

from psbridge.command import Command, Pipeline
from psbridge.errors import ConfirmationRequired
from psbridge.psobject import PSObject, Value
from psbridge.reply import Reply
from psbridge.session import Result
from psbridge.simulator.seed import state_to_json
from psbridge.transports.process import ProcessTransport
from tests.simulator.rehearsal import Rehearsal

__all__ = ["DIFFERENT", "Both", "differences", "signature"]

# Property: why the two may differ in its value. Its kind must be the same all the same.
DIFFERENT: Final = {
    "Guid": "made by the server",
    "RequestGuid": "made by the server",
    "FailureGuid": "made by the server",
    "MailboxLocations": "holds the GUID of a database",
    "LegacyExchangeDN": "a new recipient's holds its GUID; a soft-deleted one's is compared by the documents' value elsewhere",
    "SamAccountName": "made of a GUID in the cloud",
    "Sid": "made by the server",
    "ExchangeGuid": "of a mailbox that a licence has made",
    "LastDirSyncTime": "the engine's tenant stamps all in every cycle; a delta cycle exports what has changed (field-notes 4)",
    "TotalQueuedDuration": "the engine's tenant writes 8 s for the 10 s that a move was queued",
    "WhenCreated": "no source tells what a mail user shows that was a mailbox; the simulator keeps the object's",
    "WhenCreatedUTC": "as WhenCreated",
}
_NUMBERS: Final = re.compile(
    r"ExchangeLike, Version=1\.0\.0\.0, Culture=neutral, PublicKeyToken=null|Microsoft\.Exchange\.Data, Version=[^]]*"
)
_CORE: Final = re.compile(r"(?:System\.Private\.CoreLib|mscorlib), Version=[^]]*")


# What the two states must agree on: the part, the name by which its objects are told apart, and the members.
COMPARED: Final = {
    "on_premises": ("user_principal_name", ("kind", "exchange_guid", "mobile", "database", "remote_routing_address", "alias")),
    "directory": (
        "user_principal_name",
        ("immutable_id", "deleted", "mobile_phone", "mobile_authority", "synced_kind", "synced_exchange_guid", "proxy_addresses"),
    ),
    "cloud": (
        "exchange_guid",
        (
            *("kind", "name", "alias", "display_name", "user_principal_name", "database", "mobile_phone", "sku_assigned"),
            *("previous_recipient_type_details", "soft_deleted", "inactive", "items", "bytes", "migrated"),
        ),
    ),
    "restore_requests": ("name", ("status", "status_detail", "source_exchange_guid", "target_exchange_guid", "items", "bytes")),
    "moves": ("identity", ("status", "batch", "mailbox_guid", "bytes_transferred", "items_transferred", "percent", "ended")),
    "disconnected": ("exchange_guid", ("reason", "database", "when", "items")),
}


class Both:
    """The two far ends, begun with the same people at the same time."""

    def __init__(self, program: str, folder: Path, *, seed: str = "documents", tenant: str = "documents.json") -> None:
        self.ours = Rehearsal(seed)
        self.ours.state.migrations.clear()
        file = folder / "tenant.json"
        file.write_bytes((Path(program).resolve().parent / "tenants" / tenant).read_bytes())
        environment = {"REALPS_TENANT": str(file), "REALPS_ENDPOINT": "all", "REALPS_CLOCK": "manual"}
        self._engine = ProcessTransport([program], environment=environment)
        self._shared_names = "exo"
        self.found: list[str] = []
        self._unseen: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def without(self, *properties: str) -> Both:
        """Leave these properties, or the `error text`, out of the next comparison."""
        self._unseen = frozenset(properties)
        return self

    def ask(self, endpoint: str, cmdlet: str, /, *then: Command, **parameters: object) -> Result:
        """Run a pipeline on both sides, note every difference, and give our result."""
        return self.send(endpoint, Pipeline((Command(cmdlet, parameters), *then)))

    def send(self, endpoint: str, pipeline: Pipeline) -> Result:
        """The same for a pipeline that is made already, or a constant script."""
        ours = Result.of(self.ours.transports[endpoint].run(pipeline))
        theirs = Result.of(self._session(endpoint).run(pipeline, deadline=30))
        said = f"{endpoint}: {pipeline}"
        self.found += [f"{said}: {difference}" for difference in differences(ours, theirs, self._unseen)]
        self._unseen = frozenset()
        return ours

    def wait(self, **span: float) -> None:
        """Let the same time pass on both sides."""
        self.ours.wait(**span)
        minutes = (
            span.get("minutes", 0.0) + 60 * span.get("hours", 0.0) + 1440 * span.get("days", 0.0) + span.get("seconds", 0.0) / 60
        )
        reply = Result.of(self._session("sync").run(Pipeline.of("Step-TenantClock", Minutes=float(minutes))))
        assert reply.first_error is None, reply

    def questions(self, endpoint: str, cmdlet: str, /, **parameters: object) -> None:
        """Both sides must ask the same, and do nothing."""
        pipeline = Pipeline.of(cmdlet, **parameters)
        asked = [_question(far.run, pipeline) for far in (self.ours.transports[endpoint], self._session(endpoint))]
        if asked[0] != asked[1] or asked[0] is None:
            self.found.append(f"{endpoint}: {pipeline}: asks {asked[0]}, {asked[1]}")

    def compare_states(self) -> None:
        """Note every difference between what the two organisations hold now."""
        reply = self._session("sync").run(Pipeline.of("Get-TenantState"))
        theirs = json.loads(str(Result.of(reply).output[0]))
        ours = json.loads(state_to_json(self.ours.state, whole=True))
        for part, (key, names) in COMPARED.items():
            held = {str(one[_camel(key)]).lower(): one for one in theirs[_camel(part)]}
            if len(held) != len(ours[part]):
                self.found.append(f"state: {part}: {len(ours[part])}, {len(held)}")
            for one in ours[part]:
                other = held.get(str(one[key]).lower(), {})
                # A mail user has no content, whatever is written there.
                idle = {"items", "bytes"} if one.get("kind") == "MailUser" else set()
                for name in set(names) - idle:
                    if (one[name] or None) != (other.get(_camel(name)) or None):
                        where = f"state: {part} {one[key]}: {name}"
                        self.found.append(f"{where} {one[name]!r}, {other.get(_camel(name))!r}")

    def _session(self, endpoint: str) -> ProcessTransport:
        """The engine's session, with the names that both Exchanges share meaning this endpoint's."""
        wanted = "onprem" if endpoint == "onprem" else "exo"
        if wanted != self._shared_names:
            self._engine.run(Pipeline.of("Switch-TenantEndpoint", Name=wanted))
            self._shared_names = wanted
        return self._engine


def differences(ours: Result, theirs: Result, unseen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every difference between two results; the properties `unseen` are not compared."""
    if ours.state != theirs.state:
        yield f"state {ours.state}, {theirs.state}"
    yield from _errors(ours, theirs, unseen)
    if ours.warnings != theirs.warnings:
        yield f"warnings {ours.warnings}, {theirs.warnings}"
    if len(ours.output) != len(theirs.output):
        yield f"{len(ours.output)} objects, {len(theirs.output)}"
        return
    for one, other in zip(ours.output, theirs.output, strict=True):
        yield from _values(one, other, "", unseen)


def signature(value: Value) -> object:
    """What an object is made of: type names, member names and the kinds of their values; a list by its first item."""
    if not isinstance(value, PSObject):
        return type(value).__name__
    types = tuple(_plain(name) for name in value.types)
    if value.items is not None:
        return types, "list", signature(value.items[0]) if value.items else None
    if value.has_base:
        return types, signature(value.base)
    members = {**value.props, **value.ms}
    return types, tuple((name, signature(held)) for name, held in members.items())


def _question(run: Callable[[Pipeline], Reply], pipeline: Pipeline) -> tuple[str, str, tuple[str, ...]] | None:
    try:
        run(pipeline)
    except ConfirmationRequired as asked:
        return asked.method, asked.question, asked.choices
    return None


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _plain(type_name: str) -> str:
    # The engine's tenant is a module of another name; generic arguments show where a type was compiled.
    return _CORE.sub("core", _NUMBERS.sub("exchange", type_name))


def _errors(ours: Result, theirs: Result, unseen: frozenset[str]) -> Iterator[str]:
    if len(ours.errors) != len(theirs.errors) or (ours.failure is None) != (theirs.failure is None):
        yield f"errors {ours.errors or ours.failure}, {theirs.errors or theirs.failure}"
        return
    pairs = list(zip(ours.errors, theirs.errors, strict=True))
    if ours.failure and theirs.failure:
        pairs.append((ours.failure, theirs.failure))
    for one, other in pairs:
        for name in ("bare_id", "category", "activity", "reason", "target_name", "target_type", "exception_types"):
            if getattr(one, name) != getattr(other, name):
                yield f"error {name} {getattr(one, name)!r}, {getattr(other, name)!r}"
        if "error text" not in unseen and _without_request(one.message) != _without_request(other.message):
            yield f"error text {one.message!r}, {other.message!r}"
        heads = [(head.server, head.timestamp, head.failure_category) if (head := each.header) else None for each in (one, other)]
        if heads[0] != heads[1]:
            yield f"error header {heads[0]}, {heads[1]}"


def _values(one: Value, other: Value, where: str, unseen: frozenset[str]) -> Iterator[str]:
    name = where.rpartition(".")[2]
    if name in unseen:
        return
    if name in DIFFERENT:
        if _kind(one) != _kind(other):
            yield f"{where}: {_kind(one)}, {_kind(other)}"
    elif isinstance(one, PSObject) and isinstance(other, PSObject):
        yield from _objects(one, other, where, unseen)
    elif type(one) is not type(other) or one != other:
        yield f"{where}: {one!r} ({type(one).__name__}), {other!r} ({type(other).__name__})"


def _kind(value: Value) -> object:
    return [_plain(name) for name in value.types] if isinstance(value, PSObject) else type(value).__name__


def _objects(one: PSObject, other: PSObject, where: str, unseen: frozenset[str]) -> Iterator[str]:
    if [_plain(name) for name in one.types] != [_plain(name) for name in other.types]:
        yield f"{where}: types {one.types}, {other.types}"
    if one.to_string != other.to_string:
        yield f"{where}: text {one.to_string!r}, {other.to_string!r}"
    ours, theirs = {**one.props, **one.ms}, {**other.props, **other.ms}
    if list(ours) != list(theirs) or list(one.props) != list(other.props):
        yield f"{where}: members {sorted(set(ours) ^ set(theirs)) or 'in another order'}"
        return
    for key, value in ours.items():
        yield from _values(value, theirs[key], f"{where}.{key}", unseen)
    if one.has_base or other.has_base:
        yield from _values(one.base, other.base, f"{where}(number)", unseen)
    items, others = one.items or [], other.items or []
    if len(items) != len(others):
        yield f"{where}: {[str(item) for item in items]}, {[str(item) for item in others]}"
        return
    for index, (item, counterpart) in enumerate(zip(items, others, strict=True)):
        yield from _values(item, counterpart, f"{where}[{index}]", unseen)


def _without_request(text: str) -> str:
    """Graph's texts hold ids of the request and the time of the answer."""
    return re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
