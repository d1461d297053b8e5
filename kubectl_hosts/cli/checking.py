"""What `check` does: list, find mentions, diagnose, print; each step is somebody else's."""

from __future__ import annotations

import gc
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec.structs import replace

from kubectl_hosts.background import map_at_once
from kubectl_hosts.cli.flags import take_connection_flags
from kubectl_hosts.cli.session import as_pasted, chosen_layout, keep_each, open_backend, write
from kubectl_hosts.cli.targets import (
    joined_names,
    parse_target,
    require_namespace,
    target_meant,
)
from kubectl_hosts.errors import BadInput, HostsError, object_not_found
from kubectl_hosts.model.check.around import diagnose_cluster_dns
from kubectl_hosts.model.check.conclusion import (
    ASSUMPTIONS,
    BesideSubjects,
    IgnoreRule,
    conclude,
    parse_ignore,
    without_passwords,
)
from kubectl_hosts.model.check.diagnosis import (
    SubjectReport,
    diagnose_reference,
    diagnose_subject,
)
from kubectl_hosts.model.check.inventory import Inventory, from_inventory, lists_in
from kubectl_hosts.model.check.subjects import Choice, Subject, find_subjects
from kubectl_hosts.model.cluster_dns.locate import ASSUMED
from kubectl_hosts.model.control_plane import identity
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import name_of, object_in_words, text
from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.reads import Objects, noting_refusals
from kubectl_hosts.model.resources import RESOURCES, WORKLOADS, Selection, kind_of, with_types
from kubectl_hosts.model.selectors import label_selector
from kubectl_hosts.probes.ports import could_not_look
from kubectl_hosts.run import AT_ONCE, Answering, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.cli.session import Opened
    from kubectl_hosts.cluster.connection_flags import ConnectionFlags
    from kubectl_hosts.model.check.check_report import CheckReport, ObjectRef
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.check.subjects import ServiceReference, Subjects
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.origin import Origin
    from kubectl_hosts.model.reads import Diagnosis
    from kubectl_hosts.model.what_if import ToApply, World
    from kubectl_hosts.offline.documents import Placed

    _Lists = dict[str, tuple[Json, ...] | CouldNotLook]

