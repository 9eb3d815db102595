"""Record the cassettes of OPTION #0 again, from real PowerShell: `python -m tests.playbooks.record_cassettes`.

PSBRIDGE_PWSH names a PowerShell with the module ExchangeLike. The run's id, clock and tenant are fixed, so that a new
recording differs from the old one only where PowerShell's answers do.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psbridge.cassettes import Recording
from psbridge.clock import SkippingClock
from psbridge.engine import Done, Failed
from tests.playbooks.live_tenant import LiveTenant
from tests.playbooks.option_zero import BEGIN, NAME, RUN, USER, begin, carry_on, engine_for, journal_in, migrated_once
from tests.playbooks.refusals import REFUSALS

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "cassettes" / NAME
INPUTS = {"identity": USER, "merge": "yes", "sync": "cmdlet"}


def main() -> None:
    """Record the whole run, and one refusal for each guard."""
    pwsh = shutil.which(os.environ.get("PSBRIDGE_PWSH", "pwsh"))
    if pwsh is None:
        sys.exit("PSBRIDGE_PWSH names no program")
    FOLDER.mkdir(parents=True, exist_ok=True)
    record(pwsh, FOLDER / "option-0.cassette", Done)
    for refusal in REFUSALS:
        record(pwsh, FOLDER / f"refused-{refusal.name}.cassette", Failed, refusal.change)


def record(pwsh: str, path: Path, ending: type[Done | Failed], change: Callable[[dict[str, Any]], None] | None = None) -> None:
    """Run OPTION #0 against a fresh tenant and keep the recording; it must end as it is meant to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tenant = LiveTenant(folder, pwsh, change=change)
        clock = SkippingClock(BEGIN)
        metadata = {"playbook": NAME, "inputs": INPUTS, "run": RUN, "tenant": tenant.profile().tenant}
        with Recording(path, clock.now, metadata=metadata, replace=True) as recording, journal_in(folder) as store:
            endpoints = tenant.endpoints(recording.wrap)
            engine = engine_for(store, endpoints, clock)
            outcome = carry_on(engine, begin(engine), clock, migrated_once(tenant))
            endpoints.close()
            if not isinstance(outcome, ending):
                raise SystemExit(f"{path.name}: {outcome}")
    sys.stdout.write(f"{path.name}: {type(outcome).__name__}\n")


if __name__ == "__main__":
    main()
