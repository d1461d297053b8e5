"""What reaches a terminal: text that cannot command it, widths, colours, encodings."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.report.terminal import (
    Style,
    choose_style,
    display_width,
    encodable,
    escape,
    fit,
    harmless,
)

ESCAPED = [
    pytest.param("\x1b[31mred\x1b[0m", "^[[31mred^[[0m", id="ESC as kubectl shows it"),
    pytest.param("a\nb", r"a\nb", id="a newline within a line"),
    pytest.param("a\rb", r"a\rb", id="CR as kubectl shows it"),
    pytest.param("\x00\x07\x08\x7f", r"\x00\x07\x08\x7f", id="other controls of ASCII"),
    pytest.param("\x9b31m", r"\u009b31m", id="a C1 control: CSI in one character"),
    pytest.param("\udc9b\udcff", r"\x9b\xff", id="bytes that were not UTF-8"),
    pytest.param("a\u202eb\u2066c\u200f", r"a\u202eb\u2066c\u200f", id="what reorders text"),
    pytest.param("d\u200bb\ufeff\u00ad", r"d\u200bb\ufeff\u00ad", id="what has no width"),
    pytest.param("x\U000e0041", r"x\U000e0041", id="tags"),
    pytest.param("10.0.0.1\u00a0db", r"10.0.0.1\u00a0db", id="a space that separates no fields"),
    pytest.param("a\u2028b", r"a\u2028b", id="a line end that ends no line"),
]
LEFT_ALONE = [
    pytest.param("127.0.0.1\tlocalhost", id="a tab"),
    pytest.param("", id="nothing"),
    pytest.param("bücher.example 例え.example", id="letters"),
    pytest.param("e\u0301", id="a combining accent"),
    pytest.param("├─ 😀 …", id="glyphs"),
    pytest.param(r"\x1b ^[ \u202e", id="what looks escaped"),
]


@pytest.mark.parametrize(("text", "shown"), ESCAPED)
def test_what_acts_or_hides_is_made_visible(text, shown):
    assert escape(text) == shown


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_text_is_left_alone(text):
    assert escape(text) == text


@given(st.text(st.characters()))
def test_escape_lets_no_control_through_but_a_tab(text):
    shown = escape(text)
    kinds = {unicodedata.category(each) for each in shown if each != "\t"}
    assert kinds.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert not {unicodedata.bidirectional(each) for each in shown} & {
        *("LRE", "RLE", "LRO", "RLO", "PDF"),
        *("LRI", "RLI", "FSI", "PDI"),
    }
    assert escape(shown) == shown


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        pytest.param("localhost", 9, "localhost", id="what fits stays"),
        pytest.param("localhost", 8, "localho…", id="the ellipsis takes a column"),
        pytest.param("localhost", 1, "…", id="only the ellipsis"),
        pytest.param("localhost", 0, "", id="no room at all"),
        pytest.param("bücher", 6, "bücher", id="a letter outside ASCII is one column"),
        pytest.param("bücher", 5, "büch…", id="and is counted as one"),
        pytest.param("例え.example", 12, "例え.example", id="wide characters take two"),
        pytest.param("例え.example", 6, "例え.…", id="wide characters before the cut"),
        pytest.param("例え.example", 4, "例…", id="half a wide character is none"),
        pytest.param("e\u0301e\u0301", 2, "e\u0301e\u0301", id="marks take none"),
        pytest.param("e\u0301e\u0301e\u0301", 2, "e\u0301…", id="a mark stays with its letter"),
    ],
)
def test_a_line_is_cut_to_a_width(text, width, cut):
    assert fit(text, width) == cut


@given(st.text(), st.integers(min_value=0, max_value=20))
def test_what_was_cut_fits_and_the_rest_is_untouched(text, width):
    line = escape(text).replace("\n", " ").replace("\t", " ")
    cut = fit(line, width)
    assert display_width(cut) <= width
    assert cut == line if display_width(line) <= width else line.startswith(cut.removesuffix("…"))


@pytest.mark.parametrize(
    ("color", "environ", "is_tty", "on"),
    [
        pytest.param("auto", {"TERM": "xterm"}, True, True, id="a terminal"),
        pytest.param("auto", {}, True, True, id="a terminal without TERM (Windows)"),
        pytest.param("auto", {"TERM": "xterm"}, False, False, id="a pipe"),
        pytest.param("auto", {"TERM": "dumb"}, True, False, id="a dumb terminal"),
        pytest.param("auto", {"NO_COLOR": "1"}, True, False, id="NO_COLOR"),
        pytest.param("auto", {"NO_COLOR": ""}, True, True, id="an empty NO_COLOR"),
        pytest.param("auto", {"FORCE_COLOR": "1"}, False, True, id="FORCE_COLOR in a pipe"),
        pytest.param("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, True, True, id="and a dumb one"),
        pytest.param("auto", {"FORCE_COLOR": ""}, False, False, id="an empty FORCE_COLOR"),
        pytest.param("auto", {"FORCE_COLOR": "0"}, False, False, id="FORCE_COLOR of 0"),
        pytest.param("auto", {"CLICOLOR_FORCE": "1"}, False, True, id="CLICOLOR_FORCE in a pipe"),
        pytest.param("auto", {"CLICOLOR_FORCE": "0"}, False, False, id="CLICOLOR_FORCE of 0"),
        pytest.param("auto", {"CLICOLOR": "0"}, True, False, id="CLICOLOR of 0"),
        pytest.param("auto", {"CLICOLOR": "1"}, False, False, id="CLICOLOR of 1 in a pipe"),
        pytest.param(
            "auto",
            {"NO_COLOR": "1", "FORCE_COLOR": "1"},
            True,
            False,
            id="NO_COLOR beats FORCE_COLOR",
        ),
        pytest.param("never", {"FORCE_COLOR": "1"}, True, False, id="--color beats FORCE_COLOR"),
        pytest.param("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True, id="always"),
        pytest.param("never", {"TERM": "xterm"}, True, False, id="never"),
    ],
)
def test_colour_is_on(color, environ, is_tty, on):
    assert choose_style(color, environ, is_tty=is_tty) == Style(on=on)


@pytest.mark.parametrize(
    ("paint", "painted"),
    [
        (Style.good, "\x1b[32mdb\x1b[0m"),
        (Style.bad, "\x1b[31mdb\x1b[0m"),
        (Style.warning, "\x1b[33mdb\x1b[0m"),
        (Style.faint, "\x1b[2mdb\x1b[0m"),
        (Style.bold, "\x1b[1mdb\x1b[0m"),
    ],
)
def test_a_style_paints_only_when_on_and_never_nothing(paint, painted):
    on, off = Style(on=True), Style()
    assert (paint(on, "db"), paint(on, ""), paint(off, "db")) == (painted, "", "db")


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        pytest.param("│ ├─ └─ … →", "ascii", "| |- `- ~ ->", id="the tree in ASCII"),
        pytest.param("├─ …", "cp437", "├─ ~", id="only what the encoding lacks"),
        pytest.param("bücher …", "latin-1", "bücher ~", id="letters that it has"),
        pytest.param("例え ├", "ascii", "?? |", id="anything else is a question mark"),
        pytest.param("├─ 例え", "utf-8", "├─ 例え", id="UTF-8 has all"),
        pytest.param("\udcff", "utf-8", "?", id="but no lone surrogate"),
        pytest.param("├ db", "no-such-encoding", "| db", id="an encoding nobody knows"),
        pytest.param("db", "no-such-encoding", "db", id="ASCII goes anywhere"),
    ],
)
def test_text_is_made_encodable(text, encoding, shown):
    assert encodable(text, encoding) == shown


@given(st.text(st.characters()), st.sampled_from(["ascii", "latin-1", "cp1252", "cp437", "utf-8"]))
def test_what_is_encodable_encodes(text, encoding):
    shown = encodable(text, encoding)
    assert shown.encode(encoding).decode(encoding) == shown


def test_ascii_text_needs_no_unicode_tables():
    # Not "unicodedata in sys.modules" here: pytest has it.
    code = (
        "import sys; from kubectl_hosts.report.terminal import escape, fit, encodable;"
        "fit(escape('a\\x1bb' * 9), 4); encodable('db', 'ascii'); print('unicodedata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain\n\ttext", "plain\n\ttext", id="plain text is left alone"),
        pytest.param("\x1b[31mdiffers\x1b[0m", "\x1b[31mdiffers\x1b[0m", id="so are our colours"),
        pytest.param("\x1b[8mhid\x1b[2J", "^[[8mhid^[[2J", id="no other command"),
        pytest.param("a\u202eb\x9b31m\r", r"a\u202eb\u009b31m\r", id="C1, bidi, CR"),
        pytest.param("\udcff", r"\xff", id="a byte that is no UTF-8"),
    ],
)
def test_a_terminal_gets_our_colours_and_nothing_else_that_acts(text, shown):
    assert harmless(text) == shown
