"""The models against the real engine's objects, over PSRP at depth 1, selected, expanded and exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pydantic import AliasChoices

from psbridge import models
from psbridge.models import BeyondDepth, Mailbox, Model, RemoteMailbox, is_no_guid
from psbridge.psobject import DateTimeKind, PSObject, Value
from tests.models import engine_shapes
from tests.models.property_names import NOT_AT_THE_ENGINE, OLDER_BUILD

pytestmark = pytest.mark.tenant

Answers = dict[str, list[Value]]


def parsed(answers: Answers, name: str) -> list[Any]:
    return engine_shapes.parsed(name, answers[name])


@pytest.mark.parametrize("name", engine_shapes.MODELS)
def test_what_the_engine_returns_is_read_and_nothing_that_it_sent_is_lost(engine_answers: Answers, name: str) -> None:
    found = parsed(engine_answers, name)
    assert found
    for model in found:
        for inner in with_inner_models(model):
            assert lost(inner) == []


@pytest.mark.parametrize("name", engine_shapes.MODELS)
def test_a_value_that_arrived_as_text_is_shown_as_the_engine_showed_it(engine_answers: Answers, name: str) -> None:
    for model in parsed(engine_answers, name):
        for inner in with_inner_models(model):
            differing = [
                (alias, text, shown)
                for alias, text, shown in ((alias, inner.raw.get(alias), shown) for alias, shown in shown_fields(inner))
                if isinstance(text, str) and text.strip("{}") and text != shown
            ]
            assert differing == []


def test_the_same_mailbox_is_read_from_texts_and_from_objects(engine_answers: Answers) -> None:
    for flat, deep in (
        ("Get-Mailbox/exchange-online", "Get-Mailbox/all-selected"),
        ("Get-RemoteMailbox/migrated", "Get-RemoteMailbox/all-selected"),
    ):
        as_texts, as_objects = parsed(engine_answers, flat)[0], parsed(engine_answers, deep)[0]
        assert isinstance(as_texts, Mailbox | RemoteMailbox)
        assert as_texts == as_objects
        assert isinstance(as_texts.raw["Identity"], str)
        assert isinstance(as_objects.raw["Identity"], PSObject)


def test_a_report_is_the_same_over_the_wire_and_in_an_export(engine_answers: Answers) -> None:
    wire, export = (parsed(engine_answers, f"Get-MigrationUserStatistics/{name}")[0] for name in ("completed", "exported"))
    assert wire == export


def test_every_alias_is_a_property_of_the_engine_s_objects(engine_answers: Answers) -> None:
    seen: dict[type[Model], set[str]] = {}
    for name in engine_shapes.MODELS:
        for model in parsed(engine_answers, name):
            for inner in with_inner_models(model):
                seen.setdefault(type(inner), set()).update(inner.raw.names())
    unknown = {
        f"{model.__name__}.{alias}"
        for model, names in seen.items()
        for alias, older in aliases(model)
        if alias not in names and not older
    }
    assert unknown == set(NOT_AT_THE_ENGINE)
    # These are made of what other models read (tests/cmdlets/directory).
    made = {"Account", "AccountError", "AccountLicense", "DirSyncFeatures"}
    # Parts of other models' objects, for long lists.
    listed = {"ListedAccount", "ListedGraphUser", "ListedMailUser", "ListedMailbox", "ListedMsolUser", "ListedUser"}
    # Answers that the engine's own recordings do not hold.
    elsewhere = {"DirSyncOverride", "FileHash", "PendingDelicenseUser"}
    unread = {"Model", "RequestStatistics", "Untyped", "BadItem", "NamedDuration", *elsewhere, *made, *listed}
    assert {model.__name__ for model in every_model()} - {model.__name__ for model in seen} == unread - {"Untyped"}


def test_the_names_of_models_that_no_answer_held_are_those_of_the_engine_s_types(exchange_like: str) -> None:
    for model, type_name in ((models.BadItem, "BadItemRec"), (models.NamedDuration, "Duration")):
        script = (
            "Import-Module ExchangeLike -WarningAction SilentlyContinue; "
            "(Get-Command Get-Mailbox).ImplementingType.Assembly.GetTypes() | "
            f"Where-Object Name -eq {type_name} | ForEach-Object {{ $_.GetProperties() }} | ForEach-Object Name"
        )
        assert {alias for alias, _ in aliases(model)} <= set(engine_shapes.printed(exchange_like, script))


def test_both_names_of_a_property_are_declared_for_older_builds_only() -> None:
    older = {alias for model in every_model() for alias, is_older in aliases(model) if is_older}
    assert older == {"TotalStalledDueToCIDuration", "TotalStalledDueToHADuration"}, OLDER_BUILD


def test_sizes_are_shown_as_the_engine_s_own_type_shows_them(exchange_like: str) -> None:
    near_each_power = {
        number for power in range(0, 64, 3) for number in (2**power - 1, 2**power, 17 * 2**power // 16, 3 * 2**power - 5)
    }
    numbers = sorted(number for number in near_each_power if 0 <= number < 2**64)
    script = (
        "Import-Module ExchangeLike -WarningAction SilentlyContinue; "
        f"foreach ($number in {','.join(f'[uint64]{number}' for number in numbers)}) "
        "{ [Microsoft.Exchange.Data.ByteQuantifiedSize]::FromBytes($number).ToString() }"
    )
    assert engine_shapes.printed(exchange_like, script) == [str(models.ByteQuantifiedSize(number)) for number in numbers]


def test_the_two_mailboxes_of_option_0_are_those_of_the_documents(engine_answers: Answers) -> None:
    cloud, local = (parsed(engine_answers, f"Get-Mailbox/{name}")[0] for name in ("exchange-online", "on-premises"))
    assert (cloud.name, cloud.alias, str(cloud.database)) == ("testduplicate", "testduplicate", "NAMPR06DG282-db128")
    assert str(cloud.prohibit_send_quota) == "49.5 GB (53,150,220,288 bytes)"
    assert cloud.exchange_guid == UUID(engine_shapes.SOFT_DELETED)
    assert (local.name, local.server_name, str(local.prohibit_send_quota)) == ("Test Duplicate", "azure-mbx", "Unlimited")
    assert local.exchange_guid == UUID(engine_shapes.MIGRATED)
    assert (is_no_guid(cloud.archive_guid), is_no_guid(cloud.exchange_guid)) == (True, False)
    assert (cloud.external_directory_object_id, local.external_directory_object_id) == (
        UUID("e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77"),
        None,
    )
    assert (cloud.holds, cloud.sku_assigned, cloud.recipient_type_details) == ((), True, "UserMailbox")


def test_the_soft_deleted_mailbox_keeps_its_guid_and_tells_when_it_was_deleted(engine_answers: Answers) -> None:
    mailbox = parsed(engine_answers, "Get-Mailbox/soft-deleted")[0]
    assert mailbox.exchange_guid == UUID(engine_shapes.SOFT_DELETED)
    assert (mailbox.is_soft_deleted_by_remove, mailbox.is_inactive_mailbox) == (True, False)
    assert mailbox.when_soft_deleted.kind is DateTimeKind.LOCAL
    assert mailbox.when_created_utc.kind is DateTimeKind.UTC


def test_errors_and_licences_are_counted_at_depth_1_and_read_when_expanded(engine_answers: Answers) -> None:
    account = parsed(engine_answers, "Get-MsolUser/validation-errors")[0]
    assert (account.validation_status, account.is_licensed) == ("Error", False)
    assert account.errors == (BeyondDepth("Microsoft.Online.Administration.ValidationError"),) * 2
    assert [error.resolved for error in parsed(engine_answers, "Get-MsolUser/errors-expanded")] == [False, False]
    records = parsed(engine_answers, "Get-MsolUser/error-records")
    assert [record.error_code for record in records] == ["ExO_ObjectValidation", "ExO_DualWrite"]
    deep = parsed(engine_answers, "Get-MsolUser/exported-errors")[0]
    assert [record.error_description for error in deep.errors for record in error.records()] == [
        record.error_description for record in records
    ]
    licence = parsed(engine_answers, "Get-MsolUser/exported-licenses")[0].licenses[0]
    assert (licence.account_sku_id, licence.account_sku.sku_part_number, licence.groups_assigning_license) == (
        "domain:ENTERPRISEPACK",
        "ENTERPRISEPACK",
        (),
    )
    plan = licence.service_status[0]
    assert (plan.service_plan.service_name, plan.provisioning_status) == (
        "EXCHANGE_S_ENTERPRISE",
        "Success",
    )


def test_the_statistics_of_both_migrations_are_those_of_the_documents(engine_answers: Answers) -> None:
    completed, synced = (parsed(engine_answers, f"Get-MigrationUserStatistics/{name}")[0] for name in ("completed", "synced"))
    assert [str(synced.bytes_transferred), str(completed.bytes_transferred)] == [
        "1.4 GB (1,503,707,494 bytes)",
        "2.485 GB (2,668,722,884 bytes)",
    ]
    assert str(completed.estimated_total_transfer_size) == "1.501 GB (1,612,092,317 bytes)"
    durations = ("total_queued_duration", "total_in_progress_duration", "total_synced_duration", "total_stalled_duration")
    assert [str(getattr(synced, name)) for name in durations] == [
        "00:00:09.5015268",
        "6.04:36:17.0329441",
        "36.10:02:28.6166962",
        "02:12:43.4040899",
    ]
    assert [str(getattr(completed, name)) for name in durations] == [
        "00:00:08.5213717",
        "01:01:30.1987283",
        "00:00:00",
        "01:21:09.3851867",
    ]
    assert (completed.status, synced.status, synced.report) == ("Completed", "Synced", None)
    assert [str(folder.target) for folder in completed.report.mailbox_verification] == [
        "10188 [1.464 GB (1,571,440,111 bytes)]",
        "5129 [500 MB (524,288,275 bytes)]",
    ]
    assert str(completed.report.target_throttles.disk_latency_throttle) == "01:21:09.3851867"
    assert completed.report.entries[8].message.startswith("Copy progress: 17097/21426 messages")


def test_a_failed_restore_tells_its_failure_in_the_statistics_and_in_the_report(engine_answers: Answers) -> None:
    assert [request.status for request in parsed(engine_answers, "Get-MailboxRestoreRequest/failed")] == ["Failed"]
    failed = parsed(engine_answers, "Get-MailboxRestoreRequestStatistics/failed")[0]
    assert (failed.status, failed.status_detail, failed.failure_type) == (
        "Failed",
        "FailedOther",
        "RecipientNotFoundPermanentException",
    )
    last = failed.report.entries[-1]
    assert (last.type, last.flags.flags) == ("Error", ("Failure", "Fatal"))
    assert (last.failure.failure_type, failed.report.failures[0]) == ("RecipientNotFoundPermanentException", last.failure)


def test_a_completed_restore_names_source_and_target(engine_answers: Answers) -> None:
    request = parsed(engine_answers, "Get-MailboxRestoreRequest/completed")[0]
    assert (request.status, request.identity, str(request.target_mailbox)) == (
        "Completed",
        "testduplicate\\MailboxRestore",
        "testduplicate",
    )
    statistics = parsed(engine_answers, "Get-MailboxRestoreRequestStatistics/completed")[0]
    assert (str(statistics.source_exchange_guid), str(statistics.target_exchange_guid)) == (
        engine_shapes.SOFT_DELETED,
        engine_shapes.MIGRATED,
    )
    assert (statistics.percent_complete, str(statistics.completed_request_age_limit)) == (100, "30.00:00:00")


@pytest.mark.parametrize("name", engine_shapes.recorded_names())
def test_the_recordings_have_the_shapes_that_the_engine_gives_now(engine_answers: Answers, name: str) -> None:
    assert [shape(value) for value in engine_shapes.recorded(name)] == [shape(value) for value in engine_answers[name]]


def shape(value: Value) -> object:
    """Types and names, without what differs from run to run."""
    return (
        (value.types, [(name, type(value[name]).__name__) for name in value.names()])
        if isinstance(value, PSObject)
        else type(value)
    )


def aliases(model: type[Model]) -> Iterator[tuple[str, bool]]:
    """Each name on the wire, and whether it is an older one."""
    for field in model.model_fields.values():
        match field.validation_alias:
            case AliasChoices(choices=choices):
                yield from ((str(choice), place > 0) for place, choice in enumerate(choices))
            case str(alias):
                yield alias, False


def every_model() -> list[type[Model]]:
    return [value for value in vars(models).values() if isinstance(value, type) and issubclass(value, Model)]


def with_inner_models(model: Model) -> Iterator[Model]:
    yield model
    for _, value in model:
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Model):
                yield from with_inner_models(inner)


def lost(model: Model) -> list[str]:
    """The properties that came with a value, and are not in the model."""
    return [
        alias
        for name, field in type(model).model_fields.items()
        if isinstance(alias := field.validation_alias, str)
        and not is_nothing(model.raw.get(alias))
        and getattr(model, name) in (None, ())
    ]


def is_nothing(value: Value) -> bool:
    if isinstance(value, PSObject):
        return value.to_string == "" or not (
            value.items or value.entries or value.has_base or value.props or value.ms or value.to_string
        )
    return value is None or value == ""


def shown_fields(model: Model) -> Iterator[tuple[str, str]]:
    for name, field in type(model).model_fields.items():
        if isinstance(field.validation_alias, str):
            yield field.validation_alias, str(getattr(model, name))
