"""One exec for `explain`: a container's files, its C library, and that library's view of names."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.addresses import inet_pton
from kubectl_hosts.model.dns import LibcView, ViewOutcome
from kubectl_hosts.model.evidence import RESOLVER_PATHS
from kubectl_hosts.model.reads import LibcSeen
from kubectl_hosts.probes.files import FilesRead, first_that_reads
from kubectl_hosts.probes.lookup_readers import lookups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.probes.ports import Cluster, ExecTarget

# Of an exec's deadline: what starting it and bringing its output back may take.
_MARGIN_SECONDS = 4
_SHELLS = {
    "sh": ("sh", "-c"),
    "/busybox/sh": ("/busybox/sh", "-c"),
    "/bin/busybox": ("/bin/busybox", "sh", "-c"),
}


class Tools(NamedTuple):
    """Programs of a container that can carry bytes; `shell` is () where it has none."""

    shell: tuple[str, ...] = ()
    """The argv that a script's text is appended to."""
    names: frozenset[str] = frozenset()


class Inside(NamedTuple):
    """What one exec told about a container; `views` has one of each name, in their order."""

    read: FilesRead
    views: tuple[LibcView, ...]
    tools: Tools = Tools()
    libc: LibcSeen = LibcSeen()


def look_inside(
    cluster: Cluster,
    target: ExecTarget,
    names: Sequence[str],
    paths: Sequence[str] = RESOLVER_PATHS,
    *,
    deadline: float = 30.0,
) -> Inside:
    """Files at PATHS, C library and views of NAMES (model/names.py checked them) in one exec.

    DEADLINE is in seconds. Raises a child of ExecFailed where nothing reads there; a name that
    could not be looked up is a LibcView that says so. (With `cat` alone: three execs, no views.)
    """
    within = max(1, int(deadline) - _MARGIN_SECONDS)
    looked = first_that_reads(cluster, target, lookups(within), (*paths, *names), deadline)
    sections = _sections(looked.stdout, looked.marker)
    via = looked.read.via
    tools = frozenset(rest for kind, rest, _ in sections if kind == "tool")
    return Inside(
        looked.read,
        parse_views(names, sections, via),
        Tools(_SHELLS.get(via, ()), tools),
        LibcSeen(
            looked.read.libraries,
            _version([body for kind, _, body in sections if kind == "version"]),
            tuple(
                (head, body.removesuffix("\n"))
                for kind, head, body in sections
                if kind == "variable"
            ),
        ),
    )


def _sections(stdout: bytes, marker: str) -> tuple[tuple[str, str, str], ...]:
    """(kind, rest of its line, text below it) of everything that is not a file."""
    if not marker:
        return ()
    parts = (part.partition(b"\n") for part in stdout.split(marker.encode())[1:])
    read = ((_text(head).strip().partition(" "), _text(body)) for head, _, body in parts)
    return tuple((kind, rest, body) for (kind, _, rest), body in read)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _version(said: Sequence[str]) -> str:
    """The two lines in which a loader names itself and its version (musl: on the second)."""
    if len(said) != 1:
        return ""
    return " ".join(said[0].split("\n")[:2]).strip()


_LABELS = {"getent": "getent ahosts"}
# busybox and iputils: `PING NAME (ADDRESS)`, `PING NAME(NAME (ADDRESS))`; ping6 alike.
_PING = re.compile(r"PING .*\((?P<address>[0-9A-Fa-f.:%a-z]+)\)")
_SAID_LIMIT = 200
# 124 is timeout(1)'s and our script's; 137 and 143 are 128 + SIGKILL, SIGTERM.
_GIVEN_UP = {124, 137, 143}


class _Ended(NamedTuple):
    status: int
    seconds: float | None


