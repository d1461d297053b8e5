"""Which observed line stands for which expected line: the longest common run, then likeness."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.hosts.file import HostsLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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
_Open = dict[int, None]


def _pair_equal(
    expected: Sequence[bytes], observed: Sequence[bytes], left: _Open, free: _Open
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


def _pair_alike(places: _Places, left: _Open, free: _Open) -> dict[int, int]:
    changed = {}
    for _, index, at in sorted(_likenesses(places, left, free)) if left else ():
        if index in left and at in free:
            changed[index] = at
            del left[index], free[at]
    return changed


def _likenesses(
    places: _Places, left: _Open, free: _Open
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
