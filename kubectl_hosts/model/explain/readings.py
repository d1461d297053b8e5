"""What a name can mean to a pod, and what is missing for each meaning.

A name is taken apart in every way a careless writer may have put it together: `SERVICE`,
`SERVICE.NAMESPACE`, `POD.SERVICE`, with the domain of another cluster, with a final dot too early,
as a URL. Each meaning is checked against objects. The one with the least missing leads; what it
lacks is the cause. No list of top-level domains decides: objects do.
"""

from __future__ import annotations

import re
from enum import Enum
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import passes, zones_or_block
from kubectl_hosts.model.cluster_dns.corefile import (
    CorefileError,
    PatternUnknown,
    Refused,
    compile_pattern,
)
from kubectl_hosts.model.cluster_dns.hosts_plugin import hosts_names, hosts_zones
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import (
    kubernetes_options,
    kubernetes_plugin_for,
    kubernetes_zones,
)
from kubectl_hosts.model.cluster_dns.query_names import (
    absolute,
    below_zone,
    closest_zone,
    is_below,
    is_reverse,
    labels_of,
    parse_address,
    undashed,
)
from kubectl_hosts.model.cluster_dns.rewrite import apply_rules, parse_rewrite
from kubectl_hosts.model.cluster_dns.server import blocks_of, serving_port
from kubectl_hosts.model.cluster_dns.small_plugins import comes_back, parse_zone
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.missing import (
    AddressWithoutService,
    AliasHiddenByMount,
    AliasLoop,
    AliasNotRolled,
    AliasOfOtherPod,
    AliasWrittenOtherwise,
    AnsweredAsOtherName,
    AnsweredBelowAlias,
    BlockWithoutKubernetes,
    Captured,
    ContainerNotInDNS,
    CorefileRefused,
    CouldNotKnow,
    DotsInAddress,
    EntryNotReached,
    EntryNotTaken,
    EnvironmentVariable,
    FamilyDenied,
    FileLeftOut,
    FileOutdated,
    FinalDot,
    ForeignDomain,
    HostsFileUnread,
    IngressHost,
    LabelMissing,
    LabelTooLong,
    Misplaced,
    Missing,
    NodeEntryNotInherited,
    NodeNotInDNS,
    NoFallthrough,
    NoNamespace,
    NoneReady,
    NoPod,
    NoPodWithAddress,
    NoPorts,
    NoRecord,
    NoSelectorNoSlice,
    NoService,
    NoServiceName,
    NoSuchEndpoint,
    NoSuchName,
    NoSuchPort,
    NotAnAddress,
    NotAName,
    NotAsked,
    NotClusterDNS,
    NotExposed,
    NotHeadless,
    NothingBelowAlias,
    NotInItsSlices,
    NotSelected,
    OrdinalBeyondReplicas,
    OtherFamily,
    OtherHostname,
    OtherServiceName,
    OtherSubdomain,
    OwnNameNotInFile,
    PatternNeverMatches,
    PodNamesDisabled,
    PodNotInDNS,
    PodNotReady,
    PodWithoutHostname,
    RewrittenByCache,
    RewrittenToAddress,
    RewrittenToNothing,
    SearchStopped,
    SelectsNoPod,
    ServerSaysOtherwise,
    ShadowedByLine,
    SubdomainWithoutService,
    Swapped,
    TakenBefore,
    TargetIsAddress,
    TargetIsNoName,
    TargetNotFound,
    TemplateTypeWrong,
    WildcardAsked,
    WildcardInHosts,
    WithoutAddress,
    WithoutEndpoints,
    WrittenByInit,
    ZoneApex,
)
from kubectl_hosts.model.explain.words import NODE_ENTRIES, bare
from kubectl_hosts.model.explanation import Cause
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.names import is_near
from kubectl_hosts.model.objects import (
    ConfigMap,
    Endpoints,
    EndpointSlice,
    Ingress,
    Namespace,
    Node,
    Service,
    Workload,
)
from kubectl_hosts.model.pod import ContainerKind, Pod
from kubectl_hosts.model.reads import Objects, ask, ask_one, in_words, known
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.selectors import Operator, as_label_selector, selects
from kubectl_hosts.model.workload import WITH_ORDINAL, is_named_after, owner_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.hosts_plugin import HostsName
    from kubectl_hosts.model.cluster_dns.kubernetes_plugin import KubernetesOptions
    from kubectl_hosts.model.evidence import Template
    from kubectl_hosts.model.pod import VolumeMount
    from kubectl_hosts.model.reads import Diagnosis, Given, Read
    from kubectl_hosts.model.selectors import Requirement

T = TypeVar("T")
SERVICE_NAME = "kubernetes.io/service-name"


class Asked(NamedTuple):
    """A name that the resolver asked, absolute; said is why, as the step says it.

    server is the nameserver that decided, "" where no single one did; owner the name that its
    answer begins with.
    """

    name: str
    outcome: Outcome
    said: str = ""
    server: str = ""
    owner: str = ""


class NameContext(Struct, frozen=True, kw_only=True):
    """What the pod's resolver and the cluster's DNS make of names, as far as it is known.

    asked are the questions that were put to DNS, in order; stopped is the resolver's rule that
    ended the search before its end, "" where it came to it. hosts are the (name, address) pairs of
    the container's hosts file, has_all_hosts whether that is all of it.
    """

    pod: Pod
    container: str = ""
    cluster_domain: str = "cluster.local"
    search_list: tuple[str, ...] = ()
    ndots: int | None = None
    """From how many dots on the search list is not used at all; None: it always is."""
    asked: tuple[Asked, ...] = ()
    stopped: str = ""
    uses_cluster_dns: bool = True
    nameservers: tuple[str, ...] = ()
    no_nameserver: str = ""
    """Why none of resolv.conf counts, "" where one does, or where there is none."""
    asks_all_at_once: bool = False
    server: ClusterDNS | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    has_all_hosts: bool = True
    template: Template | None = None
    """The pod template of the workload, which may be newer than the pod."""
    chased: tuple[str, ...] = ()
    """The ExternalName Services that led to the name, as NAMESPACE/NAME."""

    @property
    def authority(self) -> ClusterDNS | None:
        """As of ClusterDNS: the server that holds the cluster's zone."""
        return self.server.authority if self.server else None

    @property
    def mount(self) -> VolumeMount | None:
        """The volume mount that supplies the container's hosts file in the kubelet's place."""
        return self.mount_at("/etc/hosts")

    def mount_at(self, path: str) -> VolumeMount | None:
        """The volume mount of the container at PATH."""
        found = self.pod.container(self.container)
        mounts = found.volume_mounts if found else ()
        return next((each for each in mounts if each.mount_path == path), None)

    @property
    def domain(self) -> str:
        """The cluster domain without its final dot, in lower case."""
        return self.cluster_domain.lower().strip(".")

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return self.pod.namespace

    def outcome_of(self, name: str) -> Asked | None:
        """What was said of NAME (absolute), the better of both families; None: not asked."""
        said = [each for each in self.asked if each.name.lower() == name.lower()]
        found = [each for each in said if each.outcome is Outcome.FOUND]
        return next(iter((*found, *said)), None)


class Kind(Enum):
    """What a name is taken for; the order is that of nearness where as much is missing.

    Where nothing speaks for any, it is the name that the resolver asked last.
    """

    OUTSIDE = "an external name"
    ZONE = "a name of a zone of the Corefile"
    ALIAS = "a hosts entry"
    ENTRY = "an entry of the Corefile"
    CONTAINER = "a container of the pod"
    NODE = "a node"
    SERVICE = "a Service"
    PORT = "a port of a Service"
    ENDPOINT = "an endpoint of a Service"
    POD = "a pod"
    POD_ADDRESS = "a pod by its address"


class Form(Enum):
    """How much of SERVICE.NAMESPACE.svc.DOMAIN was written."""

    NAME = 1
    NAMESPACE = 2
    SVC = 3
    DOMAIN = 4


class Meaning(Struct, frozen=True, kw_only=True):
    """One way to take a name apart; wrong is what is not right about how it was written."""

    kind: Kind
    service: str = ""
    namespace: str = ""
    pod: str = ""
    port: str = ""
    protocol: str = ""
    text: str = ""
    """The whole name, where the others say nothing: a zone's, the outside's."""
    zone: str = ""
    """The cluster's zone that the name was written in, "" where none was: the pod's own."""
    form: Form = Form.NAME
    wrong: tuple[Missing, ...] = ()
    only_if_there: bool = False
    """Whether it is one at all only where its pod or its Service is there."""

    @property
    def host(self) -> str:
        """What stands before the namespace: `redis`, `web-0.web`, `_http._tcp.web`."""
        labels = (
            *((f"_{self.port}", f"_{self.protocol}") if self.port else ()),
            *((self.pod,) if self.pod else ()),
            *((self.service,) if self.service else ()),
        )
        return ".".join(labels)

    def name(self, domain: str) -> str:
        """The absolute name in DNS, "" where there is none (a bare pod, a node)."""
        zone = self.zone or domain
        match self.kind:
            case Kind.SERVICE | Kind.ENDPOINT | Kind.PORT:
                return f"{self.host}.{self.namespace}.svc.{zone}."
            case Kind.POD_ADDRESS:
                return f"{self.pod}.{self.namespace}.pod.{zone}."
            case Kind.ZONE | Kind.OUTSIDE | Kind.ENTRY:
                return absolute(self.text)
            case _:
                return ""


