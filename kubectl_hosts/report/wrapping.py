"""Sentences in lines of a terminal's width, broken between words; left whole in a pipe."""

from __future__ import annotations

import textwrap


def wrapped(text: str, width: int | None, *, indent: str = "", hanging: str = "") -> str:
    """TEXT (escaped) in lines of WIDTH, the first after INDENT, others after HANGING."""
    if width is None:
        return f"{indent}{text}\n"
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def folded(text: str, width: int | None) -> str:
    """Each line of TEXT in lines of WIDTH, those after the first further in."""
    return "".join(
        wrapped(line.lstrip(" "), width, indent=indent, hanging=f"{indent}  ")
        for line in text.splitlines()
        for indent in (" " * (len(line) - len(line.lstrip(" "))),)
    )
