"""A size in, documents of that size out that ask for more work than their size: each a shape that has broken some reader.

A shape is a piece between a front and a back, as often as the size allows; `#` in the piece becomes a number that grows.
"""

from __future__ import annotations

from itertools import count
from typing import Final, NamedTuple

OPENING: Final = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
CLOSING: Final = "</Objs>"
_NEWER: Final = OPENING.replace("1.1.0.1", "1.5")  # a version whose readers skip what they do not know
_NOTES: Final = "<Obj><MS>" + "".join(f'<S N="n{number}"/>' for number in range(2_000)) + "</MS>"


class Shape(NamedTuple):
    """A front, a piece again and again, a back."""

    name: str
    front: str
    piece: str
    back: str

    def document(self, size: int) -> bytes:
        """The document of about this many bytes."""
        left = size - len(self.front) - len(self.back)
        pieces: list[bytes] = []
        for number in count():
            piece = self.piece.replace("#", str(number)).encode("utf-8", "surrogateescape")
            left -= len(piece)
            if left < 0 and pieces:
                break
            pieces.append(piece)
            if piece == self.piece.encode("utf-8", "surrogateescape"):
                pieces.append(piece * (left // len(piece)))
                break
        return b"".join([self.front.encode(), *pieces, self.back.encode()])


def _inside(name: str, front: str, piece: str, back: str) -> Shape:
    return Shape(name, OPENING + front, piece, back + CLOSING)


def _entities(marks: tuple[str, str, str], last: str) -> str:
    """Thirty entities, each ten times the one before: 10^30 characters."""
    less, more, amp = marks
    text = "".join(f'{less}!ENTITY e{n} "{f"{amp}e{n - 1};" * 10 if n else "x" * 10}"{more}' for n in range(30))
    return f"{less}!DOCTYPE {last} [{text}]{more}"


SHAPES: Final = (
    # many small things
    _inside("strings", "", "<S>x</S>", ""),
    _inside("nulls", "", "<Nil/>", ""),
    _inside("objects", "", "<Obj/>", ""),
    _inside("objects with ids", "", '<Obj RefId="#"/>', ""),
    _inside("objects of new types", "", '<Obj RefId="#"><TN RefId="#"><T>a#</T></TN><Props><S N="a#">x</S></Props></Obj>', ""),
    _inside("references", '<Obj RefId="0"/>', '<Ref RefId="0"/>', ""),
    _inside("properties", "<Obj><Props>", '<S N="a#">x</S>', "</Props></Obj>"),
    _inside("one property again and again", "<Obj><Props>", '<S N="a">x</S>', "</Props></Obj>"),
    _inside("notes in two cases", "<Obj><MS>", '<S N="a#">x</S><S N="A#">x</S>', "</MS></Obj>"),
    _inside("sets of notes", "<Obj>", '<MS><S N="a#">x</S></MS>', "</Obj>"),
    _inside("named sets", "<Obj><MS>", '<MS N="a#"><S N="b">x</S></MS>', "</MS></Obj>"),
    _inside("texts of an object with many notes", _NOTES, "<ToString>x</ToString>", "</Obj>"),
    _inside("properties of an object with many notes", _NOTES, "<Props/>", "</Obj>"),
    _inside("notes of an object with many notes", _NOTES, '<MS><S N="z"/></MS>', "</Obj>"),
    _inside("bases of an object with many notes", _NOTES, "<Obj/>", "</Obj>"),
    _inside("bases with notes", "<Obj>", '<Obj><MS><S N="a"/></MS></Obj>', "</Obj>"),
    _inside("lists of one object", "<Obj>", "<LST/>", "</Obj>"),
    _inside("type lists of one object", "<Obj>", '<TN RefId="#"><T>a#</T></TN>', "</Obj>"),
    _inside("names of one type list", "<Obj><TN>", "<T>a#</T>", "</TN></Obj>"),
    _inside("entries", "<Obj><DCT>", '<En><I32 N="Key">#</I32><Nil N="Value"/></En>', "</DCT></Obj>"),
    _inside("progress", "", "<PR><AV>#</AV><AI>0</AI><Nil/><PI>-1</PI><PC>5</PC><T>Processing</T><SR>-1</SR><SD>s</SD></PR>", ""),
    _inside("moments", "", "<DT>2020-01-02T03:04:05.1234567-07:00</DT>", ""),
    Shape("unknown elements", _NEWER + "<Obj>", "<a><b/></a>", "</Obj>" + CLOSING),
    # nesting
    _inside("objects in objects", "", "<Obj>", ""),
    _inside("lists in lists", "", "<Obj><LST>", ""),
    _inside("strings in strings", "", "<S>", ""),
    _inside("sets in sets", "<Obj><MS>", '<MS N="a">', ""),
    Shape("unknown in unknown", _NEWER + "<Obj>", "<Foo>", ""),
    _inside("namespaces in namespaces", "", '<a:Obj xmlns:a="u#">', ""),
    _inside("ends", "", "</S>", ""),
    # what an XML parser looks for in vain
    _inside("comments", "", "<!---->", ""),
    Shape("open comments", OPENING, "<!--", ""),
    Shape("open instructions", OPENING, "<?x ", ""),
    Shape("open sections", OPENING + "<S>", "<![CDATA[", ""),
    Shape("open attributes", OPENING, '<S N="', ""),
    Shape("open references", OPENING + "<S>", "&a", "</S>" + CLOSING),
    _inside("less-than signs", "", "<", ""),
    _inside("greater-than signs", "<S>", ">", "</S>"),
    _inside("ampersands", "<S>", "&", "</S>"),
    _inside("brackets", "<S>", "]", "</S>"),
    _inside("sections", "<S>", "<![CDATA[x]]>", "</S>"),
    _inside("sections in many strings", "", "<S><![CDATA[x]]></S>", ""),
    _inside("instructions", "", "<?x?>", ""),
    _inside("attributes", "<S", ' a#="x"', "/>"),
    _inside("one attribute again and again", "<S", ' a="x"', "/>"),
    _inside("attributes without values", "<S", " a=", "/>"),
    _inside("namespaces", "<S", ' xmlns:a#="x"', "/>"),
    _inside("blanks in a start tag", "<S", " ", "/>"),
    _inside("blanks in an end tag", "<S></S", " ", ">"),
    _inside("blanks around an equals sign", "<S N", " ", '="a"/>'),
    _inside("a long tag", "<", "a", "/>"),
    _inside("a long name", '<Obj><MS><S N="', "a", '"/></MS></Obj>'),
    _inside("a long id", '<Obj RefId="', "1", '"/>'),
    # characters
    _inside("references to characters", "<S>", "&#0;", "</S>"),
    _inside("references to halves", "<S>", "&#xD83D;", "</S>"),
    _inside("references in an attribute", '<S N="', "&#0;", '"/>'),
    _inside("a long reference", "<S>&#", "0", "1;</S>"),
    _inside("escapes", "<S>", "_x000A_", "</S>"),
    _inside("halves of escapes", "<S>", "_x", "</S>"),
    _inside("escaped halves", "<S>", "_xD83D_", "</S>"),
    _inside("long escapes", "<S>", "_x0001F600", "</S>"),
    _inside("line ends", "<S>", "\r\n", "</S>"),
    _inside("bad bytes", "<S>", "\udcff", "</S>"),
    Shape("NUL characters", "", "\0", ""),
    Shape("blanks", "", " ", ""),
    Shape("marker lines", "", "#< CLIXML\n", OPENING + CLOSING),
    # values
    _inside("digits of an Int32", "<I32>", "9", "</I32>"),
    _inside("zeros of an Int64", "<I64>", "0", "1</I64>"),
    _inside("blanks in front of a number", "<I32>", " ", "x</I32>"),
    _inside("digits of a Double", "<Db>0.", "9", "</Db>"),
    _inside("digits of a Single", "<Sg>", "9", "</Sg>"),
    _inside("digits of a Decimal", "<D>0.", "9", "</D>"),
    _inside("digits of a second", "<DT>2020-01-02T03:04:05.", "9", "</DT>"),
    _inside("digits of a year", "<DT>", "9", "-01-02T03:04:05</DT>"),
    _inside("digits of a duration", "<TS>PT0.", "9", "S</TS>"),
    _inside("zeros of a day", "<TS>P", "0", "1D</TS>"),
    _inside("parts of a version", "<Version>", "1.", "1</Version>"),
    _inside("bytes", "<BA>", "AAAA", "</BA>"),
    _inside("bytes with blanks", "<BA>", "A ", "</BA>"),
    _inside("padding", "<BA>", "=", "</BA>"),
    _inside("digits of a Guid", "<G>{0x", "0", "}</G>"),
    _inside("a host", "<URI>http://", "a.", "</URI>"),
    _inside("colons of a Uri", "<URI>", ":", "</URI>"),
    _inside("percent signs of a Uri", "<URI>http://a/", "%41", "</URI>"),
    _inside("users of a Uri", "<URI>http://", "@", "/</URI>"),
    _inside("groups of an address", "<URI>http://[", "0:", "]/</URI>"),
    _inside("backslashes of a Uri", "<URI>", "\\", "</URI>"),
    _inside("elements of a document", "<XD>&lt;b&gt;", "&lt;a/&gt;", "&lt;/b&gt;</XD>"),
    _inside("levels of a document", "<XD>", "&lt;a&gt;", "</XD>"),
    # entities
    Shape("entities of a document", _entities(("<", ">", "&"), "Objs") + OPENING, "<S>&e29;</S>", CLOSING),
    _inside("entities of a value", "<XD>" + _entities(("&lt;", "&gt;", "&amp;"), "a"), "&lt;a&gt;&amp;e29;&lt;/a&gt;", "</XD>"),
    _inside(
        "a long entity",
        '<XD>&lt;!DOCTYPE a [&lt;!ENTITY e "' + "x" * 20_000 + '"&gt;]&gt;&lt;a&gt;',
        "&amp;e;",
        "&lt;/a&gt;</XD>",
    ),
    # a fault at the very end
    _inside("a bad value at the end", "", "<I32>1</I32>", "<I32>x</I32>"),
    Shape("a bad tag at the end", OPENING, "<I32>1</I32>", "<"),
    _inside("a forbidden character at the end", "", "<I32>1</I32>", "<S>&#0;</S>"),
    _inside("names alike at the end", "", "<I32>1</I32>", '<Obj><MS><S N="a"/><S N="A"/></MS></Obj>'),
    Shape("nothing at the end", OPENING, "<I32>1</I32>", ""),
)
