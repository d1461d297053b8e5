"""The documents of `-f`: bytes, text, objects, each with its number and its line.

A file, a directory as kubectl reads one, or standard input; YAML or a stream of JSON, which may be
cut short; lists are taken apart, types known by kind, namespaces filled in.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import shlex
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.errors import BadInput, system_words
from kubectl_hosts.model.fields import mapping, text
from kubectl_hosts.model.workload import generated_name
from kubectl_hosts.yaml_reader import MAX_DEPTH, YamlError, lines_in, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.yaml_reader import RepeatedKey, YamlPath

# cli-runtime pkg/resource/builder.go FileExtensions; subdirectories take -R, which is not ours.
_EXTENSIONS = (".json", ".yaml", ".yml")


def read_sources(
    paths: Sequence[str], stdin: Callable[[int], bytes]
) -> Iterator[tuple[str, bytes]]:
    """Each file's name and content, in order; raises BadInput for what cannot be read."""
    if list(paths).count("-") > 1:
        raise BadInput(
            "standard input cannot be used for multiple arguments", hint="Give `-f -` once."
        )
    for path in paths:
        yield from _read_path(path, stdin)


def _read_path(path: str, stdin: Callable[[int], bytes]) -> Iterator[tuple[str, bytes]]:
    if path.startswith(("http://", "https://")):
        raise BadInput(
            f'the path "{path}" is a URL: -f reads files only',
            hint=f"curl -fsS {path} | kubectl hosts show -f -",
        )
    try:
        if path == "-":
            yield "STDIN", _bounded("STDIN", stdin)
            return
        found = _files(path)
        for each in found:
            with each.open("rb") as file:
                yield str(each), _bounded(str(each), file.read)
    except FileNotFoundError as error:
        missing = os.fspath(error.filename or path)
        raise BadInput(
            f'the path "{missing}" does not exist', hint="-f takes a file, a directory, or -."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInput(
            f"open {path}: {system_words(error)}", hint="`ls -l` shows who may read it."
        ) from error


# A device has no end. What 5,000 nodes capture has a tenth of it.
_LARGEST_INPUT = 1 << 28


def _bounded(source: str, read: Callable[[int], bytes]) -> bytes:
    data = read(_LARGEST_INPUT + 1)
    if len(data) > _LARGEST_INPUT:
        raise BadInput(
            f"{source} has more than {_LARGEST_INPUT >> 20} MiB",
            hint="Is it a file of manifests, or a capture? Give what is in it in several files.",
        )
    return data


def _files(path: str) -> tuple[Path, ...]:
    if not path:  # pathlib's word for the working directory
        raise FileNotFoundError
    if not Path(path).is_dir():
        return (Path(path),)
    entries = tuple(Path(path).iterdir())
    _require_plain(path, {each.name for each in entries})
    found = sorted(each for each in entries if each.suffix in _EXTENSIONS)
    if not found:
        extensions = " ".join(_EXTENSIONS)
        raise BadInput(
            f"error reading [{path}]: recognized file extensions are [{extensions}]",
            hint="Subdirectories are not read: name the one that holds the manifests.",
        )
    # A link to nowhere is not left out: it was meant to be read. Nobody may write a named pipe.
    return tuple(each for each in found if not (each.is_dir() or each.is_fifo()))


# A directory that is the input of another program: its mark, and the command that makes manifests.
_INPUTS = (
    ("kustomization.yaml", "a Kustomize directory", "kubectl kustomize {}"),
    ("kustomization.yml", "a Kustomize directory", "kubectl kustomize {}"),
    ("Kustomization", "a Kustomize directory", "kubectl kustomize {}"),
    ("Chart.yaml", "a Helm chart", "helm template {}"),
)


def _require_plain(path: str, names: set[str]) -> None:
    """Raises BadInput for a directory whose files are no manifests until another tool made them."""
    for mark, what, command in _INPUTS:
        if mark in names:
            made = command.format(shlex.quote(path))
            raise BadInput(
                f"{path} is {what}: its files are not applied as they are",
                hint=f"{made} | kubectl hosts show -f -",
            )


# RFC 8259 tokens; a string or a word without its end matches too, for that is where text is cut.
_TOKEN = re.compile(r'[\[\]{},:]|"(?:[^"\\]|\\.)*"?|[^\s\[\]{},:"]+', re.DOTALL)


class BreakOff(Struct, frozen=True):
    """`path` reads like `objects.pods[2].spec`; `keys` are the top-level ones with their text."""

    path: str
    keys: dict[str, str]


def where_it_breaks_off(text: str) -> BreakOff | None:
    """The place where TEXT, one JSON object, ends too early; None when it doesn't end too early.

    TEXT may be wrong in other ways: what is not closed at its end counts, nothing else.
    """
    walk = _OpenValues()
    for match in _TOKEN.finditer(text):
        walk.take(match.group())
        if not walk.levels:
            return None
    return BreakOff(walk.path, walk.keys) if walk.levels else None


class _Level(Struct):
    """An object or array that is open: the key or index that the text is at."""

    key: str = ""
    index: int | None = None
    expects_key: bool = False


class _OpenValues:
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


class Document(Struct, frozen=True, kw_only=True):
    """One object of a file, and where it stands: the 1-based number and line."""

    source: str
    number: int
    line: int
    value: Json
    text: str = ""
    """Its own lines, from `line` on: where its fields stand is looked up when there is need."""
    repeated: tuple[RepeatedKey, ...] = ()
    """The keys that it gives more than once, with lines of the file."""

    def line_finder(self) -> Callable[[YamlPath], int]:
        """The 1-based line of the file on which a key or list item, or what holds it, stands.

        The text is read when the first is looked for.
        """

        @cache
        def lines() -> Mapping[YamlPath, int]:
            try:
                return lines_in(self.text)
            except YamlError:  # JSON that is no YAML
                return {}

        def line_of(path: YamlPath) -> int:
            above = (path[:length] for length in range(len(path), 0, -1))
            found = (lines()[each] for each in above if each in lines())
            return self.line - 1 + next(found, 1)

        return line_of

    @contextmanager
    def errors_named(self) -> Iterator[None]:
        """A BadInput raised inside says that it is about this document."""
        try:
            yield
        except BadInput as error:
            where = f"document {self.number} (line {self.line})"
            raise BadInput(
                f'error validating "{self.source}": {where}: {error.message}',
                hint=error.hint,
            ) from error


class BadDocument(Struct, frozen=True, kw_only=True):
    """A document that cannot be read, or is no object: where it is, and why."""

    source: str
    line: int
    message: str
    hint: str = ""
    is_passed_over: bool = False
    """Whether kubectl does not look at it, and takes the rest of the file."""


class _Parsed(NamedTuple):
    """A document's value as it was parsed."""

    line: int
    value: object
    text: str = ""
    repeated: tuple[RepeatedKey, ...] = ()


def read_documents(source: str, data: bytes) -> Iterator[Document | BadDocument]:
    """The objects in DATA in order, and what is none; one bad document does not hide the others.

    What starts as JSON and goes on as something else is read as `_json_values` says.
    """
    number = 0
    try:
        text = _decode(source, data)
        read = _json_values if text.lstrip().startswith("{") else _yaml_values
        for found in read(source, text):
            if isinstance(found, BadDocument):
                yield found
            elif found.value is not None:
                number += 1
                yield _object(source, number, found)
    except BadInput as error:
        yield BadDocument(source=source, line=0, message=error.message, hint=error.hint)


def _decode(source: str, data: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding).replace("\n\ufeff", "\n")  # files that were put together
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"error parsing {source}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8",
            hint=f"{source} must be text in UTF-8: YAML or JSON.",
        ) from error


