"""The columns of each type: the documents' own tables, and the engine with the same views."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final
from xml.sax.saxutils import escape

import pytest

from psbridge.clixml.encode import encode
from psbridge.psobject import PSObject
from psbridge.report.format_output import format_output
from psbridge.report.format_table import Column, Table
from psbridge.report.screen import Screen
from psbridge.report.views import View, view_of
from tests import real_engine
from tests.report import random_objects

MAILBOX: Final = "Microsoft.Exchange.Data.Directory.Management.Mailbox"
MAIL_USER: Final = "Microsoft.Exchange.Data.Directory.Management.MailUser"
RESTORE: Final = "Microsoft.Exchange.Management.RecipientTasks.MailboxRestoreRequest"
MSOL_USER: Final = "Microsoft.Online.Administration.User"
CLOUD: Final = {
    "Name": "testduplicate",
    "Alias": "testduplicate",
    "Database": "NAMPR06DG282-db128",
    "ProhibitSendQuota": "49.5 GB (53,150,220,288 bytes)",
    "ExternalDirectoryObjectId": "e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77",
}


@pytest.mark.documents
@pytest.mark.parametrize(
    ("type_name", "values", "on_premises"),
    [
        (MAILBOX, CLOUD, False),
        (MAILBOX, {**CLOUD, "Name": "Test Duplicate", "ExternalDirectoryObjectId": ""}, False),
        (
            MAILBOX,
            {"Name": "Test Duplicate", "Alias": "testduplicate", "ServerName": "azure-mbx", "ProhibitSendQuota": "Unlimited"},
            True,
        ),
        (
            MAILBOX,
            {"Name": "Test License", "Alias": "testlicense", "ServerName": "azure-mbx", "ProhibitSendQuota": "Unlimited"},
            True,
        ),
        (MAIL_USER, {"Name": "Test Duplicate", "RecipientType": "MailUser"}, False),
        (RESTORE, {"Name": "MailboxRestore", "TargetMailbox": "testduplicate", "Status": "Queued"}, False),
        (RESTORE, {"Name": "MailboxRestore", "TargetMailbox": "testduplicate", "Status": "InProgress"}, False),
        (RESTORE, {"Name": "MailboxRestore", "TargetMailbox": "testduplicate", "Status": "Completed"}, False),
    ],
)
def test_the_tables_of_the_documents_are_printed_as_they_stand_there(
    documents: Path, type_name: str, values: dict[str, str], on_premises: bool
) -> None:
    # The documents were printed by Windows PowerShell; the web page made one character of three dots, and dashes of others.
    printed = _document(documents).replace("\u2026", "...").splitlines()
    lines = format_output([_object(type_name, values)], Screen(ellipsis="..."), on_premises=on_premises)
    blank, header, rule, row, end = (line.rstrip() for line in lines)
    assert (blank, end) == ("", "")
    assert header in printed
    assert row in printed
    assert rule.split() == ["-" * len(name) for name in header.split()]


@pytest.mark.documents
def test_the_account_is_printed_as_in_the_document_apart_from_the_width_of_the_name(documents: Path) -> None:
    printed = _document(documents)
    values = {"UserPrincipalName": "testduplicate@domain.com", "DisplayName": "Test Duplicate", "IsLicensed": False}
    _, header, _, row, _ = format_output([_object(MSOL_USER, values)], Screen())
    # The document's column is as wide as the real address that was replaced by a shorter one.
    assert row.replace("com Test", "com      Test") in printed
    assert header.split() == ["UserPrincipalName", "DisplayName", "isLicensed"]


def test_a_wider_screen_shows_the_whole_id() -> None:
    lines = format_output([_object(MAILBOX, CLOUD)], Screen(140))
    assert lines[3].endswith(" e3eaf6c1-f012-42e9-a54b-0c3f5a1d9e77")


def test_what_select_object_made_has_no_view() -> None:
    assert view_of(PSObject((f"Selected.{MAILBOX}", "System.Management.Automation.PSCustomObject"))) is None
    assert view_of(PSObject((f"Deserialized.Selected.{MAILBOX}", "Deserialized.System.Object"))) is None


def test_a_derived_type_takes_the_view_of_its_base() -> None:
    derived = PSObject(("Deserialized.Contoso.SpecialMailbox", f"Deserialized.{MAILBOX}"))
    assert view_of(derived) is view_of(_object(MAILBOX, {})) is not None
    assert view_of(PSObject(("Deserialized.System.Object",))) is None


@pytest.mark.realps
@pytest.mark.parametrize("width", [119, 60, 30, 12])
def test_sixty_random_views_are_printed_as_the_engine_prints_them(realps: str, width: int) -> None:
    random = Random(width)
    cases: list[tuple[View, list[PSObject]]] = []
    for number in range(60):
        names = random_objects.names(random)
        columns = (Column(name, name, random.choice([0, 0, 1, 5, 10, 20, 30]), right=random.random() < 0.3) for name in names)
        rows = random_objects.rows(random, names, f"Deserialized.T{number}", "Deserialized.System.Object")
        cases.append((View(tuple(columns), autosize=random.random() < 0.3), rows))
    asked = [(encode(rows), "") for _, rows in cases]
    theirs = real_engine.printed(realps, asked, width=width, views=_format_file([view for view, _ in cases]))
    for (view, rows), expected in zip(cases, theirs, strict=True):
        table = Table(view.columns, rows, Screen(width + 1), autosize=view.autosize)
        assert ["", *table.header(), *map(table.row, rows), ""] == expected


def _document(documents: Path) -> str:
    return (documents / "timmcmic-2018-07.txt").read_text(encoding="utf-8").replace("\u00a0", " ")


def _object(type_name: str, values: dict[str, str] | dict[str, object]) -> PSObject:
    return PSObject((f"Deserialized.{type_name}", "Deserialized.System.Object"), props=values)  # type: ignore[arg-type]  # they are values


def _format_file(views: list[View]) -> str:
    return (
        f"<Configuration><ViewDefinitions>{''.join(map(_definition, range(len(views)), views))}</ViewDefinitions></Configuration>"
    )


def _definition(number: int, view: View) -> str:
    headers = "".join(
        f"<TableColumnHeader><Label>{escape(column.label)}</Label>{f'<Width>{column.width}</Width>' if column.width else ''}"
        f"<Alignment>{'Right' if column.right else 'Left'}</Alignment></TableColumnHeader>"
        for column in view.columns
    )
    items = "".join(
        f"<TableColumnItem><PropertyName>{escape(column.prop)}</PropertyName></TableColumnItem>" for column in view.columns
    )
    return (
        f"<View><Name>T{number}</Name><ViewSelectedBy><TypeName>T{number}</TypeName></ViewSelectedBy>"
        f"<TableControl>{'<AutoSize/>' if view.autosize else ''}<TableHeaders>{headers}</TableHeaders>"
        f"<TableRowEntries><TableRowEntry><TableColumnItems>{items}</TableColumnItems></TableRowEntry></TableRowEntries></TableControl></View>"
    )
