"""A simulated organisation with a session at each endpoint and time in the test's hand: the stage of the simulator's tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from psbridge.clock import SkippingClock
from psbridge.command import SWITCH, Command, Pipeline
from psbridge.error_record import ErrorRecord
from psbridge.psobject import PSObject
from psbridge.session import Result
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.state import Account, LocalUser, Recipient, Tenant
from psbridge.transports.simulated import SimulatedTransport

Person = TypeVar("Person", LocalUser, Account, Recipient)

__all__ = ["DUPLICATE", "LICENCE", "SWITCH", "Rehearsal"]

DUPLICATE = "testduplicate@domain.com"
LICENCE = "testLicense@domain.com"


class Rehearsal:
    """The organisation of a seed; every call goes through the transport and the client's decoder, as a playbook's does."""

    def __init__(self, seed: str | Path | Tenant = "documents") -> None:
        self.organisation = SimulatedOrganisation(seed) if isinstance(seed, Tenant) else SimulatedOrganisation.from_seed(seed)
        self.clock = SkippingClock(self.state.now)
        self.transports = {
            name: SimulatedTransport(self.organisation, name, self.clock) for name in ("onprem", "exo", "directory", "sync")
        }

    @property
    def state(self) -> Tenant:
        return self.organisation.state

    def run(self, endpoint: str, *commands: Command) -> Result:
        return Result.of(self.transports[endpoint].run(Pipeline(commands)))

    def ask(self, endpoint: str, cmdlet: str, /, **parameters: object) -> Result:
        return self.run(endpoint, Command(cmdlet, parameters))

    def objects(self, endpoint: str, cmdlet: str, /, **parameters: object) -> list[PSObject]:
        result = self.ask(endpoint, cmdlet, **parameters)
        assert result.first_error is None, result.first_error
        assert all(isinstance(item, PSObject) for item in result.output)
        return [item for item in result.output if isinstance(item, PSObject)]

    def one(self, endpoint: str, cmdlet: str, /, **parameters: object) -> PSObject:
        (found,) = self.objects(endpoint, cmdlet, **parameters)
        return found

    def error(self, endpoint: str, cmdlet: str, /, **parameters: object) -> ErrorRecord:
        result = self.ask(endpoint, cmdlet, **parameters)
        assert result.first_error is not None, result
        return result.first_error

    def wait(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())
        self.organisation.advance(self.clock.now())

    def account(self, name: str = DUPLICATE) -> Account | None:
        return _named(self.state.directory, name)

    def recipient(self, name: str = DUPLICATE) -> Recipient | None:
        """The recipient that is in use."""
        return _named([one for one in self.state.cloud if one.soft_deleted is None], name)

    def soft_deleted(self, name: str = DUPLICATE) -> Recipient | None:
        return _named([one for one in self.state.cloud if one.soft_deleted is not None], name)

    def local(self, name: str = DUPLICATE) -> LocalUser:
        found = _named(self.state.on_premises, name)
        assert found is not None
        return found

    def delete(self, name: str = DUPLICATE) -> None:
        self.objects("directory", "Remove-MsolUser", UserPrincipalName=name, Force=SWITCH)

    def purge(self, name: str = DUPLICATE) -> None:
        self.objects("directory", "Remove-MsolUser", UserPrincipalName=name, Force=SWITCH, RemoveFromRecycleBin=SWITCH)

    def synchronise(self, policy: str = "Delta") -> None:
        self.objects("sync", "Start-ADSyncSyncCycle", PolicyType=policy)

    def licence(self, name: str, **change: str) -> Result:
        return self.ask("directory", "Set-MsolUserLicense", UserPrincipalName=name, **change)


def _named(people: list[Person], name: str) -> Person | None:
    return next((person for person in people if person.user_principal_name.casefold() == name.casefold()), None)
