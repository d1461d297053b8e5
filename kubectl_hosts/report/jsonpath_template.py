"""What a jsonpath template says: kubectl's dialect, text in, steps out.

The grammar is that of k8s.io/client-go/util/jsonpath as kubectl 1.32 reads it, and of
https://kubernetes.io/docs/reference/kubectl/jsonpath/; the messages are kubectl's own.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from kubectl_hosts.report.jsonpath_path import (
    Comparison,
    Constant,
    Descent,
    Exists,
    Field,
    Identifier,
    Quoted,
    Slice,
    Union,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.report.jsonpath_path import Path, Step

# What ends a name, unless a backslash stands before it.
_ENDS = r" \t\r\n.,\[\]$@{}"
_FIELD = re.compile(rf"(?:\\.?|[^{_ENDS}\\])*", re.DOTALL)
_IDENTIFIER = re.compile(rf"[^{_ENDS}]*")
_NUMBER = re.compile(r"[+-]?[\d.]*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_BRACKETS = re.compile(r"\[([^\]\n]*)\]")
# kubectl knows '...' alone; "..." is taken as well, for kubectl has no other use of it.
_KEY = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SLICE = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?")
# The first quote opens a string that may hold a `)`; after its end the next `)` is the filter's.
_FILTER = re.compile(r"\[\?\(([^\"')\n]*(?:([\"']).*?(?<!\\)\2[^)\n]*)?)\)")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)")
# A quote ends a string unless a backslash stands right before it, escaped itself or not.
_QUOTED = re.compile(r"([\"'])((?:(?!\1)[^\n]|(?<=\\)\1)*)(?<!\\)\1")
# strconv.UnquoteChar.
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.?)"
)
_ESCAPED = dict(zip("abfnrtv\\", "\a\b\f\n\r\t\v\\", strict=True))
_INT64 = range(-(2**63), 2**63)


class TemplateError(Exception):
    """The template cannot be read; the message is kubectl's, without what stands before it."""


