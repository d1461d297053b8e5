"""Which pods the user means: POD, TYPE/NAME, selectors, namespaces; as kubectl chooses.

Of a Pod object is kept what anything here reads while a fleet is looked at: managedFields,
commands, environments and probes are most of its size. A test holds that table against
model/pod.py, which parses what is left. A DNS server's own pod is read whole.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_hosts.cli.usage import is_file, near_names
from kubectl_hosts.errors import BadInput, HostsError, NotFound
from kubectl_hosts.model.fields import field, items, mapping, number, string_map, text, texts
from kubectl_hosts.model.resources import (
    CRON_JOBS,
    JOBS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SERVICES,
    TYPES,
    Selection,
    is_resource_name,
    kind_of,
    resource_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource
    from kubectl_hosts.probes.ports import Backend

ONE_PAGE = 500


class TargetOptions(NamedTuple):
    """What the user typed: names of one namespace, or a selection; never both."""

    names: tuple[str, ...] = ()
    namespace: str = ""
    all_namespaces: bool = False
    label_selector: str = ""
    field_selector: str = ""
    all_pods: bool = False
    """Every pod of a workload, where kubectl takes one."""
    predicts: bool = True
    """Whether a workload without pods is represented by the pods that it would have."""


class Targets(NamedTuple):
    """The pods chosen, as JSON objects, and what to tell the user about the choice."""

    pods: tuple[Json, ...]
    named: bool
    """Whether each was asked for by its name, so that a single one shows its lines."""
    notes: tuple[str, ...] = ()
    pods_named: frozenset[str] = frozenset()
    """The pods of `POD` and `pod/NAME`, which the user wants to hear of whatever they are."""


def find_targets(cluster: Backend, options: TargetOptions) -> Targets:
    """The pods of OPTIONS. Raises NotFound for a name, BadInput for a TYPE or a bad combination."""
    options = options._replace(names=joined_names(options.names))
    if options.names and options.all_namespaces:
        raise BadInput(
            "a resource cannot be retrieved by name across all namespaces",
            hint="Name its namespace with -n, or choose the pods by label: -A -l.",
        )
    if options.names and (options.label_selector or options.field_selector):
        raise BadInput(
            "name cannot be provided when a selector is specified",
            hint="Give POD or TYPE/NAME, or -l and --field-selector; not both.",
        )
    if options.names:
        return _named(cluster, options)
    selection = Selection(
        namespace="" if options.all_namespaces else options.namespace,
        label_selector=options.label_selector,
        field_selector=options.field_selector,
    )
    return Targets(tuple(map(slim_pod, cluster.list(PODS, selection))), named=False)


def joined_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """POD and TYPE/NAME out of the words: `pod web-0` is `pod/web-0`, `pods` alone selects all.

    As `kubectl get TYPE NAME...` reads them (cli-runtime resource.Builder ResourceTypeOrNameArgs);
    a pod that is called like a type is `pod/NAME`.
    """
    if not words or any("/" in each for each in words) or not is_resource_name(words[0]):
        return words
    kind, *names = words
    if not names and resource_named(kind) != PODS:
        raise BadInput(
            f"no name was given for {kind}",
            hint=f"Write {kind}/NAME, or nothing for all pods; a pod called {kind} is pod/{kind}.",
        )
    return tuple(f"{kind}/{name}" for name in names)


def _named(cluster: Backend, options: TargetOptions) -> Targets:
    pods: list[Json] = []
    notes: list[str] = []
    for name in options.names:
        found, note = _pods_of(cluster, name, options)
        pods += found
        notes += [note] if note else []
    unique = {(text(pod, "metadata", "name")): pod for pod in pods}
    typed = map(parse_target, options.names)
    by_name = frozenset(name for resource, name in typed if resource == PODS)
    return Targets(tuple(unique.values()), named=True, notes=tuple(notes), pods_named=by_name)


def _pods_of(cluster: Backend, name: str, options: TargetOptions) -> tuple[list[Json], str]:
    resource, object_name = parse_target(name)
    namespace = options.namespace
    try:
        if resource == PODS:
            return [cluster.get(PODS, object_name, namespace=namespace)], ""
        workload = cluster.get(resource, object_name, namespace=namespace)
    except NotFound as error:
        error.hint = target_meant(cluster, name, namespace) or error.hint
        raise
    pods = sorted(workload_pods(cluster, resource, workload), key=_active_first)
    if not pods:
        return _without_pods(resource, workload, options)
    if options.all_pods or len(pods) == 1:
        return pods, ""
    chosen = text(pods[0], "metadata", "name")
    return pods[:1], f"Found {len(pods)} pods, using pod/{chosen} (--all-pods for all of them)"


def _without_pods(
    resource: Resource, workload: Json, options: TargetOptions
) -> tuple[list[Json], str]:
    """The pods that WORKLOAD would have, and the words for it. Raises HostsError for a Service."""
    name = f"{resource.plural}/{text(workload, 'metadata', 'name')}"
    if resource == SERVICES:
        raise HostsError(
            f"no pods found for {name} in namespace {options.namespace}",
            hint=f"kubectl describe {name} says why it has none.",
        )
    if not options.predicts:
        return [], f"{name} has no pods now: there is nothing to compare"
    from kubectl_hosts.model.workload import predicted_pods  # noqa: PLC0415  few have no pod

    pods = list(predicted_pods({**workload, "kind": kind_of(resource)}, at_zero=True))
    shown = pods if options.all_pods else pods[:1]
    return shown, f"{name} has no pods now: predicted from its template"


def target_meant(cluster: Backend, name: str, namespace: str) -> str:
    """What a target that is not there may have meant, as a hint; "" where nothing is near."""
    if is_file(name):
        return f"Did you mean -f {name}?"
    if name == "all":  # as kubectl get takes it
        return "Without a name it is all pods of the namespace."
    if name.endswith((".yaml", ".yml", ".json")):
        return f"Files stand behind -f; there is no {name} here."
    return _object_meant(cluster, name, namespace)


def _object_meant(cluster: Backend, name: str, namespace: str) -> str:
    """Another namespace, a workload of the pod's name, a near name, the same object elsewhere.

    What may not be read is passed over.
    """
    resource, object_name = parse_target(name)
    with suppress(HostsError):
        missing = namespace_meant(cluster, namespace)
        if missing:
            return missing
    kinds = [each for each in TYPES if each.resource not in {PODS, REPLICA_SETS}]
    # `web-0` is a pod of a StatefulSet; of a Deployment web there is none.
    owners = dict.fromkeys((object_name, re.sub(r"-\d+$", "", object_name)))
    for each, owner in product(kinds, owners) if resource == PODS else ():
        with suppress(HostsError):
            cluster.get(each.resource, owner, namespace=namespace)
            return f"Did you mean {min(each.names, key=len)}/{owner}?"
    with suppress(HostsError):
        found = _names(cluster, resource, Selection(namespace))
        near = near_names(object_name, found, cutoff=0.65)
        if near:
            return f"Did you mean {name.removesuffix(object_name)}{near[0]}?"
    with suppress(HostsError):
        everywhere = Selection(field_selector=f"metadata.name={object_name}")
        spaces = [text(e, "metadata", "namespace") for e in cluster.list(resource, everywhere)]
        if spaces:
            return f"It is in namespace {spaces[0]}: {name} -n {spaces[0]}"
    return ""


def require_namespace(cluster: Backend, namespace: str) -> None:
    """Raise NotFound, with a near name as its hint, where there is no such namespace.

    An empty list says nothing of its namespace. Who may not read namespaces never hears of it.
    """
    try:
        cluster.get(NAMESPACES, namespace)
    except NotFound as error:
        with suppress(HostsError):
            error.hint = namespace_meant(cluster, namespace) or error.hint
        raise
    except HostsError:
        return


def namespace_meant(cluster: Backend, namespace: str) -> str:
    """That NAMESPACE is not there, and which is near; "" where it is there. Raises HostsError."""
    try:
        cluster.get(NAMESPACES, namespace)
    except NotFound:
        near = near_names(namespace, _names(cluster, NAMESPACES, Selection()), cutoff=0.65)
        # Manifests have pods in namespaces that they do not declare.
        if not near and not _names(cluster, NAMESPACES, Selection()):
            return ""
        meant = f" Did you mean {near[0]}?" if near else ""
        return f"There is no namespace {namespace}.{meant}"
    return ""


def _names(cluster: Backend, resource: Resource, selection: Selection) -> list[str]:
    """The names on the first page: near ones among thousands are found by completion."""
    found = islice(cluster.list(resource, selection), ONE_PAGE)
    return [text(each, "metadata", "name") for each in found]


def parse_target(name: str) -> tuple[Resource, str]:
    """`POD` or `TYPE/NAME`. Raises BadInput in kubectl's words."""
    kind, slash, object_name = name.rpartition("/")
    if not slash:
        kind, object_name = "pod", name
    if not object_name or "/" in kind:
        raise BadInput(
            "arguments in resource/name form must have a single resource and name",
            hint="Write POD or TYPE/NAME, such as deploy/web.",
        )
    return resource_named(kind), object_name


