"""resolv.conf(5) as each stub resolver reads it: the same bytes, different settings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import (
    InetAddress,
    inet_aton,
    musl_literal,
    parse_zoned,
)

if TYPE_CHECKING:
    from collections.abc import Callable


_MOST_NAMESERVERS = 3  # MAXNS in glibc's resolv.h and musl's lookup.h; Go does the same


class Setting(Struct, frozen=True):
    """A nameserver, search domain or option as written, and its line (None: not from the file)."""

    text: str
    line: int | None = None


class IgnoredLine(Struct, frozen=True):
    """A line that this resolver does not use, why, and what to do about it."""

    line: int
    why: str
    fix: str = "Shorten dnsConfig so that the line fits."
    is_nameserver: bool = False


class ResolvConf(Struct, frozen=True, kw_only=True):
    """The settings a resolver works with; times are in seconds, limits are already applied."""

    nameservers: tuple[Setting, ...] = ()
    search: tuple[Setting, ...] = ()
    options: tuple[Setting, ...] = ()
    """Every option as written, in order; the numbers below are what they come to."""
    ndots: int = 1
    timeout: int = 5
    attempts: int = 2
    ignored: tuple[IgnoredLine, ...] = ()

    @property
    def search_list(self) -> tuple[str, ...]:
        """The search domains as text, in order."""
        return tuple(setting.text for setting in self.search)

    def has_option(self, *names: str) -> bool:
        """Whether one of the options NAMES is set."""
        return any(setting.text in names for setting in self.options)


class ResolvConfReader(Struct, frozen=True, kw_only=True):
    """How a resolver reads the file; rows of cluster-dns.md 5.1 and of the sources named below."""

    id: str
    parse_nameserver: Callable[[str], InetAddress | None]
    blanks: str = " \t\r\v\f"
    """What parts words; a carriage return that does not is part of the last word of its line."""
    comments: str = ";#"
    """A line that starts with one of these is a comment; inside a line they are text."""
    accepts_leading_blanks: bool = False
    default_nameservers: tuple[str, ...] = ("127.0.0.1",)
    longest_line: int | None = None
    """Bytes with the newline; a longer line is ignored."""
    empty_search_clears: bool = False
    """`search` with no value empties the list, or leaves the former one."""
    skips_root_search: bool = False
    max_search: tuple[int, int] | None = None
    """Search domains and characters; what goes beyond is dropped."""
    caps: tuple[tuple[str, int, int], ...] = ()
    """Numeric options: name, least, most."""
    options_anywhere: bool = False
    """Options are found as text anywhere in the line: musl's strstr."""
    signed_numbers: bool = False
    """A number may stand behind blanks and a sign, and is 0 where there is none: atoi(3)."""

    def number(self, text: str) -> int | None:
        """The number that an option's value TEXT is; None leaves the setting alone."""
        found = (_SIGNED if self.signed_numbers else _VALUE).match(text)
        if not self.signed_numbers:
            return int(found[0]) if found else (None if self.options_anywhere else 0)
        # res_state has four bits for ndots: -1 is 15.
        negative = found is not None and found["sign"] == "-"
        digits = int(found["digits"]) if found else 0
        return -digits & 15 if negative else digits


def _glibc_nameserver(text: str) -> InetAddress | None:
    return inet_aton(text) or parse_zoned(text)


# glibc resolv/res_init.c; caps: RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY in resolv.h.
GLIBC = ResolvConfReader(
    id="glibc",
    parse_nameserver=_glibc_nameserver,
    blanks=" \t",
    signed_numbers=True,
    caps=(("ndots", 0, 15), ("timeout", 0, 30), ("attempts", 0, 5)),
)
# Before 2.26: MAXDNSRCH and the size of `defdname`; NEWS of 2.26. inet_aton(3) takes a blank behind
# the address, as a carriage return is, until 2.29 (BZ#20018).
GLIBC_BEFORE_2_26 = replace(
    GLIBC,
    id="glibc < 2.26",
    parse_nameserver=lambda text: _glibc_nameserver(text.rstrip("\r\v\f")),
    max_search=(6, 256),
)
# musl src/network/resolvconf.c: `char line[256]`.
MUSL = ResolvConfReader(
    id="musl",
    parse_nameserver=musl_literal,
    comments="",
    longest_line=255,
    empty_search_clears=True,
    caps=(("ndots", 0, 15), ("timeout", 0, 60), ("attempts", 0, 10)),
    options_anywhere=True,
)
# Go src/net/dnsconfig_unix.go.
GO = ResolvConfReader(
    id="go",
    parse_nameserver=parse_zoned,
    blanks=" \t\r",
    accepts_leading_blanks=True,
    default_nameservers=("127.0.0.1", "::1"),
    empty_search_clears=True,
    skips_root_search=True,
    caps=(("ndots", 0, 15), ("timeout", 1, 1 << 31), ("attempts", 1, 1 << 31)),
)


