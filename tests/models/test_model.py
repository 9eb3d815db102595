"""How a model reads an object: names, what is missing, what is wrong, and what it costs."""

from __future__ import annotations

import json
from copy import copy
from typing import Any
from uuid import UUID

import pydantic
import pytest

from psbridge import models
from psbridge.errors import ShapeError
from psbridge.models import (
    BeyondDepth,
    ByteQuantifiedSize,
    EnhancedTimeSpan,
    Mailbox,
    MailboxGuids,
    MailUser,
    MigrationUserStatistics,
    MoveRequestStatistics,
    MsolUser,
    MsolValidationError,
    OrganizationConfig,
    Report,
    SmtpAddress,
    Untyped,
)
from psbridge.models.base import Model, prop, required
from psbridge.psobject import DateTime, DateTimeKind, Int64, Kind, MemberSet, PSObject, Value

GUID = UUID("fa38094d-cbfd-46b7-82f6-8a3022e39a66")
MAILBOX: dict[str, Value] = {"ExchangeGuid": GUID, "RecipientType": "UserMailbox"}


def an_object(props: dict[str, Value] | None = None, *, ms: dict[str, Value] | None = None, text: str | None = None) -> PSObject:
    return PSObject(("Deserialized.Some.Type",), to_string=text, props=props or {}, ms=ms or {})


def a_list(*items: Value) -> PSObject:
    return PSObject(kind=Kind.LIST, items=list(items))


def mailbox(**more: Value) -> Mailbox:
    return Mailbox.parse(an_object(MAILBOX | more), "Get-Mailbox")


def test_names_are_found_without_regard_to_case() -> None:
    read = Mailbox.parse(
        an_object({"exchangeGUID": GUID, "RECIPIENTTYPE": "UserMailbox", "legacyexchangedn": "/o=x"}), "Get-Mailbox"
    )
    assert (read.exchange_guid, read.recipient_type, read.legacy_exchange_dn) == (GUID, "UserMailbox", "/o=x")


def test_a_note_wins_over_a_property_of_the_same_name_whatever_its_case() -> None:
    read = Mailbox.parse(an_object(MAILBOX | {"Alias": "from props"}, ms={"ALIAS": "from notes"}), "Get-Mailbox")
    assert read.alias == "from notes"


def test_what_is_missing_is_none_or_empty_and_told_apart_from_what_is_null() -> None:
    read = mailbox(InPlaceHolds=None, Alias=None)
    assert (read.in_place_holds, read.alias, read.display_name, read.email_addresses) == ((), None, None, ())
    assert (read.has("in_place_holds"), read.has("alias")) == (True, True)
    assert (read.has("display_name"), read.has("email_addresses")) == (False, False)


def test_the_empty_text_is_nothing_but_for_texts() -> None:
    read = mailbox(
        ExternalDirectoryObjectId="", WindowsEmailAddress="", ForwardingAddress="", Alias="", InPlaceHolds="", WhenSoftDeleted=""
    )
    assert (read.external_directory_object_id, read.windows_email_address, read.forwarding_address) == (None, None, None)
    assert (read.alias, read.in_place_holds, read.when_soft_deleted) == ("", (), None)
    assert mailbox(WindowsEmailAddress=an_object({"Length": 0}, text="")).windows_email_address is None


def test_a_multivalued_property_is_a_list_a_single_value_or_nothing() -> None:
    assert mailbox(InPlaceHolds=a_list("mbxabc", "-mbxdef")).in_place_holds == ("mbxabc", "-mbxdef")
    assert mailbox(InPlaceHolds="mbxabc").in_place_holds == ("mbxabc",)
    assert mailbox(InPlaceHolds=a_list()).in_place_holds == ()


def test_unknown_properties_stay_reachable_through_raw() -> None:
    source = an_object(MAILBOX | {"CustomAttribute1": "x"})
    read = Mailbox.parse(source, "Get-Mailbox")
    assert read.raw is source
    assert read.raw["customattribute1"] == "x"
    assert "raw" not in read.model_dump()
    assert "CustomAttribute1" not in repr(read)


def test_a_model_is_frozen() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        mailbox().alias = "other"  # type: ignore[misc]  # what is tested


