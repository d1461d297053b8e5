"""What follows from a hosts file that is not, or not only, the kubelet's: hosts-file.md 2.1, 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.layout import layout_of
from kubectl_hosts.model.hosts.supplier import Image, Kubelet, OwnMount, Runtime
from kubectl_hosts.model.hosts.verdict import ALIASES_ELSEWHERE, START_ANEW, describe_supplier
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.model.hosts.expectation import Expectation
    from kubectl_hosts.model.hosts.report import ContainerReport

# Docker's own layout has the right multicast addresses, which the kubelet never wrote (k/k#5991).
_DOCKERS = ("ff02::1", "ff00::0")


def _own_mount(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S14, S15 (k/k#62579)."""
    pod = expectation.pod
    if not isinstance(report.managed_by, OwnMount):
        return
    mount = describe_supplier(report.managed_by, pod.namespace).removeprefix("own mount ")
    if pod.host_aliases:
        yield Finding(
            reason=Reason.OWN_MOUNT_HIDES_HOST_ALIASES,
            severity=Severity.WARNING,
            message=(
                f"container {report.name} mounts its own hosts file {mount}: "
                f"{len(pod.host_aliases)} of spec.hostAliases do not apply there"
            ),
            fix=ALIASES_ELSEWHERE,
            evidence=(_mount_origin(report, expectation),),
        )
    own = pod.hostname or pod.name
    if report.lines and not any(own in line.names for line in report.lines):
        yield Finding(
            reason=Reason.OWN_NAME_MISSING,
            severity=Severity.INFO,
            message=f"container {report.name}: its hosts file {mount} lacks the pod's name {own}",
            fix="A program that looks up its own host name needs the line, or cluster DNS.",
            evidence=(_mount_origin(report, expectation),),
        )


def _mount_origin(report: ContainerReport, expectation: Expectation) -> Origin:
    if report.lines:
        origin = report.lines[0].origin
        return Origin(kind=origin.kind, object=origin.object, field=origin.field)
    pod = expectation.pod
    return Origin(kind=OriginKind.OWN_MOUNT, object=f"{pod.namespace}/{pod.name}")


def _outdated(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """`//deleted` behind the root of a ConfigMap, Secret or projected volume."""
    if isinstance(report.managed_by, OwnMount) and report.managed_by.outdated:
        volume = report.managed_by.volume
        yield Finding(
            reason=Reason.OUTDATED_VOLUME,
            severity=Severity.WARNING,
            message=(
                f"volume {volume} changed after container {report.name} started: a subPath mount "
                "keeps the old file"
            ),
            fix="Restart the container, or mount the volume's directory without subPath.",
        )


def _directory(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    if isinstance(report.managed_by, OwnMount) and report.managed_by.is_directory:
        yield Finding(
            reason=Reason.DIRECTORY_AT_HOSTS,
            severity=Severity.ERROR,
            message=(
                f"volume {report.managed_by.volume} puts a directory where container "
                f"{report.name} has its hosts file: no subPath, or one that names no key"
            ),
            fix="Set subPath to the file's name in the volume.",
        )


def _read_only(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S57 (kops#3867): ConfigMap, Secret and projected volumes always are."""
    if isinstance(report.managed_by, OwnMount | Runtime) and report.managed_by.read_only:
        yield Finding(
            reason=Reason.READ_ONLY_HOSTS,
            severity=Severity.INFO,
            message=f"container {report.name} cannot write its hosts file: it is mounted read-only",
        )


def _disagreement(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    if isinstance(report.managed_by, OwnMount | Kubelet) and report.managed_by.disagreement:
        yield Finding(
            reason=Reason.MOUNT_DISAGREEMENT,
            severity=Severity.WARNING,
            message=f"container {report.name}: {report.managed_by.disagreement}",
            fix="mountinfo is what the container has; something changed its mounts after the API.",
        )


def _hidden_mount(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """A mountPath that means the same path in other words does not keep the kubelet's file out."""
    container = expectation.pod.container(report.name)
    if container is None or not isinstance(report.managed_by, Kubelet):
        return
    for mount in container.volume_mounts:
        parts = [part for part in mount.mount_path.split("/") if part not in {"", "."}]
        if parts == ["etc", "hosts"] and mount.mount_path != expectation.path:
            yield Finding(
                reason=Reason.HIDDEN_VOLUME_MOUNT,
                severity=Severity.WARNING,
                message=(
                    f"container {report.name} mounts volume {mount.name} at {mount.mount_path}, "
                    "and the kubelet's file lies on top of it"
                ),
                fix=f"Write mountPath as {expectation.path}, exactly.",
            )


def _not_the_kubelets(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S3, S16, S17 (k/k#119852, podman#9500)."""
    if not isinstance(report.managed_by, Runtime | Image):
        return
    layout, _ = layout_of(expectation.node.kubelet_version)
    pod = expectation.pod
    if pod.host_network and not layout.host_network_without_ips:
        yield Finding(
            reason=Reason.STARTED_WITHOUT_ADDRESS,
            severity=Severity.ERROR,
            message=(
                f"container {report.name} started before node {expectation.node.name} had an "
                "address, and kubelets before 1.32 mount no hosts file then"
            ),
            fix="Delete the pod, or restart it on the node if it is a static pod.",
        )
        return
    written = any(line.address in _DOCKERS for line in report.lines)
    docker = "; its ff02:: lines are Docker's" if written else ""
    who = describe_supplier(report.managed_by, pod.namespace)
    yield Finding(
        reason=Reason.NOT_THE_KUBELETS_FILE,
        severity=Severity.ERROR if pod.host_aliases else Severity.WARNING,
        message=(
            f"container {report.name} has the hosts file of its {who}, not the kubelet's: the pod "
            f"had no address when it started, or no kubelet runs it{docker}"
        ),
        fix=START_ANEW,
    )


MOUNT_RULES: tuple[Callable[[ContainerReport, Expectation], Iterator[Finding]], ...] = (
    _own_mount,
    _outdated,
    _directory,
    _read_only,
    _disagreement,
    _hidden_mount,
    _not_the_kubelets,
)
