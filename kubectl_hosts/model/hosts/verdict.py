"""The one sentence that says whether the file matches the spec, and what is wrong.

A difference is told by what it does to lookups: addresses and names are compared apart, comments
and blank lines are no entries, and what is the same on several lines is said once.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import SHOWN, counted, first_few
from kubectl_hosts.model.hosts.hosts_report import (
    ContainerReport,
    DriftKind,
    HostsReport,
    ReportLine,
    Verdict,
    VerdictKind,
)
from kubectl_hosts.model.hosts.kubelet import ALIASES_COMMENT, LastWritten
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    NodeFile,
    NotStarted,
    OwnMount,
    Runtime,
    Supplier,
    UnknownSupplier,
    describe_supplier,
    volume_words,
)
from kubectl_hosts.model.origin import OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.hosts.drift import Drift
    from kubectl_hosts.model.hosts.kubelet import Expectation

_LONGEST_SHOWN = 80  # characters of a line in a sentence

KEEP_ENTRIES = (
    "Entries that should last belong in spec.hostAliases of the workload, or in cluster DNS; "
    "the next start of any container of the pod writes the kubelet's file again."
)
WRITE_ANEW = "Restart a container of the pod: its start writes the kubelet's file again."
OWN_LINE_BACK = (
    "Take the edit out of what makes it, such as a start script, and restart the container: "
    "hostAliases cannot change the pod's own name."
)
ALIASES_ELSEWHERE = (
    "Put the entries in the volume's own file, or remove the volumeMount to get the kubelet's."
)
A_FILE_THERE = (
    "Name a file of the volume in subPath, or remove the volumeMount to get the kubelet's file."
)
START_ANEW = "Delete the pod (or restart its containers) so that the kubelet mounts its file."
MOUNT_AGAIN = "Restart the container: its start mounts the kubelet's file again."
DESCRIBE = "kubectl describe pod shows what it waits for."
_UNUSED = "hostAliases and the pod's own name do not apply"


def verdict_on_drift(
    drift: Drift,
    supplier: Supplier,
    written: LastWritten,
    *,
    own_names: frozenset[str],
    writing: Sequence[str] = (),
) -> Verdict:
    """The verdict on a file of the kubelet that was read; OWN_NAMES are the pod's.

    WRITING are the containers whose own commands write to it.
    """
    if not drift.found:
        return Verdict(kind=VerdictKind.HOLDS, sentence=f"matches the spec: {count(drift.lines)}")
    differing = [line for line in drift.lines if line.difference is not None]
    if isinstance(supplier, Kubelet) and supplier.replaced:
        why = "the file was replaced on the node after this container started"
    elif all(line.difference is DriftKind.MISSING for line in drift.lines):
        why = "the file is empty: read while the kubelet wrote it, or emptied in the container"
    elif writing:
        why = f"container {writing[0]} writes to it by its own command"
    elif written.or_later:
        why = "a manual edit, gone at the next start of any container"
    else:
        why = "a manual edit, gone at the next container start"
    return Verdict(
        kind=VerdictKind.DIFFERS,
        sentence=f"differs from the spec: {differences(drift.lines)}; {why}",
        fix=_fix_of(differing, own_names),
    )


def _fix_of(differing: Sequence[ReportLine], own_names: frozenset[str]) -> str:
    edited = [line for line in differing if line.difference is not DriftKind.MISSING]
    if any(own_names.intersection(line.names) for line in edited):
        return OWN_LINE_BACK
    has_extra = any(line.difference is DriftKind.EXTRA and line.names for line in differing)
    return KEEP_ENTRIES if has_extra else WRITE_ANEW


def differences(lines: Sequence[ReportLine]) -> str:
    """What differs among LINES, those as they should be included: the gravest first few."""
    differing = [line for line in lines if line.difference is not None]
    if all(line.difference is DriftKind.WHITE_SPACE for line in differing):
        return f"white space alone, in {counted(len(differing), 'line')}"
    entries = [line for line in differing if line.names or line.address]
    if not entries:
        return _of_comments(differing)
    kept = {name for line in lines if line.number is not None for name in line.names}
    said = [
        *_of_missing(_of_kind(entries, DriftKind.MISSING), kept),
        *_of_changed(_of_kind(entries, DriftKind.CHANGED)),
        *_of_extra(_of_kind(entries, DriftKind.EXTRA)),
        *_of_form(_of_kind(entries, DriftKind.REORDERED), "is", "are", "elsewhere than expected"),
        *_of_form(_of_kind(entries, DriftKind.WHITE_SPACE), "differs", "differ", "in white space"),
    ]
    return first_few(said)


def _of_kind(lines: Sequence[ReportLine], kind: DriftKind) -> list[ReportLine]:
    return [line for line in lines if line.difference is kind]


def _of_comments(lines: Sequence[ReportLine]) -> str:
    missing = [shortened(line.text) for line in _of_kind(lines, DriftKind.MISSING)]
    if missing:
        return f"{first_few(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return f"comments and blank lines alone, {_places(lines)}"


def _of_missing(lines: Sequence[ReportLine], kept: set[str]) -> Iterator[str]:
    """Names that are on no line any more; an address where its name has others."""
    gone = dict.fromkeys(
        f"{line.address} {line.names[0]}" if line.names and line.names[0] in kept else name
        for line in lines
        for name in line.names[:1] or (shortened(line.text),)
    )
    if gone:
        yield f"{first_few(list(gone))} {'is' if len(gone) == 1 else 'are'} missing"


def _of_changed(lines: Sequence[ReportLine]) -> Iterator[str]:
    """Each change once, with all lines that have it: the address, or the names, or both."""
    changes: dict[str, list[ReportLine]] = {}
    for line in lines:
        changes.setdefault(_change(line), []).append(line)
    for change, changed in changes.items():
        verb, _, what = change.partition(" ")
        yield f"{_places(changed)} {verb if len(changed) == 1 else _PLURALS[verb]} {what}"


_PLURALS = {"has": "have", "lacks": "lack", "is": "are"}


def _change(line: ReportLine) -> str:
    """What was changed in a line, as a verb and what follows it."""
    address, *names = line.instead_of.split()
    lacking = [name for name in names if name not in line.names]
    added = [name for name in line.names if name not in names]
    if line.address == address and added and lacking:
        return f"has {first_few(added)} instead of {first_few(lacking)}"
    if line.address == address and lacking:
        return f"lacks {first_few(lacking)}"
    if line.address == address and added:
        return f"has {first_few(added)} as well"
    if not lacking and not added and line.address != address:
        return f"has {line.address} for {line.names[0]}, not {address}"
    return f"is changed ({shortened(line.text)}, not {shortened(line.instead_of)})"


def _of_extra(lines: Sequence[ReportLine]) -> Iterator[str]:
    texts: dict[str, list[ReportLine]] = {}
    for line in lines:
        texts.setdefault(shortened(line.text), []).append(line)
    if len(texts) <= SHOWN:
        for text, same in texts.items():
            yield f"{_places(same)} {'is' if len(same) == 1 else 'are'} extra ({text})"
        return
    names = sum(len(line.names) for line in lines)
    yield f"{counted(names, 'name')} are extra ({_places(lines)})"


def _of_form(lines: Sequence[ReportLine], one: str, several: str, how: str) -> Iterator[str]:
    if len(lines) > SHOWN:
        yield f"{_places(lines)} {several} {how}"
        return
    for line in lines:
        yield f"line {line.number} {one} {how} ({shortened(line.text)})"


def _places(lines: Iterable[ReportLine]) -> str:
    """`line 12`, `lines 11-46`, `lines 3, 7-9`."""
    numbers = sorted(line.number for line in lines if line.number is not None)
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ]
    spans = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    shown = ", ".join(spans[:SHOWN]) + (", ..." if len(spans) > SHOWN else "")
    return f"{'line' if len(numbers) == 1 else 'lines'} {shown}"


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
        (of_kubelet, counted(of_kubelet, "kubelet line")),
        (len(of_node), _node_lines(of_node)),
        (pod_ips, counted(pod_ips, "pod IP")),
        (len(aliases), "1 hostAlias" if len(aliases) == 1 else f"{len(aliases)} hostAliases"),
    )
    return ", ".join(words for number, words in parts if number) or "nothing"


def _node_lines(of_node: Sequence[str]) -> str:
    if not any(of_node):
        return "the node's lines"
    return f"{counted(len(of_node), 'line')} of node {of_node[0]}"


def verdict_on_supplier(
    supplier: Supplier, expectation: Expectation, *, differs: bool = False
) -> Verdict:
    """The verdict on a file that is not the kubelet's; DIFFERS from what its volume holds now."""
    namespace = expectation.pod.namespace
    match supplier:
        case OwnMount():
            return _verdict_on_mount(supplier, expectation, differs=differs)
        case NotStarted():
            return _verdict_on_not_started(supplier, namespace)
        case Runtime():
            path = f" ({supplier.path})" if supplier.path else ""
            sentence = f"was written by {supplier.name}{path}, not by the kubelet: {_UNUSED}"
            fix = START_ANEW
        case Image(unmounted=True):
            sentence = (
                "is the container's own file: what was mounted there was unmounted, and no "
                "container start rewrites it"
            )
            fix = MOUNT_AGAIN
        case Image():
            sentence = f"is the image's own file, nothing is mounted there: {_UNUSED}"
            fix = START_ANEW
        case NodeFile():
            sentence = f"is the node's own file (hostProcess): {_UNUSED}"
            fix = ""
        case _:
            what = describe_supplier(supplier, namespace)
            sentence, fix = f"is not known to be the kubelet's: {what}", START_ANEW
    return Verdict(kind=VerdictKind.NOT_THE_KUBELET, sentence=sentence, fix=fix)