def test_models_are_equal_if_what_was_read_is_equal_whatever_form_it_came_in() -> None:
    plain = mailbox(Database="DB01", InPlaceHolds="mbxabc")
    deep = mailbox(Database=an_object({"Name": "DB01"}, text="DB01"), InPlaceHolds=a_list("mbxabc"), CustomAttribute1="x")
    assert plain == deep
    assert hash(plain) == hash(deep)
    assert plain != mailbox(Database="DB02", InPlaceHolds="mbxabc")
    assert MailboxGuids.model_validate({"ExchangeGuid": GUID}) != plain


def test_what_is_read_is_what_pydantic_would_make_of_the_same_values() -> None:
    given: dict[str, Value] = MAILBOX | {"EmailAddresses": a_list("SMTP:a@domain.com"), "Alias": "", "IsShared": None}
    read = mailbox(**given)

    made = Mailbox.model_validate(given | {"raw": read.raw})

    assert list(read.__dict__.items()) == list(made.__dict__.items())
    assert read.model_fields_set == made.model_fields_set
    assert (repr(read), read.model_dump()) == (repr(made), made.model_dump())
    assert read.model_copy() == read == copy(read)
    with pytest.raises(pydantic.ValidationError):
        read.alias = "x"  # type: ignore[misc]  # that is what is tried


def test_a_dump_holds_texts_as_exchange_shows_them() -> None:
    read = mailbox(
        ProhibitSendQuota="99 GB (106,300,440,576 bytes)",
        EmailAddresses=a_list("SMTP:a@domain.com"),
        WhenCreatedUTC=DateTime(636672664300000000, DateTimeKind.UTC),
        IsShared=False,
    )
    dumped = read.model_dump(mode="json", exclude_unset=True)
    assert dumped == {
        "exchange_guid": str(GUID),
        "recipient_type": "UserMailbox",
        "prohibit_send_quota": "99 GB (106,300,440,576 bytes)",
        "email_addresses": ["SMTP:a@domain.com"],
        "when_created_utc": "2018-07-15T15:47:10Z",
        "is_shared": False,
    }
    assert json.loads(read.model_dump_json(exclude_unset=True)) == dumped
    entry = Report.parse(an_object({"Entries": a_list(an_object({"MessageData": b"\xff\x00"}), "cut")}), "X")
    assert entry.model_dump(exclude_unset=True) == {"entries": [{"message_data": "ff00"}, "cut"]}


def test_both_generations_of_names_are_read() -> None:
    newer = MoveRequestStatistics.parse(
        an_object(
            {
                "Status": "Completed",
                "TotalStalledDueToContentIndexingDuration": "00:00:01",
                "TotalStalledDueToMdbReplicationDuration": "00:00:02",
            }
        ),
        "Get-MoveRequestStatistics",
    )
    older = MoveRequestStatistics.parse(
        an_object({"Status": "Completed", "TotalStalledDueToCIDuration": "00:00:01", "TotalStalledDueToHADuration": "00:00:02"}),
        "Get-MoveRequestStatistics",
    )
    for statistics in (newer, older):
        assert statistics.total_stalled_due_to_content_indexing_duration == EnhancedTimeSpan(10_000_000)
        assert statistics.total_stalled_due_to_mdb_replication_duration == EnhancedTimeSpan(20_000_000)


def test_of_both_generations_the_one_that_is_not_null_counts() -> None:
    both = an_object(
        {"Status": "Completed", "TotalStalledDueToContentIndexingDuration": None, "TotalStalledDueToCIDuration": "00:00:01"}
    )
    read = MoveRequestStatistics.parse(both, "Get-MoveRequestStatistics")
    assert read.total_stalled_due_to_content_indexing_duration == EnhancedTimeSpan(10_000_000)


def test_two_objects_of_the_same_type_with_other_names_are_not_mixed_up() -> None:
    first = Mailbox.parse(an_object(MAILBOX | {"Alias": "a", "Name": "n"}), "Get-Mailbox")
    second = Mailbox.parse(an_object(MAILBOX | {"ALIAS": "b"}), "Get-Mailbox")
    third = Mailbox.parse(an_object(MAILBOX, ms={"Alias": "c"}), "Get-Mailbox")
    assert [(read.alias, read.name) for read in (first, second, third)] == [("a", "n"), ("b", None), ("c", None)]


