"""Variables filled in: `$(VAR)` as the kubelet does, `${VAR}` and `$VAR` as a shell does.

k8s.io/kubernetes third_party/forked/golang/expansion: `$$` is a `$` that starts nothing, and a
reference to a variable that is not there stays as it is. Where each piece stood in the text as
written is kept, so that a report can quote that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_KUBELET = re.compile(r"\$(?:\$|\((?P<name>[^()\s]*)\))")
_SHELL = re.compile(
    r"\$(?:\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::?[-=](?P<other>[^${}]*))?\}"
    r"|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)


class Piece(NamedTuple):
    """Where something else stands in the expanded text, and where its reference was before."""

    start: int
    end: int
    written_start: int
    written_end: int


class Expanded(NamedTuple):
    """A text with its variables filled in, and the text as written."""

    text: str
    written: str
    pieces: tuple[Piece, ...] = ()

    def as_written(self, start: int, end: int) -> str:
        """What stands in the text as written where TEXT has [START, END)."""
        return self.written[self._before(start, at_end=False) : self._before(end, at_end=True)]

    def _before(self, position: int, *, at_end: bool) -> int:
        shift = 0
        for each in self.pieces:
            if each.end <= position and each.start != position:
                shift = each.written_end - each.end
            elif each.start < position < each.end:
                return each.written_end if at_end else each.written_start
            elif each.start >= position:
                break
        return position + shift


def as_it_is(text: str) -> Expanded:
    """A text in which nothing is filled in."""
    return Expanded(text, text)


def expand(text: str, variables: Mapping[str, str]) -> str:
    """TEXT as the kubelet passes it on."""
    return _KUBELET.sub(lambda found: _by_kubelet(found, variables), text)


def expand_everywhere(text: str, variables: Mapping[str, str]) -> Expanded:
    """TEXT as the kubelet passes it on and a shell, or a configuration, then reads it.

    A reference that the kubelet leaves to the shell (`$$(VAR)`) is a command there.
    """
    pieces: list[Piece] = []
    out: list[str] = []
    length = at = 0
    for found in re.finditer(f"{_KUBELET.pattern}|{_unnamed(_SHELL.pattern)}", text):
        value = _value(found, variables)
        before = text[at : found.start()]
        out += (before, value)
        length += len(before)
        pieces.append(Piece(length, length + len(value), found.start(), found.end()))
        length += len(value)
        at = found.end()
    out.append(text[at:])
    return Expanded("".join(out), text, tuple(pieces))


def _unnamed(pattern: str) -> str:
    """PATTERN with its groups under other names, to stand beside the kubelet's."""
    return pattern.replace("<name>", "<shell>")


def _by_kubelet(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    return variables.get(found["name"], found[0])


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found["name"] or found["shell"] or found["bare"]
    if name is None:
        return "$" if found[0] == "$$" else found[0]
    return variables.get(name, found["other"] or found[0])
