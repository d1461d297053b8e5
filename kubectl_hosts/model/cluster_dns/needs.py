"""What a question of the CoreDNS model asks for: reads of objects, and questions to upstreams.

A computation yields one read at a time and is sent what it gave. Each function here is such a
computation: it returns the typed objects (none: they are absent), or why nobody could look.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from msgspec import Struct

from kubectl_hosts.model.cluster_dns.query_names import same_address
from kubectl_hosts.model.dns import Answer, NoReply, Question, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.objects import (
    ConfigMap,
    EndpointSlice,
    IPAddress,
    Namespace,
    Node,
    Service,
    ServiceCIDR,
)
from kubectl_hosts.model.pod import Pod
from kubectl_hosts.model.reads import PAGE, Diagnosis, Found, Objects, as_found, find


class UpstreamAsk(Struct, frozen=True, kw_only=True):
    """A question that `forward` sends on: it is asked, not guessed.

    question is what goes out, after any `rewrite`. servers are the `TO` words of the plugin
    (`/etc/resolv.conf` means the nameservers of the DNS pod), line its line in the Corefile that
    stands in `corefile`.
    same_at_nameserver says whether the pod's nameserver, asked this very question, sends it the
    same way: where it does not (another block answers, another server), nobody can ask it there.
    Told a Reply, NoReply, or UnknownReply where nobody asked.
    """

    question: Question
    servers: tuple[str, ...]
    line: int
    corefile: str = ""
    same_at_nameserver: bool = True

    @property
    def unknown(self) -> UnknownReply:
        """What it is told where nobody can ask: by the names of the servers."""
        asked = f"{self.question.name} {self.question.type}"
        return UnknownReply(f"what {', '.join(self.servers)} answers for {asked}")


T = TypeVar("T")
Need = Objects | UpstreamAsk
Told = Found | CouldNotLook | Reply | NoReply | UnknownReply
Asking = Generator[Need, Told, T]
"""A computation that yields what it has to know and is sent the answer."""
Seen = tuple[T, ...] | CouldNotLook
"""The objects of a kind that were asked for (none: they are absent), or why nobody looked."""


def ask_upstream(ask: UpstreamAsk) -> Asking[Reply | NoReply | UnknownReply]:
    """Ask a server outside. Objects that could not be read there mean that nobody asked."""
    told = yield ask
    if isinstance(told, (Reply, NoReply, UnknownReply)):
        return told
    why = told.why if isinstance(told, CouldNotLook) else "not asked"
    return UnknownReply(f"what {', '.join(ask.servers)} answers for {ask.question.name} ({why})")


def _not_asked(ask: UpstreamAsk) -> UnknownReply:
    return UnknownReply(f"what {ask.question.name} is outside")


def reads_of(
    asking: Asking[T], upstream: Callable[[UpstreamAsk], Answer] = _not_asked
) -> Diagnosis[T]:
    """ASKING as a part of a diagnosis: objects are read, UPSTREAM says what servers outside say."""
    try:
        wanted = next(asking)
        while True:
            if isinstance(wanted, UpstreamAsk):
                wanted = asking.send(upstream(wanted))
            else:
                wanted = asking.send((yield from find(wanted)))
    except StopIteration as ended:
        result: T = ended.value
        return result


def objects_of(read: Objects, of: type[T]) -> Asking[Seen[T]]:
    """The objects of one read that are of the class OF. Raises TypeError for a DNS reply."""
    found = as_found(read, (yield read))
    return found if isinstance(found, CouldNotLook) else found.of(of)


def _those(read: Objects, of: type[T], chosen: Callable[[T], bool]) -> Asking[Seen[T]]:
    """Objects that no selector finds: those of a whole list, of which one page was read."""
    found = as_found(read, (yield read))
    if isinstance(found, CouldNotLook):
        return found
    kept = tuple(each for each in found.of(of) if chosen(each))
    if kept or found.complete:
        return kept
    return CouldNotLook(
        what=f"{read.kind}s", why=f"no selector finds them, and only {PAGE} were read"
    )


def service_named(namespace: str, name: str) -> Asking[Seen[Service]]:
    """The Service of that name."""
    return objects_of(Objects("Service", namespace=namespace, name=name), Service)


def service_import_named(namespace: str, name: str) -> Asking[Seen[Service]]:
    """The ServiceImport of that name (multicluster.x-k8s.io/v1alpha1), as a Service."""
    return objects_of(Objects("ServiceImport", namespace=namespace, name=name), Service)


def slices_of(
    namespace: str, service: str, *, multicluster: bool = False
) -> Asking[Seen[EndpointSlice]]:
    """The EndpointSlices of a Service, by the label that holds its name; MCS API has its own."""
    group = "multicluster.kubernetes.io" if multicluster else "kubernetes.io"
    labels = f"{group}/service-name={service}"
    return objects_of(Objects("EndpointSlice", namespace=namespace, labels=labels), EndpointSlice)


def namespace_named(name: str) -> Asking[Seen[Namespace]]:
    """The Namespace of that name."""
    return objects_of(Objects("Namespace", name=name), Namespace)


def config_map_named(namespace: str, name: str) -> Asking[Seen[ConfigMap]]:
    """The ConfigMap of that name."""
    return objects_of(Objects("ConfigMap", namespace=namespace, name=name), ConfigMap)


def pods_in(namespace: str, labels: str = "") -> Asking[Seen[Pod]]:
    """Pods of one namespace; one page of them is enough."""
    return objects_of(Objects("Pod", namespace=namespace, labels=labels), Pod)


def pods_at(address: str, namespace: str = "") -> Asking[Seen[Pod]]:
    """The pods whose first address that is; namespace "" means all."""
    fields = f"status.podIP={address}"
    return objects_of(Objects("Pod", namespace=namespace, fields=fields), Pod)


def pods_owning(address: str) -> Asking[Seen[Pod]]:
    """The pods with that address; of the second family no selector finds them."""
    first = yield from pods_at(address)
    if first or ":" not in address:
        return first
    return (
        yield from _those(
            Objects("Pod"),
            Pod,
            lambda pod: any(same_address(address, each) for each in pod.pod_ips),
        )
    )


def services_called(name: str) -> Asking[Seen[Service]]:
    """The Services of that name in all namespaces."""
    return objects_of(Objects("Service", fields=f"metadata.name={name}"), Service)


def services_at(address: str) -> Asking[Seen[Service]]:
    """The Services with that cluster IP.

    A field selector finds the first cluster IP of a Service; the second is of the other family and
    is found by its IPAddress object. Before 1.33 neither these nor ServiceCIDRs are served, and
    every later cluster has one of both: without them the Services are listed (KEP-1880). No cluster
    IP has a zone (RFC 4007 11), and the API takes no such name.
    """
    primary = yield from objects_of(Objects("Service", fields=f"spec.clusterIP={address}"), Service)
    if primary or ":" not in address or "%" in address:
        return primary
    owners = yield from objects_of(Objects("IPAddress", name=address), IPAddress)
    if isinstance(owners, CouldNotLook):
        return owners
    if not owners:
        ranges = yield from objects_of(Objects("ServiceCIDR"), ServiceCIDR)
        if ranges and not isinstance(ranges, CouldNotLook):
            return ()
        return (
            yield from _those(
                Objects("Service"),
                Service,
                lambda service: any(same_address(address, each) for each in service.cluster_ips),
            )
        )
    found: tuple[Service, ...] = ()
    for owner in owners:
        if owner.service_name:
            services = yield from service_named(owner.service_namespace, owner.service_name)
            if isinstance(services, CouldNotLook):
                return services
            found += services
    return found


def services_with_external_ip(address: str) -> Asking[Seen[Service]]:
    """The Services with that external or load balancer IP; no selector finds them."""
    return _those(
        Objects("Service"),
        Service,
        lambda service: any(same_address(address, each) for each in service.outer_ips),
    )


def slices_at(address: str) -> Asking[Seen[EndpointSlice]]:
    """The EndpointSlices with that address: of a pod's namespace, else of the whole cluster."""

    def has_it(part: EndpointSlice) -> bool:
        addresses = (each for endpoint in part.endpoints for each in endpoint.addresses)
        return any(same_address(address, each) for each in addresses)

    pods = yield from pods_at(address)
    if isinstance(pods, CouldNotLook) or not pods:
        return (yield from _those(Objects("EndpointSlice"), EndpointSlice, has_it))
    found: tuple[EndpointSlice, ...] = ()
    for namespace in dict.fromkeys(pod.namespace for pod in pods):
        slices = yield from _those(
            Objects("EndpointSlice", namespace=namespace), EndpointSlice, has_it
        )
        if isinstance(slices, CouldNotLook):
            return slices
        found += slices
    return found


def nodes_at(address: str) -> Asking[Seen[Node]]:
    """The Nodes with that address; no selector finds them."""
    return _those(
        Objects("Node"),
        Node,
        lambda node: any(same_address(address, each) for _, each in node.addresses),
    )
