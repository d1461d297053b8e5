r"""docs/explain.svg: a session as a terminal shows it, drawn from what the program prints.

python -m tests.docs.picture    writes the picture

SGR sequences (ECMA-48 8.3.117) become `tspan`s; only those that report/terminal.py writes are known.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from tests.docs.sessions import ROOT, run

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = ROOT / "docs" / "explain.svg"
COMMANDS = (
    "kubectl hosts explain redis --from deploy/cart",
    "kubectl hosts diff edited",
)
CAPTURE = "-f examples/capture.json --color always"

COLUMNS = 104
CHARACTER = 8.4
LINE = 19
MARGIN = 18
TITLE = 34
BACKGROUND, FOREGROUND = "#16181d", "#d8dee9"
STYLES = {
    "1": 'font-weight="bold"',
    "2": 'fill="#8b93a3"',
    "31": 'fill="#ff7b72"',
    "32": 'fill="#7ee787"',
    "33": 'fill="#e3b341"',
    "34": 'fill="#79c0ff"',
    "35": 'fill="#d2a8ff"',
    "36": 'fill="#76e3ea"',
}
_SGR = re.compile(r"\x1b\[([0-9;]*)m")


class Run(NamedTuple):
    """Characters in one style: the SGR parameters that are on."""

    text: str
    style: tuple[str, ...]


def runs(line: str) -> Iterator[Run]:
    """The runs of a line that holds SGR sequences."""
    style: tuple[str, ...] = ()
    for index, part in enumerate(_SGR.split(line)):
        if index % 2 == 0:
            if part:
                yield Run(part, style)
        else:
            codes = tuple(code for code in part.split(";") if code not in {"", "0"})
            style = (*style, *codes) if codes else ()


def wrapped(line: list[Run]) -> Iterator[list[Run]]:
    """A line as rows of at most COLUMNS characters, broken at blanks, continued with an indent."""
    styles = [each.style for each in line for _ in each.text]
    text = "".join(each.text for each in line)
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    at = 0
    for number, row in enumerate(_rows(text, indent)):
        own = row if number == 0 else row.removeprefix(indent)
        at = text.index(own, at)
        yield [
            *([Run(indent, ())] if number else []),
            *(Run(letter, styles[at + place]) for place, letter in enumerate(own)),
        ]
        at += len(own)


def _rows(text: str, indent: str) -> list[str]:
    kept = {"drop_whitespace": True, "replace_whitespace": False, "break_on_hyphens": False}
    return textwrap.wrap(text, COLUMNS, subsequent_indent=indent, **kept) or [""]


def joined(row: list[Run]) -> Iterator[Run]:
    """The row with neighbours of one style as one run."""
    text, style = "", row[0].style if row else ()
    for each in row:
        if each.style != style:
            yield Run(text, style)
            text, style = "", each.style
        text += each.text
    if text:
        yield Run(text, style)


def drawn(row: list[Run], number: int) -> str:
    """One row of text as an SVG element."""
    spans = "".join(
        f"<tspan {' '.join(STYLES[code] for code in each.style)}>{escape(each.text)}</tspan>"
        if each.style
        else escape(each.text)
        for each in joined(row)
    )
    y = TITLE + MARGIN + number * LINE
    return f'<text x="{MARGIN}" y="{y}" xml:space="preserve">{spans}</text>'


def terminal() -> str:
    """What a user sees: each command behind its prompt, and its output."""
    shown = [
        f"\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m\n{run(f'$ {command} {CAPTURE}')}"
        for command in COMMANDS
    ]
    return "\n".join(shown)


def picture() -> str:
    """The whole SVG document."""
    lines = (list(runs(line.expandtabs(8))) for line in terminal().splitlines())
    rows = [row for line in lines for row in wrapped(line)]
    width = round(2 * MARGIN + COLUMNS * CHARACTER)
    height = TITLE + 2 * MARGIN + (len(rows) - 1) * LINE
    dots = "".join(
        f'<circle cx="{MARGIN + 6 + 20 * place}" cy="17" r="6" fill="{color}"/>'
        for place, color in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape("; ".join(COMMANDS))}">\n'
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>{dots}\n'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" '
        f'font-size="14" fill="{FOREGROUND}">\n'
        + "\n".join(drawn(row, number) for number, row in enumerate(rows))
        + "\n</g>\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(picture())
