"""The file: its text, and that nothing but a whole, unchanged one is read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psbridge.cassettes import Cassette, Interaction, RecordedCommand
from psbridge.cassettes.__main__ import main
from psbridge.cassettes.failure import KINDS, Failure
from psbridge.cassettes.interaction import Header
from psbridge.errors import CassetteError, InputError
from psbridge.reply import Record, Reply, State, Stream
from tests.cassettes.scripted import BOM, MAILBOX, small_recording

SEAL = (
    "If the edit was meant, seal the cassette again: python -m psbridge.cassettes seal FILE. "
    "If not, restore the file or record it again."
)
RESTORE = "Restore the file or record it again."


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_recording(tmp_path / "small.cassette")


def edit(path: Path, old: str, new: str, *, count: int = 1) -> int:
    """Replace text in the file; gives the line on which the first place was."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, count).encode())
    return text[: text.index(old)].count("\n") + 1


def refusal(path: Path) -> str:
    with pytest.raises(CassetteError) as caught:
        Cassette.load(path)
    return str(caught.value).replace(str(path), "FILE")


def test_a_cassette_reads_as_its_format_says(small: Path) -> None:
    text = small.read_text("utf-8")
    assert text.startswith(
        "psbridge cassette 1\n"
        'psbridge "0.1.0"\n'
        'created "2018-07-09T14:00:00.250000+00:00"\n'
        "metadata\n"
        '  playbook "duplicate-mailbox-delete-account"\n'
        '  run "r-1"\n'
        '  inputs {"identity": "testduplicate@domain.com"}\n'
        "\n"
        "interaction 1 exo\n"
        "PS> Get-Mailbox -Identity testduplicate@domain.com\n"
        "cmdlet Get-Mailbox\n"
        '  Identity "testduplicate@domain.com"\n'
        "record output bom\n"
        '|<Obj RefId="0">\n'
        ':<TN RefId="0">\n'
        ":<T>Mailbox</T></TN>\n"
        ":<Props>\n"
        ':<S N="Name">Test</S>\n'
        ':<Nil N="Database" /></Props></Obj>\n'
        "state Completed\n"
        "seconds 0.250\n"
        "\n"
        "interaction 2 exo\n"
    )
    assert (
        "cmdlet Remove-MsolUser\n"
        '  UserPrincipalName "testduplicate@domain.com"\n'
        '  Force {"switch": true}\n'
        "raised ConnectionLost\n"
        '  problem "the process ended"\n'
        '  endpoint "directory"\n'
        "  may_have_run true\n"
        '  remedy "Start it again."\n'
        "seconds 0.250\n"
    ) in text
    assert re.search(r"\n\nend 4 sha256 [0-9a-f]{64}\n\Z", text)


def test_a_cassette_tells_its_run_and_lists_its_interactions(small: Path) -> None:
    cassette = Cassette.load(small)
    assert cassette.playbook == "duplicate-mailbox-delete-account"
    assert cassette.run_id == "r-1"
    assert cassette.inputs == {"identity": "testduplicate@domain.com"}
    assert cassette.header.created == "2018-07-09T14:00:00.250000+00:00"
    assert [line.split("] ")[1].split(" -> ")[1] for line in cassette.listing()] == [
        "Completed, 1 output (0.250 s)",
        "Failed, 1 error, 1 warning (0.250 s)",
        "ConnectionLost: the process ended (0.250 s)",
        "Completed, 1 output (0.250 s)",
    ]
    assert next(cassette.listing()).startswith("   1 [exo] Get-Mailbox -Identity testduplicate@domain.com -> ")


def test_a_saved_cassette_is_the_same_file(small: Path, tmp_path: Path) -> None:
    Cassette.load(small).save(tmp_path / "again.cassette")
    assert (tmp_path / "again.cassette").read_bytes() == small.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.cassette", "small.cassette"]


BODY = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(str.encode),
    st.lists(
        st.sampled_from([b"<S>", b"</S>", b"\n", b"\r", b" ", b"_xD83D_", BOM, b"end 1", b"\x00", "⟦名".encode()]), max_size=9
    ).map(b"".join),
)
REPLY = st.builds(
    Reply,
    st.sampled_from(State),
    st.lists(st.builds(Record, st.sampled_from(Stream), BODY), max_size=4).map(tuple),
    st.none() | BODY,
)
INTERACTION = st.builds(
    Interaction,
    st.sampled_from(["exo", "onprem", "a.b-c_1"]),
    st.just((RecordedCommand("Get-Mailbox", {"Identity": '"x"'}), RecordedCommand("Select-Object"))),
    st.text(min_size=1) | st.just("end 1 sha256 \n\ninteraction 2 exo"),
    REPLY,
    st.integers(0, 10_000_000).map(lambda ms: ms / 1000),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(INTERACTION, max_size=3))
def test_any_interactions_come_back_byte_for_byte(tmp_path: Path, interactions: list[Interaction]) -> None:
    path = tmp_path / "any.cassette"
    Cassette("", Header("now", "0"), tuple(interactions)).save(path)
    assert Cassette.load(path).interactions == tuple(interactions)
    assert path.read_text("utf-8").replace("\n", "").isprintable()


