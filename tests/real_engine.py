"""Ask the real PowerShell: how it parses a text, what a text is worth, what it prints. One process for many questions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def parse(realps: str, scripts: Iterable[str]) -> list[dict[str, Any]]:
    """What PowerShell's parser makes of each script: errors, tokens, commands, constant."""
    return _lines([realps, "parse"], ({"id": number, "script": script} for number, script in enumerate(scripts)))


def evaluate(realps: str, scripts: Iterable[str], *, before: str = "") -> list[dict[str, Any]]:
    """Run each script in one session, after `before`: its `state`, its `error`, its `output` in the schema of the corpus."""
    steps = [{"script": script} for script in (before or "$null", *scripts)]
    return _lines([realps, "connect", "--", realps], [{"steps": steps}])[1:]


def run(realps: str, script: str, *files: Path) -> str:
    """What a script prints; `files` are its arguments."""
    return _ask([realps, "-NoProfile", "-NonInteractive", "-Command", script, *map(str, files)], "")


def _lines(command: list[str], requests: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    sent = [json.dumps(request) for request in requests]
    answers = [json.loads(line) for line in _ask(command, "\n".join((*sent, ""))).splitlines()]
    failed = [answer for answer in answers if answer.get("ok") is False]
    assert not failed, failed[:3]
    return answers


def _ask(command: list[str], text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout
