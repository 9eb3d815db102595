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

# Larger files say nothing that smaller ones do not, and an input that begins with one costs as much as a hundred others.
_LARGEST: Final = 16_000

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
    found = [*_cases(corpus / "powershell"), *_raw(corpus / "powershell" / "raw"), *_files(corpus)]
    return [Seed(name, form, _LIVE.sub(rb"\1X", data)) for name, form, data in found if len(data) <= _LARGEST]


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
        if len(file.data) <= _LARGEST:
            yield Seed(file.path.name, WIRE if b"<Objs" not in file.data[:200] else EXPORT, file.data)
