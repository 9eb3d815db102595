"""What becomes of each kind of thing, also where nobody expects it; with names that are hard to replace."""

from __future__ import annotations

import base64
import re
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psbridge.cassettes import Cassette, Interaction, RecordedCommand
from psbridge.cassettes.failure import Failure
from psbridge.cassettes.interaction import Header
from psbridge.cassettes.json_line import dump
from psbridge.cassettes.scrub import Report, scrub
from psbridge.cassettes.scrub.known import COMMON
from psbridge.cassettes.scrub.shapes import CULTURE, WORD
from psbridge.clixml.decode import decode_message
from psbridge.clixml.encode_text import text as escaped
from psbridge.errors import CassetteError
from psbridge.psobject import PSObject
from psbridge.reply import Record, Reply, State, Stream

ID = uuid.UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
IMMUTABLE = base64.b64encode(ID.bytes_le).decode()


def scrubbed(
    tmp_path: Path, *properties: tuple[str, str], strict: bool = False, **parameters: object
) -> tuple[list[str], Report]:
    """The values of one object's properties afterwards, and then the texts of the parameters."""
    body = "".join(f'<S N="{name}">{escaped(value)}</S>' for name, value in properties)
    after, report = whole(tmp_path, f'<Obj RefId="0"><MS>{body}</MS></Obj>', strict=strict, **parameters)
    answer = after.interactions[0].answer
    assert isinstance(answer, Reply)
    value = decode_message(answer.records[0].clixml)
    assert isinstance(value, PSObject)
    return [str(item) for item in value.ms.values()], report


def whole(tmp_path: Path, body: str, *, strict: bool = False, **parameters: object) -> tuple[Cassette, Report]:
    given = {name: dump(value) for name, value in parameters.items()}
    command = RecordedCommand("Get-Mailbox", given)
    reply = Reply(State.COMPLETED, (Record(Stream.OUTPUT, body.encode("utf-8", "surrogatepass")),))
    cassette = Cassette(
        "x", Header("2018-07-09T14:00:00+00:00", "0.1.0", {}), (Interaction("exo", (command,), "Get-Mailbox", reply),)
    )
    source, target = tmp_path / "in.cassette", tmp_path / "out.cassette"
    cassette.save(source)
    target.unlink(missing_ok=True)
    report = scrub(source, target, seed="s", strict=strict)
    return Cassette.load(target), report


PERSON = (("DisplayName", "Jane Q. Miller-O'Hara"), ("Alias", "jmiller"), ("UserPrincipalName", "jane.miller@litware.example"))


@pytest.mark.parametrize(
    "text",
    [
        "mail from Jane Miller failed",
        "MILLER, jane",
        "smtp:jmiller@LITWARE.example",
        "CN=Miller\\, Jane,OU=Staff,DC=litware,DC=example",
        "/o=Litware/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=jmiller",
        "LITWARE\\jmiller",
        "litware.onmicrosoft.com and litware.mail.onmicrosoft.com",
        "https://outlook.office365.com/owa/?u=jane.miller%40litware.example",
        "3f2504e04f8941d39a0c0305e82c3301jmiller@litware.example",
        base64.b64encode("user jmiller of litware".encode("utf-16-le")).decode(),
        base64.b64encode(b"EmailAddress\r\njane.miller@litware.example\r\n").decode(),
        b"a letter to jane.miller@litware.example".hex(),
        "line one\r\nJane\tMiller\x00\x1b[0m",
    ],
)  # fmt: skip
def test_a_person_is_replaced_inside_any_text(tmp_path: Path, text: str) -> None:
    values, _ = scrubbed(tmp_path, *PERSON, ("Whatever", text))
    made = values[-1]
    hidden = base64.b64decode(made) if re.fullmatch(r"[\w+/]{20,}=*", made) and not re.fullmatch("[0-9a-f]+", made) else b""
    seen = (made + hidden.decode("utf-16-le", "ignore") + hidden.decode("utf-8", "ignore")).lower()
    if re.fullmatch("[0-9a-f]+", made):
        seen += bytes.fromhex(made).decode().lower()
    assert not re.search("jane|miller|hara|litware", seen)


def test_one_thing_becomes_one_thing_of_its_length_and_case(tmp_path: Path) -> None:
    values, _ = scrubbed(tmp_path, *PERSON, ("Notes", "JMILLER jmiller Jmiller"), ("SamAccountName", "jmiller"))
    display, alias, upn, notes, sam = values
    assert sam == alias
    assert notes.split() == [alias.upper(), alias, alias.capitalize()]
    assert len(display) == len(PERSON[0][1])
    assert [char for char in display if not char.isalpha()] == [char for char in PERSON[0][1] if not char.isalpha()]
    assert upn.endswith("@contoso.com")
    assert upn.split("@")[0].split(".")[0].capitalize() == display.split()[0]


