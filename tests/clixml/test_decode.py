"""What the decoder gives back, in which form, and what it says where it gives nothing."""

from __future__ import annotations

import codecs
import gc
import struct
from decimal import Decimal
from uuid import UUID

import pytest

from psbridge.clixml import decode, decode_message, decode_messages, decode_stream
from psbridge.clixml.words import Words
from psbridge.errors import ClixmlError
from psbridge.psobject import (
    Byte,
    Char,
    DateTime,
    DateTimeKind,
    Int16,
    Int64,
    Kind,
    MemberSet,
    ProgressRecord,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Value,
    Version,
    XmlDocument,
)
from tests.clixml.decoding import NAMESPACE, OPENING, an_object, document, one

SIMPLE: list[tuple[str, Value]] = [
    ("<S>text</S>", "text"),
    ("<SBK>{ text }</SBK>", "{ text }"),
    ("<C>97</C>", Char("a")),
    ("<B>true</B>", True),
    ("<SB>-127</SB>", SByte(-127)),
    ("<By>254</By>", Byte(254)),
    ("<I16>-32767</I16>", Int16(-32767)),
    ("<U16>65535</U16>", UInt16(65535)),
    ("<I32>-2147483648</I32>", -2147483648),
    ("<U32>4294967295</U32>", UInt32(4294967295)),
    ("<I64>-9223372036854775808</I64>", Int64(-9223372036854775808)),
    ("<U64>18446744073709551615</U64>", UInt64(18446744073709551615)),
    ("<Sg>12.34</Sg>", Single(struct.unpack("<f", struct.pack("<f", 12.34))[0])),
    ("<Db>12.34</Db>", 12.34),
    ("<D>1.10</D>", Decimal("1.10")),
    ("<BA>AQIDBA==</BA>", b"\1\2\3\4"),
    ("<G>792e5b37-4505-47ef-b7d2-8711bb7affa8</G>", UUID("792e5b37-4505-47ef-b7d2-8711bb7affa8")),
    ("<URI>http://www.contoso.com/</URI>", Uri("http://www.contoso.com/")),
    ("<Version>6.2.1</Version>", Version("6.2.1")),
    ("<XD>&lt;a&gt;b&lt;/a&gt;</XD>", XmlDocument("<a>b</a>")),
    ("<DT>2008-04-11T10:42:32.2731993</DT>", DateTime(633435073522731993)),
    ("<DT>2008-04-11T10:42:32.2731993Z</DT>", DateTime(633435073522731993, DateTimeKind.UTC)),
    ("<DT>2008-04-11T10:42:32.2731993-07:00</DT>", DateTime(633435073522731993, DateTimeKind.LOCAL, -420)),
    ("<TS>PT9.0269026S</TS>", TimeSpan(90269026)),
    ("<SS>61006200</SS>", SecureString("61006200")),
    ("<Nil/>", None),
]


@pytest.mark.parametrize(("text", "value"), SIMPLE)
def test_each_simple_type_has_its_own_python_type(text: str, value: Value) -> None:
    read = one(text)

    assert type(read) is type(value)
    assert read == value


@pytest.mark.parametrize(("text", "value"), [row for row in SIMPLE if row[1] is not None])
def test_each_simple_value_can_carry_notes(text: str, value: Value) -> None:
    noted = an_object(f'<Obj>{text}<MS><S N="Note">n</S></MS></Obj>')

    assert noted == PSObject.wrapping(value, ms={"Note": "n"})


def test_an_object_has_types_text_members_and_content() -> None:
    read = an_object(
        '<Obj RefId="0"><TN RefId="0"><T>Contoso.Table</T><T>Deserialized.System.Object</T></TN><ToString>table</ToString>'
        '<DCT><En><I32 N="Key">1</I32><S N="Value">one</S></En></DCT>'
        '<Props><I32 N="Count">1</I32></Props><MS><S N="Note">n</S><MS N="Set"><B N="Flag">false</B></MS></MS></Obj>'
    )

    assert read == PSObject(
        ("Deserialized.Contoso.Table", "Deserialized.System.Object"),
        to_string="table",
        kind=Kind.DICT,
        entries=[(1, "one")],
        props={"Count": 1},
        ms={"Note": "n", "Set": MemberSet({"Flag": False})},
    )


