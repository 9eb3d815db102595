"""`psbridge cassette`: what an operator sees of recordings, and with which exit code."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from psbridge.cassettes import Cassette, Interaction
from psbridge.cassettes.json_line import dump
from psbridge.reply import Record, Reply, State, Stream
from tests.cli.in_process import Run, runner
from tests.playbooks.record_cassettes import CASSETTES

FOLDER = CASSETTES / "duplicate-mailbox-delete-account"
SMALL = FOLDER / "refused-no-cloud-mailbox.cassette"


@pytest.fixture
def psbridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    shutil.copy(SMALL, tmp_path / "a.cassette")
    return runner(tmp_path, monkeypatch)


def changed(path: Path, *calls: Interaction, **metadata: object) -> None:
    """Write the small recording again with other calls or more metadata."""
    cassette = Cassette.load(SMALL)
    header = replace(cassette.header, metadata={**cassette.metadata, **metadata})
    Cassette(str(path), header, calls or cassette.interactions).save(path)


def test_show_lists_every_call_with_its_parameters_size_and_errors(psbridge: Run) -> None:
    done = psbridge("psbridge cassette show a.cassette")
    calls = Cassette.load(SMALL).interactions
    assert done.code == 0
    listed = [line for line in done.out.splitlines() if not line.startswith("       ")][1:]
    assert len(listed) == len(calls)
    for number, (line, call) in enumerate(zip(listed, calls, strict=True), 1):
        assert line.startswith(f"{number:4} [{call.endpoint}] {call.text[:40]}")
    assert "bytes" in listed[0]
    errors = psbridge("psbridge cassette show a.cassette --errors --endpoint exo")
    assert 1 <= errors.out.count("       error: ") == errors.out.count("[exo]")
    assert "[directory]" not in errors.out
    assert "error: Microsoft.Exchange.Management.RecipientTasks.GetMailbox: The operation couldn't be performed" in errors.out


def test_show_prints_an_answer_as_powershell_would(psbridge: Run) -> None:
    shown = psbridge(f"psbridge cassette show {FOLDER / 'option-0.cassette'} --call 3")
    assert shown.code == 0
    prompt, blank, heading, *_ = shown.out.splitlines()
    assert prompt == "PS C:\\> Get-MsolUser -UserPrincipalName testduplicate@domain.com"
    assert (blank, heading.split()) == ("", ["UserPrincipalName", "DisplayName", "isLicensed"])


def test_a_call_that_is_not_there_is_a_usage_error(psbridge: Run) -> None:
    refused = psbridge("psbridge cassette show a.cassette --call 999")
    assert refused.code == 2
    assert "has no call 999" in refused.err
    assert psbridge("psbridge cassette show none.cassette").code == 2


def test_diff_tells_other_calls_parameters_and_answers(psbridge: Run, tmp_path: Path) -> None:
    assert psbridge("psbridge cassette diff a.cassette a.cassette").code == 0
    first, second, *rest = Cassette.load(SMALL).interactions
    other = replace(first, commands=(replace(first.commands[0], parameters={"Identity": '"somebody@domain.com"'}),))
    assert isinstance(second.answer, Reply)
    stopped = replace(second, answer=Reply(State.STOPPED, second.answer.records))
    changed(tmp_path / "b.cassette", other, stopped, *rest[:-1])
    done = psbridge("psbridge cassette diff a.cassette b.cassette")
    assert done.code == 1
    assert '+ Get-Mailbox -Identity "somebody@domain.com"' in done.out
    assert "- state Completed" in done.out
    assert "+ state Stopped" in done.out
    assert f"- {len(rest) + 2} " in done.out
    assert "only in the first" in done.out
    assert "3 differences" in done.out


def test_diff_leaves_times_and_ids_aside_where_it_is_asked_but_not_a_swapped_id(psbridge: Run, tmp_path: Path) -> None:
    one, two = "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
    call = Cassette.load(SMALL).interactions[0]

    def answered(*ids: str, at: str) -> Interaction:
        bodies = (f'<Obj RefId="0"><MS><G N="Guid">{one}</G><DT N="At">{at}</DT></MS></Obj>'.encode() for one in ids)
        return replace(call, answer=Reply(State.COMPLETED, tuple(Record(Stream.OUTPUT, body) for body in bodies)))

    changed(tmp_path / "b.cassette", answered(one, one, at="2018-07-15T20:55:40Z"))
    changed(tmp_path / "c.cassette", answered(two, two, at="2019-07-15T20:55:40Z"))
    changed(tmp_path / "d.cassette", answered(two, one, at="2019-07-15T20:55:40Z"))
    assert psbridge("psbridge cassette diff b.cassette c.cassette --ignore-ids --ignore-times").code == 0
    assert psbridge("psbridge cassette diff b.cassette c.cassette --ignore-ids").code == 1
    assert psbridge("psbridge cassette diff b.cassette c.cassette --ignore-times").code == 1
    assert psbridge("psbridge cassette diff b.cassette d.cassette --ignore-ids --ignore-times").code == 1


def test_verify_is_content_with_what_the_recorder_writes(psbridge: Run) -> None:
    done = psbridge(f"psbridge cassette verify a.cassette {CASSETTES / 'mobile-phone' / 'overridden.cassette'}")
    assert (done.code, done.err) == (0, "")
    assert len(done.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<Obj RefId="0"><MS><SS N="Password">cABhAHMAcwA=</SS></MS></Obj>', "a SecureString or a piece of script"),
        ("<S>eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc</S>", "a JSON web token"),
        ("<S>Server=db;Password=hunter22;</S>", "a password in a connection string"),
        ("<S>-----BEGIN RSA PRIVATE KEY-----</S>", "a private key"),
        ("<S>https://ann:hunter2@contoso.com/</S>", "a password in an address"),
        ("<S>Authorization: Bearer abcdefghijk</S>", "a bearer token"),
        ("<Obj RefId='0'><MS><I32 N='a'>x</I32></MS></Obj>", "it cannot be read"),
    ],
)
def test_verify_finds_secrets_and_what_cannot_be_read(psbridge: Run, tmp_path: Path, body: str, told: str) -> None:
    call = Cassette.load(SMALL).interactions[0]
    changed(tmp_path / "b.cassette", replace(call, answer=Reply(State.COMPLETED, (Record(Stream.OUTPUT, body.encode()),))))
    done = psbridge("psbridge cassette verify a.cassette b.cassette")
    assert done.code == 1
    assert (
        f"b.cassette: interaction 1, record 1: {'what looks like ' if told[:2] == 'a ' and 'Secure' not in told else ''}{told}"
        in done.err
    )
    assert "hunter2" not in done.err
    assert "a.cassette: " in done.out


def test_verify_finds_a_parameter_that_is_named_like_a_secret(psbridge: Run, tmp_path: Path) -> None:
    call = Cassette.load(SMALL).interactions[0]
    command = replace(call.commands[0], parameters={"NewPassword": '"hunter22"'})
    changed(tmp_path / "b.cassette", replace(call, commands=(command,)))
    done = psbridge("psbridge cassette verify b.cassette")
    assert done.code == 1
    assert "Get-Mailbox -NewPassword: a value under the name NewPassword" in done.err


@pytest.mark.parametrize(
    "value",
    [
        {"dict": [["Password", "hunter2xx"]]},
        {"dict": [["x", {"dict": [["ClientSecret", ["hunter2xx"]]]}]]},
        [{"dict": [["x", "y"]]}, {"Password": "hunter2xx"}],
        {"Password": {"a": "hunter2xx"}},
        {"Token": {"I64": "12345678"}},
        'say "Password=hunter2xx"',
    ],
    ids=str,
)
def test_verify_walks_the_tables_and_lists_of_parameters_and_metadata(psbridge: Run, tmp_path: Path, value: object) -> None:
    call = Cassette.load(SMALL).interactions[0]
    command = replace(call.commands[0], parameters={"PasswordProfile": dump(value)})
    changed(tmp_path / "b.cassette", replace(call, commands=(command,)))
    changed(tmp_path / "c.cassette", profiles=[value])
    for name, place in (("b", "interaction 1, Get-Mailbox -PasswordProfile: "), ("c", "metadata profiles: ")):
        done = psbridge(f"psbridge cassette verify {name}.cassette")
        assert done.code == 1
        assert place in done.err
        assert "hunter2" not in done.err


@pytest.mark.parametrize(
    "inside",
    [
        '<S N="Password">hunter2xx</S>',
        '<I32 N="Password">12345678</I32>',
        '<S N="Password"><![CDATA[hunter2xx]]></S>',
        '<Obj N="Passwords" RefId="1"><LST><S>hunter2xx</S></LST></Obj>',
        '<Obj N="Table" RefId="1"><DCT><En><S N="Key">Password</S><S N="Value">hunter2xx</S></En></DCT></Obj>',
    ],
)
def test_verify_finds_a_property_that_is_named_like_a_secret(psbridge: Run, tmp_path: Path, inside: str) -> None:
    call = Cassette.load(SMALL).interactions[0]
    body = f'<Obj RefId="0"><MS>{inside}</MS></Obj>'.encode()
    changed(tmp_path / "b.cassette", replace(call, answer=Reply(State.COMPLETED, (Record(Stream.OUTPUT, body),))))
    done = psbridge("psbridge cassette verify b.cassette")
    assert done.code == 1
    assert re.search("record 1: a value under the name Passwords?$", done.err, re.MULTILINE)
    assert "hunter2" not in done.err


def test_verify_says_nothing_of_a_secret_that_was_taken_out(psbridge: Run, tmp_path: Path) -> None:
    call = Cassette.load(SMALL).interactions[0]
    profile = {"dict": [["ForceChangePassword", True], ["Password", {"secure": None}], ["Token", ""]]}
    command = replace(call.commands[0], parameters={"PasswordProfile": dump(profile), "Password": dump({"secure": None})})
    body = b'<Obj RefId="0"><MS><S N="Password">(hidden)</S><B N="ResetPassword">true</B><Nil N="Token" /></MS></Obj>'
    answer = Reply(State.COMPLETED, (Record(Stream.OUTPUT, body),))
    changed(tmp_path / "b.cassette", replace(call, commands=(command,), answer=answer))
    done = psbridge("psbridge cassette verify b.cassette")
    assert (done.code, done.err) == (0, "")


def test_verify_finds_a_change_and_a_missing_end(psbridge: Run, tmp_path: Path) -> None:
    text = (tmp_path / "a.cassette").read_text(encoding="utf-8")
    (tmp_path / "b.cassette").write_text(text.replace("state Completed", "state Stopped", 1), encoding="utf-8")
    (tmp_path / "c.cassette").write_text(text[: len(text) // 2], encoding="utf-8")
    (tmp_path / "d.cassette").write_text(text.replace("psbridge cassette 1", "psbridge cassette 9", 1), encoding="utf-8")
    for name, told in (("b", "not what was sealed"), ("c", "does not end with its end line"), ("d", "SHA-256|format 9")):
        done = psbridge(f"psbridge cassette verify {name}.cassette")
        assert done.code == 1
        assert any(part in done.err for part in told.split("|")), done.err
    assert psbridge("psbridge cassette verify none.cassette").code == 2


def test_scrub_tells_what_it_did_and_keeps_the_map_to_its_owner(psbridge: Run, tmp_path: Path) -> None:
    done = psbridge("psbridge cassette scrub a.cassette b.cassette --map map.jsonl")
    assert done.code == 6
    assert "1 domain" in done.out
    assert "Message (free text): " in done.out
    known = [json.loads(line) for line in (tmp_path / "map.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"kind": "domain", "original": "domain.com", "replacement": "contoso.com"} in known
    assert (tmp_path / "map.jsonl").stat().st_mode & 0o077 == 0
    assert "testduplicate" not in (tmp_path / "b.cassette").read_text(encoding="utf-8")
    again = psbridge("psbridge cassette scrub b.cassette c.cassette --map map.jsonl")
    assert again.code == 2
    assert "is there already" in again.err
    assert psbridge("psbridge cassette scrub a.cassette d.cassette --strict").code == 0
    assert psbridge("psbridge cassette scrub a.cassette d.cassette --strict").code == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("b.cassette", "is the new recording itself"),
        ("a.cassette", "is there already"),
        ("nowhere/map.jsonl", "cannot be written"),
        (".", "is there already"),
    ],
)
def test_a_map_that_cannot_be_written_is_told_before_anything_is_scrubbed(
    psbridge: Run, tmp_path: Path, name: str, told: str
) -> None:
    before = sorted(tmp_path.iterdir())
    done = psbridge(f"psbridge cassette scrub a.cassette b.cassette --map {name}")
    assert (done.code, told in done.err, "Nothing was scrubbed" in done.err) == (2, True, True)
    assert sorted(tmp_path.iterdir()) == before


def test_no_map_is_left_of_a_scrubbing_that_failed(psbridge: Run, tmp_path: Path) -> None:
    assert psbridge("psbridge cassette scrub none.cassette b.cassette --map map.jsonl").code == 2
    assert not (tmp_path / "map.jsonl").exists()


def test_the_seed_of_a_scrubbing_comes_from_a_file_or_from_the_environment(
    psbridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seed").write_text("a long seed\n", encoding="utf-8")
    monkeypatch.setenv("SCRUB_SEED", "a long seed")
    psbridge("psbridge cassette scrub a.cassette b.cassette --seed-file seed")
    psbridge("psbridge cassette scrub a.cassette c.cassette --seed-env SCRUB_SEED")
    psbridge("psbridge cassette scrub a.cassette d.cassette")
    texts = [(tmp_path / f"{name}.cassette").read_bytes() for name in "bcd"]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--seed-file empty", "empty holds no seed"),
        ("--seed-file none", "the seed in none cannot be read"),
        ("--seed-env SCRUB_EMPTY", "the environment variable SCRUB_EMPTY holds no seed"),
        ("--seed-env SCRUB_NONE", "there is no environment variable SCRUB_NONE"),
        ("--seed-file empty --seed-env SCRUB_EMPTY", "are both given"),
        ("--seed 1", "No such option"),
    ],
)
def test_a_seed_that_is_none_is_refused(
    psbridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str, told: str
) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    monkeypatch.setenv("SCRUB_EMPTY", "")
    monkeypatch.delenv("SCRUB_NONE", raising=False)
    done = psbridge(f"psbridge cassette scrub a.cassette b.cassette {options}")
    assert done.code == 2
    assert told in done.err
    assert not (tmp_path / "b.cassette").exists()


def test_a_scrubbed_recording_is_played_by_the_command_line(psbridge: Run, tmp_path: Path) -> None:
    before = psbridge("psbridge run duplicate-mailbox-delete-account testduplicate@domain.com --replay a.cassette")
    psbridge("psbridge cassette scrub a.cassette b.cassette")
    who = Cassette.load(tmp_path / "b.cassette").inputs["identity"]
    after = psbridge(f"psbridge run duplicate-mailbox-delete-account {who} --replay b.cassette")
    assert before.code == after.code == 1
    sent = [re.findall(r"^(?:PS|\[PS\]) C:\\>\s?([A-Z]\w+-\w+)", done.out, re.MULTILINE) for done in (before, after)]
    assert sent[0] == sent[1] != []
    assert "testduplicate" not in after.out
