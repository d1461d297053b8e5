"""Origins in words: the kind of source, and the field or line that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.origin import CONFIG_MAP_DATA, OriginKind
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from kubectl_hosts.model.origin import Origin

_WORDS = {
    OriginKind.KUBELET_BOILERPLATE: "kubelet",
    OriginKind.POD_IP: "pod IP",
    OriginKind.HOST_ALIAS: "hostAliases",
    OriginKind.NODE_HOSTS: "node {object}",
    OriginKind.OWN_MOUNT: "own mount",
    OriginKind.RUNTIME: "container runtime",
    OriginKind.IMAGE: "image",
    OriginKind.FOREIGN: "manual edit",
    OriginKind.SERVICE: "Service {object}",
    OriginKind.HEADLESS_SERVICE: "headless Service {object}",
    OriginKind.ENDPOINT: "endpoint of {object}",
    OriginKind.EXTERNAL_NAME: "ExternalName Service {object}",
    OriginKind.POD_RECORD: "pod record {object}",
    OriginKind.COREFILE_HOSTS: "hosts plugin of the Corefile",
    OriginKind.REWRITE: "rewrite rule of the Corefile",
    OriginKind.TEMPLATE: "template of the Corefile",
    OriginKind.STUB_DOMAIN: "stub domain",
    OriginKind.UPSTREAM: "upstream DNS",
    OriginKind.NODE_LOCAL_DNS: "NodeLocal DNSCache",
    OriginKind.ISTIO_PROXY: "the Istio proxy in the pod",
    OriginKind.RESOLV_CONF: "resolv.conf",
    OriginKind.NSSWITCH_CONF: "nsswitch.conf",
    OriginKind.HOSTS_FILE: "the hosts file",
    OriginKind.POD_SPEC: "the pod's spec",
    OriginKind.MANIFEST: "the manifest",
    OriginKind.LITERAL: "the address itself",
    OriginKind.UNKNOWN: "unknown",
}


# The field alone says it all; what stands before its last part is the same in every pod.
_FIELD_SAYS_IT = {OriginKind.HOST_ALIAS: "spec.", OriginKind.POD_IP: "status."}


def describe_origin(origin: Origin) -> str:
    """`hostAliases[0]`, `podIPs[0]`, `node node-1 (line 4)`, `own mount, ConfigMap a/b`."""
    if origin.kind in _FIELD_SAYS_IT and origin.field:
        return escape(origin.field.removeprefix(_FIELD_SAYS_IT[origin.kind]))
    if origin.kind is OriginKind.OWN_MOUNT and origin.field == CONFIG_MAP_DATA:
        return escape(f"own mount, ConfigMap {origin.object}")
    words = _WORDS[origin.kind].format(object=origin.object)
    if origin.kind is OriginKind.FOREIGN:
        return words
    place = origin.field or (f"line {origin.line}" if origin.line is not None else "")
    return escape(f"{words} ({place})" if place else words)