def test_an_object_beyond_the_depth_is_a_text_that_says_so() -> None:
    cut = "Microsoft.Online.Administration.ValidationError"
    user = MsolUser.parse(
        an_object({"ObjectId": GUID, "UserPrincipalName": "x@domain.com", "Errors": a_list(cut, an_object(text=cut))}),
        "Get-MsolUser",
    )
    assert user.errors == (BeyondDepth(cut), BeyondDepth(cut))
    assert str(user.errors[0]) == cut


def test_the_records_of_a_validation_error_are_found_where_they_came_along() -> None:
    record = an_object({"ErrorCode": "ExO_DualWrite", "ErrorDescription": an_object({"InnerText": "x"}, text="out of step")})
    detail = an_object({"ObjectErrors": an_object({"ErrorRecord": a_list(record)})})
    deep = MsolValidationError.parse(an_object({"ErrorDetail": detail, "Resolved": False}), "Get-MsolUser")
    assert [(found.error_code, found.error_description) for found in deep.records()] == [("ExO_DualWrite", "out of step")]
    assert list(MsolValidationError.parse(an_object({"ErrorDetail": "ErrorDetail"}), "Get-MsolUser").records()) == []


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ({"LitigationHoldEnabled": True}, ("LitigationHoldEnabled",)),
        ({"ComplianceTagHoldApplied": True, "DelayHoldApplied": True}, ("ComplianceTagHoldApplied", "DelayHoldApplied")),
        ({"DelayReleaseHoldApplied": True}, ("DelayReleaseHoldApplied",)),
        ({"InPlaceHolds": a_list("mbxabc:2", "-mbxdef")}, ("InPlaceHolds mbxabc:2",)),
        # 1 deletes and retains nothing; a hold of eDiscovery or an old in-place hold has no such number.
        ({"InPlaceHolds": a_list("mbxabc:1", "skpabc:1", "SKPdef:3")}, ("InPlaceHolds SKPdef:3",)),
        ({"InPlaceHolds": a_list("UniHabc:1", "mbxabc", "-UniHdef")}, ("InPlaceHolds UniHabc:1", "InPlaceHolds mbxabc")),
        ({"RetentionHoldEnabled": True, "LitigationHoldEnabled": False, "InPlaceHolds": a_list()}, ()),
    ],
)
def test_the_holds_of_a_mailbox_are_named(held: dict[str, Value], names: tuple[str, ...]) -> None:
    assert mailbox(**held).holds == names


@pytest.mark.parametrize(
    ("mailboxes", "reaching"),
    [
        ((), ("mbxabc:2", "SKPdef:3", "mbxghi")),
        (("-mbxABC", "-skpdef:3"), ("mbxghi",)),
        (("-mbxab", "mbxabc:2", "-grpabc"), ("mbxabc:2", "SKPdef:3", "mbxghi")),
    ],
)
def test_a_hold_of_the_organisation_reaches_whom_it_does_not_exclude(
    mailboxes: tuple[str, ...], reaching: tuple[str, ...]
) -> None:
    holds = a_list("mbxabc:2", "mbxold:1", "grpabc:3", "SKPdef:3", "mbxghi")
    organisation = OrganizationConfig.parse(an_object({"InPlaceHolds": holds}), "Get-OrganizationConfig")
    assert organisation.holds_over(mailboxes) == reaching


def test_an_organisation_that_does_not_tell_its_holds_has_no_answer() -> None:
    untold = OrganizationConfig.parse(an_object({"Name": "x"}), "Get-OrganizationConfig")
    assert not untold.has("in_place_holds")
    assert untold.holds_over(()) == ()


def test_untyped_keeps_any_value() -> None:
    source = an_object({"A": 1})
    assert (Untyped.parse(source, "Get-X").raw, Untyped.parse(source, "Get-X").value) == (source, source)
    moment = DateTime(636672664300000000)
    assert Untyped.parse(moment, "Step-TenantClock").value == moment
    assert Untyped.parse(None, "Get-X").value is None


def test_a_selected_object_has_its_own_model() -> None:
    assert MailboxGuids.parse(an_object(ms={"ExchangeGuid": GUID}), "Get-Mailbox").exchange_guid == GUID


def test_values_also_come_from_plain_names_as_pydantic_takes_them() -> None:
    made = MailboxGuids.model_validate({"ExchangeGuid": str(GUID)})
    assert made.exchange_guid == GUID
    assert made.raw.names() == []