def test_a_guid_is_one_guid_in_each_of_its_forms(tmp_path: Path) -> None:
    forms: tuple[str, ...] = (
        str(ID),
        str(ID).upper(),
        f"{{{ID}}}",
        ID.hex,
        IMMUTABLE,
        "".join(f"\\{byte:02x}" for byte in ID.bytes_le),
    )
    values, _ = scrubbed(tmp_path, *((f"Form{place}", form) for place, form in enumerate(forms)))
    plain = uuid.UUID(values[0])
    assert plain != ID
    assert (plain.version, plain.variant) == (ID.version, ID.variant)
    assert values == [
        str(plain), str(plain).upper(), f"{{{plain}}}", plain.hex, base64.b64encode(plain.bytes_le).decode(),
        "".join(f"\\{byte:02x}" for byte in plain.bytes_le),
    ]  # fmt: skip


def test_a_parameter_is_what_the_answer_is(tmp_path: Path) -> None:
    text = {"dict": [["add", "smtp:jmiller@litware.example"]]}
    csv = {"BA": b"EmailAddress\r\njmiller@litware.example\r\n".hex()}
    body = f'<Obj RefId="0"><MS><S N="Alias">jmiller</S><G N="Guid">{ID}</G></MS></Obj>'
    after, _ = whole(tmp_path, body, Identity={"G": str(ID)}, EmailAddresses=text, CSVData=csv, ResultSize="Unlimited")
    answer = after.interactions[0].answer
    assert isinstance(answer, Reply)
    value = decode_message(answer.records[0].clixml)
    assert isinstance(value, PSObject)
    alias, guid = str(value.get("Alias")), value.get("Guid")
    given = after.interactions[0].commands[0].parameters
    assert given["Identity"] == dump({"G": str(guid)})
    assert given["EmailAddresses"] == dump({"dict": [["add", f"smtp:{alias}@contoso.com"]]})
    assert given["CSVData"] == dump({"BA": f"EmailAddress\r\n{alias}@contoso.com\r\n".encode().hex()})
    assert given["ResultSize"] == '"Unlimited"'


def test_sids_phones_and_ip_addresses_keep_their_shape(tmp_path: Path) -> None:
    values, _ = scrubbed(
        tmp_path,
        ("Sid", "S-1-5-21-3623811015-3361044348-30300820-8764"),
        ("MasterAccountSid", "S-1-5-21-3623811015-3361044348-30300820-512"),
        ("MobilePhone", "+1 (425) 882-8080"),
        ("Notes", "call 425 882 8080 or 4258828080; from 10.1.2.3 and fd12:3456::1, not 127.0.0.1"),
        ("Version", "Version 15.20 (Build 930.16)"),
    )
    sid, group, phone, notes, version = values
    assert sid.split("-")[:7] == group.split("-")[:7]
    assert group.endswith("-512")
    assert [len(part) for part in sid.split("-")] == [1, 1, 1, 2, 10, 10, 8, 4]
    digits = "".join(char for char in phone if char.isdigit())
    assert re.fullmatch(r"\+\d \(\d{3}\) \d{3}-\d{4}", phone)
    assert notes.count(digits[-7:]) + notes.replace(" ", "").count(digits[-7:]) == 3
    assert re.search(r"from (192\.0\.2|198\.51\.100|203\.0\.113)\.\d+ and 2001:db8::[0-9a-f:]+, not 127\.0\.0\.1$", notes)
    assert version == "Version 15.20 (Build 930.16)"
    assert not re.search("3623811015|882|8080|10.1.2.3|fd12", " ".join(values))


