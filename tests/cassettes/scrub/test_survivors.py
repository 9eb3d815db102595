"""Where a name or a number that is known could stay, or one that is not known could stay without a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Interaction, RecordedCommand
from psbridge.cassettes.interaction import Header
from psbridge.cassettes.json_line import dump
from psbridge.cassettes.scrub import Report, scrub
from psbridge.clixml.decode import decode_message
from psbridge.command import canonical
from psbridge.errors import InputError
from psbridge.reply import Record, Reply, State, Stream

PERSON = '<S N="DisplayName">Jane Kowalski</S><S N="UserPrincipalName">jane.kowalski@litware.com</S>'
LEFT = re.compile("(?i)jane|kowalski|litware")


def scrubbed(
    tmp_path: Path,
    members: str = "",
    *,
    person: str = PERSON,
    strict: bool = False,
    metadata: dict[str, object] | None = None,
    **parameters: object,
) -> tuple[str, Report]:
    """The file of one call afterwards, whose answer is the person and one more object."""
    records = tuple(
        Record(Stream.OUTPUT, f'<Obj RefId="0">{inside}</Obj>'.encode())
        for inside in (f"<MS>{person}</MS>", members if members.startswith("<TN") else f"<MS>{members}</MS>")
    )
    command = RecordedCommand("Get-Mailbox", {name: dump(value) for name, value in parameters.items()})
    header = Header("2018-07-09T14:00:00+00:00", "0.1.0", metadata or {})
    call = Interaction("exo", (command,), "Get-Mailbox", Reply(State.COMPLETED, records))
    source, target = tmp_path / "in.cassette", tmp_path / "out.cassette"
    for path in (source, target):
        path.unlink(missing_ok=True)
    Cassette("x", header, (call,)).save(source)
    report = scrub(source, target, seed="s", strict=strict)
    answer = Cassette.load(target).interactions[0].answer
    assert isinstance(answer, Reply)
    for record in answer.records:
        decode_message(record.clixml)
    return target.read_text(encoding="utf-8"), report


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "value",
    [
        {"dict": [["jane.kowalski@litware.com", "Owner"]]},
        {"dict": [["Kowalski", "Owner"]]},
        {"jane.kowalski@litware.com": {"Jane Kowalski": 1}},
        {"switch": "Kowalski"},
        [{"dict": [["x", {"dict": [["kowalski", True]]}]]}],
    ],
    ids=str,
)
def test_the_keys_of_tables_are_scrubbed(tmp_path: Path, value: object, strict: bool) -> None:
    for given in ({"Members": value}, {"metadata": {"who": value}}):
        text, _ = scrubbed(tmp_path, strict=strict, **given)
        assert not LEFT.search(text)


def test_keys_are_learned_and_names_of_properties_stay(tmp_path: Path) -> None:
    table = {"dict": [["DisplayName", "Adele Nowak"], ["peter.nowak@litware.com", "x"]]}
    text, _ = scrubbed(tmp_path, '<S N="Notes">ask Peter</S>', Hashtable=table)
    assert '"DisplayName"' in text
    assert not re.search("(?i)peter|nowak", text)


def test_a_table_keeps_the_order_in_which_a_replay_asks(tmp_path: Path) -> None:
    names = [f"{name}.kowalski@litware.com" for name in ("anna", "bert", "carl", "dora", "emil")]
    text, _ = scrubbed(tmp_path, Members={"dict": [[name, "x"] for name in names]})
    source = Cassette.load(tmp_path / "out.cassette").interactions[0].commands[0].parameters["Members"]
    pairs = re.findall(r'\["([^"]+)", "([^"]+)"\]', source)
    assert len(pairs) == len(names)
    assert source == dump(canonical(dict(pairs)))
    assert not LEFT.search(text)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FolderSourcePath", "/Inbox/Kowalski"),
        ("FolderTargetPath", "/Top of Information Store/Kowalski"),
        *((name, "Kowalski") for name in ("State", "Error", "Errors", "StatusDetail", "StatusSummary", "InfoMessages")),
        *((name, "Kowalski") for name in ("Source", "Target", "Value", "RecipientTypeDetails")),
        ("Status", "Peter.Kowalski@litware.berlin"),
        ("StatusDetail", "moving Kowalski"),
        ("SyncStage", "jane.kowalski@litware.com"),
    ],
)
def test_a_known_name_goes_where_an_enum_is_expected(tmp_path: Path, name: str, value: str, strict: bool) -> None:
    text, _ = scrubbed(tmp_path, f'<S N="{name}">{value}</S>', strict=strict)
    assert not LEFT.search(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("State", "Bavaria"),
        ("StatusDetail", "waiting for Nowak"),
        ("Value", "Nowak"),
        ("InfoMessages", "Nowak"),
        ("Error", "Nowak"),
    ],
)
def test_a_name_that_is_not_known_is_told_there(tmp_path: Path, name: str, value: str) -> None:
    _, report = scrubbed(tmp_path, f'<S N="{name}">{value}</S>')
    assert [found.property for found in report.findings.values()] == [name]
    text, report = scrubbed(tmp_path, f'<S N="{name}">{value}</S>', strict=True)
    assert report.findings == {}
    assert not re.search("Bavaria|Nowak", text)


def test_folders_are_names_and_known_from_then_on(tmp_path: Path) -> None:
    members = '<S N="FolderSourcePath">/Inbox/Nightfall</S><S N="Notes">in Nightfall</S>'
    text, _ = scrubbed(tmp_path, members)
    assert "Nightfall" not in text
    assert ">/Inbox/" in text


def test_enums_stay_whoever_is_called_so(tmp_path: Path) -> None:
    person = '<S N="DisplayName">Queued Synced</S><S N="LastName">InProgress</S>'
    members = '<S N="Status">Queued</S><S N="State">InProgress</S><S N="StatusDetail">Synced</S>'
    text, _ = scrubbed(tmp_path, members, person=person)
    assert ">Queued<" in text
    assert ">InProgress<" in text
    assert text.count("Synced") == 1


@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        ("Status", "10.20.30.40", False),
        ("ConnectionState", "fd12:3456::1", False),
        ("ServerVersion", "fd12:3456::1", False),
        ("ServerVersion", "15.20.30.40", True),
    ],
)
def test_an_address_goes_and_a_version_stays(tmp_path: Path, name: str, value: str, stays: bool) -> None:
    text, _ = scrubbed(tmp_path, f'<S N="{name}">{value}</S>')
    assert (value in text) is stays


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", ["Name", "DisplayName", "Notes", "CustomAttribute1"])
@pytest.mark.parametrize(
    "value", ["Test-Kowalski", "Move-Kowalski", "Import-Litware", "HTTP/1.1 404 Not Found Jane Kowalski", "HTTP/1.1 404 Kowalski"]
)
def test_nothing_that_is_the_same_everywhere_swallows_a_name(tmp_path: Path, name: str, value: str, strict: bool) -> None:
    text, _ = scrubbed(tmp_path, f'<S N="{name}">{value}</S>', strict=strict)
    assert not LEFT.search(text)


@pytest.mark.parametrize("name", ["Name", "DisplayName"])
def test_a_name_that_looks_like_a_cmdlet_is_one_and_is_learned(tmp_path: Path, name: str) -> None:
    text, _ = scrubbed(tmp_path, f'<S N="{name}">Move-Nowak</S><S N="Whatever">about Nowak, see Get-Mailbox</S>')
    assert "Nowak" not in text
    assert "see Get-Mailbox" in text


def test_a_host_that_begins_like_a_cmdlet_is_a_host(tmp_path: Path) -> None:
    text, _ = scrubbed(tmp_path, '<S N="Notes">Test-Server.litware.com and HTTP/1.1 404 Not Found</S>')
    assert not LEFT.search(text)
    assert ".contoso.com and HTTP/1.1 404 Not Found" in text


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "members",
    [
        '<S N="Kowalski">x</S>',
        '<S N="jane.kowalski@litware.com">x</S>',
        '<TN RefId="0"><T>Deserialized.Kowalski.Thing</T></TN><MS />',
        '<S N="Notes"><![CDATA[Jane Kowalski]]></S>',
        '<S N="Notes">Kowal<![CDATA[ski]]></S>',
        '<S N="Notes">Kowal<!-- and -->ski</S>',
    ],
)
def test_names_of_members_types_and_cdata_are_scrubbed(tmp_path: Path, members: str, strict: bool) -> None:
    text, _ = scrubbed(tmp_path, members, strict=strict)
    assert not re.search("(?i)jane|kowal|litware|CDATA", text)


def test_types_and_members_stay_whoever_is_called_so(tmp_path: Path) -> None:
    members = (
        '<TN RefId="0"><T>Deserialized.Microsoft.Exchange.Data.Directory.Management.Mailbox</T></TN>'
        '<MS><S N="StreetAddress">x</S></MS>'
    )
    text, _ = scrubbed(tmp_path, members, person='<S N="DisplayName">Directory Management StreetAddress Data</S>')
    assert "Deserialized.Microsoft.Exchange.Data.Directory.Management.Mailbox" in text
    assert 'N="StreetAddress"' in text


def test_numbers_under_names_go_and_under_unknown_ones_are_told(tmp_path: Path) -> None:
    numbers = '<I64 N="EmployeeNumber">4711815</I64><I32 N="Badge">20041234</I32><I32 N="EmployeeId">2147483647</I32>'
    counts = '<Db N="Id">4711815</Db><U64 N="TotalCount">12345678</U64><I64 N="Ticks">6250000000</I64><I32 N="Build">1531</I32>'
    text, report = scrubbed(tmp_path, numbers + counts, EmployeeNumber=4711815, Text="4711815")
    assert [str(found) for found in report.findings.values()] == ["Badge (unknown property): 1 at interaction 1, record 2"]
    assert not re.search("4711815|2147483647", text)
    assert all(value in text for value in ("12345678", "6250000000", ">1531<", "20041234"))
    text, report = scrubbed(tmp_path, numbers + counts, strict=True)
    assert report.findings == {}
    assert "20041234" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CustomAttribute1", "756.1234.5678.97"),
        ("Notes", "call 0891234567"),
        ("Notes", "call 089/1234567"),
        ("Notes", "call 089 123 4567"),
        ("Whatever", "0891234567"),
    ],
)
def test_long_numbers_are_told_and_strict_replaces_them(tmp_path: Path, name: str, value: str) -> None:
    text, report = scrubbed(tmp_path, f'<S N="{name}">{value}</S>')
    assert value in text
    assert any(found.property == name for found in report.findings.values())
    text, report = scrubbed(tmp_path, f'<S N="{name}">{value}</S>', strict=True)
    assert not re.search(r"756\.1234|5678|1234567|123 4567", text)
    assert report.findings == {}


@pytest.mark.parametrize(
    "value", ["2018-07-15 20:55:40", "07/15/2018 20:55:40", "15.07.2018 20:55:40", "53,150,220,288", "00:01:09.3851867"]
)
def test_times_and_sizes_are_no_such_numbers(tmp_path: Path, value: str) -> None:
    _, report = scrubbed(tmp_path, f'<S N="Notes">{value}</S>')
    assert report.findings == {}


def test_an_input_of_one_word_is_told_unless_it_is_a_choice(tmp_path: Path) -> None:
    inputs = {"user": "nowak", "merge": "yes", "keep": "on-premises", "sync": "cmdlet", "number": "0891234567"}
    _, report = scrubbed(tmp_path, metadata={"inputs": inputs})
    assert sorted(found.property for found in report.findings.values()) == ["number", "user"]


@pytest.mark.parametrize("seed", ["", " \n"])
def test_an_empty_seed_is_refused(tmp_path: Path, seed: str) -> None:
    scrubbed(tmp_path)
    with pytest.raises(InputError, match="the seed of a scrubbing is empty"):
        scrub(tmp_path / "in.cassette", tmp_path / "again.cassette", seed=seed)
    assert not list(tmp_path.glob("again*"))
