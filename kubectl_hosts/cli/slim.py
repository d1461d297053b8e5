"""What of a Pod object is kept while a fleet is looked at: the fields that anything here reads.

managedFields, commands, environments and probes are most of a Pod's size. A test holds this table
against model/pod.py, which parses what is left. A DNS server's own pod is read whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json

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
    """A Pod object with the fields of the table."""
    slim: Json = _slim(obj, _KEPT)
    return slim


def _slim(value: Any, kept: Any) -> Any:  # noqa: ANN401  JSON of any shape
    if isinstance(value, list):
        return [_slim(each, kept) for each in value]
    if not (isinstance(value, dict) and kept):
        return value
    return {key: _slim(each, kept[key]) for key, each in value.items() if key in kept}
