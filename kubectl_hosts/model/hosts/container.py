"""The hosts file of one container, judged: its supplier, the prediction, the drift, the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.model.hosts.drift import Drift, find_drift
from kubectl_hosts.model.hosts.file import HostsFile, parse_hosts_file
from kubectl_hosts.model.hosts.lines import predicted_lines, report_line
from kubectl_hosts.model.hosts.report import (
    ContainerReport,
    LastWritten,
    LineStatus,
    ReportLine,
    Verdict,
    VerdictKind,
)
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    Looked,
    OwnMount,
    Runtime,
    Supplier,
    find_supplier,
)
from kubectl_hosts.model.hosts.verdict import count, verdict_on_drift, verdict_on_supplier
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import ContainerEvidence
    from kubectl_hosts.model.hosts.expectation import Expectation
    from kubectl_hosts.model.pod import Container, Pod

MOUNTINFO = "/proc/self/mountinfo"


def judge_container(found: ContainerEvidence, expectation: Expectation) -> ContainerReport:
    """The file of one container: whose it is, and where it differs from the kubelet's."""
    if found.read_from and not expectation.kubelet_mounts(found.name):
        found = _not_its_own(found, expectation.path)
    hosts = found.file(expectation.path)
    really_read = found.read_from or found.name
    supplier = find_supplier(
        expectation.pod,
        really_read,
        Looked(
            mountinfo=found.file(MOUNTINFO),
            hosts=hosts,
            path=expectation.path,
            kubelet_mounts=expectation.kubelet_mounts(really_read),
        ),
    )
    if isinstance(hosts, FileRead):
        due = isinstance(supplier, Kubelet) or expectation.kubelet_mounts(really_read)
        observed = parse_hosts_file(hosts.data)
        report = _judge_read(observed, supplier, expectation, is_kubelets_due=due)
    else:
        report = _judge_unread(hosts, supplier, expectation)
    return replace(report, name=found.name, read_from=found.read_from, via=found.via)


def _not_its_own(found: ContainerEvidence, path: str) -> ContainerEvidence:
    # A sibling's file tells nothing of a container with a mount of its own there.
    why = f"container {found.name} mounts its own file there, and it could not be read"
    return found._replace(files=(), read_from="", failure=CouldNotLook(what=path, why=why))


def _judge_read(
    observed: HostsFile, supplier: Supplier, expectation: Expectation, *, is_kubelets_due: bool
) -> ContainerReport:
    """A file that was read; compared with the kubelet's wherever that one is due by the spec."""
    if not is_kubelets_due:
        drift = Drift(lines=_lines_of(supplier, observed, expectation.pod))
    else:
        drift = find_drift(expectation.file, observed, node=expectation.node.name)
    if isinstance(supplier, Kubelet):
        written, lines = expectation.last_written, drift.lines
        verdict = verdict_on_drift(drift, supplier, written)
    else:
        written, lines = LastWritten(), _lines_of(supplier, observed, expectation.pod)
        verdict = verdict_on_supplier(supplier, expectation.pod)
    return ContainerReport(
        name="",
        managed_by=supplier,
        last_written=written,
        drift=drift.found,
        verdict=verdict,
        lines=lines,
        notes=drift.notes if isinstance(supplier, Kubelet) else (),
        expected=expectation.file if is_kubelets_due else None,
        observed=observed,
    )


def _lines_of(supplier: Supplier, observed: HostsFile, pod: Pod) -> tuple[ReportLine, ...]:
    origin = _origin_of(supplier, pod)
    return tuple(
        report_line(line, replace(origin, line=line.number), LineStatus.EXPECTED)
        for line in observed.lines
    )


def _origin_of(supplier: Supplier, pod: Pod) -> Origin:
    subject = f"{pod.namespace}/{pod.name}"
    if isinstance(supplier, OwnMount):
        index = next((at for at, each in enumerate(pod.volumes) if each.name == supplier.volume), 0)
        return Origin(kind=OriginKind.OWN_MOUNT, object=subject, field=f"spec.volumes[{index}]")
    kinds = {Runtime: OriginKind.RUNTIME, Image: OriginKind.IMAGE}
    return Origin(kind=kinds.get(type(supplier), OriginKind.UNKNOWN), object=subject)


def _judge_unread(
    hosts: FileAbsent | CouldNotLook, supplier: Supplier, expectation: Expectation
) -> ContainerReport:
    """A file that could not be read: the prediction alone, where the kubelet's file is due."""
    why = "no such file" if isinstance(hosts, FileAbsent) else hosts.why
    hint = "" if isinstance(hosts, FileAbsent) else hosts.hint
    is_kubelets = isinstance(supplier, Kubelet)
    verdict = (
        _unread_verdict(why, hint, expectation)
        if is_kubelets or not isinstance(supplier, OwnMount)
        else _unread_mount_verdict(why, hint, supplier, expectation.pod)
    )
    return ContainerReport(
        name="",
        managed_by=supplier,
        last_written=expectation.last_written if is_kubelets else LastWritten(),
        drift=False,
        verdict=verdict,
        unreadable=why,
        lines=predicted_lines(expectation.file, node=expectation.node.name) if is_kubelets else (),
        expected=expectation.file if is_kubelets else None,
    )


def _unread_mount_verdict(why: str, hint: str, supplier: OwnMount, pod: Pod) -> Verdict:
    verdict = verdict_on_supplier(supplier, pod)
    if supplier.is_directory:
        return verdict
    sentence = f"{verdict.sentence}; could not look: {why}"
    return replace(verdict, sentence=sentence, fix=hint or verdict.fix)


def _unread_verdict(why: str, hint: str, expectation: Expectation) -> Verdict:
    pod = expectation.pod
    if not pod.pod_ips and not pod.host_network and not pod.is_finished:
        waiting = next((each.status.reason for each in pod.containers if each.status.reason), "")
        state = ", ".join(word for word in (pod.phase, waiting) if word) or "no status"
        return Verdict(
            kind=VerdictKind.NO_FILE,
            sentence=f"has no hosts file yet: the pod has no address ({state})",
            fix="kubectl describe pod shows what it waits for.",
        )
    return Verdict(
        kind=VerdictKind.COULD_NOT_LOOK,
        sentence=f"could not look: {why}; predicted only",
        fix=hint,
    )


def predict_container(container: Container, expectation: Expectation) -> ContainerReport:
    """The file that CONTAINER gets by its spec, where nobody looks."""
    nobody = CouldNotLook(what=expectation.path, why="it was not read")
    looked = Looked(
        mountinfo=nobody,
        hosts=nobody,
        path=expectation.path,
        kubelet_mounts=expectation.kubelet_mounts(container.name),
    )
    supplier = find_supplier(expectation.pod, container.name, looked)
    is_kubelets = isinstance(supplier, Kubelet)
    lines = predicted_lines(expectation.file, node=expectation.node.name) if is_kubelets else ()
    holds = Verdict(
        kind=VerdictKind.PREDICTED, sentence=f"will hold what the spec asks: {count(lines)}"
    )
    return ContainerReport(
        name=container.name,
        managed_by=supplier,
        last_written=LastWritten(),
        drift=False,
        verdict=holds if is_kubelets else verdict_on_supplier(supplier, expectation.pod),
        lines=lines,
        expected=expectation.file if is_kubelets else None,
    )
