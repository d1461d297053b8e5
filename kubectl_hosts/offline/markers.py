"""The marker that a probe hands its script, taken out of what is recorded and put back on playing.

A marker is an argument of the form `==` 32 hexadecimal digits `==`, new for each exec, that parts
the files in the output; the root of paths is spelled by it, too. A capture holds a marker of its
own, and its root, in their place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.probes.files import root_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.probes.ports import CompletedExec

_MARKER = re.compile(r"==[0-9a-f]{32}==")
_ROOT = re.compile(r"/\.(?:/\.|/){64}")
"""What `root_of` makes: 64 bits behind `/.`."""

_NOTHING = "/dev/null"
"""Read for its heading only."""

# Arguments that are no UTF-8 (os.fsencode) come back as they were.
_AS_GIVEN = ("utf-8", "surrogateescape")


class Spelling(NamedTuple):
    """What is new in each probe; "" for what a probe does not have."""

    marker: str = ""
    root: str = ""


def spelling_by(marker: str) -> Spelling:
    """A capture's own spelling; nothing where it has no marker."""
    return Spelling(marker, root_of(marker)) if marker else Spelling()


def spelling_in(argv: Sequence[str]) -> Spelling:
    """What a probe was given; `head` has no marker, only paths behind a root."""
    marker = next((each for each in argv if _MARKER.fullmatch(each)), "")
    roots = (_ROOT.match(each) for each in argv)
    return Spelling(marker, next((root[0] for root in roots if root), ""))


def respelled(argv: Sequence[str], to: Spelling) -> tuple[str, ...]:
    """ARGV with its own spelling replaced; left alone where there is none, or none to take."""
    own = spelling_in(argv)
    return tuple(_respelled(each.encode(*_AS_GIVEN), own, to).decode(*_AS_GIVEN) for each in argv)


def output_respelled(result: CompletedExec, own: Spelling, to: Spelling) -> CompletedExec:
    """RESULT as the command would have written it with TO where it was given OWN."""
    return result._replace(
        stdout=_respelled(result.stdout, own, to), stderr=_respelled(result.stderr, own, to)
    )


def _respelled(output: bytes, own: Spelling, to: Spelling) -> bytes:
    for old, new in zip(own, to, strict=True):
        if old and new and old != new:
            output = output.replace(old.encode(), new.encode())
    return output


def asks_no_less(captured: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a captured probe gave what WANTED asks for, or a part of it.

    Both are `PROGRAM ... -c SCRIPT ... [MARKER PATH...] ARGUMENT...`, and of `head` the number of
    bytes stands for the script. The script may be worded otherwise (another release, another verb).
    Paths and names of a probe may be more or fewer: the output says which is which, one that is not
    there was not read. Other arguments (a DNS server, its questions) must be the same.
    """
    captured_program, captured_arguments = _parted(captured)
    program, arguments = _parted(wanted)
    if not arguments or captured_program != program:
        return False
    return captured_arguments == arguments or any(
        each.startswith("/") for each in shared_arguments(captured, wanted)
    )


def shared_arguments(captured: Sequence[str], wanted: Sequence[str]) -> frozenset[str]:
    """The paths and names that two probes have in common."""
    if not (any(spelling_in(captured)) and any(spelling_in(wanted))):
        return frozenset()
    return frozenset(_parted(captured)[1]) & frozenset(_parted(wanted)[1])


def _parted(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A probe's program without its script, and its arguments; ((), ()) for what is no probe."""
    script = next((i + 1 for i, each in enumerate(argv) if each in {"-c", "-e"}), len(argv))
    if script >= len(argv):
        return (), ()
    marker, root = spelling_in(argv)
    place = list(argv).index(marker) if marker else script
    idle = {root, _NOTHING, f"{root}{_NOTHING}"}
    arguments = tuple(each for each in argv[place + 1 :] if each not in idle)
    return (*argv[:script], *argv[script + 1 : place]), arguments
