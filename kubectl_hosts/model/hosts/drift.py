"""The observed hosts file against what the kubelet wrote: each line with its origin and status.

Lines are paired first (the longest common run, then likeness), then judged: what moved, what was
changed, what is missing or extra. The pod's own lines are compared as a set (hosts-file.md 0.2,
1.6; k/k#130129, #103263), and the layout of another release is no difference.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.hosts.file import HostsLine
from kubectl_hosts.model.hosts.hosts_report import (
    DriftKind,
    ReportLine,
    missing_line,
    report_line,
)
from kubectl_hosts.model.hosts.kubelet import (
    ALIASES_COMMENT,
    BOILERPLATE,
    HEADER,
    HOST_NETWORK_HEADER,
    ExpectedFile,
    ExpectedLine,
)
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.hosts.file import HostsFile


class Pairing(NamedTuple):
    """same: expected index -> observed index, in order; then what moved and what was changed."""

    same: dict[int, int]
    moved: dict[int, int]
    changed: dict[int, int]


def align(expected: Sequence[bytes], observed: Sequence[bytes]) -> Pairing:
    """Pair lines (without newlines), each at most once, and always the same way."""
    same = _longest_common(expected, observed)
    taken = set(same.values())
    left = {index: None for index in range(len(expected)) if index not in same}
    free = {at: None for at in range(len(observed)) if at not in taken}
    moved = _pair_equal(expected, observed, left, free)
    changed = _pair_alike(_Places(expected, observed, same), left, free)
    return Pairing(same, moved, changed)


def _longest_common(expected: Sequence[bytes], observed: Sequence[bytes]) -> dict[int, int]:
    """The longest common subsequence, the earliest of them: Hunt and Szymanski, CACM 20(5)."""
    places: dict[bytes, list[int]] = {}
    for index in range(len(expected) - 1, -1, -1):
        places.setdefault(expected[index], []).append(index)
    ends: list[int] = []  # the smallest expected index that ends a run of each length
    links: list[tuple[int, int, object]] = []
    for at, raw in enumerate(observed):
        for index in places.get(raw, ()):
            length = bisect_left(ends, index)
            if length < len(ends) and ends[length] == index:
                continue
            link = (index, at, links[length - 1] if length else None)
            ends[length : length + 1] = [index]
            links[length : length + 1] = [link]
    return dict(_unlinked(links[-1] if links else None))


def _unlinked(link: object) -> list[tuple[int, int]]:
    pairs = []
    while isinstance(link, tuple):
        index, at, link = link
        pairs.append((index, at))
    return pairs[::-1]


# Indexes still to pair, in order; a dict, since a list removes slowly and a set has no order.
_OpenLines = dict[int, None]


def _pair_equal(
    expected: Sequence[bytes], observed: Sequence[bytes], left: _OpenLines, free: _OpenLines
) -> dict[int, int]:
    wanted = {expected[index]: None for index in left if expected[index]}
    places: dict[bytes, list[int]] = {}
    for at in reversed(free):
        if observed[at] in wanted:
            places.setdefault(observed[at], []).append(at)
    moved = {}
    for index in tuple(left):
        if places.get(expected[index]):
            moved[index] = places[expected[index]].pop()
            del left[index], free[moved[index]]
    return moved


class _Places(NamedTuple):
    expected: Sequence[bytes]
    observed: Sequence[bytes]
    same: dict[int, int]

    def gap_of_expected(self, index: int) -> int:
        """How many lines in common stand before an expected line."""
        return bisect_left(tuple(self.same), index)

    def gap_of_observed(self, at: int) -> int:
        """How many lines in common stand before an observed line."""
        return bisect_left(tuple(self.same.values()), at)


def _pair_alike(places: _Places, left: _OpenLines, free: _OpenLines) -> dict[int, int]:
    changed = {}
    for _, index, at in sorted(_likenesses(places, left, free)) if left else ():
        if index in left and at in free:
            changed[index] = at
            del left[index], free[at]
    return changed


def _likenesses(
    places: _Places, left: _OpenLines, free: _OpenLines
) -> Iterator[tuple[tuple[int, int], int, int]]:
    """(rank, expected, observed) of every pair that a person would call one changed line."""
    candidates: dict[_Likeness, list[int]] = {}
    for at in free:
        for likeness in _likenesses_of(places.observed[at]):
            candidates.setdefault(likeness, []).append(at)
    for index in left:
        gap = places.gap_of_expected(index)
        for likeness in _likenesses_of(places.expected[index]):
            for at in candidates.get(likeness, ()):
                distance = abs(places.gap_of_observed(at) - gap)
                if distance == 0 or likeness.anywhere:
                    yield (likeness.rank, distance), index, at


class _Likeness(NamedTuple):
    """Something that two lines share; rank 0 makes them most alike."""

    rank: int
    shared: object
    anywhere: bool = False
    """Makes them one line wherever they stand, not only in the same place."""


def _likenesses_of(raw: bytes) -> Iterator[_Likeness]:
    words = tuple(raw.split())
    yield _Likeness(0, words, anywhere=bool(words))
    entry = HostsLine(number=0, raw=raw).entry
    if entry is None:
        yield _Likeness(4, "a comment" if words else "a blank line")
        return
    if entry.names:
        yield _Likeness(1, entry.names, anywhere=True)
    yield from (_Likeness(2, name) for name in entry.names)
    yield _Likeness(3, entry.address)  # 127.0.0.1 starts many lines: it must stand in one's place


OTHER_ORDER = (
    "the pod IPs are in the runtime's order, not in that of status.podIPs; the next container "
    "start puts them in status order"
)


def judge_pod_ips(
    lines: Sequence[ReportLine], expected: Sequence[ExpectedLine]
) -> tuple[tuple[ReportLine, ...], tuple[str, ...]]:
    """The lines with what is no drift in the pod's own ones forgiven, and notes on it.

    The runtime's order differs from status.podIPs until a container restarts, and the runtime may
    report more addresses than the two that status keeps.
    """
    if not any(line.origin.kind is OriginKind.POD_IP for line in expected):
        return tuple(lines), ()
    block = _own_block(lines)
    allowed = {None, DriftKind.REORDERED, DriftKind.EXTRA}
    if not block or any(lines[at].difference not in allowed for at in block):
        return tuple(lines), ()
    judged = list(lines)
    notes = []
    if any(lines[at].difference is DriftKind.REORDERED for at in block):
        notes.append(OTHER_ORDER)
    for at in block:
        if lines[at].difference is DriftKind.EXTRA:
            notes.append(
                f"{lines[at].address} is not in status.podIPs: the runtime reported it when the "
                "pod started, or it was added by hand"
            )
        judged[at] = _forgiven(lines[at], lines[block[0]].origin)
    return tuple(judged), tuple(notes)


def _own_block(lines: Sequence[ReportLine]) -> range:
    """The run of own lines, with extra ones of the same names in it; empty where it is broken."""
    own = [at for at, line in enumerate(lines) if line.origin.kind is OriginKind.POD_IP]
    if not own:
        return range(0)
    names = lines[own[0]].names
    known = {lines[at].address for at in own}
    first, last = own[0], own[-1]
    while first > 0 and _is_another_own(lines[first - 1], names, known):
        first -= 1
    while last + 1 < len(lines) and _is_another_own(lines[last + 1], names, known):
        last += 1
    is_whole = all(
        lines[at].origin.kind is OriginKind.POD_IP or _is_another_own(lines[at], names, known)
        for at in range(first, last + 1)
    )
    return range(first, last + 1) if is_whole else range(0)


def _is_another_own(line: ReportLine, names: tuple[str, ...], known: set[str]) -> bool:
    if line.difference is not DriftKind.EXTRA or not names or line.names != names:
        return False
    if line.address in known:
        return False
    from ipaddress import ip_address  # noqa: PLC0415  10 ms that a file without drift is spared

    try:
        address = ip_address(line.address)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)


def _forgiven(line: ReportLine, own: Origin) -> ReportLine:
    origin = line.origin if line.origin.kind is OriginKind.POD_IP else replace(own, field="")
    return replace(line, difference=None, instead_of="", origin=origin)


OLD_LAYOUT = "hostAliases have one line per hostname, as kubelets before 1.14 write them"
NEW_LAYOUT = "hostAliases have one line per item, as kubelets since 1.14 write them"


class Drift(Struct, frozen=True, kw_only=True):
    """Every line of the file and every line it lacks; notes are differences that are none."""

    lines: tuple[ReportLine, ...]
    notes: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether the file differs from what the spec asks."""
        return any(line.difference is not None for line in self.lines)


