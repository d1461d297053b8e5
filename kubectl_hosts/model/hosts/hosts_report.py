"""The values that `show` and `diff` print: what a pod's hosts files hold, against its spec."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.hosts.file import HostsLine
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.file import HostsFile
    from kubectl_hosts.model.hosts.kubelet import ExpectedFile, ExpectedLine, LastWritten
    from kubectl_hosts.model.hosts.supplier import Supplier


class LineStatus(Enum):
    """How a line stands against the spec; the value is what JSON prints."""

    EXPECTED = "expected"
    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"


class DriftKind(Enum):
    """In what a line differs from the spec; the value is what JSON prints."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    REORDERED = "reordered"
    WHITE_SPACE = "white-space"


class ReportLine(Struct, frozen=True, kw_only=True):
    """A line of the file, or a line that it lacks, in the order a reader wants them.

    number is the 1-based line in the observed file, None for a missing line. A changed line (one
    that moved, or differs in white space alone, is one too) keeps what the spec asks for in
    `instead_of`; difference says which it is, None for an expected line.
    """

    number: int | None
    text: str
    address: str
    names: tuple[str, ...]
    origin: Origin
    instead_of: str = ""
    difference: DriftKind | None = None

    @property
    def status(self) -> LineStatus:
        """How it stands against the spec."""
        return _STATUSES.get(self.difference, LineStatus.CHANGED)


_STATUSES = {
    None: LineStatus.EXPECTED,
    DriftKind.MISSING: LineStatus.MISSING,
    DriftKind.EXTRA: LineStatus.EXTRA,
}


class VerdictKind(Enum):
    """The answer to "does the file match the spec?"; the value is what JSON prints."""

    HOLDS = "holds"
    DIFFERS = "differs"
    OWN_MOUNT = "own-mount"
    NOT_THE_KUBELET = "not-the-kubelet"
    COULD_NOT_LOOK = "could-not-look"
    PREDICTED = "predicted"
    NO_FILE = "no-file"
    REFUSED = "refused"


class Verdict(Struct, frozen=True, kw_only=True):
    """The first line of `show`: kind for machines, one sentence for people, and what to do."""

    kind: VerdictKind
    sentence: str
    fix: str = ""


class ContainerReport(Struct, frozen=True, kw_only=True):
    """The file of one container.

    A container whose kubelet file was judged with another container's has that one's name in
    `same_as`, and the very same lines. lines holds the expected lines (status expected, no
    findings) where the file could not be read and `unreadable` says why.
    """

    name: str
    managed_by: Supplier
    last_written: LastWritten
    verdict: Verdict
    drift: bool = False
    unreadable: str | None = None
    lines: tuple[ReportLine, ...] = ()
    notes: tuple[str, ...] = ()
    """Differences that are none: the order of the pod IPs, the old layout of hostAliases."""
    expected: ExpectedFile | None = None
    observed: HostsFile | None = None
    same_as: str = ""
    read_from: str = ""
    via: str = ""


class HostsReport(Struct, frozen=True, kw_only=True):
    """One Pod's hosts files, judged."""

    namespace: str
    name: str
    verdict: Verdict
    path: str = "/etc/hosts"
    """Where the file is in a container; elsewhere on Windows."""
    containers: tuple[ContainerReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()
    assumptions: tuple[str, ...] = ()
    """What the prediction took for granted: the cluster domain, the kubelet's version."""


def without_lines(report: HostsReport) -> HostsReport:
    """REPORT with its verdicts and findings, and without the lines of its files."""
    slim = tuple(
        replace(each, lines=(), expected=None, observed=None) for each in report.containers
    )
    return replace(report, containers=slim)


def compared_by(reports: Iterable[HostsReport]) -> Mapping[str, list[str]]:
    """What was taken for granted where files were compared, each with the pods that it is about."""
    pods: dict[str, list[str]] = {}
    for report in reports:
        if any(each.via and each.unreadable is None for each in report.containers):
            for assumption in report.assumptions:
                pods.setdefault(assumption, []).append(report.name)
    return pods


def report_line(line: HostsLine, origin: Origin, difference: DriftKind | None = None) -> ReportLine:
    """An observed line as the report shows it."""
    entry = line.entry
    return ReportLine(
        number=line.number,
        text=line.text,
        address=entry.address if entry else "",
        names=entry.names if entry else (),
        origin=origin,
        difference=difference,
    )


def missing_line(line: ExpectedLine) -> ReportLine:
    """A line that the spec asks for and the file lacks."""
    return replace(predicted_line(line), difference=DriftKind.MISSING)


def predicted_line(line: ExpectedLine) -> ReportLine:
    """A line of the prediction, where no file was looked at."""
    entry = None if line.to_come else HostsLine(number=0, raw=line.raw).entry
    address, _, names = line.text.partition("\t")
    return ReportLine(
        number=None,
        text=line.text,
        address=entry.address if entry else address if line.to_come else "",
        names=entry.names if entry else tuple(names.split("\t")) if line.to_come else (),
        origin=line.origin,
    )


def predicted_lines(file: ExpectedFile, *, node: str) -> tuple[ReportLine, ...]:
    """The prediction as lines; one line stands for the node's part, which nobody can predict."""
    hole = ReportLine(
        number=None,
        text="<the node's /etc/hosts>",
        address="",
        names=(),
        origin=Origin(kind=OriginKind.NODE_HOSTS, object=node),
    )
    return (
        *(predicted_line(line) for line in file.lines),
        *((hole,) if file.node_part else ()),
        *(predicted_line(line) for line in file.tail),
    )
