"""A Corefile as values, and how its text is taken apart: words, blocks, snippets, imports.

corefile(5); coredns/caddy caddyfile/{lexer,parse}.go. Each plugin and property keeps its line.

Its regular expressions are Go's, whose syntax and engine are RE2's. They are matched by google-re2,
in linear time; https://github.com/google/re2/wiki/Syntax. Where no wheel of it is installed,
Python's `re` takes those that it reads alike and that cannot backtrack without end; the others are
not known.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from kubectl_hosts.model.cluster_dns.query_names import zones_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# A Corefile as values: server blocks and their plugins, each with its line; corefile(5).

# Go's ParseUint takes 64 bits; no number of a Corefile is as long as this.
_MOST_DIGITS = 18


def digits(text: str) -> int | None:
    """The decimal number that TEXT is, None where it is none (or is longer than any can be)."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


class CorefileLine(int):
    """A line of the Corefile; of a FILE that it imports it says so."""

    file: str

    def __new__(cls, number: int, file: str = "") -> CorefileLine:  # noqa: PYI034  Self is of 3.11
        """NUMBER is 1-based, FILE "" for the Corefile itself."""
        line = super().__new__(cls, number)
        line.file = file
        return line

    def __format__(self, spec: str) -> str:
        """`7`, or `2 of corp.server`."""
        number = super().__format__(spec)
        return f"{number} of {posixpath.basename(self.file)}" if self.file else number


