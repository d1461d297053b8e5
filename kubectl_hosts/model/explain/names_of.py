"""The names that lead to an object, each verified: from the object to its names, and back again.

What could lead there is written down from the objects (the forms of cluster-dns.md 2: Service,
endpoint, pod and reverse names, SRV by port; ExternalNames, rewrites and `hosts` of the Corefile,
hostAliases). A name is then looked up as a pod would, in the object's namespace and in another one
that has nothing of its own, and it counts where it gives an address of the object.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.corefile import Refused
from kubectl_hosts.model.cluster_dns.hosts_plugin import hosts_names
from kubectl_hosts.model.cluster_dns.locate import DEFAULT_DOMAIN, find_cluster_dns
from kubectl_hosts.model.cluster_dns.needs import reads_of
from kubectl_hosts.model.cluster_dns.query_names import absolute, dashed
from kubectl_hosts.model.cluster_dns.rewrite import parse_rewrite
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.inside import diagnose_names, predict_names
from kubectl_hosts.model.explain.to_come import ToCome
from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.model.hosts.diagnosis import PodLook
from kubectl_hosts.model.names import NamesAsked, is_address
from kubectl_hosts.model.objects import EndpointSlice, Service
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import PAGE, Objects, ask, find, known, noting_refusals
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.explanation import Explanation, Fix
    from kubectl_hosts.model.origin import Origin
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.reads import Diagnosis


MAX_NAMES = 500
"""Names that are looked up at most; beyond them the report says that there are more."""
ANYWHERE = "any namespace"
# No namespace of a real cluster: nothing in it can come before what is asked for.
_ELSEWHERE = "another-namespace-of-the-cluster"


class Verified(Enum):
    """How it is known that a name leads there; the value is what JSON prints."""

    PREDICTED = "predicted"
    OBSERVED = "observed"


class NamedObject(NamedTuple):
    """The object whose names are wanted; PODS are those of a workload, or the pod itself."""

    kind: str
    namespace: str
    name: str
    pods: tuple[Pod, ...] = ()

    def __str__(self) -> str:
        """`Service shop/redis`."""
        return f"{self.kind} {self.namespace}/{self.name}"


class AskingPod(NamedTuple):
    """A pod that asks, and the words for where it is."""

    words: str
    pod: Pod
    look: PodLook


class LeadingName(Struct, frozen=True, kw_only=True):
    """A name that leads to the object, and from where: `namespace shop`, `pod shop/web-0`."""

    name: str
    type: str
    """`SRV`, `PTR`, or "" for addresses."""
    places: tuple[str, ...]
    answer: tuple[str, ...]
    """Addresses; of SRV and PTR the records' data."""
    origin: Origin | None = None
    verified: Verified = Verified.PREDICTED


class NamesReport(Struct, frozen=True, kw_only=True):
    """The names of an object, the shortest forms first."""

    subject: NamedObject
    names: tuple[LeadingName, ...] = ()
    missing: tuple[str, ...] = ()
    """Where there is none: what the name that would be the shortest lacks, as its Cause says it."""
    fixes: tuple[Fix, ...] = ()
    """What was proved to give it that."""
    not_checked: tuple[CouldNotLook, ...] = ()
    placeholders: tuple[tuple[str, str], ...] = ()
    """The addresses among the answers that nobody has given yet, and what they stand for."""


class _Lead(NamedTuple):
    """A name that may lead there, and the addresses that it has to give (none: any will do)."""

    name: str
    due: frozenset[str] = frozenset()
    is_alias: bool = False
    """Whether an ExternalName or the Corefile makes it, and not the object itself."""


