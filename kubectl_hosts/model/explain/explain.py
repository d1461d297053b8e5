"""One name in one container explained: prediction, observation, how they compare, what is wrong.

For an address: which objects own it, Service, EndpointSlice, Pod, Node, a hostAlias, or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import inet_pton
from kubectl_hosts.model.cluster_dns.query_names import same_address
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.case import reconsider
from kubectl_hosts.model.explain.headline import headline
from kubectl_hosts.model.explain.to_come import ToCome, case_in_words, with_words
from kubectl_hosts.model.explain.words import bare, listed
from kubectl_hosts.model.explain.worth_telling import find_notes, find_what_is_wrong
from kubectl_hosts.model.explanation import Explanation, Observed, ResolverUsed
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.reads import known
from kubectl_hosts.model.resolver.lookup import services_asked
from kubectl_hosts.model.resolver.outcome import Outcome, ReverseLookup

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.explain.case import ExplainCase, ExplainInputs
    from kubectl_hosts.model.objects import EndpointSlice, Node, Service
    from kubectl_hosts.model.pod import Pod


class AddressOwner(Struct, frozen=True, kw_only=True):
    """An object that has the address, and as what, in words after `ADDRESS is`."""

    origin: Origin
    words: str


def find_owners(inputs: ExplainInputs) -> tuple[AddressOwner, ...]:
    """The owners of the address asked for; () for a name."""
    objects = inputs.owners
    if objects is None:
        return ()
    may_own = (
        *_of_services(known(objects.services)),
        *_of_slices(known(objects.slices)),
        *_of_pods(known(objects.pods)),
        *_of_nodes(known(objects.nodes)),
        *_of_host_aliases(inputs.pod),
    )
    owners = tuple(owner for each, owner in may_own if same_address(each, inputs.name))
    return owners or tuple(_nameservers(inputs))


MayOwn = Iterator[tuple[str, AddressOwner]]
"""Each address of an object, and what the object is to it."""


def _owner(kind: OriginKind, name: str, field: str, words: str) -> AddressOwner:
    return AddressOwner(origin=Origin(kind=kind, object=name, field=field), words=words)


def _of_services(services: tuple[Service, ...]) -> MayOwn:
    for service in services:
        for field, kind, addresses in (
            ("spec.clusterIPs", "the cluster IP", service.cluster_ips),
            ("spec.externalIPs", "an external IP", service.external_ips),
            ("status.loadBalancer.ingress", "an external IP", service.ingress),
        ):
            words = f"{kind} of Service {service.object}"
            for at, each in enumerate(addresses):
                yield each, _owner(OriginKind.SERVICE, service.object, f"{field}[{at}]", words)


def _of_slices(slices: tuple[EndpointSlice, ...]) -> MayOwn:
    for part in slices:
        for at, endpoint in enumerate(part.endpoints):
            state = ", not ready" if endpoint.ready is False else ""
            words = f"an endpoint of Service {part.namespace}/{part.service}{state}"
            owner = _owner(OriginKind.ENDPOINT, part.object, f"endpoints[{at}]", words)
            yield from ((each, owner) for each in endpoint.addresses)


def _of_pods(pods: tuple[Pod, ...]) -> MayOwn:
    for pod in pods:
        on_node = " (its node's: hostNetwork)" if pod.host_network else ""
        words = f"the address of pod {pod.object}{on_node}"
        for at, each in enumerate(() if pod.is_finished else pod.pod_ips):
            yield each, _owner(OriginKind.POD_IP, pod.object, f"status.podIPs[{at}]", words)


def _of_nodes(nodes: tuple[Node, ...]) -> MayOwn:
    for node in nodes:
        for at, (kind, each) in enumerate(node.addresses):
            field, words = f"status.addresses[{at}]", f"the {kind or 'address'} of node {node.name}"
            yield each, _owner(OriginKind.NODE_HOSTS, node.name, field, words)


def _of_host_aliases(pod: Pod) -> MayOwn:
    for at, alias in enumerate(pod.host_aliases):
        field = f"hostAliases[{at}]"
        words = f"what {field} of pod {pod.object} gives {listed(alias.hostnames) or 'no name'}"
        yield alias.ip, _owner(OriginKind.HOST_ALIAS, pod.object, f"spec.{field}", words)


def _nameservers(inputs: ExplainInputs) -> Iterator[AddressOwner]:
    for each in inputs.resolver.resolv_conf.nameservers:
        if same_address(each.text, inputs.name):
            where = f"pod {inputs.pod.namespace}/{inputs.pod.name}"
            # cluster-dns.md 3.4: NodeLocal DNSCache binds a link-local address.
            cache = inputs.name.startswith("169.254.")
            words = ", a cache on the node (NodeLocal DNSCache, or the platform's own)"
            yield AddressOwner(
                origin=Origin(kind=OriginKind.RESOLV_CONF, field="nameserver"),
                words=f"a nameserver of {where}{words if cache else ''}",
            )


def headline_of_address(case: ExplainCase, owners: tuple[AddressOwner, ...]) -> str:
    """Who owns the address, then what the pod's resolver calls it."""
    words = listed((each.words for each in owners), shown=4)
    address = inet_pton(case.name)
    if not words and address and address.is_loopback:  # RFC 6890
        words = "a loopback address: the pod itself"
    return f"{case.name} is {words or _owned_by_none(case.inputs)}; {_named(case)}"


