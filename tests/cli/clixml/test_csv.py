"""`to-csv`: a table that spreadsheets read as it is meant, and run nothing of."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, saved


def _rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_every_object_is_a_row_with_the_columns_of_the_first(tmp_path: Path) -> None:
    done = clixml("to-csv", saved(tmp_path, mailboxes(2)))
    assert done.stdout.splitlines()[1] == (
        '"Mailbox 0","user0","0","False","2010-07-01 12:00:00",,"SMTP:user0@contoso.com;smtp:u0@fabrikam.com","DB0"'
    )
    assert _rows(done.stdout)[0] == ["Name", "Alias", "Items", "Shared", "Created", "Office", "Addresses", "Database"]
    assert len(_rows(done.stdout)) == 3


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-2+3", "@SUM(A1)", "_x0009_=1", "\uff1d1", '=HYPERLINK("http://x")'])
def test_no_text_is_a_formula(tmp_path: Path, text: str) -> None:
    data = document(mailbox(0, "a", f'<S N="{text.replace(chr(34), "&quot;")}">{text}</S><I32 N="n">-5</I32>', first=True))
    meant = text.replace("_x0009_", "\t")
    heading, row = _rows(clixml("to-csv", saved(tmp_path, data)).stdout)
    assert (heading[-2], row[-2], row[-1]) == (f"'{meant}", f"'{meant}", "-5")
    heading, row = _rows(clixml("to-csv", "--raw", saved(tmp_path, data)).stdout)
    assert (heading[-2], row[-2]) == (meant, meant)


def test_quotes_line_ends_and_delimiters_stay_in_their_cell(tmp_path: Path) -> None:
    data = document(mailbox(0, 'a"b;c,d_x000D__x000A_e', first=True))
    for delimiter in (",", ";", "\t"):
        rows = _rows(clixml("to-csv", "--delimiter", delimiter, "-p", "Name,Alias", saved(tmp_path, data)).stdout, delimiter)
        assert rows == [["Name", "Alias"], ['a"b;c,d\r\ne', "user0"]]
    assert clixml("to-csv", "--delimiter", '"', saved(tmp_path, data)).returncode == 2


def test_what_has_no_column_is_said(tmp_path: Path) -> None:
    data = document(mailbox(0, "a", first=True), mailbox(1, "b", '<S N="Later">x</S>'), "<S>text</S>")
    done = clixml("to-csv", saved(tmp_path, data))
    assert done.returncode == 0
    assert "later objects have properties without a column: Later, Value" in done.stderr


def test_excel_gets_its_mark_and_null_is_not_empty(tmp_path: Path) -> None:
    data = document(mailbox(0, "", first=True))
    done = clixml("to-csv", "--excel", "-p", "Name,Office,Alias", saved(tmp_path, data))
    assert done.stdout == '\ufeff"Name","Office","Alias"\r\n"",,"user0"\r\n'
