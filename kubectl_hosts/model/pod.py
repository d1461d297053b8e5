"""The Pod object, as far as names in a container depend on it: API fields under their API names.

Field meanings: the Kubernetes API reference of `core/v1 Pod`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import (
    Json,
    field,
    flag,
    items,
    mapping,
    names_object,
    string_map,
    text,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FINISHED_PHASES = frozenset({"Succeeded", "Failed"})
"""The phases in which no container of a pod can be exec'd into."""

DEFAULT_CONTAINER_ANNOTATION = "kubectl.kubernetes.io/default-container"
LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
# The container's own goes before the pod's.
_HOST_PROCESS = ("securityContext", "windowsOptions", "hostProcess")


class HostAlias(NamedTuple):
    """One item of spec.hostAliases, text as written."""

    ip: str
    hostnames: tuple[str, ...] = ()


class VolumeMount(NamedTuple):
    """One item of a container's volumeMounts."""

    name: str
    mount_path: str
    sub_path: str = ""
    """subPath, or subPathExpr as written."""
    read_only: bool = False
    is_expression: bool = False
    """sub_path is subPathExpr, and names variables of the container's environment."""


class ContainerKind(Enum):
    """Which list of the Pod it stands in; a sidecar is an init container that restarts always."""

    INIT = "init"
    SIDECAR = "sidecar"
    APP = "app"
    EPHEMERAL = "ephem"


class ContainerStatus(NamedTuple):
    """The status the API server has of a container: where it is and when it started."""

    state: str = ""
    """`running`, `waiting`, `terminated`, or "" when there is no status yet."""
    reason: str = ""
    message: str = ""
    started_at: str = ""
    """The newest start that `state` and `lastState` know (RFC 3339), "" when there was none."""
    last_message: str = ""
    """What lastState.terminated says: of a container that cannot start, the runtime's own words."""


class Container(NamedTuple):
    """One container of the Pod: spec and status together."""

    name: str
    kind: ContainerKind = ContainerKind.APP
    image: str = ""
    volume_mounts: tuple[VolumeMount, ...] = ()
    host_process: bool = False
    status: ContainerStatus = ContainerStatus()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str | None], ...] = ()
    """Names and values; None where valueFrom has it."""
    writes_hosts: bool = False
    """Whether its command, or its postStart hook, writes to /etc/hosts."""

    def runs(self, image: str) -> bool:
        """Whether its image is called so, whatever its registry, tag and digest are.

        With the path, too, as GitLab's runner names a service: `/` is `__` or `-` there.
        """
        path, _, last = self.image.partition("@")[0].rpartition("/")
        name = last.partition(":")[0]
        parts = (*path.split("/"), name) if path else (name,)
        return image in {name, "__".join(parts), "-".join(parts)}


class Projection(NamedTuple):
    """Files that one source puts into a volume: a ConfigMap's keys, a Secret's, the pod's fields.

    items are (key or field, path in the volume) pairs; () takes every key of a ConfigMap or Secret
    under its own name. optional: without the object or the key, the files are left out.
    """

    source: str
    refers_to: str = ""
    items: tuple[tuple[str, str], ...] = ()
    optional: bool = False


class Volume(NamedTuple):
    """One item of spec.volumes: its name, its source's field name, and what that refers to."""

    name: str
    source: str
    refers_to: str = ""
    read_only: bool = False
    """The source's own readOnly: a claim's, a CSI driver's."""
    projections: tuple[Projection, ...] = ()
    """What a configMap, secret, downwardAPI or projected volume holds; later ones win a path."""

    @property
    def config_maps(self) -> tuple[Projection, ...]:
        """That of source configMap, or those among the sources of a projected volume."""
        return tuple(each for each in self.projections if each.source == "configMap")


