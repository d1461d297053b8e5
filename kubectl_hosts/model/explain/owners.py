"""Which objects own an address: Service, EndpointSlice, Pod, Node, a hostAlias, or none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.model.cluster_dns.names import same_address
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.words import bare, listed
from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.explain.case import ExplainCase
    from kubectl_hosts.model.explain.inputs import ExplainInputs
    from kubectl_hosts.model.objects import EndpointSlice, Node, Service
    from kubectl_hosts.model.pod import Pod

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An object that has the address, and as what, in words after `ADDRESS is`."""

    origin: Origin
    words: str


def find_owners(inputs: ExplainInputs) -> tuple[Owner, ...]:
    """The owners of the address asked for; () for a name."""
    objects = inputs.owners
    if objects is None:
        return ()
    address = inputs.name
    return (
        *_services(address, _read(objects.services)),
        *_slices(address, _read(objects.slices)),
        *_pods(address, _read(objects.pods)),
        *_nodes(address, _read(objects.nodes)),
        *_host_aliases(inputs),
    )


def _read(objects: Seen[T]) -> tuple[T, ...]:
    return objects if isinstance(objects, tuple) else ()


def _services(address: str, services: tuple[Service, ...]) -> Iterator[Owner]:
    for service in services:
        for field, kind, addresses in (
            ("spec.clusterIPs", "the cluster IP", service.cluster_ips),
            ("spec.externalIPs", "an external IP", service.external_ips),
        ):
            for index, each in enumerate(addresses):
                if same_address(each, address):
                    yield Owner(
                        origin=Origin(
                            kind=OriginKind.SERVICE,
                            object=service.object,
                            field=f"{field}[{index}]",
                        ),
                        words=f"{kind} of Service {service.object}",
                    )


def _slices(address: str, slices: tuple[EndpointSlice, ...]) -> Iterator[Owner]:
    for part in slices:
        for index, endpoint in enumerate(part.endpoints):
            if any(same_address(each, address) for each in endpoint.addresses):
                state = ", not ready" if endpoint.ready is False else ""
                yield Owner(
                    origin=Origin(
                        kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]"
                    ),
                    words=f"an endpoint of Service {part.namespace}/{part.service}{state}",
                )


def _pods(address: str, pods: tuple[Pod, ...]) -> Iterator[Owner]:
    for pod in pods:
        for index, each in enumerate(pod.pod_ips):
            if same_address(each, address) and not pod.is_finished:
                yield Owner(
                    origin=Origin(
                        kind=OriginKind.POD_IP,
                        object=f"{pod.namespace}/{pod.name}",
                        field=f"status.podIPs[{index}]",
                    ),
                    words=f"the address of pod {pod.namespace}/{pod.name}"
                    + (" (its node's: hostNetwork)" if pod.host_network else ""),
                )


def _nodes(address: str, nodes: tuple[Node, ...]) -> Iterator[Owner]:
    for node in nodes:
        for index, (kind, each) in enumerate(node.addresses):
            if same_address(each, address):
                yield Owner(
                    origin=Origin(
                        kind=OriginKind.NODE_HOSTS,
                        object=node.name,
                        field=f"status.addresses[{index}]",
                    ),
                    words=f"the {kind or 'address'} of node {node.name}",
                )


def _host_aliases(inputs: ExplainInputs) -> Iterator[Owner]:
    pod = inputs.pod
    for index, alias in enumerate(pod.host_aliases):
        if same_address(alias.ip, inputs.name):
            field = f"hostAliases[{index}]"
            yield Owner(
                origin=Origin(
                    kind=OriginKind.HOST_ALIAS,
                    object=f"{pod.namespace}/{pod.name}",
                    field=f"spec.{field}",
                ),
                words=f"what {field} of pod {pod.namespace}/{pod.name} gives "
                f"{listed(alias.hostnames) or 'no name'}",
            )


def headline_of_address(case: ExplainCase, owners: tuple[Owner, ...]) -> str:
    """Who owns the address, then what the pod's resolver calls it."""
    words = listed((each.words for each in owners), shown=4)
    owned = words or "owned by no Service, EndpointSlice, Pod, Node or hostAlias that was read"
    return f"{case.name} is {owned}; {_named(case)}"


def _named(case: ExplainCase) -> str:
    observed = case.observed
    data = observed.data if isinstance(observed, Observed) else case.predicted.data
    if data:
        names = listed(bare(each) for each in data)
        return f"its name in pod {case.subject} is {names}"
    if case.predicted.outcome is Outcome.UNKNOWN and not isinstance(observed, Observed):
        return f"its name is not known: {listed(case.predicted.unknown)}"
    return f"it has no name in pod {case.subject}"


def unread_owners(inputs: ExplainInputs) -> tuple[CouldNotLook, ...]:
    """The kinds of object that nobody could read, so that an owner may be missing."""
    objects = inputs.owners
    kinds = (objects.services, objects.slices, objects.pods, objects.nodes) if objects else ()
    return tuple(each for each in kinds if isinstance(each, CouldNotLook))
