"""`psbridge simulate`: a simulated hybrid organisation over WS-Man on this machine, until it is stopped."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from psbridge.cli.options import DEFAULT_SEED, SEEDS
from psbridge.cli.simulated_addresses import Server, how_to_connect
from psbridge.clock import SystemClock
from psbridge.errors import InputError
from psbridge.journal.records import SIMULATED
from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.server.shared_state import SharedState
from psbridge.simulator.server.wsman import WsmanServer

__all__ = ["simulate"]

PASSWORD = "PSBRIDGE_SIMULATOR_PASSWORD"  # noqa: S105 - the name of a variable


def simulate(
    seed: Annotated[
        str,
        typer.Option(help=f"The organisation: a .toml or .json file, or the name of one that comes with psbridge. {SEEDS}"),
    ] = DEFAULT_SEED,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    user: Annotated[str, typer.Option(help="Who may sign in.")] = "administrator",
    password_env: Annotated[
        str | None,
        typer.Option(
            "--password-env",
            metavar="NAME",
            help="The environment variable that holds the password; without it one is made up and shown.",
            show_default=False,
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="The file that keeps the organisation, and that `python -m psbridge.simulator --state` may share; made of the "
            "seed if it is not there. Without it everything is forgotten at the end.",
            show_default=False,
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0, max=100_000, help="How fast the organisation's time passes: 60 is an hour in a minute.")
    ] = 1.0,
) -> None:
    """Serve a simulated organisation to psbridge, pypsrp or any other WS-Man client on this machine. Ctrl+C ends it."""
    password = _password(password_env)
    kept = state is not None and state.exists()
    organisation = SimulatedOrganisation.from_seed(seed) if state is None else SharedState(state, seed=seed)
    clock = _passing_time(organisation.state.now, speed)
    tenant = f"{SIMULATED}{organisation.state.cloud_organization.tenant_name}"
    try:
        server = WsmanServer(
            organisation, user, password, port=port, session=lambda endpoint: organisation.session(endpoint, clock)
        )
    except OSError as error:
        raise InputError(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}. Name another one with --port.") from error
    with server:
        source = f"as {state} keeps it" if kept else f"seed {seed}"
        typer.echo(f"The tenant {tenant} ({source}) is simulated on 127.0.0.1, port {server.port}. Ctrl+C ends it.\n")
        shown = None if password_env else password
        typer.echo(how_to_connect(Server(tenant, server.uri, server.port, user, password_env or PASSWORD, shown)))
        _wait_for_the_end()


def _password(variable: str | None) -> str:
    if variable is None:
        return secrets.token_urlsafe(15)
    password = os.environ.get(variable)
    if not password:
        raise InputError(f"The environment variable {variable} holds no password; set it, or leave --password-env out.")
    return password


def _passing_time(begin: datetime, speed: float) -> Callable[[], datetime]:
    """The organisation's time: it goes on from `begin`, `speed` times as fast as ours."""
    clock = SystemClock()
    started = clock.monotonic()
    return lambda: begin + timedelta(seconds=(clock.monotonic() - started) * speed)


def _wait_for_the_end() -> None:
    """Wait for Ctrl+C, or for whatever else ends a program in good order."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.5):  # Windows lets Ctrl+C through between two waits only
        pass
