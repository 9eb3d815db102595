"""The two far ends of the directory, the simulator and the real engine's tenant, with the same people changed alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from psbridge.clock import SkippingClock
from psbridge.cmdlets import Call
from psbridge.engine import Answer
from psbridge.engine.answer import answer_of, errors_of
from psbridge.error_record import ErrorRecord
from psbridge.models import Model
from psbridge.session import Result
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.seed import load_seed, state_from_json, state_to_json
from psbridge.transports.base import Transport
from psbridge.transports.process import ProcessTransport
from psbridge.transports.simulated import SimulatedTransport

__all__ = ["Changes", "FarEnd", "RealEngine", "simulator"]

M = TypeVar("M", bound=Model)
# By the sign-in name: members of an account as the engine's tenant file calls them.
Changes = Mapping[str, Mapping[str, Any]]


class FarEnd:
    """A directory that can be asked."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def ask(self, call: Call[M]) -> Answer[M]:
        """The answer to a look-up, or of a write that went well."""
        return answer_of(self.transport.run(call.pipeline, deadline=30), call, "directory")

    def refusal(self, call: Call[Any]) -> ErrorRecord:
        """The one error of a call that goes wrong."""
        (error,) = errors_of(Result.of(self.transport.run(call.pipeline, deadline=30)))
        return error


def simulator(changes: Changes) -> FarEnd:
    """An organisation of our own with the changed people."""
    content = json.loads(state_to_json(load_seed("documents")))
    _change(content, {name: _snake(members) for name, members in changes.items()}, "user_principal_name")
    organisation = SimulatedOrganisation(state_from_json(json.dumps(content).encode()))
    return FarEnd(SimulatedTransport(organisation, "directory", SkippingClock(organisation.state.now)))


class RealEngine:
    """One process of the engine for many tenants: it reads its file at every command, so a new one is a new tenant."""

    def __init__(self, program: str, folder: Path) -> None:
        self._seed = Path(program).resolve().parent / "tenants" / "documents.json"
        self._file = folder / "tenant.json"
        environment = {"REALPS_TENANT": str(self._file), "REALPS_ENDPOINT": "directory", "REALPS_CLOCK": "manual"}
        self.transport = ProcessTransport([program], environment=environment)

    def begin(self, changes: Changes) -> FarEnd:
        """A tenant with the changed people."""
        content = json.loads(self._seed.read_text(encoding="utf-8"))
        _change(content, changes, "userPrincipalName")
        self._file.write_text(json.dumps(content), encoding="utf-8")
        return FarEnd(self.transport)


def _change(content: dict[str, Any], changes: Changes, name: str) -> None:
    for account in content["directory"]:
        account.update(changes.get(account[name].lower(), {}))


def _snake(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", key): _snake(item) for key, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value
