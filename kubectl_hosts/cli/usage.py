"""A command line as kubectl's users type it, and what is wrong with it in kubectl's words."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

# pflag takes a value for a switch (`-A=true`), click does not; shell aliases hold such words.
SWITCHES = frozenset(
    {
        "-A",
        "--all-containers",
        "--configmaps",
        "--no-exec",
        "--all-namespaces",
        "--all-pods",
        "--client",
        "--disable-compression",
        "--dry-run",
        "--exit-code",
        "--expected",
        "--insecure-skip-tls-verify",
        "--no-headers",
        "--redact",
    }
)
# To pflag one `=` after a shorthand is no part of the value (pflag parseSingleShortArg), to click
# it is; -A may stand before it, as in `-An=shop`.
_SHORT_WITH_VALUE = re.compile(r"-(A?)([cflnosv])=(.*)", re.DOTALL)
_TAKES_NO_VALUE = SWITCHES | {"-h", "--help"}
_TRUE, _FALSE = ("true", "1", "t", "T", "TRUE", "True"), ("false", "0", "f", "F", "FALSE", "False")


def as_click(arguments: Sequence[str]) -> list[str]:
    """The words in click's form: `help VERB` is `VERB --help`, `-A=true` is `-A`, none --help."""
    if not arguments:
        return ["--help"]
    if arguments[0] == "--version":
        return ["version", *arguments[1:]]
    if arguments[0] == "help":
        return [*(each for each in arguments[1:] if each != "help"), "--help"]
    return _verb_first(_flags_in_clicks_form(arguments))


