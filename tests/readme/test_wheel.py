"""The built wheel: what is in it, and that it works where no checkout is."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.readme.readme import ROOT

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without the network."""
    for module in ("pip", "hatchling"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"needs {module} to build a wheel offline")
    folder = tmp_path_factory.mktemp("wheel")
    _python("-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installation of the wheel puts on a machine, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    _python("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


def test_the_wheel_holds_the_playbooks_and_every_fixture(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    fixtures = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fixtures").rglob("*") if path.is_file()}
    assert len(fixtures) > 40
    assert fixtures <= names
    assert {
        "playbooks/duplicate_mailbox/delete_account.py",
        "playbooks/duplicate_mailbox/README.md",
        "psbridge/py.typed",
        "psbridge/report/html/templates/page.html.jinja",
    } <= names


def test_the_wheel_holds_the_licence_and_nothing_that_is_for_development(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"psbridge", "playbooks", "fixtures"}


def test_demo_runs_from_the_wheel_outside_the_checkout(site: Path, tmp_path: Path) -> None:
    place = _python("-c", "import psbridge, playbooks; print(psbridge.__file__, playbooks.__file__)", cwd=tmp_path, site=site)
    assert place.split() == [str(site / "psbridge" / "__init__.py"), str(site / "playbooks" / "__init__.py")]
    shown = _python("-m", "psbridge", "demo", cwd=tmp_path, site=site)
    assert "merge: Completed" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_written_from_the_wheel(site: Path, tmp_path: Path) -> None:
    who = ("mobile-phone", "testmobile@domain.com", "--seed", "mobile-phone")
    said = _python("-m", "psbridge", "run", *who, "--simulate", "--journal", "journal.db", cwd=tmp_path, site=site)
    run = said.partition("Run ")[2].split()[0]
    _python("-m", "psbridge", "report", run, "--journal", "journal.db", cwd=tmp_path, site=site)
    assert (tmp_path / f"psbridge-{run}.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_command_psbridge_comes_with_the_wheel(site: Path, tmp_path: Path) -> None:
    script = next(path for path in site.glob("*/psbridge*") if path.parent.name in {"bin", "Scripts"})
    done = subprocess.run([script, "--help"], cwd=tmp_path, env=_environment(site), capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def _python(*arguments: str, cwd: Path | None = None, site: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=_environment(site),
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _environment(site: Path | None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(site)} if site is not None else dict(os.environ)
