"""`kubectl_complete-hosts` and `kubectl hosts __complete`: one word completed, in cobra's protocol.

kubectl runs the first with the words after `hosts`, the last of them possibly empty, and reads one
completion a line (`VALUE<tab>DESCRIPTION`), then `:N`, a sum of directives. Sources: kubectl
pkg/cmd/plugin/plugin_completion.go; cobra completions.go ShellCompDirective.

What the last word is (a verb, a flag, a flag's value, an argument) is click's to say: each
parameter says itself what can stand there, those of `cli/flags.py` by `complete_objects`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from click.shell_completion import ShellComplete

from kubectl_hosts.cli.main import cli
from kubectl_hosts.cli.usage import as_click
from kubectl_hosts.errors import HostsError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

ERROR, NO_SPACE, NO_FILES, KEEP_ORDER = 1, 2, 4, 32


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
    *before, current = words or [""]
    completer = ShellComplete(cli, {}, "kubectl hosts", "")
    try:
        items = completer.get_completions(as_click(before) if before else [], current)
    except HostsError as error:
        print(one_line(f"error: {error.message}"), file=sys.stderr)
        return f":{ERROR}\n"
    except Exception as error:  # noqa: BLE001  a shell must not print a traceback
        print(one_line(f"error: {type(error).__name__}: {error}"), file=sys.stderr)
        return f":{ERROR}\n"
    if any(each.type in {"file", "dir"} for each in items):
        return ":0\n"  # nothing of ours: the shell completes file names
    # One that would break the protocol's lines is none.
    fitting = [each for each in items if each.value.isprintable()]
    return "".join(f"{_line(each)}\n" for each in fitting) + f":{_directive(fitting)}\n"


def _line(item: CompletionItem) -> str:
    return f"{item.value}\t{item.help}" if item.help else item.value


def _directive(items: Sequence[CompletionItem]) -> int:
    """No space follows where only `TYPE/` and `jsonpath=` fit; `ordered` items stay as they are."""
    unfinished = bool(items) and all(each.value.endswith(("/", "=")) for each in items)
    ordered = any(each.ordered for each in items)
    return NO_FILES + NO_SPACE * unfinished + KEEP_ORDER * ordered