@lru_cache(maxsize=256)  # every C library that a container may have, of every pod of a namespace
def parse_resolv_conf(data: bytes, reader: ResolvConfReader) -> ResolvConf:
    """The settings READER takes from DATA; a file that is missing reads as an empty one."""
    conf = ResolvConf()
    options: list[Setting] = []
    ignored: list[IgnoredLine] = []
    for number, raw in enumerate(data.decode("utf-8", "backslashreplace").split("\n"), 1):
        size = len(raw.encode()) + 1
        if reader.longest_line is not None and size > reader.longest_line:
            why = f"the line has {size} bytes; {reader.id} ignores more than {reader.longest_line}"
            ignored.append(IgnoredLine(number, why))
        else:
            conf = _read_line(conf, raw, number, reader)
        if conf.options or conf.ignored:  # a line's own: a file of them takes linear time
            options += conf.options
            ignored += conf.ignored
            conf = replace(conf, options=(), ignored=())
    default = (Setting(text) for text in reader.default_nameservers)
    return replace(
        conf,
        options=tuple(options),
        ignored=tuple(ignored),
        nameservers=conf.nameservers or tuple(default),
    )


def _read_line(conf: ResolvConf, line: str, number: int, reader: ResolvConfReader) -> ResolvConf:
    words = re.findall(f"[^{reader.blanks}]+", line)
    is_indented = line[:1] in reader.blanks and not reader.accepts_leading_blanks
    if not words or line.startswith(tuple(reader.comments)) or is_indented:
        return conf
    keyword, *rest = words
    if keyword == "nameserver":
        return _add_nameserver(conf, rest, number, reader)
    if keyword in {"search", "domain"}:
        return _set_search(conf, keyword, rest, number, reader)
    if keyword == "options":
        return set_options(conf, tuple(Setting(word, number) for word in rest), reader)
    return conf


_ENDS_WITH_CR = "ends with a carriage return (CRLF line ends)"
_AN_ADDRESS = "Write an IP address behind `nameserver`."
_WITHOUT_CR = "Write the file with line ends of Unix (LF)."


def _add_nameserver(
    conf: ResolvConf, words: list[str], number: int, reader: ResolvConfReader
) -> ResolvConf:
    text = words[0] if words else ""
    if reader.parse_nameserver(text) is None:
        why = "its first word is not an address" if words else "no address follows `nameserver`"
        line = IgnoredLine(number, why, _AN_ADDRESS, is_nameserver=True)
        if text.endswith("\r"):
            line = IgnoredLine(
                number, f"its address {_ENDS_WITH_CR}", _WITHOUT_CR, is_nameserver=True
            )
        return replace(conf, ignored=(*conf.ignored, line))
    if len(conf.nameservers) >= _MOST_NAMESERVERS:
        why = f"{reader.id} uses the first {_MOST_NAMESERVERS} nameservers"
        return replace(conf, ignored=(*conf.ignored, IgnoredLine(number, why)))
    return replace(conf, nameservers=(*conf.nameservers, Setting(text, number)))


def _set_search(
    conf: ResolvConf, keyword: str, words: list[str], number: int, reader: ResolvConfReader
) -> ResolvConf:
    """The last `search` or `domain` wins; resolv.conf(5)."""
    taken = words[:1] if keyword == "domain" else words
    if not taken and not reader.empty_search_clears:
        return conf
    if any(word.endswith("\r") for word in taken):
        line = IgnoredLine(number, f"its last domain {_ENDS_WITH_CR}", _WITHOUT_CR)
        conf = replace(conf, ignored=(*conf.ignored, line))
    settings = (Setting(word, number) for word in taken)
    kept = tuple(each for each in settings if not (reader.skips_root_search and each.text == "."))
    return replace(conf, search=_limited(kept, reader))


def _limited(search: tuple[Setting, ...], reader: ResolvConfReader) -> tuple[Setting, ...]:
    if reader.max_search is None:
        return search
    most, characters = reader.max_search
    kept = search[:most]
    while len(" ".join(each.text for each in kept)) >= characters:
        kept = kept[:-1]
    return kept


# Nine digits are enough for every cap.
_VALUE = re.compile(r"[0-9]{1,9}")
# atoi(3): blanks and a sign before the digits.
_SIGNED = re.compile(r"[ \t\r\v\f]*(?P<sign>[+-]?)(?P<digits>[0-9]{1,9})")


def set_options(
    conf: ResolvConf, settings: tuple[Setting, ...], reader: ResolvConfReader
) -> ResolvConf:
    """CONF with more options, as an `options` line or RES_OPTIONS adds them; the last one wins."""
    numbers = {"ndots": conf.ndots, "timeout": conf.timeout, "attempts": conf.attempts}
    pairs = tuple(zip(settings, (*settings[1:], Setting("")), strict=False))
    for name, least, most in reader.caps:
        option = f"{name}:"
        found = [
            (setting.text.partition(option)[2], after.text)
            for setting, after in pairs
            if setting.text.startswith(option)
            or (reader.options_anywhere and option in setting.text)
        ]
        # strstr finds the first of a line, whatever it is worth; a reader of words keeps the last.
        for value, after in found[:1] if reader.options_anywhere else found:
            written = reader.number(value or f" {after}")
            kept = numbers[name] if written is None else written
            numbers[name] = min(max(kept, least), most)
    return replace(
        conf,
        options=(*conf.options, *settings),
        ndots=numbers["ndots"],
        timeout=numbers["timeout"],
        attempts=numbers["attempts"],
    )
