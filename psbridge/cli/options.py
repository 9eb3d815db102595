"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from psbridge.cli.completing import runs
from psbridge.errors import InputError

__all__ = [
    "DEFAULT_SEED",
    "SEEDS",
    "JournalOption",
    "PlaybooksOption",
    "ProfileOption",
    "RunArgument",
    "SeedOption",
    "WaitOption",
    "YesOption",
    "named_values",
]

DEFAULT_SEED = "option-0"
MOST_MINUTES: Final = 10 * 365 * 24 * 60
# Who a playbook can be run for, in each organisation that comes with psbridge; a test holds it against the seeds.
SEEDS = (
    "Who is there, each at domain.com: option-0 testduplicate; option-1, option-3 testlicense; migration user, synced.user; "
    "mobile-phone testmobile, tim.mcmichael; documents all of them, testerror and testmailuser; scan anchored, archived, both, "
    "external, failing, grouped, healthy, held, inplace, matched, migrated, noguid, risk, second, shared, stuck, unlicensed, "
    "unsynced."
)
SeedOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--seed",
        show_default=False,
        help="With --simulate: the organisation, a .toml file or the name of one that comes with psbridge (option-0 if you name "
        f"none). {SEEDS}",
    ),
]


def _profile(named: Path | None) -> Path | None:
    """A bare name is the profile of one of several tenants."""
    from psbridge.profile import profile_path  # noqa: PLC0415 - its models take a quarter of a second to import

    return None if named is None else profile_path(named)


ProfileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        callback=_profile,
        help="The TOML file that describes the endpoints, or the name that `psbridge init --name` gave it; default: profile.toml "
        "in your own settings folder.",
        show_default=False,
    ),
]
JournalOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--journal",
        help="The file that keeps the runs, or the address of a PostgreSQL database; default: the one the profile names, "
        "else the default one.",
        show_default=False,
    ),
]
PlaybooksOption: TypeAlias = Annotated[
    Path | None, typer.Option("--playbooks", help="A folder with playbooks of your own (.py files).", show_default=False)
]
RunArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="RUN", help="The run's id, as `psbridge runs` lists it.", autocompletion=runs)
]
YesOption: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Approve every destructive step without asking; each is shown.")
]


def _minutes(value: float) -> float:
    """Refuse what is no length of time; infinity and NaN are numbers to the parser of the command line."""
    if not 0 <= value <= MOST_MINUTES:
        raise typer.BadParameter(f"{value} is no number of minutes from 0 to {MOST_MINUTES}, which are ten years.")
    return value


WaitOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--wait", callback=_minutes, help="Minutes to stay with a run that waits; then it is left to `psbridge resume`."
    ),
]


def named_values(given: list[str]) -> dict[str, str]:
    """Read `name=value` arguments; raises InputError."""
    pairs = [item.partition("=") for item in given]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise InputError(f"{name!r} is no option of a playbook; write name=value")
    return {name: value for name, _, value in pairs}
