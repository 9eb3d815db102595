"""What is known of the versions of modules."""

from __future__ import annotations

import pytest

from psbridge.doctor.modules import judged, modules_of

EXO, GRAPH = modules_of("exo", "graph"), modules_of("directory", "graph")


@pytest.mark.parametrize(
    ("version", "powershell", "edition", "verdict", "says"),
    [
        ("3.10.1", "7.6.1", "Core", "ok", "ExchangeOnlineManagement 3.10.1"),
        ("3.10.1", "5.1.20348.2227", "Desktop", "ok", ""),
        ("3.10.1", "", "", "ok", ""),
        ("3.10.0", "7.6.0", "Core", "warning", "3.10.1 mends faults of signing in by certificate"),
        ("3.10.1", "7.5.4", "Core", "failed", "This version needs PowerShell 7.6, and 7.5 was started"),
        ("3.9.2", "7.4.0", "Core", "ok", ""),
        ("3.9.2", "7.2.24", "Core", "failed", "needs PowerShell 7.4"),
        ("3.5.0-Preview1", "7.3.0", "Core", "failed", "needs PowerShell 7.4"),
        ("2.0.5", "5.1", "Desktop", "failed", "remote PowerShell, which Exchange Online ended in October 2023"),
        ("", "7.6.1", "Core", "warning", "Install-Module ExchangeOnlineManagement"),
    ],
)
def test_a_version_of_exchange_onlines_module_is_judged(
    version: str, powershell: str, edition: str, verdict: str, says: str
) -> None:
    seen = judged(EXO, {"ExchangeOnlineManagement": version}, powershell, edition)
    assert seen.verdict == verdict
    assert says in f"{seen.found} {seen.cause} {seen.remedy}"


def test_every_module_of_the_dialect_is_named_with_its_version() -> None:
    seen = judged(GRAPH, {known.name: "2.30.0" for known in GRAPH}, "7.6", "Core")
    assert seen.found == ", ".join(f"{known.name} 2.30.0" for known in GRAPH)


def test_a_module_that_one_playbook_needs_says_which() -> None:
    there = {known.name: "2.30.0" for known in GRAPH if not known.only_for}
    seen = judged(GRAPH, there, "7.6", "Core")
    assert (seen.verdict, seen.cause) == ("warning", "duplicate-mailbox-remove-license needs it")


def test_the_retired_module_is_a_warning() -> None:
    seen = judged(modules_of("directory", "msonline"), {"MSOnline": "1.1.183.81"}, "5.1", "Desktop")
    assert (seen.verdict, "2025-05-30" in seen.cause) == ("warning", True)
