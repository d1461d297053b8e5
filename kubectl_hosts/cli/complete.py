"""`kubectl_complete-hosts` and `kubectl hosts __complete`: one word completed, in cobra's protocol.

kubectl runs the first with the words after `hosts`, the last of them possibly empty, and reads one
completion a line (`VALUE<tab>DESCRIPTION`), then `:N`, a sum of directives. Sources: kubectl
pkg/cmd/plugin/plugin_completion.go; cobra completions.go ShellCompDirective.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from kubectl_hosts.errors import HostsError, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ERROR, NO_SPACE, NO_FILES, KEEP_ORDER = 1, 2, 4, 32


class Candidate(NamedTuple):
    """A word that could stand there, and what it is."""

    value: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.value}\t{self.text}" if self.text else self.value


class Candidates(NamedTuple):
    """The words that could stand there, and cobra's directives for the shell."""

    words: tuple[Candidate, ...] = ()
    directive: int = NO_FILES


FILES = Candidates(directive=0)
"""Nothing of ours: the shell completes file names."""


def starting_with(
    current: str, found: Iterable[Candidate], directive: int = NO_FILES
) -> Candidates:
    """Those of FOUND that begin with CURRENT; one that would break the protocol's lines is none."""
    fitting = (each for each in found if each.value.startswith(current))
    return Candidates(tuple(each for each in fitting if each.value.isprintable()), directive)


def run(words: Sequence[str]) -> NoReturn:
    """Print what WORDS can go on with and leave, as quickly as `cli.main.run` does.

    The status is 0 after an error too: kubectl would offer file names after any other.
    """
    sys.stdout.write(printed(words))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def printed(words: Sequence[str]) -> str:
    """The answer in cobra's protocol; an error is `:1` alone, its message goes to stderr."""
    from kubectl_hosts.cli.complete_line import parse_line  # noqa: PLC0415
    from kubectl_hosts.cli.complete_word import complete  # noqa: PLC0415

    try:
        found = complete(parse_line(words))
    except HostsError as error:
        print(one_line(f"error: {error.message}"), file=sys.stderr)
        found = Candidates(directive=ERROR)
    return "".join(f"{each}\n" for each in (*found.words, f":{found.directive}"))
