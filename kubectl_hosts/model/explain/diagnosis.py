"""Why names resolve to that in a pod: what is read for it, in which order, and the explanations.

What one look into the container brought (inside.py) comes first. Then
each name is walked as that library does, with CoreDNS on paper and the objects that decide. Where
paper and observation agree, that is all. Where they do not, where a name is sent outside, or where
no C library could be asked, a second look puts all candidates to all nameservers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.causes import find_causes
from kubectl_hosts.model.cluster_dns.chain import Served
from kubectl_hosts.model.cluster_dns.locate import (
    DEFAULT_DOMAIN,
    KUBEADM_DNS_POD,
    SYSTEM,
    DnsServer,
    cluster_domain_of,
    find_cluster_dns,
    find_dns_server,
)
from kubectl_hosts.model.cluster_dns.needs import (
    UpstreamAsk,
    nodes_at,
    pods_owning,
    reads_of,
    services_at,
    services_with_external_ip,
    slices_at,
)
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import (
    NOBODY_ASKED_OUTSIDE,
    LibcView,
    NoReply,
    Question,
    Rcode,
    Record,
    Reply,
    ServerReplies,
    UnknownReply,
    ViewOutcome,
)
from kubectl_hosts.model.evidence import NOBODY_LOOKED, RESOLV_CONF, CouldNotLook, PodEvidence
from kubectl_hosts.model.explain.agreement import compare, tells_failure
from kubectl_hosts.model.explain.case import (
    DNS_PORT,
    AddressObjects,
    Exchange,
    ExplainInputs,
    conclude,
    exchanges_that_matter,
    is_as_meant,
    predicted_of,
    reconsider,
    selects_by_namespace_label,
)
from kubectl_hosts.model.explain.explain import explain
from kubectl_hosts.model.explain.words import listed
from kubectl_hosts.model.explanation import Agreement, Observation, Observed, Why
from kubectl_hosts.model.hosts.judge import judge_hosts
from kubectl_hosts.model.names import is_address, is_for_libc, type_asked
from kubectl_hosts.model.objects import EndpointSlice, Namespace, NetworkPolicy
from kubectl_hosts.model.pod import dns_proxy
from kubectl_hosts.model.reads import (
    Objects,
    PodRef,
    Replies,
    RepliesGiven,
    ask,
    known,
    noting_refusals,
)
from kubectl_hosts.model.resolver.kubelet_resolv_conf import KubeletDNS
from kubectl_hosts.model.resolver.lookup import (
    all_come_to,
    look_up_by,
    questions_of,
    resolver_for,
)
from kubectl_hosts.model.resolver.outcome import Lookup, Outcome, Source
from kubectl_hosts.model.resolver.resolv_conf import Setting
from kubectl_hosts.model.resolver.seen import (
    CLUSTER_NAMESERVER,
    NODE_NAMESERVERS,
    NODE_SEARCH_DOMAINS,
    ResolverSeen,
    agreed,
    behind_proxy,
    see_resolver,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeVar

    from kubectl_hosts.model.cluster_dns.needs import Asking, Seen
    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.explain.case import ExplainCase
    from kubectl_hosts.model.explain.inside import Looked, Predict
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.hosts_report import HostsReport
    from kubectl_hosts.model.names import NamesAsked
    from kubectl_hosts.model.reads import Diagnosis
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.outcome import Query

    T = TypeVar("T")

_NAMES_NOT_ASKED = CouldNotLook(
    what="the C library's own answer", why="it is asked for addresses only, not for their names"
)
_OUTCOMES = {
    Rcode.NOERROR: Outcome.NODATA,
    Rcode.NXDOMAIN: Outcome.NXDOMAIN,
    Rcode.SERVFAIL: Outcome.SERVFAIL,
}
_NOT_OUTSIDE = Reply(rcode=Rcode.NXDOMAIN)
_NO_NODE_SEARCH_DOMAINS = "the node's search domains are assumed to have no such name"
_ABSENT = frozenset({Outcome.NXDOMAIN, Outcome.NODATA})
_FAMILIES = frozenset({"A", "AAAA"})
_NOT_LOST = frozenset({Outcome.FOUND, Outcome.UNKNOWN})
# EAI_AGAIN in the words of glibc, musl (gai_strerror) and libuv.
_MAY_PASS = ("Temporary failure in name resolution", "Try again", "EAI_AGAIN")
# Clocks of a shell count in hundredths, and a timer may fire early by as much.
_ALMOST = 0.9


def explain_names(
    looked: Looked, asked: NamesAsked, predict: Predict | None
) -> Diagnosis[tuple[Explanation, ...]]:
    """An explanation of each name in the container that was looked into, in order.

    PREDICT proves fixes, by explaining a name in a changed world; None: nobody asks for any.
    Raises BadInput for an object with a field of the wrong type.
    """
    explanations, refused = yield from noting_refusals(_explain_names(looked, asked, predict))
    missed = (*looked.refused, *refused)
    if not missed:
        return explanations
    # Of several names, each may hang on what was read for another: it was read once for all.
    told = ((each, dict.fromkeys((*each.not_checked, *missed))) for each in explanations)
    return tuple(replace(each, not_checked=tuple(every)) for each, every in told)


def _explain_names(
    looked: Looked, asked: NamesAsked, predict: Predict | None
) -> Diagnosis[tuple[Explanation, ...]]:
    seen = yield from _see_resolver(looked)
    servers = []
    for each in seen.resolver.resolv_conf.nameservers or (Setting("127.0.0.1"),):
        servers.append((yield from reads_of(_find_server(each.text, seen.domain.text))))
    return (yield from _Names(looked, seen, tuple(servers), predict).explain(asked))


def _judged(looked: Looked, seen: ResolverSeen) -> HostsReport:
    """The container's hosts file against the pod's spec."""
    evidence = PodEvidence(
        pod=looked.pod,
        node=looked.node,
        template=looked.template,
        containers=(looked.inside.evidence,),
        config_maps=looked.config_maps,
        services=looked.services,
        cluster_domain="" if seen.domain.assumed else seen.domain.text,
    )
    return judge_hosts(evidence)


_LOCALHOST = b"127.0.0.1\tlocalhost\n"


def _see_resolver(looked: Looked) -> Diagnosis[ResolverSeen]:
    inside = looked.inside
    cluster_dns: tuple[str, ...] = ()
    domain = ""
    if isinstance(inside.evidence.file(RESOLV_CONF), CouldNotLook):
        # The nameserver that a kubelet writes is the cluster IP of that Service, and the domain
        # that it writes is the one that CoreDNS serves, where anything resolves at all.
        server = yield from reads_of(find_cluster_dns(DEFAULT_DOMAIN))
        cluster_dns = (server.address or CLUSTER_NAMESERVER,)
        if server.model is not None and not server.assumed:
            domain = cluster_domain_of(server.model) or ""
    return see_resolver(
        looked.pod,
        inside.evidence,
        inside.libc,
        node=looked.node,
        kubelet=KubeletDNS(
            cluster_dns=cluster_dns,
            cluster_domain=domain,
            node_hosts=_LOCALHOST if looked.look.nothing_on_node else b"",
        ),
        config_maps=looked.config_maps,
    )


def _find_server(address: str, domain: str) -> Asking[DnsServer]:
    if address == NODE_NAMESERVERS:
        return DnsServer(address, None)
    if address == CLUSTER_NAMESERVER:
        return (yield from find_cluster_dns(domain))._replace(address=address)
    return (yield from find_dns_server(address, domain=domain))


class _Paper(NamedTuple):
    """An answer on paper, and the questions that it leaves to servers outside."""

    served: Served | None
    outside: tuple[Question, ...] = ()


class _Draft(NamedTuple):
    """A name as far as it is explained: its walk, and the answers on the way."""

    name: str
    type: str
    lookup: Lookup
    exchanges: tuple[Exchange, ...]
    losing: tuple[Resolver, Lookup] | None = None
    """Of libraries that differ, one that does not find the name, and its own walk."""


class _Names:
    """The names asked in one container: on paper first, and at the nameservers where it needs."""

    def __init__(
        self,
        looked: Looked,
        seen: ResolverSeen,
        nameservers: tuple[DnsServer, ...],
        predict: Predict | None,
    ) -> None:
        self._looked = looked
        self._inside = looked.inside
        self._seen = seen
        self._report = _judged(looked, seen)
        self._nameservers = nameservers
        self._predict = predict
        self._servers = {each.address: each for each in reversed(nameservers)}
        self._papers: dict[tuple[str, Question], _Paper] = {}
        self._exchanges: dict[tuple[str, Question], Exchange] = {}
        self._causes: dict[tuple[str, Question], tuple[Finding, ...]] = {}
        self._replies: dict[tuple[str, Question], Answer] = {}
        self._asked_by = ""
        self._not_asked: tuple[CouldNotLook, ...] = ()

    def explain(self, asked: NamesAsked) -> Diagnosis[tuple[Explanation, ...]]:
        """An explanation of each name, in order; one look at the nameservers for all."""
        drafts: dict[str, _Draft] = {}
        for name in asked.names:
            drafts[name] = yield from self._draft(name, type_asked(name, asked.type))
        opened = [each for each in drafts.values() if self._is_open(each)]
        settled: dict[str, ExplainCase] = {}
        for each in opened if asked.in_brief else ():
            case = yield from self._settled(each)
            if case is not None:
                settled[each.name] = case
        opened = [each for each in opened if each.name not in settled]
        if opened:
            yield from self._ask(opened)
            self._papers.clear()
            self._exchanges.clear()
            self._causes.clear()
            for each in opened:
                drafts[each.name] = yield from self._draft(each.name, each.type)
        explanations = []
        for name in asked.names:
            concluded = settled.get(name) or (yield from self._concluded(drafts[name]))
            explanations.append((yield from self._finish(drafts[name], concluded)))
        return tuple(explanations)

    def _resolver(self, qtype: str) -> Resolver:
        return resolver_for(qtype, self._seen.resolver)

    def _draft(self, name: str, qtype: str) -> Diagnosis[_Draft]:
        """The name on paper, with the replies that are there so far.

        Paper is made for the questions that the walk comes to, and no others: each may be a read.
        """
        resolver = self._resolver(qtype)
        used: dict[tuple[str, Question], Exchange] = {}
        lookup = yield from self._walk(name, qtype, resolver, used)
        named = []
        losing = None
        candidates = tuple(resolver_for(qtype, each) for each in self._seen.candidates)
        if candidates and all_come_to(
            lookup,
            resolver,
            candidates,
            lambda query: used[query.nameserver, query.question].predicted,
        ):
            candidates = ()
        for candidate in candidates:
            walked = yield from self._walk(name, qtype, candidate, used)
            named.append((candidate.stub.libc.value, walked))
            if isinstance(walked, Lookup) and walked.outcome not in _NOT_LOST:
                losing = losing or (candidate, walked)
        lookup = agreed(lookup, named)
        proxy = dns_proxy(self._looked.pod, self._looked.container.name)
        if proxy and isinstance(lookup, Lookup):
            lookup = behind_proxy(lookup, proxy)
        if lookup.source == "files":
            for question in questions_of(name, qtype, resolver):
                exchange = yield from self._exchange(self._nameservers[0].address, question)
                used[exchange.nameserver, question] = exchange
                if exchange.served and exchange.served.answered:
                    break
        is_open = lookup.outcome is Outcome.UNKNOWN
        return _Draft(name, qtype, lookup, tuple(used.values()), losing if is_open else None)

    def _walk(
        self,
        name: str,
        qtype: str,
        resolver: Resolver,
        used: dict[tuple[str, Question], Exchange],
    ) -> Diagnosis[Lookup]:
        """The lookup of one resolver; the exchanges that it comes to are added to USED."""
        walk = look_up_by(name, qtype, resolver)
        try:
            query: Query = next(walk)
            while True:
                key = query.nameserver, query.question
                # Each C library comes to the same few.
                exchange = self._exchanges.get(key) or (yield from self._exchange(*key))
                used[key] = exchange
                query = walk.send(exchange.predicted)
        except StopIteration as ended:
            lookup: Lookup = ended.value
            return lookup

    def _exchange(self, address: str, question: Question) -> Diagnosis[Exchange]:
        key = address, question
        if key not in self._exchanges:
            paper = yield from self._paper(self._servers[address], question)
            asked = self._replies.get(key)
            self._exchanges[key] = Exchange(
                question=question, nameserver=address, served=paper.served, asked=asked
            )
        return self._exchanges[key]

    def _paper(self, server: DnsServer, question: Question) -> Diagnosis[_Paper]:
        key = server.address, question
        if key not in self._papers:
            self._papers[key] = yield from self._on_paper(server, question)
        return self._papers[key]

    def _on_paper(self, server: DnsServer, question: Question) -> Diagnosis[_Paper]:
        """What SERVER says to QUESTION; names sent outside take their answer from the replies.

        A name outside is asked at the same nameserver: it sends it on, as it does for the pod.
        """
        if NODE_SEARCH_DOMAINS in question.name:
            if self._looked.look.nothing_on_node:
                return _Paper(Served(answer=_NOT_OUTSIDE, rule=_NO_NODE_SEARCH_DOMAINS))
            name = question.name.partition(f".{NODE_SEARCH_DOMAINS}")[0]
            unread = f"what {name} is below the node's search domains, which were not read"
            answer = UnknownReply(unread, assumed_absent=True)
            return _Paper(Served(answer=answer, rule="the node's search domains were not read"))
        if server.model is None:
            return _Paper(None, (question,))
        outside: list[Question] = []
        # As a server sees who asks; "" where there is no address yet.
        client = next(iter(self._looked.pod.pod_ips), "")
        asking = serve(question, server.model, client)
        served = yield from self._answering(asking, server.address, outside)
        if isinstance(served.answer, UnknownReply) and question not in outside:
            outside.append(question)
        return _Paper(served, tuple(outside))

    def _answering(self, asking: Asking[T], address: str, outside: list[Question]) -> Diagnosis[T]:
        """ASKING with objects read, and what goes outside taken from the replies of ADDRESS.

        What goes outside is added to OUTSIDE, where asking ADDRESS for it takes the same way.
        """

        def upstream(wanted: UpstreamAsk) -> Answer:
            if wanted.same_at_nameserver:
                outside.append(wanted.question)
            return self._upstream(address, wanted)

        return reads_of(asking, upstream)

    def _upstream(self, address: str, wanted: UpstreamAsk) -> Reply | NoReply | UnknownReply:
        question = wanted.question
        answer = self._replies.get((address, question)) if wanted.same_at_nameserver else None
        if answer is not None:
            return answer
        is_absent = self._looked.look.nothing_outside
        if is_absent and is_absent(question.name.rstrip(".")):
            return _NOT_OUTSIDE
        # A path (/etc/resolv.conf) has the servers of the DNS pod's node.
        servers = tuple(each for each in wanted.servers if not each.startswith("/"))
        which = f", which is sent to {listed(servers)}" if servers else ""
        return UnknownReply(f"{NOBODY_ASKED_OUTSIDE}{question.name.rstrip('.')}{which}")

    def _observed(self, name: str, qtype: str) -> Observation:
        """The C library's own answer for NAME, in the family asked for, or why there is none."""
        view = next((each for each in self._inside.views if each.name == name), None)
        if view is not None:
            return _of_family(observation(view), qtype)
        return self._inside.evidence.failure or NOBODY_LOOKED

    def _is_open(self, draft: _Draft) -> bool:
        """Whether paper and the C library leave anything open for this name."""
        if self._looked.look.predict_only or not self._questions(draft):
            return False
        if not is_for_libc(draft.name, draft.type):
            return True
        predicted = predicted_of(draft.type, draft.lookup)
        pod_ips = self._looked.pod.pod_ips
        verdict = compare(draft.name, predicted, self._observed(draft.name, draft.type), pod_ips)
        return verdict is not Agreement.AGREE

    def _settled(self, draft: _Draft) -> Diagnosis[ExplainCase | None]:
        """The case of DRAFT, where objects alone say what is missing and what helps.

        The cluster's DNS has no such name, and the C library found nothing, in less time than it
        waits for a server: no name outside has an address either, and how each of them is missing
        changes nothing of what helps.
        """
        observed = self._observed(draft.name, draft.type)
        is_open = draft.lookup.outcome is Outcome.UNKNOWN and draft.losing is None
        if not is_open or not isinstance(observed, Observed) or observed.outcome is Outcome.FOUND:
            return None
        timeout = self._seen.resolver.resolv_conf.timeout
        is_quick = observed.seconds is not None and observed.seconds < _ALMOST * timeout
        is_inside = any(
            each.source == Source.DNS and each.outcome in _ABSENT for each in draft.lookup.steps
        )
        if not (is_quick and is_inside) or tells_failure(observed):
            return None
        case = yield from self._concluded(draft)
        return case if case.inputs.why.fixes else None

    def _questions(self, draft: _Draft) -> tuple[Question, ...]:
        asked = questions_of(draft.name, draft.type, self._resolver(draft.type))
        return tuple(each for each in asked if NODE_SEARCH_DOMAINS not in each.name)

    def _ask(self, drafts: Sequence[_Draft]) -> Diagnosis[None]:
        """Put all that may be asked for DRAFTS, and what that sends outside, to the nameservers.

        Where nothing in the pod can ask, a port-forward to a pod of the server does; the answers
        then are those of another vantage, and the reasons say so.
        """
        wanted: dict[tuple[str, Question], None] = {}
        for draft in drafts:
            for server in self._nameservers:
                for question in self._questions(draft):
                    wanted[server.address, question] = None
                    paper = yield from self._paper(server, question)
                    wanted |= dict.fromkeys((server.address, each) for each in paper.outside)
        heard = yield from self._hear(tuple(wanted))
        self._replies |= {
            (address, question): answer
            for address, each in heard.items()
            for question, answer in each.answers
        }
        self._asked_by = ", ".join(dict.fromkeys(each.by for each in heard.values() if each.by))
        self._not_asked = tuple(
            missed
            for address, each in heard.items()
            for missed in (each.failure, _elsewhere(address, each))
            if missed
        )

    def _hear(
        self, wanted: tuple[tuple[str, Question], ...]
    ) -> Diagnosis[dict[str, ServerReplies]]:
        """What each nameserver says, by its address."""
        pod, inside = self._looked.pod, self._inside
        zone = f"{self._seen.domain.text}."
        addresses = tuple(dict.fromkeys(address for address, _ in wanted))
        if inside.asks_from:
            read = Replies(PodRef(pod.namespace, pod.name), inside.asks_from, wanted, zone)
            given = (yield (read,))[read]
        else:
            given = inside.evidence.failure or NOBODY_LOOKED
        if isinstance(given, RepliesGiven):
            heard = {each.server: self._believed(each) for each in given.asked}
        else:
            assert isinstance(given, CouldNotLook)
            heard = {each: ServerReplies(server=each, failure=given) for each in addresses}
        for address in addresses:
            pods = self._servers[address].pods
            if pods and not (address in heard and heard[address].answers):
                questions = tuple((address, each) for to, each in wanted if to == address)
                forwarded = Replies(PodRef(pods[0].namespace, pods[0].name), "", questions, zone)
                through = (yield (forwarded,))[forwarded]
                if isinstance(through, RepliesGiven):
                    heard[address] = through.asked[0]
        return heard

    def _believed(self, heard: ServerReplies) -> ServerReplies:
        """Silence is no answer where the C library got one: then what carried it failed.

        Unless that waited for one nameserver to give up, and had the answer from the next.
        """
        found = [view for view in self._inside.views if view.addresses]
        if not (heard.is_silent and found) or self._waited_for_a_server(found):
            return heard
        failure = CouldNotLook(
            what=f"nameserver {heard.server}",
            why=f"{heard.by} brought no reply, while the C library got answers",
        )
        return replace(heard, answers=(), failure=failure)

    def _waited_for_a_server(self, found: Sequence[LibcView]) -> bool:
        """resolv.conf(5), `timeout`: how long a resolver waits before it asks the next one."""
        timeout = self._seen.resolver.resolv_conf.timeout
        times = [view.seconds or 0.0 for view in found]
        return len(self._nameservers) > 1 and max(times) >= _ALMOST * timeout

    def _concluded(self, draft: _Draft) -> Diagnosis[ExplainCase]:
        """What follows from the walk, with the cause and what was proved to help."""
        case = conclude(self._inputs(draft))
        case = replace(case, inputs=(yield from self._with_policies(case)))
        lost = case
        if draft.losing is not None:
            resolver, lookup = draft.losing
            lost = conclude(replace(case.inputs, resolver=resolver, lookup=lookup))
        return replace(case, inputs=replace(case.inputs, why=(yield from self._why(lost))))

    def _finish(self, draft: _Draft, case: ExplainCase) -> Diagnosis[Explanation]:
        """The explanation, with what explains the answers that decided."""
        inputs = case.inputs
        decisive = exchanges_that_matter(inputs)
        if draft.lookup.source == "files" and is_address(draft.name):
            inputs = replace(inputs, observed=_NAMES_NOT_ASKED)
        elif not is_for_libc(draft.name, draft.type):
            inputs = replace(inputs, observed=self._observed_over_dns(decisive))
        exchanges = []
        for each in inputs.exchanges:
            if each in decisive:
                each = replace(each, causes=(yield from self._causes_of(each)))  # noqa: PLW2901
            exchanges.append(each)
        owners = (yield from _owners_of(draft.name)) if is_address(draft.name) else None
        inputs = replace(inputs, exchanges=tuple(exchanges), owners=owners)
        return explain(reconsider(case, inputs))

    def _why(self, case: ExplainCase) -> Diagnosis[Why]:
        """The cause and the fixes; in a changed world nobody asks for them."""
        if self._predict is None or is_as_meant(case, self._replies):
            return Why()
        from kubectl_hosts.model.explain.why import find_why  # noqa: PLC0415

        return (yield from find_why(case, self._looked, self._replies, self._predict))

    def _inputs(self, draft: _Draft) -> ExplainInputs:
        seen = self._seen
        missed = (missed for each in self._nameservers for missed in each.not_checked)
        assumed = (
            CouldNotLook(what="the Corefile of the cluster DNS", why=each.assumed)
            for each in self._nameservers
            if each.assumed
        )
        return ExplainInputs(
            name=draft.name,
            type=draft.type,
            pod=self._looked.pod,
            container=self._looked.container.name,
            resolver=self._resolver(draft.type),
            detected=seen.detected,
            lookup=draft.lookup,
            exchanges=draft.exchanges,
            observed=self._observed(draft.name, draft.type),
            hosts=next(iter(self._report.containers), None),
            hosts_findings=self._report.findings,
            server=next((each.model for each in self._nameservers if each.model), None),
            cluster_domain=seen.domain.text,
            assumes_domain=seen.domain.assumed,
            placeholders=self._looked.look.placeholders,
            not_checked=tuple(
                dict.fromkeys(
                    (
                        *seen.missing,
                        *missed,
                        *assumed,
                        *_assumed_domain(seen),
                        *_below_unread_domains(draft),
                        *self._not_asked,
                    )
                )
            ),
        )

    def _observed_over_dns(self, decisive: tuple[Exchange, ...]) -> Observation:
        """What a nameserver said to the deciding question, where no C library was to be asked."""
        for each in reversed(decisive):
            if isinstance(each.asked, Reply):
                records = [one for one in each.asked.answer if one.type == each.question.type]
                return Observed(
                    outcome=_outcome_of(each.asked, records),
                    by=f"a DNS question to {each.nameserver} ({self._asked_by})",
                    data=tuple(one.data for one in records),
                )
        missed = next(iter(self._not_asked), None)
        return missed or CouldNotLook(what="the nameserver", why="it was not asked")

    def _causes_of(self, exchange: Exchange) -> Diagnosis[tuple[Finding, ...]]:
        """What explains the answer of one exchange, found once for all names that come to it."""
        key = exchange.nameserver, exchange.question
        if key not in self._causes:
            self._causes[key] = yield from self._find_causes(exchange)
        return self._causes[key]

    def _find_causes(self, exchange: Exchange) -> Diagnosis[tuple[Finding, ...]]:
        server = self._servers[exchange.nameserver]
        if server.model is None or exchange.served is None:
            return ()
        asking = find_causes(exchange.question, exchange.served, server.model)
        return (yield from self._answering(asking, server.address, []))

    def _with_policies(self, case: ExplainCase) -> Diagnosis[ExplainInputs]:
        """The inputs with the namespace's NetworkPolicies, where a nameserver kept silent.

        Where nobody asks any, in manifests, they may be why it will.
        """
        is_silent = any(isinstance(each.asked, NoReply) for each in case.inputs.exchanges)
        if not (is_silent or (self._looked.look.predict_only and case.inputs.exchanges)):
            return case.inputs
        read = Objects("NetworkPolicy", self._looked.pod.namespace)
        policies = yield from ask(read, NetworkPolicy)
        inputs = replace(case.inputs, policies=policies)
        silent = next(iter(case.silent_nameservers), case.inputs.exchanges[0].nameserver)
        server = next((each for each in self._nameservers if each.address == silent), None)
        if not policies or server is None or server.model is None:
            return inputs
        namespace, _, name = server.model.authority.service.partition("/")
        labels = f"kubernetes.io/service-name={name}"
        slices = known(
            (yield from ask(Objects("EndpointSlice", namespace, labels=labels), EndpointSlice))
        )
        ports = (port.number for each in slices for port in each.ports if port.protocol == "UDP")
        pods = server.pods
        if not pods and self._looked.look.predict_only and namespace in {"", SYSTEM}:
            pods = (KUBEADM_DNS_POD,)
        inputs = replace(inputs, dns_pods=pods, dns_port=next(ports, DNS_PORT))
        # Who applies the manifests of a workload says nothing of kube-system's labels.
        by_label = any(map(selects_by_namespace_label, known(policies)))
        if self._looked.look.predict_only or not by_label:
            return inputs
        found = known((yield from ask(Objects("Namespace", name=namespace), Namespace)))
        return replace(inputs, dns_namespace=next(iter(found), None))


