"""The marker that a probe hands its script, taken out of what is recorded and put back on playing.

A marker is an argument of the form `==` 32 hexadecimal digits `==`, new for each exec, that parts
the files in the output. A capture holds one of its own in its place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.gather.ports import CompletedExec

_MARKER = re.compile(r"==[0-9a-f]{32}==")


def marker_in(argv: Sequence[str]) -> str:
    """The marker among the arguments, "" when there is none."""
    return next((each for each in argv if _MARKER.fullmatch(each)), "")


def with_marker(argv: Sequence[str], marker: str) -> tuple[str, ...]:
    """ARGV with its marker replaced by MARKER; left alone where it has none."""
    own = marker_in(argv)
    return tuple(marker if own and each == own else each for each in argv)


def output_with_marker(result: CompletedExec, old: str, new: str) -> CompletedExec:
    """RESULT as the command would have written it with NEW where it was given OLD."""
    if not old or old == new:
        return result
    return replace(
        result,
        stdout=result.stdout.replace(old.encode(), new.encode()),
        stderr=result.stderr.replace(old.encode(), new.encode()),
    )


def without_script(argv: Sequence[str]) -> tuple[str, ...]:
    """ARGV for comparison across releases: `sh -c SCRIPT sh MARKER ...` without the script's text.

    A later release may word its script otherwise; what it is asked for stays the same.
    """
    if len(argv) > 3 and argv[1] == "-c" and marker_in(argv):
        return (argv[0], argv[1], *argv[3:])
    return tuple(argv)
