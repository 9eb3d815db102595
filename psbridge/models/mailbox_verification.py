"""One folder of a move's verification in, source and target counted and compared, a MailboxVerification out."""

from __future__ import annotations

from psbridge.models.base import Model, many_properties, prop, required
from psbridge.models.shapes import Bool, Bytes, Count, Enum, Guid, Int, ShownText, ShownTexts, Text

__all__ = ["MailboxVerification"]


class MailboxVerification(Model):
    """A row of `(Get-MigrationUserStatistics ... -IncludeReport).Report.MailboxVerification`, all 29 properties of the documents.

    FAI are folder associated items. The count decides, the bytes do not (field-notes section 0).
    """

    source: Count = required("Source")
    source_fai: Count | None = prop("SourceFAI")
    target: Count = required("Target")
    target_fai: Count | None = prop("TargetFAI")
    corrupt: Count | None = prop("Corrupt")
    large: Count | None = prop("Large")
    skipped: Count | None = prop("Skipped")
    folder_source_path: Text | None = prop("FolderSourcePath")
    folder_target_path: Text | None = prop("FolderTargetPath")
    folder_source_id: Bytes | None = prop("FolderSourceID")
    folder_target_id: Bytes | None = prop("FolderTargetID")
    parent_source_id: Bytes | None = prop("ParentSourceID")
    parent_target_id: Bytes | None = prop("ParentTargetID")
    wkf_type: Enum | None = prop("WKFType")
    wkf_type_int: Int | None = prop("WKFTypeInt")
    folder_is_missing: Bool | None = prop("FolderIsMissing")
    folder_is_misplaced: Bool | None = prop("FolderIsMisplaced")
    mismatched_flags_count: Int | None = prop("MismatchedFlagsCount")
    missing_items_in_target_bucket: Count | None = prop("MissingItemsInTargetBucket")
    mismatched_flags_sample: ShownTexts = many_properties("MismatchedFlagsSample")
    duplicated_items_in_target_bucket: Count | None = prop("DuplicatedItemsInTargetBucket")
    missing_in_source_extra_items_in_target_bucket: Count | None = prop("MissingInSourceExtraItemsInTargetBucket")
    mismatched_sync_folder_id_extra_items_in_target_bucket: Count | None = prop("MismatchedSyncFolderIdExtraItemsInTargetBucket")
    non_mrs_synced_extra_items_in_target_bucket: Count | None = prop("NonMRSSyncedExtraItemsInTargetBucket")
    folder_exclusion_extra_items_in_target_bucket: Count | None = prop("FolderExclusionExtraItemsInTargetBucket")
    mailbox_guid: Guid | None = prop("MailboxGuid")
    unknown_elements: ShownText | None = prop("UnknownElements")
    unknown_attributes: ShownText | None = prop("UnknownAttributes")
    xml_schema_type: ShownText | None = prop("XmlSchemaType")
