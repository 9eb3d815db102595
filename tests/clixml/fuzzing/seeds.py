"""The folder of the corpus in, what the fuzzer starts from out: CLIXML of every kind, each with its form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.clixml.corpus_files import corpus_files

EXPORT: Final = "export"
WIRE: Final = "wire"
STDERR: Final = "stderr"

# An input that begins with a larger file costs as much as a hundred others, so these are taken now and then only.
_LARGEST: Final = 16_000
_LARGEST_OF_ALL: Final = 600_000

# PowerShell makes live objects of these types again, and then shows no more of what was written. Under a name that it does
# not know it keeps the members, as a decoder does (clixml-notes section 4, Reading: types).
_LIVE: Final = re.compile(
    rb"(?i)(System\.Net\.IPAddres|System\.Management\.Automation\.SwitchParamete|System\.Globalization\.CultureInf"
    rb"|System\.Management\.Automation\.PSCredentia|System\.Net\.Mail\.MailAddres|X500DistinguishedNam|X509Certificate"
    rb"|PSPrimitiveDictionar|Management\.Infrastructure\.CimInstanc|ParameterSetMetadat|PSListModifie|ExtendedTypeDefinitio|FormatViewDefinitio|PSControlGroupB)[a-z0-9]*"
)


class Seed(NamedTuple):
    """CLIXML and its form: a file's (`export`), a message's body (`wire`) or a redirected stream's (`stderr`)."""

    name: str
    form: str
    data: bytes


def seeds(corpus: Path) -> list[Seed]:
    """Every case and file of the corpus up to 16 KB, in an order that does not change."""
    return [seed for seed in _all(corpus) if len(seed.data) <= _LARGEST]


def large_seeds(corpus: Path) -> list[Seed]:
    """Every file of the corpus from there on, up to 600 KB: more than one chunk of a file that is read piece by piece."""
    return [seed for seed in _all(corpus) if _LARGEST < len(seed.data) <= _LARGEST_OF_ALL]


def _all(corpus: Path) -> list[Seed]:
    found = [*_cases(corpus / "powershell"), *_raw(corpus / "powershell" / "raw"), *_files(corpus)]
    return [Seed(name, form, _LIVE.sub(rb"\1X", data)) for name, form, data in found]


def _cases(folder: Path) -> Iterator[Seed]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("ascii").splitlines():
            case = json.loads(line)
            if "clixml" in case:
                yield Seed(f"{path.stem}/{case['name']}", case["form"], case["clixml"].encode("utf-8", "surrogatepass"))


def _raw(folder: Path) -> Iterator[Seed]:
    for path in sorted(folder.glob("*.clixml")):
        form = json.loads(path.with_suffix(".json").read_text("ascii"))["form"]
        yield Seed(f"raw/{path.stem}", form, path.read_bytes())


def _files(corpus: Path) -> Iterator[Seed]:
    for file in corpus_files(corpus, "real", "spec", "literals"):
        if len(file.data) <= _LARGEST_OF_ALL:
            yield Seed(file.path.name, WIRE if b"<Objs" not in file.data[:200] else EXPORT, file.data)
