"""What is wrong with the hosts files as they were found, and what to do: hosts-file.md 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.layout import layout_of
from kubectl_hosts.model.hosts.report import ContainerReport, DriftKind, ReportLine
from kubectl_hosts.model.hosts.supplier import Kubelet
from kubectl_hosts.model.hosts.verdict import KEEP_ENTRIES, WRITE_ANEW, shortened
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.hosts.expectation import Expectation


def _differing(report: ContainerReport, kind: OriginKind) -> list[ReportLine]:
    """The lines of that origin that are missing, or stand there with another content."""
    telling = {DriftKind.MISSING, DriftKind.CHANGED}
    return [
        line for line in report.lines if line.origin.kind is kind and line.difference in telling
    ]


def _names(lines: Sequence[ReportLine]) -> str:
    said = [shortened(" ".join((line.address, *line.names)) or line.text) for line in lines]
    return ", ".join(said[:4]) + (f" and {len(said) - 4} more" if len(said) > 4 else "")


def _origins(lines: Sequence[ReportLine]) -> tuple[Origin, ...]:
    return tuple(line.origin for line in lines)


def _foreign(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S12 (k/k#12337, neondatabase/autoscaling#1304)."""
    extra = [line for line in report.lines if line.difference is DriftKind.EXTRA]
    if extra:
        yield Finding(
            reason=Reason.FOREIGN_LINES,
            severity=Severity.WARNING,
            message=f"nobody declared {_names(extra)}: written in the container, or on the node",
            fix=KEEP_ENTRIES,
            evidence=_origins(extra),
        )


def _kubelet_lines(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S13 (k/k#59112): no libc knows localhost by itself (hosts-file.md 5)."""
    gone = [line for line in _differing(report, OriginKind.KUBELET_BOILERPLATE) if line.names]
    if not gone or _is_empty(report):
        return
    is_localhost = any("localhost" in line.names for line in gone)
    effect = "; lookups of localhost go to DNS" if is_localhost else ""
    yield Finding(
        reason=Reason.KUBELET_LINES_MISSING,
        severity=Severity.ERROR if is_localhost else Severity.WARNING,
        message=f"the kubelet wrote {_names(gone)}, and the file lacks it{effect}",
        fix=WRITE_ANEW,
        evidence=_origins(gone),
    )


def _aliases(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S1: the header is there and hostAliases are not (k/k#53495)."""
    gone = _differing(report, OriginKind.HOST_ALIAS)
    if gone and not _is_empty(report):
        yield Finding(
            reason=Reason.HOST_ALIASES_MISSING,
            severity=Severity.ERROR,
            message=f"the file lacks hostAliases of the spec: {_wanted(gone)}",
            fix=WRITE_ANEW,
            evidence=_origins(gone),
        )


def _wanted(lines: Sequence[ReportLine]) -> str:
    return ", ".join((line.instead_of or line.text).replace("\t", " ") for line in lines)


def _pod_ips(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S19 (k/k#69723): a sandbox replaced behind the kubelet, or an edit."""
    gone = _differing(report, OriginKind.POD_IP)
    changed = [line for line in gone if line.difference is DriftKind.CHANGED]
    if changed:
        yield Finding(
            reason=Reason.STALE_POD_IP,
            severity=Severity.ERROR,
            message=(
                f"the file has {_names(changed)}; by status.podIPs it should be {_wanted(changed)}"
            ),
            fix=WRITE_ANEW,
            evidence=_origins(changed),
        )
    elif gone and not _is_empty(report):
        yield Finding(
            reason=Reason.POD_IP_MISSING,
            severity=Severity.WARNING,
            message=f"the file lacks the pod's own {_wanted(gone)}",
            fix=WRITE_ANEW,
            evidence=_origins(gone),
        )


def _is_empty(report: ContainerReport) -> bool:
    return report.observed is not None and not report.observed.lines


def _empty(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """hosts-file.md 1.5: the kubelet truncates, then writes."""
    if _is_empty(report) and isinstance(report.managed_by, Kubelet):
        yield Finding(
            reason=Reason.EMPTY_FILE,
            severity=Severity.ERROR,
            message="the file is empty: caught while the kubelet wrote it, or emptied by hand",
            fix=f"Look again; if it stays empty: {WRITE_ANEW}",
        )


def _failing_sibling(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S9 (k/k#48745): start attempts that leave no startedAt rewrite the file all the same."""
    if report.last_written.or_later:
        yield Finding(
            reason=Reason.REWRITTEN_BY_FAILING_CONTAINER,
            severity=Severity.INFO,
            message=f"an edit does not last here: {report.last_written.or_later}",
            fix="kubectl describe pod shows why that container does not start.",
        )


def _replaced(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """hosts-file.md 1.5: `//deleted` in mountinfo."""
    if isinstance(report.managed_by, Kubelet) and report.managed_by.replaced:
        yield Finding(
            reason=Reason.REPLACED_ON_NODE,
            severity=Severity.WARNING,
            message=(
                f"container {report.name} holds a hosts file that was deleted or replaced on the "
                "node; containers started later have another one"
            ),
            fix="Restart the container.",
        )


def _another_pods(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """The uid in the mount is that of the pod, or of the static pod behind a mirror pod."""
    pod = expectation.pod
    uid = report.managed_by.uid if isinstance(report.managed_by, Kubelet) else ""
    if uid and pod.uid and uid not in {pod.uid, pod.annotation("kubernetes.io/config.hash")}:
        yield Finding(
            reason=Reason.FILE_OF_ANOTHER_POD,
            severity=Severity.WARNING,
            message=f"the file belongs to a pod of uid {uid}; this pod's is {pod.uid}",
            fix="Look again: the pod was replaced by another of its name meanwhile.",
        )


def _permission(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S55: the kubelet's umask made it 0640 (k/k#80668, #96342; mode set since k/k#113209)."""
    layout, _ = layout_of(expectation.node.kubelet_version)
    is_refused = "permission denied" in (report.unreadable or "").lower()
    if is_refused and isinstance(report.managed_by, Kubelet):
        cause = (
            "its mode was changed in the container"
            if layout.readable_by_all
            else "kubelets before 1.26 keep their umask's mode, such as 0640"
        )
        yield Finding(
            reason=Reason.UNREADABLE_BY_THIS_USER,
            severity=Severity.ERROR,
            message=f"the container's user may not read its hosts file: {cause}",
            fix=WRITE_ANEW if layout.readable_by_all else "Upgrade the node, or change its umask.",
        )


FILE_RULES: tuple[Callable[[ContainerReport, Expectation], Iterator[Finding]], ...] = (
    _empty,
    _kubelet_lines,
    _pod_ips,
    _aliases,
    _foreign,
    _failing_sibling,
    _replaced,
    _another_pods,
    _permission,
)
