"""What `show` and `diff` share: the pods that are meant, and a report on each."""

from __future__ import annotations

from bisect import insort
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_hosts.background import Background
from kubectl_hosts.cli.flags import take_connection_flags, target_options_of
from kubectl_hosts.cli.session import as_pasted, keep_each, note, open_backend
from kubectl_hosts.cli.targets import Targets, find_targets, require_namespace
from kubectl_hosts.errors import BadInput, HostsError
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import name_of, text
from kubectl_hosts.model.findings import counted
from kubectl_hosts.model.hosts.diagnosis import PodLook, diagnose_hosts, read_evidence
from kubectl_hosts.model.pod import FINISHED_PHASES, defaulted_note, parse_pod
from kubectl_hosts.run import Answering, run, run_many

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.cli.targets import TargetOptions
    from kubectl_hosts.model.api.review import ManifestsVerdict
    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.hosts.hosts_report import HostsReport
    from kubectl_hosts.model.reads import Diagnosis


class Wanted(NamedTuple):
    """What a verb wants of the pods that are chosen."""

    printer: str
    """The module that prints them: it is loaded while the containers are looked at."""
    predicts: bool = False
    """Nobody is to look: the prediction alone."""
    compares: bool = False
    """A prediction alone is of no use: all pods of a workload are compared, those that run."""
    all_lines: bool = True
    """The lines of every file are printed; else those of the first pods that differ."""
    as_printed: Callable[[HostsReport], HostsReport] | None = None
    """Takes out of a report what it prints of it, so that no file is held in two forms."""


class HostsReports(NamedTuple):
    """The reports asked for, and how they were asked for."""

    reports: tuple[HostsReport, ...]
    manifests: ManifestsVerdict | None
    """What the API server would say of the manifests of -f."""
    single: bool
    targets: Targets = Targets((), named=False)
    all_namespaces: bool = False
    interrupted: bool = False


def judge(given: dict[str, Any], wanted: Wanted) -> HostsReports | None:
    """The reports on the pods that the command line chose; None where there are none, said so.

    Raises NotFound for a namespace that is not there, BadInput where there is nothing to compare.
    """
    flags = take_connection_flags(given)
    filenames = given.pop("filenames")
    opened = open_backend(flags, filenames)
    if wanted.compares and not opened.can_look:
        raise BadInput(
            "nothing to compare with: -f has manifests and no capture",
            hint="kubectl hosts show -f prints the prediction; without -f, diff looks inside.",
        )
    options = target_options_of(given, given["targets"], opened.namespace(flags))
    asked_for_all = options.all_namespaces
    if not (opened.is_live or flags.namespace or options.names):
        options = options._replace(all_namespaces=True)  # all that the files hold
    options = options._replace(
        all_pods=options.all_pods or wanted.compares, predicts=not wanted.compares
    )
    loading = Background(_load_what_looks) if opened.is_live else None
    targets = find_targets(opened.backend, options)
    if wanted.compares:
        targets = _without_finished(targets)
    if loading:
        loading.result()
    for each in targets.notes:
        note(each)
    if not targets.pods and opened.manifests and opened.manifests.refused:
        return HostsReports((), opened.manifests, single=False)
    if not targets.pods:
        _say_that_there_is_none(opened, options, targets)
        return None
    alone = wanted.predicts or not opened.can_look
    look = PodLook(
        given.pop("container"),
        given.pop("all_containers"),
        alone,
        placeholders=opened.placeholders,
    )
    judged = _judge_targets(opened, targets, look, wanted)
    return judged._replace(reports=as_pasted(judged.reports), all_namespaces=asked_for_all)


def _without_finished(targets: Targets) -> Targets:
    """TARGETS without the pods that have ended, unless they were named, and a note of them."""
    left = tuple(
        each
        for each in targets.pods
        if _plain(each, "status", "phase") not in FINISHED_PHASES
        or name_of(each)[1] in targets.pods_named
    )
    count = len(targets.pods) - len(left)
    if not count:
        return targets
    said = f"skipped {counted(count, 'finished pod')}: a finished pod has no file to read"
    return targets._replace(pods=left, notes=(*targets.notes, said))


