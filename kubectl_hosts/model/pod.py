"""The Pod object, as far as names in a container depend on it: API fields under their API names.

Field meanings: the Kubernetes API reference of `core/v1 Pod`. What is imported before the first
exec (this module, evidence.py) is made of NamedTuples where it can be: a dataclass takes 0.4 ms to
make.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from kubectl_hosts.model.fields import (
    Json,
    field,
    flag,
    items,
    mapping,
    number,
    string_map,
    text,
    texts,
)

DEFAULT_CONTAINER_ANNOTATION = "kubectl.kubernetes.io/default-container"
LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
STATIC_POD_ANNOTATION = "kubernetes.io/config.mirror"
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
    read_only: bool = False


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
    restart_count: int = 0
    exit_code: int | None = None


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


class ConfigMapSource(NamedTuple):
    """A ConfigMap that a volume shows; items are (key, path), () for every key under its name."""

    name: str
    items: tuple[tuple[str, str], ...] = ()
    optional: bool = False


class Volume(NamedTuple):
    """One item of spec.volumes: its name, its source's field name, and what that refers to."""

    name: str
    source: str
    refers_to: str = ""
    config_maps: tuple[ConfigMapSource, ...] = ()
    """That of source configMap, or those among the sources of a projected volume."""


class DNSConfig(NamedTuple):
    """spec.dnsConfig; an option without a value has None."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()


class Owner(NamedTuple):
    """The controller in metadata.ownerReferences."""

    kind: str
    name: str
    api_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
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
    volumes: tuple[Volume, ...] = ()
    containers: tuple[Container, ...] = ()
    phase: str = ""
    ready: bool = False
    pod_ips: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    owner: Owner | None = None
    created_at: str = ""
    deleted_at: str = ""

    @property
    def is_finished(self) -> bool:
        """Phase Succeeded or Failed: no container can be exec'd into."""
        return self.phase in {"Succeeded", "Failed"}

    def annotation(self, name: str) -> str:
        """An annotation's value, "" where absent."""
        return dict(self.annotations).get(name, "")

    def container(self, name: str) -> Container | None:
        """The container of that name, of any kind."""
        return next((each for each in self.containers if each.name == name), None)


def parse_pod(obj: Json) -> Pod:
    """A Pod from its JSON. Raises BadInput for a field of the wrong type."""
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
        volumes=tuple(_parse_volume(volume) for volume in items(spec, "volumes")),
        containers=_parse_containers(spec, mapping(obj, "status")),
        phase=text(obj, "status", "phase"),
        ready=_is_ready(obj),
        pod_ips=_parse_pod_ips(obj),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
        annotations=tuple(string_map(obj, "metadata", "annotations").items()),
        owner=parse_owner(obj),
        created_at=text(obj, "metadata", "creationTimestamp"),
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
                api_version=text(reference, "apiVersion"),
            )
    return None


def _is_ready(obj: Json) -> bool:
    return any(
        text(condition, "type") == "Ready" and text(condition, "status") == "True"
        for condition in items(obj, "status", "conditions")
    )


def _parse_pod_ips(obj: Json) -> tuple[str, ...]:
    listed = tuple(text(item, "ip") for item in items(obj, "status", "podIPs"))
    single = text(obj, "status", "podIP")
    return listed or ((single,) if single else ())


def _parse_volume(volume: Json) -> Volume:
    source = next((key for key in volume if key != "name"), "emptyDir")
    body = mapping(volume, source)
    refers_to = next(
        (text(body, key) for key in ("name", "secretName", "claimName", "path") if key in body), ""
    )
    return Volume(
        name=text(volume, "name"),
        source=source,
        refers_to=refers_to,
        config_maps=tuple(map(_parse_config_map_source, _config_map_sources(volume))),
    )


def _config_map_sources(volume: Json) -> tuple[Json, ...]:
    if field(volume, "configMap") is not None:
        return (mapping(volume, "configMap"),)
    projected = items(volume, "projected", "sources")
    return tuple(mapping(each, "configMap") for each in projected if field(each, "configMap"))


def _parse_config_map_source(source: Json) -> ConfigMapSource:
    return ConfigMapSource(
        name=text(source, "name"),
        items=tuple((text(each, "key"), text(each, "path")) for each in items(source, "items")),
        optional=flag(source, "optional"),
    )


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
            )
            for mount in items(item, "volumeMounts")
        ),
        host_process=flag(spec if field(item, *_HOST_PROCESS) is None else item, *_HOST_PROCESS),
        status=_parse_status(statuses.get(name, {})),
        command=texts(item, "command"),
        args=texts(item, "args"),
        env=tuple(
            (text(each, "name"), None if field(each, "valueFrom") else text(each, "value"))
            for each in items(item, "env")
        ),
    )


def _parse_status(status: Json) -> ContainerStatus:
    states = mapping(status, "state")
    state = next(iter(states), "")
    now = mapping(states, state) if state else {}
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
        restart_count=number(status, "restartCount"),
        exit_code=number(now, "exitCode") if "exitCode" in now else None,
    )
