"""Names of pods by their address, `1-2-3-4.NS.pod.ZONE`; coredns kubernetes.go findPods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.backing import (
    Backing,
    Found,
    View,
    empty_namespace,
    namespace_exists,
)
from kubectl_hosts.model.cluster_dns.chain import read
from kubectl_hosts.model.cluster_dns.names import parse_address, undashed
from kubectl_hosts.model.cluster_dns.needs import pods_at
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.cluster_dns.question import RequestedName

# controller.go podListFunc: `status.phase!=Succeeded,Failed,Unknown`.
_GONE_PHASES = frozenset({"Succeeded", "Failed", "Unknown"})


def find_pods(view: View, requested: RequestedName) -> Asking[Found]:
    """The address in a pod's name, as option `pods` has it. Raises NotKnown."""
    if view.options.pods == "disabled":
        return Found(exists=False, rule="`pods disabled`: no pod has a name by its address")
    if not requested.service:
        return (yield from empty_namespace(view, requested))
    address = undashed(requested.service)
    if not (yield from namespace_exists(view, requested.namespace)):
        return Found(exists=False, rule=f"no namespace {requested.namespace} (exposed)")
    owner = f"{requested.service}.{requested.namespace}.pod.{view.zone}"
    if parse_address(address) is None:
        return Found(exists=False, rule=f"`{requested.service}` is no address with dashes")
    if view.options.pods == "insecure":
        backing = Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(kind=OriginKind.POD_RECORD, object=requested.namespace),
            rule="`pods insecure` gives the address in the name back: no proof that a pod has it",
        )
        return Found(exists=True, rule=backing.rule, backings=(backing,))
    return (yield from _find_verified_pods(requested, address, owner))


def _find_verified_pods(requested: RequestedName, address: str, owner: str) -> Asking[Found]:
    listed = yield from read(pods_at(address, requested.namespace))
    backings = tuple(
        Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(
                kind=OriginKind.POD_RECORD,
                object=f"{pod.namespace}/{pod.name}",
                field="status.podIP",
            ),
            rule=f"`pods verified`: pod {pod.name} has this address",
        )
        for pod in listed
        if pod.phase not in _GONE_PHASES
        and not pod.deleted_at
        and pod.pod_ips[:1] == (address,)
        and pod.namespace == requested.namespace
    )
    if not backings:
        rule = f"`pods verified`: no running pod of {requested.namespace} has the address {address}"
        return Found(exists=False, rule=rule)
    return Found(exists=True, rule=backings[0].rule, backings=backings)
