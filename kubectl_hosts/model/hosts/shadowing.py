"""Names that a hosts file bears more than once, or that its readers see differently, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family, parse_zoned
from kubectl_hosts.model.hosts.lookup import FoundInHosts, HostsAnswer, HostsMatch, answer_from
from kubectl_hosts.model.hosts.readers import READERS, HostsReader, SeenEntry, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.model.hosts.file import HostsFile, HostsLine


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
    FAMILY = "the address is of the other family"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlooked:
    """A line that bears the name and gives this reader nothing, or something else."""

    line: int
    name: str
    rule: HostsRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader answers for a name (AF_UNSPEC), and the lines that it passes over."""

    reader: str
    answer: HostsAnswer
    overlooked: tuple[Overlooked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowing:
    """A name worth a word: on several lines, or answered differently by different readers."""

    name: str
    lines: tuple[int, ...]
    readings: tuple[Reading, ...]

    @property
    def differs(self) -> bool:
        """Whether the readers disagree about the set of addresses."""
        return len({_addresses(reading.answer) for reading in self.readings}) > 1


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name as a person reads it in the file: blanks part fields, `#` starts a comment."""

    line: HostsLine
    address: str
    name: str


def shadowing(file: HostsFile, readers: tuple[HostsReader, ...] = READERS) -> tuple[Shadowing, ...]:
    """The names of FILE that stand on several lines or that READERS see differently, in file order.

    Names are grouped without regard to case and final dot; the first spelling is the one asked.
    """
    mentions = _mentions(file)
    indexes = [(reader, _index(file, reader)) for reader in readers]
    found = (
        Shadowing(
            name=each[0].name,
            lines=tuple(dict.fromkeys(mention.line.number for mention in each)),
            readings=tuple(_reading(each[0].name, each, *index) for index in indexes),
        )
        for each in mentions.values()
    )
    return tuple(
        each
        for each in found
        if len(each.lines) > 1
        or each.differs
        or any(reading.overlooked for reading in each.readings)
    )


def overlooked_lines(name: str, file: HostsFile, reader: HostsReader) -> tuple[Overlooked, ...]:
    """The lines of FILE that bear NAME to a person's eye and give READER nothing, with the rule."""
    mentions = _mentions(file).get(_folded(name), [])
    return _reading(name, mentions, reader, _index(file, reader)).overlooked


def _mentions(file: HostsFile) -> dict[str, list[_Mention]]:
    grouped: dict[str, list[_Mention]] = defaultdict(list)
    for line in file.lines:
        entry = line.entry
        for name in entry.names if entry else ():
            grouped[_folded(name)].append(_Mention(line, entry.address if entry else "", name))
    return grouped


def _folded(name: str) -> str:
    return name.lower().removesuffix(".")


def _index(file: HostsFile, reader: HostsReader) -> dict[bytes, list[SeenEntry]]:
    index: dict[bytes, list[SeenEntry]] = defaultdict(list)
    for entry in read_entries(file, reader):
        for key in dict.fromkeys(reader.key(name) for name in entry.names):
            index[key].append(entry)
    return index


def _addresses(answer: HostsAnswer) -> frozenset[str]:
    found = answer.addresses if isinstance(answer, FoundInHosts) else ()
    return frozenset(str(address) for address in found)


def _reading(
    name: str,
    mentions: list[_Mention],
    reader: HostsReader,
    index: dict[bytes, list[SeenEntry]],
) -> Reading:
    key = reader.key(name.encode("utf-8", "surrogateescape"))
    answer = answer_from(index.get(key, ()), key, reader, Family.UNSPEC)
    return Reading(
        reader=reader.id,
        answer=answer,
        overlooked=tuple(_overlooked(name, mentions, reader, answer)),
    )


def _overlooked(
    name: str, mentions: list[_Mention], reader: HostsReader, answer: HostsAnswer
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


def _misread(mention: _Mention, match: HostsMatch) -> HostsRule | None:
    if match.written != mention.address:  # a field past the buffer was read as an address
        return HostsRule.LINE_BUFFER
    return HostsRule.ADDRESS_READ_OTHERWISE if parse_zoned(match.written) is None else None


def _ends_past_buffer(_name: str, mention: _Mention, reader: HostsReader) -> bool:
    written = re.escape(mention.name.encode("utf-8", "surrogateescape"))
    found = re.search(rb"(?<!\S)" + written + rb"(?!\S)", mention.line.raw)
    return reader.buffer is not None and found is not None and found.end() > reader.buffer - 1


# In this order: the first that holds is what a person should hear. hosts-file.md section 5.
_RULES: tuple[tuple[HostsRule, Callable[[str, _Mention, HostsReader], bool]], ...] = (
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
