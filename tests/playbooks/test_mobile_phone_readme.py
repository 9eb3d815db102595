"""What the README of the mobile phone says is what its playbooks are."""

from __future__ import annotations

import re
from pathlib import Path

from playbooks import mobile_phone
from playbooks.mobile_phone import bypass, look, override, probe, scan, set_number

README = Path(str(mobile_phone.__file__)).with_name("README.md")
PLAYBOOKS = {module.playbook.name: module.playbook for module in (look, scan, probe, set_number, override, bypass)}


def test_it_lists_every_playbook() -> None:
    assert set(re.findall(r"^\| `(mobile-phone[a-z-]*)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)) == set(PLAYBOOKS)


def test_every_option_that_it_shows_belongs_to_a_playbook_and_has_that_choice() -> None:
    known: dict[str, set[str]] = {}
    for playbook in PLAYBOOKS.values():
        for item in playbook.inputs:
            known.setdefault(item.name, set()).update(item.choices)
    text = README.read_text(encoding="utf-8")
    shown = re.findall(r"--option \"?(\w+)=([\w+-]+)", text) + re.findall(r"`(\w+)=([\w-]+)`", text)
    assert {"keep", "turn", "number", "alternates", "compare", "sync"} <= {name for name, _ in shown}
    for name, value in shown:
        assert name in known
        assert not known[name] or value in known[name]


def test_those_that_only_read_are_the_two_that_it_says() -> None:
    """A playbook without the endpoint `sync` and without an approval in its outline cannot write."""
    reading = {name for name, playbook in PLAYBOOKS.items() if "approval" not in str(playbook.outline)}
    assert reading == {"mobile-phone", "mobile-phone-scan"}
