"""`-o hosts`: one hosts file on stdout, bytes untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput, HostsError
from kubectl_hosts.model.hosts.report import VerdictKind
from kubectl_hosts.report.unified import expected_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport


def one_file(reports: Sequence[HostsReport], *, predicts: bool) -> bytes:
    """The observed file, or the predicted one where that was asked for, or all there is.

    Raises BadInput for several pods or files, HostsError where there is no such file.
    """
    if reports and all(each.verdict.kind is VerdictKind.REFUSED for each in reports):
        hint = "Without -o hosts the fields are named that it refuses."
        raise HostsError(reports[0].verdict.sentence, hint=hint)
    files = [each for report in reports for each in report.containers if not each.same_as]
    if len(files) != 1:
        raise BadInput(
            f"-o hosts prints one file, and {len(files)} were chosen",
            hint="Name one pod, and one container with -c.",
        )
    (container,) = files
    if container.observed is not None and not predicts:
        return container.observed.to_bytes()
    if container.expected is None:
        raise HostsError(
            f"no prediction for container {container.name}: {container.verdict.sentence}",
            hint="Without --expected the file itself is printed.",
        )
    if not predicts and container.verdict.kind is not VerdictKind.PREDICTED:
        raise _unread(reports[0], container)
    return expected_bytes(container)


def _unread(report: HostsReport, container: ContainerReport) -> HostsError:
    hints = (each.hint for each in report.not_checked if each.hint)
    return HostsError(
        f"{container.unreadable}",
        hint=next(hints, "With --expected the predicted file is printed."),
    )
