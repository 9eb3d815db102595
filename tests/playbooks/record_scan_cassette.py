"""Record the cassette of the scan again, from real PowerShell: `python -m tests.playbooks.record_scan_cassette`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from psbridge.cassettes import Recording
from psbridge.clock import SkippingClock
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.scanning import BEGIN, NAME, RUN, engine_for, scanned

CASSETTE = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes" / NAME / "documents.cassette"


def main() -> None:
    """Scan the documents' tenant."""
    pwsh = shutil.which(os.environ.get("PSBRIDGE_PWSH", "pwsh"))
    if pwsh is None:
        sys.exit("PSBRIDGE_PWSH names no program")
    CASSETTE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        tenant, clock = LiveTenant(Path(name), pwsh), SkippingClock(BEGIN)
        inputs = {"dialect": "msonline", "prefer": "data", "without": ""}
        metadata = {"playbook": NAME, "inputs": inputs, "run": RUN, "tenant": tenant.profile().tenant}
        with Recording(CASSETTE, clock.now, metadata=metadata, replace=True) as recording:
            endpoints = tenant.endpoints(recording.wrap)
            outcome = scanned(engine_for(Path(name), endpoints, clock))
            endpoints.close()
    sys.stdout.write(f"{CASSETTE.name}: {outcome}\n")


if __name__ == "__main__":
    main()
