"""The licences of an account as any dialect gives them in, each with its Exchange plans and who assigns it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from psbridge.models.base import Model
from psbridge.models.graph_license import GraphLicenseAssignmentState, GraphServicePlan, GraphSku
from psbridge.models.msol_license import MsolPlanRow
from psbridge.models.values import WrongShape
from psbridge.psobject import PSObject, Value

__all__ = ["AccountLicense"]

# Plans whose name says Exchange and that give no mailbox: what others build on, and archives (Microsoft Entra, service plan
# identifiers for licensing).
_MAILBOX: Final = re.compile(r"EXCHANGE_[A-Z]_(?!FOUNDATION|ARCHIVE)", re.IGNORECASE)

# The states of an assignment that could not be carried out, such as for want of licences (Microsoft Graph).
_WITHOUT_EFFECT: Final = frozenset({"Error", "Disabled"})


class AccountLicense(Model):
    """One licence of one account.

    - `sku_name`: its part number; `sku_id`: what the cmdlets call it, `contoso:ENTERPRISEPACK` to MSOnline, else a GUID.
    - `exchange_plans`: the enabled plans that give a mailbox; `disabled_plans`: all that are off; the ids in the same order.
    - `waiting_plans`: the plans that would give a mailbox, of a group's assignment that has no effect, such as for want of
      licences: it has as soon as one is free. MSOnline does not tell.
    - `groups`: the groups that assign it; `is_direct`: whether it is assigned to the account itself (perhaps as well).

    With both, a plan is on while one of them has it on, and `disabled_plans` are those that the direct assignment has off,
    as far as they are told apart: MSOnline may show only what came of both.
    """

    sku_id: str
    sku_name: str
    exchange_plans: tuple[str, ...] = ()
    exchange_plan_ids: tuple[UUID, ...] = ()
    disabled_plans: tuple[str, ...] = ()
    disabled_plan_ids: tuple[UUID, ...] = ()
    waiting_plans: tuple[str, ...] = ()
    groups: tuple[UUID, ...] = ()
    is_direct: bool = True

    @classmethod
    def of_msol(cls, output: Sequence[Value], object_id: UUID) -> Iterator[AccountLicense]:
        """Read plans, each with the licence that it is of; the account's own id among the groups means "directly too"."""
        rows = [MsolPlanRow.read(value) for value in output]
        for sku in dict.fromkeys(row.account_sku_id for row in rows):
            yield cls._of_rows(sku, [row for row in rows if row.account_sku_id == sku], object_id)

    @classmethod
    def _of_rows(cls, sku: str, rows: Sequence[MsolPlanRow], object_id: UUID) -> AccountLicense:
        """One licence, which may stand there once for each way in which it came."""
        direct = [row for row in rows if not row.groups_assigning_license or object_id in row.groups_assigning_license]
        on = {row.service_name: row.service_plan_id for row in rows if row.provisioning_status != "Disabled"}
        off = {row.service_name: row.service_plan_id for row in direct or rows if row.provisioning_status == "Disabled"}
        groups = dict.fromkeys(group for row in rows for group in row.groups_assigning_license if group != object_id)
        return cls(
            raw=rows[0].raw,
            sku_id=sku,
            sku_name=sku.rpartition(":")[2],
            groups=tuple(groups),
            is_direct=bool(direct),
            **_plans(on, off if direct else {name: plan for name, plan in off.items() if name not in on}),
        )

    @classmethod
    def of_graph(cls, output: Sequence[Value]) -> Iterator[AccountLicense]:
        """Read assignment states, and the licences that they are of, by name. Raises WrongShape where one has no name."""
        states = [GraphLicenseAssignmentState.read(value) for value in output if not _is_sku(value)]
        skus = {sku.sku_id: sku for sku in (GraphSku.read(value) for value in output if _is_sku(value))}
        for sku_id in dict.fromkeys(state.sku_id for state in states):
            if sku_id not in skus:
                raise WrongShape(str(sku_id), "a licence that the answer names with its plans", prop="SkuId")
            yield cls._of_sku(skus[sku_id], [state for state in states if state.sku_id == sku_id])

    @classmethod
    def _of_sku(cls, sku: GraphSku, states: Sequence[GraphLicenseAssignmentState]) -> AccountLicense:
        direct = [state for state in states if state.assigned_by_group is None]
        off = set.intersection(*(set(state.disabled_plans) for state in direct or states))
        in_effect = [state for state in states if state.state not in _WITHOUT_EFFECT]
        waiting = [state for state in states if state.assigned_by_group is not None and state not in in_effect]
        names = {plan.service_plan_id: plan.service_plan_name for plan in sku.service_plans if isinstance(plan, GraphServicePlan)}
        if any(not isinstance(plan, GraphServicePlan) for plan in sku.service_plans):
            raise WrongShape(sku.raw.get("ServicePlans"), "plans, not their type names", prop="ServicePlans")
        return cls(
            raw=sku.raw,
            sku_id=str(sku.sku_id),
            sku_name=sku.sku_part_number,
            groups=tuple(state.assigned_by_group for state in states if state.assigned_by_group is not None),
            is_direct=bool(direct),
            waiting_plans=tuple(
                name
                for plan, name in names.items()
                if _MAILBOX.match(name) and any(plan not in state.disabled_plans for state in waiting)
            ),
            **_plans(
                {name: plan for plan, name in names.items() if any(plan not in state.disabled_plans for state in in_effect)},
                # A plan that is off and that the licence does not list any more must stay off all the same.
                {names.get(plan, str(plan)): plan for plan in (*(p for p in names if p in off), *sorted(off - set(names)))},
            ),
        )


def _plans(on: Mapping[str, UUID], off: Mapping[str, UUID]) -> dict[str, object]:
    exchange = {name: plan for name, plan in on.items() if _MAILBOX.match(name)}
    return {
        "exchange_plans": tuple(exchange),
        "exchange_plan_ids": tuple(exchange.values()),
        "disabled_plans": tuple(off),
        "disabled_plan_ids": tuple(off.values()),
    }


def _is_sku(value: Value) -> bool:
    return isinstance(value, PSObject) and value.get("SkuPartNumber") is not None