def diagnose_names_of(
    subject: NamedObject,
    vantage: AskingPod | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> Diagnosis[NamesReport]:
    """Every name that leads to SUBJECT, on paper, and as the pod of VANTAGE gets it.

    A name that is made of one of PLACEHOLDERS is not known yet, and left out. Raises
    BadInput for an object with a field of the wrong type.
    """
    report, refused = yield from noting_refusals(_names_of(subject, vantage, placeholders or {}))
    return replace(report, not_checked=(*refused, *report.not_checked))


def _names_of(
    subject: NamedObject, vantage: AskingPod | None, placeholders: Mapping[str, str]
) -> Diagnosis[NamesReport]:
    missed: dict[CouldNotLook, None] = {}
    here = _paper_vantage(subject.namespace, f"namespace {subject.namespace}")
    domain = yield from _cluster_domain(here, subject)
    to_come = ToCome(placeholders)
    candidates = tuple(
        each
        for each in (yield from _candidates(subject, domain, missed))
        if not to_come.mentioned((each.name,))
    )
    vantages = [here, _paper_vantage(_ELSEWHERE, ANYWHERE), *([vantage] if vantage else [])]
    found: dict[str, LeadingName] = {}
    for each in vantages:
        explanations = yield from _looked_up(each, candidates)
        _add(found, each, candidates, explanations)
    listed = {each.name for each in candidates}
    for pod in (yield from _aliasing_pods(subject, candidates)):
        aliases = tuple(_Lead(name, pod.due) for name in pod.names if name not in listed)
        explanations = yield from _looked_up(pod.vantage, aliases)
        _add(found, pod.vantage, aliases, explanations)
    answers = (value for each in found.values() for value in each.answer)
    missing: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    if candidates and not found:
        shortest = NamesAsked((candidates[0].name,))
        (explanation,) = yield from diagnose_names(here.pod, here.look, shortest)
        missing = explanation.cause.missing if explanation.cause else ()
        # Asked by another name, it has names that are listed already.
        fixes = tuple(each for each in explanation.fixes if each.commands)
    return NamesReport(
        subject=subject,
        names=tuple(map(_once, found.values())),
        missing=missing,
        fixes=fixes,
        not_checked=tuple(missed),
        placeholders=tuple(to_come.mentioned(answers).items()),
    )


def _candidates(
    subject: NamedObject, domain: str, missed: dict[CouldNotLook, None]
) -> Diagnosis[tuple[_Lead, ...]]:
    """What could lead to SUBJECT, the shortest names first."""
    services = yield from _services(subject, missed)
    mine = [each for each in services if _leads_to(each, subject)]
    slices: list[EndpointSlice] = []
    for each in mine:
        label = f"kubernetes.io/service-name={each.name}"
        read = Objects("EndpointSlice", each.namespace, labels=label)
        slices += known((yield from ask(read, EndpointSlice)))
    found = [*_of_services(subject, mine, slices, domain), *_of_pods(subject, domain)]
    found += _external(tuple(found), services, domain)
    server = (yield from reads_of(find_cluster_dns(domain))).model
    if server is not None:
        of_corefile = _of_corefile(tuple(found), server)
        found += [each._replace(is_alias=True) for each in of_corefile]
    unique = {each.name: each for each in reversed(found)}
    if len(unique) > MAX_NAMES:
        why = f"only {MAX_NAMES} of {len(unique)} were looked up"
        missed[CouldNotLook(what="all names", why=why)] = None
    return tuple(sorted(unique.values(), key=_order)[:MAX_NAMES])


def _services(
    subject: NamedObject, missed: dict[CouldNotLook, None]
) -> Diagnosis[tuple[Service, ...]]:
    """All Services: any may be an ExternalName of SUBJECT. Where not all are read, its own are."""
    found = yield from find(Objects("Service"))
    some: tuple[Service, ...] = ()
    if not isinstance(found, CouldNotLook):
        some = found.of(Service)
        if found.complete:
            return some
        why = f"only {PAGE} were read: an ExternalName among the others may lead there"
        missed[CouldNotLook(what="Services", why=why)] = None
    own = known((yield from ask(Objects("Service", subject.namespace), Service)))
    if subject.kind == "Service" and not any(each.name == subject.name for each in own):
        itself = Objects("Service", subject.namespace, subject.name)
        own += known((yield from ask(itself, Service)))
    return (*own, *(each for each in some if each.namespace != subject.namespace))


def _paper_vantage(namespace: str, words: str) -> AskingPod:
    """A pod as most are, which nobody runs."""
    pod = parse_pod(
        {
            "metadata": {"name": "a-pod", "namespace": namespace},
            "spec": {"containers": [{"name": "main"}]},
        }
    )
    return AskingPod(words, pod, PodLook(predict_only=True))


def _cluster_domain(vantage: AskingPod, subject: NamedObject) -> Diagnosis[str]:
    """The cluster domain as the search list of a pod of the namespace has it."""
    asked = NamesAsked((subject.name,))
    (explanation,) = yield from predict_names(vantage.pod, vantage.look, asked)
    above = f"{subject.namespace}.svc."
    search = (each for each in explanation.resolver.search_list if each.startswith(above))
    return next(search, f"{above}{DEFAULT_DOMAIN}").removeprefix(above)


def _leads_to(service: Service, subject: NamedObject) -> bool:
    if service.namespace != subject.namespace:
        return False
    if subject.kind == "Service":
        return service.name == subject.name
    return any(service.selects(pod.labels) for pod in subject.pods)


# --- what could lead there ---------------------------------------------------------------------


def _of_services(
    subject: NamedObject, services: Sequence[Service], slices: Sequence[EndpointSlice], domain: str
) -> Iterator[_Lead]:
    pod_ips = {ip for pod in subject.pods for ip in pod.pod_ips}
    for service in services:
        own = [each for each in slices if each.service == service.name]
        endpoints = [endpoint for each in own for endpoint in each.endpoints]
        behind = frozenset(ip for each in endpoints for ip in each.addresses)
        cluster_ips = frozenset(each for each in service.cluster_ips if each != "None")
        due = behind if service.is_headless else cluster_ips
        yield from _forms(service.name, service.namespace, domain, due)
        ports = {(port.name, port.protocol) for each in own for port in each.ports}
        ports |= {(port.name, port.protocol) for port in service.ports}
        for port, protocol in sorted(ports):
            if port:
                host = f"{service.name}.{service.namespace}.svc.{domain}."
                yield _Lead(f"_{port}._{protocol.lower()}.{host}")
        for endpoint in endpoints:
            addresses = frozenset(endpoint.addresses)
            if pod_ips and not addresses & pod_ips:
                continue
            labels = [endpoint.hostname] if endpoint.hostname else map(dashed, endpoint.addresses)
            for label in labels:
                yield from _forms(f"{label}.{service.name}", service.namespace, domain, addresses)
        yield from (_Lead(each) for each in sorted(cluster_ips) if subject.kind == "Service")


def _forms(name: str, namespace: str, domain: str, due: frozenset[str]) -> Iterator[_Lead]:
    """`redis`, `redis.shop`, `redis.shop.svc`, and the full name with its final dot."""
    for form in (name, f"{name}.{namespace}", f"{name}.{namespace}.svc"):
        yield _Lead(form, due)
    yield _Lead(f"{name}.{namespace}.svc.{domain}.", due)


def _of_pods(subject: NamedObject, domain: str) -> Iterator[_Lead]:
    for pod in subject.pods:
        for ip in pod.pod_ips:
            due = frozenset({ip})
            yield _Lead(f"{dashed(ip)}.{pod.namespace}.pod.{domain}.", due)
            yield _Lead(ip)


def _external(
    candidates: Iterable[_Lead], services: Iterable[Service], domain: str
) -> Iterator[_Lead]:
    """The ExternalName Services whose target is one of the names."""
    due = {each.name.removesuffix("."): each.due for each in candidates}
    for service in services:
        target = service.external_name.lower().removesuffix(".")
        if service.is_external_name and target in due:
            for each in _forms(service.name, service.namespace, domain, due[target]):
                yield each._replace(is_alias=True)


def _of_corefile(candidates: Sequence[_Lead], server: ClusterDNS) -> Iterator[_Lead]:
    """The names that a `rewrite` makes one of the names of, and those of `hosts`."""
    due = frozenset(ip for each in candidates for ip in each.due)
    for block in server.blocks:
        for plugin in block.plugins:
            if plugin.name == "hosts":
                yield from _of_hosts(plugin, block, server, due)
            elif plugin.name == "rewrite":
                yield from _of_rewrite(plugin, candidates)


def _of_hosts(
    plugin: Directive, block: ServerBlock, server: ClusterDNS, due: frozenset[str]
) -> Iterator[_Lead]:
    for each in hosts_names(plugin, block, server):
        if each.address in due:
            yield _Lead(absolute(each.name), frozenset({each.address}))


def _of_rewrite(plugin: Directive, candidates: Sequence[_Lead]) -> Iterator[_Lead]:
    try:
        rule = parse_rewrite(plugin)
    except Refused:
        return
    if rule is None or rule.field != "name":
        return
    for each in candidates:
        name = each.name.lower()
        if not each.due or not name.endswith("."):
            continue
        if rule.match == "exact" and rule.target == name:
            yield _Lead(rule.source, each.due)
        elif rule.match == "suffix" and name.endswith(rule.target):
            yield _Lead(name.removesuffix(rule.target) + rule.source, each.due)
        elif rule.match == "prefix" and name.startswith(rule.target):
            yield _Lead(rule.source + name.removeprefix(rule.target), each.due)


class _Aliasing(NamedTuple):
    """A pod whose hostAliases have an address of the object, under these names."""

    vantage: AskingPod
    names: tuple[str, ...]
    due: frozenset[str]


def _aliasing_pods(
    subject: NamedObject, candidates: Iterable[_Lead]
) -> Diagnosis[tuple[_Aliasing, ...]]:
    from kubectl_hosts.model.pod import Pod  # noqa: PLC0415  a class, for `ask`

    due = frozenset(ip for each in candidates for ip in each.due)
    pods = known((yield from ask(Objects("Pod", subject.namespace), Pod)))
    found = []
    for pod in pods:
        aliases = [each for each in pod.host_aliases if each.ip in due]
        if aliases:
            names = tuple(name for each in aliases for name in each.hostnames)
            words = f"pod {pod.object}"
            vantage = AskingPod(words, pod, PodLook(predict_only=True))
            found.append(_Aliasing(vantage, names, due))
    return tuple(found)


def _order(candidate: _Lead) -> tuple[int, int, str]:
    """From the shortest form on; then SRV, aliases, and addresses last."""
    name = candidate.name
    if is_address(name):
        return 3, 0, name
    kind = 2 if candidate.is_alias else 1 if name.startswith("_") else 0
    return kind, name.count("."), name


# --- whether it does ---------------------------------------------------------------------------


def _looked_up(
    vantage: AskingPod, candidates: Sequence[_Lead]
) -> Diagnosis[tuple[Explanation, ...]]:
    if not candidates:
        return ()
    asked = NamesAsked(tuple(each.name for each in candidates))
    return (yield from predict_names(vantage.pod, vantage.look, asked))


def _add(
    found: dict[str, LeadingName],
    vantage: AskingPod,
    candidates: Iterable[_Lead],
    explanations: Iterable[Explanation],
) -> None:
    """Add the names that lead to the object from VANTAGE."""
    for candidate, explanation in zip(candidates, explanations, strict=True):
        answer = explanation.answer
        values = tuple(dict.fromkeys(answer.addresses or answer.data))
        if answer.outcome is not Outcome.FOUND or not values:
            continue
        if candidate.due and not set(values) <= candidate.due:
            continue
        is_observed = isinstance(explanation.observed, Observed)
        before = found.get(candidate.name)
        if before is not None:
            found[candidate.name] = replace(
                before,
                places=(*before.places, vantage.words),
                verified=Verified.OBSERVED if is_observed else before.verified,
            )
            continue
        found[candidate.name] = LeadingName(
            name=candidate.name,
            type="PTR" if is_address(candidate.name) else explanation.type,
            places=(vantage.words,),
            answer=values,
            origin=explanation.predicted.origin,
            verified=Verified.OBSERVED if is_observed else Verified.PREDICTED,
        )


def _once(name: LeadingName) -> LeadingName:
    """NAME without the places that `any namespace` has in it."""
    if ANYWHERE not in name.places:
        return name
    kept = (each for each in name.places if not each.startswith("namespace "))
    return replace(name, places=tuple(dict.fromkeys(kept)))
