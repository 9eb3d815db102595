"""Secrets are planted wherever a person may keep one, psbridge is run, and everything that it wrote is searched for them.

The commands run in processes of their own with every log on: standard output, standard error and the log are kept as files too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from psbridge.simulator import SimulatedOrganisation
from psbridge.simulator.server.wsman import WsmanServer
from tests.secrets.searching import leaks
from tests.simulator.served import USER

ROOT = Path(__file__).resolve().parents[2]
# Letters and digits only: no form of writing changes them.
PASSWORD = "Hx4OrangeLantern83"
WRONG = "Kd2SilentGlacier57"
PLANTED = "Zq7VioletHarbour19"
TYPED = "Wm5CopperMeadow41"
SECRETS = (PASSWORD, WRONG, PLANTED, TYPED)
LOGGED = """
import logging, sys
from loguru import logger
logger.remove()
logger.add(sys.stderr, level="TRACE", diagnose=True, backtrace=True)
logger.enable("psbridge")
logging.basicConfig(level=logging.DEBUG)
from psbridge.cli import main
main()
"""
WHO = "testmobile@domain.com"


class Desk:
    """A folder for everything that is written, and psbridge in processes that write there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.inputs: list[Path] = []

    def __call__(self, *arguments: str | Path, password: str = PASSWORD) -> tuple[int, str]:
        """Run a command; its exit code, and what it said."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "PSBRIDGE_TEST_WORD": password,
            "PSBRIDGE_PLANTED": PLANTED,
            "PYTHON_KEYRING_BACKEND": "tests.secrets.planted_keyring.Planted",
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        done = subprocess.run(
            [sys.executable, "-c", LOGGED, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=100,
            check=False,
        )
        self.count += 1
        (self.folder / f"{self.count}.stdout").write_bytes(done.stdout)
        (self.folder / f"{self.count}.stderr").write_bytes(done.stderr)
        return done.returncode, (done.stdout + done.stderr).decode()

    def profile(self, server: WsmanServer, *, name: str = "profile", tenant: str = "domain.onmicrosoft.com") -> Path:
        """Every way in which a secret can be named: two references, and a parameter of a connection command."""
        lines = [f'tenant = "{tenant}"', f"journal = '{self.folder}/{name}.db'", 'dialect = "msonline"']
        for endpoint in ("onprem", "exo", "directory", "sync"):
            configuration = "Microsoft.Exchange" if endpoint in ("onprem", "exo") else "Microsoft.PowerShell"
            lines += [
                f"[endpoints.{endpoint}]",
                'transport = "psrp"',
                f'uri = "{server.uri(endpoint)}"',
                f'configuration = "{configuration}"',
                'authentication = "ntlm"',
                f'username = "{USER}"',
                'password = { secret = "environment:PSBRIDGE_TEST_WORD" }',
            ]
            if endpoint == "exo":
                parameters = (
                    '{ CertificatePassword = { secret = "keyring:psbridge/exo" }, Organization = "domain.onmicrosoft.com" }'
                )
                lines.append(f'connect = [{{ cmdlet = "Connect-ExchangeOnline", parameters = {parameters} }}]')
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def leaks(self) -> list[str]:
        return leaks(self.folder, SECRETS, but=self.inputs)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def server() -> Iterator[WsmanServer]:
    with WsmanServer(SimulatedOrganisation.from_seed("mobile-phone"), USER, PASSWORD) as running:
        yield running


def test_a_run_with_its_recording_its_journal_and_its_exports_holds_no_secret(desk: Desk, server: WsmanServer) -> None:
    profile = desk.profile(server)
    code, said = desk("run", "mobile-phone", WHO, "--profile", profile, "--record", "run.cassette", "--json")
    assert code in (0, 6), said
    run = next(line.split()[1] for line in said.splitlines() if line.startswith("Run "))
    for arguments in (("journal", "backup", "copy.db"), ("journal", "export", run, "ticket")):
        code, said = desk(*arguments, "--profile", profile)
        assert code == 0, said
    kept = {path.name for path in desk.folder.rglob("*")}
    assert {"run.cassette", "profile.db", "copy.db", "transcript.txt", "1.stderr"} <= kept
    assert "Connect-ExchangeOnline" in (desk.folder / "profile.toml").read_text()
    assert desk.leaks() == []


def test_the_doctor_holds_no_secret_neither_when_well_nor_when_refused(desk: Desk, server: WsmanServer) -> None:
    profile = desk.profile(server)
    code, said = desk("doctor", "onprem", "sync", "--profile", profile)
    assert code == 0, said
    code, said = desk("doctor", "exo", "--json", "--profile", profile, password=WRONG)
    assert (code, '"sign-in"' in said) == (1, True), said
    code, said = desk("run", "mobile-phone", WHO, "--wait", "0", "--profile", profile, password=WRONG)
    assert (code != 0, "refused the credentials" in said) == (True, True), said
    assert desk.leaks() == []


def test_a_secret_that_is_written_where_it_must_not_be_is_not_repeated(desk: Desk, server: WsmanServer) -> None:
    text = desk.profile(server).read_text(encoding="utf-8")
    for number, (right, wrong) in enumerate(
        (
            ('password = { secret = "environment:PSBRIDGE_TEST_WORD" }', f'password = "{TYPED}"'),
            ('"environment:PSBRIDGE_TEST_WORD"', f'"{TYPED}"'),
            ('{ secret = "keyring:psbridge/exo" }', f'"{TYPED}"'),
            ('{ secret = "keyring:psbridge/exo" }', f'{{ password = "{TYPED}" }}'),
            ("journal = '", f"journal = 'postgresql://jane:{TYPED}@db/"),
            ("http://127", f"http://jane:{TYPED}@127"),
            ('password = { secret = "environment:PSBRIDGE_TEST_WORD" }', f"password = {TYPED}"),
            ('authentication = "ntlm"', f'authentication = "{TYPED}"'),
        )
    ):
        assert right in text
        path = desk.folder / f"wrong-{number}.toml"
        path.write_text(text.replace(right, wrong), encoding="utf-8")
        desk.inputs.append(path)
    code, said = desk("doctor", "--profile", desk.inputs[0])
    assert code == 2, said
    _each_is_refused_without_showing_it(desk)
    assert desk.leaks() == []


def _each_is_refused_without_showing_it(desk: Desk) -> None:
    """The others in this process: a start of Python for each would only take time."""
    from psbridge.errors import ProfileError
    from psbridge.profile import Profile

    for path in desk.inputs:
        with pytest.raises(ProfileError) as caught:
            Profile.load(path)
        assert "line " in str(caught.value)
        (desk.folder / f"{path.stem}.said").write_text(f"{caught.value!r} {caught.value}", encoding="utf-8")


def test_init_writes_references_and_no_secret(desk: Desk) -> None:
    code, said = desk("init", "--name", "fabrikam", "--authentication", "ntlm", "--certificate", "exo.pfx")
    assert code == 0, said
    text = (desk.folder / "config" / "psbridge" / "profiles" / "fabrikam.toml").read_text(encoding="utf-8")
    assert text.count("secret = ") >= 2
    assert desk.leaks() == []


@pytest.mark.realps
def test_a_command_that_throws_its_own_secret_shows_none(desk: Desk, pwsh: str) -> None:
    """A SecureString goes to a real PowerShell, which is made to tell it in an error."""
    module = desk.folder / "modules" / "Teller"
    module.mkdir(parents=True)
    (module / "Teller.psm1").write_text(
        "function Connect-Teller { [CmdletBinding()] param([securestring]$Word)\n"
        '  throw "$([Net.NetworkCredential]::new("", $Word).Password) was wrong" }\n',
        encoding="utf-8",
    )
    profile = desk.folder / "profile.toml"
    profile.write_text(
        f'[endpoints.exo]\ntransport = "process"\ncommand = ["{pwsh}"]\n'
        f"environment = {{ PSModulePath = '{module.parent}' }}\n"
        'connect = [{ cmdlet = "Connect-Teller", parameters = { Word = { secret = "keyring:psbridge/exo" } } }]\n',
        encoding="utf-8",
    )
    code, said = desk("doctor", "--profile", profile)
    assert (code, "Connect-Teller failed" in said) == (1, True), said
    assert desk.leaks() == []


def test_the_search_would_find_one_in_each_of_these_places(desk: Desk, server: WsmanServer) -> None:
    """The control: a secret that is written as what it is not, the tenant's name, comes out everywhere."""
    profile = desk.profile(server, tenant=TYPED)
    desk.inputs.append(profile)
    code, said = desk("run", "mobile-phone", WHO, "--profile", profile, "--record", "run.cassette")
    assert code in (0, 6), said
    run = next(line.split()[1] for line in said.splitlines() if line.startswith("Run "))
    desk("journal", "export", run, "ticket", "--profile", profile)
    found = {leak.partition(":")[0] for leak in desk.leaks()}
    assert {"run.cassette", "profile.db"} <= found
    assert any((desk.folder / "ticket" / name).exists() for name in found)
