"""How each resolver reads a hosts file: the entries it sees, what it answers, what it passes over.

A `HostsReader` is one resolver, measured on glibc 2.36, musl 1.2.3 and Go 1.19 (hosts-file.md
section 5) and read in glibc nss/nss_files/files-hosts.c, musl src/network/lookup_name.c
name_from_hosts, Go src/net/hosts.go. From its entries follow the answers (hosts(5)), and the lines
that bear a name to a person's eye and give this resolver nothing, each with the rule.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import (
    Family,
    InetAddress,
    inet_pton,
    musl_literal,
    parse_zoned,
    unmapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kubectl_hosts.model.hosts.file import HostsFile, HostsLine


_LOOPBACK = IPv6Address("::1")


def _as_written(address: InetAddress, family: Family) -> InetAddress | None:
    return address if family.admits(address) else None


def _glibc_translates(address: InetAddress, family: Family) -> InetAddress | None:
    """files-hosts.c: an AF_INET lookup takes a mapped address, and ::1 as 127.0.0.1."""
    if family is Family.INET and isinstance(address, IPv6Address):
        return IPv4Address("127.0.0.1") if address == _LOOPBACK else address.ipv4_mapped
    return _as_written(address, family)


def _go_unmaps(address: InetAddress, family: Family) -> InetAddress | None:
    """net.IP has one form for an IPv4 address and its mapped twin."""
    return _as_written(unmapped(address), family)


class HostsReader(Struct, frozen=True, kw_only=True):
    """One way of reading the file; each field is a row of hosts-file.md section 5."""

    id: str
    ignores_case: bool
    roots_dotted_names: bool = False
    """`a.b` and `a.b.` are one name; `db` and `db.` are not: hosts.go absDomainName."""
    merges_lines: bool = True
    """False: the first line that bears the name is the whole answer; host.conf(5) `multi`."""
    buffer: int | None = None
    """Bytes of a line read at once; what follows is read as a line of its own."""
    accepts_leading_blanks: bool = True
    needs_final_newline: bool = False
    repeats_on_one_line: bool = False
    max_addresses: int | None = None
    other_family_ends_lookup: bool = True
    """Whether a name that has addresses of the other family only keeps DNS from being asked."""
    all_names_in_reverse: bool = False
    blanks: bytes = b" \t\r\v\f"
    ends_at_nul: bool = True
    parse_address: Callable[[str], InetAddress | None] = inet_pton
    in_family: Callable[[InetAddress, Family], InetAddress | None] = _as_written

    def key(self, name: bytes) -> bytes:
        """The form in which this reader compares names."""
        folded = name.lower() if self.ignores_case else name
        rooted = self.roots_dotted_names and b"." in folded and not folded.endswith(b".")
        return folded + b"." if rooted else folded


GLIBC = HostsReader(
    id="glibc",
    ignores_case=True,
    merges_lines=False,
    other_family_ends_lookup=False,
    in_family=_glibc_translates,
)
GLIBC_MULTI = replace(GLIBC, id="glibc, multi on", merges_lines=True)
MUSL = HostsReader(
    id="musl",
    ignores_case=False,
    buffer=511,  # `char line[512]` with its NUL
    accepts_leading_blanks=False,
    needs_final_newline=True,
    max_addresses=48,  # MAXADDRS
    parse_address=musl_literal,
)
GO = HostsReader(
    id="go",
    ignores_case=True,
    roots_dotted_names=True,
    repeats_on_one_line=True,
    all_names_in_reverse=True,
    blanks=b" \t\r",
    ends_at_nul=False,
    parse_address=parse_zoned,
    in_family=_go_unmaps,
)


class SeenEntry(Struct, frozen=True, kw_only=True):
    """An entry as a reader sees it: names as written, and only those that it can see."""

    line: int
    written: str
    address: InetAddress
    names: tuple[bytes, ...]
    canonical_name: bytes


def read_entries(lines: Iterable[HostsLine], reader: HostsReader) -> Iterator[SeenEntry]:
    """The entries of LINES that READER takes, in their order; lines it can't use are left out."""
    for line in lines:
        for piece in _pieces(line, reader):
            entry = _read_piece(line, piece, reader)
            if entry is not None:
                yield entry


