"""One line of a move's report in, with the failure, bad item and throttling that it carries; a ReportEntry out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, one, prop
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Bytes, Duration, Enum, Guid, Int, Moment, ShownText, Size, Text
from psbridge.models.values import BeyondDepth

__all__ = ["BadItem", "FailureRecord", "ReportEntry", "ThrottleDurations"]


class FailureRecord(Model):
    """Microsoft.Exchange.MailboxReplicationService.FailureRec. Decide on `failure_type`, never on `message`."""

    failure_type: Text | None = prop("FailureType")
    failure_code: Int | None = prop("FailureCode")
    failure_side: Enum | None = prop("FailureSide")
    failure_guid: Guid | None = prop("FailureGuid")
    timestamp: Moment | None = prop("Timestamp")
    message: ShownText | None = prop("Message")
    data_context: ShownText | None = prop("DataContext")
    stack_trace: ShownText | None = prop("StackTrace")


Failure = Annotated[FailureRecord | BeyondDepth, Read(one(FailureRecord))]


class BadItem(Model):
    """Microsoft.Exchange.MailboxReplicationService.BadItemRec: an item that was skipped, and why."""

    kind: Enum | None = prop("Kind")
    folder_name: Text | None = prop("FolderName")
    subject: Text | None = prop("Subject")
    sender: Text | None = prop("Sender")
    date_sent: Moment | None = prop("DateSent")
    message_size: Size | None = prop("MessageSize")
    scoring_classifications: ShownText | None = prop("ScoringClassifications")
    failure: Failure | None = prop("Failure")


class ThrottleDurations(Model):
    """Microsoft.Exchange.MailboxReplicationService.ThrottleDurations: how long a side was held up, by reason."""

    mdb_throttle: Duration | None = prop("MdbThrottle")
    cpu_throttle: Duration | None = prop("CpuThrottle")
    mdb_replication_throttle: Duration | None = prop("MdbReplicationThrottle")
    content_indexing_throttle: Duration | None = prop("ContentIndexingThrottle")
    unknown_throttle: Duration | None = prop("UnknownThrottle")
    disk_latency_throttle: Duration | None = prop("DiskLatencyThrottle")


Throttles = Annotated[ThrottleDurations | BeyondDepth, Read(one(ThrottleDurations))]


class ReportEntry(Model):
    """Microsoft.Exchange.MailboxReplicationService.ReportEntry, with every field of field-notes 5.2.

    Fields whose own shape no source shows (ConfigObject, MailboxSize, the statistics of an entry, Connectivity) are the text
    that PowerShell shows; the objects are in `raw`.
    """

    creation_time: Moment | None = prop("CreationTime")
    server_name: Text | None = prop("ServerName")
    type: Enum | None = prop("Type")
    type_int: Int | None = prop("TypeInt")
    flags: Enum | None = prop("Flags")
    flags_int: Int | None = prop("FlagsInt")
    message: ShownText | None = prop("Message")
    message_data: Bytes | None = prop("MessageData")
    message_bytes: Bytes | None = prop("MessageBytes")
    localized_string: ShownText | None = prop("LocalizedString")
    failure: Failure | None = prop("Failure")
    bad_item: Annotated[BadItem | BeyondDepth, Read(one(BadItem))] | None = prop("BadItem")
    config_object: ShownText | None = prop("ConfigObject")
    mailbox_size: ShownText | None = prop("MailboxSize")
    session_statistics: ShownText | None = prop("SessionStatistics")
    archive_session_statistics: ShownText | None = prop("ArchiveSessionStatistics")
    mailbox_verification_results: ShownText | None = prop("MailboxVerificationResults")
    divergence_fixup_results: ShownText | None = prop("DivergenceFixupResults")
    debug_data: ShownText | None = prop("DebugData")
    connectivity: ShownText | None = prop("Connectivity")
    source_throttle_durations: Throttles | None = prop("SourceThrottleDurations")
    target_throttle_durations: Throttles | None = prop("TargetThrottleDurations")
    unknown_elements: ShownText | None = prop("UnknownElements")
    unknown_attributes: ShownText | None = prop("UnknownAttributes")
    xml_schema_type: ShownText | None = prop("XmlSchemaType")
    identity: ShownText | None = prop("Identity")
    is_valid: Bool | None = prop("IsValid")
    object_state: Enum | None = prop("ObjectState")