class Reading(Struct, frozen=True, kw_only=True):
    """A meaning that was checked: what is missing, and how much of it was found."""

    meaning: Meaning
    name: str
    words: str
    missing: tuple[Missing, ...] = ()
    found: int = 0
    """How many of its objects are there: what the name has in common with the cluster."""
    service: Service | None = None
    pod: Pod | None = None

    @property
    def weight(self) -> int:
        """How much is missing."""
        return sum(each.weight for each in self.missing)

    def lacks(self, *kinds: type[Missing]) -> bool:
        """Whether a fact of one of KINDS is missing."""
        return any(isinstance(each, kinds) for each in self.missing)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing: the name leads there."""
        return not self.missing


def read_name(name: str, qtype: str, context: NameContext) -> Diagnosis[tuple[Reading, ...]]:
    """All readings of NAME, the leading one first; there is always one at least.

    QTYPE is the type asked for, "" for addresses. Asks for objects, a batch a round. Raises
    BadInput for an object with a field of the wrong type.
    """
    meanings = tuple(dict.fromkeys(meanings_of(name, context)))
    readings = yield from together(_check(each, qtype, context) for each in meanings)
    readings = tuple(_reached(each, qtype, context) for each in readings if _says_something(each))
    # What is alike costs lists: it is looked for only where the name came close to nothing.
    first = min(readings, key=_rank)
    is_faint = first.meaning.kind is Kind.ALIAS and first.found == 1
    closer: tuple[Reading, ...] = ()
    if is_faint or first.lacks(*_ABSENT):
        before, readings = (
            readings,
            (yield from together(_with_near(each, context) for each in readings)),
        )
        # A hosts entry that the name only begins with says less than an object that is alike.
        pairs = zip(readings, before, strict=True)
        closer = tuple(each for each, was in pairs if is_faint and each.found > was.found)
    leading, *others = sorted(
        readings,
        key=lambda each: (each not in closer, not _is_open(each, context), _rank(each)),
    )
    return ((yield from _of_ingress(leading)), *others)


_ABSENT = (NoService, NoNamespace, NoPod, NoSuchName, TargetNotFound, RewrittenToNothing)
# That no pod, node or hosts entry has the name is no reading of it: most names are none of them.
_ONLY_IF_THERE = frozenset({Kind.POD, Kind.NODE, Kind.ALIAS})


def _of_ingress(reading: Reading) -> Diagnosis[Reading]:
    """A name of the outside that nobody has may be the host of an Ingress."""
    absent = (each for each in reading.missing if isinstance(each, NoSuchName) and each.is_absent)
    said = next(absent, None)
    if said is None or reading.meaning.kind is not Kind.OUTSIDE:
        return reading
    host = reading.meaning.text.rstrip(".")
    wildcard = f"*.{host.partition('.')[2]}"
    for each in known((yield from ask(Objects("Ingress"), Ingress))):
        if {host, wildcard} & set(each.hosts):
            fact = IngressHost(
                ingress=each.object, said=said.said, address=next(iter(each.addresses), "")
            )
            others = tuple(fact if each is said else each for each in reading.missing)
            return replace(reading, missing=others, found=reading.found + 2)
    return reading


def _says_something(reading: Reading) -> bool:
    if reading.meaning.only_if_there:
        return reading.service is not None or reading.pod is not None
    return reading.found > 0 or reading.meaning.kind not in _ONLY_IF_THERE


def cause_of(readings: tuple[Reading, ...]) -> Cause | None:
    """What the leading reading lacks, in words; None where it lacks nothing."""
    first = readings[0]
    if first.is_complete:
        return None
    missing = [each.words for each in first.missing]
    if any(isinstance(each, NoSuchName) and each.is_absent for each in first.missing):
        # Two labels may be SERVICE.NAMESPACE as well as a name outside: both are said.
        spaces = (each for reading in readings for each in reading.missing)
        absent = (each for each in spaces if isinstance(each, NoNamespace) and not each.elsewhere)
        missing += [each.words for each in absent if first.meaning.text.count(".") == 2][:1]
    return Cause(
        reading=first.words,
        missing=tuple(dict.fromkeys(missing)),
        reasons=frozenset(reason for each in first.missing for reason in each.reasons),
        unread=first.lacks(CouldNotKnow, CorefileRefused, AnsweredBelowAlias),
    )


def _is_open(reading: Reading, context: NameContext) -> bool:
    """Whether the name hangs on an object that nobody could read, so that no other is to blame."""
    asked = context.outcome_of(reading.name) or next(reversed(context.asked), None)
    is_unknown = asked is not None and asked.outcome is Outcome.UNKNOWN
    return is_unknown and bool(reading.name) and reading.lacks(CouldNotKnow)


def _rank(reading: Reading) -> tuple[int, int, int]:
    return reading.weight, -reading.found, tuple(Kind).index(reading.meaning.kind)


def together(diagnoses: Iterable[Diagnosis[T]]) -> Diagnosis[tuple[T, ...]]:
    """What DIAGNOSES return, in order; their reads go out in common batches, each read once."""
    known: dict[Read, Given] = {}
    running = list(diagnoses)
    waiting: dict[int, tuple[Read, ...]] = {}
    results: dict[int, T] = {}

    def step(at: int, answers: Mapping[Read, Given] | None) -> None:
        diagnosis = running[at]
        try:
            reads = next(diagnosis) if answers is None else diagnosis.send(answers)
            while all(each in known for each in reads):
                reads = diagnosis.send({each: known[each] for each in reads})
            waiting[at] = reads
        except StopIteration as ended:
            waiting.pop(at, None)
            results[at] = ended.value

    for at in range(len(running)):
        step(at, None)
    while waiting:
        batch = tuple(dict.fromkeys(each for reads in waiting.values() for each in reads))
        known.update((yield tuple(each for each in batch if each not in known)))
        for at, reads in tuple(waiting.items()):
            step(at, {each: known[each] for each in reads})
    return tuple(results[at] for at in range(len(running)))


# --- taking a name apart -----------------------------------------------------------------------

_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@]*@)?(?P<host>[^/:?#]+).*", re.IGNORECASE)
_HOST_PORT = re.compile(r"(?P<host>[^:/]+):[0-9]+(?:/.*)?")
_KIND_NAME = re.compile(r"(?:svc|service|services)/(?P<host>[^/:]+)", re.IGNORECASE)
_PATH = re.compile(r"(?P<host>[^/:]+)/.*")
_VARIABLE = re.compile(
    r"\$?[({]?(?P<service>[A-Z][A-Z0-9_]*?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?"
    r"|PORT(?:_\d+_(?:TCP|UDP)\w*)?)[)}]?"
)
_LONGEST_LABEL = 63


def meanings_of(name: str, context: NameContext) -> Iterator[Meaning]:
    """Every way to take NAME apart."""
    text, wrong = _unwrapped(name)
    yield from _aliases(text, context, wrong)
    has_dot = text.endswith(".")
    bare = text.lower().rstrip(".") if text.strip(".") else text
    zone = closest_zone(_kubernetes_zones(context), f"{bare}.")
    if has_dot and not zone:
        wrong = (*wrong, FinalDot(domain=context.domain))
    inside = tuple(_in_cluster(bare, context, wrong, zone))
    yield from inside
    first, _, rest = bare.partition(".")
    if first in _WILDCARDS and rest:
        yield from _in_cluster(rest, context, (*wrong, WildcardAsked(label=first)), zone)
    if zone and all(each.only_if_there for each in inside):
        yield Meaning(kind=Kind.ZONE, text=f"{bare}.")
    if bare in NODE_ENTRIES:
        yield Meaning(kind=Kind.NODE, text=bare, wrong=wrong)
    is_entry = any(True for _ in _entries(f"{bare}.", context))
    if is_entry or _without_effect(f"{bare}.", context):
        yield Meaning(kind=Kind.ENTRY, text=f"{bare}.")
    wrapped = _unwrapped(name)[1]
    if _is_of_custom_zone(bare, context, zone):
        yield Meaning(kind=Kind.ZONE, text=f"{bare}.", wrong=wrapped)
    if not is_below(f"{context.domain}.", f"{bare}."):
        long = (LabelTooLong(label=e) for e in bare.split(".") if len(e) > _LONGEST_LABEL)
        yield Meaning(kind=Kind.OUTSIDE, text=f"{bare}.", wrong=(*wrapped, *long))


# coredns plugin/kubernetes took them for any label before 1.9.0.
_WILDCARDS = frozenset({"*", "any"})


def _unwrapped(name: str) -> tuple[str, tuple[Missing, ...]]:
    """The name inside of a URL, HOST:PORT, KIND/NAME, and what it was wrapped in."""
    if found := _VARIABLE.fullmatch(name):
        service = found["service"].lower().replace("_", "-")
        return service, (EnvironmentVariable(service=service),)
    if parse_address(name) is not None:
        return name, ()
    for form, what in (
        (_URL, "a URL"),
        (_HOST_PORT, "a name with a port"),
        (_KIND_NAME, "kubectl's KIND/NAME"),
        (_PATH, "a name with a path"),
    ):
        if found := form.fullmatch(name.strip()):
            return found["host"], (NotAName(what=what, name=found["host"]),)
    stripped = name.strip(" \t\r\n,;\"'")
    if stripped and stripped != name:
        return stripped, (NotAName(what="a name with other characters", name=stripped),)
    return name, ()


def _aliases(name: str, context: NameContext, wrong: tuple[Missing, ...]) -> Iterator[Meaning]:
    """Names of hosts files that NAME may be: written otherwise, hidden, or another pod's."""
    if (
        "." in name.strip(".")
        or _alike(name, (each for each, _ in context.hosts))
        or _of_spec(name, context.pod)
        or _of_template(name.lower(), context)
        or context.mount is not None
        or context.pod.host_network
    ):
        yield Meaning(kind=Kind.ALIAS, text=name, wrong=wrong)


def _of_spec(name: str, pod: Pod) -> str:
    low = name.lower().rstrip(".")
    return next(
        (
            alias.ip
            for alias in pod.host_aliases
            for each in alias.hostnames
            if each.lower().rstrip(".") == low
        ),
        "",
    )


def _in_cluster(
    name: str, context: NameContext, wrong: tuple[Missing, ...], zone: str
) -> Iterator[Meaning]:
    labels = tuple(name.split("."))
    if zone:
        base = labels[: len(labels) - zone.count(".")]
        for each in _below_zone(base, replace(context, cluster_domain=zone), wrong):
            is_own = zone == f"{context.domain}." or not each.namespace
            yield each if is_own else replace(each, zone=zone.rstrip("."))
        return
    kinds = [at for at, label in enumerate(labels) if label in {"svc", "pod"} and at > 0]
    if kinds:
        at, rest = kinds[-1], labels[kinds[-1] + 1 :]
        if rest and _is_of_custom_zone(".".join(rest), context, zone):
            return  # whoever wrote a block for that domain means the names in it
        if rest:
            fact = ForeignDomain(domain=".".join(rest), own=context.domain)
            # Without the domain the name is absolute in vain as well: one fact says it.
            others = tuple(each for each in wrong if not isinstance(each, FinalDot))
            yield from _with_kind(labels[: at + 1], context, (*others, fact), Form.DOMAIN)
            if len(rest) == 1:
                yield from _misplaced(labels, context, others, Form.SVC)
        else:
            yield from _with_kind(labels, context, wrong, Form.SVC)
        return
    yield from _short(labels, context, wrong)


def _below_zone(
    base: tuple[str, ...], context: NameContext, wrong: tuple[Missing, ...]
) -> Iterator[Meaning]:
    """The meanings of BASE in a zone that a `kubernetes` plugin serves: that of CONTEXT."""
    if len(base) > 1 and base[-1] in {"svc", "pod"}:
        yield from _with_kind(base, context, wrong, Form.DOMAIN)
        return
    if len(base) > 1:
        # redis.shop.cluster.local: `svc` is what people leave out.
        fact = LabelMissing(label="svc", form=f"{'.'.join(base)}.svc.{context.domain}")
        yield from _with_kind((*base, "svc"), context, (*wrong, fact), Form.DOMAIN)
        yield from _misplaced(base, context, wrong, Form.DOMAIN)
    if len(base) == 1:
        # kubernetes.cluster.local: namespace and `svc` were left out.
        lost = f"{context.namespace}.svc"
        fact = LabelMissing(label=lost, form=f"{base[0]}.{lost}.{context.domain}")
        yield from _hosts(base, context.namespace, Form.DOMAIN, (*wrong, fact))
    if base:
        yield Meaning(kind=Kind.ZONE, text=f"{'.'.join(base)}.{context.domain}.")


# What is written for `svc`, and where it stands: coredns kubernetes/parse.go takes it last alone.
_FOR_SVC = frozenset({"svc", "service", "services"})


def _misplaced(
    labels: tuple[str, ...], context: NameContext, wrong: tuple[Missing, ...], form: Form
) -> Iterator[Meaning]:
    """api.svc.shop, api.shop.service.cluster.local: the same labels with `svc` behind them."""
    plain = tuple(each for each in labels if each not in _FOR_SVC)
    if len(plain) == len(labels) or len(plain) < 2:
        return
    written = next(each for each in labels if each in _FOR_SVC)
    tail = "svc" if form is Form.SVC else f"svc.{context.domain}"
    fact = Misplaced(written=written, form=f"{'.'.join(plain)}.{tail}")
    yield from _with_kind((*plain, "svc"), context, (*wrong, fact), form)


def _with_kind(
    labels: tuple[str, ...], context: NameContext, wrong: tuple[Missing, ...], form: Form
) -> Iterator[Meaning]:
    """The meanings of `... .svc` or `... .pod`."""
    *before, kind = labels
    namespace, host = before[-1], tuple(before[:-1])
    named = replace(_A_POD, namespace=namespace, form=form, wrong=wrong)
    tail = kind if form is Form.SVC else f"{kind}.{context.domain}"
    if kind == "pod":
        if len(host) == 1:
            yield replace(named, kind=Kind.POD_ADDRESS, pod=host[0])
            yield replace(named, pod=host[0])
        if len(host) == 4 and parse_address(".".join(host)) is not None:
            dashes = "-".join(host)
            fact_dots = DotsInAddress(form=f"{dashes}.{namespace}.{tail}")
            dotted = (*wrong, fact_dots)
            yield replace(named, kind=Kind.POD_ADDRESS, pod=dashes, wrong=dotted)
        elif host:
            tail = "svc" if form is Form.SVC else f"svc.{context.domain}"
            fact_svc = Misplaced(written=kind, form=".".join((*before, tail)))
            yield from _hosts(host, namespace, form, (*wrong, fact_svc))
        return
    if host:
        yield from _hosts(host, namespace, form, wrong)
    if len(host) == 1:
        yield replace(named, pod=host[0])
        swapped = Swapped(namespace=host[0], service=namespace)
        yield from _hosts((namespace,), host[0], form, (*wrong, swapped))
    if len(before) < 3 and not before[0].startswith("_"):
        # web.svc, web-0.web.svc: the namespace is what was left out.
        whole = (*before, context.namespace, tail)
        fact = LabelMissing(label="the namespace", form=".".join(whole))
        yield from _hosts(tuple(before), context.namespace, form, (*wrong, fact))


_A_POD = Meaning(kind=Kind.POD)
_A_SERVICE = Meaning(kind=Kind.SERVICE)


def _hosts(
    host: tuple[str, ...], namespace: str, form: Form, wrong: tuple[Missing, ...]
) -> Iterator[Meaning]:
    """The meanings of what stands before a namespace."""
    named = replace(_A_SERVICE, namespace=namespace, form=form, wrong=wrong, service=host[-1])
    if host[0].startswith("_") and len(host) > 2 and host[1].startswith("_"):
        port, protocol, *rest = host
        named = replace(named, kind=Kind.PORT, port=port[1:], protocol=protocol[1:])
        if len(rest) == 1:
            yield named
        # kubernetes/dns specification 2.4.2: SRV names are the Service's, not its pods', nor those
        # of a word that somebody put between it and its namespace.
        for at, more in ((1, 0), (0, 1)) if len(rest) == 2 else ():
            tail = f"{port}.{protocol}.{rest[at]}.{namespace}.svc"
            order = Misplaced(written=rest[more], form=tail)
            yield replace(named, service=rest[at], wrong=(*wrong, order), only_if_there=bool(more))
        return
    if len(host) == 1:
        yield named
    # A chart that adds the Service, or its own name, once more: POD.SERVICE.WORD.NAMESPACE.svc.
    three = ((1, 2), (2, 1)) if len(host) == 3 and form in {Form.SVC, Form.DOMAIN} else ()
    for at, more in ((1, 0),) if len(host) == 2 else three:
        tail = f"{host[0]}.{host[at]}.{namespace}.svc"
        extra = (Misplaced(written=host[more], form=tail),) if more else ()
        whole = (*wrong, *extra)
        yield replace(
            named,
            kind=Kind.ENDPOINT,
            pod=host[0],
            service=host[at],
            wrong=whole,
            only_if_there=bool(extra),
        )