@pytest.mark.parametrize(("tag", "kind"), [("LST", Kind.LIST), ("IE", Kind.LIST), ("STK", Kind.STACK), ("QUE", Kind.QUEUE)])
def test_each_container_has_its_kind(tag: str, kind: Kind) -> None:
    assert an_object(f"<Obj><{tag}><I32>1</I32><Nil/></{tag}></Obj>") == PSObject(kind=kind, items=[1, None])


def test_a_reference_gives_the_very_same_object_also_to_itself() -> None:
    first, second = decode(document('<Obj RefId="0"><MS><Ref N="Self" RefId="0"/></MS></Obj>', '<Ref RefId="0"/>'))

    assert first is second
    assert isinstance(first, PSObject)
    assert first["Self"] is first


def test_type_lists_that_are_equal_are_one_tuple_across_documents_too() -> None:
    typed = '<Obj RefId="0"><TN RefId="0"><T>Contoso.Thing</T><T>System.Object</T></TN></Obj>'
    first = an_object(typed)
    second, third = decode(document(typed, '<Obj RefId="1"><TNRef RefId="0"/></Obj>'))

    assert isinstance(second, PSObject)
    assert isinstance(third, PSObject)
    assert first.types is second.types
    assert second.types is third.types


def test_names_of_members_are_shared_between_objects() -> None:
    first, second = decode(document(*['<Obj><MS><S N="Distinguished_x0020_Name">x</S></MS></Obj>'] * 2))

    assert isinstance(first, PSObject)
    assert isinstance(second, PSObject)
    assert next(iter(first.ms)) is next(iter(second.ms)) == "Distinguished Name"


def test_ids_of_one_message_are_unknown_to_the_next() -> None:
    decode_message(b'<Obj RefId="0"><TN RefId="0"><T>A</T></TN></Obj>')

    with pytest.raises(ClixmlError, match="no type list has the RefId '0' here"):
        decode_message(b'<Obj RefId="1"><TNRef RefId="0"/></Obj>')
    with pytest.raises(ClixmlError, match="no object has the RefId '0' here"):
        decode_message(b'<Ref RefId="0"/>')


def test_many_messages_are_read_as_each_is_on_its_own() -> None:
    bodies = [
        b"<S>a</S>",
        b'<Obj RefId="0"><TN RefId="0"><T>A</T></TN><MS><S N="Name">ann</S></MS></Obj>',
        b'<Obj RefId="0"><TN RefId="0"><T>B</T></TN><MS><S N="Name">ann</S><Ref N="Self" RefId="0"/></MS></Obj>',
        codecs.BOM_UTF8 + b"<I32><!-- c -->5</I32>",
    ]
    assert decode_messages(bodies) == [decode_message(body) for body in bodies]
    assert decode_messages([]) == []
    with pytest.raises(ClixmlError, match="no object has the RefId '0' here"):
        decode_messages([*bodies, b'<Ref RefId="0"/>'])
    assert gc.isenabled()


ENCODED = f"{OPENING}<S>Zo\u00eb \u6f22 \U0001f600</S></Objs>"


@pytest.mark.parametrize("marker", ["", "#< CLIXML\r\n", "#< CLIXML\n"])
@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_document_is_read_in_every_encoding_with_and_without_the_marker_line(mark: bytes, codec: str, marker: str) -> None:
    assert decode(mark + (marker + ENCODED).encode(codec)) == ["Zo\u00eb \u6f22 \U0001f600"]


@pytest.mark.parametrize("name", ["utf-16", "iso-8859-1", "x-none", "8859-1", "", "a b"])
def test_the_encoding_of_an_xml_declaration_means_nothing(name: str) -> None:
    assert decode(f'<?xml version="1.0" encoding="{name}"?>{ENCODED}'.encode()) == ["Zo\u00eb \u6f22 \U0001f600"]