# apimachinery pkg/util/yaml YAMLReader: a line that begins with --- parts two documents, and what
# is wrong with one is none of the next's business.
_MARK = re.compile(r"^---(?P<behind>[^\n]*)(?:\n|\Z)", re.MULTILINE)
# YAML 1.2, 9.1.2: the document ends here. go-yaml's Unmarshal reads no further.
_END = re.compile(
    r"^\.\.\.(?:[ \t].*)?\r?\n(?:[ \t]*(?:#.*)?\n)*[ \t]*(?P<rest>[^\s#])", re.MULTILINE
)
_BREAKS = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  # as libyaml counts lines
RENDER_CHART = "Render the chart first: helm template CHART | kubectl hosts show -f -"


def _yaml_values(source: str, text: str) -> Iterator[_Parsed | BadDocument]:
    starts = [0, *(each.end() for each in _BREAKS.finditer(text))]
    begin = 0
    for mark in _MARK.finditer(text):
        yield from _yaml_document(source, text, starts, begin, mark.start())
        behind = mark["behind"].strip()
        if behind and not behind.startswith("#"):
            yield _bad_mark(source, bisect_right(starts, mark.start()), behind)
        begin = mark.end()
    yield from _yaml_document(source, text, starts, begin, len(text))


def _yaml_document(
    source: str, text: str, starts: list[int], begin: int, end: int
) -> Iterator[_Parsed | BadDocument]:
    """What stands between two marks: the document, and what is behind its end."""
    own = text[begin:end]
    above = bisect_right(starts, begin) - 1
    try:
        found = next(iter(parse_yaml(own)), None)
    except YamlError as error:
        yield _bad_yaml(source, text, starts, error.line + above if error.line else 0, error)
        return
    if found is None or found.value is None:
        return
    repeated = tuple(
        replace(key, first=key.first + above, line=key.line + above) for key in found.repeated
    )
    start = starts[found.line + above - 1] if found.line else begin
    yield _Parsed(found.line + above, found.value, text[start:end], repeated)
    if (unread := _END.search(own)) is not None:
        yield BadDocument(
            source=source,
            line=bisect_right(starts, begin + unread.start("rest")),
            message="it stands behind the end of a document (...), and kubectl reads no further",
            hint="Write --- in place of the three dots.",
            is_passed_over=True,
        )