def _pieces(line: HostsLine, reader: HostsReader) -> Iterator[bytes]:
    """The line with its newline, cut as fgets(3) cuts it where the reader's buffer is short."""
    whole = line.raw + (b"\n" if line.ended else b"")
    size = reader.buffer or len(whole)
    for start in range(0, len(whole), size or 1):
        yield whole[start : start + size]


def _read_piece(line: HostsLine, piece: bytes, reader: HostsReader) -> SeenEntry | None:
    taken = _taken(piece, reader)
    if taken is None:
        return None
    written, address, names = taken
    return SeenEntry(
        line=line.number, written=written, address=address, names=names, canonical_name=names[0]
    )


# The lines of the kubelet stand in every file, and each name is looked for in all of them.
@lru_cache(maxsize=4096)
def _taken(piece: bytes, reader: HostsReader) -> tuple[str, InetAddress, tuple[bytes, ...]] | None:
    """The address as written and as READER takes it, and the names behind it."""
    if reader.ends_at_nul:
        piece = piece.partition(b"\0")[0]
    content, comment, _ = piece.partition(b"#")
    # musl wants white space after a name; in place of a `#` it writes a newline.
    is_closed = bool(comment) or not reader.needs_final_newline or content.endswith(b"\n")
    fields = _fields(content, reader.blanks)
    if len(fields) < 2 or not (reader.accepts_leading_blanks or content.startswith(fields[0])):
        return None
    names = fields[1:]
    if not is_closed and content.endswith(names[-1]):
        names = names[:-1]
    written = fields[0].decode("utf-8", "backslashreplace")
    address = reader.parse_address(written)
    return None if address is None or not names else (written, address, names)


def _fields(content: bytes, blanks: bytes) -> tuple[bytes, ...]:
    spaced = content.translate(bytes.maketrans(blanks + b"\n", b" " * (len(blanks) + 1)))
    return tuple(part for part in spaced.split(b" ") if part)


class HostsMatch(Struct, frozen=True, kw_only=True):
    """An address that the file gives a name: its line, as written, and as the reader takes it."""

    line: int
    written: str
    address: InetAddress


class FoundInHosts(Struct, frozen=True):
    """The file answers; DNS isn't asked when `files` comes first. Matches are in file order."""

    matches: tuple[HostsMatch, ...]
    canonical_name: str

    @property
    def addresses(self) -> tuple[InetAddress, ...]:
        """The addresses in file order, repetitions kept; RFC 6724 may reorder them later."""
        return tuple(match.address for match in self.matches)


class OtherFamilyOnly(Struct, frozen=True):
    """The name is in the file, with addresses of the other family alone.

    ends_lookup: the reader stops here and asks no DNS (musl, Go), or goes on (glibc).
    """

    matches: tuple[HostsMatch, ...]
    ends_lookup: bool


class NotInHosts(Struct, frozen=True):
    """The reader sees the name on no line."""


HostsAnswer = FoundInHosts | OtherFamilyOnly | NotInHosts


def find_addresses(
    name: str, file: HostsFile, reader: HostsReader, family: Family = Family.UNSPEC
) -> HostsAnswer:
    """What READER finds for NAME, compared as typed, final dot included; hosts(5)."""
    lines = lines_with(name, file)
    return _answer(name, lines, reader, family) if lines else NotInHosts()


def _answer(
    name: str, lines: Iterable[HostsLine], reader: HostsReader, family: Family
) -> HostsAnswer:
    key = reader.key(name.encode("utf-8", "surrogateescape"))
    bearing = (
        entry
        for entry in read_entries(lines, reader)
        if any(reader.key(each) == key for each in entry.names)
    )
    return answer_from(bearing, key, reader, family)


