"""A pod's hosts files judged from the evidence: one report a container, one verdict, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead, PodEvidence
from kubectl_hosts.model.findings import Finding, Reason, Severity, counted, placed
from kubectl_hosts.model.hosts.drift import Drift, find_drift, find_drift_of_volume
from kubectl_hosts.model.hosts.file import HostsFile, parse_hosts_file
from kubectl_hosts.model.hosts.file_rules import (
    FILE_RULES,
    MOUNT_RULES,
    compare_node_parts,
    volume_origin,
)
from kubectl_hosts.model.hosts.hosts_report import (
    ContainerReport,
    HostsReport,
    ReportLine,
    Verdict,
    VerdictKind,
    predicted_lines,
    report_line,
)
from kubectl_hosts.model.hosts.kubelet import (
    UNNAMED,
    UTS_LIMIT,
    Expectation,
    ExpectedFile,
    ExpectedLine,
    LastWritten,
    expect,
    own_names,
)
from kubectl_hosts.model.hosts.lineage import find_lineage
from kubectl_hosts.model.hosts.spec_rules import ALIAS_RULES, fqdn_too_long, writers
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    NodeFile,
    NotStarted,
    OwnMount,
    Runtime,
    Supplier,
    SupplierEvidence,
    find_supplier,
    not_started,
)
from kubectl_hosts.model.hosts.verdict import count, verdict_on_drift, verdict_on_supplier
from kubectl_hosts.model.hosts.volumes import (
    blocked_by,
    covering_mount,
    file_at,
    file_by_mounts,
    is_one_file,
)
from kubectl_hosts.model.origin import CONFIG_MAP_DATA, Origin, OriginKind
from kubectl_hosts.model.pod import ContainerKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.evidence import ContainerEvidence, FileEvidence
    from kubectl_hosts.model.pod import Container, Pod


MOUNTINFO = "/proc/self/mountinfo"


def judge_container(found: ContainerEvidence, expectation: Expectation) -> ContainerReport:
    """The file of one container: whose it is, and where it differs from what is due there."""
    if found.read_from and not _shows_the_same(found, expectation):
        found = _not_its_own(found, expectation.path)
    hosts = found.file(expectation.path)
    really_read = found.read_from or found.name
    looked = _looked(expectation, really_read, mountinfo=found.file(MOUNTINFO), hosts=hosts)
    blocked = not_started(expectation.pod, found.name, looked) if found.read_from else None
    supplier = blocked or find_supplier(expectation.pod, really_read, looked)
    if isinstance(hosts, FileRead) and not isinstance(supplier, NotStarted):
        expected = _expected(supplier, really_read, expectation)
        observed = parse_hosts_file(hosts.whole_lines, is_cut=hosts.truncated)
        report = _judge_read(observed, supplier, expectation, expected)
        rest = hosts.unread(expectation.path)
        if rest is not None and not report.drift:
            report = _as_far_as_read(report, rest)
    else:
        report = _judge_unread(hosts, supplier, expectation, found.name)
    return replace(report, name=found.name, read_from=found.read_from, via=found.via)


def _looked(
    expectation: Expectation, container: str, *, mountinfo: FileEvidence, hosts: FileEvidence
) -> SupplierEvidence:
    return SupplierEvidence(
        mountinfo=mountinfo,
        hosts=hosts,
        path=expectation.path,
        kubelet_mounts=expectation.kubelet_mounts(container),
        config_maps=expectation.config_maps,
        operating_system=expectation.operating_system,
    )


def _shows_the_same(found: ContainerEvidence, expectation: Expectation) -> bool:
    pod = expectation.pod
    own, other = pod.container(found.name), pod.container(found.read_from)
    return own is None or other is None or is_one_file(pod, own, other, expectation.path)


def _not_its_own(found: ContainerEvidence, path: str) -> ContainerEvidence:
    # A sibling's file tells nothing of a container with a mount of its own there.
    why = f"container {found.name} mounts its own file there, and it could not be read"
    return found._replace(files=(), read_from="", failure=CouldNotLook(what=path, why=why))


def _expected(supplier: Supplier, container: str, expectation: Expectation) -> ExpectedFile | None:
    """The file that is due in the container: the kubelet's, or what its own volume holds."""
    if isinstance(supplier, OwnMount) and not supplier.disagreement:
        return _volume_file(supplier, container, expectation)
    due = isinstance(supplier, Kubelet) or expectation.kubelet_mounts(container)
    return expectation.file if due else None


def _volume_file(
    supplier: OwnMount, container: str, expectation: Expectation
) -> ExpectedFile | None:
    pod = expectation.pod
    covering = covering_mount(pod, pod.container(container), expectation.path)
    content = file_at(pod, covering, expectation.config_maps) if covering else None
    if not isinstance(content, FileRead):
        return None
    origin = _origin_of(supplier, pod)
    lines = parse_hosts_file(content.data).lines
    return ExpectedFile(
        lines=tuple(
            ExpectedLine(text=line.text, origin=replace(origin, line=line.number), written=line.raw)
            for line in lines
        ),
        ends_in_newline=all(line.ended for line in lines),
    )


