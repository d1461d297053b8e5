"""The words of a Caddyfile with their lines; coredns/caddy caddyfile/lexer.go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENVIRONMENT = re.compile(r"\{%(?P<percent>[^{}%]+)%\}|\{\$(?P<dollar>[^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, the 1-based line that it starts on, and its file ("" for the Corefile itself)."""

    text: str
    line: int
    file: str = ""


def lex(text: str, file: str = "") -> tuple[Token, ...]:
    r"""The words of TEXT.

    White space parts them, `#` begins a comment (inside a word as well), `"` at the start of a
    word begins one that ends at the next `"`; `\"` in it is a quote, a backslash elsewhere stays.
    """
    tokens: list[Token] = []
    line, at = 1, 0
    text = text.removeprefix("\ufeff")
    while at < len(text):
        character = text[at]
        if character == "\n":
            line += 1
        if character.isspace():
            at += 1
        elif character == "#":
            at = _end_of_line(text, at)
        elif character == '"':
            word, end = _quoted(text, at + 1)
            tokens.append(Token(word, line, file))
            line += text.count("\n", at, end)
            at = end
        else:
            word, end = _bare(text, at)
            tokens.append(Token(word, line, file))
            line += text.count("\n", at, end)
            at = end
    return tuple(tokens)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _quoted(text: str, at: int) -> tuple[str, int]:
    word = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            word.append(text[at + 1] if text[at + 1] == '"' else text[at : at + 2])
            at += 2
        else:
            word.append(text[at])
            at += 1
    return "".join(word), min(at + 1, len(text))


def _bare(text: str, at: int) -> tuple[str, int]:
    # A carriage return is dropped, not a separator; a comment inside a word ends with its line.
    word = []
    while at < len(text):
        character = text[at]
        if character == "#":
            at = _end_of_line(text, at)
            break
        if character.isspace() and character != "\r":
            break
        if character != "\r":
            word.append(character)
        at += 1
    return "".join(word), at


def with_environment(text: str, environment: Mapping[str, str]) -> str:
    """TEXT with `{$NAME}` and `{%NAME%}` replaced; an unset variable is empty, as in Go."""
    return _ENVIRONMENT.sub(
        lambda match: environment.get(match["percent"] or match["dollar"], ""), text
    )


def variables_in(text: str) -> tuple[str, ...]:
    """The environment variables that TEXT refers to."""
    return tuple(match["percent"] or match["dollar"] for match in _ENVIRONMENT.finditer(text))
