"""A seed in, what psbridge reads otherwise of the live values that real PowerShell wrote by it out.

    python -m tests.clixml.fresh_corpus --seeds 17

A seed gives 300 random nested values, each written as a file and as a message. PSBRIDGE_CORPUS names the corpus, whose own
comparison is used; PSBRIDGE_PWSH the engine in a folder, `realps`. The exit code is 1 if something differs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from tests import powershell_corpus

# The comparison sorts the entries of a Hashtable, so it may meet a Ref in front of the object, which it takes for a difference.
_REF_AHEAD: Final = re.compile(r'PowerShell (\{"t": "Ref", "id": [0-9]+\}), decoder \1$')


class Fresh(NamedTuple):
    """How many documents a seed gave, and what differs in them, by the name of the case."""

    documents: int
    differences: dict[str, list[str]]


def fresh(realps: str, corpus: Path, seed: int) -> Fresh:
    """Let PowerShell write the random values of a seed, and read them."""
    spec = importlib.util.spec_from_file_location("powershell_compare", corpus / "powershell" / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    found: dict[str, list[str]] = {}
    documents = 0
    with TemporaryDirectory() as folder:
        subprocess.run([realps, "corpus", folder, "--seed", str(seed)], check=True, capture_output=True, timeout=100)
        for family, case, data in compare.cases(Path(folder), ("random", "wire")):
            if not case["name"].startswith("random-"):
                continue
            documents += 1
            lines = compare.check(case, data, powershell_corpus.decode, powershell_corpus.to_json)
            if any(not _REF_AHEAD.search(line) for line in lines):
                found[f"{family}/{case['name']}"] = lines
    return Fresh(documents, found)


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=17)
    seeds = range(1_000, 1_000 + parser.parse_args().seeds)
    documents = wrong = 0
    for seed in seeds:
        given = fresh(os.environ["PSBRIDGE_PWSH"], Path(os.environ["PSBRIDGE_CORPUS"]), seed)
        documents += given.documents
        wrong += len(given.differences)
        for name, lines in given.differences.items():
            print(f"seed {seed}, {name}: {lines[0]}")
    print(f"{documents:,} documents of {len(seeds)} seeds, {wrong} read otherwise")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
