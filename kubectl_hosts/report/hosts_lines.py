"""The lines of one hosts file as a table: number, status, text, and where each comes from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.hosts.report import LineStatus
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.table import print_columns
from kubectl_hosts.report.terminal import Style, escape, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.hosts.report import ContainerReport, ReportLine

# A file of more lines than these is shown with runs of a kind folded: nobody reads 30 000 rows.
_SHOWN_WHOLE = 200
_HEAD_OF_RUN = 10
# Columns of a line's text: as many as there is room for, within these.
_NARROWEST, _WIDEST = 24, 100
_GAP = 3


class _Row(NamedTuple):
    """A row of the table, and the status that colours it."""

    status: LineStatus
    number: str
    word: str
    text: str
    source: tuple[str, ...]


def print_lines(
    container: ContainerReport, style: Style, *, width: int | None, headers: bool, wide: bool
) -> str:
    """The table of a container's lines, "" where there are none.

    WIDTH is that of the terminal: a text too long for it is cut; None cuts at 100 columns.
    """
    rows = [row for line in _folded(container.lines) for row in _rows(line, wide=wide)]
    if not rows:
        return ""
    numbered = any(row.number for row in rows)
    differs = wide or any(row.status is not LineStatus.EXPECTED for row in rows)
    names = [*(["LINE"] if numbered else []), *(["STATUS"] if differs else []), "TEXT", "FROM"]
    names += ["KIND", "OBJECT", "FIELD"] if wide else []
    before = [
        [*([row.number] if numbered else []), *([row.word] if differs else [])] for row in rows
    ]
    others = [[*start, *row.source] for start, row in zip(before, rows, strict=True)]
    room = None if wide else _room([[*names[: len(before[0])], *names[-1:]], *others], width)
    cells = [
        [*start, row.text if room is None else fit(row.text, room), *row.source]
        for start, row in zip(before, rows, strict=True)
    ]
    table = print_columns([*([names] if headers else []), *cells])
    return _coloured(table, rows, style, headers=headers)


def _room(others: Sequence[Sequence[str]], width: int | None) -> int:
    """Columns for the text beside the OTHER cells; what is left of the terminal's WIDTH."""
    if width is None:
        return _WIDEST
    taken = sum(max(map(len, column)) + _GAP for column in zip(*others, strict=True))
    return max(_NARROWEST, min(_WIDEST, width - taken))


def _folded(lines: Sequence[ReportLine]) -> Iterator[ReportLine | str]:
    """The lines; in a long file, a run of one status and kind is its head and a count."""
    if len(lines) <= _SHOWN_WHOLE:
        yield from lines
        return
    for _, group in groupby(lines, key=lambda each: (each.status, each.origin.kind)):
        run = list(group)
        yield from run[:_HEAD_OF_RUN]
        if len(run) > _HEAD_OF_RUN:
            yield f"... {len(run) - _HEAD_OF_RUN} more such lines: -o json has them all"


def _rows(line: ReportLine | str, *, wide: bool) -> Iterator[_Row]:
    if isinstance(line, str):
        yield _Row(LineStatus.EXPECTED, "", "", line, ("", "", "", "") if wide else ("",))
        return
    origin = line.origin
    place = (origin.kind.value, escape(origin.object), escape(origin.field)) if wide else ()
    yield _Row(
        status=line.status,
        number="" if line.number is None else str(line.number),
        word=line.status.value,
        text=shown_text(line.text),
        source=(describe_origin(origin), *place),
    )
    if line.status is LineStatus.CHANGED:
        blank = ("",) * len(place)
        wanted = shown_text(line.instead_of)
        yield _Row(LineStatus.MISSING, "", "instead of", wanted, ("", *blank))


def shown_text(text: str) -> str:
    """A line of the file in a cell: tabs as two spaces, control characters visible."""
    return "  ".join(escape(part) for part in text.split("\t")).rstrip() or "<blank>"


def _coloured(table: str, rows: Sequence[_Row], style: Style, *, headers: bool) -> str:
    paint: dict[LineStatus, Callable[[str], str]] = {
        LineStatus.EXPECTED: str,
        LineStatus.EXTRA: style.warning,
        LineStatus.MISSING: style.bad,
        LineStatus.CHANGED: style.bad,
    }
    printed = table.splitlines()
    head, body = (printed[:1], printed[1:]) if headers else ([], printed)
    painted = [paint[row.status](each) for each, row in zip(body, rows, strict=True)]
    return "".join(f"{each}\n" for each in (*head, *painted))
