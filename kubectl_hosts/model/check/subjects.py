"""What is checked: workloads with one pod that stands for all of theirs, and objects that refer.

A pod is a workload's by the chain of its owners (ReplicaSet to Deployment, Job to CronJob). Where a
workload has no pod now (no replicas, a CronJob between its runs), the one that its template makes
is predicted. An object that is no workload mentions names that some pod, or the API server, asks.

Some objects refer to Services by name: no resolver is asked for these, the API server looks.
Ingress backends, webhooks, APIServices and conversion webhooks name a Service by their fields, and
so do custom resources: an object with a name and a port, and with a namespace or in a list that is
called so. An ExternalName is a name that the cluster DNS gives as an alias.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.api.kinds import declared_kind
from kubectl_hosts.model.check.check_report import ObjectRef
from kubectl_hosts.model.check.hosts_in_text import (
    Exists,
    Says,
    Spot,
    hosts_in_script,
    hosts_of_urls,
    hosts_of_value,
    is_host_name,
    is_of_a_role,
    is_of_cluster,
    is_script,
    says_of_value,
)
from kubectl_hosts.model.check.mentions import (
    Mention,
    MentionForm,
    Surroundings,
    mentions_of,
    mentions_of_data,
)
from kubectl_hosts.model.check.workloads import (
    CONTAINER_LISTS,
    StartedWorkload,
    parse_started,
    parse_workload,
)
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import field, flag, items, string_map, text
from kubectl_hosts.model.pod import is_ready
from kubectl_hosts.model.resources import WORKLOADS
from kubectl_hosts.model.workload import WITH_ORDINAL, predicted_pods, stands_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.check.inventory import Inventory
    from kubectl_hosts.model.check.workloads import KeyRef, Started
    from kubectl_hosts.model.fields import FieldPath, Json

_DEEPEST = 30
_WEBHOOKS = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})


# networking.k8s.io/v1, and v1beta1, which manifests still have.
_OF_BACKENDS = frozenset({("service", "name"), ("backend", "serviceName")})
# Lists of Services by name and port: Gateway API's routes, Traefik's IngressRoute.
_OF_SERVICES = frozenset({"backendRef", "backendRefs", "services"})


class ServiceReference(NamedTuple):
    """A mention of a Service, (namespace, name), by the fields of an object: no resolver is asked.

    namespace is where its name would be looked up from.
    """

    object: ObjectRef
    namespace: str
    mention: Mention
    service: tuple[str, str]


def references_of(obj: Json, exists: Exists) -> Iterator[Mention | ServiceReference]:
    """The names and the Services that OBJ refers to; EXISTS is asked as its namespace would.

    Raises BadInput for a field of the wrong type.
    """
    kind = declared_kind(obj)
    namespace, name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
    ref = ObjectRef(kind.name, namespace, name)
    # OpenShift's of old have no group (`v1` Route), nor have those whose group lost its version.
    if not kind.is_built_in or not (kind.group or kind.served_as):
        yield from _of_custom_resource(obj, ref, exists)
    elif kind.name == "Service":
        target = text(obj, "spec", "externalName")
        if text(obj, "spec", "type") == "ExternalName" and is_host_name(target):
            yield Mention("", "spec.externalName", target, target)
    elif kind.name in _WEBHOOKS | {"Ingress", "APIService", "CustomResourceDefinition"}:
        yield from _walk(obj, ref)


# AWS Load Balancer Controller, Ingress annotations: such a backend names an `actions.NAME`.
_BY_ANNOTATION = "use-annotation"


def _actions(obj: Json) -> Iterator[object]:
    """What the backends of an Ingress name that are no Services."""
    for _, value in _objects(obj, ()):
        port = value.get("servicePort", value.get("port"))
        if (port.get("name") if isinstance(port, dict) else port) == _BY_ANNOTATION:
            yield value.get("serviceName", value.get("name"))


def _walk(obj: Json, ref: ObjectRef) -> Iterator[Mention | ServiceReference]:
    actions, is_ingress = frozenset(_actions(obj)), ref.kind == "Ingress"
    for path, value in _leaves(obj, ()):
        where = ".".join(path)
        if path[0] in {"metadata", "status"}:
            continue
        if is_ingress and path[-2:] in _OF_BACKENDS and value not in actions:
            mention = Mention("", where, value, value, MentionForm.REFERENCE)
            yield ServiceReference(ref, ref.namespace, mention, (ref.namespace, value))
        elif path[-2:] == ("clientConfig", "url"):
            for spot in hosts_of_urls(value):
                yield Mention("", where, value, spot.name)
    if not is_ingress:
        yield from _of_service_fields(obj, ref)


def _of_service_fields(obj: Json, ref: ObjectRef) -> Iterator[ServiceReference]:
    """Objects `service` with a name and a namespace: of webhooks and APIServices."""
    for path, service in _objects(obj, ()):
        name, space = service.get("name"), service.get("namespace")
        if path[-1:] == ("service",) and isinstance(name, str) and isinstance(space, str):
            where = ".".join((*path, "name"))
            mention = _full_name(where, (space, name), MentionForm.REFERENCE)
            yield ServiceReference(ref, "", mention, (space, name))


def _full_name(where: str, service: tuple[str, str], form: MentionForm) -> Mention:
    """The mention of a Service, (namespace, name), whose namespace stands beside its name."""
    return Mention("", where, service[1], f"{service[1]}.{service[0]}.svc", form)


def _of_custom_resource(
    obj: Json, ref: ObjectRef, exists: Exists
) -> Iterator[Mention | ServiceReference]:
    """What looks like a Service, a URL or a cluster's name, in a spec that nobody here knows."""
    referred: set[tuple[str, ...]] = set()
    for path, value in _objects(obj, ()):
        key = _service_key(path, value) if _is_specified(path) else ""
        if not key:
            continue
        name, space = str(value[key]), value.get("namespace")
        where, form = ".".join((*path, key)), MentionForm.CUSTOM_RESOURCE
        referred.add((*path, key))
        if isinstance(space, str):
            service = (space, name)
            mention = _full_name(where, service, form)
        else:
            service = (ref.namespace, name)
            mention = Mention("", where, name, name, form)
        yield ServiceReference(ref, ref.namespace, mention, service)
    yield from _of_specification(obj, ref, exists, referred)


