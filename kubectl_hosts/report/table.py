"""Columns as kubectl prints them: upper-case headers, three spaces apart, no borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tabulate as library
from tabulate import DataRow, TableFormat, tabulate

if TYPE_CHECKING:
    from collections.abc import Sequence

_KUBECTL = TableFormat(
    lineabove=None,
    linebelowheader=None,
    linebetweenrows=None,
    linebelow=None,
    headerrow=DataRow("", "   ", ""),
    datarow=DataRow("", "   ", ""),
    padding=0,
    with_header_hide=None,
)


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, show_headers: bool = True
) -> str:
    """The table with a newline at the end of each line and no blanks before it."""
    # Headers are not wider than their words: the library's own constant says 2 more.
    library.MIN_PADDING = 0
    text = tabulate(
        rows,
        headers=headers if show_headers else (),
        tablefmt=_KUBECTL,
        disable_numparse=True,
        colalign=("left",) * len(headers) if rows else None,
    )
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())
