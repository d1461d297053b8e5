"""A command line as kubectl's users type it, and what is wrong with it in kubectl's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

# pflag takes a value for a switch (`-A=true`), click does not; shell aliases hold such words.
_SWITCHES = frozenset(
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
    if not equals or name not in _SWITCHES:
        return (argument,)
    if value in _FALSE:
        return ()
    return (name,) if value in _TRUE else (argument,)


def usage_message(error: click.ClickException) -> str:
    """What was wrong with the command line, in kubectl's words (spf13/pflag, cobra)."""
    match error:
        case click.NoSuchOption():
            return f"unknown {_flag(error.option_name)}"
        case click.BadOptionUsage() if "requires an argument" in error.message:
            return f"flag needs an argument: {_flag(error.option_name, word='')}"
        case click.BadOptionUsage() if "does not take a value" in error.message:
            return f'invalid argument for "{error.option_name}" flag: it is true or false'
        case click.UsageError() if error.message.startswith("No such command"):
            verb = error.message.split("'")[1]
            return f'unknown command "{verb}" for "kubectl hosts"'
        case _:
            return error.format_message().rstrip(".")


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
