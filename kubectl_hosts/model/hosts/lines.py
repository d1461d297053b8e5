"""Lines of the report, made from lines of the file or of the prediction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.hosts.file import HostsLine
from kubectl_hosts.model.hosts.report import DriftKind, LineStatus, ReportLine
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.hosts.kubelet import ExpectedFile, ExpectedLine


def report_line(
    line: HostsLine, origin: Origin, status: LineStatus, *, difference: DriftKind | None = None
) -> ReportLine:
    """An observed line as the report shows it."""
    entry = line.entry
    return ReportLine(
        number=line.number,
        text=line.text,
        address=entry.address if entry else "",
        names=entry.names if entry else (),
        origin=origin,
        status=status,
        difference=difference,
    )


def missing_line(line: ExpectedLine) -> ReportLine:
    """A line that the spec asks for and the file lacks."""
    return replace(predicted_line(line), status=LineStatus.MISSING, difference=DriftKind.MISSING)


def predicted_line(line: ExpectedLine) -> ReportLine:
    """A line of the prediction, where no file was looked at."""
    raw = line.text.encode("utf-8", "surrogatepass")
    entry = None if line.to_come else HostsLine(number=0, raw=raw).entry
    address, _, names = line.text.partition("\t")
    return ReportLine(
        number=None,
        text=line.text,
        address=entry.address if entry else address if line.to_come else "",
        names=entry.names if entry else tuple(names.split("\t")) if line.to_come else (),
        origin=line.origin,
        status=LineStatus.EXPECTED,
    )


def predicted_lines(file: ExpectedFile, *, node: str) -> tuple[ReportLine, ...]:
    """The prediction as lines; one line stands for the node's part, which nobody can predict."""
    hole = ReportLine(
        number=None,
        text="<the node's /etc/hosts>",
        address="",
        names=(),
        origin=Origin(kind=OriginKind.NODE_HOSTS, object=node),
        status=LineStatus.EXPECTED,
    )
    return (
        *(predicted_line(line) for line in file.lines),
        *((hole,) if file.node_part else ()),
        *(predicted_line(line) for line in file.tail),
    )
