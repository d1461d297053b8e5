"""The name that was meant by one that is unknown: the same but for case, hyphens, or a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS = str.maketrans("", "", "_-. ")


def squeezed(name: str) -> str:
    """NAME without what writers of other languages change: case, underscores and hyphens."""
    return name.translate(_SEPARATORS).lower()


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of KNOWN that NAME was most likely meant to be, "" where none is near.

    Near is the same letters, a plural for a singular, or a letter or two (of at least eight) added,
    left out, changed or swapped.
    """
    wanted = squeezed(name)
    allowed = 2 if len(wanted) >= 8 else 1 if len(wanted) >= 3 else 0
    best, best_distance = "", allowed + 1
    for each in known:
        other = squeezed(each)
        distance = _distance(wanted, other, best_distance) if not _plural(wanted, other) else 0
        if distance < best_distance:
            best, best_distance = each, distance
    return best


def _plural(one: str, other: str) -> bool:
    """Whether one of them is the plural of the other: `search` and `searches`."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 2 and longer in {f"{shorter}s", f"{shorter}es"}


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters differ (optimal string alignment), LIMIT where it is that or more."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return row[-1]