def _of_specification(
    obj: Json, ref: ObjectRef, exists: Exists, referred: set[tuple[str, ...]]
) -> Iterator[Mention]:
    """The names in the pods that OBJ describes, and in its settings that are not REFERRED to."""
    asked = frozenset(_beside_ports(obj))
    read = set(referred)
    for above, started in _started(obj, ()):
        read |= {(*_names(above), each) for each in CONTAINER_LISTS}
        made = StartedWorkload(ref.kind, ref.namespace, ref.name, started)
        for each in mentions_of(made, Surroundings(exists)):
            where, form = ".".join(_names(each.path)), MentionForm.CUSTOM_RESOURCE
            yield Mention("", where, each.text, each.name, form, each.path)
    for path, key, said in _settings(obj):
        if any(path[: len(each)] == each for each in read):
            continue
        for spot in _of_setting(path, key, said, exists, is_asked=(path, said) in asked):
            yield Mention(
                "",
                ".".join(path),
                said[spot.start : spot.end],
                spot.name,
                MentionForm.CUSTOM_RESOURCE,
            )


def _service_key(path: tuple[str, ...], value: Json) -> str:
    """The key under which an object names a Service; "" where it names none."""
    if isinstance(value.get("name"), str) and _is_service(path, value):
        return "name"
    # NGINX's VirtualServer: `service: tea, port: 80`.
    service, port = value.get("service"), value.get("port")
    is_name = isinstance(service, str) and is_host_name(service) and "." not in service
    return "service" if is_name and isinstance(port, (int, str)) else ""