def _bad_mark(source: str, line: int, behind: str) -> BadDocument:
    """Nothing but a comment may follow `---` (apimachinery pkg/util/yaml YAMLReader)."""
    return BadDocument(
        source=source,
        line=line,
        message=f"error parsing {source}: invalid Yaml document separator: {behind.rstrip()}",
        hint="Put what follows --- on a line of its own.",
    )


def _bad_yaml(
    source: str, text: str, starts: list[int], line: int, error: YamlError
) -> BadDocument:
    where = f"line {line}: " if line else ""
    wrong = text[starts[line - 1] :].splitlines()[:1] if 0 < line <= len(starts) else []
    return BadDocument(
        source=source,
        line=line,
        message=f"error parsing {source}: error converting YAML to JSON: yaml: {where}"
        f"{error.problem}",
        hint=_yaml_hint(source, "".join(wrong), error.problem, is_template="{{" in text),
    )


def _yaml_hint(source: str, line: str, problem: str, *, is_template: bool) -> str:
    """What to do about LINE, where the parser met PROBLEM."""
    if is_template:
        return RENDER_CHART
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent that line with blanks: YAML takes no tabs there."
    if problem.startswith("unknown anchor"):
        return "Write its value out: an anchor holds in its own document, up to ---."
    return f"Correct {source} there; lines are counted from the top of the file."


def _json_values(source: str, text: str) -> Iterator[_Parsed | BadDocument]:
    """The values of a stream of JSON, and of the YAML that it turns into.

    k8s.io/apimachinery pkg/util/yaml YAMLOrJSONDecoder, 1.33 and later: where the first or the
    second value is no JSON, all from there on is YAML, such as `---` and another object; if that is
    none either, what was wrong with the JSON is told.
    """
    end, values = 0, 0
    try:
        for found, place in _json_stream(source, text):
            end, values = place, values + 1
            yield found
    except BadInput:
        # Blank lines stand for what was read, so that lines are still counted from the top.
        rest = "\n" * text.count("\n", 0, end) + text[end:]
        others = _yaml_values(source, rest) if values <= 1 else iter(())
        first = next(others, None)
        if first is None or isinstance(first, BadDocument):
            raise
        yield first
        yield from others


