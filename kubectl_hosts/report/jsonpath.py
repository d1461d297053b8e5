r"""`-o jsonpath=TEMPLATE`: kubectl's dialect, a template and a document in, text out.

The meaning is that of k8s.io/client-go/util/jsonpath in kubectl 1.32 with AllowMissingKeys
(https://kubernetes.io/docs/reference/kubectl/jsonpath/; 252 templates measured in
tests/cases/jsonpath.json): a missing key prints nothing, an index outside its list is an error, `@`
and `$` both stand for the current value, a dot within a key is `\.` even in `['a\.b']`, numbers
look as Go prints them. Keys are walked sorted, by Go at random. The messages are ours.

Reading a template makes functions: each step goes from the values reached so far to the next.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

from kubectl_hosts.errors import BadInput
from kubectl_hosts.report.terminal import json_escape

_HINT = "https://kubernetes.io/docs/reference/kubectl/jsonpath/ has examples."
# kubectl has no limit; a range without its end doubles what comes after it, so we have one.
_DEEPEST_RANGE = 12
_ALWAYS_ALLOWED = 20_000
# A null that a range stands on: kubectl prints it otherwise than a null it comes across.
_NO_VALUE = object()
PathStep = Callable[[list[Any]], list[Any]]


class Part(NamedTuple):
    """A text that stands for itself, or `{...}`: where it leads; `range` or `end` in it."""

    text: str = ""
    path: PathStep | None = None
    word: str = ""


class _BadTemplate(Exception):
    """The template cannot be read or applied; the message says why."""


class _Effort:
    """How many values a template may go through: those of its document a hundred times, and some.

    Ranges and `..` within each other multiply; kubectl has no limit.
    """

    def __init__(self, document: object = None) -> None:
        self._document = document
        self._left = _ALWAYS_ALLOWED
        self._is_counted = False

    def spend(self, values: int) -> None:
        """Take note of VALUES. Raises _BadTemplate where they are too many."""
        self._left -= values + 1
        if self._left < 0 and not self._is_counted:
            self._is_counted = True
            self._left += 100 * sum(1 for _ in _descend(self._document))
        if self._left < 0:
            raise _BadTemplate("it goes through the same values more than a hundred times")


def print_jsonpath(template: str, document: object) -> str:
    """The template's text with what its paths find in DOCUMENT, as `kubectl get` prints it.

    The values of one path are separated by a space; strings are bare, objects and lists compact
    JSON. No newline is appended. Raises BadInput for what cannot be read or applied.
    """
    effort = _Effort(document)
    nodes = check_template(template, effort)
    try:
        return "".join(_print(nodes, document, effort))
    except _BadTemplate as error:
        raise BadInput(f"error executing jsonpath {template}: {error}", hint=_HINT) from error


def check_template(template: str, effort: _Effort | None = None) -> tuple[Part, ...]:
    """The texts and paths of TEMPLATE, in order. Raises BadInput for one that cannot be read."""
    if not template:
        raise BadInput("template format specified but no template given", hint=_HINT)
    try:
        return _read(template, effort or _Effort())
    except _BadTemplate as error:
        raise BadInput(f"error parsing jsonpath {template}: {error}", hint=_HINT) from error


def _print(nodes: Sequence[Part], value: object, effort: _Effort) -> Iterator[str]:
    at = 0
    effort.spend(len(nodes))
    while at < len(nodes):
        (text, path, word), at = nodes[at], at + 1
        found = path([value]) if path else []
        if word == "range":
            depths = _depths(nodes[at:], 1)
            # Without its {end} what follows is the range's body, and applied once more outside.
            end = at + depths.index(0) if 0 in depths else len(nodes)
            for each in found:
                yield from _print(nodes[at:end], _NO_VALUE if each is None else each, effort)
            at = end + 1 if 0 in depths else at
        else:
            yield text + " ".join(map(_text, found))


def _depths(nodes: Sequence[Part], depth: int) -> list[int]:
    """How many ranges are open after each node."""
    return [depth := depth + {"range": 1, "end": -1}.get(each.word, 0) for each in nodes]


def _text(value: object) -> str:
    if isinstance(value, float):  # fmt's %v: an exponent from 1e+06 on
        return _number_text(value, range(-4, 6))
    value = "<no value>" if value is _NO_VALUE else value
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    """Compact JSON as encoding/json writes it: keys in order, `<`, `>` and `&` escaped."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{_json(key)}:{_json(value[key])}' for key in sorted(value))}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, float):  # encoding/json: from 1e+21 on
        return _number_text(value, range(-6, 21)).replace("e-0", "e-")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return json_escape(text.translate(_HTML_ESCAPES))


