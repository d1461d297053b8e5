"""What a terminal can show: text that cannot command it, colours, widths, lines, encodings, tables.

Columns are as kubectl prints them: upper-case headers, three spaces apart, no borders.
`print_columns` does without the library, for the one table of the one pod: tabulate takes 30 to 45
ms to import, most of it for importlib.metadata and its own version, which is a third of what `show
POD` may take beside `kubectl get` and `kubectl exec` (`make bench`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# What commands a terminal, or cannot be seen on it. kubectl escapes ESC and CR alone
# (kubernetes/kubernetes#101695); the rest is Unicode TR 36 section 2.5 and TR 39 section 5.4.
# Compiled for the first text that is not plain ASCII: it takes 4 ms.
_UNSAFE = (
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks and overrides
    "\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\u00ad\u034f\u180b-\u180f"  # zero width
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors, tags
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufff9-\ufffb"  # fillers, annotations
    "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # spaces that are no space to hosts(5)
    "\u2028\u2029"  # line ends that are none to hosts(5)
    "\ud800-\udfff"  # surrogates: bytes that were not UTF-8
    "]"
)
_NAMED = {"\x1b": "^[", "\r": r"\r"}

ELLIPSIS = "…"

# One column for one column where a table is made of them; an arrow stands in prose.
_ASCII = {
    "│": "|",
    "├": "|",
    "└": "`",
    "─": "-",
    ELLIPSIS: "~",
    "·": "-",
    "—": "-",
    "→": "->",
    "←": "<-",
}


def escape(text: str) -> str:
    r"""TEXT from elsewhere as part of a line: as `escape_lines`, and a newline is shown as `\n`."""
    return escape_lines(text).replace("\n", r"\n")


def escape_lines(text: str) -> str:
    r"""TEXT from elsewhere, made harmless to a terminal and visible on it; tab and newline stay.

    ESC becomes `^[` and CR `\r`, as kubectl shows them; other controls of ASCII `\x07`, everything
    else that acts or hides `\u202e`. A byte that was not UTF-8 and came in as a lone surrogate
    (PEP 383) is shown as that byte, `\xff`.
    """
    return text if text.isascii() and text.isprintable() else re.sub(_UNSAFE, _visible, text)


def harmless(text: str) -> str:
    """TEXT of ours for a terminal: the colours of Style stay, whatever else acts is escaped."""
    parts = re.split("(\x1b\\[(?:[012]|3[123])m)", text)
    return "".join(part if at % 2 else escape_lines(part) for at, part in enumerate(parts))


def _visible(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:
        return rf"\x{code & 0xFF:02x}"
    return rf"\u{code:04x}" if code <= 0xFFFF else rf"\U{code:08x}"


def has_unsafe(text: str) -> bool:
    """Whether TEXT has a character that commands a terminal, or hides on it."""
    return re.search(_UNSAFE, text) is not None


def json_escape(text: str) -> str:
    """JSON text with the same characters as its own escapes: all stand in strings, where these do.

    The newlines between its values stay; those of strings are escaped already.
    """
    return text if text.isascii() and "\x7f" not in text else re.sub(_UNSAFE, _in_json, text)


def _in_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(rf"\u{high:02x}{low:02x}" for high, low in zip(*[iter(units)] * 2, strict=True))


def display_width(text: str) -> int:
    """How many columns one line of escaped TEXT takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def fit(text: str, width: int | None) -> str:
    """One line of escaped TEXT in at most WIDTH columns, with an ellipsis where it was cut."""
    if width is None or display_width(text) <= width:
        return text
    if width <= 0:
        return ""
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    left = width - 1
    for index, character in enumerate(text):
        left -= _columns(character)
        if left < 0:
            return text[:index] + ELLIPSIS
    return text


