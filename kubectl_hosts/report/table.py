"""Columns as kubectl prints them: upper-case headers, three spaces apart, no borders.

`print_columns` does without the library, for the one table of the one pod: tabulate takes 30 to 45
ms to import, most of it for importlib.metadata and its own version, which is a third of what
`show POD` may take beside `kubectl get` and `kubectl exec` (`make bench`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.report.terminal import display_width

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "   "


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, show_headers: bool = True
) -> str:
    """The table with a newline at the end of each line and no blanks before it."""
    import tabulate as library  # noqa: PLC0415  see above

    # Headers are not wider than their words: the library's own constant says 2 more.
    library.MIN_PADDING = 0
    line = library.DataRow("", _GAP, "")
    text = library.tabulate(
        rows,
        headers=headers if show_headers else (),
        tablefmt=library.TableFormat(None, None, None, None, line, line, 0, None),
        disable_numparse=True,
        colalign=("left",) * len(headers) if rows else None,
    )
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def print_columns(rows: Sequence[Sequence[str]]) -> str:
    """ROWS of escaped cells as `print_table` prints them, headers being the first row."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_line(row, widths)}\n" for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()