def _short(
    labels: tuple[str, ...], context: NameContext, wrong: tuple[Missing, ...]
) -> Iterator[Meaning]:
    """The meanings of a name without `svc` and domain."""
    own = context.namespace
    yield from _hosts(labels, own, Form.NAME, wrong)
    if len(labels) > 1:
        *host, namespace = labels
        yield from _hosts(tuple(host), namespace, Form.NAMESPACE, wrong)
    if len(labels) == 1:
        yield Meaning(kind=Kind.POD, pod=labels[0], namespace=own, wrong=wrong)
        if _beside(labels[0], context):
            yield Meaning(kind=Kind.CONTAINER, text=labels[0], wrong=wrong)
        yield Meaning(kind=Kind.NODE, text=labels[0], wrong=wrong)
    if len(labels) == 2:
        first, second = labels
        pod = replace(_A_POD, pod=first, namespace=second, form=Form.NAMESPACE, wrong=wrong)
        if parse_address(undashed(first)) is not None:
            fact = LabelMissing(label="pod", form=f"{first}.{second}.pod")
            yield replace(pod, kind=Kind.POD_ADDRESS, wrong=(*wrong, fact))
        yield pod
        swapped = Swapped(namespace=first, service=second)
        yield from _hosts((second,), first, Form.NAMESPACE, (*wrong, swapped))
        if WITH_ORDINAL.fullmatch(second):
            order = Misplaced(written=second, form=f"{second}.{first}")
            yield from _hosts((second, first), own, Form.NAME, (*wrong, order))


# --- the Corefile ------------------------------------------------------------------------------


def _kubernetes_zones(context: NameContext) -> tuple[str, ...]:
    own = kubernetes_zones(context.authority) if context.authority else ()
    zones = (zone for zone, _ in own if not is_reverse(zone))
    return tuple(dict.fromkeys((f"{context.domain}.", *zones)))


def _blocks(name: str, context: NameContext) -> tuple[ServerBlock, ...]:
    """The server blocks whose zone holds NAME (absolute), the one that is asked first."""
    return blocks_of(name, context.authority) if context.authority else ()


def block_of(name: str, context: NameContext) -> ServerBlock | None:
    """The server block that NAME (absolute) falls into, views apart; None where not known."""
    return next(iter(_blocks(name, context)), None)


def _kubernetes_for(name: str, context: NameContext) -> tuple[Directive, KubernetesOptions] | None:
    """The `kubernetes` plugin whose zones hold NAME; None for none, and where nobody knows."""
    block = block_of(name, context)
    plugin = kubernetes_plugin_for(name, block) if block else None
    return (plugin, kubernetes_options(plugin, block)) if block and plugin else None


def is_passed_on(name: str, context: NameContext) -> bool:
    """Whether `kubernetes` hands NAME on where it has no object for it: another server knows."""
    served = _kubernetes_for(name, context)
    return served is not None and passes(served[0], name)


def _is_of_custom_zone(name: str, context: NameContext, zone: str) -> bool:
    if zone:
        return False
    block = block_of(f"{name}.", context)
    return block is not None and "." not in block.zones


# --- checking a meaning against objects --------------------------------------------------------


class _Look(NamedTuple):
    """What the objects say of a meaning."""

    missing: tuple[Missing, ...] = ()
    found: int = 0
    service: Service | None = None
    pod: Pod | None = None

    def lacking(self, *facts: Missing) -> _Look:
        """The same, with FACTS missing as well."""
        return self._replace(missing=(*self.missing, *facts))


def _check(meaning: Meaning, qtype: str, context: NameContext) -> Diagnosis[Reading]:
    seen = yield from _CHECKS[meaning.kind](meaning, qtype, context)
    return _reading(meaning, seen, context)


def _reading(meaning: Meaning, seen: _Look, context: NameContext) -> Reading:
    return Reading(
        meaning=meaning,
        name=meaning.name(context.domain),
        words=_WORDS[meaning.kind].format(meaning=meaning, address=undashed(meaning.pod)),
        missing=(*meaning.wrong, *seen.missing),
        found=seen.found,
        service=seen.service,
        pod=seen.pod,
    )


_WORDS = {
    Kind.SERVICE: "Service {meaning.service} in namespace {meaning.namespace}",
    Kind.ENDPOINT: "pod {meaning.pod} of Service {meaning.service} in {meaning.namespace}",
    Kind.PORT: "port {meaning.port} of Service {meaning.namespace}/{meaning.service}",
    Kind.POD: "pod {meaning.pod} in namespace {meaning.namespace}",
    Kind.POD_ADDRESS: "the pod with the address {address} in {meaning.namespace}",
    Kind.NODE: "node {meaning.text}",
    Kind.ENTRY: "a line of the Corefile",
    Kind.CONTAINER: "container {meaning.text} of the pod",
    Kind.ALIAS: "{meaning.text} of a hosts file",
    Kind.ZONE: "{meaning.text} in a zone of the Corefile",
    Kind.OUTSIDE: "{meaning.text} outside of the cluster",
}


def _ask(read: Objects, of: type[T]) -> Diagnosis[tuple[T, ...] | CouldNotKnow]:
    """The objects of READ, or the fact that nobody may read them."""
    there = yield from ask(read, of)
    if isinstance(there, CouldNotLook):
        return CouldNotKnow(what=in_words(read), why=there.why)
    return there


def _is_label(text: str) -> bool:
    """Whether an object of the API can have that name: nothing else is worth a request."""
    return len(text) <= _LONGEST_LABEL and bool(
        re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", text)
    )


def _hidden(
    namespace: str, service: Service | None, zone: str, context: NameContext
) -> Diagnosis[tuple[Missing, ...]]:
    """The options of the plugin that serves ZONE, where they leave NAMESPACE or SERVICE out."""
    served = _kubernetes_for(f"svc.{zone}.", context)
    if served is None:
        return ()
    plugin, options = served
    if not options.exposes(namespace):
        return (_left_out(plugin, "namespaces", namespace, f"namespace {namespace}"),)
    if plugin.first("namespace_labels"):
        there = yield from ask(Objects("Namespace", name=namespace), Namespace)
        if isinstance(there, tuple) and there and not _match(options.namespace_labels, there[0]):
            wanted = _equal(options.namespace_labels)
            what = f"namespace {namespace}"
            return (_left_out(plugin, "namespace_labels", namespace, what, wanted),)
    if service is not None and not _match(options.labels, service):
        what, wanted = f"Service {service.object}", _equal(options.labels)
        return (_left_out(plugin, "labels", namespace, what, wanted),)
    return ()


def _left_out(
    plugin: Directive,
    option: str,
    namespace: str,
    what: str,
    lacks: tuple[tuple[str, str], ...] = (),
) -> NotExposed:
    written = plugin.first(option)
    text = " ".join((option, *(written.args if written else ())))
    return NotExposed(namespace=namespace, line=plugin.line, option=text, what=what, lacks=lacks)


def _match(selector: tuple[Requirement, ...] | None, obj: Service | Namespace) -> bool:
    return selector is None or selects(selector, dict(obj.labels))


def _equal(selector: tuple[Requirement, ...] | None) -> tuple[tuple[str, str], ...]:
    """The labels that SELECTOR asks for by equality, where it asks for nothing else."""
    wanted = selector or ()
    if any(each.operator is not Operator.IN for each in wanted):
        return ()
    return tuple((each.key, min(each.values)) for each in wanted)


def _namespace(namespace: str, context: NameContext) -> Diagnosis[tuple[Missing, ...]]:
    """Whether NAMESPACE is there; the pod's own is."""
    if namespace == context.namespace:
        return ()
    if not _is_label(namespace):
        return (NoNamespace(namespace=namespace),)
    there = yield from _ask(Objects("Namespace", name=namespace), Namespace)
    if isinstance(there, CouldNotKnow):
        return (there,)
    return () if there else (NoNamespace(namespace=namespace),)


def _find_service(
    namespace: str, name: str, kind: str = "Service"
) -> Diagnosis[Service | tuple[Missing, ...]]:
    absent = (NoService(namespace=namespace, service=name, kind=kind),)
    if not _is_label(name) or not _is_label(namespace):
        return absent
    there = yield from _ask(Objects(kind, namespace, name), Service)
    if isinstance(there, CouldNotKnow):
        return (there,)
    return there[0] if there else absent


def _namespaced(meaning: Meaning, context: NameContext) -> Diagnosis[_Look]:
    """The Service of a meaning; where it is absent, the namespace, which takes it along."""
    there = int(meaning.namespace != context.namespace)
    zone = meaning.zone or context.domain
    kind = "ServiceImport" if _is_multicluster(zone, context) else "Service"
    service = yield from _find_service(meaning.namespace, meaning.service, kind)
    exposed = service if isinstance(service, Service) else None
    hidden = yield from _hidden(meaning.namespace, exposed, zone, context)
    if isinstance(service, Service):
        return _Look(missing=hidden, found=there + 2, service=service)
    match (yield from _namespace(meaning.namespace, context)):
        case (NoNamespace() as gone,):
            return _Look(missing=(replace(gone, service=meaning.service),))
        case (CouldNotKnow(),):
            # That no Service is in it says as much; that it is there, nobody knows.
            there = 0
    return _Look(missing=(*hidden, *service), found=there)


def _is_multicluster(zone: str, context: NameContext) -> bool:
    """Whether what exists in ZONE are ServiceImports."""
    served = _kubernetes_for(f"svc.{zone}.", context)
    return served is not None and served[1].is_multicluster(absolute(zone))


def _service(meaning: Meaning, qtype: str, context: NameContext) -> Diagnosis[_Look]:
    seen = yield from _namespaced(meaning, context)
    service = seen.service
    if service is None:
        return seen
    if service.object in context.chased:
        lacks: tuple[Missing, ...] = (AliasLoop(namespace=service.namespace, service=service.name),)
    elif service.is_external_name:
        hidden = (yield from _empty(service, context)) if _hides_aliases(context) else ()
        zone = meaning.zone or context.domain
        lacks = hidden or (yield from _alias_target(service, zone, context))
    elif service.kind != "Service":
        lacks = ()  # its slices have labels of their own
    elif service.is_headless:
        lacks = yield from _headless(service, context)
    else:
        lacks = yield from _empty(service, context)
    if qtype == "SRV" and not lacks and all(port.number < 0 for port in service.ports):
        lacks = (NoPorts(place=f"Service {service.object}"),)
    return seen.lacking(*lacks)


def _slices(service: Service) -> Diagnosis[tuple[EndpointSlice, ...] | CouldNotKnow]:
    labels = f"{SERVICE_NAME}={service.name}"
    return _ask(Objects("EndpointSlice", service.namespace, labels=labels), EndpointSlice)


def _hides_aliases(context: NameContext) -> bool:
    server = context.authority
    return server is not None and rules_of(server.version).empty_hides_external_name


def _empty(service: Service, context: NameContext) -> Diagnosis[tuple[Missing, ...]]:
    """`ignore empty_service`: without a ready endpoint a cluster IP is not answered."""
    served = _kubernetes_for(f"svc.{context.domain}.", context)
    if served is None or not served[1].ignores_empty:
        return ()
    slices = yield from _slices(service)
    if isinstance(slices, CouldNotKnow):
        return (slices,)
    if any(each.ready is not False for part in slices for each in part.endpoints):
        return ()
    line = served[0].line
    return (WithoutEndpoints(line=line, option="ignore empty_service", service=service.object),)


def _headless(service: Service, context: NameContext) -> Diagnosis[tuple[Missing, ...]]:
    """What keeps a headless Service from having an address."""
    served = _kubernetes_for(f"svc.{context.domain}.", context)
    if served is not None and not served[1].has_endpoints:
        line = served[0].line
        return (WithoutEndpoints(line=line, option="noendpoints", service=service.object),)
    slices = yield from _slices(service)
    if isinstance(slices, CouldNotKnow):
        return (slices,)
    endpoints = [each for part in slices for each in part.endpoints]
    if any(each.ready is not False for each in endpoints):
        return ()
    if endpoints:
        return (
            NoneReady(
                namespace=service.namespace,
                service=service.name,
                pods=tuple(dict.fromkeys(each.target for each in endpoints if each.target)),
                total=len(endpoints),
                has_selector=bool(service.selector),
            ),
        )
    if service.selector:
        return ((yield from _without_pod(service, context.namespace)),)
    return ((yield from _without_slice(service)),)


def _without_pod(service: Service, own: str) -> Diagnosis[Missing]:
    """Why a headless Service with a selector has no endpoint at all."""
    here = yield from _selected(service)
    if isinstance(here, CouldNotKnow):
        return here
    waiting = [e for e in here if not e.is_finished]
    if waiting and not any(each.pod_ips for each in waiting):
        return WithoutAddress(
            pods=tuple(each.name for each in waiting),
            phase=waiting[0].phase,
        )
    if waiting:
        return NotInItsSlices(
            namespace=service.namespace,
            service=service.name,
            pods=tuple(each.name for each in waiting),
            families=service.ip_families if not any(_fits(service, e) for e in waiting) else (),
        )
    labels = as_label_selector(service.selector)
    others = known((yield from ask(Objects("Pod", labels=labels), Pod)))
    spaces = dict.fromkeys(each.namespace for each in others if not each.is_finished)
    spaces.pop(service.namespace, None)
    if own in spaces:
        # Copies of a set-up have the same labels: that of who asks is meant.
        spaces = {own: None}
    return SelectsNoPod(
        namespace=service.namespace,
        service=service.name,
        selector=service.selector,
        elsewhere=tuple(spaces),
    )


def _fits(service: Service, pod: Pod) -> bool:
    """Whether the pod has an address of a family that the Service is for."""
    own = {"IPv6" if ":" in each else "IPv4" for each in pod.pod_ips}
    return not service.ip_families or not own.isdisjoint(service.ip_families)


def _without_slice(service: Service) -> Diagnosis[Missing]:
    """The slices that are likely meant for a Service without selector."""
    fact = NoSelectorNoSlice(namespace=service.namespace, service=service.name)
    listed = known((yield from ask(Objects("EndpointSlice", service.namespace), EndpointSlice)))
    strays = [each.name for each in listed if not each.service]
    named = [each for each in strays if service.name in each]
    if strays:
        return replace(fact, unlabelled=tuple(named or strays))
    others = {each.service: each.name for each in listed if service.name in each.name}
    for other, name in others.items():
        there = yield from _find_service(service.namespace, other)
        if not isinstance(there, Service) and isinstance(there[0], NoService):
            return replace(fact, unlabelled=(name,), labelled=other)
    return replace(fact, endpoints=(yield from _orphaned_endpoints(service)))


