"""The validation errors of an account in, each with its whole text out: of MSOnline's four levels, of Graph's XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID
from xml.etree import ElementTree as ET

from psbridge.models.base import Model
from psbridge.models.graph_user import GraphProvisioningError
from psbridge.models.msol_error import MsolErrorRow
from psbridge.models.shapes import Moment
from psbridge.psobject import DateTime, PSObject, Value

__all__ = ["AccountError"]

_CORRELATION: Final = re.compile(r"correlation\s*id\W{0,3}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


class AccountError(Model):
    """One validation error of an account; `correlation_id` is what Microsoft's support asks for, where the text has one."""

    service: str = ""
    at: Moment | None = None
    is_resolved: bool | None = None
    code: str = ""
    description: str = ""
    correlation_id: UUID | None = None

    @classmethod
    def of_msol(cls, output: Sequence[Value]) -> Iterator[AccountError]:
        """Read ErrorRecords, each with what was said of its error above it. Raises WrongShape."""
        for value in output:
            row = MsolErrorRow.read(value)
            made = _Made(row.service_instance, row.timestamp, row.resolved, value)
            yield made.error(row.error_code or "", row.error_description or "")

    @classmethod
    def of_graph(cls, output: Sequence[Value]) -> Iterator[AccountError]:
        """Read serviceProvisioningErrors; one of them may hold several records. Raises WrongShape."""
        for value in output:
            found = GraphProvisioningError.read(value)
            made = _Made(found.service_instance, found.created, found.is_resolved, value)
            for code, description in _records(found.detail):
                yield made.error(code, description)


class _Made:
    """What the errors of one entry have in common."""

    def __init__(self, service: str | None, at: DateTime | None, is_resolved: bool | None, raw: Value) -> None:  # noqa: FBT001 - as read
        self._common = (service or "", at, is_resolved)
        self._raw = raw if isinstance(raw, PSObject) else PSObject()

    def error(self, code: str, description: str) -> AccountError:
        service, at, is_resolved = self._common
        named = _CORRELATION.search(description)
        return AccountError(
            raw=self._raw,
            service=service,
            at=at,
            is_resolved=is_resolved,
            code=code,
            description=description,
            correlation_id=UUID(named[1]) if named else None,
        )


def _records(detail: str) -> Iterable[tuple[str, str]]:
    """Code and description of every ErrorRecord in the XML; what is no such XML is itself the description."""
    # No declaration of entities comes from Microsoft: one could make a short text endless.
    if "<!" in detail:
        return [("", detail)]
    try:
        root = ET.fromstring(detail)  # noqa: S314 - without declarations there is nothing that could grow
    except ET.ParseError:
        return [("", detail)]
    records = [element for element in root.iter() if _plain(element.tag) == "ErrorRecord"]
    return [(_text(record, "ErrorCode"), _text(record, "ErrorDescription")) for record in records] or [("", detail)]


def _text(record: ET.Element, name: str) -> str:
    found = next((element for element in record.iter() if _plain(element.tag) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]
