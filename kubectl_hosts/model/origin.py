"""Where a line or an answer came from: the kind of source, the object, and the place in it."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class OriginKind(Enum):
    """The kinds of source; the value is what JSON prints."""

    __hash__ = object.__hash__  # as that of Outcome

    KUBELET_BOILERPLATE = "KubeletBoilerplate"
    POD_IP = "PodIP"
    HOST_ALIAS = "HostAlias"
    NODE_HOSTS = "NodeHosts"
    OWN_MOUNT = "OwnMount"
    RUNTIME = "Runtime"
    IMAGE = "Image"
    FOREIGN = "Foreign"
    SERVICE = "Service"
    HEADLESS_SERVICE = "HeadlessService"
    ENDPOINT = "Endpoint"
    EXTERNAL_NAME = "ExternalName"
    POD_RECORD = "PodRecord"
    COREFILE_HOSTS = "CorefileHosts"
    REWRITE = "Rewrite"
    TEMPLATE = "Template"
    ZONE_FILE = "ZoneFile"
    STUB_DOMAIN = "StubDomain"
    UPSTREAM = "Upstream"
    NODE_LOCAL_DNS = "NodeLocalDNS"
    ISTIO_PROXY = "IstioProxy"
    RESOLV_CONF = "ResolvConf"
    NSSWITCH_CONF = "NsswitchConf"
    HOSTS_FILE = "HostsFile"
    POD_SPEC = "PodSpec"
    MANIFEST = "Manifest"
    LITERAL = "Literal"
    UNKNOWN = "Unknown"


CONFIG_MAP_DATA = "data"
"""The field of an own mount's origin whose object is a ConfigMap; else it is the pod's volume."""


class Origin(Struct, frozen=True, kw_only=True):
    """Where something came from.

    object is `namespace/name` (or just `name` for a cluster-scoped one), field the path in that
    object (`spec.hostAliases[0]`), line the 1-based line of the file or Corefile it stands for. A
    manifest's has the file as given with -f, and KIND/NAME as its object.
    """

    kind: OriginKind
    object: str = ""
    field: str = ""
    line: int | None = None
    file: str = ""

    @property
    def place(self) -> str:
        """`web.yaml:12` of what stands in a manifest, "" of other origins."""
        return f"{self.file}:{self.line}" if self.file and self.line else ""
