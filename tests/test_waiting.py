"""What a person at a terminal hears of a wait, and that a script hears nothing."""

from __future__ import annotations

import io
import threading
import time

from kubectl_hosts import waiting

WIPE = "\r\x1b[K"


class Stderr(io.StringIO):
    def __init__(self, *, is_tty):
        super().__init__()
        self.is_tty = is_tty

    def isatty(self):
        return self.is_tty


def terminal(monkeypatch, *, is_tty=True):
    """Its stderr; made by the test itself, as pytest sets sys.stderr anew for it."""
    stream = Stderr(is_tty=is_tty)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(waiting, "QUIET_SECONDS", 0.05)
    return stream


def wait(what, seconds):
    with waiting.waiting_for(what):
        time.sleep(seconds)


def test_a_wait_is_shown_and_gone_at_its_end(monkeypatch):
    stderr = terminal(monkeypatch)
    wait("asking 192.0.2.1", 0.4)
    assert stderr.getvalue() == f"{WIPE}asking 192.0.2.1{WIPE}"


def test_a_wait_takes_one_row_so_that_it_can_be_wiped(monkeypatch):
    stderr = terminal(monkeypatch)
    wait("x" * 200, 0.4)
    assert stderr.getvalue() == f"{WIPE}{'x' * 79}{WIPE}"


def test_a_short_wait_is_not_shown(monkeypatch):
    stderr = terminal(monkeypatch)
    wait("asking 192.0.2.1", 0)
    time.sleep(0.2)
    assert stderr.getvalue() == ""


def test_a_script_hears_nothing(monkeypatch):
    stderr = terminal(monkeypatch, is_tty=False)
    wait("asking 192.0.2.1", 0.2)
    assert stderr.getvalue() == ""


def test_of_several_waits_one_is_shown_at_a_time(monkeypatch):
    stderr = terminal(monkeypatch)
    threads = [threading.Thread(target=wait, args=(each, 0.5)) for each in ("a", "b", "c")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    shown = stderr.getvalue()
    assert shown.startswith(WIPE)
    assert shown.endswith(WIPE)
    assert not any(len(each) > 1 for each in shown.split(WIPE))


def test_what_stays_is_printed_on_a_line_of_its_own(monkeypatch):
    stderr = terminal(monkeypatch)
    with waiting.waiting_for("asking 192.0.2.1"):
        time.sleep(0.4)
        waiting.wipe()
        stderr.write("note\n")
    assert stderr.getvalue() == f"{WIPE}asking 192.0.2.1{WIPE}note\n"


def test_counting_comes_before_what_else_is_waited_for(monkeypatch):
    stderr = terminal(monkeypatch)
    counting = waiting.Counting()
    counting.say("read 1 of 3 pods")
    wait("asking 192.0.2.1", 0.4)
    counting.say("read 2 of 3 pods")
    counting.end()
    assert "asking" not in stderr.getvalue()
    assert stderr.getvalue().endswith(f"{WIPE}read 2 of 3 pods{WIPE}")
