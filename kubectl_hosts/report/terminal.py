"""What a terminal can show: text that cannot command it, colours, widths, encodings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Controls (C0 but tab and newline, DEL, C1), and what reorders or hides text: bidirectional
# overrides and zero-width characters; kubernetes/kubernetes#101695, Unicode TR 36 section 2.5.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def escape(text: str) -> str:
    r"""TEXT with every control character visible: ESC as `^[`, CR as `\r`, others as `\xNN`."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    if character == "\x1b":
        return "^["
    return character.encode("unicode_escape").decode("ascii")


def fit(text: str, width: int) -> str:
    """TEXT in at most WIDTH columns, an ellipsis where it was cut."""
    if text.isascii():
        return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
    if sum(map(_columns, text)) <= width:
        return text
    used, kept = 1, []
    for character in text:
        used += _columns(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _columns(character: str) -> int:
    """Columns of a character: UAX 11 wide ones take two, combining marks none."""
    from unicodedata import combining, east_asian_width  # noqa: PLC0415  ASCII needs no tables

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


# What a stdout without UTF-8 shows in place of ours.
_ASCII = str.maketrans({"│": "|", "├": "|", "└": "`", "─": "-", "…": "...", "→": "->", "·": "-"})


def encodable(text: str, encoding: str) -> str:
    """TEXT as ENCODING can show it: our own glyphs in ASCII, anything else it lacks as `?`."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text


class Style(NamedTuple):
    """Colours, or none: nothing needs them to be understood."""

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

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def choose_style(color: str, environ: Mapping[str, str], *, is_tty: bool) -> Style:
    """`always`, `never`, or `auto`: on for a terminal that is not dumb, off with NO_COLOR set.

    no-color.org: NO_COLOR counts when it is present and not empty; kubectl's users expect presence
    alone to count, so it does here.
    """
    if color != "auto":
        return Style(color == "always")
    return Style(is_tty and environ.get("TERM") != "dumb" and "NO_COLOR" not in environ)
