"""A Corefile as values: server blocks and their plugins, each with its line; corefile(5)."""

from __future__ import annotations

from dataclasses import dataclass

# Go's ParseUint takes 64 bits; no number of a Corefile is as long as this.
_MOST_DIGITS = 18


def digits(text: str) -> int | None:
    """The decimal number that TEXT is, None where it is none (or is longer than any can be)."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKey:
    """What a server block listens for: a zone (absolute, lower case) on a port by a transport."""

    zone: str
    port: int = 53
    transport: str = "dns"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerBlock:
    """`KEYS { PLUGINS }`, plugins in text order."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Corefile:
    """A Corefile that CoreDNS would take apart, imports in place.

    imports are the globs (absolute) that it imports files by, and unmatched_imports those, as
    written, that no file matched (CoreDNS warns and goes on);
    unset_variables are environment variables that nothing is known of (read as empty).
    """

    blocks: tuple[ServerBlock, ...] = ()
    imports: tuple[str, ...] = ()
    unmatched_imports: tuple[str, ...] = ()
    unset_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorefileError:
    """Why a Corefile cannot be taken apart, in CoreDNS's words, and the line."""

    message: str
    line: int = 0
    file: str = ""
