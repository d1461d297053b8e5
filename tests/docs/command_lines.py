"""Command lines of the pages beside the sessions: fenced lines, and code spans that start with a
program's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.docs.sessions import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NOT_COMMANDS = {"yaml", "json", "text", "mermaid"}
_SPAN = re.compile(r"`([^`\n]+)`")
_PROGRAM = re.compile(r"(kubectl(-hosts)?|helm|python3?|pipx?|make|jq|getent|docker|kind|bash|sh) ")
_COMMENT = re.compile(r"\s+# .*$")


class CommandLine(NamedTuple):
    """A line of a page that a reader may type."""

    page: Path
    line: str


def command_lines() -> Iterator[CommandLine]:
    """Every command line of the pages that is no session of `tests.docs.sessions`, in order."""
    for page in PAGES:
        text = page.read_text()
        for kind, block in _FENCED.findall(text):
            yield from (CommandLine(page, line) for line in _typed(kind, block))
        for span in _SPAN.findall(_FENCED.sub("", text)):
            if _PROGRAM.match(span):
                yield CommandLine(page, span)


def _typed(kind: str, block: str) -> list[str]:
    if kind in _NOT_COMMANDS:
        return []
    lines = [_COMMENT.sub("", line) for line in block.splitlines() if line.strip()]
    if kind != "console":
        return lines
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in typed if not line.startswith("kubectl hosts ")]