def _say_that_there_is_none(opened: Opened, options: TargetOptions, targets: Targets) -> None:
    """Say that no pod was chosen. Raises NotFound where there is no such namespace.

    Manifests have pods in namespaces that they do not declare, so that nothing is said of those.
    """
    if targets.notes:
        return
    if options.all_namespaces:
        note("No resources found.")
        return
    if opened.can_look:
        require_namespace(opened.backend, options.namespace)
    note(f"No resources found in {options.namespace} namespace.")


def _load_what_looks() -> None:
    """What sends the exec, loaded while the pod is asked for."""
    import_module("kubectl_hosts.probes.files")
    import_module("kubectl_hosts.cluster.exec")


def _judge_targets(opened: Opened, targets: Targets, look: PodLook, wanted: Wanted) -> HostsReports:
    """The reports; of a pod of an object that would be refused there is no more to say.

    Raises BadInput for the only pod where its object has fields of the wrong type; one of several
    has a row that says so.
    """
    refused, pods = _refused(opened, targets.pods)
    several = len(targets.pods) > 1
    single = not several and (targets.named or not opened.is_live)
    if not several:
        for each in pods:
            parse_pod(each)
    answering = Answering(opened.backend)
    if single and pods:
        report = _judge_one(answering, pods[0], look, wanted.printer)
        return HostsReports((report,), opened.manifests, single=True, targets=targets)
    kept = _Kept(wanted)
    interrupted = _judge_many(answering, pods, look, wanted.printer, kept)
    judged = HostsReports((*kept.reports(), *refused), opened.manifests, single, targets)
    return judged._replace(interrupted=interrupted)


def _refused(
    opened: Opened, pods: tuple[Json, ...]
) -> tuple[tuple[HostsReport, ...], tuple[Json, ...]]:
    """The reports on pods that there will not be, and the other pods."""
    of_pods = opened.manifests.of_pods if opened.manifests else {}
    if not of_pods:
        return (), pods
    from kubectl_hosts.model.hosts.verdict import refused_report  # noqa: PLC0415

    named = [(name_of(pod), pod) for pod in pods]
    return (
        tuple(refused_report(*name, of_pods[name]) for name, _ in named if name in of_pods),
        tuple(pod for name, pod in named if name not in of_pods),
    )


def _judge_one(answering: Answering, obj: Json, look: PodLook, printer: str) -> HostsReport:
    """The report on one pod; what prints it is loaded while the container answers."""
    pod, look = parse_pod(obj), look_at(obj, look)
    if not look.container and not look.all_containers and defaulted_note(pod):
        note(defaulted_note(pod))
    reporting = Background(lambda: run(diagnose_hosts(pod, look), answering))
    _load_what_judges(printer)
    return reporting.result()


def look_at(obj: Json, look: PodLook) -> PodLook:
    """LOOK, but of a pod that does not exist yet there is a prediction and no more."""
    if text(obj, "metadata", "uid"):
        return look
    from kubectl_hosts.model.workload import is_predicted  # noqa: PLC0415  few have no pod

    return look._replace(predict_only=True) if is_predicted(obj) else look