@lru_cache(maxsize=1)  # each C library that a container may have looks for the same name
def lines_with(name: str, file: HostsFile) -> tuple[HostsLine, ...]:
    """The lines of FILE that may bear NAME to any reader or eye, so that no others are taken apart.

    A file may have 50,000. Letters beyond ASCII fold in ways of their own, and a backslash may
    stand for a byte: such lines, and all of them for such a name, are not judged here.
    """
    if not name.isascii() or "\\" in name:
        return file.lines
    wanted = name.lower().removesuffix(".").encode()
    return tuple(
        line for line in file.lines if wanted in line.raw.lower() or not line.raw.isascii()
    )


def answer_from(
    bearing: Iterable[SeenEntry], key: bytes, reader: HostsReader, family: Family
) -> HostsAnswer:
    """The answer from the entries that bear a name, given in file order with the name's key."""
    entries = tuple(bearing)
    in_family = tuple(
        entry for entry in entries if reader.in_family(entry.address, family) is not None
    )
    if not entries:
        return NotInHosts()
    if not in_family:
        others = tuple(_matches(entries, key, reader, Family.UNSPEC))
        return OtherFamilyOnly(others, reader.other_family_ends_lookup)
    used = in_family if reader.merges_lines else in_family[:1]
    return FoundInHosts(
        matches=tuple(_matches(used, key, reader, family))[: reader.max_addresses],
        canonical_name=used[0].canonical_name.decode("utf-8", "backslashreplace"),
    )


def _matches(
    entries: tuple[SeenEntry, ...], key: bytes, reader: HostsReader, family: Family
) -> Iterator[HostsMatch]:
    for entry in entries:
        address = reader.in_family(entry.address, family)
        if address is not None:
            times = sum(reader.key(name) == key for name in entry.names)
            match = HostsMatch(line=entry.line, written=entry.written, address=address)
            yield from [match] * (times if reader.repeats_on_one_line else 1)


def find_names(address: str, file: HostsFile, reader: HostsReader) -> tuple[str, ...]:
    """The names READER gives for ADDRESS, () when the file has none; getnameinfo(3).

    The first name of the first line, or every name of every line: Go, with a final dot on those
    that have a dot (lookupStaticAddr).
    """
    bearing = _bearing(address, file, reader)
    if not reader.all_names_in_reverse:
        return tuple(_text(entry.canonical_name) for entry in bearing[:1])
    return tuple(_text(_rooted(name)) for entry in bearing for name in entry.names)


def find_lines(address: str, file: HostsFile, reader: HostsReader) -> tuple[int, ...]:
    """The numbers of the lines that `find_names` took its names from."""
    lines = tuple(entry.line for entry in _bearing(address, file, reader))
    return lines if reader.all_names_in_reverse else lines[:1]


def _bearing(address: str, file: HostsFile, reader: HostsReader) -> tuple[SeenEntry, ...]:
    wanted = parse_zoned(address)
    return tuple(
        entry
        for entry in read_entries(file.lines, reader)
        if wanted is not None and unmapped(entry.address) == unmapped(wanted)
    )


def _rooted(name: bytes) -> bytes:
    return name + b"." if b"." in name and not name.endswith(b".") else name


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


class HostsRule(Enum):
    """Why a reader does not use a line that bears the name, in words that follow `because`."""

    FIRST_LINE_ONLY = "glibc takes the first line of a name unless host.conf says `multi on`"
    CASE = "the name is compared letter by letter, upper and lower case apart"
    FINAL_DOT = "the final dot is compared as typed"
    LEADING_BLANK = "the line starts with a blank"
    LINE_BUFFER = "the name ends past byte 510 of its line, and the reader's buffer ends there"
    NO_FINAL_NEWLINE = "it is the last name of a file that does not end in a newline"
    ADDRESS_REFUSED = "the first field is not an address to this reader"
    ADDRESS_READ_OTHERWISE = "the address is read as octal, or its missing octets are filled in"


