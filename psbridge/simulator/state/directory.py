"""What Entra holds: accounts with licences, validation errors and the mobile phone; the licences that the tenant has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from psbridge.simulator.state.ids import NO_GUID
from psbridge.simulator.state.on_premises import LocalKind
from psbridge.simulator.state.strict import STRICT

__all__ = ["Account", "Authority", "Licence", "Plan", "Sku", "ValidationError"]

Authority = Literal["onPremises", "cloud"]
_LONG_AGO = datetime(2018, 6, 1, 12, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Plan:
    """A service plan of a licence."""

    __pydantic_config__ = STRICT

    name: str
    id: UUID
    service: str


@dataclass(slots=True, eq=False)
class Sku:
    """A licence that the tenant has bought; a plan EXCHANGE_S_... of service `exchange` gives a mailbox."""

    __pydantic_config__ = STRICT

    part_number: str
    sku_id: UUID
    units: int = 25
    plans: list[Plan] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Licence:
    """A licence of an account, given directly or by a group."""

    __pydantic_config__ = STRICT

    sku: str
    disabled_plans: list[str] = field(default_factory=list)
    assigned_by_group: UUID | None = None


@dataclass(slots=True, eq=False)
class ValidationError:
    """An error that a service reported for an account: the correlation id and text of OPTION #3."""

    __pydantic_config__ = STRICT

    service: str
    code: str
    description: str
    time: datetime
    resolved: bool = False


@dataclass(slots=True, eq=False)
class Account:
    """An account. `deleted` is the time since which it lies in the recycle bin.

    `synced_*` is what the last synchronisation cycle brought. `mobile_authority` says who owns MobilePhone (the third document).
    """

    __pydantic_config__ = STRICT

    object_id: UUID
    user_principal_name: str
    display_name: str = ""
    also_known_as: list[str] = field(default_factory=list)
    first_name: str = ""
    last_name: str = ""
    alias: str = ""
    immutable_id: str | None = None
    last_dir_sync_time: datetime | None = None
    cloud_managed: bool = False
    usage_location: str = "US"
    mobile_phone: str | None = None
    alternate_mobile_phones: list[str] = field(default_factory=list)
    mobile_authority: Authority = "onPremises"
    alternate_mobile_authority: Authority = "onPremises"
    licenses: list[Licence] = field(default_factory=list)
    proxy_addresses: list[str] = field(default_factory=list)
    synced_kind: LocalKind | None = None
    synced_exchange_guid: UUID = NO_GUID
    synced_archive_guid: UUID = NO_GUID
    synced_legacy_exchange_dn: str = ""
    synced_external_address: str | None = None
    errors: list[ValidationError] = field(default_factory=list)
    when_created: datetime = _LONG_AGO
    deleted: datetime | None = None
    properties: dict[str, Any] = field(default_factory=dict)
