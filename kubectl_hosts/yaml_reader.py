"""YAML as kubectl reads it: plain scalars as sigs.k8s.io/yaml has them, no bombs.

PyYAML's own constructors are not used: they take `1:2:3:4:5:6:7:8` for a number in base 60 and a
date for a date where kubectl has text, and its C composer overruns the stack on deep nesting.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

import yaml
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

YamlPath = tuple[str | int, ...]
"""Where a value stands in its document: keys, and indexes of lists."""

MAX_DEPTH = 200
"""kubectl stops at 10000; no Kubernetes object comes near either."""
_MAX_DEPTH_EXCEEDED = f"exceeded max depth of {MAX_DEPTH}"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
MAX_NODES = 1_000_000
"""What the aliases of one document may expand to."""

_TAG = "tag:yaml.org,2002:"

# gopkg.in/yaml.v2 resolve.go resolveMapList, as `kubectl patch --local -o json` 1.34 shows it.
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS = (  # strconv.ParseInt(text, 0, 64) with the underscores taken out
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]+"), 16),
    (re.compile(r"[-+]?0[bB][01]+"), 2),
    (re.compile(r"[-+]?0[oO]?[0-7]+"), 8),
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,19})"), 10),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LARGEST = 1 << 64


class YamlError(Exception):
    """What is wrong with the text, and the 1-based line (0: no line)."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


class RepeatedKey(Struct, frozen=True):
    """A key that its mapping has had before: the later value is the document's."""

    path: YamlPath
    first: int
    """The 1-based line of the key whose value is lost."""
    line: int
    lost: object


class YamlDocument(Struct, frozen=True):
    """One document's value as JSON would hold it, and the 1-based line it starts on."""

    value: object
    line: int
    repeated: tuple[RepeatedKey, ...] = ()


def parse_yaml(text: str) -> Iterator[YamlDocument]:
    """The documents of TEXT in order; raises YamlError when it comes to the bad one."""
    builder = _Builder()
    for event in _events(text):
        if isinstance(event, yaml.DocumentEndEvent):
            yield YamlDocument(builder.value, builder.line, tuple(builder.repeated))
            builder = _Builder()
        else:
            builder.take(event)


