"""A page in, what a real browser makes of it out: Chromium over the DevTools protocol, through two pipes.

https://chromedevtools.github.io/devtools-protocol/; with --remote-debugging-pipe a message ends with NUL, on descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["Browser", "Page", "browser", "program"]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
_PATIENCE: Final = 60.0
# What a page may tell that it should not have to: console messages, errors, dialogs, requests, breaches of its policy.
_TOLD: Final = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")


def program() -> str | None:
    """The browser's program; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@contextmanager
def browser(chromium: str, profile: Path) -> Iterator[Browser]:
    """Start the browser with a new profile, and end it."""
    to_it, ours = os.pipe()
    theirs, from_it = os.pipe()
    # A shell puts the pipes where the browser looks for them.
    line = f'exec "$@" 3<&{to_it} 4>&{from_it}'
    process = subprocess.Popen(
        ["bash", "-c", line, "bash", chromium, *_OPTIONS, f"--user-data-dir={profile}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(to_it, from_it),
        env={**os.environ, "HOME": str(profile)},
    )
    os.close(to_it)
    os.close(from_it)
    found = Browser(ours, theirs)
    try:
        yield found
        found.call("Browser.close")
    finally:
        os.close(ours)
        os.close(theirs)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Browser:
    """The two ends of the pipes."""

    to_it: int
    from_it: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0
    _unread: bytes = b""

    def call(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; events that come meanwhile are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._send(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, method: str, session: str) -> dict[str, Any]:
        """The next event of this name, or one that has come already."""
        while True:
            for at, event in enumerate(self.events):
                if (event["method"], event.get("sessionId")) == (method, session):
                    return self.events.pop(at)
            self.events.append(self._next())

    @contextmanager
    def page(self, *, width: int = 1200, height: int = 900) -> Iterator[Page]:
        """An empty page that tells everything."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            page.call(f"{domain}.enable")
        page.resize(width, height)
        yield page
        self.call("Target.closeTarget", targetId=target)
        self.events = [event for event in self.events if event.get("sessionId") != session]

    def _send(self, message: bytes) -> None:
        while message:
            message = message[os.write(self.to_it, message) :]

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self.from_it], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            more = os.read(self.from_it, 1 << 20)
            assert more, "the browser has ended"
            self._unread += more
        message, _, self._unread = self._unread.partition(b"\0")
        document: dict[str, Any] = json.loads(message)
        return document


@dataclass
class Page:
    """One page."""

    browser: Browser
    session: str

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Call a method of the page's session."""
        return self.browser.call(method, self.session, **parameters)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def look(self, *, scheme: str = "light", medium: str = "screen") -> None:
        """Say what the person prefers, and whether it is for paper."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def script(self, *, allowed: bool) -> None:
        """Allow or forbid scripts."""
        self.call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.browser.wait_for("Page.loadEventFired", self.session)

    def value(self, expression: str) -> Any:
        """What an expression gives in the page, as JSON."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, expression: str) -> None:
        """Click into the middle of the element that an expression gives, as a mouse does."""
        box = self.value(
            f"(() => {{ const it = {expression}; it.scrollIntoView({{block: 'center'}}); const box = it.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key."""
        more: dict[str, Any] = _KEYS[key]
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=more["code"])

    def screenshot(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12_000), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self, path: Path) -> bytes:
        """Print it."""
        printed = base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
        path.write_bytes(printed)
        return printed

    def complaints(self) -> list[Mapping[str, Any]]:
        """Everything that was told in the console or in a dialog, and every request but that for the file itself."""
        own = [event for event in self.browser.events if event.get("sessionId") == self.session]
        requests = [event for event in own if event["method"] == "Network.requestWillBeSent"]
        told = [event for event in own if event["method"] in _TOLD]
        return [*told, *(event for event in requests if not _is_the_page(event["params"]))]


def _is_the_page(request: Mapping[str, Any]) -> bool:
    """The file itself, or the empty icon that is written in it."""
    url = str(request["request"]["url"])
    return url == "data:," or (request["type"] == "Document" and url.startswith("file:"))


_KEYS: Final[Mapping[str, dict[str, Any]]] = {
    "Enter": {"code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Tab": {"code": "Tab", "windowsVirtualKeyCode": 9},
    " ": {"code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
    "ArrowDown": {"code": "ArrowDown", "windowsVirtualKeyCode": 40},
}
