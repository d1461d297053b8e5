"""How each resolver reads a hosts file: one row each, and the entries that it sees.

Measured on glibc 2.36, musl 1.2.3 and Go 1.19 (hosts-file.md section 5) and read in glibc
nss/nss_files/files-hosts.c, musl src/network/lookup_name.c name_from_hosts, Go src/net/hosts.go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family, inet_pton, musl_literal, parse_zoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.model.addresses import IPAddress
    from kubectl_hosts.model.hosts.file import HostsFile, HostsLine

_LOOPBACK = IPv6Address("::1")


def _as_written(address: IPAddress, family: Family) -> IPAddress | None:
    return address if family.admits(address) else None


def _glibc_translates(address: IPAddress, family: Family) -> IPAddress | None:
    """files-hosts.c: an AF_INET lookup takes a mapped address, and ::1 as 127.0.0.1."""
    if family is Family.INET and isinstance(address, IPv6Address):
        return IPv4Address("127.0.0.1") if address == _LOOPBACK else address.ipv4_mapped
    return _as_written(address, family)


def _go_unmaps(address: IPAddress, family: Family) -> IPAddress | None:
    """net.IP has one form for an IPv4 address and its mapped twin."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return _as_written(mapped or address, family)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsReader:
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
    parse_address: Callable[[str], IPAddress | None] = inet_pton
    in_family: Callable[[IPAddress, Family], IPAddress | None] = _as_written

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
READERS = (GLIBC, GLIBC_MULTI, MUSL, GO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEntry:
    """An entry as a reader sees it: names as written, and only those that it can see."""

    line: int
    written: str
    address: IPAddress
    names: tuple[bytes, ...]
    canonical_name: bytes


def read_entries(file: HostsFile, reader: HostsReader) -> Iterator[SeenEntry]:
    """The entries of FILE that READER takes, in file order; lines it can't use are left out."""
    for line in file.lines:
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
    if address is None or not names:
        return None
    return SeenEntry(
        line=line.number,
        written=written,
        address=address,
        names=names,
        canonical_name=fields[1],
    )


def _fields(content: bytes, blanks: bytes) -> tuple[bytes, ...]:
    spaced = content.translate(bytes.maketrans(blanks + b"\n", b" " * (len(blanks) + 1)))
    return tuple(part for part in spaced.split(b" ") if part)
