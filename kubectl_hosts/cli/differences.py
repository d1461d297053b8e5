"""What `diff` prints, and the exit status it ends with: kubectl diff's 0, 1 and 2."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kubectl_hosts.cli.session import note, write
from kubectl_hosts.model.hosts.supplier import describe_supplier
from kubectl_hosts.report.hosts_document import hosts_document
from kubectl_hosts.report.structured import one_or_list, print_document
from kubectl_hosts.report.terminal import choose_style
from kubectl_hosts.report.unified import expected_bytes, print_unified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport

NONE, SOME, TROUBLE = 0, 1, 2


def print_differences(
    reports: Sequence[HostsReport], *, output: str, color: str, single: bool
) -> int:
    """Print the differences of all containers; what could not be read is said on stderr."""
    if output != "diff":
        documents = [hosts_document(each) for each in reports]
        write(print_document(one_or_list(documents, "HostsReport", single=single), output))
        return _status(reports)
    external = os.environ.get("KUBECTL_EXTERNAL_DIFF", "")
    style = choose_style(color, os.environ, is_tty=sys.stdout.isatty())
    hints: dict[str, None] = {}
    for report, container in _judged(reports):
        if container.unreadable is not None:
            _complain(report, container)
            hints[_hint(report)] = None
        elif not container.drift:
            _explain_silence(report, container)
        elif external:
            _compare_with(external, container)
        else:
            write(print_unified(report, container, style))
    for each in hints:
        note(f"hint: {each}")
    return _status(reports)


def _judged(reports: Sequence[HostsReport]) -> list[tuple[HostsReport, ContainerReport]]:
    return [
        (report, each)
        for report in reports
        for each in report.containers
        if not each.same_as or each.unreadable is not None
    ]


def _status(reports: Sequence[HostsReport]) -> int:
    containers = [each for _, each in _judged(reports)]
    if any(each.unreadable is not None for each in containers):
        return TROUBLE
    return SOME if any(each.drift for each in containers) else NONE


def _hint(report: HostsReport) -> str:
    hints = (each.hint for each in report.not_checked if each.hint)
    return next(hints, "kubectl hosts show has the prediction.")


def _complain(report: HostsReport, container: ContainerReport) -> None:
    where = f"{report.namespace}/{report.name}, container {container.name}"
    note(f"error: could not look into {where}: {container.unreadable}")


def _explain_silence(report: HostsReport, container: ContainerReport) -> None:
    """Why there is no difference, where that is not plain: no comparison, or one that is none."""
    where = f"{report.namespace}/{report.name}, container {container.name}"
    if container.expected is None:
        supplier = describe_supplier(container.managed_by, report.namespace)
        note(f"{where}: not compared: {supplier}")
    for each in container.notes:
        note(f"{where}: {each}")


def _compare_with(program: str, container: ContainerReport) -> None:
    """Let the user's program print the difference. Raises BadInput where it cannot be started."""
    from kubectl_hosts.cluster.programs import run_external_diff  # noqa: PLC0415

    assert container.observed is not None
    sys.stdout.flush()
    run_external_diff(program, expected_bytes(container), container.observed.to_bytes())