def test_megabytes_in_one_record_come_back(tmp_path: Path) -> None:
    body = BOM + b"<Obj>" + b'<S N="x">caf\xc3\xa9 \r\n _x000A_</S>' * 60_000 + b"<S>" + b"x" * 3_000_000 + b"</S></Obj>"
    interaction = Interaction(
        "exo", (RecordedCommand("Get-Mailbox"),), "Get-Mailbox", Reply(State.COMPLETED, (Record(Stream.OUTPUT, body),))
    )
    Cassette("", Header("now", "0"), (interaction,)).save(tmp_path / "big.cassette")
    assert Cassette.load(tmp_path / "big.cassette").interactions == (interaction,)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_transport_error_is_kept_with_its_class_and_fields(tmp_path: Path, kind: type) -> None:
    samples = {str: "what … happened\nthere", bool: True, list: ["&Yes", "&No"]}
    failure = Failure(kind.__name__, {name: samples[field] for name, field in KINDS[kind].items()})
    interaction = Interaction("exo", (), "", failure)
    Cassette("", Header("now", "0"), (interaction,)).save(tmp_path / "error.cassette")
    (again,) = Cassette.load(tmp_path / "error.cassette").interactions
    assert again == interaction
    assert isinstance(again.answer, Failure)
    error = again.answer.error()
    assert type(error) is kind
    assert Failure.of(error) == failure


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_cut_of_a_cassette_is_refused(small: Path, newline: str) -> None:
    whole = small.read_bytes().replace(b"\n", newline.encode())
    for length in range(len(whole)):
        small.write_bytes(whole[:length])
        with pytest.raises(CassetteError):
            Cassette.load(small)
    small.write_bytes(whole)
    assert len(Cassette.load(small).interactions) == 4


def test_every_line_that_is_missing_or_stands_twice_is_noticed(small: Path) -> None:
    lines = small.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        for changed in (lines[:number] + lines[number + 1 :], lines[: number + 1] + lines[number:]):
            small.write_bytes(b"".join(changed))
            with pytest.raises(CassetteError):
                Cassette.load(small)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.data())
def test_every_changed_byte_is_noticed(small: Path, data: st.DataObject) -> None:
    whole = small.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    other = small.with_name("other.cassette")
    other.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    with pytest.raises(CassetteError):
        Cassette.load(other)


def test_line_ends_of_windows_and_a_bom_change_nothing(small: Path) -> None:
    cassette = Cassette.load(small)
    small.write_bytes(BOM + small.read_bytes().replace(b"\n", b"\r\n"))
    assert Cassette.load(small) == cassette


def test_a_cut_cassette_says_so(small: Path) -> None:
    lines = small.read_bytes().splitlines(keepends=True)
    small.write_bytes(b"".join(lines[:-2]))
    assert refusal(small) == (
        f"FILE, line {len(lines) - 2}: the cassette does not end with its end line: "
        f"the recording was not finished, or the file was cut. {RESTORE}"
    )


def test_an_edited_body_is_refused_with_the_way_to_seal_it_again(small: Path) -> None:
    edit(small, ">Test<", ">Best<")
    last = small.read_bytes().count(b"\n")
    assert refusal(small) == (
        f"FILE, line {last}: the text above is not what was sealed: its SHA-256 differs from the one in the end line. {SEAL}"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("interaction 2 exo", "interaction 1 exo", "expected interaction 2, found 1: one is missing, or stands twice"),
        ("interaction 2 exo", "interaction two", "expected 'interaction 2 ENDPOINT', found 'interaction two'"),
        ("state Failed", "state Finished", "expected 'record', 'state' or 'raised', found 'state Finished'"),
        ("record warning", "record host", "expected 'record', 'state' or 'raised', found 'record host'"),
        ("seconds 0.250", "seconds 0.2", "expected 'seconds' and a number with three decimals, found 'seconds 0.2'"),
        ('{"switch": true}', '{"switch": tru}', "no JSON value: Expecting value: line 1 column 12 (char 11)"),
        ('{"switch": true}', "[" * 100_000, "the JSON above is nested too deep"),
        ('  Force {"switch": true}', '  UserPrincipalName "x"', "UserPrincipalName stands here twice"),
        ("raised ConnectionLost", "raised StartError", "StartError has the fields problem, endpoint, remedy, not problem,"),
        ("raised ConnectionLost", "raised OSError", "OSError is no transport error; known are AuthenticationFailed,"),
        ("may_have_run true", "may_have_run 1", "the field may_have_run of ConnectionLost must be of the type bool"),
        ("|<S>slow", ":<S>slow", "the first line of a body must begin with |"),
        ("|<S>slow", "|<S>⟦D800⟧", "the body above holds half of a surrogate pair, which no UTF-8 has"),
        ("|<S>slow", "|<S>⟦slow", "a ⟦ must begin a code point in hexadecimal digits, as in ⟦0D⟧;"),
        ("metadata", "meta", "expected 'metadata', found 'meta'"),
        ('psbridge "0.1.0"', "psbridge 1", "'psbridge' and 'created' must be texts in JSON"),
        ("\n\ninteraction 3", "\ninteraction 3", "expected an empty line and the next interaction, found 'interaction 3 dir"),
        ("PS> Remove", "PS>Remove", "expected 'PS>' and the command line, or 'opening', found 'PS>Remove-MsolUser"),
    ],
)
def test_a_line_that_is_not_as_it_must_be_is_named(small: Path, old: str, new: str, message: str) -> None:
    line = edit(small, old, new)
    found = refusal(small)
    named = re.match(r"FILE, line (\d+): ", found)
    assert named is not None
    assert found[named.end() :].startswith(message)
    assert found.endswith(f". {RESTORE}")
    assert abs(int(named[1]) - line) <= 3