class Directive(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A plugin, or a property in a plugin's braces: `NAME ARGS { BODY }`."""

    name: str
    line: int
    args: tuple[str, ...] = ()
    body: tuple[Directive, ...] = ()
    file: str = ""

    def all(self, name: str) -> tuple[Directive, ...]:
        """The properties of that name, in text order."""
        return tuple(each for each in self.body if each.name == name)

    def first(self, name: str) -> Directive | None:
        """The first property of that name."""
        return next((each for each in self.body if each.name == name), None)

    def value(self, name: str, default: str = "") -> str:
        """The first argument of the last property of that name."""
        found = self.all(name)
        return found[-1].args[0] if found and found[-1].args else default

    def number(self, name: str, default: int) -> int:
        """The first argument of property NAME as a number, DEFAULT where it is none."""
        found = digits(self.value(name))
        return default if found is None else found


class ServerKey(Struct, frozen=True, kw_only=True):
    """What a server block listens for: a zone (absolute, lower case) on a port by a transport."""

    zone: str
    port: int = 53
    transport: str = "dns"


class ServerBlock(Struct, frozen=True, kw_only=True, cache_hash=True):
    """`KEYS { PLUGINS }`, plugins in text order.

    A name is asked in up to a hundred ways, each of which meets the same few blocks: what follows
    from a block alone is worked out once (lru_cache).
    """

    keys: tuple[ServerKey, ...]
    plugins: tuple[Directive, ...]
    line: int
    file: str = ""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of its keys."""
        return tuple(dict.fromkeys(key.zone for key in self.keys))

    def all(self, name: str) -> tuple[Directive, ...]:
        """The plugins of that name, in text order."""
        return tuple(each for each in self.plugins if each.name == name)

    def first(self, name: str) -> Directive | None:
        """The first plugin of that name."""
        return next((each for each in self.plugins if each.name == name), None)

    @property
    def forwards(self) -> tuple[Directive, ...]:
        """What sends names on: `forward`, and `proxy`, which CoreDNS before 1.5 has, too."""
        return (*self.all("forward"), *self.all("proxy"))


class Corefile(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A Corefile that CoreDNS would take apart, imports in place.

    imports are the globs (absolute) that it imports files by; CoreDNS goes on where one matches
    none.
    """

    blocks: tuple[ServerBlock, ...] = ()
    imports: tuple[str, ...] = ()


ONCE = "this plugin can only be used once per Server Block"
"""coredns plugin/plugin.go ErrOnce."""


class CorefileError(Struct, frozen=True):
    """Why a Corefile cannot be taken apart, in CoreDNS's words, and the line."""

    message: str
    line: int = 0
    file: str = ""


# The words of a Caddyfile with their lines; coredns/caddy caddyfile/lexer.go.

_ENVIRONMENT = re.compile(r"\{%(?P<percent>[^{}%]+)%\}|\{\$(?P<dollar>[^{}]+)\}")


class Token(Struct, frozen=True):
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


# How a Corefile is taken apart: blocks, snippets, imports; coredns/caddy caddyfile/parse.go.

# coredns plugin/pkg/transport: the port where a key has none.
_DEFAULT_PORTS = {"dns": 53, "tls": 853, "quic": 853, "grpc": 443, "https": 443, "https3": 443}
# caddy allows 10,000 snippet and 100,000 file expansions; a Corefile in a ConfigMap has far fewer.
_MOST_IMPORTS = 1_000
# A ConfigMap has at most 1 MiB; imports of snippets that import others may ask for far more.
_MOST_WORDS = 200_000
_DEEPEST = 32
# Plugins may be of any build; `hosts{` or `corp.example:53` is the name of none.
_OF_A_PLUGIN = re.compile(r"[\w-]*", re.ASCII)


def parse_blocks(
    text: str,
    *,
    files: Mapping[str, str],
    environment: Mapping[str, str],
    path: str,
) -> Corefile | CorefileError:
    """The server blocks of TEXT; a CorefileError for syntax that keeps CoreDNS from loading it.

    `locate.parse_corefile` has what plugins refuse besides.
    """
    parser = _Parser(lex(text), files, environment, path)
    try:
        blocks = tuple(parser.blocks())
    except _NotLoaded as refusal:
        return refusal.error
    return Corefile(
        blocks=blocks,
        imports=tuple(parser.imports),
    )


class _NotLoaded(Exception):
    def __init__(self, message: str, token: Token | None) -> None:
        super().__init__(message)
        self.error = CorefileError(message, token.line if token else 0, token.file if token else "")


class _Parser:
    def __init__(
        self,
        tokens: Sequence[Token],
        files: Mapping[str, str],
        environment: Mapping[str, str],
        path: str,
    ) -> None:
        self._tokens = list(tokens)
        self._at = 0
        self._files = files
        self._environment = environment
        self._directory = posixpath.dirname(path)
        self._snippets: dict[str, list[Token]] = {}
        self._lexed: dict[str, tuple[Token, ...]] = {}
        self._imports = 0
        self.imports: dict[str, None] = {}

    def blocks(self) -> Iterator[ServerBlock]:
        while self._at < len(self._tokens):
            keys = self._keys()
            if not self._tokens:  # all there was is an import that matches no file
                return
            start = keys[0] if keys else self._tokens[self._at - 1]
            if len(keys) == 1 and start.text.startswith("(") and start.text.endswith(")"):
                self._define(start.text[1:-1], start)
                continue
            plugins = self._contents()
            if keys:
                yield ServerBlock(
                    keys=tuple(key for token in keys for key in _server_keys(token)),
                    plugins=plugins,
                    line=CorefileLine(start.line, start.file),
                    file=start.file,
                )

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _starts_line(self, at: int) -> bool:
        if at == 0 or at >= len(self._tokens):
            return True
        before, token = self._tokens[at - 1], self._tokens[at]
        last_line = before.line + before.text.count("\n")
        return before.file != token.file or last_line < token.line

    def _expanded(self, token: Token) -> str:
        if "{" not in token.text:
            return token.text
        return with_environment(token.text, self._environment)

    def _keys(self) -> list[Token]:
        # parse.go addresses(): words up to `{` or the line's end, where no comma goes on.
        keys: list[Token] = []
        wants_another, first = False, True
        while (token := self._peek()) is not None:
            if token.text == "import" and self._starts_line(self._at):
                self._import()
                continue
            if token.text == "{":
                if wants_another:
                    raise _NotLoaded(
                        "Expected another address but had '{' - check for extra comma", token
                    )
                return keys
            if not first and not wants_another and self._starts_line(self._at):
                return keys
            first = False
            text = self._expanded(token)
            wants_another = text.endswith(",")
            if text.removesuffix(","):
                keys.append(Token(text.removesuffix(","), token.line, token.file))
            self._at += 1
        if wants_another:
            raise _NotLoaded("Unexpected EOF", self._tokens[-1])
        return keys

    def _define(self, name: str, start: Token) -> None:
        if name in self._snippets:
            raise _NotLoaded(f"redeclaration of previously declared snippet {name}", start)
        opening = self._peek()
        if opening is None or opening.text != "{":
            raise _NotLoaded("Syntax error: Unexpected token, expecting '{'", opening or start)
        depth, self._at = 1, self._at + 1
        tokens: list[Token] = []
        while depth:
            token = self._peek()
            if token is None:
                raise _NotLoaded("Syntax error: Unexpected end of file, expecting '}'", start)
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            tokens.append(token)
            self._at += 1
        self._snippets[name] = tokens[:-1]

    def _import(self) -> None:
        """Put what `import PATTERN` names in the place of those two words."""
        token = self._tokens[self._at]
        has_argument = self._at + 1 < len(self._tokens) and not self._starts_line(self._at + 1)
        if not has_argument:
            raise _NotLoaded("Wrong argument count or unexpected line ending after 'import'", token)
        if self._at + 2 < len(self._tokens) and not self._starts_line(self._at + 2):
            raise _NotLoaded("Import takes only one argument (glob pattern or file)", token)
        self._imports += 1
        if self._imports > _MOST_IMPORTS:
            raise _NotLoaded(f"maximum import depth ({_MOST_IMPORTS}) exceeded", token)
        pattern = self._expanded(self._tokens[self._at + 1])
        imported = self._imported(pattern, token)
        if len(self._tokens) + len(imported) > _MOST_WORDS:
            raise _NotLoaded(f"more than {_MOST_WORDS} words, imports included", token)
        self._tokens[self._at : self._at + 2] = imported

    def _imported(self, pattern: str, token: Token) -> list[Token]:
        if pattern in self._snippets:
            return self._snippets[pattern]
        path = posixpath.normpath(posixpath.join(self._directory, pattern))
        self.imports[path] = None
        found = sorted(name for name in self._files if fnmatchcase(name, path))
        found = [name for name in found if name.count("/") == path.count("/")]
        if not found and not any(character in pattern for character in "*?["):
            raise _NotLoaded(f"File to import not found: {pattern}", token)
        tokens: list[Token] = []
        for name in found:
            if name not in self._lexed:
                self._lexed[name] = lex(self._files[name], name)
            tokens += self._lexed[name]
        return tokens

    def _contents(self) -> tuple[Directive, ...]:
        opening = self._peek()
        braced = opening is not None and opening.text == "{"
        self._at += braced
        plugins: list[Directive] = []
        while (token := self._peek()) is not None:
            if token.text == "}":  # parse.go: it ends a block without `{` as well
                self._at += 1
                return tuple(plugins)
            if token.text == "import":
                self._import()
                continue
            if not _OF_A_PLUGIN.fullmatch(self._expanded(token)):
                raise _NotLoaded(f"Unknown directive '{self._expanded(token)}'", token)
            plugins.append(self._directive(0))
            plugins += self._stanzas(plugins[-1])
        # parse.go closeCurlyBrace looks at the last word, which may be that of a plugin's block.
        if braced and self._tokens[-1].text != "}":
            raise _NotLoaded("Syntax error: Unexpected end of file, expecting '}'", opening)
        return tuple(plugins)

    def _stanzas(self, plugin: Directive) -> Iterator[Directive]:
        """What stands on the line behind a plugin's `}`: the plugin reads it as if repeated."""
        while (token := self._peek()) is not None and not self._starts_line(self._at):
            if token.text == "}":
                raise _NotLoaded("Unexpected '}' because no matching opening brace", token)
            yield structs.replace(self._directive(0), name=plugin.name)

    def _directive(self, depth: int) -> Directive:
        start = self._tokens[self._at]
        if depth > _DEEPEST:
            raise _NotLoaded("braces are nested too deep", start)
        self._at += 1
        args: list[str] = []
        body: tuple[Directive, ...] = ()
        while (token := self._peek()) is not None:
            if token.text == "{" and not self._starts_line(self._at):
                self._at += 1
                body = self._body(start, depth)
                break
            if token.text == "}" or self._starts_line(self._at):
                break
            args.append(self._expanded(token))
            self._at += 1
        return Directive(
            name=self._expanded(start),
            line=CorefileLine(start.line, start.file),
            args=tuple(args),
            body=body,
            file=start.file,
        )

    def _body(self, start: Token, depth: int) -> tuple[Directive, ...]:
        found: list[Directive] = []
        while (token := self._peek()) is not None:
            if token.text == "}":
                self._at += 1
                return tuple(found)
            if token.text == "import" and self._starts_line(self._at):
                self._import()
                continue
            found.append(self._directive(depth + 1))
        raise _NotLoaded("Unexpected EOF", start)


def _server_keys(token: Token) -> tuple[ServerKey, ...]:
    # coredns plugin/pkg/parse Transport, plugin/normalize.go SplitHostPort.
    text = token.text
    transport, separator, rest = text.partition("://")
    if not separator:
        transport, rest = "dns", text
    if transport not in _DEFAULT_PORTS:
        raise _NotLoaded(f"invalid server block key {text}: unknown transport {transport}", token)
    zone, colon, port = rest.rpartition(":")
    if colon and not port:
        raise _NotLoaded(f'expecting data after last colon: "{rest}"', token)
    is_port = bool(colon) and port.isascii() and port.isdigit() and len(port) < 6
    if not is_port:
        zone, port = rest, str(_DEFAULT_PORTS[transport])
    if len(zone) > 255:
        raise _NotLoaded(f"specified zone is too long: {len(zone)} > 255", token)
    return tuple(
        ServerKey(zone=each, port=int(port), transport=transport) for each in zones_of(zone or ".")
    )


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


class Match(Struct, frozen=True):
    """Where an expression was found: group 0, 1... (None where it took no part), and by name."""

    groups: tuple[str | None, ...]
    named: tuple[tuple[str, str | None], ...] = ()


class Pattern(Struct, frozen=True):
    """An expression; two with one text are one."""

    text: str

    @property
    def groups(self) -> int:
        """How many groups it has. Raises as `compile_pattern` does."""
        count: int = _compiled(self.text).groups
        return count

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
