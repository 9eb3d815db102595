"""A contender's name and a file in; one line of JSON out for each line in: what one read of the file took.

    python -m benchmarks.reader NAME FILE

The process of one contender. The results of a read are gone before the next. Peak memory is that of the whole process.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

from benchmarks.contenders import CONTENDERS

__all__ = ["peak_memory"]


def peak_memory() -> int:
    """The most memory that this process has had, in bytes; unlike getrusage's figure it knows nothing of the parent's."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main() -> None:
    """Read once for each line of standard input."""
    name, file = sys.argv[1:]
    read = CONTENDERS[name].prepare(Path(file))
    for _ in sys.stdin:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        objects = read()
        taken = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        print(json.dumps({**taken, "objects": objects, "peak": peak_memory()}), flush=True)


if __name__ == "__main__":
    main()
