"""The one sentence that says whether the file holds what the spec asks, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.hosts.kubelet import ALIASES_COMMENT
from kubectl_hosts.model.hosts.report import (
    DriftKind,
    HostsReport,
    ReportLine,
    Verdict,
    VerdictKind,
)
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    OwnMount,
    Runtime,
    Supplier,
    describe_supplier,
)
from kubectl_hosts.model.origin import OriginKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.hosts.drift import Drift
    from kubectl_hosts.model.hosts.kubelet import LastWritten
    from kubectl_hosts.model.pod import Pod

SHOWN = 3  # differences named in the sentence; the lines below it show all
_LONGEST_SHOWN = 80  # characters of a line in a sentence

KEEP_ENTRIES = (
    "Entries that should last belong in spec.hostAliases of the workload, or in cluster DNS; "
    "the next start of any container of the pod writes the kubelet's file anew."
)
WRITE_ANEW = "Restart a container of the pod: its start writes the kubelet's file anew."
ALIASES_ELSEWHERE = (
    "Put the entries in the volume's own file, or remove the volumeMount to get the kubelet's."
)
START_ANEW = "Delete the pod (or restart its containers) so that the kubelet mounts its file."


def verdict_on_drift(drift: Drift, supplier: Supplier, written: LastWritten) -> Verdict:
    """The verdict on a file of the kubelet that was read."""
    if not drift.found:
        return Verdict(
            kind=VerdictKind.HOLDS, sentence=f"holds what the spec asks: {count(drift.lines)}"
        )
    differing = [line for line in drift.lines if line.difference is not None]
    what = _differences(differing)
    if isinstance(supplier, Kubelet) and supplier.replaced:
        why = "the file was replaced on the node after this container started"
    elif all(line.difference is DriftKind.MISSING for line in drift.lines):
        why = "the file is empty: read while the kubelet wrote it, or emptied in the container"
    elif written.or_later:
        why = "written by someone in the container, gone at the next start of any container"
    else:
        why = "written by someone in the container, gone at the next container start"
    return Verdict(
        kind=VerdictKind.DIFFERS,
        sentence=f"differs from the spec: {what}; {why}",
        fix=KEEP_ENTRIES if drift.of_kind(DriftKind.EXTRA) else WRITE_ANEW,
    )


def _differences(lines: Sequence[ReportLine]) -> str:
    if all(line.difference is DriftKind.WHITE_SPACE for line in lines):
        return f"white space alone, in {_plural(len(lines), 'line')}"
    telling = [line for line in lines if line.names or line.number is not None] or lines
    shown = ", ".join(_difference(line) for line in telling[:SHOWN])
    more = len(telling) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _difference(line: ReportLine) -> str:
    shown = shortened(line.text)
    match line.difference:
        case DriftKind.MISSING:
            return f"{line.names[0] if line.names else shown} is missing"
        case DriftKind.EXTRA:
            return f"line {line.number} is extra ({shown})"
        case DriftKind.REORDERED:
            return f"line {line.number} stands elsewhere than it should ({shown})"
        case DriftKind.WHITE_SPACE:
            return f"line {line.number} differs in white space ({shown})"
        case _:
            wanted = shortened(line.instead_of)
            return f"line {line.number} is changed ({shown}, not {wanted})"


def shortened(text: str) -> str:
    """A line of a file as a sentence can hold it."""
    shown = text.replace("\t", " ").strip() or "a blank line"
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."


def count(lines: Sequence[ReportLine]) -> str:
    """How many lines stand there from whom: `7 kubelet lines, 1 pod IP, 2 hostAliases`."""
    of_kubelet = sum(
        1
        for line in lines
        if line.origin.kind is OriginKind.KUBELET_BOILERPLATE
        and line.text not in {"", ALIASES_COMMENT}
    )
    of_node = [line.origin.object for line in lines if line.origin.kind is OriginKind.NODE_HOSTS]
    pod_ips = sum(1 for line in lines if line.origin.kind is OriginKind.POD_IP)
    aliases = {line.origin.field for line in lines if line.origin.kind is OriginKind.HOST_ALIAS}
    parts = (
        (of_kubelet, _plural(of_kubelet, "kubelet line")),
        (len(of_node), _node_lines(of_node)),
        (pod_ips, _plural(pod_ips, "pod IP")),
        (len(aliases), "1 hostAlias" if len(aliases) == 1 else f"{len(aliases)} hostAliases"),
    )
    return ", ".join(words for number, words in parts if number) or "nothing"


def _node_lines(of_node: Sequence[str]) -> str:
    if not any(of_node):
        return "the node's lines"
    return f"{_plural(len(of_node), 'line')} of node {of_node[0]}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def verdict_on_supplier(supplier: Supplier, pod: Pod) -> Verdict:
    """The verdict on a file that is not the kubelet's."""
    what = describe_supplier(supplier, pod.namespace)
    unused = "hostAliases and the pod's own name do not apply"
    match supplier:
        case OwnMount():
            inside = what.removeprefix("own mount ")
            directory = "; it is a directory, not a file" if supplier.is_directory else ""
            return Verdict(
                kind=VerdictKind.OWN_MOUNT,
                sentence=f"is the container's own mount {inside}: {unused}{directory}",
                fix=ALIASES_ELSEWHERE if pod.host_aliases or supplier.is_directory else "",
            )
        case Runtime():
            path = f" ({supplier.path})" if supplier.path else ""
            sentence = f"was written by {supplier.name}{path}, not by the kubelet: {unused}"
        case Image():
            sentence = f"is the image's own file, nothing is mounted there: {unused}"
        case _:
            sentence = f"is not known to be the kubelet's: {what}"
    return Verdict(kind=VerdictKind.NOT_THE_KUBELET, sentence=sentence, fix=START_ANEW)


def refused_report(namespace: str, name: str, by: str) -> HostsReport:
    """The report on a pod that there will not be: the API server refuses BY, `Deployment web`."""
    sentence = f"the API server refuses {by}: no pod comes of it"
    verdict = Verdict(kind=VerdictKind.REFUSED, sentence=sentence)
    return HostsReport(namespace=namespace, name=name, verdict=verdict)