def test_bytes_that_are_no_utf_8_become_replacement_characters() -> None:
    data = document("<S>Zo", "\u00eb</S>", '<Obj><MS><S N="\u00eb">x</S></MS></Obj>').replace("\u00eb".encode(), b"\xeb")
    text, noted = decode(data)

    assert text == "Zo\ufffd"
    assert noted == PSObject(ms={"\ufffd": "x"})


@pytest.mark.parametrize(
    "written",
    [
        '<Obj RefId="1"><TN RefId="0"><T>A&amp;B</T></TN><MS><S N="a b">x&lt;y</S></MS></Obj>',
        "<Obj RefId='1'><TN RefId='0'><T>A&#38;B</T></TN><MS><S N='a b'>x&#x3C;y</S></MS></Obj>",
        '<Obj RefId="1"><TN RefId="0"><T><![CDATA[A&B]]></T></TN><MS><S N="a b">x<!-- c -->&lt;<?p d?>y</S></MS></Obj>',
        '<Obj\tRefId = "1" ><TN RefId="0">\r\n<T>A&amp;B</T></TN ><MS>\n<S\nN="a\nb" X="1">x&lt;y</S >\n</MS></Obj\n>',
        (
            f'<p:Obj RefId="1" xmlns:p="{NAMESPACE}"><p:TN RefId="0"><p:T>A&amp;B</p:T></p:TN>'
            '<p:MS><p:S N="a b">x&lt;y</p:S></p:MS></p:Obj>'
        ),
    ],
)
def test_xml_that_says_the_same_in_other_ways_gives_the_same(written: str) -> None:
    assert one(written) == PSObject(("Deserialized.A&B",), ms={"a b": "x<y"})


@pytest.mark.parametrize("reference", ["&#0;", "&#x1;", "&#xFFFF;", "&#xD800;", "&#xDFFF;"])
@pytest.mark.parametrize("comment", ["", "<!-- c -->"])
def test_references_to_characters_that_xml_forbids_are_taken_as_powershell_takes_them(reference: str, comment: str) -> None:
    code = int(reference[2:-1].lstrip("x"), 16)

    assert one(f"<S>{comment}a{reference}b</S>") == f"a{chr(code)}b"
    assert one(f"<S>{comment}<![CDATA[{reference}]]></S>") == reference


def test_private_characters_of_a_document_are_not_taken_for_references() -> None:
    assert one("<S><!-- c -->\U0010f000&#0;\U0010f000</S>") == "\U0010f000\0\U0010f000"


def test_a_document_that_uses_private_characters_of_every_kind_may_hold_no_forbidden_references() -> None:
    private = "".join(chr(code) for code in range(0xF0000, 0x110000, 0x1000))

    assert one(f"<S><!-- c -->{private}</S>") == private
    with pytest.raises(ClixmlError, match="the document uses private characters of every kind"):
        one(f"<S><!-- c -->{private}&#0;</S>")


@pytest.mark.parametrize("space", ["default", "preserve", " preserve "])
def test_xml_space_is_one_of_two_words(space: str) -> None:
    assert one(f'<S xml:space="{space}"> a </S>') == " a "
    with pytest.raises(ClixmlError, match="xml:space is neither default nor preserve"):
        one(f'<S xml:space="no {space}"> a </S>')


def test_two_halves_of_a_surrogate_pair_become_one_character_and_one_half_stays_alone() -> None:
    assert one("<S>_xD83D__xDE00_</S>") == "\U0001f600"
    assert one("<S>&#xD83D;_xDE00_</S>") == "\U0001f600"
    assert one("<S>_xDE00__xD83D_</S>") == "\ude00\ud83d"


def test_a_redirected_stream_gives_each_value_with_its_stream() -> None:
    written = (
        f'#< CLIXML\r\n{OPENING}<Obj S="progress" RefId="0"><MS><PR N="Record"><AV>Preparing</AV><AI>0</AI><Nil /><PI>-1</PI>'
        '<PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj><S S="Error">no_x000D__x000A_</S><I32>5</I32></Objs>'
    ).encode()
    record = ProgressRecord("Preparing", 0, " ", None, -1, -1, "Completed", -1)

    assert decode_stream(written) == [("progress", PSObject(ms={"Record": record})), ("Error", "no\r\n"), (None, 5)]


