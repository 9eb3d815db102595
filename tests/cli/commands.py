"""The command line as a user's shell starts it: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.playbooks.live_tenant import LiveTenant

__all__ = ["profile_of", "psbridge"]


def psbridge(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m psbridge` with arguments; nobody sits at its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "psbridge", *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def profile_of(tenant: LiveTenant, folder: Path, *, journal: Path | None = None) -> Path:
    """Write the profile of a tenant as an administrator would."""
    lines = ['tenant = "domain.onmicrosoft.com"']
    if journal is not None:
        lines.append(f"journal = '{journal}'")
    for name in ("onprem", "exo", "directory", "sync"):
        environment = ", ".join(f"{key} = '{value}'" for key, value in tenant.environment(name).items())
        lines += [
            f"[endpoints.{name}]",
            'transport = "process"',
            f"command = ['{tenant.pwsh}']",
            f"environment = {{ {environment} }}",
        ]
    path = folder / "profile.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
