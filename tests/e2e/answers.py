"""What the suite reads out of the program's answers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.conftest import Completed

Report = dict[str, Any]

# kubectl's own openings (plugin-conventions.md section 3), and the plain one.
_COMPLAINT = re.compile(
    r"^(error: |Error from server|Unable to connect|The connection to the server )"
)


def report(done: Completed) -> Report:
    """The one document that `-o json` printed."""
    return json.loads(done.stdout)


def container(document: Report, name: str = "") -> Report:
    """The container of that name, or the only one."""
    chosen = [each for each in document["containers"] if name in ("", each["name"])]
    assert len(chosen) == 1, [each["name"] for each in document["containers"]]
    return chosen[0]


def differing_lines(document: Report) -> list[tuple[str, str]]:
    """(status, text) of each line that is not as expected."""
    lines = container(document)["lines"]
    return [(each["status"], each["text"]) for each in lines if each["status"] != "expected"]


def origin_kinds(document: Report) -> list[str]:
    """The kind of origin of each line that has an entry or a comment."""
    return [each["origin"]["kind"] for each in container(document)["lines"]]


def complaint(done: Completed) -> tuple[str, str]:
    """The one error line and the one hint of a run that could do nothing."""
    stderr = done.stderr.decode()
    errors = [line for line in stderr.splitlines() if _COMPLAINT.match(line)]
    hints = [line for line in stderr.splitlines() if line.startswith("hint: ")]
    assert (len(errors), len(hints)) == (1, 1), stderr
    return errors[0], hints[0]
