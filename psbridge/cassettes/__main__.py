"""`python -m psbridge.cassettes seal FILE`: seal a cassette that was edited on purpose."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from psbridge.cassettes.cassette import Cassette
from psbridge.errors import CassetteError


def main(arguments: list[str] | None = None) -> int:
    """Number the interactions again, write count and SHA-256; 1 if the file cannot be read or written."""
    parser = argparse.ArgumentParser(prog="python -m psbridge.cassettes")
    parser.add_argument("action", choices=["seal"])
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    try:
        cassette = Cassette.load(path, sealed=False)
        cassette.save(path)
    except CassetteError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"{path}: sealed, {len(cassette.interactions)} interactions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
