"""The search finds a secret however it is written: else it would find nothing anywhere, and all tests of secrets would pass."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from pathlib import Path

import pytest

from tests.secrets.searching import leaks

SECRET = "Zq7VioletHarbour19"
WRITTEN = {
    "plain": b"word = " + SECRET.encode(),
    "utf-16": "word ".encode("utf-16-le") + SECRET.encode("utf-16-le"),
    "utf-16-be": SECRET.encode("utf-16-be"),
    "json": json.dumps({"word": SECRET}).encode(),
    "basic": b"Authorization: Basic " + b64encode(f"jane:{SECRET}".encode()),
    "securestring": b'<SS N="Password">' + b64encode(SECRET.encode("utf-16-le")) + b"</SS>",
    "inside utf-16": b64encode(f"x{SECRET} y".encode("utf-16-le")),
    "hex": b"0x" + SECRET.encode().hex().upper().encode(),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_secret_is_found_however_it_is_written(tmp_path: Path, form: str) -> None:
    (tmp_path / "artefact").write_bytes(b"before \xff" + WRITTEN[form] + b" behind")
    assert leaks(tmp_path, [SECRET])
    assert leaks(tmp_path, [SECRET[::-1]]) == []


def test_a_secret_in_the_name_of_a_file_and_in_a_database_is_found(tmp_path: Path) -> None:
    (tmp_path / f"{SECRET}.txt").touch()
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("create table entry (body text)")
        database.execute("insert into entry values (?)", (f"word {SECRET}",))
    database.close()
    assert {leak.partition(":")[0] for leak in leaks(tmp_path, [SECRET])} == {f"{SECRET}.txt", "journal.db"}
    assert leaks(tmp_path, [SECRET], but=[tmp_path / f"{SECRET}.txt", tmp_path / "journal.db"]) == []