def looks_half_written(data: bytes) -> bool:
    """Whether a read may have caught the kubelet between truncating and writing: read again once.

    hosts-file.md 1.5: a reader can see an empty file; a header with a missing tail counts too.
    Where other lines stand there, somebody wrote the file whole: reading again is idle.
    """
    fixed = "".join(f"{line}\n" for line in BOILERPLATE).encode()
    if len(data) < len(fixed):
        return fixed.startswith(data)
    return data.startswith(HEADER.encode()) and not data.endswith(b"\n")


def find_drift(expected: ExpectedFile, observed: HostsFile, *, node: str = "") -> Drift:
    """What differs, line by line; NODE names the Node whose file a hostNetwork pod copied.

    Pod IPs are compared as a set (hosts-file.md 0.2), and the other release's layout of
    hostAliases is none the worse (k/k#71044): such differences become notes.
    """
    drift = _compare(expected, observed, node)
    if not drift.found:
        return drift
    other = _other_layout(expected)
    if other == expected:
        return drift
    relaid = _compare(other, observed, node)
    if _differences(relaid) >= _differences(drift):
        return drift
    is_old = len(other.lines) + len(other.tail) > len(expected.lines) + len(expected.tail)
    return replace(relaid, notes=(*relaid.notes, OLD_LAYOUT if is_old else NEW_LAYOUT))


