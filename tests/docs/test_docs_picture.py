"""docs/explain.svg is a session of the program as it is."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.docs.picture import COLUMNS, PICTURE, Run, joined, picture, runs, wrapped


def test_the_picture_is_what_the_program_prints():
    assert PICTURE.read_text() == picture(), "python -m tests.docs.picture draws it anew"


def test_the_picture_is_well_formed():
    assert ET.fromstring(PICTURE.read_text()).tag == "{http://www.w3.org/2000/svg}svg"


def test_colours_become_runs():
    assert list(runs("a \x1b[1;31mred\x1b[0m b")) == [
        Run("a ", ()),
        Run("red", ("1", "31")),
        Run(" b", ()),
    ]


def test_a_long_line_is_broken_at_a_blank_and_keeps_its_colours():
    line = [Run("plain " * 10, ()), Run("red " * 20, ("31",))]
    first, second = ([*joined(row)] for row in wrapped(line))
    assert sum(len(each.text) for each in first) <= COLUMNS
    assert [each.style for each in first] == [(), ("31",)]
    assert [each.style for each in second] == [(), ("31",)]
    assert second[0].text == "  "
