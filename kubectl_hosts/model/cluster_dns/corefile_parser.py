"""How a Corefile is taken apart: blocks, snippets, imports; coredns/caddy caddyfile/parse.go."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.corefile import (
    Corefile,
    CorefileError,
    Directive,
    ServerBlock,
    ServerKey,
)
from kubectl_hosts.model.cluster_dns.lexer import Token, lex, variables_in, with_environment
from kubectl_hosts.model.cluster_dns.names import zones_of
from kubectl_hosts.model.cluster_dns.setup import find_refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# coredns plugin/pkg/transport: the port where a key has none.
_DEFAULT_PORTS = {"dns": 53, "tls": 853, "quic": 853, "grpc": 443, "https": 443, "https3": 443}
# caddy allows 10,000 snippet and 100,000 file expansions; a Corefile in a ConfigMap has far fewer.
_MOST_IMPORTS = 1_000
_DEEPEST = 32


def parse_corefile(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    path: str = "/etc/coredns/Corefile",
) -> Corefile | CorefileError:
    """The server blocks of TEXT. FILES (absolute path to text) is what `import` can see.

    A CorefileError for what keeps CoreDNS from loading it: syntax, or what a plugin refuses.
    """
    parser = _Parser(lex(text), files or {}, environment or {}, path)
    try:
        blocks = tuple(parser.blocks())
    except _Refused as refusal:
        return refusal.error
    return find_refusal(blocks) or Corefile(
        blocks=blocks,
        imports=tuple(parser.imports),
        unmatched_imports=tuple(parser.unmatched),
        unset_variables=tuple(parser.unset),
    )


class _Refused(Exception):
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
        self._imports = 0
        self.imports: dict[str, None] = {}
        self.unmatched: list[str] = []
        self.unset: dict[str, None] = {}

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
                    line=start.line,
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
        unset = (name for name in variables_in(token.text) if name not in self._environment)
        self.unset.update(dict.fromkeys(unset))
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
                    raise _Refused(
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
            raise _Refused("Unexpected EOF", self._tokens[-1])
        return keys

    def _define(self, name: str, start: Token) -> None:
        if name in self._snippets:
            raise _Refused(f"redeclaration of previously declared snippet {name}", start)
        opening = self._peek()
        if opening is None or opening.text != "{":
            raise _Refused("Syntax error: Unexpected token, expecting '{'", opening or start)
        depth, self._at = 1, self._at + 1
        tokens: list[Token] = []
        while depth:
            token = self._peek()
            if token is None:
                raise _Refused("Syntax error: Unexpected end of file, expecting '}'", start)
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            tokens.append(token)
            self._at += 1
        self._snippets[name] = tokens[:-1]

    def _import(self) -> None:
        """Put what `import PATTERN` names in the place of those two words."""
        token = self._tokens[self._at]
        has_argument = self._at + 1 < len(self._tokens) and not self._starts_line(self._at + 1)
        if not has_argument:
            raise _Refused("Wrong argument count or unexpected line ending after 'import'", token)
        if self._at + 2 < len(self._tokens) and not self._starts_line(self._at + 2):
            raise _Refused("Import takes only one argument (glob pattern or file)", token)
        self._imports += 1
        if self._imports > _MOST_IMPORTS:
            raise _Refused(f"maximum import depth ({_MOST_IMPORTS}) exceeded", token)
        pattern = self._expanded(self._tokens[self._at + 1])
        self._tokens[self._at : self._at + 2] = self._imported(pattern, token)

    def _imported(self, pattern: str, token: Token) -> list[Token]:
        if pattern in self._snippets:
            return self._snippets[pattern]
        path = posixpath.normpath(posixpath.join(self._directory, pattern))
        self.imports[path] = None
        found = sorted(name for name in self._files if fnmatchcase(name, path))
        found = [name for name in found if name.count("/") == path.count("/")]
        if not found:
            if not any(character in pattern for character in "*?["):
                raise _Refused(f"File to import not found: {pattern}", token)
            self.unmatched.append(pattern)
        return [each for name in found for each in lex(self._files[name], name)]

    def _contents(self) -> tuple[Directive, ...]:
        opening = self._peek()
        braced = opening is not None and opening.text == "{"
        self._at += braced
        plugins: list[Directive] = []
        while (token := self._peek()) is not None:
            if token.text == "}":
                if not braced:
                    break
                self._at += 1
                return tuple(plugins)
            if token.text == "import":
                self._import()
                continue
            plugins.append(self._directive(0))
        if braced:
            raise _Refused("Syntax error: Unexpected end of file, expecting '}'", opening)
        if token is not None:
            raise _Refused("Unexpected '}' because no matching opening brace", token)
        return tuple(plugins)

    def _directive(self, depth: int) -> Directive:
        start = self._tokens[self._at]
        if depth > _DEEPEST:
            raise _Refused("braces are nested too deep", start)
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
            line=start.line,
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
        raise _Refused("Unexpected EOF", start)


def _server_keys(token: Token) -> tuple[ServerKey, ...]:
    # coredns plugin/pkg/parse Transport, plugin/normalize.go SplitHostPort.
    text = token.text
    transport, separator, rest = text.partition("://")
    if not separator:
        transport, rest = "dns", text
    if transport not in _DEFAULT_PORTS:
        raise _Refused(f"invalid server block key {text}: unknown transport {transport}", token)
    zone, colon, port = rest.rpartition(":")
    if colon and not port:
        raise _Refused(f'expecting data after last colon: "{rest}"', token)
    is_port = bool(colon) and port.isascii() and port.isdigit() and len(port) < 6
    if not is_port:
        zone, port = rest, str(_DEFAULT_PORTS[transport])
    if len(zone) > 255:
        raise _Refused(f"specified zone is too long: {len(zone)} > 255", token)
    return tuple(
        ServerKey(zone=each, port=int(port), transport=transport) for each in zones_of(zone or ".")
    )