class _Cursor:
    """A place in a template."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at

    def sees(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    @property
    def character(self) -> str:
        """The character here, "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str], otherwise: str = "") -> re.Match[str]:
        """What PATTERN matches here, and step over it; TemplateError(otherwise) where nothing."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise TemplateError(otherwise)
        self.at = found.end()
        return found


def parse_template(template: str) -> tuple[str | Path, ...]:
    """The template's literal texts (str) and the paths between its braces, in order.

    Raises TemplateError. `{range}` and `{end}` are left where they stand, as Identifier steps.
    """
    cursor = _Cursor(template)
    nodes: list[str | Path] = []
    while cursor.character:
        text, brace, _ = template[cursor.at :].partition("{")
        cursor.at += len(text) + len(brace)
        nodes += [text] if text else []
        if brace:
            nodes.append(_parse_path(cursor))
    return tuple(nodes)


def _parse_path(cursor: _Cursor) -> Path:
    steps: list[Step] = []
    while not cursor.sees("}"):
        if cursor.sees("..") and isinstance(steps[-1] if steps else None, Descent):
            raise TemplateError("invalid multiple recursive descent")
        steps += _parse_step(cursor)
    cursor.at += 1
    return tuple(steps)


def _parse_within(text: str) -> Path:
    """A path within a path: the first one, as kubectl has it, but all of it must be readable."""
    first = parse_template(f"{{{text}}}")[0]
    assert isinstance(first, tuple)
    return first


def _parse_step(cursor: _Cursor) -> Path:
    if cursor.sees("[?("):
        return (_parse_filter(cursor),)
    if cursor.sees(".."):
        return _parse_descent(cursor)
    character = cursor.character
    if character in {"", "\n", "\r"}:
        raise TemplateError("unclosed action")
    parse = _BY_CHARACTER.get(character)
    if parse is None and character.isdecimal():
        parse = _parse_number
    if parse is None and _is_alphanumeric(character):
        parse = _parse_identifier
    if parse is None:
        shown = f" '{character}'" if character.isprintable() else ""
        raise TemplateError(f"unrecognized character in action: U+{ord(character):04X}{shown}")
    return parse(cursor)


def _is_alphanumeric(character: str) -> bool:
    return character == "_" or character.isalpha() or character.isdecimal()


def _skip(cursor: _Cursor) -> Path:
    """A space; `@` and `$`, which both stand for the current value, also within a range."""
    cursor.at += 1
    return ()


def _parse_descent(cursor: _Cursor) -> Path:
    cursor.at += len("..")
    if _is_alphanumeric(cursor.character):
        return (Descent(), _parse_name(cursor))
    return (Descent(),)


def _parse_field(cursor: _Cursor) -> Path:
    cursor.at += len(".")
    return (_parse_name(cursor),)


def _parse_name(cursor: _Cursor) -> Field | Wildcard:
    written = cursor.take(_FIELD)[0]
    return Wildcard() if written == "*" else Field(written.replace("\\", ""))


def _parse_identifier(cursor: _Cursor) -> Path:
    word = cursor.take(_IDENTIFIER)[0]
    return (Constant(word == "true") if word in {"true", "false"} else Identifier(word),)


def _parse_number(cursor: _Cursor) -> Path:
    written = cursor.take(_NUMBER)[0]
    if _INTEGER.fullmatch(written) and int(written) in _INT64:
        return (Constant(int(written)),)
    value = float(written) if _DECIMAL.fullmatch(written) else math.inf
    if math.isinf(value):
        raise TemplateError(f"cannot parse number {written}")
    return (Constant(value),)


def _parse_quoted(cursor: _Cursor) -> Path:
    found = cursor.take(_QUOTED, "unterminated quoted string")
    quote, body = found[1], found[2]
    try:
        return (Quoted(_unquote(body, quote)),)
    except ValueError as error:
        raise TemplateError(f"unquote string {found[0]} error invalid syntax") from error


def _unquote(body: str, quote: str) -> str:
    """BODY with its escapes read as Go does; bytes that make no UTF-8 become U+FFFD."""
    # A quote after an escaped backslash is bare: the string went on past it, yet it may not.
    if quote in _ESCAPE.sub("", body) and "\\" in body:
        raise ValueError(body)
    pieces = []
    end = 0
    for found in _ESCAPE.finditer(body):
        pieces += [body[end : found.start()].encode("utf-8", "replace"), _escaped(found, quote)]
        end = found.end()
    return b"".join([*pieces, body[end:].encode("utf-8", "replace")]).decode("utf-8", "replace")


def _escaped(found: re.Match[str], quote: str) -> bytes:
    letter, byte, octal, short, long = found.groups()
    if letter == quote:
        return quote.encode()
    if letter in _ESCAPED:
        return _ESCAPED[letter].encode()
    if byte or octal:
        return bytes([int(byte, 16) if byte else int(octal, 8)])
    # Nothing else is an escape: int("") is the ValueError; a lone surrogate's is encode's own.
    return chr(int(short or long or "", 16)).encode()


def _parse_brackets(cursor: _Cursor) -> Path:
    inside = cursor.take(_BRACKETS, "unterminated array")[1]
    if "," in inside:
        parts = inside.split(",")
        return (Union(tuple(_parse_within(f"[{part.strip(' ')}]") for part in parts)),)
    key = _KEY.fullmatch(inside)
    if key is not None:
        # A key is a path again: ['a.b'] is .a.b, and a dot in a name needs its backslash.
        return _parse_within(f".{key[1] or key[2] or ''}")
    return (_parse_slice(":" if inside == "*" else inside),)


def _parse_slice(inside: str) -> Slice:
    found = _SLICE.fullmatch(inside)
    if found is None:
        raise TemplateError(f"invalid array index {inside}")
    start, stop, step = (_index(part) for part in found.groups())
    return Slice(start=start, stop=stop, step=step, is_index=not found[2])


def _index(part: str | None) -> int | None:
    written = (part or "").removeprefix(":")
    if not written:
        return None
    if not _INTEGER.fullmatch(written) or int(written) not in _INT64:
        raise TemplateError(f"array index {written} is not a number")
    return int(written)


def _parse_filter(cursor: _Cursor) -> Exists | Comparison:
    text = cursor.take(_FILTER, "unterminated filter")[1]
    if not cursor.sees("]"):
        raise TemplateError("unclosed array expect ]")
    cursor.at += 1
    parts = _COMPARISON.fullmatch(text)
    if parts is None:
        return Exists(_parse_within(text))
    left, operator, right = parts.groups()
    return Comparison(left=_parse_within(left), operator=operator, right=_parse_within(right))


_BY_CHARACTER: dict[str, Callable[[_Cursor], Path]] = {
    " ": _skip,
    "@": _skip,
    "$": _skip,
    "[": _parse_brackets,
    '"': _parse_quoted,
    "'": _parse_quoted,
    ".": _parse_field,
    "+": _parse_number,
    "-": _parse_number,
}