def workload_pods(cluster: Backend, resource: Resource, obj: Json) -> Iterator[Json]:
    """The pods that OBJ, a workload or Service, selects now."""
    namespace = text(obj, "metadata", "namespace")
    if resource == CRON_JOBS:
        jobs = cluster.list(JOBS, Selection(namespace=namespace))
        selectors = [label_selector(job) for job in jobs if _is_owned_by(job, obj)]
    else:
        selectors = [label_selector(obj)]
    for selector in selectors:
        if selector:
            chosen = Selection(namespace=namespace, label_selector=selector)
            yield from map(slim_pod, cluster.list(PODS, chosen))


def _is_owned_by(obj: Json, owner: Json) -> bool:
    uid = text(owner, "metadata", "uid")
    return any(text(each, "uid") == uid for each in items(obj, "metadata", "ownerReferences"))


_OPERATORS = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})", "Exists": "{key}"}


def label_selector(obj: Json) -> str:
    """spec.selector as text for labelSelector: a plain map (Service, RC) or a LabelSelector."""
    selector = mapping(obj, "spec", "selector")
    if not ("matchLabels" in selector or "matchExpressions" in selector):
        return ",".join(f"{key}={value}" for key, value in string_map(selector).items())
    terms = [f"{key}={value}" for key, value in string_map(selector, "matchLabels").items()]
    for each in items(selector, "matchExpressions"):
        form = _OPERATORS.get(text(each, "operator"), "!{key}")
        terms.append(form.format(key=text(each, "key"), values=",".join(texts(each, "values"))))
    return ",".join(terms)