def _written_by(container: str, line: ReportLine) -> ReportLine:
    """LINE; where no spec has it, as that of the CONTAINER whose command writes to the file."""
    is_foreign = line.origin.kind is OriginKind.FOREIGN
    return replace(line, origin=replace(line.origin, object=container)) if is_foreign else line


def _judge_read(
    observed: HostsFile,
    supplier: Supplier,
    expectation: Expectation,
    expected: ExpectedFile | None,
) -> ContainerReport:
    """A file that was read; compared with the one that is due there, where that is known."""
    pod = expectation.pod
    written = LastWritten()
    if isinstance(supplier, Kubelet):
        drift = find_drift(expectation.file, observed, node=expectation.node.name)
        written = expectation.last_written
        writing = tuple(each.name for each in writers(expectation))
        verdict = verdict_on_drift(
            drift, supplier, written, own_names=own_names(expectation), writing=writing
        )
        if writing:
            drift = replace(drift, lines=tuple(_written_by(writing[0], e) for e in drift.lines))
    elif isinstance(supplier, OwnMount) and expected is not None:
        drift = find_drift_of_volume(expected, observed, _origin_of(supplier, pod))
        verdict = verdict_on_supplier(supplier, expectation, differs=drift.found)
    else:
        drift = Drift(lines=_lines_of(supplier, observed, pod))
        verdict = verdict_on_supplier(supplier, expectation)
    is_different = drift.found
    if expected is not None and not isinstance(supplier, Kubelet | OwnMount):
        is_different = find_drift(expected, observed, node=expectation.node.name).found
    return ContainerReport(
        name="",
        managed_by=supplier,
        last_written=written,
        drift=is_different,
        verdict=verdict,
        lines=drift.lines,
        notes=drift.notes,
        expected=expected,
        observed=observed,
    )


def _as_far_as_read(report: ContainerReport, rest: CouldNotLook) -> ContainerReport:
    """A file whose lines are as expected, as far as they were read: REST may be anything."""
    why = f"{rest.what} was not read: {rest.why}"
    if report.expected is None:
        return replace(report, unreadable=why)
    verdict = Verdict(kind=VerdictKind.COULD_NOT_LOOK, sentence=f"could not look: {why}")
    return replace(report, unreadable=why, verdict=verdict)


def _lines_of(supplier: Supplier, observed: HostsFile, pod: Pod) -> tuple[ReportLine, ...]:
    origin = _origin_of(supplier, pod)
    return tuple(report_line(line, replace(origin, line=line.number)) for line in observed.lines)


def _origin_of(supplier: Supplier, pod: Pod) -> Origin:
    if isinstance(supplier, OwnMount) and supplier.source == "configMap":
        config_map = f"{pod.namespace}/{supplier.refers_to}"
        return Origin(kind=OriginKind.OWN_MOUNT, object=config_map, field=CONFIG_MAP_DATA)
    if isinstance(supplier, OwnMount):
        return volume_origin(pod, supplier.volume)
    kinds = {
        Runtime: OriginKind.RUNTIME,
        Image: OriginKind.IMAGE,
        NodeFile: OriginKind.NODE_HOSTS,
    }
    return Origin(kind=kinds.get(type(supplier), OriginKind.UNKNOWN), object=pod.object)


def _judge_unread(
    hosts: FileEvidence, supplier: Supplier, expectation: Expectation, container: str
) -> ContainerReport:
    """A file that could not be read: the prediction alone, where it is known what is due."""
    match hosts:
        case FileAbsent():
            why, hint = "no such file", ""
        case CouldNotLook():
            why, hint = hosts.why, hosts.hint
        case FileRead():
            why, hint = "the container does not run", ""
    expected = _expected_unread(supplier, container, expectation)
    match supplier:
        case OwnMount():
            verdict = _unread_mount_verdict(why, hint, supplier, expectation)
        case NotStarted() | NodeFile():
            verdict = verdict_on_supplier(supplier, expectation)
        case _:
            verdict = _unread_verdict(why, hint, expectation)
    return ContainerReport(
        name="",
        managed_by=supplier,
        last_written=expectation.last_written if isinstance(supplier, Kubelet) else LastWritten(),
        verdict=verdict,
        unreadable=why,
        lines=predicted_lines(expected, node=expectation.node.name) if expected else (),
        expected=expected,
    )


def _expected_unread(
    supplier: Supplier, container: str, expectation: Expectation
) -> ExpectedFile | None:
    is_known = isinstance(supplier, Kubelet | OwnMount)
    return _expected(supplier, container, expectation) if is_known else None