def _verdict_on_mount(supplier: OwnMount, expectation: Expectation, *, differs: bool) -> Verdict:
    inside = volume_words(supplier, expectation.pod.namespace)
    if supplier.is_directory:
        how = f"with subPath {supplier.sub_path}" if supplier.sub_path else "without subPath"
        fails = supplier.told_by == "spec"
        most = "; where the image has the file, the container does not start" if fails else ""
        return Verdict(
            kind=VerdictKind.OWN_MOUNT,
            sentence=f"is a directory, not a file: {inside} is mounted there {how}{most}",
            fix=A_FILE_THERE,
        )
    state = "; the volume has newer content" if supplier.outdated or differs else ""
    return Verdict(
        kind=VerdictKind.OWN_MOUNT,
        sentence=f"is the container's own mount ({inside}): {_UNUSED}{state}",
        fix=ALIASES_ELSEWHERE if expectation.pod.host_aliases else "",
    )


def _verdict_on_not_started(supplier: NotStarted, namespace: str) -> Verdict:
    words = volume_words(supplier, namespace)
    reasons = [each for each in (supplier.why, supplier.said) if each]
    return Verdict(
        kind=VerdictKind.NO_FILE,
        sentence=(
            f"does not start: {words} on {supplier.mount_path}: {'; the runtime '.join(reasons)}"
        ),
        fix=fix_of_not_started(supplier),
    )