SHOWN = "a text, or an object that is shown as one"
ENUM = "an enum: its name, its number, or both"
MOMENT = "a time: a DateTime, or 'yyyy-mm-ddThh:mm:ss[.fffffff]' with 'Z', an offset or no zone"
DURATION = "a duration: '[d.]hh:mm:ss[.fffffff]', 'PT1H1M30S', or a number of ticks"
SIZE = "a size such as '99 GB (106,300,440,576 bytes)', or a number of bytes"
SMTP = "an SMTP address such as 'user@domain.com'"
PROXY = "a proxy address with its prefix, such as 'SMTP:user@domain.com'"
DIRECTORY = "a directory object: its text, or an object with a ToString"

# Each shape that a property can have, a value that it cannot have, and the error: where, what was found, what was expected.
WRONG: list[tuple[str, Value, str, str, str]] = [
    ("ExchangeGuid", "none", "ExchangeGuid", "System.String 'none'", "a GUID"),
    ("ExchangeGuid", None, "ExchangeGuid", "null '$null'", "a value"),
    ("ExchangeGuid", "", "ExchangeGuid", "System.String ''", "a value"),
    ("Alias", 5, "Alias", "System.Int32 '5'", "a text"),
    ("Alias", Int64(9), "Alias", "System.Int64 '9'", "a text"),
    ("Name", MemberSet({}), "Name", "System.Management.Automation.PSMemberSet 'MemberSet()'", "a text"),
    ("AdminDisplayVersion", True, "AdminDisplayVersion", "System.Boolean 'True'", SHOWN),
    ("LitigationHoldEnabled", "on", "LitigationHoldEnabled", "System.String 'on'", "True or False"),
    ("RecipientTypeDetails", 1.5, "RecipientTypeDetails", "System.Double '1.5'", ENUM),
    ("WhenCreated", "yesterday", "WhenCreated", "System.String 'yesterday'", MOMENT),
    ("RetainDeletedItemsFor", "14 days", "RetainDeletedItemsFor", "System.String '14 days'", DURATION),
    ("LitigationHoldDuration", "long", "LitigationHoldDuration", "System.String 'long'", f"'Unlimited' or {DURATION}"),
    ("ProhibitSendQuota", "99 GB", "ProhibitSendQuota", "System.String '99 GB'", f"'Unlimited' or {SIZE}"),
    ("RecipientLimits", "few", "RecipientLimits", "System.String 'few'", "'Unlimited' or a whole number"),
    ("PrimarySmtpAddress", "nobody", "PrimarySmtpAddress", "System.String 'nobody'", SMTP),
    ("PrimarySmtpAddress", "y" * 200, "PrimarySmtpAddress", f"System.String '{'y' * 79}…'", SMTP),
    ("ForwardingSmtpAddress", "user@domain.com", "ForwardingSmtpAddress", "System.String 'user@domain.com'", PROXY),
    ("Database", 7, "Database", "System.Int32 '7'", DIRECTORY),
    ("InPlaceHolds", a_list("mbxabc", 5), "InPlaceHolds[1]", "System.Int32 '5'", "a text"),
    ("AggregatedMailboxGuids", a_list("none"), "AggregatedMailboxGuids[0]", "System.String 'none'", "a GUID"),
    (
        "EmailAddresses",
        a_list("SMTP:a@contoso.com", "a@contoso.com"),
        "EmailAddresses[1]",
        "System.String 'a@contoso.com'",
        PROXY,
    ),
    ("MailboxLocations", a_list(a_list()), "MailboxLocations[0]", "a list '{}'", SHOWN),
]