def test_what_is_the_same_everywhere_stays(tmp_path: Path) -> None:
    kept = (
        ("RecipientTypeDetails", "UserMailbox"),
        ("ProhibitSendQuota", "49.5 GB (53,150,220,288 bytes)"),
        ("WhenChanged", "2018-07-15T20:55:40Z"),
        ("FullyQualifiedErrorId", "7C372674,Microsoft.Exchange.Management.RecipientTasks.GetMailbox"),
        ("ServicePlanId", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
        ("Plan", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
        ("Name", "psb-0a1b2c3d4e5f"),
        ("Identity", "en-US"),
        ("RoleAssignmentPolicy", "Default Role Assignment Policy"),
        ("ArchiveGuid", "00000000-0000-0000-0000-000000000000"),
    )
    values, _ = scrubbed(tmp_path, *kept)
    assert values == [value for _, value in kept]


def test_what_nobody_can_judge_is_told_and_strict_replaces_it(tmp_path: Path) -> None:
    unknown = (("Alias", "jmiller"), ("CustomAttribute1", "Project Nightfall"), ("CustomAttribute2", "ok, 5"))
    values, report = scrubbed(tmp_path, *unknown)
    assert values[1] == "Project Nightfall"
    assert [str(found) for found in report.findings.values()] == [
        "CustomAttribute1 (unknown property): 1 at interaction 1, record 1",
        "CustomAttribute2 (unknown property): 1 at interaction 1, record 1",
    ]
    values, report = scrubbed(tmp_path, *unknown, strict=True)
    assert report.findings == {}
    assert not re.search("(?i)project|nightfall", values[1])
    assert len(values[1]) == len("Project Nightfall")


def test_bytes_that_are_no_text_are_told_and_keep_their_length(tmp_path: Path) -> None:
    blob = b"\x01\x02\xff" + ID.bytes_le + b"\xfe" + "jmiller".encode("utf-16-le") + b"\x00\x00\x80"
    body = (
        f'<Obj RefId="0"><MS><S N="Alias">jmiller</S><G N="Guid">{ID}</G>'
        f'<BA N="Blob">{base64.b64encode(blob).decode()}</BA><BA N="Empty">AAAAAAAA</BA></MS></Obj>'
    )
    for strict in (False, True):
        after, report = whole(tmp_path, body, strict=strict)
        answer = after.interactions[0].answer
        assert isinstance(answer, Reply)
        value = decode_message(answer.records[0].clixml)
        assert isinstance(value, PSObject)
        made = value.get("Blob")
        assert isinstance(made, bytes)
        assert len(made) == len(blob)
        assert ID.bytes_le not in made
        assert "miller".encode("utf-16-le") not in made
        assert value.get("Empty") == bytes(6)
        assert bool(report.findings) is not strict


def test_the_errors_of_a_connection_are_scrubbed_too(tmp_path: Path) -> None:
    fields = {
        "problem": "EX01.litware.example refused jmiller@litware.example",
        "endpoint": "exo",
        "may_have_run": False,
        "remedy": "",
    }
    failed = Interaction("exo", (), "", Failure("ConnectionLost", fields))
    source = tmp_path / "in"
    Cassette("x", Header("2018-07-09T14:00:00+00:00", "0.1.0", {"tenant": "litware.onmicrosoft.com"}), (failed,)).save(source)
    scrub(source, tmp_path / "out")
    assert not re.search("(?i)litware|jmiller|ex01", (tmp_path / "out").read_text(encoding="utf-8"))


def test_a_file_that_is_there_is_not_written_over_and_a_damaged_one_leaves_nothing(tmp_path: Path) -> None:
    scrubbed(tmp_path, ("Alias", "jmiller"))
    source, target = tmp_path / "in.cassette", tmp_path / "out.cassette"
    with pytest.raises(CassetteError, match="there is a cassette of this name"):
        scrub(source, target)
    source.write_text(source.read_text(encoding="utf-8").replace("jmiller", "jmullre"), encoding="utf-8")
    with pytest.raises(CassetteError, match="not what was sealed"):
        scrub(source, tmp_path / "new")
    assert not list(tmp_path.glob("new*"))


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=4, max_size=24).filter(
    # A distinguished name, a culture and a word of the trade have rules of their own.
    lambda name: (
        sum(char.isalpha() for char in name) > 3
        and "=" not in name
        and not name.startswith("/")
        and not CULTURE.fullmatch(name)
        and not {word.lower() for word in WORD.findall(name)} <= COMMON
    )
)


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, around=st.sampled_from(["{}", "x {} y", "({})", "object '{}' was not found.", "a={};b"]))
def test_any_name_is_gone_everywhere_and_the_file_can_be_read(tmp_path: Path, name: str, around: str) -> None:
    text = around.format(name)
    values, _ = scrubbed(tmp_path, ("DisplayName", name), ("Message", text), Identity=name)
    words = [word for word in re.findall(r"[^\W\d_]{3,}", name) if len(word) == len(word.casefold())]
    assert len(values[0]) == len(name)
    for word in words:
        if word.isascii() and word.lower() not in {"the", "and", "for"}:
            assert word.lower() not in re.findall(r"[^\W\d_]+", values[0].lower())
    assert around.format(values[0]) == values[1]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "Ab1+" * 30_000 + "!",
        "a@b.example " * 6_000,
        "CN=a b,OU=c " * 6_000,
        "Server=a " * 10_000,
        "1.2.3." * 12_000,
        "Jane " * 20_000,
        "a:" * 30_000,
        "(425) 555-" * 8_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_long_text_takes_no_more_than_its_length(tmp_path: Path, text: str) -> None:
    # Something that grows with the square of the length would need hours.
    values, _ = scrubbed(tmp_path, ("DisplayName", "Jane Support"), ("Notes", text), ("RecipientTypeDetails", text))
    assert len(values) == 3
