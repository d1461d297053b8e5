"""Sessions in the documents: each `$ kubectl hosts ...` line and the output printed below it.

A picture is the mermaid block below a comment that has the command; GitHub draws it.

python -m tests.docs.sessions    writes the real output into README.md and docs/*.md
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PICTURE = re.compile(r"^<!-- (\$ .*) -->\n```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT = "$ kubectl hosts "
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "KUBECONFIG": "/nonexistent", "LC_ALL": "C.UTF-8"}


class Session(NamedTuple):
    """One command of a page and what the page says it prints."""

    page: Path
    command: str
    output: str
    between: str = "\n"
    """What stands between the two."""


def sessions(page: Path) -> Iterator[Session]:
    """The commands of the pictures of PAGE, and of its console blocks, in order."""
    for command, output in _PICTURE.findall(page.read_text()):
        yield Session(page, command, output, " -->\n```mermaid\n")
    for block in _BLOCK.findall(page.read_text()):
        for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
            if part.startswith(_PROMPT):
                command, _, output = part.partition("\n")
                yield Session(page, command, output)


def run(command: str) -> str:
    """What the command prints, stderr after stdout, from the repository's root.

    In this process: a new one for each of the sessions takes most of the time that they take.
    """
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        _at_the_root(),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        main(shlex.split(command.removeprefix(_PROMPT)))
    return "".join(_written(stream) for stream in (stdout, stderr))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def _at_the_root() -> Iterator[None]:
    """The repository's root as working directory, and nothing of this process's environment."""
    before, environment = Path.cwd(), dict(os.environ)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)


def rewritten(page: Path) -> str:
    """The page with the real output below each command."""
    text = page.read_text()
    for each in sessions(page):
        before = f"{each.command}{each.between}"
        text = text.replace(before + each.output, before + run(each.command), 1)
    return text


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(rewritten(each))