def _json_stream(source: str, text: str) -> Iterator[tuple[_Parsed, int]]:
    """Each value, and where it ends; raises BadInput for what is no JSON."""
    repeats: list[bool] = []

    def one_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeats.append(True)
        return found

    decoder = json.JSONDecoder(object_pairs_hook=one_object, parse_constant=_no_constant)
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
        is_manifest = isinstance(value, dict) and value.get("kind") != "Capture"
        own = text[position:end] if is_manifest else ""
        repeated = tuple(_repeated_in_json(own, line)) if repeats else ()
        repeats.clear()
        yield _Parsed(line, _checked(source, value), own, repeated), end
        position = _after_blanks(text, end)


def _repeated_in_json(text: str, line: int) -> Iterator[RepeatedKey]:
    """The keys that TEXT, an object that starts on LINE, gives twice: JSON is YAML, nearly all."""
    try:
        for document in parse_yaml(text):
            for key in document.repeated:
                yield replace(key, first=key.first + line - 1, line=key.line + line - 1)
    except YamlError:
        return


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


_CAPTURE_SECTIONS = ("namespace", "objects", "reads", "containers")


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


def _object(source: str, number: int, found: _Parsed) -> Document | BadDocument:
    if isinstance(found.value, dict):
        return Document(
            source=source,
            number=number,
            line=found.line,
            value=found.value,
            text=found.text,
            repeated=found.repeated,
        )
    kind = _KINDS.get(type(found.value), "value")
    return BadDocument(
        source=source,
        line=found.line,
        message=(
            f'unable to decode "{source}": document {number} (line {found.line}) is of type {kind},'
            " not an object"
        ),
        hint="A manifest is an object with apiVersion, kind and metadata.",
    )


# The kinds without a namespace that these questions touch (`kubectl api-resources`).
_CLUSTER_SCOPED = frozenset(
    {"Node", "Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "StorageClass"}
    | {"CustomResourceDefinition", "PriorityClass", "RuntimeClass", "IngressClass"}
)


class Placed(Struct, frozen=True):
    """An object and the document it came from; PATH leads to it there (an item of a List)."""

    obj: Json
    document: Document
    path: tuple[str | int, ...] = ()


def items_in(value: Json) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """VALUE, or what the List that it is has in it, each with the path that leads there.

    Items of a typed list (PodList) get the apiVersion and kind that they stand under; an item that
    is no object is an empty one, which has no kind. A List among the items stays one.
    """
    kind, api_version = value.get("kind"), value.get("apiVersion")
    found = value.get("items")
    if not (isinstance(kind, str) and kind.endswith("List") and isinstance(found, list)):
        yield (), value
        return
    typed = {} if kind == "List" else {"apiVersion": api_version, "kind": kind.removesuffix("List")}
    for index, item in enumerate(found):
        yield ("items", index), ({**typed, **item} if isinstance(item, Mapping) else {})


def complete(obj: Json, namespace: str) -> Json:
    """OBJ with the name and the namespace that the API server would give it.

    Raises BadInput for metadata of the wrong type, and where there is no name.
    """
    kind = text(obj, "kind")
    name = text(obj, "metadata", "name")
    base = text(obj, "metadata", "generateName")
    if not name and not base:
        raise BadInput(f"{kind}: resource name may not be empty", hint="Set metadata.name.")
    own = mapping(obj, "metadata")
    placed = {} if kind in _CLUSTER_SCOPED else {"namespace": text(own, "namespace") or namespace}
    return {**obj, "metadata": {**own, "name": name or generated_name(base), **placed}}
