"""The marker that a probe hands its script, taken out of what is recorded and put back on playing.

A marker is an argument of the form `==` 32 hexadecimal digits `==`, new for each exec, that parts
the files in the output. A capture holds one of its own in its place, and the root that is spelled
by it in the place of the root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.gather.files import root_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.gather.ports import CompletedExec

_MARKER = re.compile(r"==[0-9a-f]{32}==")


def marker_in(argv: Sequence[str]) -> str:
    """The marker among the arguments, "" when there is none."""
    return next((each for each in argv if _MARKER.fullmatch(each)), "")


def with_marker(argv: Sequence[str], marker: str) -> tuple[str, ...]:
    """ARGV with its marker replaced by MARKER; left alone where there is none of either."""
    own = marker_in(argv)
    instead = {own: marker, root_of(own): root_of(marker)} if own and marker else {}
    return tuple(instead.get(each, each) for each in argv)


def output_with_marker(result: CompletedExec, old: str, new: str) -> CompletedExec:
    """RESULT as the command would have written it with NEW where it was given OLD."""
    if not (old and new) or old == new:
        return result
    return result._replace(
        stdout=_spelled_anew(result.stdout, old, new), stderr=_spelled_anew(result.stderr, old, new)
    )


def _spelled_anew(output: bytes, old: str, new: str) -> bytes:
    output = output.replace(old.encode(), new.encode())
    return output.replace(root_of(old).encode(), root_of(new).encode())


def asks_no_less(captured: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a captured probe gave what WANTED asks for, or a part of it.

    Both are `PROGRAM ... -c SCRIPT ... [MARKER PATH...] ARGUMENT...`; the script may be worded
    otherwise (another release, another verb). Behind a marker paths and names may be more or fewer:
    the output says which is which, one that is not there was not read. Other arguments (a DNS
    server, its questions) must be the same.
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
    if not (marker_in(captured) and marker_in(wanted)):
        return frozenset()
    return frozenset(_parted(captured)[1]) & frozenset(_parted(wanted)[1])


def _parted(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A probe's program without its script, and its arguments; ((), ()) for what is no probe."""
    script = next((i + 1 for i, each in enumerate(argv) if each in {"-c", "-e"}), len(argv))
    if script >= len(argv):
        return (), ()
    marker = marker_in(argv)
    place = list(argv).index(marker) if marker else script
    root = root_of(marker) if marker else ""
    arguments = tuple(each for each in argv[place + 1 :] if each != root)
    return (*argv[:script], *argv[script + 1 : place]), arguments