_PHASES = {"Running": 0, "Unknown": 1, "Pending": 2}


def _active_first(pod: Json) -> tuple[bool, bool, int, bool, int, str]:
    """The order in which kubectl prefers pods: k8s.io/kubectl/pkg/util/podutils ActivePods."""
    from kubectl_hosts.model.pod import is_ready  # noqa: PLC0415  pods are there

    statuses = items(pod, "status", "containerStatuses")
    return (
        field(pod, "metadata", "deletionTimestamp") is not None,
        not text(pod, "spec", "nodeName"),
        _PHASES.get(text(pod, "status", "phase"), 3),
        not is_ready(pod),
        max((number(each, "restartCount") for each in statuses), default=0),
        text(pod, "metadata", "creationTimestamp"),
    )


def only_namespace(files: Backend) -> str:
    """The namespace of all pods that files hold, "" where they are in several."""
    spaces = {text(pod, "metadata", "namespace") for pod in files.list(PODS, Selection())}
    return spaces.pop() if len(spaces) == 1 else ""


def find_vantage(cluster: Backend, namespace: str, *, running: bool = True) -> tuple[Json, str]:
    """A ready pod of the namespace to ask from, and the words that say which.

    RUNNING pods alone can be asked from; any can be predicted. Raises HostsError where there is
    none.
    """
    wanted = Selection(namespace, field_selector="status.phase=Running" if running else "")
    pods = sorted(islice(cluster.list(PODS, wanted), ONE_PAGE), key=_active_first)
    if not pods:
        kind = "running pod" if running else "pod"
        hint = "Name one: --from POD, --from deploy/web, or -n NAMESPACE."
        with suppress(HostsError):
            hint = namespace_meant(cluster, namespace) or hint
        raise HostsError(f"no {kind} in namespace {namespace} to ask from", hint=hint)
    name = text(pods[0], "metadata", "name")
    return pods[0], f"Asking from pod/{name} in namespace {namespace} (--from chooses another)"


_METADATA = (
    *("name", "namespace", "uid", "labels", "annotations", "ownerReferences"),
    *("creationTimestamp", "deletionTimestamp"),
)
_SPEC = (
    *("hostname", "subdomain", "hostnameOverride", "setHostnameAsFQDN", "hostNetwork", "volumes"),
    *("hostAliases", "dnsPolicy", "dnsConfig", "nodeName", "os", "securityContext"),
    *("nodeSelector", "affinity"),
)
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_CONTAINER = ("name", "image", "restartPolicy", "volumeMounts", "securityContext")
_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_STATUS = ("name", "state", "lastState", "restartCount")
# Field -> what of it is kept, None for all.
_KEPT: dict[str, Any] = {
    "metadata": dict.fromkeys(_METADATA),
    "spec": dict.fromkeys(_SPEC) | dict.fromkeys(_CONTAINERS, dict.fromkeys(_CONTAINER)),
    "status": {
        **dict.fromkeys(("phase", "podIP", "podIPs")),
        "conditions": dict.fromkeys(("type", "status")),
        **dict.fromkeys(_STATUSES, dict.fromkeys(_STATUS)),
    },
}


def slim_pod(obj: Json) -> Json:
    """A Pod object with the fields of the table, and whether a command writes to its file."""
    slim: dict[str, Any] = _slim(obj, _KEPT)
    with suppress(BadInput):  # of a wrong type: that costs the pod its row, and not the run
        _mark_writers(slim, obj)
    return slim


def _mark_writers(slim: dict[str, Any], obj: Json) -> None:
    from kubectl_hosts.model.pod import WRITES_HOSTS, writes_hosts  # noqa: PLC0415  pods are there

    for each in _CONTAINERS:
        of_spec = items(obj, "spec", each)
        for container, whole in zip(slim["spec"][each] if of_spec else (), of_spec, strict=True):
            if writes_hosts(whole):
                container["command"] = [WRITES_HOSTS]


def _slim(value: Any, kept: Any) -> Any:  # noqa: ANN401  JSON of any shape
    if isinstance(value, list):
        return [_slim(each, kept) for each in value]
    if not (isinstance(value, dict) and kept):
        return value
    return {key: _slim(each, kept[key]) for key, each in value.items() if key in kept}
