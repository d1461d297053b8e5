"""A command line that is still being typed: what is said so far, and what the next word is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from kubectl_hosts.cli.flags import GLOBAL_FLAGS
from kubectl_hosts.cli.main import COMMANDS, cli
from kubectl_hosts.cluster.flags import ConnectionFlags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Nobody waits longer for a <tab>.
SECONDS = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The words before the one that is completed, read as flags and arguments."""

    current: str
    """What is typed of the word, without `--flag=`."""
    verb: str = ""
    arguments: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each flag was given, by its long name; a switch has () while it is there."""
    pending: click.Option | None = None
    """The flag whose value the word is."""
    only_arguments: bool = False
    """Whether `--` was typed: no flags from there on."""

    def value(self, flag: str) -> str:
        """The last value of a flag, "" where it was not given."""
        return (self.values.get(flag) or ("",))[-1]

    @property
    def connection(self) -> ConnectionFlags:
        """The connection flags as typed so far, with a deadline for a shell."""
        typed = {
            each.field: _as_field(self.values[each.names[-1]], each.repeats, each.is_switch)
            for each in GLOBAL_FLAGS
            if each.names[-1] in self.values
        }
        return ConnectionFlags(**{"request_timeout": SECONDS, **typed})  # type: ignore[arg-type]


def _as_field(values: tuple[str, ...], repeats: bool, is_switch: bool) -> object:  # noqa: FBT001
    if is_switch:
        return True
    return values if repeats else values[-1]


def parse_line(words: Sequence[str]) -> Line:
    """WORDS as typed after `kubectl hosts`; the last, possibly empty, is the one to complete."""
    *before, current = words or [""]
    line = Line(current="")
    for word in before:
        line = _with_word(line, word)
    name, equals, value = current.partition("=")
    option = options_of(line.verb).get(name)
    if equals and option and not (line.pending or line.only_arguments or option.is_flag):
        return replace(line, current=value, pending=option)
    return replace(line, current=current)


def _with_word(line: Line, word: str) -> Line:
    if line.pending:
        return replace(_with_flag(line, line.pending, (word,)), pending=None)
    if line.only_arguments or not word.startswith("-") or word == "-":
        is_verb = not line.verb
        return (
            replace(line, verb=word)
            if is_verb
            else replace(line, arguments=(*line.arguments, word))
        )
    if word == "--":
        return replace(line, only_arguments=True)
    return _with_flag_word(line, word)


def _with_flag_word(line: Line, word: str) -> Line:
    """`-A`, `--output=json`, `-ojson`, or a flag whose value is the next word."""
    options = options_of(line.verb)
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(word) > 2:
        name, equals, value = word[:2], "=", word[2:].removeprefix("=")
    option = options.get(name)
    if option is None:
        return line
    if option.is_flag:
        return _with_flag(line, option, ())
    return _with_flag(line, option, (value,)) if equals else replace(line, pending=option)


def _with_flag(line: Line, option: click.Option, given: tuple[str, ...]) -> Line:
    name = long_name(option)
    return replace(line, values={**line.values, name: (*line.values.get(name, ()), *given)})


def long_name(option: click.Option) -> str:
    """`--namespace` for -n and --namespace."""
    return max(option.opts, key=len)


def command_of(verb: str) -> click.Command:
    """The verb's command; the group where there is none of that name."""
    if verb not in COMMANDS:
        return cli
    return cli.get_command(click.Context(cli), verb) or cli


def options_of(verb: str) -> dict[str, click.Option]:
    """The flags that may stand after a verb, or before any, by each of their names."""
    options = [each for each in command_of(verb).params if isinstance(each, click.Option)]
    return {name: option for option in options for name in option.opts}