class DNSConfig(NamedTuple):
    """spec.dnsConfig; an option without a value has None."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()


class Owner(NamedTuple):
    """The controller in metadata.ownerReferences."""

    kind: str
    name: str


class Pod(Struct, frozen=True, kw_only=True):
    """A Pod's fields that decide what its containers resolve."""

    namespace: str
    name: str
    uid: str = ""
    hostname: str = ""
    subdomain: str = ""
    hostname_override: str | None = None
    set_hostname_as_fqdn: bool = False
    host_network: bool = False
    host_aliases: tuple[HostAlias, ...] = ()
    dns_policy: str = "ClusterFirst"
    dns_config: DNSConfig | None = None
    node_name: str = ""
    os_name: str = ""
    selected_os: str = ""
    """The operating system that nodeSelector or required node affinity allows alone."""
    node_selector: tuple[tuple[str, str], ...] = ()
    volumes: tuple[Volume, ...] = ()
    containers: tuple[Container, ...] = ()
    phase: str = ""
    ready: bool = False
    pod_ips: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    owner: Owner | None = None
    deleted_at: str = ""

    @property
    def object(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    @property
    def is_finished(self) -> bool:
        """Phase Succeeded or Failed: no container can be exec'd into."""
        return self.phase in FINISHED_PHASES

    def annotation(self, name: str) -> str:
        """An annotation's value, "" where absent."""
        return dict(self.annotations).get(name, "")

    def container(self, name: str) -> Container | None:
        """The container of that name, of any kind."""
        return next((each for each in self.containers if each.name == name), None)


def parse_pod(obj: Json) -> Pod:
    """A Pod from its JSON. Raises BadInput for a field of the wrong type."""
    with names_object("Pod", obj):
        return _parse_pod(obj)


def _parse_pod(obj: Json) -> Pod:
    spec = mapping(obj, "spec")
    return Pod(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        uid=text(obj, "metadata", "uid"),
        hostname=text(spec, "hostname"),
        subdomain=text(spec, "subdomain"),
        hostname_override=None
        if field(spec, "hostnameOverride") is None
        else text(spec, "hostnameOverride"),
        set_hostname_as_fqdn=flag(spec, "setHostnameAsFQDN"),
        host_network=flag(spec, "hostNetwork"),
        host_aliases=parse_host_aliases(spec),
        dns_policy=text(spec, "dnsPolicy") or "ClusterFirst",
        dns_config=parse_dns_config(spec),
        node_name=text(spec, "nodeName"),
        os_name=text(spec, "os", "name"),
        selected_os=_selected_os(spec),
        node_selector=tuple(string_map(spec, "nodeSelector").items()),
        volumes=tuple(_parse_volume(volume) for volume in items(spec, "volumes")),
        containers=_parse_containers(spec, mapping(obj, "status")),
        phase=text(obj, "status", "phase"),
        ready=is_ready(obj),
        pod_ips=_parse_pod_ips(obj),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
        annotations=tuple(string_map(obj, "metadata", "annotations").items()),
        owner=parse_owner(obj),
        deleted_at=text(obj, "metadata", "deletionTimestamp"),
    )


def parse_host_aliases(spec: Json) -> tuple[HostAlias, ...]:
    """spec.hostAliases in item order, text untouched."""
    return tuple(
        HostAlias(text(item, "ip"), texts(item, "hostnames")) for item in items(spec, "hostAliases")
    )


def parse_dns_config(spec: Json) -> DNSConfig | None:
    """spec.dnsConfig, or None where it is absent."""
    if field(spec, "dnsConfig") is None:
        return None
    config = mapping(spec, "dnsConfig")
    return DNSConfig(
        nameservers=texts(config, "nameservers"),
        searches=texts(config, "searches"),
        options=tuple(
            (text(item, "name"), None if field(item, "value") is None else text(item, "value"))
            for item in items(config, "options")
        ),
    )


def parse_owner(obj: Json) -> Owner | None:
    """The owner reference with `controller: true`, if there is one."""
    for reference in items(obj, "metadata", "ownerReferences"):
        if flag(reference, "controller"):
            return Owner(
                kind=text(reference, "kind"),
                name=text(reference, "name"),
            )
    return None


def is_ready(obj: Json) -> bool:
    """Whether the Pod says that it is Ready."""
    return any(
        text(condition, "type") == "Ready" and text(condition, "status") == "True"
        for condition in items(obj, "status", "conditions")
    )


def _parse_pod_ips(obj: Json) -> tuple[str, ...]:
    listed = tuple(text(item, "ip") for item in items(obj, "status", "podIPs"))
    single = text(obj, "status", "podIP")
    return listed or ((single,) if single else ())


# The label that every kubelet puts on its node, and its name before 1.14.
_OS_LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")
_REQUIRED = (
    *("affinity", "nodeAffinity"),
    *("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"),
)


def _selected_os(spec: Json) -> str:
    """The one operating system that the scheduler may choose by label, "" where it may choose.

    Terms of node affinity are alternatives, what stands in one must all hold (core/v1
    NodeSelectorTerm).
    """
    selector = string_map(spec, "nodeSelector")
    named = [selector[label] for label in _OS_LABELS if label in selector]
    if named:
        return named[0]
    terms = items(spec, *_REQUIRED)
    allowed = {_os_of_term(term) for term in terms}
    return allowed.pop() if len(allowed) == 1 else ""


def _os_of_term(term: Json) -> str:
    for requirement in items(term, "matchExpressions"):
        values = texts(requirement, "values")
        is_os = text(requirement, "key") in _OS_LABELS
        if is_os and text(requirement, "operator") == "In" and len(values) == 1:
            return values[0]
    return ""


def _parse_volume(volume: Json) -> Volume:
    source = next((key for key in volume if key != "name"), "emptyDir")
    body = mapping(volume, source)
    return Volume(
        name=text(volume, "name"),
        source=source,
        refers_to=_refers_to(body),
        read_only=flag(body, "readOnly") if "readOnly" in body else False,
        projections=_projections(source, body),
    )


def _refers_to(body: Json) -> str:
    return next(
        (text(body, key) for key in ("name", "secretName", "claimName", "path") if key in body), ""
    )


def _projections(source: str, body: Json) -> tuple[Projection, ...]:
    if source != "projected":
        return (_projection(source, body),) if source in _PROJECTED else ()
    return tuple(
        _projection(name, mapping(each, name)) for each in items(body, "sources") for name in each
    )


_PROJECTED = ("configMap", "secret", "downwardAPI")


def _projection(source: str, body: Json) -> Projection:
    return Projection(
        source=source,
        refers_to=_refers_to(body) if source in {"configMap", "secret"} else "",
        items=tuple(_projected_items(source, body)),
        optional=flag(body, "optional"),
    )


# The single files of a projected volume's other sources.
_SINGLE_FILES = ("path", "keyPath", "certificateChainPath", "credentialBundlePath")


def _projected_items(source: str, body: Json) -> Iterator[tuple[str, str]]:
    """(key, path) of each item; of the downward API the key is fieldRef's path, "" for another."""
    for item in items(body, "items"):
        field_path = text(item, "fieldRef", "fieldPath")
        yield field_path if source == "downwardAPI" else text(item, "key"), text(item, "path")
    if source not in _PROJECTED:
        yield from ((source, text(body, key)) for key in _SINGLE_FILES if key in body)


# spec list, status list, kind; the order is that of `kubectl exec`'s message.
_CONTAINER_LISTS = (
    ("containers", "containerStatuses", ContainerKind.APP),
    ("ephemeralContainers", "ephemeralContainerStatuses", ContainerKind.EPHEMERAL),
    ("initContainers", "initContainerStatuses", ContainerKind.INIT),
)


def _parse_containers(spec: Json, status: Json) -> tuple[Container, ...]:
    return tuple(
        _parse_container(item, kind, _statuses_by_name(status, status_key), spec)
        for spec_key, status_key, kind in _CONTAINER_LISTS
        for item in items(spec, spec_key)
    )


def _statuses_by_name(status: Json, key: str) -> dict[str, Json]:
    return {text(item, "name"): item for item in items(status, key)}


def _parse_container(
    item: Json, kind: ContainerKind, statuses: dict[str, Json], spec: Json
) -> Container:
    name = text(item, "name")
    restarts_always = kind is ContainerKind.INIT and text(item, "restartPolicy") == "Always"
    return Container(
        name=name,
        kind=ContainerKind.SIDECAR if restarts_always else kind,
        image=text(item, "image"),
        volume_mounts=tuple(
            VolumeMount(
                name=text(mount, "name"),
                mount_path=text(mount, "mountPath"),
                sub_path=text(mount, "subPath") or text(mount, "subPathExpr"),
                read_only=flag(mount, "readOnly"),
                is_expression="$(" in text(mount, "subPathExpr"),
            )
            for mount in items(item, "volumeMounts")
        ),
        host_process=flag(spec if field(item, *_HOST_PROCESS) is None else item, *_HOST_PROCESS),
        status=_parse_status(statuses.get(name, {})),
        command=texts(item, "command"),
        args=texts(item, "args"),
        writes_hosts=writes_hosts(item),
        env=tuple(
            (text(each, "name"), None if field(each, "valueFrom") else text(each, "value"))
            for each in items(item, "env")
        ),
    )


# `mv` and `sed -i` fail on a file that is mounted (hosts-file.md 2.3).
_REDIRECTED = re.compile(
    r"(?:>{1,2}|\btee\b(?:\s+-\S+)*|\bdd\b[^;&|\n]*\sof=)\s*[\"']?/etc/hosts(?![\w./-])"
)
# POSIX, Shell Command Language 2.6.2: `F=/etc/hosts`, `${F:-/etc/hosts}`, and what means them.
_NAMED = re.compile(r"(?<![\w.-])([A-Za-z_]\w*)(?:=|:[-=]|-)[\"']?/etc/hosts(?![\w./-])")
_REFERENCE = re.compile(r"\$(?:\{(\w+)(?::?[-=][^{}]*)?\}|\((\w+)\)|(\w+))")
_COMMANDS = re.compile(r"[;&|)\n]")
_COPIED = re.compile(r"\bcp\b"), re.compile(r"\s[\"']?/etc/hosts[\"']?\Z")
WRITES_HOSTS = "> /etc/hosts"
"""What stands for a command that writes to the file, where the command is not to be told."""


def writes_hosts(container: Json) -> bool:
    """Whether a command of CONTAINER, as the API has it, writes to /etc/hosts.

    One of a wrong type does not: who parses the pod says what is wrong with it.
    """
    try:
        started = (texts(container, "command"), texts(container, "args"))
        hook = texts(container, "lifecycle", "postStart", "exec", "command")
        env = items(container, "env") if "$" in str((started, hook)) else ()
    except BadInput:
        return False
    said = (" ".join((*started[0], *started[1])), " ".join(hook))
    named = {text(each, "name") for each in env if text(each, "value") == "/etc/hosts"}
    written_out = (_with_path(each, named) for each in said)
    return any(_REDIRECTED.search(each) or _copies(each) for each in written_out)


def _with_path(script: str, named: set[str]) -> str:
    """SCRIPT with the file's path where a variable has it, one that is NAMED or set in SCRIPT."""
    meaning = named.union(_NAMED.findall(script)) if "$" in script else ()
    if not meaning:
        return script

    def path(found: re.Match[str]) -> str:
        return "/etc/hosts" if meaning.intersection(found.groups()) else found[0]

    return _REFERENCE.sub(path, script)


def _copies(script: str) -> bool:
    """Whether the last word of a `cp` is the file."""
    commands = (each.rstrip() for each in _COMMANDS.split(script))
    return any(all(form.search(each) for form in _COPIED) for each in commands)


def _parse_status(status: Json) -> ContainerStatus:
    states = mapping(status, "state")
    state = next(iter(states), "")
    now = mapping(states, state) if state else {}
    last = mapping(status, "lastState", "terminated")
    starts = (
        text(mapping(status, key), name, "startedAt")
        for key in ("state", "lastState")
        for name in ("running", "terminated")
    )
    return ContainerStatus(
        state=state,
        reason=text(now, "reason"),
        message=text(now, "message"),
        started_at=max(starts),
        last_message=text(last, "message"),
    )


# Which container of a pod is looked at, and whether a command can run in it.

_WORDS = {
    ContainerKind.INIT: " (init)",
    ContainerKind.SIDECAR: " (init)",
    ContainerKind.EPHEMERAL: " (ephem)",
}


def default_container(pod: Pod) -> Container:
    """The annotated default, else the first app container: podcmd.FindOrDefaultContainerByName.

    Raises BadInput for a pod without containers.
    """
    annotated = pod.container(pod.annotation(DEFAULT_CONTAINER_ANNOTATION))
    if annotated is not None:
        return annotated
    for container in pod.containers:
        if container.kind is ContainerKind.APP:
            return container
    raise BadInput(
        f"pod {pod.name} has no containers", hint="spec.containers of its manifest is empty."
    )


def container_named(pod: Pod, name: str) -> Container:
    """The container of that name, of any kind. Raises BadInput in kubectl's words."""
    found = pod.container(name)
    if found is None:
        raise BadInput(
            f"container {name} not found in pod {pod.name}",
            hint=f"Its containers are: {container_list(pod)}.",
        )
    return found


def container_list(pod: Pod) -> str:
    """All containers as kubectl lists them: `a, b, dbg (ephem), i1 (init), side (init)`."""
    return ", ".join(each.name + _WORDS.get(each.kind, "") for each in pod.containers)


# istio.io "DNS Proxying": what the proxy is told where the pod's questions to DNS are sent to it.
_DNS_CAPTURE = ("ISTIO_META_DNS_CAPTURE", "true")


def dns_proxy(pod: Pod, container: str) -> str:
    """The container whose proxy takes the questions of CONTAINER to DNS; "" where none does."""
    proxy = next((each.name for each in pod.containers if _DNS_CAPTURE in each.env), container)
    return proxy if proxy != container else ""


def defaulted_note(pod: Pod) -> str:
    """What kubectl says on stderr when it chooses among several containers, else ""."""
    if len(pod.containers) < 2:
        return ""
    return f'Defaulted container "{default_container(pod).name}" out of: {container_list(pod)}'


def why_not_running(pod: Pod, container: Container) -> str:
    """Why no command can run in the container, as far as its status tells; "" when one can."""
    if pod.is_finished:
        return f"cannot exec into a container in a completed pod; current phase is {pod.phase}"
    if not pod.node_name:
        return f"pod {pod.name} does not have a host assigned"
    status = container.status
    if status.state in {"running", ""}:
        return ""
    reason = status.reason or status.state
    return f'container "{container.name}" is not running: {status.state}, {reason}'
