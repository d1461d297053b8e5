"""Sessions in the documents: each `$ kubectl hosts ...` line and the output printed below it.

python -m tests.docs.sessions    writes the real output into README.md and docs/*.md
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT = "$ kubectl hosts "


class Session(NamedTuple):
    """One command of a page and what the page says it prints."""

    page: Path
    command: str
    output: str


def sessions(page: Path) -> Iterator[Session]:
    """The commands of the console blocks of PAGE, in order."""
    for block in _BLOCK.findall(page.read_text()):
        for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
            if part.startswith(_PROMPT):
                command, _, output = part.partition("\n")
                yield Session(page, command, output)


def run(command: str) -> str:
    """What the command prints, stderr after stdout, from the repository's root."""
    argv = shlex.split(command.removeprefix(_PROMPT))
    done = subprocess.run(
        [sys.executable, "-m", "kubectl_hosts", *argv],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={"PATH": "/usr/bin:/bin", "KUBECONFIG": "/nonexistent", "LC_ALL": "C.UTF-8"},
    )
    return done.stdout + done.stderr


def rewritten(page: Path) -> str:
    """The page with the real output below each command."""
    text = page.read_text()
    for each in sessions(page):
        old = f"{each.command}\n{each.output}"
        text = text.replace(old, f"{each.command}\n{run(each.command)}", 1)
    return text


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(rewritten(each))
