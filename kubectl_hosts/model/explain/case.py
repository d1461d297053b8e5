"""One name in one container: what is known, and what follows from it before any word is said.

`ExplainInputs` has the files, the objects, the answers on paper and the answers as heard.
`conclude` makes an `ExplainCase` of them: the steps of the lookup with their evidence, whether
prediction and observation agree, and the causes of the cluster's DNS that bear on the name, which
are those of the candidates that matter.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from kubectl_hosts.model.dns import Answer, NoReply, Question, Rcode, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.agreement import compare
from kubectl_hosts.model.explanation import (
    Agreement,
    ExplainedStep,
    HostsLineUsed,
    Observed,
    Predicted,
    Shadowed,
    Why,
)
from kubectl_hosts.model.findings import Finding, Reason
from kubectl_hosts.model.hosts.file import HostsFile
from kubectl_hosts.model.names import ADDRESS_TYPES, is_address
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver.dns_walk import candidate_names
from kubectl_hosts.model.resolver.lookup import look_up
from kubectl_hosts.model.resolver.outcome import Outcome, ReverseLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Served
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.explanation import Observation
    from kubectl_hosts.model.hosts.hosts_report import ContainerReport
    from kubectl_hosts.model.objects import (
        EgressRule,
        EndpointSlice,
        Namespace,
        NetworkPolicy,
        Node,
        PolicyPeer,
        PolicyPort,
        Service,
    )
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.libc import DetectedLibc
    from kubectl_hosts.model.resolver.outcome import Lookup, Query, Step

NO_CAUSE = Why()
DNS_PORT = 53
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that every Namespace has, with its own name."""
_NOT_OBSERVED = CouldNotLook(what="the C library's own answer", why="it was not asked")


class Exchange(Struct, frozen=True, kw_only=True):
    """A question to one nameserver: what the server says on paper, and what it said when asked.

    served is None where there is no server on paper for this nameserver (its address is not the
    cluster's DNS, or nobody could look); asked is None where nobody asked. causes are what
    `find_causes` found for this question.
    """

    question: Question
    nameserver: str
    served: Served | None = None
    asked: Answer | None = None
    causes: tuple[Finding, ...] = ()

    @property
    def predicted(self) -> Answer:
        """The answer on paper; the asked one where paper does not know (names sent outside)."""
        on_paper = self.served.answer if self.served else None
        if isinstance(on_paper, (Reply, NoReply)):
            return on_paper
        if isinstance(self.asked, (Reply, NoReply)):
            return self.asked
        return on_paper or _nobody_asked(self.nameserver, self.question)


def _nobody_asked(nameserver: str, question: Question) -> UnknownReply:
    # A nameserver that nobody knows is called in parentheses: `(the nameservers of the node)`.
    return UnknownReply(f"nobody asked {nameserver.strip('()')} for {question.name.rstrip('.')}")


def answer_from(exchanges: tuple[Exchange, ...]) -> Callable[[Query], Answer]:
    """A function from a Query to the answer EXCHANGES hold, UnknownReply for what they lack."""
    by_query = _by_query(exchanges)

    def answer(query: Query) -> Answer:
        question = query.question
        found = by_query.get((question.name.lower(), question.type, query.nameserver))
        if found is not None:
            return found.predicted
        return _nobody_asked(query.nameserver, query.question)

    return answer


def _by_query(exchanges: tuple[Exchange, ...]) -> dict[tuple[str, str, str], Exchange]:
    """EXCHANGES by what was asked: name in lower case, type, nameserver."""
    return {(e.question.name.lower(), e.question.type, e.nameserver): e for e in exchanges}


class AddressObjects(Struct, frozen=True, kw_only=True):
    """The objects that may own an address; CouldNotLook for a kind that nobody could read.

    services: those with the address as cluster, external or load balancer IP; slices: those with
    it as an endpoint; pods: by status.podIP; nodes: all that have it in status.addresses.
    """

    services: Seen[Service] = ()
    slices: Seen[EndpointSlice] = ()
    pods: Seen[Pod] = ()
    nodes: Seen[Node] = ()


