"""Headless Chromium, driven by the DevTools protocol over one websocket.

Enough of it for pages of our own: load, evaluate, press keys, size, take a picture, and list what
the page asked for.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import websocket

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome")
WAITS = 60.0
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
    "--remote-allow-origins=*",
)


def program() -> str | None:
    """The path of a Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=WAITS)
        self._last = 0
        self.requests: list[str] = []
        """The addresses that the page asked for, its own first."""
        self.errors: list[str] = []
        """What it complained of: exceptions, and what its policy forbade."""
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a METHOD of the protocol."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._last:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", str(details)))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.errors.append(params["entry"]["text"])

    def load(self, path: Path) -> None:
        """Load a file, and wait until it has run."""
        self.call("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def js(self, expression: str) -> Any:
        """The value of an EXPRESSION, a promise's once it has one."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until EXPRESSION is true."""
        until = time.monotonic() + WAITS
        while not self.js(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.05)

    def press(self, key: str, code: int, *, shift: bool = False) -> None:
        """Press a key, as a keyboard does."""
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        text = {"Enter": "\r", "Space": " "}.get(key, key if len(key) == 1 else "")
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {})
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def size(self, width: int, height: int = 900, *, scheme: str = "light") -> None:
        """Show the page in a window of that size, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def picture(self, path: Path) -> None:
        """Write a PNG of what is to be seen."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


@contextmanager
def browser() -> Iterator[Tab]:
    """A Chromium with one empty tab; it is ended with all that it wrote."""
    path = program()
    assert path
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            tab = Tab(_address(Path(profile)))
            try:
                yield tab
            finally:
                with suppress(Exception):
                    tab.call("Browser.close")
                tab.close()
        finally:
            process.terminate()
            process.wait(timeout=WAITS)


def _address(profile: Path) -> str:
    """The websocket of the one tab; the browser writes its port into a file of its profile."""
    from urllib.request import urlopen  # noqa: PLC0415

    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        with suppress(OSError, ValueError, StopIteration):
            port = re.match(r"\d+", (profile / "DevToolsActivePort").read_text())
            assert port
            with urlopen(f"http://127.0.0.1:{port[0]}/json/list", timeout=5) as answer:
                tabs = json.load(answer)
            found: str = next(e["webSocketDebuggerUrl"] for e in tabs if e["type"] == "page")
            return found
        time.sleep(0.1)
    raise AssertionError("Chromium did not open its port")