def _is_service(path: tuple[str, ...], value: Json) -> bool:
    """Whether an object with a name says that it is a Service's: by kind, or by a port."""
    if "kind" in value:
        is_core = value.get("apiVersion", "v1") == "v1" and value.get("group", "") == ""
        return value["kind"] == "Service" and is_core
    return "port" in value and (isinstance(value.get("namespace"), str) or path[-1] in _OF_SERVICES)


# What an object is, not what it says; what it tells people, and what it selects or matches by.
_NOT_SPECIFIED = frozenset({"apiVersion", "kind", "metadata", "status"})
_TOLD = frozenset(
    {"annotations", "labels", "matchLabels", "matchers", "match", "matches"}
    | {"headers", "queryParams", "filter", "redirect", "requestRedirect"}
)


def _is_specified(path: tuple[str, ...]) -> bool:
    """Whether PATH is of a spec, or of what stands in its place; its pods are workloads' own."""
    is_pods = path[:2] == ("spec", "template")
    return bool(path) and not is_pods and path[0] not in _NOT_SPECIFIED and _TOLD.isdisjoint(path)


def _started(value: object, path: FieldPath) -> Iterator[tuple[FieldPath, Started]]:
    """What the pod specs in a custom resource start, with the way there; as far as they are one."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        if "containers" in value and _is_specified(_names(path)):
            with suppress(BadInput):
                yield path, parse_started(value, path)
        for key, each in value.items():
            yield from _started(each, (*path, str(key)))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _started(each, (*path, at))


def _names(path: FieldPath) -> tuple[str, ...]:
    """PATH without the places in lists."""
    return tuple(each for each in path if isinstance(each, str))


def _settings(obj: Json) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The texts of a spec: the path, the key that says what it is, and the text itself."""
    named: set[tuple[tuple[str, ...], str]] = set()
    for path, variable in _objects(obj, ()):
        name, said = variable.get("name"), variable.get("value")
        # Of a list of settings, of which env is one, the name is the key.
        if _is_specified(path) and isinstance(name, str) and isinstance(said, str):
            named.add(((*path, "value"), said))
            yield (*path, "value"), name, said
    for path, value in _leaves(obj, ()):
        if _is_specified(path) and (path, value) not in named:
            yield path, path[-1], value


# Where an object says what it answers to: Gateway API and Consul, charts' own Ingresses.
_ANSWERS = frozenset({"listeners", "ingress"})


