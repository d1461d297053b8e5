"""Columns without a library, for the one table of the one pod: `report/table.py` prints the others.

tabulate takes 30 to 45 ms to import, most of it for importlib.metadata and its own version: a third
of what `show POD` may take beside `kubectl get` and `kubectl exec` (`make bench`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.report.terminal import display_width

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "   "


def print_columns(rows: Sequence[Sequence[str]]) -> str:
    """ROWS of escaped cells as `print_table` prints them, headers being the first row."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_line(row, widths)}\n" for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()