def _orphaned_endpoints(service: Service) -> Diagnosis[str]:
    """Endpoints that are likely meant for a Service: of no Service's name, and alike or alone."""
    made = known((yield from ask(Objects("Endpoints", service.namespace), Endpoints)))
    listed = yield from ask(Objects("Service", service.namespace), Service)
    if isinstance(listed, CouldNotLook):
        return ""  # whether they are of no Service's name, nobody knows
    names = {each.name for each in made} - {each.name for each in listed}
    near = near_names(service.name, tuple(names))
    return next(iter(near), min(names) if len(names) == 1 else "")


def _alias_target(
    service: Service, zone: str, context: NameContext
) -> Diagnosis[tuple[Missing, ...]]:
    """What keeps an ExternalName in ZONE from having an address, as far as objects tell."""
    target = absolute(service.external_name.lower())
    lost = TargetNotFound(
        namespace=service.namespace, service=service.name, target=target.rstrip(".")
    )
    if parse_address(lost.target) is not None:
        fact = TargetIsAddress(namespace=lost.namespace, service=lost.service, target=lost.target)
        return (fact,)
    wrong = _unwrapped(lost.target)[1]
    if wrong:
        return (TargetIsNoName(namespace=lost.namespace, service=lost.service, wrong=wrong[0]),)
    inside = closest_zone(_kubernetes_zones(context), target)
    halfway = yield from _unqualified_target(lost, inside, context)
    if halfway or not inside:
        return halfway
    # backend_lookup.go: a target in the zone of its alias is looked up in the plugin alone.
    goes_on = is_passed_on(target, context)
    if goes_on and inside != absolute(zone):
        return ()
    chased = (*context.chased, service.object)
    lacks = yield from _whole_name(target, inside, replace(context, chased=chased))
    if not lacks or any(isinstance(each, CouldNotKnow) for each in lacks):
        return lacks
    return (replace(lost, lacks=lacks, passes=goes_on),)


def _unqualified_target(
    lost: TargetNotFound, zone: str, context: NameContext
) -> Diagnosis[tuple[Missing, ...]]:
    """Taken as it stands, without a search list: what the pod itself would find is meant.

    In a ZONE of the cluster `svc` may have been left out.
    """
    labels = labels_of(below_zone(f"{lost.target}.", zone) if zone else lost.target)
    if zone and (len(labels) != 2 or {"svc", "pod"} & set(labels)):
        return ()
    # Behind `svc` nothing, or the domain of another cluster.
    halfway = labels[: labels.index("svc")] if "svc" in labels[1:] else labels
    if len(halfway) > 2:
        return ()
    namespace = halfway[1] if len(halfway) == 2 else lost.namespace
    found = yield from _find_service(namespace, halfway[0])
    if not isinstance(found, Service):
        # Two labels may be a name of the outside; one is a Service of some namespace, or nothing.
        others = (
            () if len(halfway) == 2 else (yield from _elsewhere(halfway[0], namespace, context))
        )
        if not others:
            return ()
        namespace = others[0]
    return (replace(lost, whole=f"{halfway[0]}.{namespace}.svc.{context.domain}"),)


def _whole_name(name: str, zone: str, context: NameContext) -> Diagnosis[tuple[Missing, ...]]:
    """What NAME, a whole one in ZONE, lacks."""
    low = name.lower()
    # What an object or a rule says is a name as it stands: no URL, no path.
    every = _in_cluster(low.rstrip("."), context, (), zone)
    meant = [each for each in every if each.name(context.domain) == low and not each.wrong]
    if not meant:
        return ()
    if meant[0].kind is Kind.ZONE:
        served = _kubernetes_for(low, context)
        return (NoServiceName(zone=bare(zone), line=served[0].line),) if served else ()
    seen = yield from _CHECKS[meant[0].kind](meant[0], "", context)
    return seen.missing


def _selected(service: Service) -> Diagnosis[tuple[Pod, ...] | CouldNotKnow]:
    labels = as_label_selector(service.selector)
    return _ask(Objects("Pod", service.namespace, labels=labels), Pod)


def _find_pod(namespace: str, name: str) -> Diagnosis[Pod | tuple[Missing, ...]]:
    if not _is_label(namespace) or not re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name):
        return (NoPod(namespace=namespace, pod=name),)
    there = yield from _ask(Objects("Pod", namespace, name), Pod)
    if isinstance(there, CouldNotKnow):
        return (there,)
    return there[0] if there else (NoPod(namespace=namespace, pod=name),)