class Overlooked(Struct, frozen=True, kw_only=True):
    """A line that bears the name and gives this reader nothing, or something else."""

    line: int
    name: str
    rule: HostsRule


class _WrittenName(Struct, frozen=True):
    """A name as a person reads it in the file: blanks part fields, `#` starts a comment."""

    line: HostsLine
    address: str
    name: str


def overlooked_lines(name: str, file: HostsFile, reader: HostsReader) -> tuple[Overlooked, ...]:
    """The lines of FILE that bear NAME to a person's eye and give READER nothing, with the rule."""
    lines = lines_with(name, file)
    if not lines:
        return ()
    answer = _answer(name, lines, reader, Family.UNSPEC)
    return tuple(_overlooked(name, tuple(_mentions(name, lines)), reader, answer))


def _mentions(name: str, lines: Iterable[HostsLine]) -> Iterator[_WrittenName]:
    for line in lines:
        entry = line.entry
        for each in entry.names if entry else ():
            if entry and _folded(each) == _folded(name):
                yield _WrittenName(line, entry.address, each)


def _folded(name: str) -> str:
    return name.lower().removesuffix(".")


def _overlooked(
    name: str, mentions: Iterable[_WrittenName], reader: HostsReader, answer: HostsAnswer
) -> Iterator[Overlooked]:
    used = (
        {match.line: match for match in answer.matches} if isinstance(answer, FoundInHosts) else {}
    )
    for mention in mentions:
        match = used.get(mention.line.number)
        if match is None:
            rule = next((rule for rule, applies in _RULES if applies(name, mention, reader)), None)
        else:
            rule = _misread(mention, match)
        if rule is not None:
            yield Overlooked(line=mention.line.number, name=mention.name, rule=rule)


def _misread(mention: _WrittenName, match: HostsMatch) -> HostsRule | None:
    if match.written != mention.address:  # a field past the buffer was read as an address
        return HostsRule.LINE_BUFFER
    return HostsRule.ADDRESS_READ_OTHERWISE if parse_zoned(match.written) is None else None


def _ends_past_buffer(_name: str, mention: _WrittenName, reader: HostsReader) -> bool:
    written = re.escape(mention.name.encode("utf-8", "surrogateescape"))
    found = re.search(rb"(?<!\S)" + written + rb"(?!\S)", mention.line.raw)
    return reader.buffer is not None and found is not None and found.end() > reader.buffer - 1


# In this order: the first that holds is what a person should hear. hosts-file.md section 5.
_RULES: tuple[tuple[HostsRule, Callable[[str, _WrittenName, HostsReader], bool]], ...] = (
    (HostsRule.ADDRESS_REFUSED, lambda _, m, r: r.parse_address(m.address) is None),
    (
        HostsRule.LEADING_BLANK,
        lambda _, m, r: not r.accepts_leading_blanks and m.line.raw[:1].isspace(),
    ),
    (HostsRule.LINE_BUFFER, _ends_past_buffer),
    (
        HostsRule.NO_FINAL_NEWLINE,
        lambda _, m, r: (
            r.needs_final_newline
            and not m.line.ended
            and m.line.raw.endswith(m.name.encode("utf-8", "surrogateescape"))
        ),
    ),
    (HostsRule.FINAL_DOT, lambda n, m, r: _differ_in_dot(n, m.name, r)),
    (HostsRule.CASE, lambda n, m, r: not r.ignores_case and n != m.name),
    (HostsRule.FIRST_LINE_ONLY, lambda _n, _m, r: not r.merges_lines),
)


def _differ_in_dot(name: str, written: str, reader: HostsReader) -> bool:
    if name.endswith(".") == written.endswith("."):
        return False
    return reader.key(name.lower().encode()) != reader.key(written.lower().encode())
