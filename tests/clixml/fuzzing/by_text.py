"""A document in; the same with other texts, ids, names and attributes out: values at their edges, games with attributes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.clixml.fuzzing.by_bytes import PIECES
from tests.clixml.fuzzing.elements import attributes, elements, leaves, tags

_WHOLE: Final = (
    b"0", b"-0", b"+0", b"00", b"-1", b"+1", b"127", b"128", b"-128", b"-129", b"255", b"256", b"32767", b"32768", b"-32768",
    b"-32769", b"65535", b"65536", b"2147483647", b"2147483648", b"-2147483648", b"-2147483649", b"4294967295", b"4294967296",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809", b"18446744073709551615",
    b"18446744073709551616", b"0x10", b"1e3", b"1.0", b"1,000", b"1_000", b" 1 ", b"1 1", b"\xd9\xa1", b"\xef\xbc\x91",
    b"9" * 40, b"0" * 40 + b"1", b"--1", b"+-1", b"- 1", b"1-", b"(1)", b"\x31\xc2\xa0",
)  # fmt: skip
_REAL: Final = (
    b"INF", b"-INF", b"+INF", b"inf", b"NaN", b"nan", b"-NaN", b"NAN", b"Infinity", b"-Infinity", b"infinity", b"1e400",
    b"-1e400", b"1e-400", b"5e-324", b"2.5e-324", b"1.7976931348623157e308", b"1.7976931348623159e308", b"3.4028235e38",
    b"3.4028236e38", b"1e39", b"1.401298464324817e-45", b"7e-46", b".5", b"5.", b".", b"-.5", b"1e", b"1e+", b"1E+5", b"1d5",
    b"0.1", b"16777217", b"1e-5", b"-0.0", b"1.50", b"1,5", b"0x1p3", b"1e0000000005", b"1_0.5", b"\xe2\x88\x9e",
)  # fmt: skip
_DECIMAL: Final = (
    b"79228162514264337593543950335", b"79228162514264337593543950336", b"-79228162514264337593543950335", b"1.10", b"-0.0",
    b"0.00", b"0.0000000000000000000000000001", b"0.00000000000000000000000000005", b"0.00000000000000000000000000015", b"1.",
    b".1", b"7.9228162514264337593543950335", b"79228162514264337593543950335.5", b"79228162514264337593543950335.4", b"1" * 29,
    b"1" * 30, b"0." + b"1" * 40, b"0." + b"0" * 40, b"1.00000000000000000000000000000", b"+1.5",
)  # fmt: skip
_MOMENT: Final = (
    b"2020-02-29T00:00:00", b"2021-02-29T00:00:00", b"0001-01-01T00:00:00", b"0000-01-01T00:00:00",
    b"9999-12-31T23:59:59.9999999", b"9999-12-31T23:59:59.99999999", b"10000-01-01T00:00:00", b"2020-01-02T24:00:00",
    b"2020-01-02T23:60:00", b"2020-01-02T23:59:60", b"2020-01-02T03:04:05Z", b"2020-01-02T03:04:05z",
    b"2020-01-02T03:04:05+00:00", b"2020-01-02T03:04:05-14:00", b"2020-01-02T03:04:05+14:01", b"2020-01-02T03:04:05+1:00",
    b"2020-01-02T03:04:05.1", b"2020-01-02T03:04:05.99999999", b"2020-01-02T03:04:05.123456785", b"2020-01-02T03:04:05.",
    b"2020-01-02 03:04:05", b"2020-01-02t03:04:05", b"2020-01-02Z", b"2020-01-02+01:00", b"-2020-01-02T03:04:05",
    b"2020-1-2T03:04:05", b"2020-13-01T00:00:00", b"0001-01-01T00:00:00+01:00", b"9999-12-31T23:59:59-01:00",
    b"20-01-02T03:04:05", b"2020-01-02T03:04", b"2020-W01-1", b"2020-001", b" 2020-01-02T03:04:05 ", b"2020-01-02T03:04:05 Z",
    b"1/2/2020", b"2020-01-02T03:04:05,5", b"2020-01-02T03:04:05.5.5", b"2020-01-02T03:04:05-00:00",
)  # fmt: skip
_DURATION: Final = (
    b"P1D", b"PT0S", b"P", b"PT", b"P1DT", b"-P1D", b"P-1D", b"+P1D", b"P1Y", b"P1M", b"P1W", b"P1Y2M3DT4H5M6.7S", b"PT1.5S",
    b"PT1.S", b"PT.5S", b"PT1,5S", b"PT0.00000001S", b"PT0.99999999S", b"P10675199DT2H48M5.4775807S",
    b"P10675199DT2H48M5.4775808S", b"-P10675199DT2H48M5.4775808S", b"-P10675199DT2H48M5.4775809S", b"P2147483647D",
    b"P2147483648D", b"PT2147483648S", b"PT5M4H", b"p1d", b"P1D1H", b"PT1D", b"PT1H1H", b"PT1.5H", b"00:05:00", b" P1D ",
    b"P1.5D", b"P10675200D", b"PT1S ",
)  # fmt: skip
_SHAPED: Final = (
    b"792e5b37-4505-47ef-b7d2-8711bb7affa8", b"{792e5b37-4505-47ef-b7d2-8711bb7affa8}",
    b"(792E5B37-4505-47EF-B7D2-8711BB7AFFA8)", b"792e5b37450547efb7d28711bb7affa8", b"{792e5b37450547efb7d28711bb7affa8}",
    b"792e5b37-4505-47ef-b7d28711bb7affa8", b"{0x792e5b37,0x4505,0x47ef,{0xb7,0xd2,0x87,0x11,0xbb,0x7a,0xff,0xa8}}",
    b"{0x1,0x2,0x3,{0,0,0,0,0,0,0,0}}", b"+92e5b37-4505-47ef-b7d2-8711bb7affa8", b"0x2e5b37-4505-47ef-b7d2-8711bb7affa8",
    b"1.2", b"1", b"1.2.3.4", b"1.2.3.4.5", b"1.-2", b"1.+2", b"01.002", b" 1 . 2 ", b"1.2147483648", b"1..2", b"AQIDBA==",
    b"AQIDBA=", b"AQIDBA", b"AQ ID\nBA = =", b"AQIDBA==AQ", b"A", b"=", b"AQ==", b"AR==", b"AQID-_",
    b"http://www.contoso.com/a%20b", b"http://", b"x:y", b"x://y:z", b"//contoso.com/x", b"C:\\x", b"c:/x", b"file:///x",
    b"http://[::1]/", b"http://a b/", b"mailto:a@contoso.com", b"http://contoso.com:99999/", b"%", b"%zz",
    b"http://\xc3\xa9.contoso.com/", b"\\\\a\\b", b"urn:x", b"1:2", b"http:/x", b"http:x", b"?", b"#", b"http://contoso.com\\x",
    b"&lt;a/&gt;", b"&lt;a&gt;&lt;/a&gt;", b"&lt;a&gt;", b"&lt;!-- x --&gt;",
    b"&lt;!DOCTYPE a [&lt;!ENTITY b 'c'&gt;]&gt;&lt;a&gt;&amp;b;&lt;/a&gt;", b"&lt;?xml version='1.0'?&gt;&lt;a/&gt;",
    b"&lt;a/&gt;&lt;b/&gt;", b" &lt;a/&gt;", b"&lt;a xmlns:p='u' p:q='1'/&gt;", b"&lt;p:a/&gt;", b"&lt;a&gt;&amp;#0;&lt;/a&gt;",
    b"true", b"false", b"True", b"TRUE", b"yes", b" true ", b"1.1.0.1", b"1.2.0.0", b"1.5", b"2.0", b"1.0.0.1", b" 1.1 ",
    b"1.9.9.9", b"x", b"97", b"65536", b"-1", b"\xc3\xa9", b"a",
)  # fmt: skip
EDGES: Final = (b"", b" ", b"\n", *_WHOLE, *_REAL, *_DECIMAL, *_MOMENT, *_DURATION, *_SHAPED)
_IDS: Final = (
    b"0",
    b"1",
    b"2",
    b"3",
    b"00",
    b" 0",
    b"0 ",
    b"",
    b"a",
    b"A",
    b"RefId-0",
    b"9",
    b"-1",
    b"_x0030_",
    b"&#48;",
    b"\xc3\xa9",
    b"\t1",
    b"1" * 300,
)
_NAMES: Final = (
    b"a", b"A", b"", b" ", b"Key", b"Value", b"key", b"VALUE", b"ToString", b"tostring", b"GetType", b"\xc3\xa9", b"\xc3\x89",
    b"a_x0020_b", b"a&#32;b", b"_x0041_", b"&#xA;", b"x\ny", b"\xc4\xb1", b"I", b"i", b"\xc4\xb0", b"\xc7\x85", b"\xc7\x86",
    b"\xc3\x9f", b"SS", b"\xe2\x84\xaa", b"k", b"&lt;", b"a&#0;",
)  # fmt: skip
_ATTRIBUTES: Final = (
    b' N="a"', b" N='a'", b' N=""', b" N = 'a' ", b' n="a"', b' RefId="0"', b' refid="0"', b' RefId=""', b' S="Error"',
    b' x="y"', b' p:N="a"', b' xmlns="http://schemas.microsoft.com/powershell/2004/04"', b' xmlns=""', b' xmlns="x"',
    b' xmlns:p="x"', b' xmlns:p=""', b' xml:lang="en"', b' xml:space="preserve"', b' Version="1.1.0.1"', b' Version="2.0"',
    b" N=a", b" N", b' N="<"', b' N="&"', b' N="&amp;"', b"\nN='a'", b' N="a"RefId="0"',
    b' xmlns:xml="http://www.w3.org/XML/1998/namespace"', b' xmlns:p="http://schemas.microsoft.com/powershell/2004/04"',
    b' -x="1"', b' xml:x="1"', b' xmlns:xmlns="x"', b' xmlns:p="http://www.w3.org/2000/xmlns/"', b' a:b:c="1"', b' S=""',
)  # fmt: skip
_VERSIONS: Final = (
    b"1.1.0.1",
    b"1.0",
    b"1.1",
    b"1.2.0.0",
    b"1.2",
    b"1.9",
    b"2.0",
    b"0.1",
    b"1",
    b"x",
    b"",
    b" 1.1 ",
    b"1.1.0.1.1",
    b"1.-1",
    b"1.2147483648",
)


def retype(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Give a simple value a text at some type's edge."""
    found = leaves(data)
    if not found:
        return data
    leaf = random.choice(found)
    return data[: leaf.opened] + random.choice(EDGES) + data[leaf.closed :]