@pytest.mark.parametrize("between", ["", "\r\n", "\n\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_several_redirected_documents_are_read_one_after_the_other(between: str, codec: str) -> None:
    part = f'#< CLIXML\r\n{OPENING}<Obj RefId="0"/><S S="Error">\u00eb</S></Objs>{between}'

    assert decode_stream((part * 3).encode(codec)) == [(None, PSObject()), ("Error", "\u00eb")] * 3


def test_a_redirected_stream_may_lack_the_marker_line() -> None:
    assert decode_stream(document('<S S="Error">x</S>')) == [("Error", "x")]


OF_TODAY = "the time has no date or no year; PowerShell would put in today's, so its meaning changes by the day"
NO_BOOLEAN = "the text is no System.Boolean: true, false, 1 or 0"
NO_INT32 = "the text is no System.Int32, a whole number from -2147483648 to 2147483647"
TOO_DEEP = "the value is nested too deeply: PowerShell reads 49 levels"
REFUSED = [
    (document("<I32>five</I32>"), 80, "Objs/I32", NO_INT32),
    (document('<Obj><MS><B N="a">True</B></MS></Obj>'), 89, "Objs/Obj/MS/B[a]", NO_BOOLEAN),
    (document("<S>a</S>", '<Ref RefId="7"/>'), 88, "Objs/Ref", "no object has the RefId '7' here"),
    (document("<Obj><LST><Obj><Foo/></Obj></LST></Obj>"), 95, "Objs/Obj/LST/Obj/Foo", "Foo is not known in an object"),
    (document("<S>\u00eb</S>", "<S>a<b/></S>"), 93, "Objs/S/b", "</S> is due, or text stands behind it"),
    (document("<DT>10:42:32</DT>"), 80, "Objs/DT", OF_TODAY),
    (document("<Obj>" * 50 + "</Obj>" * 50), 325, "Objs" + "/Obj" * 50, TOO_DEEP),
    (document('<S S="a&b">x</S>'), 89, "Objs/S", "not well-formed XML: not well-formed (invalid token)"),
    (b"<!DOCTYPE Objs>" + document(), 14, "", "the document has a DTD, which is not allowed"),
    (document("<S>&nbsp;</S>"), 83, "Objs/S", "not well-formed XML: undefined entity"),
    (document("<S>\x01</S>"), 83, "Objs/S", "the character U+0001 is not allowed here"),
    (document()[:-1], 80, "", "not well-formed XML: unclosed token"),
    (b"", 0, "", "not well-formed XML: no element found"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "offset", "path", "reason"), REFUSED)
def test_a_refusal_says_what_is_wrong_and_where(data: bytes, offset: int, path: str, reason: str) -> None:
    with pytest.raises(ClixmlError) as refused:
        decode(data)

    error = refused.value
    assert (error.reason, error.offset, error.path) == (reason, offset, path)
    assert str(error) == f"CLIXML cannot be read at byte {offset}{f' in {path}' if path else ''}: {reason}"


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (codecs.BOM_UTF8 + document("<S>\u00eb</S>", "<I32>x</I32>"), 92),
        (b"#< CLIXML\r\n" + document("<I32>x</I32>"), 91),
        (codecs.BOM_UTF16_LE + document("<S>\U0001f600</S>", "<I32>x</I32>").decode().encode("utf-16-le"), 180),
        (codecs.BOM_UTF32_BE + document("<S>\U0001f600</S>", "<I32>x</I32>").decode().encode("utf-32-be"), 356),
        (document("<S>\u00eb</S>", "<I32>x</I32>").replace("\u00eb".encode(), b"\xeb\xff"), 89),
        (document("<!-- \u00eb --><S>&#0;&#xD800;\u00eb</S>", "<I32>x</I32>"), 112),
    ],
    ids=["mark", "marker line", "utf-16", "utf-32", "bad bytes", "rewritten"],
)
def test_the_place_of_a_refusal_is_counted_in_the_bytes_that_were_given(data: bytes, offset: int) -> None:
    with pytest.raises(ClixmlError, match="is no System") as refused:
        decode(data)

    assert refused.value.offset == offset


