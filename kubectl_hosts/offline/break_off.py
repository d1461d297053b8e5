"""Where JSON text that was cut short ends: the path of the value it was in the middle of."""

from __future__ import annotations

import re
from dataclasses import dataclass

# RFC 8259 tokens; a string or a word without its end matches too, for that is where text is cut.
_TOKEN = re.compile(r'[\[\]{},:]|"(?:[^"\\]|\\.)*"?|[^\s\[\]{},:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class BreakOff:
    """`path` reads like `objects.pods[2].spec`; `keys` are the top-level ones with their text."""

    path: str
    keys: dict[str, str]


def where_it_breaks_off(text: str) -> BreakOff | None:
    """The place where TEXT, one JSON object, ends too early; None when it doesn't end too early.

    TEXT may be wrong in other ways: what is not closed at its end counts, nothing else.
    """
    walk = _Walk()
    for match in _TOKEN.finditer(text):
        walk.take(match.group())
        if not walk.levels:
            return None
    return BreakOff(walk.path, walk.keys) if walk.levels else None


@dataclass(slots=True)
class _Level:
    """An object or array that is open: the key or index that the text is at."""

    key: str = ""
    index: int | None = None
    expects_key: bool = False


class _Walk:
    """What is open after each token."""

    def __init__(self) -> None:
        self.levels: list[_Level] = []
        self.keys: dict[str, str] = {}

    def take(self, token: str) -> None:
        match token:
            case "{":
                self.levels.append(_Level(expects_key=True))
            case "[":
                self.levels.append(_Level(index=0))
            case "}" | "]":
                self.levels[-1:] = []
            case "," if self.levels:
                self._next(self.levels[-1])
            case ":" | ",":
                pass
            case _ if self.levels:
                self._word(self.levels[-1], token.strip('"'))

    @staticmethod
    def _next(level: _Level) -> None:
        if level.index is None:
            level.expects_key = True
        else:
            level.index += 1

    def _word(self, level: _Level, word: str) -> None:
        at_top = len(self.levels) == 1
        if level.expects_key:
            level.key, level.expects_key = word, False
            if at_top:
                self.keys.setdefault(word, "")
        elif at_top:
            self.keys[level.key] = word

    @property
    def path(self) -> str:
        steps = (
            f"[{level.index}]" if level.index is not None else f".{level.key}"
            for level in self.levels
            if level.index is not None or level.key
        )
        return "".join(steps).lstrip(".") or "its first object"
