"""`kubectl hosts explain`: what a name resolves to in a pod, and why."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kubectl_hosts.background import Background, map_at_once
from kubectl_hosts.cli.flags import (
    Verb,
    asked,
    check_format,
    check_target,
    color_option,
    connection_options,
    container_option,
    field_selector_option,
    filename_option,
    files,
    no_headers_option,
    one_of,
    output_option,
    take_connection_flags,
    target_options_of,
    typed_again,
)
from kubectl_hosts.cli.hosts import look_at
from kubectl_hosts.cli.session import (
    as_pasted,
    chosen_layout,
    keep_each,
    note,
    note_refused,
    open_backend,
    write,
)
from kubectl_hosts.cli.targets import find_targets, find_vantage, require_namespace
from kubectl_hosts.errors import BadInput, HostsError
from kubectl_hosts.model.explain.inside import diagnose_names
from kubectl_hosts.model.hosts.diagnosis import PodLook
from kubectl_hosts.model.names import NamesAsked, check_name, names_meant
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import Replies
from kubectl_hosts.model.resources import SERVICES, is_resource_name, resource_named
from kubectl_hosts.run import AT_ONCE, Answering, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis, Given, Read
    from kubectl_hosts.report.hosts_one import Layout

    Answers = Callable[[Sequence[Read]], Mapping[Read, Given]]

FORMATS = ("table", "wide", "tree", "mermaid", "short", "json", "yaml", "name")
TYPES = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT")


@click.command(cls=Verb)
@click.argument(
    "names", nargs=-1, required=True, metavar="NAME ...", shell_complete=asked("services")
)
@click.option(
    "--from",
    "source",
    default="",
    metavar="POD|TYPE/NAME",
    help="The pod that asks.",
    shell_complete=asked("sources"),
)
@click.option("-l", "--selector", default="", help="Ask from every pod with these labels.")
@field_selector_option
@click.option("-A", "--all-namespaces", is_flag=True, help="Ask from pods of every namespace.")
@click.option("--all-pods", is_flag=True, help="Ask from every pod of --from, or of the namespace.")
@container_option
@click.option(
    "--type",
    "qtype",
    type=click.Choice(TYPES, case_sensitive=False),
    metavar="TYPE",
    shell_complete=one_of(TYPES),
    help=f"Record type: {', '.join(TYPES)}; without it the addresses of both families.",
)
@click.option(
    "--exit-code", is_flag=True, help="Exit with 1 when a name does not resolve, as getent does."
)
@click.option(
    "--with",
    "with_files",
    multiple=True,
    metavar="FILE",
    help="Explain again as if the manifests of FILE had been applied.",
    shell_complete=files,
)
@filename_option
@output_option(*FORMATS)
@color_option
@no_headers_option
@connection_options
def explain(**given: Any) -> int:  # noqa: ANN401  click's parameters
    """Explain what a name resolves to in a pod, and why.

    \b
    The first line is the answer, and below it what would change it. Then what was
    observed, what was tried, what answered. -o wide has the whole way there, all
    findings, and what could not be checked.
    NAME is relative, absolute (with a final dot), _port._proto.service, an
    address (who owns it?), or a URL, which means its host.

    \b
    Examples:
      # Why does redis resolve to that, in a pod of this Deployment?
      kubectl hosts explain redis --from deploy/web
      # Several names share the reads
      kubectl hosts explain redis db.prod www.example.com --from web-0
      # Do all pods get the same answer, and which one does not?
      kubectl hosts explain redis -l app=web
      # Ports of a Service; who owns an address?
      kubectl hosts explain _http._tcp.web --from web-0
      kubectl hosts explain 10.96.0.10
      # What would change if this were applied?
      kubectl hosts explain redis --from deploy/web --with service.yaml
      # The path as a tree, as a picture; the answer alone, with an exit status
      kubectl hosts explain redis --from web-0 -o tree
      kubectl hosts explain redis --from web-0 -o mermaid
      kubectl hosts explain redis --from web-0 -o short --exit-code
    """
    given["names"] = _names_meant(given["names"])
    given["qtype"] = given["qtype"] or ""
    check_target(given["source"], "explain", given["names"][0], "--from")
    check_format(given["output"], FORMATS)
    return run_explain(given)


def _names_meant(typed: tuple[str, ...]) -> tuple[str, ...]:
    """The names in TYPED, each once. Raises BadInput for what is none."""
    from kubectl_hosts.cli.session import note  # noqa: PLC0415

    names: dict[str, None] = {}
    for each in typed:
        _check_is_no_object(each, [other for other in typed if other != each])
        meant = names_meant(each)
        if meant.note:
            note(meant.note)
        names |= dict.fromkeys(meant.names)
    return tuple(names)


def _check_is_no_object(typed: str, others: list[str]) -> None:
    """Raise BadInput for TYPE/NAME: it stands behind --from, or its name alone was meant."""
    kind, slash, name = typed.partition("/")
    if not slash or not name or not is_resource_name(kind):
        return
    asks = typed_again("explain", others[0] if others else "NAME", "--from", typed)
    if resource_named(kind) == SERVICES and not others:
        its_names = typed_again("names", typed)
        asks = f"{typed_again('explain', name)}; or all its names: {its_names}"
    raise BadInput(
        f"{typed} is an object, not a name to look up", hint=f"Did you mean this? {asks}"
    )


WITH_FORMATS = ("table", "wide", "short", "json", "yaml")


class Explained(NamedTuple):
    """The explanations, and how many pods gave none."""

    explanations: tuple[Explanation, ...]
    many_pods: bool
    interrupted: bool = False
    failed: int = 0
    """Pods that gave none."""

    @property
    def all_found(self) -> bool:
        """Whether every name resolves in every pod, as far as anybody knows."""
        from kubectl_hosts.model.resolver.outcome import Outcome  # noqa: PLC0415

        found = (each.outcome is Outcome.FOUND for each in self.explanations)
        return not self.failed and all(found)


def run_explain(given: dict[str, Any]) -> int:
    """Print why the names resolve to that.

    0; 130 after ^C; with --exit-code 1 unless every name is known to resolve, in every pod.
    """
    names = tuple(check_name(each) for each in given.pop("names"))
    output, color = given.pop("output"), given.pop("color")
    flags = take_connection_flags(given)
    opened = open_backend(flags, given["filenames"])
    note_refused(opened)
    namespace = opened.namespace(flags)
    pods, many = _vantages(opened, given, namespace)
    fails = bool(given["exit_code"])
    if not pods:
        return int(fails)
    look = PodLook(
        given["container"], predict_only=not opened.can_look, placeholders=opened.placeholders
    )
    # The other formats show each step, or go to programs.
    in_brief = output == "table" and not many and not given["with_files"]
    asked = NamesAsked(names, given["qtype"], in_brief)
    layout = chosen_layout(output, color, no_headers=given["no_headers"])
    if given["with_files"]:
        check_format(output, WITH_FORMATS)
        changed = AppliedFiles(tuple(given["with_files"]), namespace)
        return _explain_with(opened, pods, look, asked, changed, layout, fails=fails)
    explained = _explain(opened, pods, look, asked)
    _print(explained._replace(many_pods=many), layout)
    if explained.interrupted:
        return 130
    return int(fails and not explained.all_found)


def _load_what_explains() -> None:
    """The model takes as long to import as a container to answer: that is done meanwhile."""
    import_module("kubectl_hosts.model.explain.diagnosis")
    import_module("kubectl_hosts.report.explanation")


def _loading_what_follows(answering: Answers) -> Answers:
    """ANSWERING; what reads replies is loaded while nameservers are asked."""

    def answer(reads: Sequence[Read]) -> Mapping[Read, Given]:
        if any(isinstance(each, Replies) for each in reads):
            Background(lambda: import_module("dns.message"))
        return answering(reads)

    return answer


def _vantages(
    opened: Opened, given: dict[str, Any], namespace: str
) -> tuple[tuple[Json, ...], bool]:
    """The pods that ask, and whether they are to be compared with each other."""
    selections = ("selector", "field_selector", "all_namespaces", "all_pods")
    if not (given["source"] or any(given[each] for each in selections)):
        pod, said = find_vantage(opened.backend, namespace, running=opened.can_look)
        note(said)
        return (pod,), False
    names = (given["source"],) if given["source"] else ()
    targets = find_targets(opened.backend, target_options_of(given, names, namespace))
    for each in targets.notes:
        note(each)
    if not targets.pods:
        if opened.can_look:
            require_namespace(opened.backend, namespace)
        note(f"No resources found in {namespace} namespace.")
    return targets.pods, len(targets.pods) > 1


def _explain(opened: Opened, pods: Sequence[Json], look: PodLook, asked: NamesAsked) -> Explained:
    answering = Answering(opened.backend)

    def diagnose(obj: Json) -> Diagnosis[tuple[Explanation, ...]]:
        return diagnose_names(parse_pod(obj), look_at(obj, look), asked)

    if len(pods) == 1:
        explaining = Background(lambda: run(diagnose(pods[0]), _loading_what_follows(answering)))
        _load_what_explains()
        if opened.is_live:  # a name that resolves does without it, but the container still answers
            import_module("kubectl_hosts.model.explain.why")
        return Explained(explaining.result(), many_pods=False)

    def explain(obj: Json) -> tuple[Explanation, ...]:
        try:
            return run(diagnose(obj), answering)
        except HostsError as error:
            note(f"error: {error.message}")
            return ()

    loading = Background(_load_what_explains)
    found: dict[int, tuple[Explanation, ...]] = {}
    interrupted = keep_each(
        map_at_once(explain, pods, at_once=AT_ONCE), len(pods), found.__setitem__
    )
    loading.result()
    in_order = tuple(each for index in sorted(found) for each in found[index])
    failed = sum(1 for each in found.values() if not each)
    return Explained(in_order, many_pods=True, interrupted=interrupted, failed=failed)


def _print(explained: Explained, layout: Layout) -> None:
    from kubectl_hosts.report.explanation import print_explanations  # noqa: PLC0415

    single = len(explained.explanations) == 1 and not explained.many_pods
    write(print_explanations(as_pasted(explained.explanations), layout, single=single))


# --- with manifests applied ----------------------------------------------------------------------


class AppliedFiles(NamedTuple):
    """The files of --with, and where objects without a namespace are applied."""

    paths: tuple[str, ...]
    namespace: str

    def __str__(self) -> str:
        """`web.yaml and db.yaml`."""
        return " and ".join("stdin" if each == "-" else each for each in self.paths)


def _explain_with(  # noqa: PLR0913  what `explain` has, and the change
    opened: Opened,
    pods: Sequence[Json],
    look: PodLook,
    asked: NamesAsked,
    change: AppliedFiles,
    layout: Layout,
    *,
    fails: bool,
) -> int:
    """Print the names before and after; --exit-code is about the names as they would be."""
    from kubectl_hosts.model.explain.before_after import diagnose_before_after  # noqa: PLC0415
    from kubectl_hosts.model.explanation import Explanation  # noqa: PLC0415
    from kubectl_hosts.model.resolver.outcome import Outcome  # noqa: PLC0415
    from kubectl_hosts.offline.backend import load_objects  # noqa: PLC0415
    from kubectl_hosts.report.explanation import print_before_after  # noqa: PLC0415

    wanted, _ = load_objects(change.paths, change.namespace, sys.stdin.buffer.read)
    answering = Answering(opened.backend)
    found = [
        each
        for obj in pods
        for each in run(
            diagnose_before_after(parse_pod(obj), look_at(obj, look), asked, wanted), answering
        )
    ]
    write(print_before_after(as_pasted(tuple(found)), str(change), layout, single=len(found) == 1))
    after = [each.after for each in found]
    resolve = (isinstance(e, Explanation) and e.outcome is Outcome.FOUND for e in after)
    return int(fails and not all(resolve))
