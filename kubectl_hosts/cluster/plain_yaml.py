"""The YAML that kubeconfigs are written in, read without the library; the rest is left to it.

PyYAML takes 12 ms to import, a sixth of what happens before the first request. Here is what kubectl
and the clouds' tools write: mappings and lists, in blocks or on one line, of words and quoted text.
Anything else (a number, an anchor, a comment, a second line) is `Beyond` and goes to PyYAML. Tests
hold every answer against PyYAML's.
"""

from __future__ import annotations

import re

Lines = list[tuple[int, str]]

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
# A word that starts with a letter is text, unless it is one of YAML 1.1's own.
_PLAIN = re.compile(r"(?:[A-Za-z/]|--[A-Za-z])(?:[A-Za-z0-9_./@+=-]|:(?=[A-Za-z0-9_./]))*")
_QUOTED = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_VALUES = {"true": True, "false": False, "null": None}
_SPECIAL = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_DEEPEST = 20


class Beyond(Exception):
    """More YAML than this module reads."""


def read_plain_yaml(text: bytes) -> object:
    """The document: dicts, lists, text, booleans and None. Raises Beyond."""
    if not text.isascii():
        raise Beyond
    document = text.decode()
    if not document.replace("\n", "").isprintable() or "#" in document:
        raise Beyond
    lines = [
        (len(each) - len(each.lstrip(" ")), each.strip(" "))
        for each in document.split("\n")
        if each.strip(" ")
    ]
    value, end = _block(lines, 0, depth=0)
    if end != len(lines):
        raise Beyond
    return value


def _block(lines: Lines, at: int, *, depth: int) -> tuple[object, int]:
    if at == len(lines) or depth > _DEEPEST:
        raise Beyond
    is_list = lines[at][1].startswith("- ")
    return (_list if is_list else _mapping)(lines, at, depth=depth)


def _mapping(lines: Lines, at: int, *, depth: int) -> tuple[dict[str, object], int]:
    indent = lines[at][0]
    found: dict[str, object] = {}
    while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
        key, rest = _split_entry(lines[at][1])
        at += 1
        if rest:
            found[key] = _read_line(rest)
        elif at < len(lines) and _belongs_below(lines[at], indent):
            found[key], at = _block(lines, at, depth=depth + 1)
        else:
            found[key] = None
    return found, at


def _belongs_below(line: tuple[int, str], indent: int) -> bool:
    """A list may stand as deep as its key."""
    return line[0] > indent or (line[0] == indent and line[1].startswith("- "))


def _list(lines: Lines, at: int, *, depth: int) -> tuple[list[object], int]:
    indent = lines[at][0]
    found: list[object] = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        item = lines[at][1][2:].lstrip(" ")
        if _KEY.match(item) and (": " in item or item.endswith(":")):
            lines[at] = (indent + len(lines[at][1]) - len(item), item)
            value, at = _block(lines, at, depth=depth + 1)
            found.append(value)
        else:
            found.append(_read_line(item))
            at += 1
    return found, at


def _split_entry(line: str) -> tuple[str, str]:
    key, colon, rest = line.partition(":")
    if not (colon and _is_key(key)) or (rest and not rest.startswith(" ")):
        raise Beyond
    return key, rest.strip(" ")


def _is_key(word: str) -> bool:
    return _KEY.fullmatch(word) is not None and word.lower() not in _SPECIAL


def _read_line(text: str) -> object:
    value, end = _value(text, 0, depth=0)
    if end != len(text):
        raise Beyond
    return value


def _value(text: str, at: int, *, depth: int) -> tuple[object, int]:
    """The value at AT, and where it ends; DEPTH is 0 outside of braces and brackets."""
    opening = text[at : at + 1]
    if depth > _DEEPEST:
        raise Beyond
    if opening in {"{", "["}:
        return (_braces if opening == "{" else _brackets)(text, at + 1, depth=depth + 1)
    if quoted := _QUOTED.match(text, at):
        return quoted[1] if quoted[1] is not None else quoted[2], quoted.end()
    word = _PLAIN.match(text, at)
    if word is None or (depth and ":" in word[0]):
        raise Beyond
    if word[0] in _VALUES:
        return _VALUES[word[0]], word.end()
    if word[0].lower() in _SPECIAL:
        raise Beyond
    return word[0], word.end()


def _braces(text: str, at: int, *, depth: int) -> tuple[dict[str, object], int]:
    found: dict[str, object] = {}
    at = _skip_blanks(text, at)
    while text[at : at + 1] != "}":
        key = _KEY.match(text, at)
        if key is None or not _is_key(key[0]) or text[key.end() : key.end() + 2] != ": ":
            raise Beyond
        found[key[0]], at = _value(text, _skip_blanks(text, key.end() + 1), depth=depth)
        at = _skip_comma(text, at, "}")
    return found, at + 1


def _brackets(text: str, at: int, *, depth: int) -> tuple[list[object], int]:
    found: list[object] = []
    at = _skip_blanks(text, at)
    while text[at : at + 1] != "]":
        value, at = _value(text, at, depth=depth)
        found.append(value)
        at = _skip_comma(text, at, "]")
    return found, at + 1


def _skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _skip_comma(text: str, at: int, closing: str) -> int:
    at = _skip_blanks(text, at)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 2] != ", ":
        raise Beyond
    return _skip_blanks(text, at + 2)
