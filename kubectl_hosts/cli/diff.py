"""`kubectl hosts diff`: expected against observed, as a unified diff.

It ends as kubectl diff does: 0 none, 1 some, 2 trouble. A container that does not run and was not
asked for by name is a warning: a namespace where something always starts would never be clean.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kubectl_hosts.cli.flags import (
    Verb,
    check_format,
    check_target,
    color_option,
    connection_options,
    no_headers_option,
    output_option,
    target_options,
)
from kubectl_hosts.cli.session import note, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.cli.hosts import HostsReports
    from kubectl_hosts.model.hosts.hosts_report import ContainerReport, HostsReport

NONE, SOME, TROUBLE, INTERRUPTED = 0, 1, 2, 130
FORMATS = ("diff", "json", "yaml")
_EXTERNAL = "KUBECTL_EXTERNAL_DIFF"


@click.command(cls=Verb)
@target_options
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def diff(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Show where a pod's hosts file does not match its spec.

    \b
    Exit status, as kubectl diff: 0 no differences, 1 differences, 2 trouble (a
    container that runs and could not be read is trouble). Finished pods are
    skipped unless they are named. KUBECTL_EXTERNAL_DIFF names another program
    for the comparison.

    \b
    Examples:
      # What somebody changed in the container
      kubectl hosts diff web-0
      # Every pod of a Deployment
      kubectl hosts diff deploy/web
      # Does any pod of the namespace differ?
      kubectl hosts diff && echo "all match their specs"
      # Side by side
      KUBECTL_EXTERNAL_DIFF="diff -y" kubectl hosts diff web-0
    """
    given.pop("no_headers")  # there are none
    for each in given["targets"]:
        check_target(each, "diff")
    return run_diff(given)


def run_diff(given: dict[str, Any]) -> int:
    """Print the differences; 0 none, 1 some, 2 where a container that runs could not be read.

    After ^C 1 where one of those that were read differs, else 130: the rest is not known.
    """
    from kubectl_hosts.cli.hosts import Wanted, judge  # noqa: PLC0415  not for --help

    output, color = given.pop("output"), given.pop("color")
    check_format(output, FORMATS)
    unified = _Unified(color)
    is_text = output == "diff" and not os.environ.get(_EXTERNAL)
    as_printed = unified.take if is_text else None
    wanted = Wanted("kubectl_hosts.report.hosts_one", compares=True, as_printed=as_printed)
    judged = judge(given, wanted)
    if judged is None:
        return NONE
    waiting = _not_running(judged)
    if output == "diff":
        _print(judged, waiting, unified)
    else:
        from kubectl_hosts.report.json_documents import (  # noqa: PLC0415
            hosts_document,
            one_or_list,
            print_document,
        )

        documents = [hosts_document(each) for each in judged.reports]
        write(print_document(one_or_list(documents, "HostsReport", single=judged.single), output))
    return _status(judged, waiting)


class _Unified:
    """What is printed of each container, known before its files are let go."""

    def __init__(self, color: str) -> None:
        self._color = color
        self._taken: dict[ContainerKey, _Said] = {}

    def take(self, report: HostsReport) -> HostsReport:
        """REPORT without its files."""
        from kubectl_hosts.model.hosts.hosts_report import without_lines  # noqa: PLC0415

        for each in report.containers:
            self._taken[_place(report, each)] = self._said(report, each)
        return without_lines(report)

    def say(self, report: HostsReport, container: ContainerReport) -> None:
        """Print the difference of CONTAINER, and say why there is none where that is not plain."""
        taken = self._taken.pop(_place(report, container), None)
        said = taken or self._said(report, container)
        write(said.difference)
        for each in said.notes:
            note(each)

    def _said(self, report: HostsReport, container: ContainerReport) -> _Said:
        from kubectl_hosts.report.hosts_one import print_unified  # noqa: PLC0415
        from kubectl_hosts.report.terminal import choose_style  # noqa: PLC0415

        if not container.drift:
            return _Said("", tuple(_why_silent(report, container)))
        style = choose_style(self._color, os.environ, is_tty=sys.stdout.isatty())
        return _Said(print_unified(report, container, style))


class _Said(NamedTuple):
    difference: str
    notes: tuple[str, ...] = ()