def fix_of_not_started(supplier: NotStarted) -> str:
    """How the container starts: its files at their own paths, or the volume as it should be."""
    if supplier.mount_path not in {"/", "/etc"}:
        return DESCRIBE
    if supplier.mount_path == "/" or not supplier.paths:
        return f"Mount its files one by one with subPath, not all of {supplier.mount_path}."
    paths = [path for path in supplier.paths if "/" not in path]
    mounts = ", ".join(f"{path} at /etc/{path}" for path in paths[:SHOWN])
    return f"Mount single files with subPath, not the volume on /etc: {mounts}."


def refused_report(namespace: str, name: str, by: str) -> HostsReport:
    """The report on a pod that there will not be: the API server refuses BY, `Deployment web`."""
    sentence = f"the API server refuses {by}: no pod comes of it"
    verdict = Verdict(kind=VerdictKind.REFUSED, sentence=sentence)
    return HostsReport(namespace=namespace, name=name, verdict=verdict)


def unread_report(namespace: str, name: str, failure: CouldNotLook) -> HostsReport:
    """The report on a pod of which nothing is known but why: its object cannot be read, say."""
    verdict = Verdict(kind=VerdictKind.COULD_NOT_LOOK, sentence=failure.why, fix=failure.hint)
    container = ContainerReport(
        name="",
        managed_by=UnknownSupplier(what="not read"),
        last_written=LastWritten(),
        verdict=verdict,
        unreadable=failure.why,
    )
    return HostsReport(
        namespace=namespace,
        name=name,
        verdict=verdict,
        containers=(container,),
        not_checked=(failure,),
    )
