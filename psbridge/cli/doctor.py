"""`psbridge doctor`: whether each endpoint of a profile can be worked with; for what cannot, the cause and the remedy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import typer

from psbridge.cli.exit_codes import ExitCode
from psbridge.cli.options import ProfileOption
from psbridge.cli.workbench import load_profile
from psbridge.doctor import Finding, Verdict, examine
from psbridge.errors import ProfileError
from psbridge.profile import ENDPOINTS, Profile
from psbridge.report.visible import visible

__all__ = ["doctor"]

_WIDTH: Final = 22


def doctor(
    endpoint: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENDPOINT]...",
            help=f"Which: {', '.join(ENDPOINTS)}; all of the profile if you name none.",
            show_default=False,
        ),
    ] = None,
    *,
    profile: ProfileOption = None,
    sessions: Annotated[
        bool,
        typer.Option(
            "--sessions",
            help="Open as many sessions as [limits] allows, and close them. Not beside a running worker: it would be throttled.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON document to standard output.")] = False,
) -> None:
    """Look at each endpoint: name, port, TLS, sign-in, session, modules, cmdlets, limits. It only reads, and changes nothing."""
    described = load_profile(profile)
    findings = examine(described, _named(endpoint or [], described), try_sessions=sessions)
    seen = list(findings) if as_json else list(_shown(findings, described))
    count = Counter(finding.seen.verdict for finding in seen)
    if as_json:
        typer.echo(json.dumps(_document(seen, described, count), ensure_ascii=False, indent=2))
    else:
        typer.echo(f"\n{count[Verdict.FAILED]} failed, {count[Verdict.WARNING]} to look at, {count[Verdict.OK]} well.")
    if count[Verdict.FAILED]:
        raise typer.Exit(ExitCode.FAILED)


def _named(asked: Sequence[str], profile: Profile) -> list[str]:
    """The endpoints to look at, in the order of ENDPOINTS. Raises ProfileError for one that the profile has not."""
    there = [name for name in ENDPOINTS if name in profile.endpoints]
    if unknown := [name for name in asked if name not in there]:
        known = ", ".join(there) or "none"
        raise ProfileError(f"there is no endpoint {', '.join(map(repr, unknown))} in the profile", remedy=f"There are: {known}.")
    return [name for name in there if not asked or name in asked]


def _shown(findings: Iterator[Finding], profile: Profile) -> Iterator[Finding]:
    """Print each finding as it comes, and hand it on."""
    endpoint = ""
    for finding in findings:
        if finding.endpoint != endpoint:
            before, endpoint = "\n" if endpoint else "", finding.endpoint
            described = next(known for name, known in profile.endpoints.items() if name == endpoint)
            typer.echo(f"{before}{endpoint} ({described.transport})")
        seen = finding.seen
        word = str(seen.verdict)
        typer.echo(
            f"  {word.upper() if seen.verdict is Verdict.FAILED else word:<8} {finding.check:<{_WIDTH}} {visible(seen.found)}"
        )
        for label, text in (("cause", seen.cause), ("remedy", seen.remedy)):
            if text:
                typer.echo(f"  {'':<8} {'':<{_WIDTH}} {label}: {visible(text)}")
        yield finding


def _document(findings: Sequence[Finding], profile: Profile, count: Counter[Verdict]) -> dict[str, object]:
    return {
        "tenant": profile.tenant,
        "counts": {str(verdict): count[verdict] for verdict in Verdict},
        "findings": [
            {
                "endpoint": finding.endpoint,
                "check": finding.check,
                "verdict": str(finding.seen.verdict),
                "found": finding.seen.found,
                "cause": finding.seen.cause,
                "remedy": finding.seen.remedy,
            }
            for finding in findings
        ],
    }