def test_the_place_in_a_later_document_of_a_stream_is_counted_from_the_beginning() -> None:
    good, bad = b"#< CLIXML\r\n" + document("<S>\xc3\xab</S>"), b"#< CLIXML\r\n" + document("<I32>x</I32>")

    with pytest.raises(ClixmlError, match="is no System") as refused:
        decode_stream(good + bad)

    assert refused.value.offset == len(good) + 91


@pytest.mark.parametrize("length", range(0, 170, 3))
def test_a_message_that_is_cut_off_anywhere_is_refused(length: int) -> None:
    whole = (
        b'<Obj RefId="0"><TN RefId="0"><T>A</T></TN><ToString>a</ToString><LST><I32>1</I32></LST><Props><S N="p">1</S></Props>'
        b'<MS><Obj N="m" RefId="1"><DCT><En><S N="Key">k</S><Nil N="Value" /></En></DCT></Obj></MS></Obj>'
    )
    assert isinstance(decode_message(whole), PSObject)

    with pytest.raises(ClixmlError):
        decode_message(whole[:length])


@pytest.mark.parametrize(
    "body",
    [
        b" <S>a</S>",
        b"\n<S>a</S>",
        b"<!-- c --> <S>a</S>",
        b'<?xml version="1.0"?><S>a</S>',
        b"<S>a</S><S>b</S>",
        b"<S>a</S>b",
        document("<S>a</S>"),
        f'<S xmlns="{NAMESPACE}">a</S>'.encode(),
        f'<p:Obj xmlns:p="{NAMESPACE}"/>'.encode(),
        codecs.BOM_UTF8 * 2 + b"<S>a</S>",
        b"#< CLIXML\n<S>a</S>",
    ],
)
def test_what_is_no_message_is_refused_as_powershell_refuses_it(body: bytes) -> None:
    with pytest.raises(ClixmlError):
        decode_message(body)


@pytest.mark.parametrize("body", [b"<S>a</S>", codecs.BOM_UTF8 + b"<S>a</S>", b"<!-- c --><S>a</S>\r\n", b"<S>a</S><?p?>"])
def test_a_message_may_have_a_mark_in_front_and_comments_around(body: bytes) -> None:
    assert decode_message(body) == "a"


def test_references_in_attributes_that_nobody_asks_for_are_no_fault() -> None:
    for comment in ("", "<!-- c -->"):
        assert one(f'{comment}<S S="a &amp; b" RefId="&#10;">x</S>') == "x"


def test_what_is_wrong_in_front_of_a_comment_may_be_right_behind_it() -> None:
    assert one("<I32><!-- c -->5</I32>") == 5
    with pytest.raises(ClixmlError, match="the text is no System"):
        one("<I32>x<!-- c --></I32>")


def test_the_garbage_collector_is_left_as_it_was() -> None:
    large = document("<S>x</S>" * 20_000)
    frozen = gc.get_freeze_count()

    decode(large)
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen
    with pytest.raises(ClixmlError):
        decode(large[:-3])
    assert gc.isenabled()
    gc.disable()
    try:
        decode(large)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_words_that_all_messages_share_hold_no_text_of_strings() -> None:
    words = Words(texts=False, wire=True)
    for word in (
        b'S N="Password">hunter2\0/S>',
        b"ToString>hunter2\0/ToString>",
        b'SS N="Secret">aAB1AG4AdABlAHIAMgA=\0/SS>',
        b'BA N="Blob">aHVudGVyMg==\0/BA>',
    ):
        assert [words[word] for _ in range(3)]

    assert not words
    for _ in range(3):
        assert words[b'B N="IsValid">true\0/B>'] == (0, "IsValid", True, ())
        assert words[b'S N="Office">\0/S>\0/Props>'] == (0, "Office", "", ("Props", ()))
    assert len(words) == 2


