"""The hosts file of one container, judged: its supplier, the prediction, the drift, the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead, NodeEvidence
from kubectl_hosts.model.hosts.drift import find_drift, predicted_line, report_line
from kubectl_hosts.model.hosts.file import HostsFile, parse_hosts_file
from kubectl_hosts.model.hosts.host_name import ClusterDomain, learn_cluster_domain
from kubectl_hosts.model.hosts.kubelet import (
    ADDRESS_TO_COME,
    ExpectedFile,
    hosts_path,
    is_kubelet_file_mounted,
    kubelet_hosts_file,
)
from kubectl_hosts.model.hosts.last_written import last_written
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
from kubectl_hosts.model.pod import Container

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import ContainerEvidence, PodEvidence
    from kubectl_hosts.model.pod import Pod

MOUNTINFO = "/proc/self/mountinfo"
RESOLV_CONF = "/etc/resolv.conf"
UNNAMED = Container(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the pod's spec and node make of its hosts file, the same for all its containers."""

    pod: Pod
    node: NodeEvidence
    path: str
    file: ExpectedFile
    cluster_domain: ClusterDomain
    last_written: LastWritten

    def kubelet_mounts(self, container: str) -> bool:
        """Whether a container of that name gets the kubelet's file once the pod has an address."""
        pod = self.pod
        addressed = pod if pod.pod_ips else replace(pod, pod_ips=(ADDRESS_TO_COME,))
        return is_kubelet_file_mounted(
            addressed,
            pod.container(container) or UNNAMED,
            kubelet_version=self.node.kubelet_version,
            os_name=self.node.operating_system,
        )


def expect(evidence: PodEvidence) -> Expectation:
    """The prediction for the pod. Raises BadInput where the kubelet refuses its host name."""
    pod = evidence.pod
    node = evidence.node
    if isinstance(node, CouldNotLook):
        node = NodeEvidence(name=pod.node_name)
    path = hosts_path(node.operating_system or pod.os_name)
    domain = _cluster_domain(evidence, path)
    return Expectation(
        pod=pod,
        node=node,
        path=path,
        file=kubelet_hosts_file(pod, kubelet_version=node.kubelet_version, cluster_domain=domain),
        cluster_domain=domain,
        last_written=last_written(pod, path=path),
    )


def _cluster_domain(evidence: PodEvidence, path: str) -> ClusterDomain:
    if evidence.cluster_domain:
        return ClusterDomain(evidence.cluster_domain)
    learnt = ClusterDomain("", assumed=True)
    for container in evidence.containers:
        resolv_conf, hosts = container.file(RESOLV_CONF), container.file(path)
        learnt = learn_cluster_domain(
            evidence.pod,
            resolv_conf=resolv_conf.data if isinstance(resolv_conf, FileRead) else b"",
            observed=parse_hosts_file(hosts.data) if isinstance(hosts, FileRead) else None,
        )
        if not learnt.assumed:
            return learnt
    return learnt if learnt.text else learn_cluster_domain(evidence.pod)


def judge_container(found: ContainerEvidence, expectation: Expectation) -> ContainerReport:
    """The file of one container: whose it is, and where it differs from the kubelet's."""
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
        report = _judge_read(parse_hosts_file(hosts.data), supplier, expectation)
    else:
        report = _judge_unread(hosts, supplier, expectation)
    return replace(report, name=found.name, read_from=found.read_from, via=found.via)


def _judge_read(
    observed: HostsFile, supplier: Supplier, expectation: Expectation
) -> ContainerReport:
    is_kubelets = isinstance(supplier, Kubelet)
    base = ContainerReport(
        name="",
        managed_by=supplier,
        last_written=expectation.last_written if is_kubelets else LastWritten(),
        drift=False,
        verdict=verdict_on_supplier(supplier, expectation.pod),
        observed=observed,
    )
    if not is_kubelets:
        return replace(base, lines=_lines_of(supplier, observed, expectation.pod))
    drift = find_drift(expectation.file, observed, node=expectation.node.name)
    return replace(
        base,
        drift=drift.found,
        verdict=verdict_on_drift(drift, supplier, expectation.last_written),
        lines=drift.lines,
        notes=drift.notes,
        expected=expectation.file,
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
    is_kubelets = isinstance(supplier, Kubelet)
    verdict = (
        _unread_verdict(why, expectation)
        if is_kubelets or not isinstance(supplier, OwnMount)
        else verdict_on_supplier(supplier, expectation.pod)
    )
    return ContainerReport(
        name="",
        managed_by=supplier,
        last_written=expectation.last_written if is_kubelets else LastWritten(),
        drift=False,
        verdict=verdict,
        unreadable=why,
        lines=predicted_lines(expectation) if is_kubelets else (),
        expected=expectation.file if is_kubelets else None,
    )


def _unread_verdict(why: str, expectation: Expectation) -> Verdict:
    pod = expectation.pod
    if not pod.pod_ips and not pod.host_network and not pod.is_finished:
        return Verdict(
            kind=VerdictKind.NO_FILE,
            sentence=f"has no hosts file yet: the pod has no address ({pod.phase or 'no status'})",
            fix="kubectl describe pod shows what it waits for.",
        )
    return Verdict(
        kind=VerdictKind.COULD_NOT_LOOK, sentence=f"could not look: {why}; predicted only"
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
    lines = predicted_lines(expectation) if is_kubelets else ()
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


def predicted_lines(expectation: Expectation) -> tuple[ReportLine, ...]:
    """The prediction as lines; one line stands for the node's part, which nobody can predict."""
    file = expectation.file
    node = ReportLine(
        number=None,
        text="<the node's /etc/hosts>",
        address="",
        names=(),
        origin=Origin(kind=OriginKind.NODE_HOSTS, object=expectation.node.name),
        status=LineStatus.EXPECTED,
    )
    return (
        *(predicted_line(line) for line in file.lines),
        *((node,) if file.node_part else ()),
        *(predicted_line(line) for line in file.tail),
    )
