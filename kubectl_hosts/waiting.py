"""What is being waited for, told to a person at a terminal after a second, and gone at the end.

One line on stderr, where that is a terminal; of several waits the one that began first. A script
never sees it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET_SECONDS = 1.0
"""A command that says nothing for longer seems to hang."""
_WIPE = "\r\x1b[K"


class _Line:
    """The last line of the terminal, which several threads may want."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: dict[int, str] = {}
        self._number = 0
        self._is_shown = False

    def begin(self, what: str) -> int:
        """The number of a new wait, which is shown after a second."""
        with self._lock:
            self._number += 1
            self._waits[self._number] = what
        return self._number

    def change(self, number: int, what: str) -> None:
        """Say something else of a wait, at once."""
        with self._lock:
            self._waits[number] = what
            self._print()

    def end(self, number: int) -> None:
        """Take the wait away; the next one is shown in its place."""
        with self._lock:
            self._waits.pop(number, None)
            if self._is_shown:
                self._print()

    def show(self) -> None:
        """Print what is waited for."""
        with self._lock:
            self._print()

    def wipe(self) -> None:
        """Make room for a line that stays."""
        with self._lock:
            if self._is_shown:
                self._is_shown = False
                self._write(_WIPE)

    def _print(self) -> None:
        # What takes two rows is not wiped by `\r` in the second.
        what = next(iter(self._waits.values()), "")[: _columns() - 1]
        was_shown, self._is_shown = self._is_shown, bool(what)  # before a ^C can come between
        if what or was_shown:
            self._write(f"{_WIPE}{what}")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _FEWEST
    except (OSError, ValueError):
        return _FEWEST


_FEWEST = 80
_LINE = _Line()


class Counting:
    """`read 12 of 100 pods` for as long as it takes, at once and before any other wait."""

    def __init__(self) -> None:
        is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._number = _LINE.begin("") if is_shown else None

    def say(self, what: str) -> None:
        """How far it is."""
        if self._number is not None:
            _LINE.change(self._number, what)

    def end(self) -> None:
        """Take it away."""
        if self._number is not None:
            _LINE.end(self._number)


def wipe() -> None:
    """Take the line away, if there is one: something is printed that stays."""
    _LINE.wipe()


def wipe_when_ended() -> None:
    """Leave no line behind at SIGTERM, which then ends the program as it does any other."""
    import signal  # noqa: PLC0415  only at a terminal

    def end(number: int, _frame: object) -> None:
        with suppress(OSError, ValueError):  # without the lock: whoever holds it may be this thread
            os.write(sys.stderr.fileno(), _WIPE.encode())
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    signal.signal(signal.SIGTERM, end)


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Show WHAT (escaped, short) while the block runs, once it has run for a second."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    number = _LINE.begin(what)
    timer = threading.Timer(QUIET_SECONDS, _LINE.show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _LINE.end(number)