class ExplainInputs(Struct, frozen=True, kw_only=True):
    """All that is known about one name in one container.

    lookup is the prediction (questions.look_up_by). hosts is the
    container's part of `judge_hosts`, which knows who wrote each line; hosts_findings are the
    pod's. exchanges hold every candidate that was put to a nameserver, those too that a hosts line
    keeps from being asked. policies are the NetworkPolicies of the namespace, None where nobody
    needed them; dns_pods are those behind the nameserver, dns_port is what they listen on.
    """

    name: str
    type: str = ""
    pod: Pod
    container: str
    resolver: Resolver
    detected: DetectedLibc
    lookup: Lookup
    exchanges: tuple[Exchange, ...] = ()
    observed: Observation = _NOT_OBSERVED
    hosts: ContainerReport | None = None
    hosts_findings: tuple[Finding, ...] = ()
    server: ClusterDNS | None = None
    """The cluster's DNS on paper, None where there is none."""
    cluster_domain: str = "cluster.local"
    assumes_domain: bool = False
    """Whether nobody read the cluster domain."""
    owners: AddressObjects | None = None
    policies: Seen[NetworkPolicy] | None = None
    dns_pods: tuple[Pod, ...] = ()
    dns_namespace: Namespace | None = None
    """That of the DNS pods, None where nobody needed its labels or could read them."""
    dns_port: int = DNS_PORT
    not_checked: tuple[CouldNotLook, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """By address that nobody has given yet: `the IP that pod shop/web-0 will get`."""
    why: Why = NO_CAUSE
    """What is missing, and what was proved to help."""

    def exchange(self, question: Question, nameserver: str = "") -> Exchange | None:
        """The exchange for QUESTION, with any nameserver where NAMESERVER is ""."""
        name = question.name.lower()
        for each in self.exchanges:
            asked = each.question
            is_type = asked.type == question.type and nameserver in {"", each.nameserver}
            if is_type and asked.name.lower() == name:
                return each
        return None


# NetworkPolicies: what keeps a pod's questions from the DNS pods.


def policies_without_dns(inputs: ExplainInputs) -> tuple[NetworkPolicy, ...]:
    """The policies that limit the pod's egress and do not let a question by UDP to the DNS pods.

    () where another one does, since policies add up, and where nobody can tell.
    """
    limiting = _limiting(inputs)
    told = {_allows_dns(rule, each, inputs) for each in limiting for rule in each.rules}
    return () if told & {True, None} else limiting


def policies_in_doubt(inputs: ExplainInputs) -> tuple[NetworkPolicy, ...]:
    """The policies of which nobody can tell whether they let a question to DNS, and no other."""
    told = [
        (each, _allows_dns(rule, each, inputs)) for each in _limiting(inputs) for rule in each.rules
    ]
    if any(allows for _, allows in told):
        return ()
    return tuple(dict.fromkeys(each for each, allows in told if allows is None))


def _limiting(inputs: ExplainInputs) -> tuple[NetworkPolicy, ...]:
    found = inputs.policies if isinstance(inputs.policies, tuple) else ()
    return tuple(each for each in found if each.limits_egress and _limits(each, inputs.pod))


def selects_by_namespace_label(policy: NetworkPolicy) -> bool:
    """Whether a rule chooses namespaces by a label that the control plane does not give them."""
    peers = (peer for rule in policy.rules for peer in rule.peers)
    keys = (key for peer in peers for key, _value in peer.namespace_labels or ())
    return any(key != NAMESPACE_NAME for key in keys)


def _limits(policy: NetworkPolicy, pod: Pod) -> bool:
    # matchExpressions are not looked at: such a policy is not blamed.
    is_here = policy.namespace == pod.namespace
    fits = set(policy.match_labels) <= set(pod.labels)
    return is_here and fits and not policy.selects_by_expressions


def _allows_dns(rule: EgressRule, policy: NetworkPolicy, inputs: ExplainInputs) -> bool | None:
    """Whether it lets a question to the DNS pods; None where that hangs on what nobody read."""
    if rule.ports and not any(_is_dns_port(each, inputs.dns_port) for each in rule.ports):
        return False
    # Whom a rule means is told of pods that are known alone.
    told = {_is_peer(each, pod, policy, inputs) for each in rule.peers for pod in inputs.dns_pods}
    return not told or True in told or (None if None in told else False)


def _is_dns_port(allowed: PolicyPort, port: int) -> bool:
    if allowed.protocol != "UDP":
        return False
    if not isinstance(allowed.port, int):
        return True  # all ports; or a name, which only the pods' spec could tell
    return allowed.port <= port <= (allowed.end or allowed.port)


def asks_node(inputs: ExplainInputs) -> bool:
    """Whether the cache on the node answers: it runs in its network, where no selector finds it."""
    return inputs.server is not None and inputs.server.behind is not None


def _is_peer(
    peer: PolicyPeer, pod: Pod, policy: NetworkPolicy, inputs: ExplainInputs
) -> bool | None:
    """Whether a rule means POD, which serves DNS; None where nobody can tell."""
    if peer.cidr:
        return _has_address(peer, pod, inputs)
    is_selected = _is_selected(peer, pod, policy, inputs.dns_namespace)
    # What a plugin makes of a question that ends on the node, the API leaves open.
    return None if is_selected and asks_node(inputs) else is_selected


def _has_address(peer: PolicyPeer, pod: Pod, inputs: ExplainInputs) -> bool | None:
    asked = next((each.nameserver for each in inputs.exchanges if is_address(each.nameserver)), "")
    has_asked = bool(asked) and not _is_left_out(peer, asked)
    if asks_node(inputs):
        return has_asked
    given = [each for each in pod.pod_ips if each not in inputs.placeholders]
    if not all(_is_left_out(peer, address) for address in given):
        return True
    # Before or after the Service's address is translated: the API leaves it open.
    return None if has_asked or not given else False


def _is_selected(
    peer: PolicyPeer, pod: Pod, policy: NetworkPolicy, namespace: Namespace | None
) -> bool | None:
    if peer.by_expressions:
        return None
    if peer.pod_labels is not None and not set(peer.pod_labels) <= set(pod.labels):
        return False
    if peer.namespace_labels is None:
        return pod.namespace == policy.namespace
    # The control plane gives each namespace this label; others have to be read.
    labels = {NAMESPACE_NAME: pod.namespace, **dict(namespace.labels if namespace else ())}
    wanted = dict(peer.namespace_labels)
    if any(labels.get(key, value) != value for key, value in wanted.items()):
        return False
    return set(wanted) <= set(labels) or (None if namespace is None else False)


def _is_left_out(peer: PolicyPeer, address: str) -> bool:
    try:
        number = ip_address(address)
        outside = number not in ip_network(peer.cidr, strict=False)
        return outside or any(number in ip_network(e, strict=False) for e in peer.excepted)
    except ValueError:  # only a manifest can hold it
        return False


def explain_steps(inputs: ExplainInputs) -> tuple[ExplainedStep, ...]:
    """The steps of the prediction, each with its evidence."""
    exchanges = _by_query(inputs.exchanges[::-1])  # the first of what is asked twice
    steps = tuple([_explain(step, inputs, exchanges) for step in inputs.lookup.steps])
    last = steps[-1] if steps else None
    if last is None or last.rule_id != "NextAfterNxdomain":
        return steps
    return tuple(
        replace(each, rule=_NONE_LEFT) if (each.name, each.rule) == (last.name, last.rule) else each
        for each in steps
    )


_NONE_LEFT = "the name does not exist, and it was the last one to ask"


def _explain(
    step: Step, inputs: ExplainInputs, exchanges: Mapping[tuple[str, str, str], Exchange]
) -> ExplainedStep:
    is_dns = step.source == "dns"
    exchange = exchanges.get((step.name.lower(), step.type, step.server)) if is_dns else None
    served = exchange.served if exchange else None
    lines = tuple(hosts_line(number, inputs) for number in step.lines)
    return ExplainedStep(
        source=str(step.source),
        name=step.name,
        outcome=step.outcome,
        rule=step.rule.sentence,
        rule_id=step.rule.id.value,
        type=str(step.type),
        server=step.server,
        suffix=step.suffix,
        records=step.records,
        origin=lines[0].origin if lines else _origin(step, exchange),
        lines=lines,
        because=served.rule if served else "",
        trail=tuple(_plugin(each.plugin, each.line, each.did) for each in served.trail)
        if served
        else (),
        asked=describe_difference(exchange) if exchange else "",
    )


def _origin(step: Step, exchange: Exchange | None) -> Origin | None:
    if step.source == "literal":
        return Origin(kind=OriginKind.LITERAL)
    if exchange is None or exchange.served is not None:
        return step.origin or (exchange.served.origin if exchange and exchange.served else None)
    # No server of the cluster: what answers there lies outside.
    is_heard = isinstance(exchange.asked, Reply)
    return Origin(kind=OriginKind.UPSTREAM, field=f"nameserver {step.server}") if is_heard else None


def _plugin(name: str, line: int, did: str) -> str:
    place = f" (Corefile line {line})" if line else ""
    return f"{name}{place}: {did}"


def hosts_line(number: int, inputs: ExplainInputs) -> HostsLineUsed:
    """Line NUMBER of the container's hosts file, and who wrote it as far as that is known."""
    judged = inputs.hosts.lines if inputs.hosts else ()
    found = next((line for line in judged if line.number == number), None)
    if found is None and inputs.hosts and inputs.hosts.unreadable:
        # Nobody read the file: the resolver was given the expected lines, in their order, without
        # the node's part, which stands for no one knows how many.
        given = [each for each in judged if each.origin.kind is not OriginKind.NODE_HOSTS]
        found = next(iter(given[number - 1 : number]), None)
        if found is not None and len(given) < len(judged) and found is not judged[number - 1]:
            return HostsLineUsed(number=None, text=found.text, origin=found.origin)
    if found is not None:
        return HostsLineUsed(number=number, text=found.text, origin=found.origin)
    raw = next((line for line in inputs.resolver.hosts.lines if line.number == number), None)
    subject = f"{inputs.pod.namespace}/{inputs.pod.name}"
    return HostsLineUsed(
        number=number,
        text=raw.text if raw else "",
        origin=Origin(kind=OriginKind.UNKNOWN, object=subject, line=number),
    )


def describe_difference(exchange: Exchange) -> str:
    """What the nameserver said when asked, "" where that is what paper says (or nobody asked)."""
    served, asked = exchange.served, exchange.asked
    if served is None or asked is None or isinstance(asked, UnknownReply):
        return ""
    if isinstance(served.answer, UnknownReply) or _said(served.answer) == _said(asked):
        return ""
    return describe_answer(asked, exchange.question.type)


def _said(answer: Answer) -> object:
    if not isinstance(answer, Reply):
        return type(answer)
    return answer.rcode, frozenset(
        (each.type, each.data.lower()) for each in answer.answer if each.type != "SRV"
    )


def describe_answer(answer: Answer, qtype: str) -> str:
    """`NXDOMAIN`, `10.0.0.1, 10.0.0.2`, `no A record`, `no reply within 5 s`, `not known: ...`."""
    match answer:
        case NoReply(after_seconds):
            return f"no reply within {after_seconds:g} s"
        case UnknownReply(what):
            return f"not known: {what}"
        case Reply(rcode=Rcode.NOERROR):
            of_type = [each.data for each in answer.answer if each.type == qtype]
            others = [f"{each.type} {each.data}" for each in answer.answer]
            return ", ".join(of_type or others) or f"no {qtype} record"
        case Reply():
            return answer.rcode.value


# What is wrong with the server bears on every name.
_OF_THE_SERVER = frozenset({Reason.COREFILE_BROKEN, Reason.PLUGIN_TWICE})


def exchanges_that_matter(inputs: ExplainInputs) -> tuple[Exchange, ...]:
    """The exchanges whose causes an explanation looks at, so that no others need be found.

    Those of the hit; for a miss, and for a name that the hosts file answers, those that the name
    is read as, and the one that ended the search.
    """
    steps = [each for each in inputs.lookup.steps if each.source == "dns"]
    hits = [each for each in steps if each.outcome is Outcome.FOUND]
    names = {each.name.lower() for each in hits or steps[-1:]}
    if not hits:
        names |= set(inputs.why.meant)
    return tuple(each for each in inputs.exchanges if each.question.name.lower() in names)


def relevant_causes(case: ExplainCase) -> tuple[Finding, ...]:
    """The causes that `find_causes` gave for the questions that decided, each once."""
    every = tuple(each for exchange in case.inputs.exchanges for each in exchange.causes)
    if not every:
        return ()
    of_server = (each for each in every if each.reason in _OF_THE_SERVER)
    return tuple(dict.fromkeys((*_causes(_decided(case)), *of_server)))


def _decided(case: ExplainCase) -> Iterator[Exchange | None]:
    """The exchanges of a hit; of a miss those that the name is read as, and one that failed."""
    inputs, decisive = case.inputs, case.decisive
    steps: tuple[ExplainedStep, ...] = ()
    if case.is_found and case.predicted.source != "files":
        steps = tuple(each for each in case.steps if each.outcome is Outcome.FOUND)
    elif not case.is_found:
        for name in inputs.why.meant:
            yield from (e for e in inputs.exchanges if e.question.name.lower() == name)
        if decisive is not None and decisive.outcome not in {Outcome.NXDOMAIN, Outcome.NODATA}:
            steps = (decisive,)
    for each in steps:
        yield inputs.exchange(Question(each.name, each.type), each.server)


def _causes(exchanges: Iterable[Exchange | None]) -> Iterator[Finding]:
    # One reason once: A and AAAA mostly have the same cause.
    seen: set[Reason] = set()
    for exchange in exchanges:
        causes = exchange.causes if exchange else ()
        fresh = tuple(each for each in causes if each.reason not in seen)
        yield from fresh
        seen.update(each.reason for each in fresh)


class ExplainCase(Struct, frozen=True, kw_only=True):
    """The inputs, and what was concluded from them.

    decisive is the step that gave the answer (or the last); causes are what the objects and the
    Corefile say about the candidates that matter.
    """

    inputs: ExplainInputs
    steps: tuple[ExplainedStep, ...]
    predicted: Predicted
    verdict: Agreement
    decisive: ExplainedStep | None
    shadowed: Shadowed | None = None
    causes: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The name as typed."""
        return self.inputs.name

    @property
    def observed(self) -> Observation:
        """What a program in the container got, or why nobody looked."""
        return self.inputs.observed

    @property
    def is_observed(self) -> bool:
        """Whether a program in the container was asked."""
        return isinstance(self.inputs.observed, Observed)

    @property
    def is_found(self) -> bool:
        """Whether an answer is predicted."""
        return self.predicted.outcome is Outcome.FOUND

    @property
    def subject(self) -> str:
        """The pod as `namespace/name`."""
        return f"{self.inputs.pod.namespace}/{self.inputs.pod.name}"

    @property
    def is_only_in_file(self) -> bool:
        """Whether the hosts file answers, and DNS is known to have no such name."""
        if self.predicted.source != "files" or not self.inputs.exchanges:
            return False
        return look_without_files(self.inputs).outcome in {Outcome.NXDOMAIN, Outcome.NODATA}

    @property
    def is_without_server(self) -> bool:
        """Whether DNS is asked, and none of its pods is ready; manifests need not have them."""
        server = self.inputs.server
        is_down = server is not None and server.is_down and bool(server.addresses)
        return is_down and self.predicted.source != "files"

    @property
    def silent_nameservers(self) -> tuple[str, ...]:
        """The nameservers that answered nothing of what they were asked."""
        exchanges = self.inputs.exchanges
        silent = [each.nameserver for each in exchanges if isinstance(each.asked, NoReply)]
        if not silent:
            return ()
        answered = {each.nameserver for each in exchanges if isinstance(each.asked, Reply)}
        return tuple(each for each in dict.fromkeys(silent) if each not in answered)


# The objects that a name of the cluster means, and the lines that a pod's file has for itself.
_AS_MEANT = frozenset(
    {
        OriginKind.SERVICE,
        OriginKind.HEADLESS_SERVICE,
        OriginKind.ENDPOINT,
        OriginKind.POD_RECORD,
        OriginKind.COREFILE_HOSTS,
        OriginKind.KUBELET_BOILERPLATE,
        OriginKind.POD_IP,
    }
)


def is_as_meant(case: ExplainCase, replies: Mapping[tuple[str, Question], Answer]) -> bool:
    """Whether the name leads where it should: then nothing is missing, and nothing to be proved.

    What finds causes need not be loaded for it (why.py, a third of what explains a name).
    """
    observed, origin = case.observed, case.predicted.origin
    is_lost = isinstance(observed, Observed) and observed.outcome is not Outcome.FOUND
    is_silent = bool(case.silent_nameservers or case.inputs.policies) or case.is_without_server
    if not case.is_found or is_lost or is_silent or case.verdict is Agreement.DISAGREE:
        return False
    return bool(origin and origin.kind in _AS_MEANT) and not captured(case, replies)[0]


def captured(
    case: ExplainCase, replies: Mapping[tuple[str, Question], Answer]
) -> tuple[str, tuple[str, ...]]:
    """A later candidate with other addresses, and those: what a search domain's answer captures."""
    hit = case.decisive
    if hit is None or hit.suffix is None or "." not in case.name:
        return "", ()
    on_paper = ((each.question, each.predicted) for each in case.inputs.exchanges)
    # The replies are to all names that were asked in one go; some are other names'.
    resolver = case.inputs.resolver
    own = {each.name for each in candidate_names(case.name, resolver.resolv_conf, resolver.stub)}
    heard = (
        (question, answer) for (_, question), answer in replies.items() if question.name in own
    )
    # A wildcard may have one family, and the name that is meant the other.
    types = ADDRESS_TYPES if hit.type in ADDRESS_TYPES and not case.inputs.type else {hit.type}
    for question, answer in (*on_paper, *heard):
        if not isinstance(answer, Reply) or question.type not in types or question.name == hit.name:
            continue
        data = tuple(each.data for each in answer.answer if each.type == question.type)
        if data and not set(data) <= set(case.predicted.addresses):
            return question.name, data
    return "", ()


def find_shadowed(inputs: ExplainInputs) -> Shadowed | None:
    """What DNS would answer if the hosts file had no such line; None where nothing, or unknown."""
    lookup = inputs.lookup
    if lookup.source != "files" or not inputs.exchanges or inputs.type not in ADDRESS_TYPES:
        return None
    without = look_without_files(inputs)
    hit = next((each for each in without.steps if each.outcome is Outcome.FOUND), None)
    if without.source not in {"dns", ""} or hit is None:
        return None
    # Where only one family was put to the server, the walk stays open; what it found is enough.
    addresses = without.addresses or tuple(
        record.data for record in hit.records if record.type == hit.type
    )
    exchange = inputs.exchange(Question(hit.name, hit.type), hit.server)
    served = exchange.served if exchange else None
    origin = hit.origin or (served.origin if served else None)
    return Shadowed(name=hit.name, addresses=addresses, origin=origin)


def look_without_files(inputs: ExplainInputs) -> Lookup:
    """The prediction for an empty hosts file."""
    resolver = replace(inputs.resolver, hosts=HostsFile(), hosts_unknown="", hosts_to_come=())
    return answered(look_up(inputs.name, resolver), answer_from(inputs.exchanges))


def conclude(inputs: ExplainInputs) -> ExplainCase:
    """What follows from the inputs, before it is put into words."""
    steps = explain_steps(inputs)
    decisive = decisive_step(steps, inputs.lookup.outcome)
    case = ExplainCase(
        inputs=inputs,
        steps=steps,
        predicted=predicted_of(inputs.type, inputs.lookup, decisive),
        verdict=Agreement.UNKNOWN,
        decisive=decisive,
        shadowed=find_shadowed(inputs),
    )
    return reconsider(case, inputs)


def reconsider(case: ExplainCase, inputs: ExplainInputs) -> ExplainCase:
    """CASE with INPUTS that say more of the same walk: of what was observed, and of causes."""
    verdict = compare(inputs.name, case.predicted, inputs.observed, inputs.pod.pod_ips)
    case = replace(case, inputs=inputs, verdict=verdict)
    return replace(case, causes=relevant_causes(case))


def predicted_of(qtype: str, lookup: Lookup, decisive: ExplainedStep | None = None) -> Predicted:
    """The prediction that a walk came to; its origin is that of the DECISIVE step."""
    is_about_addresses = qtype in ADDRESS_TYPES and not isinstance(lookup, ReverseLookup)
    return Predicted(
        outcome=lookup.outcome,
        source=str(lookup.source),
        addresses=lookup.addresses if is_about_addresses else (),
        data=() if is_about_addresses else lookup.addresses,
        canonical_name=lookup.canonical_name,
        origin=decisive.origin if decisive else None,
        error=lookup.error.value if lookup.error else "",
        unknown=lookup.unknown,
    )


def decisive_step(steps: tuple[ExplainedStep, ...], outcome: Outcome) -> ExplainedStep | None:
    """The step that gave the answer; where there was none, the last."""
    same = [each for each in steps if each.outcome is outcome]
    if outcome is Outcome.FOUND and same:
        last = same[-1]
        return next(each for each in same if each.name == last.name and each.source == last.source)
    return next(reversed(same or steps), None)