def find_drift_of_volume(expected: ExpectedFile, observed: HostsFile, origin: Origin) -> Drift:
    """What a mounted file has otherwise than its volume now; every line is of ORIGIN."""
    lines = observed.lines
    if not expected.ends_in_newline and lines and not lines[-1].ended:
        lines = (*lines[:-1], replace(lines[-1], ended=True))
    compared = _as_far_as_read(_compare_whole(expected.lines, lines), observed).lines
    return Drift(
        lines=tuple(
            replace(line, origin=replace(origin, line=line.number))
            if line.origin.kind is OriginKind.FOREIGN
            else line
            for line in compared
        )
    )


def _differences(drift: Drift) -> int:
    return sum(1 for line in drift.lines if line.difference is not None)


def _compare(expected: ExpectedFile, observed: HostsFile, node: str) -> Drift:
    return _as_far_as_read(_compare_parts(expected, observed, node), observed)


def _as_far_as_read(drift: Drift, observed: HostsFile) -> Drift:
    """DRIFT without the lines that may stand where nobody read: a changed one is an extra one."""
    if not observed.is_cut:
        return drift
    seen = (line for line in drift.lines if line.difference is not DriftKind.MISSING)
    return replace(drift, lines=tuple(map(_not_in_its_place, seen)))


def _not_in_its_place(line: ReportLine) -> ReportLine:
    if line.difference is not DriftKind.CHANGED:
        return line
    return replace(
        line,
        origin=Origin(kind=OriginKind.FOREIGN, line=line.number),
        difference=DriftKind.EXTRA,
        instead_of="",
    )


def _compare_parts(expected: ExpectedFile, observed: HostsFile, node: str) -> Drift:
    if not expected.node_part:
        return _compare_whole(expected.lines, observed.lines)
    head, middle, tail = _split_around_node(expected, observed)
    wanted = _tail_wanted(expected.tail, tail)
    parts = (
        _compare_whole(expected.lines, head).lines,
        _node_lines(middle, node),
        _compare_whole(wanted, tail).lines,
    )
    return Drift(lines=tuple(line for part in parts for line in part))


def _compare_whole(expected: Sequence[ExpectedLine], observed: Sequence[HostsLine]) -> Drift:
    wanted = [line.raw for line in expected]
    found = [line.raw for line in observed]
    if wanted == found and all(line.ended for line in observed):
        same = zip(observed, expected, strict=True)
        return Drift(lines=tuple(report_line(line, at.origin) for line, at in same))
    lines, notes = judge_pod_ips(
        _lines_in_order(expected, observed, align(wanted, found)), expected
    )
    return Drift(lines=lines, notes=notes)


def _lines_in_order(
    expected: Sequence[ExpectedLine], observed: Sequence[HostsLine], pairing: Pairing
) -> tuple[ReportLine, ...]:
    """Observed lines as they stand; a missing one behind the expected line before it."""
    stands_for = {at: index for part in pairing for index, at in part.items()}
    missing: dict[int, list[ReportLine]] = {}
    anchor = -1
    for index, line in enumerate(expected):
        anchor = pairing.same.get(index, pairing.changed.get(index, anchor))
        if all(index not in part for part in pairing):
            missing.setdefault(anchor, []).append(missing_line(line))
    lines = missing.get(-1, [])
    for at, found in enumerate(observed):
        stands_for_it = stands_for.get(at)
        paired = None if stands_for_it is None else expected[stands_for_it]
        is_in_place = stands_for_it in pairing.same
        lines.append(_observed_line(found, paired, is_in_place=is_in_place))
        lines.extend(missing.get(at, ()))
    return tuple(lines)