def _unread_mount_verdict(
    why: str, hint: str, supplier: OwnMount, expectation: Expectation
) -> Verdict:
    verdict = verdict_on_supplier(supplier, expectation)
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
    looked = _looked(expectation, container.name, mountinfo=nobody, hosts=nobody)
    supplier = find_supplier(expectation.pod, container.name, looked)
    expected = _expected_unread(supplier, container.name, expectation)
    lines = predicted_lines(expected, node=expectation.node.name) if expected else ()
    return ContainerReport(
        name=container.name,
        managed_by=supplier,
        last_written=LastWritten(),
        verdict=_predicted_verdict(container, supplier, lines, expectation),
        lines=lines,
        expected=expected,
    )


def _predicted_verdict(
    container: Container,
    supplier: Supplier,
    lines: tuple[ReportLine, ...],
    expectation: Expectation,
) -> Verdict:
    match supplier:
        case Kubelet():
            blocked = blocked_by(expectation.pod, container, expectation.config_maps)
            may_not_start = blocked is not None and not expectation.is_windows
            condition = " if the container starts" if may_not_start else ""
            writing = writers(expectation)
            until = f" until container {writing[0].name} writes to it" if writing else ""
            sentence = f"will match the spec{condition or until}: {count(lines)}"
            return Verdict(kind=VerdictKind.PREDICTED, sentence=sentence)
        case OwnMount():
            verdict = verdict_on_supplier(supplier, expectation)
            if supplier.is_directory:
                return verdict
            content = counted(len(lines), "line") if lines else "its content is not known"
            return replace(verdict, sentence=f"{verdict.sentence}; {content}")
        case _:
            return verdict_on_supplier(supplier, expectation)


class PredictedFile(NamedTuple):
    """What a container's hosts file will hold, as bytes; `unknown` names what nobody read.

    Where the node's part of a hostNetwork file is unknown, data has the rest of it; where the
    file itself is not known, or there will be none, data is empty.
    """

    data: bytes
    unknown: CouldNotLook | None = None
    to_come: tuple[str, ...] = ()
    """The pod's own names, where it has no address yet: their lines are in no data."""
    lacks_node_part: bool = False
    """Whether what is unknown is but the node's own file, with which this one begins."""


def predict_file(evidence: PodEvidence, container: str) -> PredictedFile:
    """The hosts file of a container as its spec has it, for whoever resolves names with it.

    Raises BadInput where the kubelet refuses the pod for its hostname or subdomain.
    """
    expectation = expect(evidence)
    pod = expectation.pod
    named = pod.container(container) or UNNAMED
    report = predict_container(named, expectation)
    if report.expected is not None:
        hole = CouldNotLook(what="the node's /etc/hosts", why="the node's /etc/hosts was not read")
        awaited = (line.text for line in report.expected.lines if line.to_come)
        return PredictedFile(
            report.expected.to_bytes(),
            hole if report.expected.node_part else None,
            tuple(name for text in awaited for name in text.split("\t")[1:]),
            lacks_node_part=bool(report.expected.node_part),
        )
    content = file_by_mounts(pod, named, expectation.path, expectation.config_maps)
    if isinstance(report.managed_by, OwnMount) and isinstance(content, CouldNotLook):
        return PredictedFile(b"", content)
    return PredictedFile(b"", CouldNotLook(what=expectation.path, why=report.verdict.sentence))


# The verdict of the pod is that of its container whose verdict stands first here.
_WORST_FIRST = (
    VerdictKind.DIFFERS,
    VerdictKind.NOT_THE_KUBELET,
    VerdictKind.NO_FILE,
    VerdictKind.OWN_MOUNT,
    VerdictKind.COULD_NOT_LOOK,
    VerdictKind.HOLDS,
    VerdictKind.PREDICTED,
)
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def judge_hosts(evidence: PodEvidence) -> HostsReport:
    """The pod's hosts files against its spec; with no container in the evidence, the prediction.

    Containers that share the kubelet's file are judged once. Raises BadInput where the kubelet
    refuses the pod for its hostname or subdomain.
    """
    expectation = expect(evidence)
    if evidence.containers:
        containers = tuple(judge_container(each, expectation) for each in evidence.containers)
    else:
        containers = tuple(
            predict_container(each, expectation)
            for each in expectation.pod.containers
            if each.name in evidence.chosen
            or (not evidence.chosen and each.kind is not ContainerKind.EPHEMERAL)
        )
    if (too_long := fqdn_too_long(expectation)) and not expectation.pod.pod_ips:
        containers = tuple(_never_started(each, len(too_long.fqdn)) for each in containers)
    containers = _judged_once(containers)
    return HostsReport(
        namespace=evidence.pod.namespace,
        name=evidence.pod.name,
        path=expectation.path,
        verdict=_verdict_of(containers),
        containers=containers,
        findings=_find(evidence, expectation, containers),
        not_checked=_not_checked(evidence) if evidence.containers else (),
        assumptions=expectation.file.assumptions,
    )