def _beside_ports(obj: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    """The hosts of a spec with a port of their own beside them, which are asked."""
    for path, value in _objects(obj, ()):
        has_port = isinstance(value.get("port"), (int, str)) and _ANSWERS.isdisjoint(path)
        for key, said in value.items() if has_port else ():
            if isinstance(said, str) and says_of_value(str(key)) is Says.HOST:
                yield (*path, str(key)), said


def _of_setting(
    path: tuple[str, ...], key: str, said: str, exists: Exists, *, is_asked: bool
) -> Iterator[Spot]:
    says = says_of_value(key)
    if says is Says.PATTERN:
        return
    # SMI's TrafficSplit, and others: a Service by its name alone. An operator may make it
    # (Flagger's Canary), or ask it (Traefik's `errors`): it is one where there is such a Service.
    if not _NAMES_SERVICE.isdisjoint({path[-1:], path[-2:]}) and exists.is_meant(said):
        yield Spot(0, len(said), said)
        return
    # Istio: the host of a destination is a Service's, or one of the service registry.
    is_destination = path[-2:] in _DESTINATIONS and is_host_name(said)
    found = () if "\n" in said.strip() else tuple(hosts_of_value(said, key, exists))
    if not found and is_script(said) and says is not Says.OTHER:
        # The configuration of a program, or prose: what the cluster has is no accident.
        inside = hosts_in_script(said, exists)
        yield from (each for each in inside if _is_of_objects(each, said, exists))
    for each in found:
        is_sure = "://" in said or ":" in said or is_of_cluster(each.name)
        is_bare = "." not in each.name and is_destination
        is_there = says in {Says.HOST, Says.LOCATION} and exists.service(each.name)
        if is_sure or is_bare or is_asked or is_there or is_of_a_role(key):
            yield each


_DESTINATIONS = frozenset({("destination", "host"), ("mirror", "host")})
_LONGEST_SETTING = 500
_NAMES_SERVICE = frozenset({("service",), ("serviceName",), ("service", "name")})
_KEY = re.compile(
    r"(?P<line>(?m:^)[ \t-]*)?[\"']?(?P<key>[A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*[\"']?"
    r"(?:(?P<url>[a-z]+://[^\s\"']+)|[^\s\"']*:[0-9][^\s\"']*)[\"']?\Z"
)


def _is_of_objects(spot: Spot, text: str, exists: Exists) -> bool:
    """Whether the cluster has it; a word alone may be one of prose, `host=db` is not."""
    is_told = "." in spot.name or spot.name != text[spot.start : spot.end].strip("\"'")
    if is_of_cluster(spot.name) or (is_told and exists.service(spot.name)):
        return True
    # `address: "oap:11800"` is no prose, either, nor is `key = URL` on a line of its own.
    said = text[max(0, spot.start - 100) : spot.end]
    before = _KEY.search(said) if len(said) <= _LONGEST_SETTING else None
    if before is None:
        return False
    is_line = before["line"] is not None and text[spot.end : spot.end + 1] in {"", "\n", "\r"}
    return bool(before["url"] and is_line) or (
        says_of_value(before["key"]) in {Says.HOST, Says.LOCATION} and f"{spot.name}:" in before[0]
    )


def _objects(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The objects in VALUE with the path that leads there, without the places in lists."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from _objects(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each, path)


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts in VALUE with the path that leads there, without the places in lists."""
    if isinstance(value, str) and path:
        yield path, value
    elif len(path) > _DEEPEST:
        return
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)


_PHASES = {"Running": 0, "Pending": 1, "Unknown": 2}
_NOT_IN_A_VARIABLE = re.compile(r"[^A-Za-z0-9_]")


class Subject(NamedTuple):
    """An object whose names are looked up, and the pod that looks them up.

    pods is how many the object has now. is_predicted: the pod is one on paper, into which nobody
    can look. is_workload: the object starts pods, be it none now; else a Service, an Ingress or the
    like. is_alias: the Service's own name leads to the one that it mentions.
    """

    object: ObjectRef
    pod: Json
    mentions: tuple[Mention, ...] = ()
    pods: int = 0
    is_predicted: bool = False
    is_workload: bool = True
    is_alias: bool = False
    ignores: str = ""
    """The annotation `kubectl-hosts/ignore`."""


class Subjects(NamedTuple):
    """Everything that is checked."""

    subjects: tuple[Subject, ...] = ()
    references: tuple[ServiceReference, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()


class Choice(NamedTuple):
    """Which workloads are checked; () and None for all.

    others: objects that refer to names, and ConfigMaps that nobody mounts, are checked as well.
    """

    workloads: frozenset[ObjectRef] | None = None
    has_labels: Callable[[Json], bool] | None = None
    others: bool = True
    mounted: bool = True
    recorded: Mapping[ObjectRef, tuple[Mention, ...]] | None = None
    """What a capture says of workloads, whose own texts are not in it."""


IGNORE_ANNOTATION = "kubectl-hosts/ignore"


def find_subjects(inventory: Inventory, choice: Choice, others: Iterable[Json] = ()) -> Subjects:
    """What CHOICE leaves of the workloads in INVENTORY, and what OTHERS refer to.

    OTHERS are objects of further kinds: Ingresses, webhooks, custom resources, and Secrets of
    manifests. An object with a field of the wrong type is among those that were not checked.
    """
    others = tuple(others)
    finder = _Finder(inventory, choice, others)
    subjects = list(finder.workloads())
    references: list[ServiceReference] = []
    if choice.others:
        for each in finder.references():
            if isinstance(each, Subject):
                subjects.append(each)
            else:
                references.append(each)
    return Subjects(tuple(subjects), tuple(references), tuple(finder.not_checked))


class _Finder:
    def __init__(self, inventory: Inventory, choice: Choice, others: tuple[Json, ...]) -> None:
        self._inventory = inventory
        self._choice = choice
        self._others = others
        self._used: set[tuple[str, str, str, str]] = set()
        self._secrets = {
            (text(each, "metadata", "namespace"), text(each, "metadata", "name")): each
            for each in others
            if text(each, "kind") == "Secret"
        }
        self.not_checked: list[CouldNotLook] = []

    def workloads(self) -> Iterator[Subject]:
        """The workloads that were chosen, each with its pod."""
        pods = self._pods_by_workload()
        for ref, obj in self._objects(pods).items():
            of_workload = pods.get(ref, [])
            if not self._is_chosen(ref, obj, of_workload):
                continue
            try:
                subject = self._subject(ref, obj, of_workload)
            except BadInput as error:
                why = CouldNotLook(what=f"{ref.kind} {ref.namespace}/{ref.name}", why=error.message)
                self.not_checked.append(why)
                continue
            if subject:
                yield subject

    def _pods_by_workload(self) -> dict[ObjectRef, list[Json]]:
        found: dict[ObjectRef, list[Json]] = defaultdict(list)
        for pod in self._inventory.raw("Pod"):
            found[workload_of(self._inventory, pod)].append(pod)
        return found

    def _objects(self, pods: Mapping[ObjectRef, list[Json]]) -> dict[ObjectRef, Json]:
        """Each workload with its object; that of one that nobody can read is a pod of it."""
        found: dict[ObjectRef, Json] = {}
        for kind in sorted(WORKLOADS):
            for obj in self._inventory.raw(kind):
                ref = workload_of(self._inventory, obj)
                if (ref.kind, ref.name) == (kind, text(obj, "metadata", "name")):
                    found[ref] = obj
        for ref, of_workload in pods.items():
            found.setdefault(ref, of_workload[0])
        return found

    def _is_chosen(self, ref: ObjectRef, obj: Json, pods: Iterable[Json]) -> bool:
        chosen, has_labels = self._choice.workloads, self._choice.has_labels
        if chosen is not None and ref not in chosen:
            return False
        return has_labels is None or any(has_labels(each) for each in (obj, *pods))

    def _subject(self, ref: ObjectRef, obj: Json, pods: list[Json]) -> Subject | None:
        workload = parse_workload(obj)._replace(kind=ref.kind, name=ref.name)
        is_past = ref.kind == "ReplicaSet" and not pods and not field(obj, "spec", "replicas")
        if is_past:
            return None
        mentions = (self._choice.recorded or {}).get(ref)
        if mentions is None:
            mentions = mentions_of(workload, self._surroundings(workload))
        running = sorted(pods, key=_best_first)
        made = running or list(predicted_pods(obj, at_zero=True)[:1])
        if not made:
            return None
        return Subject(
            ref,
            made[0],
            mentions,
            sum(map(stands_for, pods)),
            is_predicted=not running,
            ignores=dict(workload.annotations).get(IGNORE_ANNOTATION, ""),
        )

    def _surroundings(self, workload: StartedWorkload) -> Surroundings:
        namespace = workload.namespace
        return Surroundings(
            self._exists(namespace, workload.name, workload.service_name)._replace(
                asks_node=workload.started.asks_node
            ),
            lambda reference: self._data(namespace, reference),
            self._service_variables(namespace) if _uses_variables(workload) else {},
            self._choice.mounted,
        )

    def _exists(self, namespace: str, own: str = "", governs: str = "") -> Exists:
        return Exists(lambda name: is_mentioned(self._inventory, namespace, name), own, governs)

    def _data(self, namespace: str, reference: KeyRef) -> Mapping[str, str] | None:
        self._used.add((reference.kind, namespace, reference.name, reference.key))
        if reference.kind == "Secret":
            secret = self._secrets.get((namespace, reference.name))
            return None if secret is None else _secret_data(secret)
        found = self._inventory.get("ConfigMap", namespace, reference.name)
        return None if found is None else string_map(found, "data")

    def _service_variables(self, namespace: str) -> dict[str, str]:
        """Kubelet envvars.FromServices, as far as addresses and first ports go."""
        found: dict[str, str] = {}
        for obj in self._inventory.in_namespace("Service", namespace):
            address = text(obj, "spec", "clusterIP")
            if address in {"", "None"}:
                continue
            name = _NOT_IN_A_VARIABLE.sub("_", text(obj, "metadata", "name").upper())
            found[f"{name}_SERVICE_HOST"] = address
            for port in items(obj, "spec", "ports")[:1]:
                found[f"{name}_SERVICE_PORT"] = str(port.get("port", ""))
        return found

    def references(self) -> Iterator[Subject | ServiceReference]:
        """What objects that are no workloads refer to; after `workloads`, which use ConfigMaps."""
        for obj in (*self._inventory.raw("Service"), *self._others):
            yield from self._readable(self._references_of, obj)
        for obj in self._others:
            if obj.get("kind") in {"ConfigMap", "Secret"}:
                yield from self._readable(self._unused_data, obj)

    def _readable(
        self, find: Callable[[Json], Iterator[Subject | ServiceReference]], obj: Json
    ) -> Iterator[Subject | ServiceReference]:
        """What FIND finds in OBJ; an object that cannot be read is among those not checked."""
        try:
            yield from find(obj)
        except BadInput as error:
            what = f"{obj.get('kind')} {obj.get('metadata')}"[:80]
            self.not_checked.append(CouldNotLook(what=what, why=error.message))

    def _references_of(self, obj: Json) -> Iterator[Subject | ServiceReference]:
        namespace = text(obj, "metadata", "namespace")
        ref = ObjectRef(text(obj, "kind"), namespace, text(obj, "metadata", "name"))
        names: list[Mention] = []
        for each in references_of(obj, self._exists(namespace)):
            if isinstance(each, ServiceReference):
                yield each
            else:
                names.append(each)
        if names:
            is_alias = ref.kind == "Service"
            yield self._of_object(ref, obj, tuple(names))._replace(is_alias=is_alias)

    def _unused_data(self, obj: Json) -> Iterator[Subject]:
        """What no workload of the manifests reads of a ConfigMap or Secret of theirs."""
        namespace, name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
        kind = text(obj, "kind")
        if (kind, namespace, name, "") in self._used or not self._choice.mounted:
            return
        data = {
            key: value
            for key, value in (
                _secret_data(obj) if kind == "Secret" else string_map(obj, "data")
            ).items()
            if (kind, namespace, name, key) not in self._used
        }
        mentions = tuple(mentions_of_data(kind, name, data, self._exists(namespace)))
        if mentions:
            yield self._of_object(ObjectRef(kind, namespace, name), obj, mentions)

    def _of_object(self, ref: ObjectRef, obj: Json, mentions: tuple[Mention, ...]) -> Subject:
        pod: Json = {
            "kind": "Pod",
            "metadata": {"namespace": ref.namespace or "default", "name": "any"},
            "spec": {"containers": [{"name": "any"}]},
        }
        ignores = string_map(obj, "metadata", "annotations").get(IGNORE_ANNOTATION, "")
        return Subject(ref, pod, mentions, is_predicted=True, is_workload=False, ignores=ignores)


def workload_of(
    inventory: Inventory, obj: Json, below: frozenset[ObjectRef] = frozenset()
) -> ObjectRef:
    """The object at the top of the owners of OBJ; OBJ itself where it has none that is known.

    Owners may own each other: whoever is BELOW already is none above.

    A static pod's owner is its Node, which makes no pods. A manifest's reader changes that, whoever
    owns the object.
    """
    kind, namespace = text(obj, "kind"), text(obj, "metadata", "namespace")
    itself = ObjectRef(kind, namespace, text(obj, "metadata", "name"))
    for owner in items(obj, "metadata", "ownerReferences"):
        above, name = text(owner, "kind"), text(owner, "name")
        if not flag(owner, "controller") or above == "Node":
            continue
        if ObjectRef(above, namespace, name) in below:
            return itself
        known = inventory.get(above, namespace, name) if above in WORKLOADS else None
        if known is not None:
            return workload_of(inventory, known, below | {itself})
        return itself if inventory.is_written(*itself) else ObjectRef(above, namespace, name)
    return itself


def _uses_variables(workload: StartedWorkload) -> bool:
    """Whether the workload may refer to a variable that the kubelet sets for a Service."""
    return "_SERVICE_" in str(workload.started)


def _secret_data(obj: Json) -> Mapping[str, str]:
    """A Secret's data as text; what is no UTF-8 is left out."""
    found = dict(string_map(obj, "stringData"))
    for key, value in string_map(obj, "data").items():
        with suppress(ValueError):
            found.setdefault(key, b64decode(value).decode())
    return found


def _best_first(pod: Json) -> tuple[bool, int, bool, str]:
    return (
        field(pod, "metadata", "deletionTimestamp") is not None,
        _PHASES.get(text(pod, "status", "phase"), 3),
        not is_ready(pod),
        text(pod, "metadata", "name"),
    )


_OF_POD = 2


def is_service(inventory: Inventory, namespace: str, name: str) -> bool:
    """Whether NAME, said in NAMESPACE, is a Service's, a port's of it, or a pod's below one."""
    return any(
        _has_pods(inventory, *service) if is_pod else inventory.has("Service", *service)
        for service, is_pod in services_meant(namespace, name)
    )


def services_meant(namespace: str, name: str) -> Iterator[tuple[tuple[str, str], bool]]:
    """The Services, (namespace, name), that NAME can mean, and whether as a pod's below one."""
    labels = without_port(name.rstrip(".").lower().split("."))
    if len(labels) == 1:
        yield (namespace, labels[0]), False
        return
    if len(labels) == _OF_POD or labels[2] == "svc":
        yield (labels[1], labels[0]), False
    if len(labels) == _OF_POD:
        yield (namespace, labels[1]), True
    elif labels[2] != "svc" and labels[3:4] in ([], ["svc"]):
        yield (labels[2], labels[1]), True


def is_mentioned(inventory: Inventory, namespace: str, name: str) -> bool:
    """Whether a word of a text is such a name: SQL's `schema.table` is none below Service table."""
    labels = name.rstrip(".").lower().split(".")
    if len(labels) != _OF_POD or inventory.has("Service", labels[1], labels[0]):
        return is_service(inventory, namespace, name)
    pods = inventory.in_namespace("Pod", namespace)
    is_pod = WITH_ORDINAL.fullmatch(labels[0]) or any(
        text(each, "spec", "hostname") == labels[0] for each in pods
    )
    return bool(is_pod) and is_service(inventory, namespace, name)


def without_port(labels: list[str]) -> list[str]:
    """LABELS without those of RFC 2782, `_PORT._PROTOCOL`, which stand before a Service's name."""
    is_of_port = len(labels) > 2 and labels[0].startswith("_") and labels[1].startswith("_")
    return labels[2:] if is_of_port else labels


def _has_pods(inventory: Inventory, namespace: str, name: str) -> bool:
    """Whether a Service selects pods, which may have names below its own; `kubernetes` does not."""
    service = inventory.get("Service", namespace, name)
    return service is not None and bool(string_map(service, "spec", "selector"))