def parse_views(
    names: Sequence[str], sections: Sequence[tuple[str, str, str]], via: str
) -> tuple[LibcView, ...]:
    """The view of each of NAMES; could not look where the output says nothing about it.

    SECTIONS are (kind, rest of the line, ...); VIA is how the files were read.
    """
    lines: dict[str, list[str]] = {}
    by = "" if all(kind != "done" for kind, _, _ in sections) else "nothing"
    for kind, rest, _ in sections:
        if kind == "view":
            name, _, line = rest.partition(" ")
            lines.setdefault(name, []).append(line)
        elif kind == "by":
            by = rest
    why = _why_nobody(by, via)
    return tuple(
        parse_view(name, lines[name], by) if name in lines else _unseen(name, why) for name in names
    )


def _why_nobody(by: str, via: str) -> str:
    if via in {"head", "cat"}:
        return f"the container has {via}, but no shell to look names up with"
    if by == "none":
        return "the container has no getent, python3, node, perl, ruby or ping"
    if by:
        return "nobody looked it up while this was recorded"
    return "the output ended before it"


def _unseen(name: str, why: str) -> LibcView:
    return LibcView(name=name, outcome=ViewOutcome.COULD_NOT_LOOK, why=why)


def parse_view(name: str, lines: Sequence[str], by: str) -> LibcView:
    """The view of NAME from LINES: `ADDRESS TYPE [CANONICAL]`, ping's words, or an error.

    The last line is `= STATUS BEGIN END` (seconds of one clock); without it nobody saw the end.
    """
    ended = _ended(lines[-1]) if lines else None
    said = [line for line in lines if line.strip() and not line.startswith("= ")]
    rows = _ping_rows(said) if by == "ping" else _rows(said)
    addresses = tuple(dict.fromkeys(address for address, _ in rows))
    outcome, why = _outcome(bool(addresses), ended, said, by)
    return LibcView(
        name=name,
        outcome=outcome,
        addresses=addresses if outcome is ViewOutcome.FOUND else (),
        canonical_name=next((canonical for _, canonical in rows if canonical), ""),
        by=_LABELS.get(by, by),
        seconds=ended.seconds if ended else None,
        why=why,
    )


def _outcome(
    found: bool,  # noqa: FBT001  the first of the four things it depends on
    ended: _Ended | None,
    said: Sequence[str],
    by: str,
) -> tuple[ViewOutcome, str]:
    """getent(1): 0 found, 2 not found; ping ends with 1 when a host that it found is silent."""
    words = said[-1][:_SAID_LIMIT] if said else ""
    if ended is None:
        return ViewOutcome.COULD_NOT_LOOK, "the output ended before it"
    if found and (by == "ping" or ended.status == 0):
        return ViewOutcome.FOUND, ""
    if ended.status in _GIVEN_UP:
        spent = f" after {ended.seconds:.0f} s" if ended.seconds else ""
        return ViewOutcome.COULD_NOT_LOOK, f"given up{spent}: {by} had not ended"
    if ended.status in {1, 2}:
        return ViewOutcome.NOT_FOUND, words
    return ViewOutcome.COULD_NOT_LOOK, words or f"{by} ended with exit code {ended.status}"


def _ended(line: str) -> _Ended | None:
    words = line.split()
    if len(words) != 4 or words[0] != "=":
        return None
    try:
        status, begin, end = int(words[1]), float(words[2]), float(words[3])
    except ValueError:
        return None
    if not (isfinite(begin) and isfinite(end)):
        return None
    return _Ended(status, max(0.0, round(end - begin, 3)))


def _rows(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(address, canonical name) of getent's lines; glibc names it on the first one alone."""
    return tuple(
        (words[0], words[2] if len(words) > 2 else "")
        for words in map(str.split, lines)
        if len(words) > 1 and _is_address(words[0])
    )


def _ping_rows(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _PING.match(line)
        if found and _is_address(found["address"]):
            yield found["address"], ""


def _is_address(text: str) -> bool:
    return inet_pton(text.partition("%")[0]) is not None