def _print(judged: HostsReports, waiting: frozenset[ContainerKey], unified: _Unified) -> None:
    """Print the differences of all containers; what could not be read is said on stderr."""
    from kubectl_hosts.model.hosts.hosts_report import compared_by  # noqa: PLC0415
    from kubectl_hosts.report.finding_words import print_kinds_not_read  # noqa: PLC0415

    external = os.environ.get(_EXTERNAL, "")
    hints: dict[str, None] = {}
    for report, container in _judged(judged):
        if container.unreadable is not None:
            is_waiting = _place(report, container) in waiting
            severity, where = "warning" if is_waiting else "error", _in_words(report, container)
            note(f"{severity}: could not look into {where}: {container.unreadable}")
            hints |= {} if is_waiting else {_hint(report): None}
        elif external and container.drift:
            _compare_with(external, container)
        else:
            unified.say(report, container)
    for each in hints:
        note(f"hint: {each}")
    for each in compared_by(judged.reports):
        note(f"assumed: {each}")
    missed = ((f"{each.namespace}/{each.name}", each.not_checked) for each in judged.reports)
    for each in print_kinds_not_read(missed).splitlines():
        note(f"n{each[1:]}")


ContainerKey = tuple[str, str, str]
"""Namespace, pod, container."""


def _place(report: HostsReport, container: ContainerReport) -> ContainerKey:
    return report.namespace, report.name, container.name


def _judged(judged: HostsReports) -> Iterator[tuple[HostsReport, ContainerReport]]:
    for report in judged.reports:
        for each in report.containers:
            if not each.same_as or each.unreadable is not None:
                yield report, each


def _not_running(judged: HostsReports) -> frozenset[ContainerKey]:
    """The containers that could not be read because they do not run, of pods not asked for."""
    from kubectl_hosts.model.fields import name_of  # noqa: PLC0415
    from kubectl_hosts.model.pod import parse_pod, why_not_running  # noqa: PLC0415

    unread = {
        _place(report, each) for report, each in _judged(judged) if each.unreadable is not None
    }
    # A pod whose object cannot be read has no container that could be named.
    seen = [place for place in unread if place[2]]
    pods = {place[:2] for place in seen if place[1] not in judged.targets.pods_named}
    found = []
    for obj in judged.targets.pods if pods else ():
        name = name_of(obj)
        if name in pods:
            pod = parse_pod(obj)
            stopped = (each.name for each in pod.containers if why_not_running(pod, each))
            found += [(*name, each) for each in stopped]
    return frozenset(found) & unread


def _status(judged: HostsReports, waiting: frozenset[ContainerKey]) -> int:
    containers = list(_judged(judged))
    differs = any(each.drift for _, each in containers)
    unread = {_place(*each) for each in containers if each[1].unreadable is not None}
    if judged.interrupted:
        return SOME if differs else INTERRUPTED
    if unread - waiting:
        return TROUBLE
    return SOME if differs else NONE


def _hint(report: HostsReport) -> str:
    hints = (each.hint for each in report.not_checked if each.hint)
    return next(hints, "kubectl hosts show has the prediction.")


def _in_words(report: HostsReport, container: ContainerReport) -> str:
    return f"{report.namespace}/{report.name}, container {container.name}"


def _why_silent(report: HostsReport, container: ContainerReport) -> Iterator[str]:
    """Why there is no difference, where that is not plain: no comparison, or one that is none."""
    from kubectl_hosts.model.hosts.supplier import describe_supplier  # noqa: PLC0415

    where = _in_words(report, container)
    if container.expected is None:
        supplier = describe_supplier(container.managed_by, report.namespace)
        yield f"{where}: not compared: {supplier}"
    for each in container.notes:
        yield f"{where}: {each}"


def _compare_with(program: str, container: ContainerReport) -> None:
    """Let the user's program print the difference. Raises BadInput where it cannot be started."""
    from kubectl_hosts.cluster.programs import run_external_diff  # noqa: PLC0415
    from kubectl_hosts.report.hosts_one import expected_bytes  # noqa: PLC0415

    assert container.observed is not None
    sys.stdout.flush()
    run_external_diff(program, expected_bytes(container), container.observed.to_bytes())
