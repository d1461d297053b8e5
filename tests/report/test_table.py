"""The columns of one pod's table, against the library that prints the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.report.terminal import print_columns, print_table

CELL = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
ROWS = st.integers(0, 4).flatmap(
    lambda width: st.lists(
        st.tuples(*[CELL | st.just("")] * width, CELL).map(list), min_size=1, max_size=6
    )
)


@given(ROWS, st.lists(CELL, min_size=5, max_size=5))
def test_they_are_those_of_tabulate(rows, names):
    headers = names[: len(rows[0])]
    assert print_columns([headers, *rows]) == print_table(headers, rows)


def test_a_line_break_in_a_cell_makes_no_row():
    rows = [["TEXT", "FROM"], ["a\nb", "x"]]
    assert print_columns(rows) == print_table(rows[0], rows[1:]) == "TEXT   FROM\na\\nb   x\n"


def test_a_wide_character_takes_two_columns():
    assert print_columns([["TEXT", "FROM"], ["\u6f22", "kubelet"]]) == (
        "TEXT   FROM\n\u6f22     kubelet\n"
    )