def _columns(character: str) -> int:
    """UAX 11: wide and fullwidth take two columns, marks none; ambiguous ones take one."""
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width  # noqa: PLC0415  ASCII needs no tables

    # Jamo after the first of a Hangul syllable join it: U+1160 to U+11FF.
    if category(character) in {"Mn", "Me", "Cf"} or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def wrapped(text: str, width: int | None, *, indent: str = "", hanging: str = "") -> str:
    """TEXT (escaped) in lines of WIDTH, the first after INDENT, others after HANGING."""
    if width is None:
        return f"{indent}{text}\n"
    import textwrap  # noqa: PLC0415  a pipe needs none

    lines = textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def painted(text: str, width: int | None, paint: Callable[[str], str]) -> str:
    """TEXT, which is not escaped, in lines of WIDTH, each with its colour."""
    lines = wrapped(escape(text), width).splitlines()
    return "".join(f"{paint(line)}\n" for line in lines)


def folded(text: str, width: int | None) -> str:
    """Each line of TEXT in lines of WIDTH, those after the first further in."""
    return "".join(
        wrapped(line.lstrip(" "), width, indent=indent, hanging=f"{indent}  ")
        for line in text.splitlines()
        for indent in (" " * (len(line) - len(line.lstrip(" "))),)
    )


def encodable(text: str, encoding: str) -> str:
    """TEXT with what ENCODING lacks replaced: our own glyphs by ASCII ones, anything else by `?`.

    An ENCODING that Python does not know is taken for ASCII.
    """
    if text.isascii():
        return text
    try:
        text.encode(encoding)
    except LookupError:
        return encodable(text, "ascii")
    except UnicodeEncodeError:
        return "".join(_nearest(character, encoding) for character in text)
    return text


def _nearest(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _ASCII.get(character, "?")
    return character


class Style(NamedTuple):
    """Colours when `on`, plain text when not; no result needs them to be read (ECMA-48 SGR)."""

    on: bool = False

    def good(self, text: str) -> str:
        """Green: as it should be."""
        return self._paint("32", text)

    def bad(self, text: str) -> str:
        """Red: not as it should be."""
        return self._paint("31", text)

    def warning(self, text: str) -> str:
        """Yellow: worth a look."""
        return self._paint("33", text)

    def faint(self, text: str) -> str:
        """Dim: for who wants to know more."""
        return self._paint("2", text)

    def bold(self, text: str) -> str:
        """Bold: the answer."""
        return self._paint("1", text)

    def removed(self, text: str) -> str:
        """TEXT without the colours of this style."""
        return re.sub("\x1b\\[[0-9]+m", "", text) if self.on else text

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def choose_style(color: str, environ: Mapping[str, str], *, is_tty: bool) -> Style:
    """The style for `--color` (`always`, `never`, `auto`), the environment, and stdout.

    `auto` is off with a NO_COLOR that is not empty (no-color.org), else on with FORCE_COLOR
    (force-color.org) or CLICOLOR_FORCE (bixense.com/clicolors), whose "0" says no; else it is on
    for a terminal, unless TERM is `dumb` or CLICOLOR is 0.
    """
    if color != "auto":
        return Style(on=color == "always")
    if environ.get("NO_COLOR"):
        return Style(on=False)
    forced = (environ.get("FORCE_COLOR"), environ.get("CLICOLOR_FORCE"))
    if any(each not in {None, "", "0", "false"} for each in forced):
        return Style(on=True)
    is_off = environ.get("TERM") == "dumb" or environ.get("CLICOLOR") == "0"
    return Style(on=is_tty and not is_off)


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
        [_in_one_row(each) for each in rows],
        headers=headers if show_headers else (),
        tablefmt=library.TableFormat(None, None, None, None, line, line, 0, None),
        disable_numparse=True,
        colalign=("left",) * len(headers) if rows else None,
    )
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def print_columns(rows: Sequence[Sequence[str]]) -> str:
    """ROWS of escaped cells as `print_table` prints them, headers being the first row."""
    rows = [_in_one_row(each) for each in rows]
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_line(row, widths)}\n" for row in rows)


def _in_one_row(row: Sequence[str]) -> list[str]:
    return [cell.replace("\n", r"\n") for cell in row]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()