def _observed_line(
    line: HostsLine, expected: ExpectedLine | None, *, is_in_place: bool
) -> ReportLine:
    if expected is None:
        origin = Origin(kind=OriginKind.FOREIGN, line=line.number)
        return report_line(line, origin, DriftKind.EXTRA)
    if is_in_place and line.ended:
        return report_line(line, expected.origin)
    wanted = expected.raw
    difference = DriftKind.CHANGED
    if line.raw == wanted and line.ended:
        difference = DriftKind.REORDERED
    elif line.raw.split() == wanted.split():
        difference = DriftKind.WHITE_SPACE
    return replace(report_line(line, expected.origin, difference), instead_of=expected.text)


def _split_around_node(
    expected: ExpectedFile, observed: HostsFile
) -> tuple[Sequence[HostsLine], Sequence[HostsLine], Sequence[HostsLine]]:
    """Head, the node's part, tail; the tail starts at the last comment that the kubelet writes."""
    lines = observed.lines
    is_headed = bool(lines) and lines[0].raw == HOST_NETWORK_HEADER.encode()
    start = 1 if is_headed and expected.lines else 0
    end = _start_of_tail(expected.tail, lines, start)
    return lines[:start], lines[start:end], lines[end:]


def node_part(expected: ExpectedFile, observed: HostsFile) -> tuple[bytes, ...]:
    """The lines that a hostNetwork pod's file has from the node's own, without newlines."""
    _, middle, _ = _split_around_node(expected, observed)
    return tuple(line.raw for line in middle)


def _start_of_tail(tail: tuple[ExpectedLine, ...], lines: Sequence[HostsLine], start: int) -> int:
    wanted = {line.raw for line in tail if line.text}
    comment = ALIASES_COMMENT.encode()
    comments = [at for at in range(start, len(lines)) if lines[at].raw == comment]
    found = comments[-1:] if comment in wanted else []
    found = found or [at for at in range(start, len(lines)) if lines[at].raw in wanted]
    if not found:
        return len(lines)
    at = found[0]
    return at - 1 if at > start and not lines[at - 1].raw else at


def _tail_wanted(
    tail: tuple[ExpectedLine, ...], observed: Sequence[HostsLine]
) -> tuple[ExpectedLine, ...]:
    # Behind a node's file without a final newline the blank line only ends that file's last line
    # (hosts-file.md 1.3), and from the copy nobody can tell.
    is_swallowed = bool(observed) and observed[0].raw == ALIASES_COMMENT.encode()
    return tail[1:] if is_swallowed and tail and not tail[0].text else tail


def _node_lines(middle: Sequence[HostsLine], node: str) -> tuple[ReportLine, ...]:
    first = middle[0].number if middle else 1
    return tuple(
        report_line(
            line, Origin(kind=OriginKind.NODE_HOSTS, object=node, line=line.number - first + 1)
        )
        for line in middle
    )


def _other_layout(expected: ExpectedFile) -> ExpectedFile:
    """The same file as a kubelet on the other side of 1.14 writes its hostAliases."""
    return replace(expected, lines=_relaid(expected.lines), tail=_relaid(expected.tail))


def _relaid(lines: tuple[ExpectedLine, ...]) -> tuple[ExpectedLine, ...]:
    relaid: list[ExpectedLine] = []
    is_per_item = any(
        line.origin.kind is OriginKind.HOST_ALIAS and line.text.count("\t") > 1 for line in lines
    )
    for line in lines:
        address, _, names = line.text.partition("\t")
        if line.origin.kind is not OriginKind.HOST_ALIAS:
            relaid.append(line)
        elif is_per_item:
            relaid.extend(replace(line, text=f"{address}\t{name}") for name in names.split("\t"))
        elif relaid and relaid[-1].origin == line.origin:
            relaid[-1] = replace(line, text=f"{relaid[-1].text}\t{names}")
        else:
            relaid.append(line)
    return tuple(relaid)
