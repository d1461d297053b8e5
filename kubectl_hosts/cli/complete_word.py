"""What can stand in a place of the command line: verbs, flags, values, objects of the cluster."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kubectl_hosts.cli.complete import (
    FILES,
    KEEP_ORDER,
    NO_FILES,
    NO_SPACE,
    Candidate,
    Candidates,
    starting_with,
)
from kubectl_hosts.cli.complete_line import command_of, long_name, options_of
from kubectl_hosts.cli.flags import GLOBAL_FLAGS, IGNORED_FLAGS
from kubectl_hosts.cli.main import SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.cli.complete_line import Line

_GLOBAL = {each.field for each in GLOBAL_FLAGS}
_IGNORED = {each.field for each in IGNORED_FLAGS}


def complete(line: Line) -> Candidates:
    """The words that can stand where the line ends. Raises HostsError as the cluster does."""
    if line.pending:
        return _flag_value(line, line.pending)
    if line.current.startswith("-") and not line.only_arguments:
        return starting_with(line.current, _flags(line))
    if not line.verb:
        verbs = (Candidate(verb, text) for verb, text in SUMMARIES.items())
        return starting_with(line.current, verbs, NO_FILES | KEEP_ORDER)
    arguments = [each.name for each in command_of(line.verb).params if _is_argument(each)]
    match arguments:
        case ["targets"]:
            return _from_cluster("complete_targets", line)
        case ["names"]:
            return _from_cluster("complete_service_names", line)
        case _:
            return _static_argument(line)


def _is_argument(param: click.Parameter) -> bool:
    return isinstance(param, click.Argument)


def _static_argument(line: Line) -> Candidates:
    """An argument with a fixed choice of words: the first argument of `completion`."""
    choices = [each.type for each in command_of(line.verb).params if _is_argument(each)]
    match choices[len(line.arguments) : len(line.arguments) + 1]:
        case [click.Choice() as choice]:
            return starting_with(line.current, map(Candidate, choice.choices))
        case [click.Path()]:
            return FILES
        case _:
            return Candidates()


def _flags(line: Line) -> list[Candidate]:
    """The flags that the verb takes and that are not there yet, --help among them."""
    found = [Candidate("--help", "Show this message.")]
    for name, option in options_of(line.verb).items():
        known = option.name in _GLOBAL or not option.hidden
        again = option.multiple or long_name(option) not in line.values
        if known and again and option.name not in _IGNORED:
            found.append(Candidate(name, _first_sentence(option.help or "")))
    return sorted(found)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def _flag_value(line: Line, option: click.Option) -> Candidates:
    if isinstance(option.type, click.Choice):
        return starting_with(line.current, map(Candidate, filter(None, option.type.choices)))
    complete_value = _VALUES.get(long_name(option))
    return complete_value(line) if complete_value else Candidates()


def _formats(line: Line) -> Candidates:
    """The formats as the flag's help lists them: `Format: table|wide|jsonpath=.`"""
    help_text = options_of(line.verb)["--output"].help or ""
    formats = help_text.removeprefix("Format: ").rstrip(".").split("|")
    found = starting_with(line.current, map(Candidate, formats), NO_FILES | KEEP_ORDER)
    unfinished = all(each.value.endswith("=") for each in found.words)
    return found._replace(directive=found.directive | NO_SPACE) if unfinished else found


def _kubeconfig_names(kind: str) -> Callable[[Line], Candidates]:
    """A completion by the names of kubeconfig's contexts, clusters or users."""

    def names(line: Line) -> Candidates:
        from kubectl_hosts.cluster.kubeconfig import load_kubeconfig  # noqa: PLC0415

        config = load_kubeconfig(line.value("--kubeconfig"), os.environ)
        entries = {"contexts": config.contexts, "clusters": config.clusters, "users": config.users}
        return starting_with(line.current, map(Candidate, sorted(entries[kind])))

    return names


def _from_cluster(function: str, line: Line) -> Candidates:
    """A function of complete_objects, which is imported where a cluster is asked."""
    from kubectl_hosts.cli import complete_objects  # noqa: PLC0415

    found: Candidates = getattr(complete_objects, function)(line)
    return found


_VALUES: dict[str, Callable[[Line], Candidates]] = {
    "--output": _formats,
    "--context": _kubeconfig_names("contexts"),
    "--cluster": _kubeconfig_names("clusters"),
    "--user": _kubeconfig_names("users"),
    "--namespace": lambda line: _from_cluster("complete_namespaces", line),
    "--container": lambda line: _from_cluster("complete_containers", line),
    "--from": lambda line: _from_cluster("complete_targets", line),
    "--filename": lambda _: FILES,
    "--kubeconfig": lambda _: FILES,
    "--certificate-authority": lambda _: FILES,
    "--client-certificate": lambda _: FILES,
    "--client-key": lambda _: FILES,
}
