"""The validation errors of an account in, as far down as the depth lets see, out.

`(Get-MsolUser ...).Errors.ErrorDetail.ObjectErrors.ErrorRecord.ErrorDescription` is the way down (field-notes 2.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from psbridge.models.base import Model, many, many_properties, one, prop
from psbridge.models.read import Read
from psbridge.models.shapes import Bool, Moment, ShownText, Text
from psbridge.models.values import BeyondDepth

__all__ = ["MsolErrorDetail", "MsolErrorRecord", "MsolErrorRow", "MsolObjectErrors", "MsolValidationError"]


class MsolErrorRecord(Model):
    """Microsoft.Online.Administration.ErrorRecord: the code and what it says; the correlation id stands in the description."""

    error_code: Text | None = prop("ErrorCode")
    error_description: ShownText | None = prop("ErrorDescription")


class MsolErrorRow(MsolErrorRecord):
    """A record that Select-Object -ExpandProperty brought up, with the notes that -Property laid beside it on the way."""

    service_instance: Text | None = prop("ServiceInstance")
    timestamp: Moment | None = prop("Timestamp")
    resolved: Bool | None = prop("Resolved")


class MsolObjectErrors(Model):
    """Microsoft.Online.Administration.ObjectErrors."""

    error_record: Annotated[tuple[MsolErrorRecord | BeyondDepth, ...], Read(many(MsolErrorRecord))] = many_properties(
        "ErrorRecord"
    )


class MsolErrorDetail(Model):
    """Microsoft.Online.Administration.ErrorDetail."""

    name: Text | None = prop("Name")
    object_errors: Annotated[MsolObjectErrors | BeyondDepth, Read(one(MsolObjectErrors))] | None = prop("ObjectErrors")


class MsolValidationError(Model):
    """Microsoft.Online.Administration.ValidationError."""

    service_instance: Text | None = prop("ServiceInstance")
    timestamp: Moment | None = prop("Timestamp")
    resolved: Bool | None = prop("Resolved")
    error_detail: Annotated[MsolErrorDetail | BeyondDepth, Read(one(MsolErrorDetail))] | None = prop("ErrorDetail")

    def records(self) -> Iterator[MsolErrorRecord]:
        """Go down to the records, where they came along."""
        if isinstance(self.error_detail, MsolErrorDetail) and isinstance(self.error_detail.object_errors, MsolObjectErrors):
            yield from (record for record in self.error_detail.object_errors.error_record if isinstance(record, MsolErrorRecord))
