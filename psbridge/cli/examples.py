"""A command in, the examples at the end of its help out. A test runs every one of them.

In an example RUN is the id of a run, SHA256 what is approved; `#` begins a remark. What files an example reads, and how it
ends, is said in the test.
"""

from __future__ import annotations

import inspect
from typing import Final

__all__ = ["EXAMPLES", "with_examples"]

_SCAN: Final = "psbridge run duplicate-mailbox-scan --simulate --seed scan"
_DELETE: Final = "psbridge run duplicate-mailbox-delete-account testduplicate@domain.com"

EXAMPLES: Final = {
    "": (
        "psbridge demo                                        # a recorded run, on any machine",
        "psbridge playbooks                                   # what there is to run",
        f"{_DELETE} --simulate --what-if",
    ),
    "run": (
        f"{_DELETE} --simulate --what-if",
        f"{_DELETE} --simulate --journal rehearsal.db",
        f"{_SCAN} --output scan.csv --output scan.xml",
        f"{_DELETE} --replay option-0.cassette --yes",
        "psbridge run migration-report user@domain.com --option file=statistics.xml",
    ),
    "resume": ("psbridge resume RUN --wait 0", "psbridge resume --due"),
    "approve": ("psbridge approve RUN", "psbridge approve RUN SHA256"),
    "answer": ("psbridge answer RUN yes",),
    "retry": ("psbridge retry RUN",),
    "cancel": ("psbridge cancel RUN",),
    "runs": ("psbridge runs", "psbridge runs --journal rehearsal.db"),
    "show": ("psbridge show RUN", "psbridge show RUN --report", "psbridge show RUN --json"),
    "report": ("psbridge report RUN", "psbridge report RUN --output ticket.html"),
    "demo": ("psbridge demo",),
    "init": (
        "psbridge init                                         # asks for what it needs",
        "psbridge init --tenant contoso.onmicrosoft.com --onprem ex01.contoso.com --name contoso",
    ),
    "profiles": ("psbridge profiles",),
    "doctor": ("psbridge doctor", "psbridge doctor exo directory"),
    "simulate": (
        "psbridge simulate",
        "psbridge simulate --seed option-1 --port 5985 --speed 60",
    ),
    "clixml": ("psbridge clixml show mailboxes.xml --list --first 1", "psbridge clixml diff before.xml after.xml"),
    "clixml show": (
        "psbridge clixml show mailboxes.xml",
        "psbridge clixml show mailboxes.xml --table --property Name,*Quota --where 'Name -like Mail*'",
    ),
    "clixml check": ("psbridge clixml check mailboxes.xml",),
    "clixml diff": (
        "psbridge clixml diff before.xml after.xml",
        "psbridge clixml diff before.xml after.xml --key Name --property Name,*Quota",
    ),
    "clixml to-json": ("psbridge clixml to-json mailboxes.xml --output mailboxes.json",),
    "clixml to-jsonl": ("psbridge clixml to-jsonl mailboxes.xml --plain --property Name",),
    "clixml from-json": ("psbridge clixml from-json mailboxes.json --output again.xml",),
    "clixml to-csv": ("psbridge clixml to-csv mailboxes.xml --property Name --output mailboxes.csv",),
    "cassette": ("psbridge cassette show option-0.cassette", "psbridge cassette scrub option-0.cassette shared.cassette"),
    "cassette show": (
        "psbridge cassette show option-0.cassette",
        "psbridge cassette show option-0.cassette --call 3           # the answer as PowerShell would print it",
        "psbridge cassette show option-0.cassette --errors --endpoint exo",
    ),
    "cassette diff": (
        "psbridge cassette diff option-0.cassette x500.cassette --ignore-times --ignore-ids",
        "psbridge cassette diff option-0.cassette option-0.cassette",
    ),
    "cassette verify": ("psbridge cassette verify option-0.cassette x500.cassette",),
    "cassette scrub": (
        "psbridge cassette scrub option-0.cassette shared.cassette --map private.jsonl",
        "psbridge cassette scrub option-0.cassette strict.cassette --strict",
    ),
    "completion": (
        "psbridge completion powershell | Out-String | Invoke-Expression     # in $PROFILE",
        'psbridge completion bash                              # in ~/.bashrc: eval "$(psbridge completion bash)"',
        'psbridge completion zsh                               # in ~/.zshrc, behind compinit: eval "$(...)"',
    ),
    "playbooks": ("psbridge playbooks",),
    "playbook": ("psbridge playbook show mobile-phone", "psbridge playbook new my-own playbooks"),
    "playbook show": ("psbridge playbook show duplicate-mailbox-delete-account",),
    "playbook new": ("psbridge playbook new my-own playbooks",),
    "journal": ("psbridge journal verify", "psbridge journal export RUN ticket"),
    "journal verify": ("psbridge journal verify", "psbridge journal verify --journal rehearsal.db"),
    "journal backup": ("psbridge journal backup copy.db",),
    "journal export": ("psbridge journal export RUN ticket",),
    "journal forget": ("psbridge journal forget --older-than 365",),
    "worker": (
        "psbridge worker --concurrency 8 --lease 120",
        "psbridge worker --journal postgresql://psbridge@db.contoso.com/psbridge",
    ),
    "fleet": ("psbridge fleet status", 'psbridge fleet pause --why "mail flow incident"'),
    "fleet status": ("psbridge fleet status",),
    "fleet pause": ('psbridge fleet pause --why "mail flow incident"',),
    "fleet resume": ("psbridge fleet resume",),
    "fleet drain": ("psbridge fleet drain",),
}  # fmt: skip


def with_examples(epilog: str | None, path: str) -> str | None:
    """Add a command's examples to what stands at the end of its help."""
    lines = EXAMPLES.get(path, ())
    if not lines:
        return epilog
    # A backspace alone in a line keeps the lines of a paragraph as they are.
    block = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
    return block if not epilog else f"{inspect.cleandoc(epilog)}\n\n{block}"
