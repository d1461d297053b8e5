"""The group, its list of commands, and the one place where errors become words and statuses."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kubectl_hosts.cli.flags import complete_flags, connection_options
from kubectl_hosts.cli.usage import NoVerb, UnknownVerb, as_click, usage_hint, usage_message
from kubectl_hosts.errors import HostsError, is_interrupt, one_line, system_words
from kubectl_hosts.report.terminal import escape, fit  # in time: there may be no descriptor left
from kubectl_hosts.waiting import wipe_when_ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

# Verb -> what it does, in the order that a new user needs them. A module of that name under cli/
# holds the command of that name, and is imported when it is typed.
SUMMARIES = {
    "show": "Show each line of a pod's hosts file, and where it comes from",
    "diff": "Show where a pod's hosts file does not match its spec",
    "explain": "Explain what a name resolves to in a pod, and why",
    "check": "Find every name that workloads mention, and which of them leads nowhere",
    "names": "List the names that lead to an object, each one verified",
    "capture": "Write what the other commands would read into a file, for a ticket",
    "version": "Print the version",
    "completion": "Install completion for kubectl, or print a script for a shell",
    "options": "Print the flags that every command takes",
}
COMMANDS = tuple(SUMMARIES)

# kubectl diff: 1 means differences, so trouble must be more.
_TROUBLE = {"diff": 2, "check": 2}
# What kubectl prints without `error: ` before it: k8s.io/kubectl/pkg/cmd/util StandardErrorMessage.
_KUBECTL_OPENINGS = (
    "Error from server",
    "Error in configuration",
    "Unable to connect",
    "The connection to the server",
)
_INTERRUPTED = 130
# A name from an object or a plugin's words can be of any length.
_LONGEST_LINE = 2000
_UNKNOWN_VERB = "kubectl_hosts.unknown_verb"

HELP = """Why does this name resolve to that, in this pod?

\b
Reads /etc/hosts in the container, works out from the cluster's objects what
should be there, and says where every line and every answer came from.
It only reads: get, list, and exec of a reading command.

\b
Examples:
  # Each line of a pod's hosts file, and who put it there
  kubectl hosts show web-0
  # What differs from the spec, as a unified diff
  kubectl hosts diff deploy/web
  # Why does redis resolve to that?
  kubectl hosts explain redis --from deploy/web
  # Which names lead nowhere, before a deploy?
  kubectl hosts check -f manifests/
"""


# Where a command is that has no module of its name.
_ROOMS = {"options": "flags"}


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, as the table has them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"kubectl_hosts.cli.{_ROOMS.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The verbs and the flags that can come first; after a verb that is none, nothing."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        if ctx.meta.get(_UNKNOWN_VERB):
            return []
        fitting = ((verb, text) for verb, text in SUMMARIES.items() if verb.startswith(incomplete))
        verbs = [CompletionItem(verb, help=text, ordered=True) for verb, text in fitting]
        return verbs + complete_flags(ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb's command and the words after it. Raises UnknownVerb; completion is told."""
        ctx.meta[_UNKNOWN_VERB] = is_unknown = args[0] not in COMMANDS
        if is_unknown and not ctx.resilient_parsing:
            raise UnknownVerb(args[0], args[1:], ctx, COMMANDS)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  what a command returns
        """The verb's result; raises NoVerb where there is none."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            raise NoVerb(ctx)
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help: from the table above, so that no verb is imported for it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(
    cls=Verbs,
    invoke_without_command=True,  # so that `invoke` gets to say that there is no verb
    subcommand_metavar="COMMAND [ARGS]...",
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Use "kubectl hosts COMMAND --help" for more about a command.',
)
@connection_options
def cli(**_: Any) -> None:  # noqa: ANN401  click's parameters
    """Nothing by itself; `usage.as_click` puts flags before the verb behind it."""


def run() -> NoReturn:
    """Run the command line; leave with its exit status, without Python's slow way out.

    `os._exit` after flushing saves 13-15 % of a `show` (client-cost.md): nothing is left to clean.
    """
    if sys.stderr is None:  # `2>&-`
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for good
    if sys.stdin is None:  # `<&-`
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  for good
    if sys.stderr.isatty():
        wipe_when_ended()
    status = main(sys.argv[1:])
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(status)


def main(arguments: Sequence[str]) -> int:
    """The exit status of a command line; every error is one line and one hint on stderr.

    Also one that nobody expected: with -v=6, or KUBECTL_HOSTS_TRACEBACK in the environment, its
    traceback comes first.
    """
    words = as_click(arguments)
    verb = words[0] if words[0] in COMMANDS else ""
    try:
        return _run_verb(words)
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # `| head` has seen enough: no traceback, no complaint. click exits on EPIPE by itself.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the boundary
        if is_interrupt(error):
            return _INTERRUPTED
        message, hint = _words(error, verb)
        if hint in {_WHERE, _REPORT} and _wants_traceback(arguments):
            import traceback  # noqa: PLC0415

            traceback.print_exc()
        _complain(message, hint)
        return _TROUBLE.get(verb, 1)


def _run_verb(words: list[str]) -> int:
    if sys.stdout is None:
        raise HostsError(
            "standard output is closed", hint="Leave it open: >/dev/null is quiet, too."
        )
    try:
        result = cli.main(words, prog_name="kubectl hosts", standalone_mode=False)
    except click.exceptions.Exit as stop:
        result = stop.exit_code
    sys.stdout.flush()
    return int(result) if isinstance(result, int) else 0


_WHERE = "-v=6 shows where it failed."
_MEMORY = "`ulimit -a` shows what limits memory (-v) and threads (-u); kubectl needs more of both."
_REPORT = "This is a bug: report it with the output of `kubectl hosts version`, and with -v=6."


def _words(error: Exception, verb: str) -> tuple[str, str]:
    """The error in a line, and what helps."""
    match error:
        case click.ClickException():
            return f"error: {usage_message(error)}", usage_hint(error, verb)
        case HostsError():
            opening = "" if error.message.startswith(_KUBECTL_OPENINGS) else "error: "
            return f"{opening}{error.message}", error.hint
        case OSError():  # a full disk, no more descriptors, no temporary folder
            where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
            return f"error: {where}{system_words(error)}", _WHERE
        case MemoryError():
            return "error: not enough memory", _MEMORY
        case RuntimeError() if str(error) == "can't start new thread":
            return f"error: {error}", _MEMORY
        case _:
            return f"error: unexpected {type(error).__name__}: {error}", _REPORT


def _wants_traceback(arguments: Sequence[str]) -> bool:
    """Whether the environment or kubectl's -v (=6, or more) asks for it."""
    talkative = re.search(r"(?:^|\n)--?v[=\n]?(?:[6-9]|10)(?:\n|$)", "\n".join(arguments))
    return bool(talkative or os.environ.get("KUBECTL_HOSTS_TRACEBACK"))


def _complain(message: str, hint: str) -> None:
    hint = hint or "kubectl hosts --help lists the commands."
    with suppress(OSError):  # stderr is full, too
        for each in (message, f"hint: {hint}"):
            print(fit(escape(one_line(each)), _LONGEST_LINE), file=sys.stderr)
