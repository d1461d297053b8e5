"""What a name, or an address, resolves to from the hosts file alone; hosts(5)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family, IPAddress, parse_zoned
from kubectl_hosts.model.hosts.readers import HostsReader, SeenEntry, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.hosts.file import HostsFile


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsMatch:
    """An address that the file gives a name: its line, as written, and as the reader takes it."""

    line: int
    written: str
    address: IPAddress


@dataclass(frozen=True, slots=True)
class FoundInHosts:
    """The file answers; DNS isn't asked when `files` comes first. Matches are in file order."""

    matches: tuple[HostsMatch, ...]
    canonical_name: str

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """The addresses in file order, repetitions kept; RFC 6724 may reorder them later."""
        return tuple(match.address for match in self.matches)


@dataclass(frozen=True, slots=True)
class OtherFamilyOnly:
    """The name is in the file, with addresses of the other family alone.

    ends_lookup: the reader stops here and asks no DNS (musl, Go), or goes on (glibc).
    """

    matches: tuple[HostsMatch, ...]
    ends_lookup: bool


@dataclass(frozen=True, slots=True)
class NotInHosts:
    """The reader sees the name on no line."""


HostsAnswer = FoundInHosts | OtherFamilyOnly | NotInHosts


def find_addresses(
    name: str, file: HostsFile, reader: HostsReader, family: Family = Family.UNSPEC
) -> HostsAnswer:
    """What READER finds for NAME, compared as typed, final dot included; hosts(5)."""
    key = reader.key(name.encode("utf-8", "surrogateescape"))
    bearing = (
        entry
        for entry in read_entries(file, reader)
        if any(reader.key(each) == key for each in entry.names)
    )
    return answer_from(bearing, key, reader, family)


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
        for entry in read_entries(file, reader)
        if wanted is not None and _unmapped(entry.address) == _unmapped(wanted)
    )


def _unmapped(address: IPAddress) -> IPAddress:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _rooted(name: bytes) -> bytes:
    return name + b"." if b"." in name and not name.endswith(b".") else name


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