def _named(case: ExplainCase) -> str:
    observed = case.observed
    data = observed.data if isinstance(observed, Observed) else case.predicted.data
    if data:
        names = listed(bare(each) for each in data)
        return f"its name in pod {case.subject} is {names}"
    if case.predicted.outcome is Outcome.UNKNOWN and not isinstance(observed, Observed):
        return f"its name is not known: {listed(case.predicted.unknown)}"
    return f"it has no name in pod {case.subject}{_kept_in(case)}"


def _kept_in(case: ExplainCase) -> str:
    """The plugin that says so and does not pass the zone on, where upstream DNS was not asked."""
    step = case.decisive
    question = Question(step.name, step.type) if step else None
    exchange = case.inputs.exchange(question) if question else None
    trail = exchange.served.trail if exchange and exchange.served else ()
    if step is None or step.outcome is not Outcome.NXDOMAIN or len(trail) < 2:
        return ""
    last = trail[-1]
    if last.plugin in {"forward", "proxy"}:
        return ""
    return f": `{last.plugin}` (Corefile line {last.line}) has none, and passes nothing on"


def _not_checked(inputs: ExplainInputs) -> tuple[CouldNotLook, ...]:
    """What nobody could look at, and the kinds of which an owner may be missing."""
    of_owners = (each for each in _kinds(inputs).values() if isinstance(each, CouldNotLook))
    return tuple(dict.fromkeys((*inputs.not_checked, *of_owners)))


def _kinds(inputs: ExplainInputs) -> dict[str, Seen[Service | EndpointSlice | Pod | Node]]:
    """The objects that may own the address, by their kind; {} for a name."""
    objects = inputs.owners
    if objects is None:
        return {}
    return {
        "Service": objects.services,
        "EndpointSlice": objects.slices,
        "Pod": objects.pods,
        "Node": objects.nodes,
    }


def _owned_by_none(inputs: ExplainInputs) -> str:
    """What has been looked through in vain, and what nobody could read."""
    kinds = _kinds(inputs)
    unread = tuple(f"{kind}s" for kind, each in kinds.items() if isinstance(each, CouldNotLook))
    read = [kind for kind in kinds if f"{kind}s" not in unread]
    searched = f"{', '.join(read)} or hostAlias" if read else "hostAlias"
    if not unread:
        return f"owned by no {searched} that was read"
    return f"owned by no {searched}; not read: {listed(unread, shown=4)}"


def explain(case: ExplainCase) -> Explanation:
    """Why the name resolves to that in the container: CASE put into words.

    Raises BadInput for an object with a field of the wrong type.
    """
    case = _comparable(case)
    inputs = case.inputs
    to_come = ToCome(inputs.placeholders, inputs.pod.pod_ips)
    said = case_in_words(case, to_come) if to_come else case
    findings = find_what_is_wrong(said)
    pod = inputs.pod
    owners = find_owners(inputs)
    container = pod.container(inputs.container)
    explanation = Explanation(
        name=inputs.name,
        type=inputs.type,
        namespace=pod.namespace,
        pod=pod.name,
        container=inputs.container,
        image=container.image if container else "",
        dns_policy=pod.dns_policy,
        host_network=pod.host_network,
        headline=headline_of_address(said, owners) if inputs.owners else headline(said),
        resolver=_resolver_used(inputs),
        predicted=case.predicted,
        observed=case.observed,
        verdict=case.verdict,
        steps=case.steps,
        shadowed=case.shadowed,
        owners=tuple(each.origin for each in owners),
        findings=findings,
        not_checked=_not_checked(inputs),
        notes=find_notes(case),
        fix=inputs.why.fixes[0].sentence if inputs.why.fixes else "",
        cause=inputs.why.cause,
        fixes=inputs.why.fixes,
    )
    return with_words(explanation, to_come) if to_come else explanation


def _comparable(case: ExplainCase) -> ExplainCase:
    """CASE without an observation that is of something else than what was predicted.

    The name of an address is asked of a DNS server alone; where the hosts file has it, a program
    never comes to that.
    """
    lookup = case.inputs.lookup
    if not isinstance(lookup, ReverseLookup) or lookup.source != "files":
        return case
    return reconsider(case, replace(case.inputs, observed=_ONLY_DNS))


_ONLY_DNS = CouldNotLook(
    what="the C library's own name for the address",
    why="only DNS was asked, and the hosts file comes before it",
)


def _resolver_used(inputs: ExplainInputs) -> ResolverUsed:
    resolver = inputs.resolver
    conf = resolver.resolv_conf
    return ResolverUsed(
        libc=resolver.stub.libc,
        version=inputs.detected.version,
        row=resolver.stub.id,
        sources=tuple(each.name for each in services_asked(resolver)),
        search_list=conf.search_list,
        ndots=conf.ndots,
        nameservers=tuple(each.text for each in conf.nameservers),
        doubt=inputs.detected.doubt,
    )
