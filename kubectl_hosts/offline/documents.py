"""The documents of one file: YAML or a stream of JSON, each with its number and its line.

Messages are those of `kubectl create --dry-run=client -f` (1.32, 1.34), with the document and the
line in the file added: kubectl counts lines from the start of the document.
"""

from __future__ import annotations

import codecs
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from kubectl_hosts.errors import BadInput
from kubectl_hosts.offline.break_off import where_it_breaks_off
from kubectl_hosts.yaml_reader import MAX_DEPTH, YamlError, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json

_ENCODINGS = (  # a byte order mark says which; PowerShell's `>` writes UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANKS = re.compile(r"[ \t\r\n]*")
_LAST_WORD = re.compile(r"[\w.+-]*\s*")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NO_OBJECT = "No Kubernetes object looks like this: is it the right file?"
_KINDS = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One object of a file, and where it stands: the 1-based number and line."""

    source: str
    number: int
    line: int
    value: Json

    @contextmanager
    def errors_named(self, about: str = "") -> Iterator[None]:
        """A BadInput raised inside says that it is about this document, and what in it."""
        try:
            yield
        except BadInput as error:
            where = f"document {self.number} (line {self.line})"
            raise BadInput(
                f'error validating "{self.source}": {where}: {about}{error.message}',
                hint=error.hint,
            ) from error


def parse_documents(source: str, data: bytes) -> tuple[Document, ...]:
    """The objects in DATA; empty documents do not count. SOURCE is the file's name in messages.

    Raises BadInput for text that is no UTF-8, no YAML and no JSON, and for a document that is no
    object.
    """
    text = _decode(source, data)
    read = _json_values if text.lstrip().startswith("{") else _yaml_values
    found = [(line, value) for line, value in read(source, text) if value is not None]
    return tuple(
        Document(
            source=source, number=number, line=line, value=_object(source, number, line, value)
        )
        for number, (line, value) in enumerate(found, 1)
    )


def _decode(source: str, data: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"error parsing {source}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8",
            hint=f"{source} must be text in UTF-8: YAML or JSON.",
        ) from error


def _yaml_values(source: str, text: str) -> Iterator[tuple[int, object]]:
    try:
        for document in parse_yaml(text):
            yield document.line, document.value
    except YamlError as error:
        where = f"line {error.line}: " if error.line else ""
        raise BadInput(
            f"error parsing {source}: error converting YAML to JSON: yaml: {where}{error.problem}",
            hint=f"Correct {source} there; lines are counted from the top of the file.",
        ) from error


def _json_values(source: str, text: str) -> Iterator[tuple[int, object]]:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    position = _after_blanks(text, 0)
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise _bad_json(source, text, position, error) from error
        except (RecursionError, ValueError) as error:
            problem = "exceeded max depth" if isinstance(error, RecursionError) else str(error)
            raise BadInput(f"error parsing {source}: json: {problem}", hint=_NO_OBJECT) from error
        yield line, _checked(source, value)
        position = _after_blanks(text, end)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"invalid number {name}")


def _after_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return position if blanks is None else blanks.end()


def _bad_json(source: str, text: str, start: int, error: json.JSONDecodeError) -> BadInput:
    """The error for JSON that stops being JSON, or that stops."""
    ends_there = error.msg.startswith("Unterminated") or _LAST_WORD.fullmatch(text, error.pos)
    broken = where_it_breaks_off(text[start:]) if ends_there else None
    if broken is None:
        return BadInput(
            f"error parsing {source}: json: line {error.lineno}: {error.msg}",
            hint=f"Correct {source} at line {error.lineno}, column {error.colno}.",
        )
    what = "the capture" if broken.keys.get("kind") == "Capture" else "the file"
    lines = text.count("\n") + 1
    return BadInput(
        f"error parsing {source}: unexpected EOF: {what} ends at line {lines}, in {broken.path}",
        hint=_what_is_missing(source, what, tuple(broken.keys)),
    )


_CAPTURE_SECTIONS = ("namespace", "objects", "reads", "execs")


def _what_is_missing(source: str, what: str, keys: tuple[str, ...]) -> str:
    """How far it reads and what is gone; KEYS has the top-level ones, the last of them cut."""
    again = f"{source} was cut short: copy or write it again."
    if what != "the capture":
        return again
    whole = [name for name in _CAPTURE_SECTIONS if name in keys[:-1]]
    gone = [name for name in _CAPTURE_SECTIONS if name not in whole]
    return f"Whole: {_listed(whole)}; cut or missing: {_listed(gone)}. {again}"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"


def _checked(source: str, value: object, depth: int = 0) -> object:
    """VALUE with lone surrogates replaced, as Go's decoder does; refuses what nests too deep."""
    if depth > MAX_DEPTH:
        raise BadInput(
            f"error parsing {source}: json: exceeded max depth of {MAX_DEPTH}", hint=_NO_OBJECT
        )
    if isinstance(value, dict):
        return {
            _without_surrogates(key): _checked(source, each, depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_checked(source, each, depth + 1) for each in value]
    return _without_surrogates(value) if isinstance(value, str) else value


def _without_surrogates(text: str) -> str:
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _object(source: str, number: int, line: int, value: object) -> Json:
    if isinstance(value, dict):
        return value
    kind = _KINDS.get(type(value), "value")
    raise BadInput(
        f'unable to decode "{source}": document {number} (line {line}) is of type {kind}, '
        "not an object",
        hint="A manifest is an object with apiVersion, kind and metadata.",
    )
