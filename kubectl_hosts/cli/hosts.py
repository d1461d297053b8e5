"""What `show` and `diff` do: gather, judge, print; each step is somebody else's."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_hosts.background import Background
from kubectl_hosts.cli.flags import check_format, take_connection_flags, take_target_options
from kubectl_hosts.cli.session import (
    Progress,
    note,
    open_backend,
    terminal_width,
    write,
)
from kubectl_hosts.cli.targets import find_targets, only_namespace
from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.containers import defaulted_note
from kubectl_hosts.model.fields import text
from kubectl_hosts.model.hosts.diagnosis import Look, diagnose_hosts, read_evidence
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.run import Answering, run, run_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.cli.targets import TargetOptions, Targets
    from kubectl_hosts.model.api.review import ManifestsVerdict
    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.hosts.report import HostsReport
    from kubectl_hosts.run import Backend


class Printers(NamedTuple):
    """The modules that print one pod, and many: the library for large tables is slow to load."""

    one: str
    many: str


_SHOW = Printers("kubectl_hosts.report.hosts", "kubectl_hosts.report.hosts_fleet")
_DIFF = Printers("kubectl_hosts.cli.differences", "kubectl_hosts.cli.differences")


class Judged(NamedTuple):
    """The reports asked for, and how they were asked for."""

    reports: tuple[HostsReport, ...]
    manifests: ManifestsVerdict | None
    """What the API server would say of the manifests of -f."""
    single: bool
    all_namespaces: bool = False
    interrupted: bool = False


def run_show(given: dict[str, Any], outer: dict[str, Any]) -> int:
    """Print the reports in the format asked for.

    0; 1 where the API server would refuse an object of the manifests; 130 after ^C.
    """
    output, predicts = given.pop("output"), given.pop("expected")
    color, no_headers = given.pop("color"), given.pop("no_headers")
    check_format(output, ("table", "wide", "json", "yaml", "name", "hosts"))
    judged = judge(given, outer, predicts=predicts, printers=_SHOW)
    if judged is None:
        return 0
    refused = judged.manifests.refused if judged.manifests else ()
    from kubectl_hosts.report.hosts import print_reports  # noqa: PLC0415
    from kubectl_hosts.report.hosts_one import Layout  # noqa: PLC0415
    from kubectl_hosts.report.terminal import choose_style  # noqa: PLC0415

    if output == "hosts":
        from kubectl_hosts.cli.one_file import one_file  # noqa: PLC0415

        sys.stdout.buffer.write(one_file(judged.reports, predicts=predicts))
        return 0
    layout = Layout(
        output=output,
        style=choose_style(color, os.environ, is_tty=sys.stdout.isatty()),
        width=terminal_width(),
        headers=not no_headers,
        all_namespaces=judged.all_namespaces,
    )
    write(print_reports(judged.reports, judged.manifests, layout, single=judged.single))
    return 130 if judged.interrupted else bool(refused)


def run_diff(given: dict[str, Any], outer: dict[str, Any]) -> int:
    """Print the differences; 0 none, 1 some, 2 where a container could not be read."""
    output, color = given.pop("output"), given.pop("color")
    check_format(output, ("diff", "json", "yaml"))
    judged = judge(given, outer, predicts=None, printers=_DIFF)
    if judged is None:
        return 0
    from kubectl_hosts.cli.differences import print_differences  # noqa: PLC0415

    return print_differences(judged.reports, output=output, color=color, single=judged.single)


def judge(
    given: dict[str, Any], outer: dict[str, Any], *, predicts: bool | None, printers: Printers
) -> Judged | None:
    """The reports on the pods that the command line chose; None where there are none.

    PREDICTS is None where a prediction alone is of no use: manifests alone raise BadInput then.
    PRINTERS are loaded while the containers are looked at.
    """
    flags = take_connection_flags(given, outer)
    filenames = given.pop("filenames")
    opened = open_backend(flags, filenames)
    can_look = opened.is_live or opened.has_captures
    if predicts is None and not can_look:
        raise BadInput(
            "nothing to compare with: -f has manifests and no capture",
            hint="kubectl hosts show -f prints the prediction; without -f, diff looks inside.",
        )
    options = take_target_options(given, flags.namespace or opened.backend.namespace)
    asked_for_all = options.all_namespaces
    if not opened.is_live and not flags.namespace:
        options = _wherever(opened.backend, options)
    loading = Background(_load_what_looks) if opened.is_live else None
    targets = find_targets(opened.backend, options)
    if loading:
        loading.result()
    for each in targets.notes:
        note(each)
    if not targets.pods and opened.manifests and opened.manifests.refused:
        return Judged((), opened.manifests, single=False)
    if not targets.pods:
        where = "" if options.all_namespaces else f" in {options.namespace} namespace"
        note(f"No resources found{where}.")
        return None
    alone = bool(predicts) or not can_look
    look = Look(given.pop("container"), given.pop("all_containers"), alone)
    judged = _judge_targets(opened, targets, look, printers)
    return judged._replace(all_namespaces=asked_for_all)


def _wherever(files: Backend, options: TargetOptions) -> TargetOptions:
    """Without -n, all that the files hold; names are looked for in their only namespace."""
    if not options.names:
        return options._replace(all_namespaces=True)
    return options._replace(namespace=only_namespace(files) or options.namespace)


def _load_what_looks() -> None:
    """What sends the exec, loaded while the pod is asked for."""
    import_module("kubectl_hosts.probes.files")
    import_module("kubectl_hosts.cluster.exec")


def _judge_targets(opened: Opened, targets: Targets, look: Look, printers: Printers) -> Judged:
    """The reports; of a pod of an object that would be refused there is no more to say."""
    refused, pods = _refused(opened, targets.pods)
    single = len(targets.pods) == 1 and (targets.named or not opened.is_live)
    answering = Answering(opened.backend)
    if single and pods:
        report = _judge_one(answering, pods[0], look, printers.one)
        return Judged((report,), opened.manifests, single=True)
    reports, interrupted = _judge_many(answering, pods, look, printers.many)
    return Judged((*reports, *refused), opened.manifests, single, interrupted=interrupted)


def _refused(
    opened: Opened, pods: tuple[Json, ...]
) -> tuple[tuple[HostsReport, ...], tuple[Json, ...]]:
    """The reports on pods that there will not be, and the other pods."""
    of_pods = opened.manifests.of_pods if opened.manifests else {}
    if not of_pods:
        return (), pods
    from kubectl_hosts.model.hosts.verdict import refused_report  # noqa: PLC0415

    named = [
        ((text(pod, "metadata", "namespace"), text(pod, "metadata", "name")), pod) for pod in pods
    ]
    return (
        tuple(refused_report(*name, of_pods[name]) for name, _ in named if name in of_pods),
        tuple(pod for name, pod in named if name not in of_pods),
    )


def _judge_one(answering: Answering, obj: Json, look: Look, printer: str) -> HostsReport:
    """The report on one pod; what prints it is loaded while the container answers."""
    pod = parse_pod(obj)
    if not look.container and not look.all_containers and defaulted_note(pod):
        note(defaulted_note(pod))
    reporting = Background(lambda: run(diagnose_hosts(pod, look), answering))
    import_module("kubectl_hosts.model.hosts.judge")
    import_module(printer)
    return reporting.result()


def _judge_many(
    answering: Answering, pods: tuple[Json, ...], look: Look, printer: str
) -> tuple[tuple[HostsReport, ...], bool]:
    """The reports in the order of the pods; after ^C those that are known."""
    look = look._replace(one_of_many=True)
    loading = Background(partial(_load_what_judges, printer))
    found: dict[int, HostsReport] = {}
    on_nodes: dict[int, PodEvidence] = {}
    alike: Mapping[tuple[str, str], tuple[str, ...]] | None = None
    progress = Progress(len(pods))
    interrupted = False
    evidence = run_many(lambda obj: read_evidence(parse_pod(obj), look), pods, answering)
    try:
        for index, each in evidence:
            if each.pod.host_network:
                on_nodes[index] = each  # to be compared with the others of its node
            else:
                loading.result()
                alike = _namesakes(pods) if alike is None else alike
                others = alike.get((each.pod.namespace, each.pod.name), ())
                found[index] = _judged(each._replace(namesakes=others))
            progress.step()
    except KeyboardInterrupt:
        interrupted = True
    progress.wipe()
    loading.result()
    from kubectl_hosts.model.hosts.file_rules import with_peers  # noqa: PLC0415

    peers = with_peers(tuple(on_nodes.values()))
    found |= {index: _judged(each) for index, each in zip(on_nodes, peers, strict=True)}
    if interrupted:
        note(f"interrupted: {len(found)} of {len(pods)} pods were read")
    return tuple(found[index] for index in sorted(found)), interrupted


def _namesakes(pods: tuple[Json, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The pods whose host names are cut to the same."""
    from kubectl_hosts.model.hosts.spec_rules import namesakes  # noqa: PLC0415

    return namesakes(
        (
            text(each, "metadata", "namespace"),
            text(each, "metadata", "name"),
            text(each, "spec", "hostname"),
        )
        for each in pods
    )


def _load_what_judges(printer: str) -> None:
    import_module("kubectl_hosts.model.hosts.judge")
    import_module(printer)


def _judged(evidence: PodEvidence) -> HostsReport:
    from kubectl_hosts.model.hosts.judge import judge_hosts  # noqa: PLC0415

    return judge_hosts(evidence)
