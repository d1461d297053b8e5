"""The whole matrix: every row's names asked, explained and judged, side by side."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.e2e.truth import ask
from tests.e2e.truth.explained import explain, refuses
from tests.e2e.truth.judge import Pair, expected_kind, judge
from tests.e2e.truth.names import ADDRESSES, NAMES, REFUSED, SERVICE_RECORDS
from tests.e2e.truth.town import Town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.e2e.truth.pods import Row

# More at once would only wait for the machine.
_AT_ONCE = 4
LEAST_PAIRS = 1000
MOST_UNKNOWN = 0.02


class Matrix:
    """The pairs of a town, judged."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def pairs(self) -> list[Pair]:
        """Every pair; a row that could not be asked or explained raises."""
        work: list[Callable[[], list[Pair]]] = []
        for row in self.town.rows:
            work.append(lambda row=row: self._addresses(row))
            if row.libc == "glibc" and row.asks == "all":
                work.append(lambda row=row: self._names(row))
            if row.name in {"busybox", "musl"}:
                work.append(lambda row=row: self._service_records(row))
            if row.asks == "all":
                work.append(lambda row=row: self._refused(row))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [pair for pairs in pool.map(lambda each: each(), work) for pair in pairs]

    def _addresses(self, row: Row) -> list[Pair]:
        names = self.town.names(row, NAMES)
        truths = ask.addresses_of(row, self.town.namespace, list(names))
        documents = explain(row, self.town.namespace, list(names))
        own = {self.town.fill(name, row): kind for name, kind in row.kinds_in_file().items()}
        return [
            judge(
                row,
                typed,
                truths[typed],
                documents[typed],
                expected_kind(row, typed, name, truths[typed], own),
            )
            for typed, name in names.items()
        ]

    def _names(self, row: Row) -> list[Pair]:
        names = self.town.names(row, ADDRESSES)
        server = next(each for each in self.town.rows if each.libc == "busybox")
        truths = ask.names_of(row, self.town.namespace, list(names), server)
        documents = explain(row, self.town.namespace, list(names))
        return [
            judge(row, typed, truths[typed], documents[typed], name.kind)
            for typed, name in names.items()
        ]

    def _service_records(self, row: Row) -> list[Pair]:
        names = self.town.names(row, SERVICE_RECORDS)
        truths = ask.service_records_of(row, self.town.namespace, list(names))
        documents = explain(row, self.town.namespace, list(names), "--type", "SRV")
        return [
            judge(row, typed, truths[typed], documents[typed], name.kind)
            for typed, name in names.items()
        ]

    def _refused(self, row: Row) -> list[Pair]:
        """Names that are none: refused by explain, and without an address in the pod as well."""
        truths = ask.addresses_of(row, self.town.namespace, REFUSED)
        return [
            Pair(row.name, name, tuple(_refusal(name, truth.answers, is_refused)))
            for name, truth in truths.items()
            for is_refused in [refuses(row, self.town.namespace, name)]
        ]


def _refusal(name: str, answers: frozenset[str], is_refused: bool) -> Iterable[str]:
    if answers:
        yield f"{name!r} has an address: {sorted(answers)}"
    if not is_refused:
        yield f"explain takes {name!r} for a name"


def summary(pairs: list[Pair], seconds: float) -> str:
    """One line: how many pairs, of how many pods, agreed, differed, were not known."""
    unknown = sum(bool(pair.unknown) for pair in pairs)
    wrong = sum(bool(pair.faults) for pair in pairs)
    return (
        f"{len(pairs)} pairs in {len({pair.pod for pair in pairs})} pods: "
        f"{len(pairs) - wrong - unknown} agree, {wrong} differ, {unknown} unknown "
        f"({100 * unknown / max(len(pairs), 1):.1f}%), in {seconds:.0f} s"
    )


def holds(pairs: list[Pair]) -> bool:
    """Whether there are enough pairs, none differs, and few enough are unknown."""
    unknown = sum(bool(pair.unknown) for pair in pairs)
    enough = len(pairs) >= LEAST_PAIRS and unknown <= MOST_UNKNOWN * len(pairs)
    return enough and not any(pair.faults for pair in pairs)


def run() -> tuple[list[Pair], str]:
    """The pairs of a town that is made for it and taken away, and the line that sums them up."""
    began = time.monotonic()
    town = Town()
    try:
        town.build()
        pairs = Matrix(town).pairs()
    finally:
        town.close()
    return pairs, summary(pairs, time.monotonic() - began)