def _never_started(report: ContainerReport, length: int) -> ContainerReport:
    sentence = f"never starts: its FQDN has {length} characters, and the kernel takes {UTS_LIMIT}"
    verdict = Verdict(kind=VerdictKind.NO_FILE, sentence=sentence)
    return replace(report, verdict=verdict, lines=(), expected=None)


def _judged_once(containers: tuple[ContainerReport, ...]) -> tuple[ContainerReport, ...]:
    """Those that share one kubelet's file name the first of them, and have its lines.

    One that could not be read shares the file of one that was: hosts-file.md 2.4.
    """
    sharing = [each for each in containers if _shares_kubelets_file(each)]
    first = next((each for each in sharing if each.observed is not None), None)
    first = first or next(iter(sharing), None)
    if first is None:
        return containers
    return tuple(
        replace(
            first,
            name=each.name,
            same_as=first.name,
            unreadable=each.unreadable,
            managed_by=each.managed_by,
            read_from=each.read_from,
            via=each.via,
        )
        if each is not first
        and _shares_kubelets_file(each)
        and (each.observed is None or each.observed == first.observed)
        else each
        for each in containers
    )


def _shares_kubelets_file(report: ContainerReport) -> bool:
    return isinstance(report.managed_by, Kubelet) and not report.managed_by.replaced


def _verdict_of(containers: tuple[ContainerReport, ...]) -> Verdict:
    judged = [each for each in containers if not each.same_as]
    if not judged:
        return Verdict(kind=VerdictKind.NO_FILE, sentence="has no containers")
    worst = min(judged, key=lambda each: _WORST_FIRST.index(each.verdict.kind))
    if len({each.verdict.kind for each in judged}) == 1:
        return worst.verdict
    has_path = worst.verdict.kind not in {VerdictKind.NO_FILE, VerdictKind.COULD_NOT_LOOK}
    where = f"in container {worst.name}" if has_path else f"container {worst.name}:"
    return replace(worst.verdict, sentence=f"{where} {worst.verdict.sentence}")


def _find(
    evidence: PodEvidence, expectation: Expectation, containers: tuple[ContainerReport, ...]
) -> tuple[Finding, ...]:
    judged = tuple(each for each in containers if not each.same_as)
    pod = evidence.pod
    aliases = Origin(kind=OriginKind.POD_SPEC, object=pod.object, field="spec.hostAliases")
    of_spec = [finding for rule in ALIAS_RULES for finding in rule(expectation)]
    of_files = [
        *(
            finding
            for each in judged
            for rule in (*FILE_RULES, *MOUNT_RULES)
            for finding in rule(each, expectation)
        ),
        *_containers_differ(judged),
        *compare_node_parts(expectation, judged, evidence.peers),
    ]
    found = [
        *placed(of_spec, aliases),
        *placed(of_files, Origin(kind=OriginKind.HOSTS_FILE, object=expectation.path)),
        *placed(find_lineage(evidence), aliases),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: _SEVERITIES.index(each.severity)))


def _containers_differ(judged: tuple[ContainerReport, ...]) -> Iterator[Finding]:
    """hosts-file.md 2.4: one file a pod, so two texts of the kubelet's are never an accident."""
    texts = {
        each.name: each.observed
        for each in judged
        if isinstance(each.managed_by, Kubelet) and each.observed is not None
    }
    if len(set(texts.values())) > 1:
        yield Finding(
            reason=Reason.CONTAINERS_DIFFER,
            severity=Severity.WARNING,
            message=(
                f"containers {', '.join(texts)} should share one hosts file: "
                "it was replaced on the node, or written between two reads"
            ),
            fix="Look again; if they still differ, restart the older container.",
        )


def _not_checked(evidence: PodEvidence) -> tuple[CouldNotLook, ...]:
    """All that nobody could look at, each once."""
    others = (evidence.node, evidence.template, *evidence.refused)
    missed = (
        *(missing for each in evidence.containers for missing in _not_looked_at(each)),
        *(each for each in others if isinstance(each, CouldNotLook)),
    )
    return tuple(dict.fromkeys(missed))


def _not_looked_at(container: ContainerEvidence) -> Iterator[CouldNotLook]:
    if container.failure is not None:
        yield container.failure
    elif MOUNTINFO not in dict(container.files):
        yield CouldNotLook(what=f"{MOUNTINFO} in {container.name}", why="it was not read")
    for path, found in container.files:
        if isinstance(found, CouldNotLook):
            yield found
        elif isinstance(found, FileRead) and (rest := found.unread(path)):
            yield replace(rest, what=f"{rest.what} in {container.name}")