T = TypeVar("T")
Mentions = tuple["Mention", ...]
# A CronJob and the like, and a pod that nothing owns.
_STARTS = frozenset({"Pod", *WORKLOADS})
_LISTED = ("Pod", "Service", "EndpointSlice", *sorted(WORKLOADS), "Namespace", "Node")
_REFERRING = (
    *("Ingress", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"),
)


class Scope(NamedTuple):
    """Where objects are listed ("" for everywhere), and which are chosen by name.

    others are the namespaces that manifests change besides.
    """

    namespace: str
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def namespaces(self) -> tuple[str, ...]:
        """All that are listed; none for everywhere."""
        return tuple(dict.fromkeys((self.namespace, *self.others))) if self.namespace else ()


def run_check(given: dict[str, Any]) -> int:
    """Print the report; 0 clean, 1 problems at or above --fail-on, 130 after ^C."""
    output, color = given.pop("output"), given.pop("color")
    rules = tuple(map(parse_ignore, given["ignored"]))
    flags = take_connection_flags(given)
    # Ingresses, webhooks and custom resources mention names, too.
    opened = open_backend(flags, given["filenames"], needs_pods=False)
    scope = _scope(opened, given, flags)
    report, interrupted, _ = _check(opened, scope, given, rules)
    _print(report, output=output, color=color, no_headers=given["no_headers"])
    if interrupted:
        return 130
    worst = {Severity.ERROR} if given["fail_on"] == "error" else {Severity.ERROR, Severity.WARNING}
    return int(any(each.severity in worst for each in report.problems))


def _scope(opened: Opened, given: dict[str, Any], flags: ConnectionFlags) -> Scope:
    names, namespace = joined_names(given["targets"]), flags.namespace
    if names and (given["selector"] or given["all_namespaces"]):
        raise BadInput(
            "name cannot be provided when a selector is specified",
            hint="Give POD or TYPE/NAME, or -l and -A; not both.",
        )
    if given["all_namespaces"]:
        return Scope("", names)
    if opened.has_captures and not namespace:
        return Scope(opened.captured_namespace, names)
    if not opened.is_live and not namespace:
        return Scope(opened.namespace(flags) if names else "", names)
    return Scope(opened.namespace(flags), names)


def record_check(opened: Opened, namespace: str) -> tuple[Mapping[ObjectRef, Mentions], bool]:
    """What a check of NAMESPACE reads, for the recorder that OPENED has; what workloads mention."""
    given = {"changed": (), "selector": "", "configmaps": False, "no_exec": False}
    checked = _check(opened, Scope(namespace), given, ())
    mentions = {
        each.object: tuple(map(without_passwords, each.mentions))
        for each in checked.subjects.subjects
        if each.object.kind in _STARTS
    }
    return mentions, checked.interrupted


class _Reported(NamedTuple):
    report: CheckReport
    interrupted: bool
    subjects: Subjects


def _check(
    opened: Opened, scope: Scope, given: dict[str, Any], rules: tuple[IgnoreRule, ...]
) -> _Reported:
    overlay = _Overlay.read(given["changed"], scope) if given["changed"] else None
    if overlay:
        scope = scope._replace(others=overlay.namespaces)
    # Nobody can look into a pod of a changed world.
    can_look = opened.can_look and not (given["no_exec"] or overlay)
    listed = _lists(opened, scope, can_look=can_look)
    if scope.namespace and opened.can_look and not listed.lists.get("Pod"):
        require_namespace(opened.backend, scope.namespace)
    look = partial(_check_lists, opened, scope, given, rules, overlay)
    try:
        return look(listed)
    except BadInput:
        sound = listed.sound()
        if not sound.refused:
            raise
        return look(sound)


def _check_lists(
    opened: Opened,
    scope: Scope,
    given: dict[str, Any],
    rules: tuple[IgnoreRule, ...],
    overlay: _Overlay | None,
    listed: _AllLists,
) -> _Reported:
    """Raises BadInput for an object whose fields have other types than the API's."""
    answering = Answering(opened.backend)
    can_look, lists, elsewhere, _ = listed
    cut, placed = _partial(opened, scope) | listed.cut, opened.placed

    def inventory_of(lists: _Lists, placeholders: Mapping[str, str]) -> Inventory:
        manifests = (each.obj for each in placed)
        return Inventory(lists, scope.namespaces, placeholders, cut, manifests)

    inventory, world = inventory_of(lists, opened.placeholders), None
    if overlay:
        world = _world(overlay, inventory, answering)
        placed = (*placed, *overlay.placed)
        inventory = inventory_of(lists_in(lists, world), world.placeholders)
        elsewhere = lists_in(elsewhere, world)
    referring = (*_of_files(placed, world, elsewhere), *_referring(elsewhere))
    subjects = _subjects(opened, scope, given, inventory, referring, world)
    unlisted = (each for each in elsewhere.values() if isinstance(each, CouldNotLook))
    refused = (each for of_kind in listed.refused.values() for each in of_kind)
    subjects = subjects._replace(not_checked=(*subjects.not_checked, *unlisted, *refused))
    reports, interrupted = _diagnosed(
        opened, answering, subjects, inventory, world, can_look=can_look
    )
    cluster: tuple[str, ...] = ()
    wrong_dns, missed = run(_listed(diagnose_cluster_dns(), inventory, world), answering)
    if not opened.can_look:
        # Manifests rarely have the cluster's DNS, and nobody expects them to.
        cluster = tuple(each.why for each in missed if each.why == ASSUMED)
        missed = ()
    around = BesideSubjects(
        cluster_dns=wrong_dns if not scope.names else (),
        manifests=opened.manifests.findings if opened.manifests else (),
        not_checked=missed,
        assumptions=(*ASSUMPTIONS, *cluster) if not can_look else (),
        hides_passwords=opened.can_look,
        checks_services=not (scope.names or given["selector"]),
    )
    report = conclude(reports, subjects, inventory, around, rules, _ManifestPlaces(placed).origin)
    return _Reported(report, interrupted, subjects)


def _partial(opened: Opened, scope: Scope) -> frozenset[str]:
    """Pods are listed from every capture; whether these are all, it may not know."""
    if not opened.has_captures:
        return frozenset()
    read = Objects("Pod", scope.namespace)
    given = opened.backend.answer((read,))[read]
    return frozenset({"Pod"}) if isinstance(given, CouldNotLook) else frozenset()


class _AllLists(NamedTuple):
    """What is looked at, what refers to it, and by kind what no API server would have taken."""

    can_look: bool
    lists: _Lists
    elsewhere: _Lists
    refused: Mapping[str, tuple[CouldNotLook, ...]] = {}

    @property
    def cut(self) -> frozenset[str]:
        """The kinds of which a list is not all that there is."""
        return frozenset(self.refused)

    def sound(self) -> _AllLists:
        """Without the objects in which a field has another type than the API gives it."""
        refused: dict[str, tuple[CouldNotLook, ...]] = {}
        lists, elsewhere = (
            {kind: _readable(kind, found, refused) for kind, found in each.items()}
            for each in (self.lists, self.elsewhere)
        )
        return _AllLists(self.can_look, lists, elsewhere, refused)


def _readable(
    kind: str,
    listed: tuple[Json, ...] | CouldNotLook,
    refused: dict[str, tuple[CouldNotLook, ...]],
) -> tuple[Json, ...] | CouldNotLook:
    """The objects that can be read; the others are told in REFUSED."""
    if isinstance(listed, CouldNotLook):
        return listed
    # The API's types: a program that answers in its place is rare.
    from kubectl_hosts.model.api.review import review  # noqa: PLC0415
    from kubectl_hosts.offline.manifests import api_model  # noqa: PLC0415

    sound = []
    for each in _referring({kind: listed}):
        found = review(each, api_model)
        if not found.unreadable:
            sound.append(each)
            continue
        what = object_in_words(kind, *name_of(each))
        _, _, why = found.findings[0].message.partition(": ")  # behind its name
        refused[kind] = (*refused.get(kind, ()), CouldNotLook(what=what, why=why))
    return tuple(sound)


def _lists(opened: Opened, scope: Scope, *, can_look: bool) -> _AllLists:
    """The objects of the kinds that a check looks at, and of those that refer to them.

    Manifests have the others as they stand there. Where nobody asks a nameserver (CAN_LOOK), any
    name may be kept from it by a policy.
    """
    others = _REFERRING if opened.can_look else ()
    policies = ("NetworkPolicy",) if opened.is_live and not can_look else ()
    lists = _lists_of(opened, (*_LISTED, "ConfigMap", *policies, *others), scope)
    elsewhere = {kind: lists.pop(kind) for kind in others}
    if opened.mentions is not None:
        # What these are for was worked out when the capture was recorded.
        lists.pop("ConfigMap")
    return _AllLists(can_look, lists, elsewhere)


def _lists_of(opened: Opened, kinds: tuple[str, ...], scope: Scope) -> _Lists:
    """The objects of each kind, all kinds at once; why not, for one that could not be listed."""
    wanted = [
        (kind, namespace)
        for kind in kinds
        for namespace in ((scope.namespaces or ("",)) if RESOURCES[kind].namespaced else ("",))
    ]
    # What is listed is no garbage, and stays to the end: looked through again and again, it costs a
    # tenth of a check.
    gc.disable()
    try:
        found = dict(map_at_once(lambda each: _list(opened, *each), wanted, at_once=8))
    finally:
        gc.freeze()
        gc.enable()
    lists: _Lists = dict.fromkeys(kinds, ())
    # As they are named, not as they came back.
    for at, (kind, _) in enumerate(wanted):
        sofar, more = lists[kind], found[at]
        if not isinstance(sofar, CouldNotLook):
            lists[kind] = more if isinstance(more, CouldNotLook) else (*sofar, *more)
    return lists


def _list(opened: Opened, kind: str, namespace: str) -> tuple[Json, ...] | CouldNotLook:
    resource = RESOURCES[kind]
    try:
        return tuple(opened.backend.list(resource, Selection(namespace=namespace)))
    except HostsError as error:
        return could_not_look(f"{resource.plural}", error)


class _Overlay(NamedTuple):
    """The manifests of --with, and where whole objects stand in their files."""

    wanted: ToApply
    placed: tuple[Placed, ...]

    @classmethod
    def read(cls, paths: tuple[str, ...], scope: Scope) -> _Overlay:
        """Raises BadInput where nothing can be read."""
        from kubectl_hosts.offline.backend import load_objects  # noqa: PLC0415

        namespace = scope.namespace or "default"
        wanted, placed = load_objects(paths, namespace, sys.stdin.buffer.read)
        # Of half an object most fields stand elsewhere.
        whole = (each for each in placed if identity(each.obj) not in wanted.refused)
        return cls(wanted, tuple(whole))

    @property
    def namespaces(self) -> tuple[str, ...]:
        spaces = (text(each, "metadata", "namespace") for each in self.wanted.manifests)
        return tuple(dict.fromkeys(filter(None, spaces)))


def _world(overlay: _Overlay, inventory: Inventory, answering: Answering) -> World:
    """What is there with the manifests applied. Raises HostsError where nobody can tell."""
    from kubectl_hosts.model.what_if import apply_changes, change_world  # noqa: PLC0415

    def made() -> Diagnosis[World | CouldNotLook]:
        found = yield from apply_changes(overlay.wanted)
        if isinstance(found, CouldNotLook):
            return found
        placeholders = inventory.placeholders
        return (yield from change_world(found.changes, {}, {}, placeholders=placeholders))

    world = run(from_inventory(made(), inventory), answering)
    if isinstance(world, CouldNotLook):
        raise HostsError(world.why, hint=world.hint)
    return world


def _listed(diagnosis: Diagnosis[T], inventory: Inventory, world: World | None) -> Diagnosis[T]:
    """DIAGNOSIS with what was listed, the rest of its reads being answered in WORLD if any."""
    from_lists = from_inventory(diagnosis, inventory)
    if world is None:
        return from_lists
    from kubectl_hosts.model.what_if import in_world  # noqa: PLC0415  only --with has a world

    return in_world(from_lists, world)


def _subjects(
    opened: Opened,
    scope: Scope,
    given: dict[str, Any],
    inventory: Inventory,
    others: tuple[Json, ...],
    world: World | None,
) -> Subjects:
    changed = {identity(each) for each in world.objects} if world else frozenset()
    recorded = opened.mentions
    chosen = _chosen(opened, scope, inventory) if scope.names else None
    choice = Choice(
        workloads=chosen,
        has_labels=label_selector(given["selector"]) if given["selector"] else None,
        others=not (scope.names or given["selector"]),
        mounted=given["configmaps"] or not opened.is_live,
        recorded=recorded and {ref: each for ref, each in recorded.items() if ref not in changed},
    )
    found = find_subjects(inventory, choice, others)
    if not found.subjects and scope.names:
        raise HostsError(f"no pods found for {', '.join(scope.names)}")
    pods = inventory.failure("Pod")
    if not found.subjects and pods:  # "no problem" would be said of what nobody saw
        raise HostsError(pods.why, hint=pods.hint)
    return found._replace(not_checked=(*found.not_checked, *inventory.failures))


def _of_files(
    placed: tuple[Placed, ...], world: World | None, listed: Iterable[str]
) -> Iterator[Json]:
    """Objects of manifests that may refer to names, those of LISTED kinds left out."""
    objects = {identity(each.obj): each.obj for each in placed}
    if world:
        made = {identity(each): each for each in world.objects}
        objects = {
            key: made.get(key, each) for key, each in objects.items() if key not in world.gone
        }
    left_out = {"Service", *listed}
    return (each for each in objects.values() if kind_of_object(each) not in left_out)


def _referring(lists: _Lists) -> Iterator[Json]:
    for kind, listed in lists.items():
        if not isinstance(listed, CouldNotLook):
            yield from with_types(kind, listed)


def _chosen(opened: Opened, scope: Scope, inventory: Inventory) -> frozenset[Any]:
    """The workloads of the names. Raises NotFound for one that is not there."""
    from kubectl_hosts.model.check.subjects import workload_of  # noqa: PLC0415

    found = []
    for each in scope.names:
        resource, name = parse_target(each)
        obj = inventory.get(kind_of(resource), scope.namespace, name)
        if obj is None:
            meant = target_meant(opened.backend, each, scope.namespace)
            hint = meant or "Check the name and -n NAMESPACE."
            raise object_not_found(resource.in_words, name, hint=hint)
        found.append(workload_of(inventory, obj))
    return frozenset(found)


def _diagnosed(
    opened: Opened,
    answering: Answering,
    subjects: Subjects,
    inventory: Inventory,
    world: World | None,
    *,
    can_look: bool,
) -> tuple[list[SubjectReport], bool]:
    """The reports in the order of the subjects; after ^C those that are known."""
    todo: list[Subject | ServiceReference] = [*subjects.subjects, *subjects.references]

    def diagnose(each: Subject | ServiceReference) -> SubjectReport:
        diagnosis: Diagnosis[SubjectReport]
        if isinstance(each, Subject):
            diagnosis = diagnose_subject(each, inventory, can_look=can_look)
        else:
            diagnosis = diagnose_reference(each, inventory)
        listed = noting_refusals(_listed(diagnosis, inventory, world))
        try:
            report, refused = run(listed, answering)
            return report._replace(not_checked=(*report.not_checked, *refused))
        except HostsError as error:
            return SubjectReport(not_checked=(could_not_look(str(each.object), error),))

    found: dict[int, SubjectReport] = {}
    # Files answer from memory, and so do lists of the whole cluster where nobody looks into its
    # pods: threads would only be in each other's way.
    waits = opened.is_live and (can_look or not inventory.is_of_everywhere)
    results = map_at_once(diagnose, todo, at_once=AT_ONCE) if waits else None
    interrupted = keep_each(results or enumerate(map(diagnose, todo)), len(todo), found.__setitem__)
    return [found[at] for at in sorted(found)], interrupted


class _ManifestPlaces:
    """Where the fields of objects stand in the manifests of -f."""

    def __init__(self, placed: Iterable[Placed]) -> None:
        self._placed = {object_in_words(*identity(each.obj)): each for each in placed}
        self._finders: dict[int, Callable[[tuple[str | int, ...]], int]] = {}

    def origin(self, origin: Origin) -> Origin:
        """ORIGIN with the file and line where its object, and its field in there, stands."""
        placed = self._placed.get(origin.object)
        if origin.kind is not OriginKind.MANIFEST or origin.file or placed is None:
            return origin
        document = placed.document
        find_line = self._finders.setdefault(id(document), document.line_finder())
        line = find_line((*placed.path, *_steps(origin.field)))
        return replace(origin, file=document.source, line=line)


def kind_of_object(obj: Json) -> str:
    """The kind that OBJ says it is, "" where it says nothing that can be read."""
    kind = obj.get("kind")
    return kind if isinstance(kind, str) else ""


def _steps(path: str) -> tuple[str | int, ...]:
    """`spec.containers[0].env[2]` taken apart."""
    return tuple(
        int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    )


def _print(report: CheckReport, *, output: str, color: str, no_headers: bool) -> None:
    from kubectl_hosts.report.check import print_check  # noqa: PLC0415

    write(print_check(as_pasted(report), chosen_layout(output, color, no_headers=no_headers)))