def _judge_many(
    answering: Answering, pods: tuple[Json, ...], look: PodLook, printer: str, kept: _Kept
) -> bool:
    """Keep the reports of PODS, each as it is known; whether ^C came before the last."""
    look = look._replace(one_of_many=True)
    loading = Background(partial(_load_what_judges, printer))
    on_nodes: dict[int, PodEvidence] = {}
    alike: Mapping[tuple[str, str], tuple[str, ...]] | None = None

    def keep(index: int, each: PodEvidence | CouldNotLook) -> None:
        nonlocal alike
        if isinstance(each, CouldNotLook):
            loading.result()
            kept.add(index, _unread(pods[index], each))
        elif each.pod.host_network:
            on_nodes[index] = each  # to be compared with the others of its node
        else:
            loading.result()
            alike = _namesakes(pods) if alike is None else alike
            others = alike.get((each.pod.namespace, each.pod.name), ())
            kept.add(index, _judged(pods[index], each._replace(namesakes=others)))

    interrupted = keep_each(run_many(partial(_read, look), pods, answering), len(pods), keep)
    loading.result()
    from kubectl_hosts.model.hosts.file_rules import with_peers  # noqa: PLC0415

    peers = with_peers(tuple(on_nodes.values()))
    for index, each in zip(on_nodes, peers, strict=True):
        kept.add(index, _judged(pods[index], each))
    return interrupted


def _read(look: PodLook, obj: Json) -> Diagnosis[PodEvidence | CouldNotLook]:
    """The evidence of one pod among others, whose failure is a value."""
    try:
        return (yield from read_evidence(parse_pod(obj), look_at(obj, look)))
    except HostsError as error:
        return _failure(obj, error)


def _failure(obj: Json, error: HostsError) -> CouldNotLook:
    what = f"pod {'/'.join(name_of(obj))}"
    return CouldNotLook(what=what, why=error.message, hint=error.hint, reason=error.reason)


def _unread(obj: Json, failure: CouldNotLook) -> HostsReport:
    from kubectl_hosts.model.hosts.verdict import unread_report  # noqa: PLC0415  few are

    return unread_report(*name_of(obj), failure)


_LONGEST_KEPT = 10_000
"""Lines of one pod's files that are printed below a fleet's table, folded; `show POD` has all."""


class _Kept:
    """What is kept of the reports of a fleet, by the places of their pods.

    The lines of a file are most of a report's size: without `all_lines` those of the first pods
    that differ are kept, as report/hosts.py prints them, and of very long files none.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._reports: dict[int, HostsReport] = {}
        self._differ: list[int] = []

    def add(self, place: int, report: HostsReport) -> None:
        """Keep REPORT, the one on the pod at PLACE."""
        as_printed = self._wanted.as_printed
        self._reports[place] = as_printed(report) if as_printed else report
        if self._wanted.all_lines:
            return
        from kubectl_hosts.model.hosts.hosts_report import VerdictKind, without_lines  # noqa: PLC0415
        from kubectl_hosts.report.hosts import SHOWN  # noqa: PLC0415  loaded by now

        ready = [place]
        if report.verdict.kind is VerdictKind.DIFFERS:
            insort(self._differ, place)
            is_long = sum(len(each.lines) for each in report.containers) > _LONGEST_KEPT
            ready = [*(ready if is_long else ()), *self._differ[SHOWN:]]
            del self._differ[SHOWN:]
        for each in ready:
            self._reports[each] = without_lines(self._reports[each])

    def reports(self) -> tuple[HostsReport, ...]:
        """The reports in the order of the pods."""
        return tuple(self._reports[place] for place in sorted(self._reports))


def _namesakes(pods: tuple[Json, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The pods whose host names are cut to the same; one that cannot be read is nobody's."""
    from kubectl_hosts.model.hosts.spec_rules import namesakes  # noqa: PLC0415

    return namesakes((*name_of(each), _plain(each, "spec", "hostname")) for each in pods)


def _plain(obj: Json, *path: str) -> str:
    """The text at PATH, "" for none: objects that cannot be read have a row of their own."""
    try:
        return text(obj, *path)
    except BadInput:
        return ""


def _load_what_judges(printer: str) -> None:
    import_module("kubectl_hosts.model.hosts.judge")
    import_module(printer)


def _judged(obj: Json, evidence: PodEvidence) -> HostsReport:
    """The report on one pod among others; a spec that no API server takes has no file."""
    from kubectl_hosts.model.hosts.judge import judge_hosts  # noqa: PLC0415

    try:
        return judge_hosts(evidence)
    except HostsError as error:
        return _unread(obj, _failure(obj, error))
