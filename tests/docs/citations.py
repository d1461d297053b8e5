"""What comments and docstrings cite: pages of the repository, their sections, numbered rows."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
CODE = ("kubectl_hosts", "krew", "examples", "tests")
PAGES = (ROOT, ROOT / "docs", REFERENCE)

_PAGE = re.compile(r"(?<![\w/])([A-Za-z-]+\.md)\b")
_SECTIONS = re.compile(
    r",?(?: sections?)? (?P<numbers>\d+(?:\.\d+)*(?:(?:, | and | to |-)\d+(?:\.\d+)*)*)"
)
_QUOTED = re.compile(r',?(?: rows?)? ?"(?P<text>[^"]+)"')
_ROW = re.compile(r"(?<![\w./-])(?:S[1-9]\d?|C\d\d[a-c]?)(?!\w)")
_QUESTIONS = re.compile(r"\b(?i:questions?) (?P<numbers>\d+(?:(?:, | and )\d+)*)")
_HEADING = re.compile(r"^#+ (?P<number>\d+(?:\.\d+)*)?\.? ?(?P<title>.*)$", re.MULTILINE)
_NUMBERED_ROW = re.compile(r"^\| (?P<number>[SC]?\d+[a-c]?) \|", re.MULTILINE)


class Citation(NamedTuple):
    """A page ("" for a number alone) and what of it is meant: a section, a row, words of it."""

    page: str
    part: str = ""


def cited(text: str) -> Iterator[Citation]:
    """The citations in running text."""
    for page in _PAGE.finditer(text):
        yield Citation(page[1])
        rest = text[page.end() :]
        if sections := _SECTIONS.match(rest):
            numbers = re.findall(r"\d+(?:\.\d+)*", sections["numbers"])
            yield from (Citation(page[1], each) for each in numbers)
            rest = rest[sections.end() :]
        if quoted := _QUOTED.match(rest):
            yield Citation(page[1], quoted["text"])
    yield from (Citation("", each[0]) for each in _ROW.finditer(text))
    for asked in _QUESTIONS.finditer(text):
        yield from (Citation("", each) for each in re.findall(r"\d+", asked["numbers"]))


def leads_somewhere(citation: Citation) -> bool:
    """Whether the page is there, and has that section, row or text."""
    if citation.page == "":
        return citation.part in rows()
    page = next(
        (folder / citation.page for folder in PAGES if (folder / citation.page).is_file()), None
    )
    if page is None:
        return False
    text = page.read_text(encoding="utf-8")
    if re.fullmatch(r"[\d.]*", citation.part):
        return citation.part in {"", *(each["number"] for each in _HEADING.finditer(text))}
    return citation.part.lower() in text.lower()


@functools.cache
def rows() -> frozenset[str]:
    """The numbers of all rows of the reference."""
    pages = (page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    return frozenset(each["number"] for text in pages for each in _NUMBERED_ROW.finditer(text))


def prose(code: str) -> str:
    """Comments and docstrings of a module in one line each, without what is said to a linter."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = [each.string.lstrip("# ") for each in tokens if each.type == tokenize.COMMENT]
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    strings = [
        node.value.value
        for around in ast.walk(ast.parse(code))
        if isinstance(around, nodes)
        for node in around.body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    joined = " ".join(comment.partition("noqa")[0].rstrip("# ") for comment in comments)
    return " ".join(joined.split()) + "\n" + "\n".join(" ".join(each.split()) for each in strings)


def modules() -> list[Path]:
    """Every module of the repository."""
    return sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))