_HTML_ESCAPES = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def _number_text(value: float, plain: range) -> str:
    """The shortest digits that give VALUE back, without an exponent where it is in PLAIN."""
    shortest = Decimal(repr(value)).normalize()
    exponent = shortest.adjusted()
    if not shortest or exponent in plain or not shortest.is_finite():
        return format(shortest, "f")
    mantissa = format(shortest.scaleb(-exponent), "f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


# How a template is read. A name goes on to one of _ENDS, unless a backslash stands before it. The
# first quote of a filter opens a text that may hold a `)`; a backslash right before a quote keeps
# it from ending one; escapes are strconv.UnquoteChar's. Keys are taken in "..." as well as '...'.
_ENDS = r"\ \t\r\n.,\[\]$@{}"
_NAME = rf"(?:\\.?|[^{_ENDS}\\])*"
_STEP = re.compile(
    rf"""
      (?P<nothing>[ @$])
    | (?P<descent>\.\.(?!\.\.)(?:(?=\w){_NAME})?)
    | \.(?!\.\.\.)(?P<name>{_NAME})
    | \[\?\((?P<filter>[^"')\n]*(?:(["']).*?(?<!\\)\5[^)\n]*)?)\)\]
    | \[(?!\?\()(?P<brackets>[^\]\n]*)\]
    | (?P<text>(["'])(?:(?!\8)[^\n]|(?<=\\)\8)*(?<!\\)\8)
    | (?P<number>[+-][0-9.]*|[0-9][0-9.]*)
    | (?P<word>[^\W\d][^{_ENDS}]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"[?(": '")]"', "[": '"]"', '"': "a quote", "'": "a quote", "\n": '"}"', "\r": '"}"'}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_SLICE = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)")
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.?)"
)
_ESCAPED = dict(zip("abfnrtv\\", "\a\b\f\n\r\t\v\\", strict=True))


def _read(template: str, effort: _Effort) -> tuple[Part, ...]:
    nodes: list[Part] = []
    at = 0
    while at < len(template):
        text, brace, _ = template[at:].partition("{")
        nodes.append(Part(text))
        at += len(text) + len(brace)
        if brace:
            node, at = _read_braces(template, at, effort)
            nodes.append(node)
    depths = [0, *_depths(nodes, 0)]
    if min(depths) < 0:
        raise _BadTemplate("{end} without a {range} before it")
    if max(depths) > _DEEPEST_RANGE:
        raise _BadTemplate(f"more than {_DEEPEST_RANGE} ranges within each other")
    return tuple(nodes)


def _read_braces(template: str, at: int, effort: _Effort) -> tuple[Part, int]:
    """The path whose `{` stands before AT, and where its `}` ends."""
    steps: list[PathStep] = []
    word = ""
    while not template.startswith("}", at):
        found = _STEP.match(template, at)
        if found is None:
            raise _BadTemplate(_fault(template[at:]))
        at = found.end()
        kind, written = found.lastgroup or "", found[found.lastgroup or 0]
        if kind == "word" and written in {"range", "end"}:
            word = written
        elif kind in _WITH_PATHS:
            steps += _WITH_PATHS[kind](written, effort)
        else:
            steps += _STEPS[kind](written)

    def path(values: list[Any]) -> list[Any]:
        effort.spend(len(values))
        for step in steps:
            values = step(values)
            effort.spend(len(values))
        return values

    return Part(path=path, word=word), at + 1


def _fault(rest: str) -> str:
    for start, what in _CLOSES.items():
        if (rest or "\n").startswith(start):
            return f"{what} is missing"
    return f"{'....' if rest.startswith('....') else json.dumps(rest[0])} is not allowed there"


def _within(text: str, effort: _Effort) -> PathStep:
    """A path within a path: the first one, as kubectl has it, but all of it must be readable."""
    return _read(f"{{{text}}}", effort)[1].path or list


def _each(reach: Callable[[Any], Iterable[Any]]) -> list[PathStep]:
    return [lambda values: [found for value in values for found in reach(value)]]


def _name(written: str) -> list[PathStep]:
    if written == "*":
        return _each(_children)
    key = written.replace("\\", "")
    return _each(lambda value: [value[key]] if isinstance(value, dict) and key in value else ())


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, str):  # to Go a list of bytes: {.name.*} prints their numbers
        return value.encode("utf-8", "surrogatepass")
    return value if isinstance(value, list) else ()


def _descend(value: object) -> Iterator[object]:
    children = _children(value)
    if children:
        yield value
    for child in () if isinstance(value, str) else children:
        yield from _descend(child)


def _brackets(inside: str, effort: _Effort) -> list[PathStep]:
    if "," in inside:
        paths = [_within(f"[{part.strip(' ')}]", effort) for part in inside.split(",")]
        return [lambda values: [found for path in paths for found in path(values)]]
    if len(inside) > 1 and inside[0] == inside[-1] in "'\"" and inside[0] not in inside[1:-1]:
        return [_within(f".{inside[1:-1]}", effort)]
    found = _SLICE.fullmatch(":" if inside == "*" else inside)
    parts = [(part or "").removeprefix(":") for part in found.groups()] if found else []
    if not found or not all(_INTEGER.fullmatch(part) for part in parts if part):
        raise _BadTemplate(f"[{inside}] is not an index, a slice or a key in quotes")
    first, last, step = (int(part) if part else None for part in parts)
    last = last if found[2] else first or 0
    if step is not None and step <= 0:
        raise _BadTemplate("the step of a slice must be more than 0")

    def take(values: list[Any]) -> Iterator[Any]:
        for value in (each for each in values if each is not None and each is not _NO_VALUE):
            items = _as_list(value, "an index")
            start, stop = _bounds(len(items), first or 0, last, is_index=not found[2])
            if start == stop:
                return  # not "the next value": kubectl stops at an empty list
            yield from items[start:stop:step]

    return [lambda values: [*take(values)]]


def _bounds(length: int, start: int, stop: int | None, *, is_index: bool) -> tuple[int, int]:
    """A slice of a list of LENGTH, counted from its start; outside the list it is refused."""
    end = length if stop is None else stop
    start, end = (bound + length if bound < 0 else bound for bound in (start, end))
    end += is_index
    for index in () if start == end else (start, end - 1):
        if not 0 <= index < length:
            raise _BadTemplate(f"index {index} is outside a list of {length}")
    if start > end:
        raise _BadTemplate(f"a slice from {start} to {end} runs backwards")
    return start, end


def _as_list(value: object, what: str) -> list[Any]:
    if isinstance(value, list):
        return value
    kinds = {dict: "an object", str: "a string", bool: "true or false", type(None): "null"}
    raise _BadTemplate(f"{kinds.get(type(value), 'a number')} has no {what}, only a list has one")


def _filter(text: str, effort: _Effort) -> list[PathStep]:
    parts = _COMPARISON.fullmatch(text)
    left = _within(parts[1] if parts else text, effort)
    right = _within(parts[3], effort) if parts else None

    def keeps(item: object) -> bool:
        try:
            ones = left([item])
        except _BadTemplate:
            if right:
                raise
            return True  # kubectl looks at the values before it looks at the error
        others = right([item]) if right and ones else ones
        if right and max(len(ones), len(others)) > 1:
            raise _BadTemplate("a filter compares one value with one value, and there are several")
        return bool(others) and (not parts or _holds(ones[0], parts[2], others[0]))

    return _each(lambda value: filter(keeps, _as_list(value, "filter")))


_SIGNS = ("==", "!=", "<", "<=", ">", ">=")
_TESTS = (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)
_OPERATORS: dict[str, Callable[..., bool]] = dict(zip(_SIGNS, _TESTS, strict=True))


def _holds(one: object, sign: str, other: object) -> bool:
    if sign not in _OPERATORS:
        raise _BadTemplate(f'"{sign}" compares nothing: {" ".join(_OPERATORS)} do')
    kinds = {type(one), type(other)}  # a fraction and an integer are two, also to kubectl
    comparable = kinds <= {int, float, str} or (kinds == {bool} and sign in {"==", "!="})
    if len(kinds) > 1 or not comparable:
        raise _BadTemplate(f"cannot compare {_json(one)} {sign} {_json(other)}")
    return _OPERATORS[sign](one, other)


def _number(written: str) -> list[PathStep]:
    with suppress(ValueError):
        value = int(written) if _INTEGER.fullmatch(written) else float(written)
        if not math.isinf(value):
            return _each(lambda _: (value,))
    raise _BadTemplate(f"{written} is not a number")


def _quoted(written: str) -> list[PathStep]:
    quote, body = written[0], written[1:-1]
    # A quote after an escaped backslash is bare: the text went on past it, yet it may not.
    is_bare = "\\" in body and quote in _ESCAPE.sub("", body)
    with suppress(ValueError):
        shown = _ESCAPE.sub(lambda each: _escaped(each, quote), body)
        if not is_bare:
            return [lambda _: [shown]]
    raise _BadTemplate(f"{written} has an escape that means nothing, or a quote within it")


def _escaped(found: re.Match[str], quote: str) -> str:
    letter, byte, octal, short, long = found.groups()
    if letter == quote or letter in _ESCAPED:
        return _ESCAPED.get(letter, quote)
    # Nothing else is an escape: int("") is a ValueError, as are a byte of 256 and a surrogate.
    code = int(octal, 8) if octal else int(byte or short or long or "", 16)
    return (bytes([code]) if octal or byte else chr(code).encode()).decode("utf-8", "replace")


def _word(word: str) -> list[PathStep]:
    if word in {"true", "false"}:
        return _each(lambda _: (word == "true",))
    raise _BadTemplate(f'"{word}" means nothing: a key is written .{word}, a text in quotes')


_STEPS: dict[str, Callable[[str], list[PathStep]]] = {
    "nothing": lambda _: [],
    "descent": lambda dots: _each(_descend) + (_name(dots[2:]) if dots[2:] else []),
    "name": _name,
    "text": _quoted,
    "number": _number,
    "word": _word,
}
_WITH_PATHS: dict[str, Callable[[str, _Effort], list[PathStep]]] = {
    "filter": _filter,
    "brackets": _brackets,
}