def _verb_first(words: list[str]) -> list[str]:
    """Flags before the verb stand behind it, as cobra takes them (stripFlags): `-o json show`."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        is_alone = words[at].startswith("--") or len(words[at]) == 2  # not -nshop
        at += 2 if is_alone and "=" not in words[at] and words[at] not in _TAKES_NO_VALUE else 1
    if at >= len(words) or words[at] == "--":
        return words
    return [words[at], *words[:at], *words[at + 1 :]]


def _flags_in_clicks_form(arguments: Sequence[str]) -> list[str]:
    """Flags as pflag takes them in the form that click takes, up to a `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags = [each for argument in arguments[:end] for each in _in_clicks_form(argument)]
    return [*flags, *arguments[end:]]


def _in_clicks_form(argument: str) -> tuple[str, ...]:
    short = _SHORT_WITH_VALUE.fullmatch(argument)
    if short:
        all_namespaces, letter, value = short.groups()
        return (f"-{all_namespaces}{letter}", value)
    name, equals, value = argument.partition("=")
    if not equals or name not in SWITCHES:
        return (argument,)
    if value in _FALSE:
        return ()
    return (name,) if value in _TRUE else (argument,)


class UnknownVerb(click.UsageError):
    """A word in the verb's place that is none, and the words AFTER it; the message is cobra's."""

    def __init__(
        self, verb: str, after: Sequence[str], context: click.Context, verbs: Sequence[str]
    ) -> None:
        super().__init__(f'unknown command "{verb}" for "{context.command_path}"', context)
        self.verb = verb
        self.after = tuple(after)
        self.verbs = verbs


class NoVerb(click.UsageError):
    """Flags, and no verb after them."""

    def __init__(self, context: click.Context) -> None:
        super().__init__("you must specify a command", context)


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
            choice = argument.type
            words = _one_of(choice) if isinstance(choice, click.Choice) else ""
            return f"you must specify {words or argument.human_readable_name}"
        case click.BadParameter(param=click.Parameter(type=click.Choice() as choice) as parameter):
            return f"invalid argument for {_named(parameter)}: it is {_one_of(choice)}"
        case _:
            said = error.format_message().rstrip(".")
            return f"{said[:1].lower()}{said[1:]}"


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


# Words of other tools for what a verb does (cobra: SuggestFor).
_SUGGEST_FOR = {
    "show": ("cat", "describe", "get", "list", "ls", "print", "view"),
    "diff": ("compare", "drift"),
    "explain": (
        *("ask", "curl", "dig", "getent", "host", "lookup", "nc", "nslookup", "ping", "query"),
        *("resolve", "telnet", "wget", "why"),
    ),
    "check": ("audit", "doctor", "lint", "scan", "validate", "verify"),
    "capture": ("dump", "record", "save", "snapshot"),
}
# What kubectl has and we have not: what to use in its place.
_INSTEAD = {
    "-R": "-f DIR reads the files of DIR alone: name each, -f DIR -f DIR/SUB.",
    "-k": "kubectl kustomize DIR | kubectl hosts {verb} -f -",
    "-w": "It looks once; to look again and again: watch kubectl hosts {verb}",
    "--dry-run": "It only reads, and changes nothing: leave --dry-run out.",
    "--sort-by": "-o json prints documents that jq can sort.",
    "--template": "-o jsonpath='{{...}}' prints fields.",
    "--show-labels": "-o json has all; -l selects by label.",
    "--chunk-size": "Lists are read 500 objects at a time.",
    "--short": "The first line is short: kubectl hosts {verb} | head -n 1",
    "--limit": "kubectl hosts {verb} | head shows the first.",
}
_INSTEAD |= {
    "--recursive": _INSTEAD["-R"],
    "--kustomize": _INSTEAD["-k"],
    "--watch": _INSTEAD["-w"],
}
# What may be the name of an object, or one that a program looks up.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PLACE = re.compile(rf"[a-z]+://[A-Za-z0-9._~:/@%-]+|{_NAME.pattern}:\d+")
_TARGET = re.compile(rf"{_NAME.pattern}/{_NAME.pattern}")


def near_names(word: str, names: Sequence[str], *, cutoff: float = 0.75) -> list[str]:
    """Those of NAMES that differ from WORD in a letter or two, the nearest first."""
    from difflib import get_close_matches  # noqa: PLC0415  12 ms that only a mistake needs

    return get_close_matches(word, names, cutoff=cutoff)


def is_file(target: str) -> bool:
    """Whether a word in a target's place is a file, which -f takes."""
    return os.path.exists(target)  # noqa: PTH110  pathlib is not loaded for a mistake


def usage_hint(error: click.ClickException, verb: str) -> str:
    """Which help has the answer, and what was perhaps meant."""
    see = f"See '{f'kubectl hosts {verb}'.rstrip()} --help' for usage."
    match error:
        case UnknownVerb():
            return _verb_meant(error) or see
        case click.NoSuchOption() if error.option_name in _INSTEAD:
            return _INSTEAD[error.option_name].format(verb=verb or "show")
        case click.NoSuchOption():
            near = _flags_meant(error)
            return f"Did you mean {' or '.join(near)}? {see}" if near else see
        case _:
            return see


# Words of others for a flag of ours.
_FLAGS_MEANT = {
    "--pod": "--from",
    "-p": "--from",
    "--ns": "--namespace",
    "--file": "--filename",
    "-t": "--type",
}
# Commands of kubectl that change or stream something: `kubectl --help`. Nothing here does.
_KUBECTLS = frozenset(
    (
        *("annotate", "apply", "attach", "cp", "create", "debug", "delete", "drain", "edit"),
        *("exec", "label", "logs", "patch", "port-forward", "replace", "rollout", "run", "scale"),
        *("set", "taint", "top", "wait"),
    )
)


def _flags_meant(error: click.NoSuchOption) -> list[str]:
    """Flags of the command that differ in a letter or two, in case, or begin as what was typed."""
    typed = error.option_name
    parameters = error.ctx.command.params if error.ctx else []
    shown = [each for each in parameters if isinstance(each, click.Option) and not each.hidden]
    flags = [flag for each in shown for flag in each.opts]
    meant = [flag for flag in flags if flag == _FLAGS_MEANT.get(typed)]
    if typed.startswith("--"):
        near = near_names(typed, [each for each in flags if each.startswith("--")])
        return list(dict.fromkeys((*meant, *near, *(e for e in flags if e.startswith(typed)))))
    return meant or [flag for flag in flags if flag.lower() == typed.lower()]


# What a verb cannot do without.
_WANTS = {"explain": "NAME", "names": "TYPE/NAME"}


def _verb_meant(error: UnknownVerb) -> str:
    """`Did you mean this?` as kubectl asks it; a word that is none is perhaps what to look at."""
    word, verbs = error.verb, error.verbs
    near = [verb for verb in verbs if word.lower() in _SUGGEST_FOR.get(verb, ())]
    near = near or near_names(word.lower(), verbs, cutoff=0.6)
    if near:
        import shlex  # noqa: PLC0415  a mistake alone needs it

        after = {verb: shlex.join(error.after) or _WANTS.get(verb, "") for verb in near}
        whole = (f"kubectl hosts {verb} {words}".rstrip() for verb, words in after.items())
        return f"Did you mean this? {' or '.join(whole)}"
    if word.lower() in _KUBECTLS:
        return f"It is kubectl's own: kubectl {word.lower()}"
    return _object_meant(word)


def _object_meant(word: str) -> str:
    """What to type for a file, a place, an object or a name that stands where a verb should."""
    if is_file(word):
        return f"Did you mean this? kubectl hosts check -f {word}"
    if _PLACE.fullmatch(word):
        return f"Did you mean this? kubectl hosts explain {word}"
    if _TARGET.fullmatch(word):
        return f"kubectl hosts show {word}"
    if _NAME.fullmatch(word):
        return f"kubectl hosts show {word}, if it is a pod; kubectl hosts explain {word}, if a name"
    return ""