def _assumed_domain(seen: ResolverSeen) -> Iterator[CouldNotLook]:
    if seen.domain.assumed:
        yield CouldNotLook(what="the cluster domain", why=f"{seen.domain.text} is assumed")


def _below_unread_domains(draft: _Draft) -> Iterator[CouldNotLook]:
    """What is taken for granted of the node's search domains, where the name is asked below them.

    A name that only they have is rare, and so is a wildcard in one: everything else goes on as if
    they were not there.
    """
    asked = list(dict.fromkeys(each.name for each in draft.lookup.steps if each.source == "dns"))
    below = [each for each in asked if NODE_SEARCH_DOMAINS in each]
    if below:
        after = asked.index(below[-1]) + 1 < len(asked)
        when = "are asked first" if after else "are asked too"
        yield CouldNotLook(
            what="the node's search domains",
            why=f"not read; they {when}, and are assumed not to have {draft.name}",
        )


def _owners_of(address: str) -> Diagnosis[AddressObjects]:
    inside = yield from reads_of(services_at(address))
    outside = yield from reads_of(services_with_external_ip(address))
    return AddressObjects(
        services=_joined(inside, outside),
        slices=(yield from reads_of(slices_at(address))),
        pods=(yield from reads_of(pods_owning(address))),
        nodes=(yield from reads_of(nodes_at(address))),
    )


