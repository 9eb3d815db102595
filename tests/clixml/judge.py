"""The engine as judge: what real PowerShell reads from CLIXML, and whether that is what was meant."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Node = dict[str, Any]


class Judge:
    """One `realps convert` for many questions; each line is answered at once."""

    def __init__(self, realps: str, corpus: Path) -> None:
        self.asked = 0
        self._compare = _module(corpus / "powershell" / "compare.py")
        self._process = subprocess.Popen([realps, "convert"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate(timeout=30)

    def answer(self, data: bytes) -> Node:
        """The answer to a document or a message body."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.asked += 1
        text = data.decode("utf-8-sig")
        key = "clixml" if text.startswith(("<Objs", "<?xml")) else "psrp"
        self._process.stdin.write(json.dumps({"id": self.asked, key: text}) + "\n")
        self._process.stdin.flush()
        answer: Node = json.loads(self._process.stdout.readline())
        assert answer["id"] == self.asked
        return answer

    def roots(self, data: bytes) -> list[Node | None]:
        """The roots that PowerShell reads; a refusal fails the test."""
        answer = self.answer(data)
        assert answer["ok"], f"PowerShell refuses {data!r}: {answer.get('error')}"
        value = answer["value"]
        return value if answer["count"] > 1 else [value] * answer["count"]

    def differences(self, data: bytes, meant: list[Node | None]) -> list[str]:
        """Where what PowerShell reads is not what was meant."""
        return self.between(self.roots(data), meant)

    def between(self, read: list[Node | None], meant: list[Node | None]) -> list[str]:
        """Where two lists of roots part."""
        differences: list[str] = self._compare.Comparison().roots(read, meant)
        return differences


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("powershell_compare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