def test_an_end_line_that_counts_wrongly_is_refused(small: Path) -> None:
    line = edit(small, "end 4 ", "end 3 ")
    assert refusal(small) == f"FILE, line {line}: the end line counts 3 interactions, the file holds 4. {SEAL}"


def test_two_cassettes_in_one_file_are_refused(small: Path) -> None:
    line = small.read_bytes().count(b"\n") + 1
    small.write_bytes(small.read_bytes() * 2)
    assert refusal(small) == f"FILE, line {line}: there is text behind the end line: two files in one? {RESTORE}"


def test_a_newer_format_is_refused_with_the_way_out(small: Path) -> None:
    edit(small, "psbridge cassette 1", "psbridge cassette 2")
    assert refusal(small) == (
        "FILE, line 1: the cassette has format 2; this psbridge reads up to 1. Update psbridge, or record it again."
    )


def test_a_format_that_never_was_is_refused(small: Path) -> None:
    edit(small, "psbridge cassette 1", "psbridge cassette 0")
    assert refusal(small) == f"FILE, line 1: there is no format 0. {RESTORE}"


def test_a_file_that_is_no_cassette_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("interactions: []\n", "utf-8")
    assert (
        refusal(path)
        == f"FILE, line 1: expected 'psbridge cassette 1' (is this a cassette?), found 'interactions: []'. {RESTORE}"
    )
    path.write_bytes(b"")
    assert refusal(path) == "FILE: the file is empty: the recording was not finished, or the file was cut"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.cassette") == "FILE: the cassette cannot be read: No such file or directory"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_named(small: Path, encoding: str) -> None:
    small.write_bytes(small.read_text("utf-8").encode(encoding))
    assert refusal(small) == f"FILE, line 1: the file is in {encoding.upper()}; a cassette is in UTF-8. Save it as UTF-8."


def test_bytes_that_are_not_utf_8_are_named_with_their_line(small: Path) -> None:
    line = small.read_bytes()[: small.read_bytes().index(b"slow")].count(b"\n") + 1
    small.write_bytes(small.read_bytes().replace(b"slow", b"sl\xf6w"))
    assert refusal(small) == f"FILE, line {line}: the byte 0xF6 is not UTF-8. Was it saved in another encoding? {RESTORE}"


def test_a_carriage_return_of_its_own_is_refused(small: Path) -> None:
    small.write_bytes(small.read_bytes().replace(b"\n", b"\r", 1))
    assert refusal(small) == f"FILE, line 1: a carriage return that belongs to no line end. {RESTORE}"


def test_an_edited_cassette_can_be_sealed_again(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Cassette.load(small)
    text = small.read_text("utf-8")
    start, end = text.index("interaction 2 exo"), text.index("interaction 3 directory")
    small.write_text(text[:start] + text[end:], "utf-8")
    edit(small, ">Test<", ">Best<")
    assert main(["seal", str(small)]) == 0
    assert capsys.readouterr().out == f"{small}: sealed, 3 interactions\n"
    after = Cassette.load(small)
    best = replace(
        before.interactions[0], answer=Reply(State.COMPLETED, (Record(Stream.OUTPUT, MAILBOX.replace(b"Test", b"Best")),))
    )
    assert after.interactions == (best, *before.interactions[2:])
    assert after.header == before.header


def test_sealing_refuses_a_cut_file_and_leaves_it_as_it_is(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = small.read_bytes()[:-100]
    small.write_bytes(cut)
    assert main(["seal", str(small)]) == 1
    assert "does not end with its end line" in capsys.readouterr().err
    assert small.read_bytes() == cut


def test_names_that_no_line_can_hold_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"'e x\\no' cannot name an endpoint in a cassette: use letters, digits, '_', '\.' and '-'"
    ):
        Interaction("e x\no", (), "", Reply(State.COMPLETED))
    with pytest.raises(InputError, match="'a b' cannot name metadata in a cassette"):
        Header("now", "0", {"a b": 1})
    with pytest.raises(InputError, match="the metadata of a cassette must be JSON values"):
        Header("now", "0", {"a": object()})
