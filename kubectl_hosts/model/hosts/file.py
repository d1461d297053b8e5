"""hosts(5): the file as lines, each kept as it was written; bytes survive a round trip."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

# Fields are parted by blanks and tabs; a carriage return before the newline is white space too,
# to glibc, musl and Go alike (hosts-file.md section 5, "CRLF").
_FIELD = re.compile(rb"[^ \t\r\v\f]+")


class HostsEntry(Struct, frozen=True, kw_only=True):
    """`IP_address canonical_hostname [aliases...]` as written; see hosts(5).

    The address is any text in the first field: whether a libc takes it is `lookup`'s question.
    names holds the canonical hostname first, and may be empty (`10.0.0.2` and nothing more).
    """

    address: str
    names: tuple[str, ...]


class HostsLine(Struct, frozen=True, kw_only=True):
    """One line: its 1-based number, its bytes without the newline, whether a newline ended it."""

    number: int
    raw: bytes
    ended: bool = True

    @property
    def text(self) -> str:
        r"""The line for people: bytes that are not UTF-8 stay visible as `\xNN`."""
        return self.raw.decode("utf-8", "backslashreplace")

    @property
    def entry(self) -> HostsEntry | None:
        """The entry on this line, None for a blank line or a comment."""
        return _short_entry(self.raw) if len(self.raw) <= _SHORT else _entry(self.raw)


# The pods of a fleet have most lines in common, and each is looked at many times.
_SHORT = 256


def _entry(raw: bytes) -> HostsEntry | None:
    fields = tuple(
        match.decode("utf-8", "backslashreplace")
        for match in _FIELD.findall(raw.partition(b"#")[0])
    )
    return HostsEntry(address=fields[0], names=fields[1:]) if fields else None


_short_entry = lru_cache(maxsize=1 << 12)(_entry)


class HostsFile(Struct, frozen=True, cache_hash=True):
    """A hosts file, line by line; `is_cut` where it goes on, and nobody read how."""

    lines: tuple[HostsLine, ...] = ()
    is_cut: bool = False

    def to_bytes(self) -> bytes:
        """The very bytes that were parsed."""
        return b"".join(line.raw + (b"\n" if line.ended else b"") for line in self.lines)


@lru_cache(maxsize=1)  # each C library that a container may have reads the same file
def parse_hosts_file(data: bytes, *, is_cut: bool = False) -> HostsFile:
    r"""The lines of DATA. Only `\n` ends a line: a NUL, `\r` or `\x85` in one is content."""
    if not data:
        return HostsFile(is_cut=is_cut)
    *ended, last = data.split(b"\n")
    lines = [HostsLine(number=number, raw=raw) for number, raw in enumerate(ended, 1)]
    if last:
        lines.append(HostsLine(number=len(lines) + 1, raw=last, ended=False))
    return HostsFile(tuple(lines), is_cut)