@pytest.mark.parametrize(("name", "value", "where", "found", "expected"), WRONG, ids=[f"{row[0]}-{row[3]}"[:60] for row in WRONG])
def test_a_wrong_shape_is_told_with_cmdlet_property_type_value_and_what_was_expected(
    name: str, value: Value, where: str, found: str, expected: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        Mailbox.parse(an_object(MAILBOX | {name: value}), "Get-Mailbox")
    assert str(caught.value) == f"Get-Mailbox returned {where} as {found}; expected {expected}"
    assert type(caught.value) is ShapeError
    assert (caught.value.cmdlet, caught.value.prop, caught.value.expected) == ("Get-Mailbox", where, expected)


def test_a_required_property_that_is_missing_is_told_with_what_was_there() -> None:
    with pytest.raises(ShapeError) as caught:
        Mailbox.parse(an_object({"Name": "x", "RecipientType": "UserMailbox"}), "Get-Mailbox")
    assert str(caught.value) == "Get-Mailbox returned ExchangeGuid as nothing 'only: Name, RecipientType'; expected a value"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("testduplicate", "System.String 'testduplicate'"),
        (None, "null '$null'"),
        (an_object(text="testduplicate"), "Some.Type 'testduplicate'"),
        (a_list("a", "b"), "a list '{a, b}'"),
    ],
)
def test_output_without_properties_is_no_mailbox(value: Value, told: str) -> None:
    with pytest.raises(ShapeError) as caught:
        Mailbox.parse(value, "Get-Mailbox")
    assert str(caught.value) == f"Get-Mailbox returned an object as {told}; expected an object with properties"


def test_a_wrong_shape_deep_inside_is_told_with_the_way_down() -> None:
    entries = a_list(an_object({"Message": "fine"}), an_object({"Failure": an_object({"FailureCode": "bad"})}))
    statistics = an_object({"Identity": "user@domain.com", "Status": "Failed", "Report": an_object({"Entries": entries})})
    with pytest.raises(ShapeError) as caught:
        MigrationUserStatistics.parse(statistics, "Get-MigrationUserStatistics")
    assert str(caught.value) == (
        "Get-MigrationUserStatistics returned Report.Entries[1].Failure.FailureCode as System.String 'bad'; "
        "expected a whole number"
    )


def test_a_number_in_place_of_an_object_is_refused() -> None:
    with pytest.raises(ShapeError) as caught:
        Report.parse(an_object({"Entries": a_list(5)}), "Get-MoveRequestStatistics")
    assert (
        str(caught.value)
        == "Get-MoveRequestStatistics returned Entries[0] as System.Int32 '5'; expected an object with properties"
    )


def test_values_read_from_objects_and_from_texts_are_the_same() -> None:
    size = PSObject(("Deserialized.Microsoft.Exchange.Data.ByteQuantifiedSize",), to_string="1.501 GB (1,612,092,317 bytes)")
    as_object = MigrationUserStatistics.parse(an_object({"Identity": "u", "Status": "Synced", "BytesTransferred": size}), "X")
    as_text = MigrationUserStatistics.parse(
        an_object({"Identity": "u", "Status": "Synced", "BytesTransferred": "1.501 GB (1,612,092,317 bytes)"}), "X"
    )
    assert as_object.bytes_transferred == as_text.bytes_transferred == ByteQuantifiedSize(1612092317)


def test_a_mail_user_is_read_without_an_exchange_guid() -> None:
    user = MailUser.parse(an_object({"RecipientType": "MailUser", "PrimarySmtpAddress": "a@domain.com"}), "Get-MailUser")
    assert (user.exchange_guid, user.primary_smtp_address) == (None, SmtpAddress("a@domain.com"))


def test_reading_looks_at_no_more_than_the_names_of_the_model() -> None:
    class Watched(dict[str, Any]):
        seen: list[str]

        def __getitem__(self, name: str) -> Any:
            self.seen.append(name)
            return super().__getitem__(name)

    props = Watched(MAILBOX | {f"Other{number}": number for number in range(232)})
    props.seen = []
    Mailbox.parse(PSObject(props=props), "Get-Mailbox")
    assert sorted(props.seen) == ["ExchangeGuid", "RecipientType"]


def test_all_exported_names_are_listed() -> None:
    public = {
        name
        for name, value in vars(models).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("psbridge.models.")
    }
    assert public == set(models.__all__)


class _Plain(Model):
    """A model as somebody may write it who knows pydantic and not our shapes."""

    id: UUID | None = prop("Id")
    count: int = required("Count")


def test_fields_of_plain_types_are_read_by_pydantic() -> None:
    read = _Plain.parse(PSObject(("X",), ms={"Id": UUID(int=7), "Count": 3}), "Get-X")
    assert (read.id, read.count) == (UUID(int=7), 3)
    assert _Plain.parse(PSObject(("X",), ms={"Id": None, "Count": 3}), "Get-X").id is None
    with pytest.raises(ShapeError, match="Count"):
        _Plain.parse(PSObject(("X",), ms={"Count": "many"}), "Get-X")
