"""The group, its list of commands, and the one place where errors become words and statuses."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kubectl_hosts.cli.flags import connection_options
from kubectl_hosts.cli.usage import KubectlGroup, as_click, usage_hint, usage_message
from kubectl_hosts.errors import HostsError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# verb -> module under cli/ that holds a command of that name; imported when it is typed.
COMMANDS = ("show", "diff", "explain", "version", "completion", "options")

# kubectl diff: 1 means differences, so trouble must be more.
_TROUBLE = {"diff": 2}
# What kubectl prints without `error: ` before it: k8s.io/kubectl/pkg/cmd/util StandardErrorMessage.
_KUBECTL_OPENINGS = (
    "Error from server",
    "Error in configuration",
    "Unable to connect",
    "The connection to the server",
)
_INTERRUPTED = 130

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
"""


class Verbs(KubectlGroup):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order that a new user needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"kubectl_hosts.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help: from the table below, so that no verb is imported for it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


SUMMARIES = {
    "show": "Show each line of a pod's hosts file, and where it comes from",
    "diff": "Show how the hosts file differs from the one the spec asks for",
    "explain": "Explain what a name resolves to in a pod, and why",
    "version": "Print the version",
    "completion": "Install completion for kubectl, or print a script for a shell",
    "options": "Print the flags that every command takes",
}


@click.group(
    cls=Verbs,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Use "kubectl hosts COMMAND --help" for more about a command.',
)
@connection_options
@click.pass_context
def cli(context: click.Context, /, **outer: Any) -> None:  # noqa: ANN401  click's parameters
    """Keep the flags that stand before the verb."""
    context.obj = outer


def run() -> NoReturn:
    """Run the command line; leave with its exit status, without Python's slow way out.

    `os._exit` after flushing saves 13-15 % of a `show` (client-cost.md): nothing is left to clean.
    """
    status = main(sys.argv[1:])
    with suppress(BrokenPipeError, ValueError):
        sys.stdout.flush()
    with suppress(BrokenPipeError, ValueError):
        sys.stderr.flush()
    os._exit(status)


def main(arguments: Sequence[str]) -> int:
    """The exit status of a command line; every error is one line and one hint on stderr."""
    verb = next((each for each in arguments if each in COMMANDS), "")
    trouble = _TROUBLE.get(verb, 1)
    try:
        result = cli.main(as_click(arguments), prog_name="kubectl hosts", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except click.ClickException as error:
        return _complain(f"error: {usage_message(error)}", usage_hint(error, verb), trouble)
    except (BrokenPipeError, SystemExit):
        # `| head` has seen enough: no traceback, no complaint. click exits on EPIPE by itself.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except HostsError as error:
        opening = "" if error.message.startswith(_KUBECTL_OPENINGS) else "error: "
        return _complain(f"{opening}{error.message}", error.hint, trouble)
    return result if isinstance(result, int) else 0


def _complain(message: str, hint: str, status: int) -> int:
    from kubectl_hosts.report.terminal import escape  # noqa: PLC0415

    hint = hint or "kubectl hosts --help lists the commands."
    print(escape(one_line(message)), file=sys.stderr)
    print(escape(one_line(f"hint: {hint}")), file=sys.stderr)
    return status
