"""An input and psbridge's answer in; where real PowerShell answers something else, out."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psbridge.errors import ClixmlError
from tests.clixml.fuzzing.engine import Answer, Engine
from tests.clixml.fuzzing.readers import Outcome
from tests.clixml.fuzzing.seeds import STDERR
from tests.powershell_corpus import to_json


class Agreement:
    """Holds answers against those of one engine, by the corpus's own comparison."""

    def __init__(self, engine: Engine, corpus: Path) -> None:
        self._engine = engine
        self._compare = _module(corpus / "powershell" / "compare.py")
        self.counts: Counter[str] = Counter()

    def differences(self, data: bytes, form: str, given: Outcome) -> list[str]:
        """Where the two answers part; empty where they agree, or where PowerShell's says nothing (`counts` has how often)."""
        return self.asked(data, form)(given)

    def asked(self, data: bytes, form: str) -> Callable[[Outcome], list[str]]:
        """Ask PowerShell; give what holds an answer against its own."""
        if form == STDERR:
            self.counts["a redirected stream"] += 1
            return lambda _given: []
        answer = self._engine.ask(data, form)
        return lambda given: self._between(answer(), given)

    def _between(self, answer: Answer, given: Outcome) -> list[str]:
        self.counts[answer.unjudged or ("refused" if answer.refusal else "read")] += 1
        if answer.unjudged:
            return []
        if isinstance(given, ClixmlError):
            return [] if answer.refusal else [f"PowerShell reads it, psbridge refuses: {given}"]
        if answer.refusal:
            return [f"PowerShell refuses ({answer.refusal[:200]}), psbridge reads it"]
        if answer.roots is None:
            return []
        differences: list[str] = self._compare.Comparison().roots(answer.roots, to_json(given))
        return differences


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("powershell_compare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