def _joined(one: Seen[T], other: Seen[T]) -> Seen[T]:
    """The objects of both; where one could not be read, what the other has is all that is known."""
    if isinstance(one, CouldNotLook) or isinstance(other, CouldNotLook):
        return known(one) or known(other) or (one if isinstance(one, CouldNotLook) else other)
    return (*one, *other)


def _elsewhere(address: str, heard: ServerReplies) -> CouldNotLook | None:
    """Answers of another vantage: what the pod itself would be told, nobody saw."""
    if not (heard.vantage and heard.answers):
        return None
    why = f"it was asked by {heard.by}: {heard.vantage}"
    return CouldNotLook(what=f"nameserver {address} as the pod reaches it", why=why)


def _outcome_of(reply: Reply, records: list[Record]) -> Outcome:
    if records:
        return Outcome.FOUND
    return _OUTCOMES.get(reply.rcode, Outcome.REFUSED)


def _of_family(seen: Observation, qtype: str) -> Observation:
    """SEEN of both families as a program sees it that wants one: the other's addresses are none."""
    if not isinstance(seen, Observed) or qtype not in _FAMILIES or not seen.addresses:
        return seen
    kept = tuple(each for each in seen.addresses if (":" in each) == (qtype == "AAAA"))
    return replace(seen, addresses=kept, outcome=seen.outcome if kept else Outcome.NODATA)


def observation(view: LibcView) -> Observation:
    """A view of the C library as an observation."""
    match view.outcome:
        case ViewOutcome.COULD_NOT_LOOK:
            return CouldNotLook(what="the C library's own answer", why=view.why)
        case ViewOutcome.FOUND:
            outcome = Outcome.FOUND
        case _:
            may_pass = any(words in view.why for words in _MAY_PASS)
            outcome = Outcome.SERVFAIL if may_pass else Outcome.NXDOMAIN
    return Observed(
        outcome=outcome,
        by=view.by,
        addresses=view.addresses,
        canonical_name=view.canonical_name,
        addrconfig=view.by != "ping",
        error=view.why,
        seconds=view.seconds,
    )