def test_a_table_of_words_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psbridge.clixml.words._MOST", 10)
    words = Words(texts=True, wire=False)

    for number in range(100):
        for _ in range(2):
            assert words[f'S N="n{number}">{number}\0/S>'.encode()] == (0, f"n{number}", str(number), ())
        assert 0 < len(words) <= 10


def test_a_word_that_is_met_once_is_not_kept() -> None:
    words = Words(texts=True, wire=False)

    for number in range(100):
        assert words[f'S N="n{number}">{number}\0/S>'.encode()]
    assert not words


def test_a_secure_string_of_a_file_may_be_protected_by_windows() -> None:
    blob = "01000000d08c9ddf0115d1118c7a00c04fc297eb01000000aabbcc"

    assert one(f"<SS>{blob}</SS>") == SecureString(blob)
    with pytest.raises(ClixmlError, match="is no protected System"):
        one("<SS>aabbcc</SS>")


@pytest.mark.parametrize(
    ("first", "second", "entries"),
    [
        ('<S N="Key">a</S>', '<S N="Key">a</S>', ["a", "a"]),
        ('<S N="Key">a</S>', '<S N="Key">A</S>', ["a", "A"]),
        ('<I32 N="Key">1</I32>', '<I64 N="Key">1</I64>', [1, Int64(1)]),
        ('<I32 N="Key">1</I32>', '<B N="Key">true</B>', [1, True]),
        ('<D N="Key">1.0</D>', '<D N="Key">1.00</D>', [Decimal("1.0"), Decimal("1.00")]),
    ],
)
def test_no_entry_of_a_dictionary_is_lost_however_alike_the_keys(first: str, second: str, entries: list[Value]) -> None:
    read = an_object(f'<Obj><DCT><En>{first}<Nil N="Value"/></En><En>{second}<Nil N="Value"/></En></DCT></Obj>')

    assert read.entries is not None
    assert [(type(key), str(key)) for key, _ in read.entries] == [(type(key), str(key)) for key in entries]


@pytest.mark.parametrize(
    "keys",
    ['<Obj N="Key" RefId="0"/>|<Ref N="Key" RefId="0"/>', '<S N="Key"></S>|<S N="Key"/>'],
    ids=["one object", "the empty string, of which .NET has one"],
)
def test_the_very_same_object_is_no_key_twice(keys: str) -> None:
    entries = "".join(f'<En>{key}<Nil N="Value"/></En>' for key in keys.split("|"))

    with pytest.raises(ClixmlError, match="the same object is the key of two entries"):
        one(f"<Obj><DCT>{entries}</DCT></Obj>")


def test_of_names_that_differ_in_case_the_last_spelling_stands_at_the_first_ones_place() -> None:
    read = an_object('<Obj><MS><I32 N="name">1</I32><I32 N="z">2</I32><I32 N="NAME">3</I32><I32 N="name">4</I32></MS></Obj>')

    assert list(read.ms.items()) == [("name", 4), ("z", 2)]


def test_an_object_around_an_object_shares_its_notes_as_in_powershell() -> None:
    read = an_object(
        '<Obj><TN><T>Outer</T></TN><Obj><TN><T>Inner</T></TN><ToString>in</ToString><Props><I32 N="p">1</I32></Props>'
        '<MS><I32 N="a">1</I32></MS></Obj><MS><I32 N="b">2</I32></MS></Obj>'
    )
    inner = read.base

    assert isinstance(inner, PSObject)
    assert (read.types, inner.types) == (("Deserialized.Outer",), ("Deserialized.Inner",))
    assert read.to_string == "in"
    assert read.props == {"p": 1}
    assert read.ms == inner.ms == {"a": 1, "b": 2}


def test_unknown_elements_are_skipped_where_the_version_is_later_than_ours() -> None:
    written = "<Obj><Foo><Bar>x</Bar>y</Foo><I32>5</I32></Obj>"

    assert decode(document(written, version="1.2")) == [PSObject.wrapping(5)]
    with pytest.raises(ClixmlError, match="Foo is not known in an object"):
        decode(document(written))