def annotate(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a piece into a text, at its beginning, its end or inside."""
    found = leaves(data)
    if not found:
        return data
    leaf = random.choice(found)
    at = random.choice((leaf.opened, leaf.closed, random.randint(leaf.opened, leaf.closed)))
    return data[:at] + random.choice(PIECES) + data[at:]


def reidentify(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change an id: to another one of the document, or to an odd one."""
    return _revalue(random, data, b"RefId", _IDS)


def rename_member(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change an N."""
    return _revalue(random, data, b"N", _NAMES)


def reversion(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change the document's version."""
    return _revalue(random, data, b"Version", _VERSIONS)


def drop_attribute(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Take an attribute out."""
    found = attributes(data)
    if not found:
        return data
    one = random.choice(found)
    return data[: one.start] + data[one.end :]


def add_attribute(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put an attribute into a start tag; perhaps it is there already."""
    found = elements(data)
    if not found:
        return data
    one = random.choice(found)
    at = one.start + 1 + len(one.tag)
    return data[:at] + random.choice(_ATTRIBUTES) + data[at:]


def requote(random: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change the quotes or the blanks of an attribute, or move it into another tag."""
    found = attributes(data)
    if not found:
        return data
    one = random.choice(found)
    value = data[one.value + 1 : one.end - 1]
    if random.random() < 0.3:
        at = random.choice(tags(data))[1] - 1
        return data[:at] + data[one.start : one.end] + data[at:]
    forms = (b" %s='%s'", b'\t%s = "%s"', b"\r\n%s=\n'%s'", b" %s=%s", b'%s="%s"', b" %s='%s\"", b' %s="%s" ')
    return data[: one.start] + random.choice(forms) % (one.name, value) + data[one.end :]


def _revalue(random: Random, data: bytes, name: bytes, odd: Sequence[bytes]) -> bytes:
    found = [one for one in attributes(data) if one.name == name]
    if not found:
        return data
    one, other = random.choice(found), random.choice(found)
    value = data[other.value + 1 : other.end - 1] if random.random() < 0.5 else random.choice(odd)
    return data[: one.value] + b'"' + value + b'"' + data[one.end :]
