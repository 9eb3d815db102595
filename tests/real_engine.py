"""Ask the real PowerShell: how it parses a text, what a text is worth, what it prints. One process for many questions."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def parse(realps: str, scripts: Iterable[str]) -> list[dict[str, Any]]:
    """What PowerShell's parser makes of each script: errors, tokens, commands, constant."""
    return _lines([realps, "parse"], ({"id": number, "script": script} for number, script in enumerate(scripts)))


def evaluate(realps: str, scripts: Iterable[str], *, before: str = "") -> list[dict[str, Any]]:
    """Run each script in one session, after `before`: its `state`, its `error`, its `output` in the schema of the corpus."""
    steps = [{"script": script} for script in (before or "$null", *scripts)]
    return _lines([realps, "connect", "--", realps], [{"steps": steps}])[1:]


def printed(
    pwsh: str, cases: Iterable[tuple[bytes, str]], *, width: int = 119, english: bool = True, views: str = ""
) -> list[list[str]]:
    """The lines that PowerShell prints for each CLIXML document behind a part of a pipeline (`| Format-List`, or nothing).

    `english`: lines are broken between words, as in six languages; without it anywhere, as in the others.
    `views`: a format file that is loaded first.
    """
    sent = [f"{b64encode(clixml).decode()} {b64encode(tail.encode()).decode()}" for clixml, tail in cases]
    with TemporaryDirectory() as folder:
        asked, module = Path(folder, "cases.txt"), Path(folder, "Views")
        asked.write_text("\n".join(sent), encoding="ascii")
        if views:
            module.mkdir()
            (module / "Views.format.ps1xml").write_text(views, encoding="utf-8")
            (module / "Views.psd1").write_text(
                "@{ModuleVersion = '1.0'; FormatsToProcess = 'Views.format.ps1xml'}", encoding="utf-8"
            )
        before = f"Import-Module '{module}/Views.psd1'" if views else ""
        script = _PRINT.format(asked=asked, before=(_ENGLISH if english else "") + before, width=width)
        text = said(pwsh, script)
    return [b64decode(line).decode().split("\n")[:-1] for line in text.split()]


def said(pwsh: str, script: str) -> str:
    """What a script writes to its output."""
    return _ask([pwsh, "-NoProfile", "-NonInteractive", "-Command", script], "")


# The engine breaks lines by the language's name, and has no culture data but the invariant culture's.
_ENGLISH = """
class English : Globalization.CultureInfo { English() : base('') {} [string] get_TwoLetterISOLanguageName() { return 'en' } }
[Globalization.CultureInfo]::CurrentCulture = [English]::new()
"""
_PRINT = """
{before}
$utf8 = [Text.UTF8Encoding]::new($false)
foreach ($case in [IO.File]::ReadAllLines('{asked}')) {{
    $clixml, $tail = foreach ($part in $case.Split(' ')) {{ $utf8.GetString([Convert]::FromBase64String($part)) }}
    $values = [Management.Automation.PSSerializer]::Deserialize($clixml)
    $lines = & ([scriptblock]::Create("param(`$values) `$values $tail | Out-String -Stream -Width {width}")) $values
    $text = -join $(foreach ($line in $lines) {{ "$line`n" }})
    [Convert]::ToBase64String($utf8.GetBytes("$text|"))
}}
"""


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