def _endpoint(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """POD.SERVICE: by hostname and subdomain, readiness and selector."""
    seen = yield from _namespaced(meaning, context)
    if any(isinstance(each, NoNamespace) for each in seen.missing):
        return seen.lacking(NoPod(namespace=meaning.namespace, pod=meaning.pod))
    found = yield from _find_pod(meaning.namespace, meaning.pod)
    service = seen.service
    if service is None:
        if not isinstance(found, Pod):
            found = (yield from _by_subdomain(meaning)) or found
        return (yield from _without_service(meaning, seen, found))
    if service.is_external_name:
        fact = NothingBelowAlias(namespace=service.namespace, service=service.name)
        of_pod = found if isinstance(found, Pod) else None
        return seen.lacking(fact)._replace(pod=of_pod)
    if not isinstance(found, Pod):
        other = yield from _by_hostname(meaning, service)
        if not isinstance(other, Pod):
            absent = _absent_pod(meaning, found) if service.selector else _unnamed(meaning, service)
            return seen.lacking(*(other or (yield from absent)))
        found = other
    lacks = yield from _not_an_endpoint(meaning, service, found)
    server = context.authority
    rules = rules_of(server.version, server.provider) if server else None
    if not (service.is_headless or rules is None or rules.names_every_endpoint):
        lacks = (NotHeadless(namespace=service.namespace, service=service.name), *lacks)
    return seen.lacking(*lacks)._replace(found=seen.found + 2, pod=found)


def _without_service(
    meaning: Meaning, seen: _Look, found: Pod | tuple[Missing, ...]
) -> Diagnosis[_Look]:
    if not isinstance(found, Pod):
        if is_named_after(meaning.pod, meaning.service):
            return seen._replace(found=seen.found + 1)
        return seen.lacking(*found)
    if found.subdomain == meaning.service:
        fact = SubdomainWithoutService(
            namespace=found.namespace, pod=found.name, service=meaning.service
        )
        told = (fact if isinstance(each, NoService) else each for each in seen.missing)
        nameless = () if found.hostname else (_nameless(found),)
        missing = (*told, *nameless)
        return seen._replace(missing=missing, found=seen.found + 3, pod=found)
    # The Service of its own subdomain is what was meant, however unlike the word is.
    own = found.subdomain if found.hostname else ""
    there = (yield from ask(Objects("Service", found.namespace, own), Service)) if own else ()
    near = tuple(each.name for each in known(there))
    told = (replace(e, near=near) if isinstance(e, NoService) else e for e in seen.missing)
    return seen._replace(missing=tuple(told), found=seen.found + 2, pod=found)


def _nameless(pod: Pod) -> PodWithoutHostname:
    job = pod.owner.name if pod.owner and pod.owner.kind == "Job" else ""
    return PodWithoutHostname(namespace=pod.namespace, pod=pod.name, job=job)


def _unnamed(meaning: Meaning, service: Service) -> Diagnosis[tuple[Missing, ...]]:
    """Behind a Service without selector stands what people wrote, and no pod by its name."""
    slices = yield from _slices(service)
    if isinstance(slices, CouldNotKnow):
        return (slices,)
    every = [(part.name, at, e) for part in slices for at, e in enumerate(part.endpoints)]
    if not every:
        return ((yield from _without_slice(service)),)
    fact = NoSuchEndpoint(
        namespace=service.namespace,
        service=service.name,
        hostname=meaning.pod,
        named=tuple(dict.fromkeys(each.hostname for _, _, each in every if each.hostname)),
        # validation.go: the host name of an endpoint is a label of DNS.
        unnamed=tuple((n, at) for n, at, e in every if not e.hostname and _is_label(meaning.pod)),
    )
    return (fact,)


def _by_hostname(meaning: Meaning, service: Service) -> Diagnosis[Pod | tuple[Missing, ...]]:
    """The pod of the Service whose spec.hostname, address or workload (not its name) is meant."""
    if not service.selector:
        return ()
    pods = yield from _selected(service)
    if isinstance(pods, CouldNotKnow):
        return (pods,)
    owner = owner_in(meaning.pod)
    tests: tuple[Callable[[Pod], bool], ...] = (
        lambda each: each.hostname == meaning.pod,
        lambda each: _has_address(each, meaning.pod),
        # Of such a workload no pod has the name for long: what one lacks, all do.
        lambda each: each.owner is not None and not each.hostname and owner_in(each.name) == owner,
    )
    return next((each for holds in tests for each in pods if holds(each)), ())


def _has_address(pod: Pod, label: str) -> bool:
    return parse_address(undashed(label)) in {parse_address(each) for each in pod.pod_ips}


def _by_subdomain(meaning: Meaning) -> Diagnosis[Pod | None]:
    """The pod whose spec.hostname and spec.subdomain (not its name) are meant."""
    pods = known((yield from ask(Objects("Pod", meaning.namespace), Pod)))
    wanted = meaning.pod, meaning.service
    return next((each for each in pods if (each.hostname, each.subdomain) == wanted), None)


def _absent_pod(meaning: Meaning, lacks: tuple[Missing, ...]) -> Diagnosis[tuple[Missing, ...]]:
    match = WITH_ORDINAL.fullmatch(meaning.pod)
    if match is None or not any(isinstance(each, NoPod) for each in lacks):
        return lacks
    found = yield from ask_one(Objects("StatefulSet", meaning.namespace, match["set"]), Workload)
    if found is None:
        return lacks
    ordinal, replicas, first = int(match["ordinal"]), found.replicas, found.first_ordinal
    if first <= ordinal < first + replicas:
        own = meaning.namespace, match["set"], ordinal
        behind = "" if found.makes_all_at_once else (yield from _not_ready_before(*own))
        return tuple(replace(e, behind=behind) if isinstance(e, NoPod) else e for e in lacks)
    return (
        OrdinalBeyondReplicas(
            namespace=meaning.namespace,
            set=match["set"],
            ordinal=ordinal,
            replicas=replicas,
            first=first,
        ),
    )


def _not_ready_before(namespace: str, name: str, ordinal: int) -> Diagnosis[str]:
    """The first pod that a StatefulSet waits for before it makes that of ORDINAL; "" for none.

    podManagementPolicy OrderedReady, kubernetes pkg/controller/statefulset/stateful_set_control.go.
    """
    pods = known((yield from ask(Objects("Pod", namespace), Pod)))
    unready = (WITH_ORDINAL.fullmatch(each.name) for each in pods if not each.ready)
    before = (int(e["ordinal"]) for e in unready if e and e["set"] == name)
    first = min((each for each in before if each < ordinal), default=None)
    return "" if first is None else f"{name}-{first}"


def _not_an_endpoint(
    meaning: Meaning, service: Service, pod: Pod
) -> Diagnosis[tuple[Missing, ...]]:
    """What keeps POD from having a name below SERVICE; empty where nothing does."""
    namespace, name = pod.namespace, pod.name
    lacks: list[Missing] = []
    if not (yield from _takes(service, pod)):
        selector = service.selector
        lacks.append(
            NotSelected(namespace=namespace, pod=name, service=service.name, selector=selector)
        )
    lacks += _without_label(meaning, service, pod)
    ended = _what_became_of(pod, service)
    if not ended and not pod.pod_ips:
        lacks.append(WithoutAddress(pods=(name,), phase=pod.phase))
    elif ended or (not pod.ready and not service.publishes_not_ready):
        fact = PodNotReady(namespace=namespace, pod=name, service=service.name, ended=ended)
        lacks.append(fact)
    elif not _fits(service, pod):
        of = service.ip_families
        only = NotInItsSlices(namespace=namespace, service=service.name, pods=(name,), families=of)
        lacks.append(only)
    return tuple(lacks)


def _without_label(meaning: Meaning, service: Service, pod: Pod) -> Iterator[Missing]:
    """What keeps the pod's endpoint from the label that is asked: 2.4, its hostname or address."""
    if _has_address(pod, meaning.pod) and not _has_label(pod, service):
        return
    is_other = pod.subdomain != service.name
    if not pod.hostname:
        bare = not pod.subdomain and pod.owner is None
        yield replace(_nameless(pod), lacks_subdomain=bare)
        is_other = is_other and not bare
    elif pod.hostname != meaning.pod:
        yield OtherHostname(namespace=pod.namespace, pod=pod.name, hostname=pod.hostname)
    if is_other:
        yield _other_subdomain(pod, service)


def _what_became_of(pod: Pod, service: Service) -> str:
    """Why a pod that was there is no endpoint any more, "" where it still may be one."""
    if pod.is_finished:
        return f"has finished ({pod.phase})"
    return "is being deleted" if pod.deleted_at and not service.publishes_not_ready else ""


def _has_label(pod: Pod, service: Service) -> bool:
    """Whether its endpoint has its hostname, below this Service."""
    return bool(pod.hostname) and pod.subdomain == service.name


def _takes(service: Service, pod: Pod) -> Diagnosis[bool]:
    """Whether the pod is behind the Service: by its selector, else by a slice that people wrote."""
    if service.selector:
        return service.selects(pod.labels)
    slices = yield from _slices(service)
    if isinstance(slices, CouldNotKnow):
        return True
    endpoints = (each for part in slices for each in part.endpoints)
    return any(set(each.addresses) & set(pod.pod_ips) for each in endpoints)


def _other_subdomain(pod: Pod, service: Service) -> Missing:
    if pod.owner is not None and pod.owner.kind == "StatefulSet":
        return OtherServiceName(
            namespace=pod.namespace,
            set=pod.owner.name,
            subdomain=pod.subdomain,
            service=service.name,
        )
    return OtherSubdomain(
        namespace=pod.namespace, pod=pod.name, subdomain=pod.subdomain, service=service.name
    )


def _port(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """_PORT._PROTO.SERVICE: of a headless Service the ports of its slices decide."""
    seen = yield from _namespaced(meaning, context)
    service = seen.service
    if service is None or service.is_external_name:
        return seen
    ports, place = service.ports, f"Service {service.object}"
    if service.is_headless:
        lacks = yield from _headless(service, context)
        if lacks:
            return seen.lacking(*lacks)
        slices = yield from _slices(service)
        if isinstance(slices, tuple) and slices:
            ports = tuple(port for part in slices for port in part.ports)
            place = f"{slices[0].kind} {slices[0].object}"
    if all(each.number < 0 for each in ports):
        by_name = service.selector and any(each.number >= 0 for each in service.ports)
        none = NoPorts(place=place, service=f"Service {service.object}" if by_name else "")
        return seen.lacking(none)
    wanted = (meaning.port, meaning.protocol)
    if any((p.name.lower(), p.protocol.lower()) == wanted for p in ports):
        return seen
    named = tuple(dict.fromkeys((p.name, p.protocol) for p in ports if p.name))
    blank = [
        at
        for at, p in enumerate(ports)
        if not p.name and p.number >= 0 and p.protocol.lower() == meaning.protocol
    ]
    fact = NoSuchPort(
        namespace=service.namespace,
        service=service.name,
        port=meaning.port,
        protocol=meaning.protocol,
        place=place,
        named=named,
        unnamed=blank[0] if blank else None,
    )
    return seen.lacking(fact)


def _pod(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """A pod by its bare name, which DNS does not have."""
    found = yield from _find_pod(meaning.namespace, meaning.pod)
    if not isinstance(found, Pod):
        return (yield from _beyond_set(meaning, found, context))
    return (yield from _bare_pod(meaning, found, context))


def _below_subdomain(pod: Pod, own: str) -> str:
    """HOSTNAME.SUBDOMAIN of POD, as a pod of namespace OWN asks for it."""
    rest = "" if pod.namespace == own else f".{pod.namespace}"
    return f"{pod.hostname}.{pod.subdomain}{rest}"


def _by_whole_name(pod: Pod, service: Service, own: str) -> PodNotInDNS:
    """A pod's hostname alone is none of DNS: it stands below its subdomain."""
    return PodNotInDNS(
        namespace=pod.namespace,
        pod=pod.name,
        whole=_below_subdomain(pod, own),
        is_waiting=not pod.ready and not service.publishes_not_ready,
    )


def _bare_pod(meaning: Meaning, found: Pod, context: NameContext) -> Diagnosis[_Look]:
    """What the Services that select a pod have to do with its name."""
    read = Objects("Service", meaning.namespace)
    listed = known((yield from ask(read, Service)))
    select = [each for each in listed if each.selects(found.labels)]
    names = tuple(sorted((each.name for each in select), key=lambda each: each != found.subdomain))
    governing = [each for each in select if each.name == found.subdomain]
    is_named = bool(found.hostname and governing)
    whole = _below_subdomain(found, context.namespace) if is_named else ""
    if len(found.name) > _LONGEST_LABEL and found == context.pod:
        cut = found.name[:_LONGEST_LABEL].rstrip("-.")
        return _Look(missing=(LabelTooLong(label=found.name, cut=cut),), found=3, pod=found)
    alone: list[str] = []
    for each in () if whole else select[:2]:
        if not each.is_headless and (yield from _leads_to_it_alone(each, found)):
            alone += each.cluster_ips
    fact = PodNotInDNS(
        namespace=found.namespace,
        pod=found.name,
        whole=whole,
        services=names,
        alone=tuple(alone),
        address=next(iter(found.pod_ips), ""),
        is_waiting=not found.ready and not any(each.publishes_not_ready for each in governing),
    )
    is_meant = bool(whole) or meaning.form is not Form.NAME
    return _Look(missing=(fact,), found=3 if is_meant else 2, pod=found)


def _leads_to_it_alone(service: Service, pod: Pod) -> Diagnosis[bool]:
    slices = yield from _slices(service)
    if isinstance(slices, CouldNotKnow):
        return False
    there = {ip for part in slices for each in part.endpoints for ip in each.addresses}
    return bool(there) and there <= set(pod.pod_ips)


def _beyond_set(
    meaning: Meaning, lacks: tuple[Missing, ...], context: NameContext
) -> Diagnosis[_Look]:
    """A bare name that a StatefulSet would give to a pod that it does not have, or a Job does."""
    missing = yield from _absent_pod(meaning, lacks)
    fact = next((each for each in missing if isinstance(each, OrdinalBeyondReplicas)), None)
    if fact is None:
        match = WITH_ORDINAL.fullmatch(meaning.pod)
        # job_utils.go: an Indexed Job's pods have the hostname, and a random part in their names.
        read = Objects("Pod", meaning.namespace, labels=f"job-name={match['set']}" if match else "")
        pods = known((yield from ask(read, Pod))) if match else ()
        meant = next((each for each in pods if each.hostname == meaning.pod), None)
        return (yield from _bare_pod(meaning, meant, context)) if meant else _Look(missing=missing)
    first = yield from _find_pod(fact.namespace, f"{fact.set}-{fact.first}")
    service = first.subdomain if isinstance(first, Pod) else ""
    return _Look(missing=(replace(fact, service=service),), found=3)


def _container(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """Another container of the pod that asks, which `docker compose` would know by its name."""
    yield from ()
    fact = ContainerNotInDNS(container=_beside(meaning.text, context), name=meaning.text)
    return _Look(missing=(fact,), found=2)


def _beside(name: str, context: NameContext) -> str:
    """The other container of the pod that asks with this name, else the one that runs it."""
    own = context.pod.container(context.container)
    # An image with its path (`a__b`) is what a runner calls a service, not what one calls itself.
    is_own = own is not None and own.runs(name) and "__" not in name
    if name == context.container or is_own:
        return ""
    kinds = {ContainerKind.APP, ContainerKind.SIDECAR}
    every = (each for each in context.pod.containers if each.kind in kinds)
    there = [each for each in every if each.name != context.container]
    named = (each.name for each in there if each.name == name)
    return next(named, next((each.name for each in there if each.runs(name)), ""))


def _pod_address(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    address = undashed(meaning.pod)
    if parse_address(address) is None:
        return _Look(missing=(NotAnAddress(label=meaning.pod),))
    gone = yield from _namespace(meaning.namespace, context)
    zone = meaning.zone or context.domain
    hidden = yield from _hidden(meaning.namespace, None, zone, context)
    served = _kubernetes_for(f"pod.{zone}.", context)
    disabled = served is not None and served[1].pods == "disabled"
    off = (PodNamesDisabled(line=served[0].line),) if served and disabled else ()
    lacks = (*gone, *hidden, *off)
    if lacks:
        return _Look(missing=lacks, found=int(not gone))
    read = Objects("Pod", meaning.namespace, fields=f"status.podIP={address}")
    pods = yield from _ask(read, Pod)
    if isinstance(pods, CouldNotKnow):
        return _Look(missing=(pods,), found=1)
    if not pods:
        fact = NoPodWithAddress(namespace=meaning.namespace, address=address)
        return _Look(missing=(fact,), found=1)
    return _Look(found=3, pod=pods[0])


def _node(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """A node by its name; who may not read nodes knows the pod's own."""
    tool = NODE_ENTRIES.get(meaning.text)
    if tool is not None:
        return _Look(missing=(NodeEntryNotInherited(name=meaning.text, tool=tool),), found=2)
    lacks = _Look(missing=(NoSuchName(said="no such node"),))
    if not _is_label(meaning.text):
        return lacks
    node = yield from ask_one(Objects("Node", name=meaning.text), Node)
    if node is None:
        own = NodeNotInDNS(node=meaning.text, address="")
        is_own = meaning.text == context.pod.node_name
        return _Look(missing=(own,), found=2) if is_own else lacks
    address = next((text for kind, text in node.addresses if kind == "InternalIP"), "")
    return _Look(missing=(NodeNotInDNS(node=meaning.text, address=address),), found=2)


def _entries(name: str, context: NameContext) -> Iterator[tuple[ServerBlock, HostsName]]:
    """The lines of `hosts` in the Corefile that have NAME, the block that is asked first."""
    server, blocks = context.authority, _blocks(name, context)
    if server is None or any(each.all("view") for each in blocks):
        return
    for block in blocks:
        for plugin in block.all("hosts"):
            listed = hosts_names(plugin, block, server)
            yield from ((block, e) for e in listed if e.name == name and not e.file)


CACHE = "the cache on the node"


def kept_by_cache(name: str, context: NameContext) -> ServerBlock | None:
    """The block of NodeLocal DNSCache that sends NAME elsewhere than to the cluster's DNS."""
    cache = context.server
    if cache is None or cache.behind is None:
        return None
    block = next(iter(blocks_of(name, cache)), None)
    return None if block is None or goes_behind(block, cache) else block


def goes_behind(block: ServerBlock, cache: ClusterDNS) -> bool:
    """Whether what BLOCK forwards goes to the cluster's own DNS."""
    sent = [set(each.args[1:]) for each in block.forwards]
    return any(each and each <= set(cache.behind_addresses) for each in sent)


def _entry(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """An entry that does not answer: 3.1, its block is not asked; 3.2, the order of plugins."""
    yield from ()
    every = tuple(_entries(meaning.text, context))
    asked = block_of(meaning.text, context)
    if not every or asked is None:
        fact = _without_effect(meaning.text, context)
        # A zone alone says less than an object that has the name.
        is_zone = isinstance(fact, EntryNotReached) and fact.what.startswith("block")
        return _Look(missing=(fact,) if fact else (), found=1 if is_zone else 3)
    block, entry = every[0]
    cache = kept_by_cache(meaning.text, context)
    if cache is not None:
        by: tuple[str, int] | None = (_cache_name(context), cache.line)
    elif asked is block:
        line, made = rewritten(meaning.text, block)
        templates = (e for e in block.all("template") if _serves(e, block, entry))
        first = next((each.line for each in templates), 0)
        by = ("`rewrite`", line) if made else ("`template`", first) if first else None
    else:
        zone = closest_zone(asked.zones, meaning.text).rstrip(".") or "."
        by = (f"block {zone}", asked.line)
    if by is None:
        is_stopped = bool(context.stopped) and context.outcome_of(meaning.text) is None
        stopped = SearchStopped(why=context.stopped)
        return _Look(missing=(stopped,), found=3) if is_stopped else _Look()
    fact = EntryNotReached(
        name=meaning.text.rstrip("."),
        addresses=tuple(e.address for at, e in every if at is block),
        line=entry.line,
        by=by[0],
        by_line=by[1],
    )
    return _Look(missing=(fact,), found=3)


def _cache_name(context: NameContext) -> str:
    at = context.server.object.rpartition("/")[2] if context.server else ""
    return f"{CACHE}, {at}"


def _without_effect(name: str, context: NameContext) -> Missing | None:
    """What is meant for NAME in the Corefile, other than an entry, and does nothing for it."""
    block = block_of(name, context)
    if block is None:
        return None
    cache = kept_by_cache(name, context)
    if cache is not None:
        return _kept_from_rule(name, block, cache, context)
    return (
        _left_out_file(name, block, context)
        or _not_asked_block(name, block, context)
        or _never_matched(name, block)
        or _of_wrong_type(name, block)
        or _not_an_entry(name, block, context)
    )


def _kept_from_rule(
    name: str, block: ServerBlock, cache: ServerBlock, context: NameContext
) -> Missing | None:
    """A rule, or a zone, of the cluster's DNS that the cache on the node never asks."""
    zone = closest_zone(block.zones, name)
    line, made = rewritten(name, block)
    templates = [each for each in block.all("template") if _template_zone(each, block, name)]
    if made:
        what = "`rewrite`"
    elif templates:
        what, line = "`template`", templates[0].line
    elif zone != ".":
        what, line, name = f"block {zone.rstrip('.')}", block.line, zone
    else:
        return None
    return EntryNotReached(
        name=name.rstrip("."),
        addresses=(),
        line=line,
        by=_cache_name(context),
        by_line=cache.line,
        what=what,
    )


def _left_out_file(name: str, block: ServerBlock, context: NameContext) -> FileLeftOut | None:
    """A file for NAME that is a key of the Corefile's ConfigMap, and is not mounted."""
    server = context.server
    for plugin in (*block.all("hosts"), *block.all("file")) if server else ():
        path = plugin.args[0] if plugin.args else ""
        zones = zones_or_block(plugin.args[1:], block)
        text = server.left_out.get(path) if server else None
        if server is None or text is None or not closest_zone(zones, name):
            continue
        # Names of a zone file need not stand in it as they are asked.
        if plugin.name == "file" or name.rstrip(".") in text.lower().split():
            return FileLeftOut(
                plugin=plugin.name,
                line=plugin.line,
                key=basename(path),
                config_map=server.file_sources.get(path, server.object),
            )
    return None


def _serves(template: Directive, block: ServerBlock, entry: HostsName) -> bool:
    """Whether the template is for what ENTRY answers: by its type, its zones and expressions."""
    if template.args[1:2] not in ((), ("ANY",), (entry.type,)):
        return False
    if not closest_zone(zones_or_block(template.args[2:], block), entry.name):
        return False
    return _may_match(template, entry.name)


def _may_match(template: Directive, name: str) -> bool:
    try:
        patterns = [compile_pattern(text) for each in template.all("match") for text in each.args]
        return not patterns or any(each.search(name) for each in patterns)
    except (Refused, PatternUnknown):
        return True


def _template_zone(template: Directive, block: ServerBlock, name: str) -> str:
    """The zone that the template serves, longer than `.`, and that NAME is in."""
    zones = zones_or_block(template.args[2:], block)
    return closest_zone(tuple(each for each in zones if each != "."), name)


def _not_asked_block(name: str, block: ServerBlock, context: NameContext) -> Missing | None:
    """A block for NAME on a port that nobody asks, or with `*` in its zone, which is plain text."""
    port = serving_port(context.server) if context.server else 0
    asked = closest_zone(block.zones, name)
    blocks = context.authority.blocks if context.authority else ()
    # Other blocks may forward to it.
    sent = {to.rpartition(":")[2] for b in blocks for each in b.forwards for to in each.args}
    for other in blocks:
        for key in other.keys:
            zone = key.zone.removeprefix("*.")
            is_other = zone != key.zone or (key.port != port and str(key.port) not in sent)
            if not is_other or key.transport != "dns" or len(zone) <= len(asked):
                continue
            if is_below(zone, name):
                elsewhere = f" on port {key.port}" if key.port != port else ""
                on_port = (f":{key.port}", f":{port}")
                written, instead = (
                    on_port if elsewhere else (key.zone.rstrip("."), zone.rstrip("."))
                )
                return EntryNotReached(
                    name=name.rstrip("."),
                    addresses=(),
                    line=other.line,
                    by=f"block {asked.rstrip('.') or '.'}",
                    by_line=block.line,
                    what=f"block {key.zone.rstrip('.')}{elsewhere}",
                    written=written,
                    instead=instead,
                )
    return None


def _never_matched(name: str, block: ServerBlock) -> Missing | None:
    """An expression that would match NAME, if NAME did not end with a dot."""
    for plugin in (*block.all("rewrite"), *block.all("template")):
        for line, text in _expressions(plugin, block, name):
            if not text.endswith("$") or text.endswith(("\\$", "\\.$")):
                continue
            try:
                would = compile_pattern(f"{text[:-1]}[.]$").search(name)
                does = compile_pattern(text).search(name)
            except (Refused, PatternUnknown):
                continue
            if would and not does:
                return PatternNeverMatches(plugin=plugin.name, line=line, pattern=text)
    return None


_NAME_AS_ADDRESS = re.compile(
    r"(?:\{\{[^{}]*\}\}|\S+)\s+(?:\d+\s+)?(?:IN\s+)?(?:\d+\s+)?"
    r"(?P<type>A|AAAA)\s+(?P<target>[a-z0-9.-]*[a-z][a-z0-9.-]*)",
    re.IGNORECASE,
)


def _of_wrong_type(name: str, block: ServerBlock) -> Missing | None:
    """A template for NAME that has an alias for it, and gives it to no question for addresses."""
    for plugin in block.all("template"):
        if not _template_zone(plugin, block, name) or not _may_match(plugin, name):
            continue
        kind = next(iter(plugin.args[1:2]), "ANY")
        for_all = ((plugin.line, kind, "ANY"),) if kind.upper() != "ANY" else ()
        if kind.upper() == "CNAME" and plugin.all("answer"):
            return TemplateTypeWrong(line=plugin.line, swaps=for_all)
        for each in plugin.all("answer"):
            for found in filter(None, map(_NAME_AS_ADDRESS.fullmatch, each.args)):
                # An alias is for both families: musl takes NXDOMAIN of one for the whole answer.
                swaps = ((each.line, found["type"], "CNAME"), *for_all)
                return TemplateTypeWrong(line=each.line, swaps=swaps, target=found["target"])
    return None


def _expressions(plugin: Directive, block: ServerBlock, name: str) -> Iterator[tuple[int, str]]:
    if plugin.name == "template":
        if closest_zone(zones_or_block(plugin.args[2:], block), name):
            yield from ((e.line, text) for e in plugin.all("match") for text in e.args)
        return
    rule = parse_rewrite(plugin)
    if rule is not None and rule.field == "name" and rule.pattern is not None:
        yield plugin.line, rule.pattern.text


def _not_an_entry(name: str, block: ServerBlock, context: NameContext) -> Missing | None:
    """A line of `hosts` with NAME in it that CoreDNS takes for something else."""
    bare = name.rstrip(".")
    wildcard = f"*.{bare.partition('.')[2]}"
    server = context.authority
    knows = server is None or rules_of(server.version).hosts_knows_wildcards
    for plugin in block.all("hosts"):
        for each in plugin.body if _is_of(plugin, block, name) else ():
            words = (each.name, *each.args)
            address = next((word for word in words if parse_address(word)), "")
            for word in words if address else ():
                why = ""
                if word.lower().strip(",;").rstrip(".") == bare:
                    why = "an entry has its address first, and names with blanks between them"
                elif word.lower() == wildcard and not knows:
                    why = "it knows no wildcards before CoreDNS 1.14.5"
                if why:
                    return EntryNotTaken(address=address, line=each.line, written=word, why=why)
    return None


def _alias(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """A hosts entry: of this pod, hidden by a mount or written otherwise; of another pod."""
    low = meaning.text.lower().rstrip(".")
    declared = _of_spec(meaning.text, context.pod)
    if declared and context.mount is not None:
        hidden = AliasHiddenByMount(
            container=context.container,
            volume=context.mount.name,
            mount_path=context.mount.mount_path,
        )
        return _Look(missing=(hidden,), found=3)
    older = (yield from _in_config_map(low, context)) or _of_template(low, context)
    instead = older or _own_name(low, context) or _written_early(low, context.pod)
    if instead is not None:
        return _Look(missing=(instead,), found=3)
    written = _written_otherwise(low, context)
    if written is not None:
        return written
    read = Objects("Pod", context.namespace)
    # That another pod has it says nothing where this one may have it as well.
    others = known((yield from ask(read, Pod))) if context.has_all_hosts else ()
    for each in others:
        address = _of_spec(meaning.text, each)
        if address and each.name != context.pod.name:
            fact = AliasOfOtherPod(namespace=each.namespace, pod=each.name, address=address)
            return _Look(missing=(fact,), found=1)
    return _Look(missing=(NoSuchName(said="no hosts file has it"),))


# What stands around the words of an entry in a command: blanks, quotes, `\\n` and `\\t` of printf.
_BETWEEN_WORDS = re.compile(r"(?:[\s\"';]|\\[nt])+")


def _written_early(name: str, pod: Pod) -> WrittenByInit | None:
    """The init container whose command writes an address and NAME into the hosts file."""
    early = (e for e in pod.containers if e.kind is ContainerKind.INIT and e.writes_hosts)
    for each in early:
        for line in "\n".join((*each.command, *each.args)).lower().splitlines():
            words = _BETWEEN_WORDS.split(line)
            before = words[: words.index(name)] if name in words else []
            address = next(filter(parse_address, reversed(before)), "")
            if address:
                return WrittenByInit(container=each.name, address=address)
    return None


def _written_otherwise(low: str, context: NameContext) -> _Look | None:
    """A line of the container's hosts file that was likely meant for the name."""
    for name, address in context.hosts:
        if name.startswith("*.") and low.endswith(name[1:].lower()):
            return _Look(missing=(WildcardInHosts(entry=name, address=address),), found=3)
    alike = _alike(low, (name for name, _ in context.hosts))
    if not alike:
        return None
    address = dict(context.hosts).get(alike, "")
    # What only begins with it says less than an object that the rest of the name leads to.
    found = 1 if low.startswith(f"{alike.lower()}.") else 2
    return _Look(missing=(AliasWrittenOtherwise(alias=alike, address=address),), found=found)


def _own_name(name: str, context: NameContext) -> Missing | None:
    """Localhost or the pod's own host name, in a hosts file that the kubelet did not write."""
    pod, mount = context.pod, context.mount
    if name not in {"localhost", (pod.hostname or pod.name).lower()}:
        return None
    if not context.has_all_hosts:
        return HostsFileUnread()
    if mount is not None:
        volume = next((each for each in pod.volumes if each.name == mount.name), None)
        source = volume.source if volume else "volume"
        return OwnNameNotInFile(
            name=name,
            supplier=f"that of {source} volume {mount.name} (mounted at {mount.mount_path})",
            container=context.container,
            volume=mount.name,
            mount_path=mount.mount_path,
        )
    if pod.host_network:
        return OwnNameNotInFile(name=name, supplier="the node's (hostNetwork)")
    return None


def _in_config_map(name: str, context: NameContext) -> Diagnosis[Missing | None]:
    """A hosts file from a ConfigMap that has got the name since the container started."""
    mount = context.mount
    volume = next((e for e in context.pod.volumes if mount and e.name == mount.name), None)
    if mount is None or volume is None or volume.source != "configMap":
        return None
    read = Objects("ConfigMap", context.namespace, volume.refers_to)
    config_map = yield from ask_one(read, ConfigMap)
    text = dict(config_map.data).get(mount.sub_path, "") if config_map else ""
    entries = (e.entry for e in parse_hosts_file(text.encode("utf-8", "replace")).lines)
    for each in entries:
        if each is not None and name in (e.lower() for e in each.names):
            return FileOutdated(
                namespace=context.namespace,
                config_map=volume.refers_to,
                mount_path=mount.mount_path,
            )
    return None


def _of_template(name: str, context: NameContext) -> Missing | None:
    """An alias of the workload's template that this pod was made before."""
    template = context.template
    for alias in template.host_aliases if template else ():
        if template and name in (each.lower() for each in alias.hostnames):
            return AliasNotRolled(
                namespace=context.namespace,
                workload=template.name,
                kind=template.kind,
                paused=template.paused,
            )
    return None


def _alike(name: str, names: Iterable[str]) -> str:
    """A name of a hosts file that NAME may be: by its case, its dot, a slip, or its first label."""
    low = name.lower().rstrip(".")
    every = tuple(dict.fromkeys(names))
    same = [each for each in every if each.lower().rstrip(".") == low]
    if same:
        return same[0]
    longer = [each for each in every if low.startswith(f"{each.lower()}.") and "." not in each]
    near = [each for each in every if "." in each and is_near(low, each.lower())]
    return next(iter((*near, *longer)), "")


def _said(meaning: Meaning, _type: str, context: NameContext) -> Diagnosis[_Look]:
    """A name that no object decides: what the server says of it, and by which of its zones."""
    yield from ()
    asked = context.outcome_of(meaning.text)
    if asked is not None and asked.outcome is Outcome.FOUND:
        return _Look(found=1)
    if any(isinstance(each, LabelTooLong) for each in meaning.wrong):
        return _Look()
    ends = _in_kubernetes_zone(meaning, context)
    cache = kept_by_cache(meaning.text, context)
    made = _made_by_cache if cache else _made_of
    rewritten = ends or (yield from made(meaning.text, context))
    if rewritten is not None:
        return rewritten
    if asked is None and context.stopped:
        return _Look(missing=(SearchStopped(why=context.stopped),))
    if asked is not None and asked.outcome is Outcome.NXDOMAIN:
        lacks = _no_record(meaning.text, context)
        if lacks is not None:
            return _Look(missing=(lacks,), found=2)
    said = asked.said if asked is not None else ""
    fact_said = NoSuchName(
        said=said or "there is no such name",
        is_absent=asked is None or asked.outcome is Outcome.NXDOMAIN,
    )
    # A zone of its own in the Corefile is evidence that its names are meant.
    return _Look(missing=(fact_said,), found=2 if meaning.kind is Kind.ZONE else 0)


def _no_record(name: str, context: NameContext) -> NoRecord | None:
    """The zone file that NAME is not in, and what of it is alike; coredns plugin/file."""
    block = block_of(name, context)
    server = context.authority
    for plugin in block.all("file") if block and server else ():
        path = plugin.args[0] if plugin.args else ""
        zone = closest_zone(zones_or_block(plugin.args[1:], block), name) if block else ""
        text = server.files.get(path) if server and zone else None
        if text is None or passes(plugin, name):
            continue
        records = parse_zone(text, zone) or ()
        has_address = (each.name for each in records if each.type in {"A", "AAAA", "CNAME"})
        named = tuple(dict.fromkeys(below_zone(each.lower(), zone) for each in has_address))
        near = near_names(below_zone(name, zone), tuple(each for each in named if each))
        whole = tuple(f"{each}.{zone.rstrip('.')}" for each in near)
        return NoRecord(zone=zone, file=path, near=whole)
    return None


def _in_kubernetes_zone(meaning: Meaning, context: NameContext) -> _Look | None:
    """A name below a zone of `kubernetes` that no object can have, where it ends there."""
    served = _kubernetes_for(meaning.text, context) if meaning.kind is Kind.ZONE else None
    if served is None:
        return None
    plugin, options = served
    zone = closest_zone(options.zones, meaning.text)
    if zone == meaning.text.lower():
        return _Look(missing=(ZoneApex(zone=zone.rstrip("."), line=plugin.line),), found=1)
    if passes(plugin, meaning.text):
        return None
    fact = NoServiceName(zone=bare(zone), line=plugin.line)
    return _Look(missing=(fact,), found=int(zone != f"{context.domain}."))


def _made_of(name: str, context: NameContext) -> Diagnosis[_Look | None]:
    """What the `rewrite` rules of its block make of NAME; None where that is no Service's name."""
    block = block_of(name, context)
    line, made = rewritten(name, block) if block else (0, "")
    if parse_address(made.rstrip(".")) is not None:
        address = RewrittenToAddress(line=line, address=made.rstrip("."))
        return _Look(missing=(address,), found=2)
    zone = closest_zone(_kubernetes_zones(context), made) if made else ""
    if block is None or not zone:
        half = (yield from _made_halfway(line, made, context)) if made else None
        left = _answered_as(name, line, made, context)
        is_answered = any(each.outcome is Outcome.ALIAS_ALONE for each in context.asked)
        is_left = block is not None and made and is_answered and not _is_put_back(name, block)
        return half or (_Look(missing=(left,), found=2) if is_left else None)
    server = context.authority
    back = server is not None and any(comes_back(each, server) for each in block.forwards)
    if kubernetes_plugin_for(made, block) is None and not back:
        at = closest_zone(block.zones, name)
        missing = BlockWithoutKubernetes(zone=at, line=block.line, rewritten=made)
        return _Look(missing=(missing,), found=2)
    lacks = yield from _whole_name(made, zone, context)
    asked = context.outcome_of(name) or next(reversed(context.asked), None)
    if lacks:
        fact: Missing = RewrittenToNothing(line=line, rewritten=made.rstrip("."), lacks=lacks)
    elif asked is None or asked.outcome in {Outcome.FOUND, Outcome.UNKNOWN}:
        return _Look(found=2)
    elif all(each.outcome is not Outcome.ALIAS_ALONE for each in context.asked):
        return None  # the name that it made has nothing of what is asked for
    else:
        fact = _answered_as(name, line, made, context)
    return _Look(missing=(fact,), found=2)


def _answered_as(name: str, line: int, made: str, context: NameContext) -> AnsweredAsOtherName:
    """That the answer has another name than the question; MADE where nobody read the answer."""
    left = (each for each in context.asked if each.outcome is Outcome.ALIAS_ALONE)
    asked = next(left, Asked(name, Outcome.ALIAS_ALONE))
    owner = asked.owner or made
    is_typed = owner.lower().rstrip(".") == name.lower().rstrip(".")
    return AnsweredAsOtherName(
        line=line, rewritten=bare(owner), asked=bare(asked.name) if is_typed else ""
    )


def _is_put_back(name: str, block: ServerBlock) -> bool:
    """Whether the rule that rewrites NAME in BLOCK rewrites the names of the answer, too."""
    rules, _ = apply_rules(Question(name.lower(), "A"), block)
    return any(rule.restores or rule.answers for rule, _ in rules if rule.field == "name")


def _made_by_cache(name: str, context: NameContext) -> Diagnosis[_Look | None]:
    """What NodeLocal DNSCache makes of NAME, and sends elsewhere than to the cluster's DNS."""
    yield from ()
    block, cache = kept_by_cache(name, context), context.server
    line, made = rewritten(name, block) if block else (0, "")
    if cache is None or not made or not closest_zone(_kubernetes_zones(context), made):
        return None
    called = cache.object.rpartition("/")[2]
    fact = RewrittenByCache(cache=called, line=line, rewritten=made.rstrip("."))
    return _Look(missing=(fact,), found=2)


def _made_halfway(line: int, made: str, context: NameContext) -> Diagnosis[_Look | None]:
    """A name that `rewrite` made is whole: SERVICE.NAMESPACE is none of the cluster's."""
    labels = tuple(made.rstrip(".").split("."))
    plain = labels[:-1] if labels[-1] == "svc" else labels
    found = (yield from _find_service(plain[1], plain[0])) if len(plain) == 2 else None
    if not isinstance(found, Service):
        return None
    whole = f"{'.'.join(plain)}.svc.{context.domain}"
    label = whole.removeprefix(f"{made.rstrip('.')}.")
    lacks = (LabelMissing(label=label, form=whole),)
    fact = RewrittenToNothing(line=line, rewritten=made.rstrip("."), lacks=lacks)
    return _Look(missing=(fact,), found=2)


def rewritten(name: str, block: ServerBlock) -> tuple[int, str]:
    """What the `rewrite` rules of a block make of NAME, by which line; "" where they leave it."""
    rules, question = apply_rules(Question(name.lower(), "A"), block)
    by = [rule.line for rule, _ in rules if rule.field == "name"]
    return (by[-1], absolute(question.name)) if by and question.name != name.lower() else (0, "")


_CHECKS: Mapping[Kind, Callable[[Meaning, str, NameContext], Diagnosis[_Look]]] = {
    Kind.SERVICE: _service,
    Kind.ENDPOINT: _endpoint,
    Kind.PORT: _port,
    Kind.POD: _pod,
    Kind.POD_ADDRESS: _pod_address,
    Kind.NODE: _node,
    Kind.CONTAINER: _container,
    Kind.ENTRY: _entry,
    Kind.ALIAS: _alias,
    Kind.ZONE: _said,
    Kind.OUTSIDE: _said,
}


# --- what the resolver made of it --------------------------------------------------------------


def _reached(reading: Reading, qtype: str, context: NameContext) -> Reading:
    """The reading, with what keeps the resolver from a name that the objects have."""
    refused = _refused(context)
    if refused is not None and reading.meaning.kind is Kind.OUTSIDE and context.uses_cluster_dns:
        # Its own lines may be those that are not loaded.
        told = tuple(e for e in reading.missing if not isinstance(e, NoSuchName))
        return replace(reading, missing=(*told, refused))
    denied = None if reading.missing else _denied_family(reading.name, context)
    if denied is not None or reading.meaning.kind in _NOT_ASKED_OF_THE_CLUSTER:
        return replace(reading, missing=(denied,)) if denied else reading
    if not context.uses_cluster_dns:
        fact = _other_dns(context, next(iter(context.nameservers), ""))
        return replace(reading, missing=(*reading.missing, fact))
    asked = context.outcome_of(reading.name)
    is_found = asked is not None and asked.outcome is Outcome.FOUND
    raced = _other_answer(reading.name, context) if is_found and not reading.missing else None
    if raced is not None:
        return replace(reading, missing=(raced,))
    if reading.missing or not context.asked or is_found:
        return reading
    kept = refused or _kept_from(reading, asked, qtype, context)
    return replace(reading, missing=(kept,)) if kept else reading


def _refused(context: NameContext) -> CorefileRefused | None:
    """What keeps CoreDNS from loading its Corefile."""
    server = context.authority
    if server is None or not isinstance(server.corefile, CorefileError):
        return None
    return CorefileRefused(refused=server.refused, message=server.corefile.message)


def _kept_from(
    reading: Reading, asked: Asked | None, qtype: str, context: NameContext
) -> Missing | None:
    """What keeps the resolver from a name that the objects have; None where nobody knows."""
    taken = _taken_by_block(reading, context)
    if taken is not None:
        return taken
    if asked is None:
        hit = next((each for each in context.asked if each.outcome is Outcome.FOUND), None)
        if hit is not None and not context.stopped:
            return Captured(hit=bare(hit.name), suffix=_suffix_of(hit.name, context))
        is_open = context.asked[-1].outcome is Outcome.UNKNOWN
        if is_open and _may_be_asked(reading, context):
            return None  # whether the search comes to it hangs on what nobody knows
        why = context.stopped or _why_not_asked(reading, context)
        return NotAsked(name=bare(reading.name), why=why)
    beside = _asked_first(asked, context)
    # A name that has no record of one family or type is as its objects have it.
    no_such_record = asked.outcome is Outcome.NODATA and qtype != ""
    is_as_it_is = no_such_record and not _has_family(reading.service, qtype)
    if beside is not None or is_as_it_is or asked.outcome is Outcome.UNKNOWN:
        return beside
    return _taken_before(reading.name, qtype, context) or _contradicted(reading, asked, context)


def _has_family(service: Service | None, qtype: str) -> bool:
    ips = service.cluster_ips if service and not service.is_headless else ()
    return any((":" in each) is (qtype == "AAAA") for each in ips)


def _taken_before(name: str, qtype: str, context: NameContext) -> TakenBefore | None:
    """The rule of its block that asks for another type than QTYPE, or the template for that."""
    block = block_of(name, context)
    if block is None or not qtype:
        return None
    rules, question = apply_rules(Question(name.lower(), qtype), block)
    retyped = [rule.line for rule, _ in rules if rule.field == "type"]
    if retyped and question.type != qtype:
        does = f"asks for {question.type} in the place of {qtype}"
        return TakenBefore(plugin="rewrite", line=retyped[-1], does=does)
    does = f"answers {qtype} before `kubernetes` does"
    for each in block.all("template"):
        is_of_type = each.args[1:2] in {(), ("ANY",), (qtype,)}
        is_of_zone = closest_zone(zones_or_block(each.args[2:], block), name)
        if is_of_type and is_of_zone and _may_match(each, name):
            return TakenBefore(plugin="template", line=each.line, does=does)
    return None


def _asked_first(asked: Asked, context: NameContext) -> NotClusterDNS | None:
    """A nameserver that is not the cluster's, and answered before it."""
    if asked.outcome is Outcome.UNKNOWN or not _is_foreign(asked.server, context):
        return None
    return replace(_other_dns(context, asked.server), first=True)


def _other_answer(name: str, context: NameContext) -> NotClusterDNS | None:
    """A nameserver that musl asks as well, and that says otherwise of a name that was found."""
    same = (each for each in context.asked if each.name.lower() == name.lower())
    others = (
        each.server
        for each in same
        if each.outcome is not Outcome.FOUND and _is_foreign(each.server, context)
    )
    other = next(others, "") if context.asks_all_at_once else ""
    return replace(_other_dns(context, other), races=True) if other else None


def _denied_family(name: str, context: NameContext) -> FamilyDenied | None:
    """That the server has one family of a name and says NXDOMAIN to the other; musl: C26."""
    said = {(e.server, e.outcome) for e in context.asked if e.name.lower() == name.lower()}
    both = any({(server, Outcome.FOUND), (server, Outcome.NXDOMAIN)} <= said for server, _ in said)
    if not (context.asks_all_at_once and both):
        return None
    block = block_of(name, context)
    for plugin in block.all("template") if block else ():
        rcode = plugin.first("rcode")
        if block and rcode and closest_zone(zones_or_block(plugin.args[2:], block), name):
            return FamilyDenied(by=f"`template` (Corefile line {plugin.line})", line=rcode.line)
    return FamilyDenied(by="the server")


def _other_dns(context: NameContext, nameserver: str) -> NotClusterDNS:
    mount = context.mount_at("/etc/resolv.conf")
    return NotClusterDNS(
        policy=context.pod.dns_policy,
        host_network=context.pod.host_network,
        nameserver=nameserver,
        container=context.container,
        volume=mount.name if mount else "",
        ignored=context.no_nameserver,
    )


def _is_foreign(nameserver: str, context: NameContext) -> bool:
    """Whether it is one of several and not the cluster's DNS; a cache on the node may be that."""
    at = context.server.at if context.server else ""
    is_other = bool(at) and nameserver != at and not nameserver.startswith("169.254.")
    return is_other and nameserver in context.nameservers


def _suffix_of(name: str, context: NameContext) -> str:
    """The search domain that made NAME, "" where it was asked as it was written."""
    low = name.lower().rstrip(".")
    made = (each for each in context.search_list if low.endswith(f".{each.lower().rstrip('.')}"))
    return max(made, key=len, default="")


def _may_be_asked(reading: Reading, context: NameContext) -> bool:
    """Whether the search list makes the name of what was written."""
    rest = _domain_for(reading)
    return not rest or rest in {each.lower().rstrip(".") for each in context.search_list}


def _domain_for(reading: Reading) -> str:
    """The search domain that makes the name of what was written; "" for a whole name."""
    meaning = reading.meaning
    written = {
        Form.NAME: meaning.host,
        Form.NAMESPACE: f"{meaning.host}.{meaning.namespace}",
        Form.SVC: f"{meaning.host}.{meaning.namespace}.svc",
    }.get(meaning.form)
    return reading.name.lower().removeprefix(f"{written}.").rstrip(".") if written else ""


_NOT_ASKED_OF_THE_CLUSTER = frozenset(
    {Kind.ALIAS, Kind.ENTRY, Kind.POD, Kind.NODE, Kind.CONTAINER, Kind.OUTSIDE}
)


def _taken_by_block(reading: Reading, context: NameContext) -> Missing | None:
    """dnsserver/server.go: the block of the longest zone answers, whatever another one knows."""
    if reading.meaning.kind is Kind.ZONE:
        return None
    block = block_of(reading.name, context)
    if block is None or kubernetes_plugin_for(reading.name, block) is not None:
        return None
    return BlockWithoutKubernetes(zone=closest_zone(block.zones, reading.name), line=block.line)


def _contradicted(reading: Reading, asked: Asked, context: NameContext) -> Missing:
    """Why the server has no address where the objects have the name."""
    service = reading.service
    if service is not None and service.is_external_name:
        target = service.external_name.rstrip(".")
        return TargetNotFound(namespace=service.namespace, service=service.name, target=target)
    other = _other_family(service, asked, context)
    if other is not None:
        return other
    block = block_of(reading.name, context)
    for plugin in block.all("hosts") if block else ():
        # plugin.cfg: hosts stands before kubernetes, whatever their order in the text.
        if block and not passes(plugin, reading.name) and _is_of(plugin, block, reading.name):
            return NoFallthrough(plugin="hosts", line=plugin.line)
    return ServerSaysOtherwise(name=bare(reading.name), said=asked.said or asked.outcome.name)


def _other_family(
    service: Service | None, asked: Asked, context: NameContext
) -> OtherFamily | None:
    ips = service.cluster_ips if service and not service.is_headless else ()
    own = {":" in each for each in context.pod.pod_ips}
    families = {":" in each for each in ips}
    if service is None or asked.outcome is not Outcome.NODATA or not (ips and own):
        return None
    if families & own:
        return None
    family = "an IPv6 address" if True in families else "an IPv4 address"
    return OtherFamily(namespace=service.namespace, service=service.name, family=family)


def _is_of(plugin: Directive, block: ServerBlock, name: str) -> bool:
    return bool(closest_zone(hosts_zones(plugin, block), name))


def _why_not_asked(reading: Reading, context: NameContext) -> str:
    if not any(each.startswith("svc.") for each in context.search_list):
        return "the search list has no cluster domains"
    if not _may_be_asked(reading, context):
        return f"the search list has no {_domain_for(reading)}"
    if context.ndots is not None:
        dots = "a dot" if context.ndots == 1 else f"{context.ndots} dots or more"
        return f"with ndots:{context.ndots} a name with {dots} is not searched"
    return "the search list is not used for it"


# --- what is alike -----------------------------------------------------------------------------


def _with_near(reading: Reading, context: NameContext) -> Diagnosis[Reading]:
    """The reading, with alike names of Services and pods in its facts: they count as evidence."""
    facts = yield from together(_near(each, reading, context) for each in reading.missing)
    found = sum(fact != before for fact, before in zip(facts, reading.missing, strict=True))
    return replace(reading, missing=facts, found=reading.found + found)


def _near(fact: Missing, reading: Reading, context: NameContext) -> Diagnosis[Missing]:
    is_swapped = reading.lacks(Swapped)
    match fact:
        case NoService(kind="Service", near=()) if not is_swapped:
            block = block_of(reading.name, context)
            left_out = _left_out_file(reading.name, block, context) if block else None
            # plugin.cfg: `hosts` comes before `kubernetes`, `file` behind it.
            if left_out is not None and left_out.plugin == "hosts":
                return left_out
            alike = yield from _near_services(fact, reading, context)
            is_known = alike.near or alike.elsewhere or reading.meaning.kind is not Kind.SERVICE
            return alike if is_known else (yield from _governing(alike, context.pod))
        case NoNamespace(service=service) if service and not is_swapped:
            elsewhere = yield from _elsewhere(service, fact.namespace, context)
            return replace(fact, elsewhere=elsewhere)
        case TargetNotFound(lacks=lacks) | RewrittenToNothing(lacks=lacks):
            near = yield from together(_near(each, reading, context) for each in lacks)
            return replace(fact, lacks=near)
        case NoPod(behind="") if reading.service is not None:
            pods = yield from _near_pods(fact, reading.service)
            return replace(fact, near=pods)
        case _:
            return fact


def _elsewhere(service: str, typed: str, context: NameContext) -> Diagnosis[tuple[str, ...]]:
    """The namespaces that have a Service of that name: the pod's own first, then what is alike."""
    if not _is_label(service):
        return ()
    read = Objects("Service", fields=f"metadata.name={service}")
    spaces = tuple(each.namespace for each in known((yield from ask(read, Service))))
    own = context.namespace
    alike = {each: max(_shared(each, typed), _shared(each, own)) for each in spaces}
    return tuple(sorted(spaces, key=lambda each: (each != own, -alike[each], each)))


def _shared(one: str, other: str) -> int:
    """How many characters two names have in common at their start."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _near_services(fact: NoService, reading: Reading, context: NameContext) -> Diagnosis[NoService]:
    elsewhere: tuple[str, ...] = ()
    if reading.meaning.kind is not Kind.ENDPOINT or reading.pod is None:
        elsewhere = yield from _elsewhere(fact.service, fact.namespace, context)
    if not _is_label(fact.namespace):
        return replace(fact, elsewhere=elsewhere)
    there = known((yield from ask(Objects("Service", fact.namespace), Service)))
    pod = context.pod
    own = {each.name for each in there if each.selects(pod.labels)} - {pod.subdomain}
    named = (each.name for each in there)
    # A pod that says more or less of its own Service's name means another, unless its peers are
    # below that one.
    others = tuple(each for each in named if each not in own or is_near(fact.service, each))
    near = near_names(fact.service, others)
    if fact.service in _DNS_SERVICES:
        # Another set-up's name for it: what listens on port 53 is what is meant.
        serving = (each.name for each in there if any(port.number == 53 for port in each.ports))
        near = tuple(dict.fromkeys((*serving, *near)))
    return replace(fact, elsewhere=elsewhere, near=near)


# kubeadm, CoreDNS's own manifests, OpenShift: the cluster's DNS by its Service's name.
_DNS_SERVICES = frozenset({"kube-dns", "coredns", "dns-default"})


def _governing(fact: NoService, asker: Pod) -> Diagnosis[Missing]:
    """The Service that pods count on with their subdomain (a StatefulSet's serviceName).

    Else the pod of that hostname, which is a name in DNS below its subdomain; else the one other
    Service that leads to an image of that name (`mysql` may be served by `db`), or to pods of that
    hostname.
    """
    if not _is_label(fact.namespace) or not _is_label(fact.service):
        return fact
    pods = known((yield from ask(Objects("Pod", fact.namespace), Pod)))
    meant = (each for each in pods if each.subdomain == fact.service and each.hostname)
    pod = next(meant, None)
    if pod is None:
        run = [
            each
            for each in pods
            if any(c.runs(fact.service) for c in each.containers)
            or (each.hostname == fact.service and not each.subdomain)
        ]
        listed = known((yield from ask(Objects("Service", fact.namespace), Service)))
        named = [each for each in pods if each.hostname == fact.service]
        pairs = ((e, s) for e in named for s in listed if e.subdomain == s.name)
        called = next(((e, s) for e, s in pairs if s.selects(e.labels)), None)
        if called is not None:
            return _by_whole_name(*called, asker.namespace)
        others = (each for each in listed if not each.selects(asker.labels))
        serving = [e.name for e in others if any(e.selects(each.labels) for each in run)]
        return replace(fact, near=tuple(serving)) if len(serving) == 1 else fact
    return SubdomainWithoutService(namespace=pod.namespace, pod=pod.name, service=fact.service)


def _near_pods(fact: NoPod, service: Service) -> Diagnosis[tuple[str, ...]]:
    if not service.selector:
        return ()
    pods = yield from _selected(service)
    if isinstance(pods, CouldNotKnow):
        return ()
    named = (each.hostname for each in pods if each.hostname and each.subdomain == service.name)
    return near_names(fact.pod, tuple(named))


def near_names(name: str, names: Sequence[str]) -> tuple[str, ...]:
    """Those of NAMES that NAME may be meant for, the nearest first."""
    slips = [each for each in names if each != name and is_near(name, each)]
    parts = [each for each in names if each != name and each not in slips and _is_part(name, each)]
    if slips or parts:
        parts.sort(key=lambda each: (_lost(name, each), _takes_less(each), len(each), each))
        return (*sorted(slips), *parts)
    alike = [each for each in names if each != name and _is_of_one_chart(name, each)]
    return tuple(alike) if len(alike) == 1 else ()


# What says no more than that it is a Service: `web-service` may be called `web`.
_OF_ANY_SERVICE = frozenset({"service", "svc"})


def _lost(name: str, other: str) -> int:
    """How many words of NAME are not in OTHER, which is less of what was meant for each."""
    return len(set(name.replace("_", "-").split("-")) - set(other.split("-")) - _OF_ANY_SERVICE)


# What charts append to the Service of those that take less than all requests.
_OF_A_PART = frozenset({"headless", "hl", "read", "readonly", "replica", "replicas", "ro", "slave"})


def _takes_less(name: str) -> bool:
    """`redis-master` is meant rather than `redis-replicas`, where no more is said."""
    return not _OF_A_PART.isdisjoint(name.split("-"))


def _is_of_one_chart(name: str, other: str) -> bool:
    """`shop-redis-master` and `cart-redis-master`, or `shop-cache-master`.

    One chart, released under two names, or with another name of its own in the middle; `shop-db`
    and `shopping-db`, where one of them is the chart's own.
    """
    mine, its = name.replace("_", "-").split("-"), other.split("-")
    if len(mine) > 1 and mine[-2:] == its[-2:]:
        return True
    if len(mine) != len(its):
        return False
    differ = [
        tuple(sorted(pair, key=len)) for pair in zip(mine, its, strict=True) if len({*pair}) > 1
    ]
    if len(mine) < 2 or len(differ) != 1 or mine[-1] != its[-1]:
        return False
    short, long = differ[0]
    is_longer = len(short) > 3 and long.startswith(short)
    return is_longer or (len(mine) > 2 and mine[0] == its[0])


def _is_part(name: str, other: str) -> bool:
    """`redis` and `shop-redis`, `web` and `web-service`: one is the other with a word more."""
    low = name.replace("_", "-")
    short, long = sorted((low, other), key=len)
    # postgres and postgresql, redis and redis1: the same word with an end.
    ending = long[len(short) :] if long.startswith(short) else ""
    if len(short) > 3 and ending and len(ending) < 4:
        return True
    if len(short) > 2 and (long.startswith(f"{short}-") or long.endswith(f"-{short}")):
        return True
    return _is_within(short.split("-"), long.split("-"))


def _is_within(few: list[str], many: list[str]) -> bool:
    """`shop-redis` and `shop-eu-redis`: the same words, others between the first and the last."""
    rest = iter(many)
    same_ends = few[0] == many[0] and few[-1] == many[-1]
    return len(few) > 1 and same_ends and all(word in rest for word in few)


# --- an answer that is not what was meant ------------------------------------------------------


class AnswerFound(NamedTuple):
    """An answer that was found: by the hosts file (answered ""), or by DNS for that name.

    suffix is the search domain that made it, None for the name itself; shadowed are the name and
    the addresses that DNS would give in the file's place, () where it gives none or nobody knows.
    is_alias says that spec.hostAliases declares the line. no_owner says of an address of the
    cluster's Service range that no Service has it.
    """

    addresses: tuple[str, ...]
    answered: str = ""
    suffix: str | None = None
    shadowed: tuple[str, tuple[str, ...]] = ("", ())
    is_alias: bool = False
    no_owner: bool = False
    by_corefile: bool = False
    """Whether a plugin of the Corefile made it up."""
    later: str = ""
    """A name later in the search that exists too: the one that the user most likely means."""


def read_answer(
    name: str, given: AnswerFound, context: NameContext
) -> Diagnosis[tuple[Reading, ...]]:
    """What is not right about an answer: one reading with what is missing, none where it is right.

    Asks for a Service where a hosts entry leads to a cluster IP that none has, else for nothing.
    """
    if given.no_owner:
        return (yield from _without_owner(name, given, context))
    dns_name, dns_addresses = given.shadowed
    if dns_name and set(dns_addresses) != set(given.addresses):
        line = ShadowedByLine(
            name=name,
            dns_name=dns_name,
            dns_addresses=dns_addresses,
            is_alias=given.is_alias,
        )
        return (_as_meant(name, dns_name, line, context),)
    entry = (yield from _instead_of_entry(given, context)) if given.by_corefile else ()
    if not entry and given.suffix is not None and given.later:
        captured = Captured(hit=bare(given.answered), suffix=given.suffix)
        return (_as_meant(name, given.later, captured, context),)
    return entry


def _instead_of_entry(given: AnswerFound, context: NameContext) -> Diagnosis[tuple[Reading, ...]]:
    """The entry of `hosts` that the plugin before it leaves without effect."""
    every = tuple(_entries(given.answered.lower(), context))
    if not every or {each.address for _, each in every} & set(given.addresses):
        return ()
    meaning = Meaning(kind=Kind.ENTRY, text=given.answered.lower())
    reading = yield from _check(meaning, "", context)
    return () if reading.is_complete else (reading,)


def _as_meant(name: str, whole: str, fact: Missing, context: NameContext) -> Reading:
    """The reading of NAME whose absolute name is WHOLE."""
    same = (
        each
        for each in meanings_of(name, context)
        if each.name(context.domain).lower() == whole.lower()
    )
    meaning = next(same, Meaning(kind=Kind.OUTSIDE, text=absolute(whole)))
    return _reading(replace(meaning, wrong=()), _Look(missing=(fact,), found=1), context)


def _without_owner(
    name: str, given: AnswerFound, context: NameContext
) -> Diagnosis[tuple[Reading, ...]]:
    """The Service that a hosts entry most likely means: the one of the name's first label."""
    labels = name.lower().rstrip(".").split(".")
    spaces = (*labels[1:2], context.namespace)
    for namespace in dict.fromkeys(spaces):
        service = yield from _find_service(namespace, labels[0])
        if not isinstance(service, Service) or not service.cluster_ips or service.is_headless:
            continue
        meaning = Meaning(kind=Kind.SERVICE, service=service.name, namespace=namespace)
        fact = AddressWithoutService(
            address=given.addresses[0],
            namespace=namespace,
            service=service.name,
            cluster_ip=service.cluster_ips[0],
        )
        seen = _Look(missing=(fact,), found=2, service=service)
        return (_reading(meaning, seen, context),)
    return ()