def lines_in(text: str) -> Mapping[YamlPath, int]:
    """The 1-based line of each key and each list item of the first document of TEXT.

    A second look at a document that `parse_yaml` could read, for those that need one: lines take
    more room than the values.
    """
    lines: dict[YamlPath, int] = {}
    builder = _Builder(lines)
    for event in _events(text):
        builder.take(event)
        if isinstance(event, yaml.DocumentEndEvent):
            break
    return lines


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 0 if mark is None else mark.line + 1
        problem = str(error.problem or error.context)
        # libyaml's scanner looks ahead, and stops there at a limit of its own.
        words = _MAX_DEPTH_EXCEEDED if problem == _LIBYAML_TOO_DEEP else problem
        raise YamlError(words, line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(str(error.reason), line) from error


class _Open(Struct):
    """A sequence or mapping whose end has not come yet."""

    container: list[object] | dict[str, object]
    anchor: str | None
    line: int
    size: int = 1
    key: str | None = None
    merged: list[object] = field(default_factory=list)
    key_lines: dict[str, int] = field(default_factory=dict)


class _Builder:
    """Builds one document's value from its events; LINES gets each path's line where given."""

    def __init__(self, lines: dict[YamlPath, int] | None = None) -> None:
        self.value: object = None
        self.line = 0
        self.repeated: list[RepeatedKey] = []
        self._lines = lines
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[object, int]] = {}

    def take(self, event: yaml.Event) -> None:
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        match event:
            case yaml.ScalarEvent():
                self._add(_scalar(event, line), 1, event.anchor, line)
            case yaml.AliasEvent():
                self._add(*self._anchored(event.anchor or "", line), None, line)
            case yaml.SequenceStartEvent():
                self._start(_Open([], event.anchor, line), line)
            case yaml.MappingStartEvent():
                self._start(_Open({}, event.anchor, line), line)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end()
            case _:  # the stream's start and end, the document's start
                pass

    def _start(self, opened: _Open, line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise YamlError(_MAX_DEPTH_EXCEEDED, line)
        self._open.append(opened)

    def _end(self) -> None:
        done = self._open.pop()
        if isinstance(done.container, dict):
            done.container = _merge(done.container, done.merged, done.line)
        self._add(done.container, done.size, done.anchor, done.line)

    def _anchored(self, name: str, line: int) -> tuple[object, int]:
        if any(each.anchor == name for each in self._open):
            raise YamlError(f"anchor '{name}' value contains itself", line)
        if name not in self._anchors:
            raise YamlError(f"unknown anchor '{name}' referenced", line)
        return self._anchors[name]

    def _add(self, value: object, size: int, anchor: str | None, line: int) -> None:
        self.line = self.line or line
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.value = value
            return
        parent = self._open[-1]
        parent.size += size
        if parent.size > MAX_NODES:
            raise YamlError("document contains excessive aliasing", line)
        self._notice(parent, value, line)
        _put(parent, value, line)

    def _notice(self, parent: _Open, value: object, line: int) -> None:
        """Where VALUE, which PARENT is about to get, stands; a key that PARENT has already."""
        if isinstance(parent.container, list):
            if self._lines is not None:
                self._lines[self._path(len(parent.container))] = line
        elif parent.key is None:
            key = _key(value, line)
            if key in parent.container and key != "<<":
                first, lost = parent.key_lines[key], parent.container[key]
                self.repeated.append(RepeatedKey(self._path(key), first, line, lost))
            parent.key_lines[key] = line
            if self._lines is not None:
                self._lines[self._path(key)] = line

    def _path(self, step: str | int) -> YamlPath:
        """The path of STEP in the innermost container that is open."""
        above = (
            len(each.container) if isinstance(each.container, list) else each.key or ""
            for each in self._open[:-1]
        )
        return (*above, step)


def _put(parent: _Open, value: object, line: int) -> None:
    if isinstance(parent.container, list):
        parent.container.append(value)
    elif parent.key is None:
        parent.key = _key(value, line)
    else:
        if parent.key == "<<" and isinstance(value, dict | list):
            parent.merged += value if isinstance(value, list) else [value]
        else:
            parent.container[parent.key] = value
        parent.key = None


def _key(value: object, line: int) -> str:
    """A mapping's key as JSON has it: `1:` and `true:` are the text "1" and "true"."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case None:
            return "null"
        case _:
            raise YamlError("a mapping's key must be a scalar", line)


def _merge(own: dict[str, object], merged: Iterable[object], line: int) -> dict[str, object]:
    """`<<: *anchor`: keys of OWN win, then those of the earlier mapping (yaml.org/type/merge)."""
    result: dict[str, object] = {}
    for each in reversed([own, *merged]):
        if not isinstance(each, dict):
            raise YamlError("map merge requires map or sequence of maps as the value", line)
        result.update(each)
    return result


def _scalar(event: yaml.ScalarEvent, line: int) -> object:
    text = event.value
    if event.tag == _TAG + "binary":
        return _binary(text, line)
    resolves = event.tag is None and event.implicit[0]
    if resolves or event.tag in {_TAG + name for name in ("int", "float", "bool", "null")}:
        return _WORDS[text] if text in _WORDS else _number(text)
    return text


def _binary(text: str, line: int) -> str:
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, ValueError) as error:
        raise YamlError("!!binary value contains invalid base64 data", line) from error


def _number(text: str) -> object:
    """The number that a plain scalar is, or the text that it stays (`010.1.2.3`, `12:30`)."""
    plain = text.replace("_", "")
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(plain):
            value = int(plain.replace("o", "").replace("O", ""), base)
            return value if abs(value) < _LARGEST else float(value)
    if not _FLOAT.fullmatch(plain) or len(plain) > 300:
        return text
    decimal = float(plain)
    if decimal in {float("inf"), float("-inf")}:
        return text
    return int(decimal) if decimal.is_integer() else decimal
