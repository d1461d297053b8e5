"""Regular expressions of a Corefile: CoreDNS is written in Go, whose syntax and engine are RE2's.

They are matched by google-re2, in linear time; https://github.com/google/re2/wiki/Syntax. Where no
wheel of it is installed, Python's `re` takes those that it reads alike and that cannot backtrack
without end; the others are not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# RE2 alone has a limit on memory, so this failure says nothing of Go.
_TOO_LARGE = "too large"
# What means one thing in Go and another, or nothing, in Python; and what may backtrack: a repeated
# group, or a repetition behind two others.
_READ_OTHERWISE = re.compile(
    r"\\[^.\-_/dDsSwW\[\](){}*+?|^$\\]|\(\?(?!:|i\)|P<)|\[\[:|[^\x00-\x7f]|\$"
)
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})")
_MOST_UNBOUNDED = 2


class Refused(Exception):
    """A plugin refuses this when it is set up, so CoreDNS does not load the Corefile at all."""


class PatternUnknown(Exception):
    """Nobody here can say what the expression matches."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where an expression was found: group 0, 1... (None where it took no part), and by name."""

    groups: tuple[str | None, ...]
    named: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression; two with one text are one."""

    text: str

    def search(self, subject: str) -> Match | None:
        """The first place in SUBJECT that it matches. Raises as `compile_pattern` does."""
        found = _compiled(self.text).search(subject)
        if found is None:
            return None
        return Match((found[0], *found.groups()), tuple(found.groupdict().items()))


def compile_pattern(text: str) -> Pattern:
    """The expression TEXT. Raises Refused as Go refuses it, or PatternUnknown."""
    _compiled(text)
    return Pattern(text)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:  # noqa: ANN401  a pattern of re2 or of re, which look alike
    try:
        import re2  # noqa: PLC0415  no Corefile without a pattern needs it
    except ImportError:
        return _by_python(text)
    options = re2.Options()
    options.log_errors = False
    if r"\C" in text.replace(r"\\", ""):
        raise Refused(rf"invalid escape sequence: `\C`: `{text}`")
    try:
        return re2.compile(text, options)
    except re2.error as error:
        words = error.args[0].decode("utf-8", "replace") if error.args else ""
        if _TOO_LARGE in words:
            raise PatternUnknown(text) from error
        raise Refused(words) from error


def _by_python(text: str) -> re.Pattern[str]:
    if (
        _READ_OTHERWISE.search(text.removesuffix("$"))
        or _REPEATED_GROUP.search(text)
        or len(_UNBOUNDED.findall(text)) > _MOST_UNBOUNDED
    ):
        raise PatternUnknown(text)
    # `$` is the very end in Go, and may stand before a final newline in Python.
    ended = rf"{text[:-1]}\Z" if text.endswith("$") and not text.endswith(r"\$") else text
    try:
        return re.compile(ended)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternUnknown(text) from error
