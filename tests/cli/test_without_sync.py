"""A profile without `[endpoints.sync]`: the operator is asked, where a playbook can ask; else the profile is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from psbridge.cli.outputs import Outputs
from psbridge.cli.real_run import real_run
from psbridge.discovery import find_playbooks
from psbridge.errors import ProfileError

OVERRIDE = {"identity": "user@contoso.com", "keep": "cloud"}


def decided(playbook: str, inputs: dict[str, str], folder: Path, *, sync: str = "") -> str | None:
    """What a real run would be begun with; nothing is connected."""
    profile = folder / "profile.toml"
    shells = "".join(f'[endpoints.{name}]\ntransport = "process"\ncommand = ["env"]\n' for name in ("exo", "onprem", "directory"))
    profile.write_text(f"{shells}{sync}", encoding="utf-8")
    return real_run(find_playbooks()[playbook], inputs, profile, None, None, Outputs.of(None)).inputs.get("sync")


@pytest.mark.parametrize(
    "playbook", ["duplicate-mailbox-delete-account", "duplicate-mailbox-validation-error", "mobile-phone-set"]
)
def test_a_playbook_that_can_ask_asks(playbook: str, tmp_path: Path) -> None:
    assert decided(playbook, {}, tmp_path) == "manual"
    assert decided(playbook, {"sync": "manual"}, tmp_path) == "manual"
    assert decided(playbook, {}, tmp_path, sync='[endpoints.sync]\ntransport = "manual"\n') == "manual"
    assert decided(playbook, {}, tmp_path, sync='[endpoints.sync]\ntransport = "process"\ncommand = ["env"]\n') is None


@pytest.mark.parametrize(
    ("playbook", "inputs"),
    [
        ("duplicate-mailbox-delete-account", {"sync": "cmdlet"}),
        ("mobile-phone-bypass", {"turn": "on"}),
        ("mobile-phone-bypass", {"turn": "on", "sync": "manual"}),
        ("mobile-phone-override", OVERRIDE),
    ],
)
def test_one_that_needs_the_server_says_so(playbook: str, inputs: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"endpoints.sync is not configured, and .* needs it"):
        decided(playbook, inputs, tmp_path)
