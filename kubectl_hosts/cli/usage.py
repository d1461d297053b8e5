"""A command line as kubectl's users type it, and what is wrong with it in kubectl's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

# pflag takes a value for a switch (`-A=true`), click does not; shell aliases hold such words.
SWITCHES = frozenset(
    {
        "-A",
        "--all-containers",
        "--all-namespaces",
        "--all-pods",
        "--disable-compression",
        "--expected",
        "--insecure-skip-tls-verify",
        "--no-headers",
    }
)
_TAKES_NO_VALUE = SWITCHES | {"-h", "--help"}
_TRUE, _FALSE = ("true", "1", "t", "T", "TRUE", "True"), ("false", "0", "f", "F", "FALSE", "False")


def as_click(arguments: Sequence[str]) -> list[str]:
    """The words in click's form: `help VERB` is `VERB --help`, `-A=true` is `-A`, none --help."""
    if not arguments:
        return ["--help"]
    if arguments[0] == "help":
        return [*arguments[1:], "--help"]
    return [each for argument in arguments for each in _switched(argument)]


def _switched(argument: str) -> tuple[str, ...]:
    name, equals, value = argument.partition("=")
    if not equals or name not in SWITCHES:
        return (argument,)
    if value in _FALSE:
        return ()
    return (name,) if value in _TRUE else (argument,)


class UnknownVerb(click.UsageError):
    """A word in the verb's place that is none; the message is cobra's."""

    def __init__(self, verb: str, context: click.Context) -> None:
        super().__init__(f'unknown command "{verb}" for "{context.command_path}"', context)


class NoVerb(click.UsageError):
    """Flags, and no verb after them."""

    def __init__(self, context: click.Context) -> None:
        super().__init__("you must specify a command", context)


class KubectlGroup(click.Group):
    """A group that says in our words that a verb is unknown or missing."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(*arguments, **keywords)
        self.invoke_without_command = True  # so that `invoke` comes to the check below

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb's command and the words after it; raises UnknownVerb."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise UnknownVerb(args[0], ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  what a command returns
        """The verb's result; raises NoVerb where there is none."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            raise NoVerb(ctx)
        return result


def usage_message(error: click.ClickException) -> str:
    """What was wrong with the command line, in kubectl's words (spf13/pflag, cobra).

    It depends on the kind of the error and on the flag in it, never on click's sentence; what has
    no kind of its own (a word too many) keeps that sentence.
    """
    match error:
        case click.NoSuchOption():
            return f"unknown {_flag(error.option_name)}"
        case click.BadOptionUsage() if error.option_name in _TAKES_NO_VALUE:
            return f'invalid argument for "{error.option_name}" flag: it is true or false'
        case click.BadOptionUsage():
            return f"flag needs an argument: {_flag(error.option_name, word='')}"
        case click.MissingParameter(param=click.Argument() as argument):
            return f"you must specify {argument.human_readable_name}"
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice) as parameter):
            return f"invalid argument for {_named(parameter)}: it is {_one_of(choice)}"
        case _:
            return error.format_message().rstrip(".")


def _named(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.human_readable_name
    return f'"{max(parameter.opts, key=len)}" flag'


def _one_of(choice: click.Choice[Any]) -> str:
    *others, last = (str(each) for each in choice.choices if each)
    return f"{', '.join(others)} or {last}" if others else last


def _flag(name: str, *, word: str = "flag: ") -> str:
    """`flag: --foo`, `shorthand flag: 'x' in -x`, as pflag says it."""
    if name.startswith("--"):
        return f"{word}{name}"
    return f"{'shorthand ' if word else ''}{word}'{name[1:]}' in {name}"


def _near(error: click.NoSuchOption) -> list[str]:
    """The flags that differ in a letter or two; click itself thinks of --color for --foo."""
    from difflib import get_close_matches  # noqa: PLC0415  12 ms that only a mistake needs

    return get_close_matches(error.option_name, error.possibilities or (), cutoff=0.75)


def usage_hint(error: click.ClickException, verb: str) -> str:
    """Which help has the answer, and the flag that was perhaps meant."""
    path = f"kubectl hosts {verb}".rstrip()
    near = _near(error) if isinstance(error, click.NoSuchOption) else []
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}See '{path} --help' for usage."
