"""Why a name does not lead where it should, and what was proved to help: cause and fixes.

The readings are made from what a lookup came to; each proposal is tried in a changed world, where
the same diagnosis runs again.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.change import (
    AskName,
    Create,
    EditCorefile,
    Patch,
    Restart,
    commands_of,
)
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import kubernetes_zones
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import reads_of, services_at
from kubectl_hosts.model.cluster_dns.query_names import absolute, closest_zone, is_below, is_reverse
from kubectl_hosts.model.cluster_dns.small_plugins import comes_back
from kubectl_hosts.model.evidence import CouldNotLook, Template
from kubectl_hosts.model.explain.case import (
    NAMESPACE_NAME,
    asks_node,
    captured,
    policies_in_doubt,
    policies_without_dns,
)
from kubectl_hosts.model.explain.fixes import (
    RESUMED,
    Proposal,
    Proved,
    Rank,
    find_fixes,
    lasting_labels,
    proved_fixes,
)
from kubectl_hosts.model.explain.headline import STOPPING, said_by_server, stopped_at
from kubectl_hosts.model.explain.missing import (
    AnsweredBelowAlias,
    Captured,
    CorefileRefused,
    EntryNotReached,
    LabelTooLong,
    NoSuchName,
    NotClusterDNS,
    NothingBelowAlias,
    SearchStopped,
    ShadowedByLine,
    WildcardAsked,
)
from kubectl_hosts.model.explain.readings import (
    AnswerFound,
    Asked,
    Kind,
    NameContext,
    cause_of,
    is_passed_on,
    read_answer,
    read_name,
)
from kubectl_hosts.model.explain.to_come import ToCome
from kubectl_hosts.model.explain.words import bare, origin_in_words
from kubectl_hosts.model.explain.worth_telling import nameserver_silent, of_resolver
from kubectl_hosts.model.explanation import Agreement, Cause, Observed, Why
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.diagnosis import PodLook
from kubectl_hosts.model.names import NamesAsked, is_address
from kubectl_hosts.model.objects import parse_network_policy
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.resolver.libc import SearchRule, ServerRule
from kubectl_hosts.model.resolver.outcome import Outcome, RuleId
from kubectl_hosts.model.resolver.resolv_conf import Setting
from kubectl_hosts.model.resolver.seen import NODE_NAMESERVERS
from kubectl_hosts.model.selectors import as_label_selector
from kubectl_hosts.model.what_if import change_world, in_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubectl_hosts.model.change import Change
    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.explain.case import ExplainCase, ExplainInputs
    from kubectl_hosts.model.explain.fixes import Prove
    from kubectl_hosts.model.explain.inside import Looked, Predict
    from kubectl_hosts.model.explain.missing import Missing
    from kubectl_hosts.model.explain.readings import Reading
    from kubectl_hosts.model.explanation import Explanation, Fix
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.objects import NetworkPolicy
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.reads import Diagnosis
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConf
    from kubectl_hosts.model.what_if import World

    Replies = Mapping[tuple[str, Question], Answer]


NOTHING = Why()


def find_why(
    case: ExplainCase, looked: Looked, replies: Replies, predict: Predict
) -> Diagnosis[Why]:
    """What is missing for the name of CASE, and the fixes; NOTHING where it leads where it should.

    LOOKED and REPLIES are what was read in the pod: in a changed world it is the same, but for the
    pods that the change makes anew. Raises BadInput for an object with a field of the wrong type.
    """
    template = looked.template if isinstance(looked.template, Template) else None
    context = name_context(case, template)
    readings, why = yield from find_cause(case, context, replies)
    prover = Prover(looked, case.inputs.type, replies, predict, _of_other_names(case, replies))
    if not readings:
        fixes = yield from let_dns_through(case, prover)
        return replace(why, fixes=fixes) if fixes else why
    fixes = yield from find_fixes(case.name, readings, context, prover)
    return replace(why, fixes=fixes)


def _of_other_names(case: ExplainCase, replies: Replies) -> Replies:
    """What servers outside said to the names that the search list makes of the name.

    A fix in the Corefile is one for the name itself, and sends the others where they went before.
    """
    own = f"{case.name.rstrip('.')}.".lower()
    sent = {
        (each.nameserver, each.question)
        for each in case.inputs.exchanges
        if each.served and each.served.origin and each.served.origin.kind is OriginKind.UPSTREAM
    }
    return {
        key: answer for key, answer in replies.items() if key in sent and key[1].name.lower() != own
    }


def find_cause(
    case: ExplainCase, context: NameContext, replies: Replies
) -> Diagnosis[tuple[tuple[Reading, ...], Why]]:
    """The readings of the name of CASE, and what the leading one lacks; no fixes yet."""
    readings = yield from _readings(case, context, replies)
    silent = _silence(case)
    if silent is not None and not (readings and _needs_no_answer(readings[0])):
        why = Why(cause=Cause(reading="an answer of DNS", missing=(silent,)))
        is_refused = bool(readings) and readings[0].lacks(CorefileRefused)
        return (readings if is_refused else ()), why
    if not readings or readings[0].is_complete:
        return (), NOTHING
    # What only a server outside knows has no cause here; of the cluster's names objects know all.
    is_open = case.predicted.outcome is Outcome.UNKNOWN
    is_outside = readings[0].lacks(*_OF_OTHERS) or (
        readings[0].pod is None and readings[0].lacks(NothingBelowAlias)
    )
    if is_open and (is_outside or is_passed_on(readings[0].name, context)):
        return (), NOTHING
    first = readings[0].missing[0]
    # What a line of the hosts file or a search domain hides is told by the answer's own clause.
    remark = "" if isinstance(first, (ShadowedByLine, Captured)) else first.words
    why = Why(
        cause=cause_of(readings),
        meant=_meant(readings),
        remark=remark,
        findings=tuple(_findings(readings[0], case)),
    )
    return readings, why


def _silence(case: ExplainCase) -> str | None:
    """That no nameserver answered, where that is why nothing was found."""
    server, observed = case.inputs.server, case.observed
    is_lost = isinstance(observed, Observed) and observed.outcome is not Outcome.FOUND
    is_unasked = not isinstance(observed, Observed) and case.is_without_server
    if (is_lost or is_unasked) and server is not None and server.is_down:
        lacks = "has no ready pod" if server.addresses else "selects no pod"
        return f"Service {server.service} {lacks}, so that nothing answers DNS{_ended_by(server)}"
    if case.predicted.outcome is Outcome.FOUND or case.verdict is Agreement.DISAGREE:
        return None
    if case.predicted.outcome is Outcome.UNKNOWN:
        nobody = (e for e in of_resolver(case) if e.reason is Reason.LOOPBACK_NAMESERVER)
        return next((each.message for each in nobody), None) if is_lost else None
    said = (each for each in nameserver_silent(case) if each.severity is Severity.ERROR)
    return next((each.message for each in said), None)


def _ended_by(server: ClusterDNS) -> str:
    """A Corefile that it refuses; plugin/loop README: what is forwarded and comes back."""
    if server.refused:
        return f": CoreDNS refuses {server.refused}"
    looped = (each for block in server.blocks if block.first("loop") for each in block.forwards)
    line = next((each.line for each in looped if comes_back(each, server)), 0)
    return f": `loop` ends CoreDNS, since `forward` (line {line}) leads back to it" if line else ""


def _needs_no_answer(reading: Reading) -> bool:
    """Whether it lacks something before any nameserver is asked, or the right one to ask."""
    return reading.lacks(NotClusterDNS) or reading.meaning.kind in {Kind.ALIAS, Kind.CONTAINER}


# What only a server outside, or the rest of the search, would tell.
_OF_OTHERS = (NoSuchName, SearchStopped)


def _findings(reading: Reading, case: ExplainCase) -> Iterator[Finding]:
    """What the leading reading lacks, as findings: about the objects that they name."""
    for fact in reading.missing:
        reason = fact.reason
        if reason is not None:
            yield Finding(
                reason=reason,
                severity=Severity.WARNING if case.is_found else Severity.ERROR,
                message=fact.words,
                evidence=(*_evidence(reading), *_in_corefile(fact, case)),
            )


def _in_corefile(fact: Missing, case: ExplainCase) -> Iterator[Origin]:
    """The line that has the name, and the one that keeps it from being reached."""
    server = case.inputs.server
    if isinstance(fact, EntryNotReached) and server is not None:
        for kind, line in (
            (OriginKind.COREFILE_HOSTS, fact.line),
            (OriginKind.UNKNOWN, fact.by_line),
        ):
            yield Origin(kind=kind, object=server.object, line=line)


def _evidence(reading: Reading) -> Iterator[Origin]:
    if reading.service is not None:
        yield Origin(kind=OriginKind.SERVICE, object=reading.service.object)
    if reading.pod is not None:
        yield Origin(kind=OriginKind.POD_RECORD, object=reading.pod.object)


def _meant(readings: tuple[Reading, ...]) -> tuple[str, ...]:
    name = readings[0].name
    return (name.lower(),) if name else ()


def _readings(
    case: ExplainCase, context: NameContext, replies: Replies
) -> Diagnosis[tuple[Reading, ...]]:
    if is_address(case.name) or not case.name.strip("."):
        return ()
    if case.predicted.outcome is Outcome.FOUND:
        return (yield from _readings_of_answer(case, context, replies))
    observed = case.observed
    if isinstance(observed, Observed) and observed.outcome is Outcome.FOUND:
        return ()
    if case.decisive is not None and case.decisive.rule_id == RuleId.LIBRARIES_DIFFER.value:
        return ()  # some programs find it, as it is
    is_open = case.predicted.outcome is Outcome.UNKNOWN
    below = (yield from _below_alias(case, context)) if is_open else ()
    readings = below or (yield from read_name(case.name, case.inputs.type, context))
    last = case.decisive
    is_refused = last is not None and last.rule_id in _NEVER_SENT
    if is_refused and last and last.name.rstrip(".") == case.name.rstrip("."):
        # What cannot be sent is no name of anything, but a pod may be called so.
        return tuple(each for each in readings if _is_no_host_name(each))
    return readings


def _readings_of_answer(
    case: ExplainCase, context: NameContext, replies: Replies
) -> Diagnosis[tuple[Reading, ...]]:
    if case.verdict is Agreement.DISAGREE:
        return ()
    if _is_from_outside(case, context):
        instead = yield from _instead_of_service(case, context)
        if instead:
            return instead
    below = yield from _below_alias(case, context)
    if below:
        return below
    given = yield from _given(case, replies)
    return (yield from read_answer(case.name, given, context)) if given else ()


def _below_alias(case: ExplainCase, context: NameContext) -> Diagnosis[tuple[Reading, ...]]:
    """A Service that the name means, where an ExternalName answered for a name below its own."""
    hit = case.decisive
    origin = case.predicted.origin or (hit.origin if hit else None)
    if origin is None or origin.kind is not OriginKind.EXTERNAL_NAME or hit is None:
        return ()
    if hit.suffix is None or "." not in case.name:
        return ()
    readings = yield from read_name(case.name, case.inputs.type, context)
    inside = [each for each in readings if each.meaning.kind is Kind.SERVICE and each.service]
    outside = [each for each in readings if each.meaning.kind is Kind.OUTSIDE]
    namespace, _, alias = origin.object.partition("/")
    below = hit.name.lower().partition(f".{alias}.{namespace}.svc.")[0].count(".")
    meant = next(iter((*inside, *outside)), None)
    if meant is None or meant.name.lower() == hit.name.lower():
        return ()
    fact = AnsweredBelowAlias(
        meant=bare(meant.name),
        release="1.11.0" if below else "1.10.1",
        exists=bool(inside),
    )
    return (replace(meant, missing=(fact,)),)


# Rules by which a name goes to no server at all.
_NEVER_SENT = frozenset({"NameTooLong", "GoRefusesName", "GlibcCannotSend", "MuslCannotSend"})


def _is_no_host_name(reading: Reading) -> bool:
    return reading.lacks(LabelTooLong, WildcardAsked)


def _is_from_outside(case: ExplainCase, context: NameContext) -> bool:
    """Whether another DNS, or a search domain outside of the cluster, gave the answer."""
    hit, origin = case.decisive, case.predicted.origin
    if case.predicted.source != "dns" or hit is None:
        return False
    if not context.uses_cluster_dns:
        return True
    is_upstream = origin is not None and origin.kind in {
        OriginKind.UPSTREAM,
        OriginKind.STUB_DOMAIN,
        OriginKind.TEMPLATE,
    }
    return is_upstream and hit.suffix is not None


def _instead_of_service(case: ExplainCase, context: NameContext) -> Diagnosis[tuple[Reading, ...]]:
    """An answer from outside for a name that a Service or a pod of the cluster has, or nearly."""
    readings = yield from read_name(case.name, case.inputs.type, context)
    return readings if readings[0].service or readings[0].pod else ()


# --- what the lookup came to -------------------------------------------------------------------


def name_context(case: ExplainCase, template: Template | None = None) -> NameContext:
    """What the readings have to know of the lookup."""
    inputs = case.inputs
    conf = inputs.resolver.resolv_conf
    stub = inputs.resolver.stub
    asked = [each for each in case.steps if each.source == "dns"]
    stopped = next((stopped_at(each) for each in asked if each.rule_id in STOPPING), "")
    entries = (line.entry for line in inputs.resolver.hosts.lines)
    return NameContext(
        pod=inputs.pod,
        container=inputs.container,
        cluster_domain=_served_domain(inputs),
        search_list=conf.search_list,
        ndots=conf.ndots if stub.search_rule is SearchRule.LIST_BELOW_NDOTS else None,
        asked=tuple(
            Asked(
                e.name,
                e.outcome,
                said_by_server(e),
                e.server,
                e.records[0].name if e.records else "",
            )
            for e in asked
        ),
        stopped=stopped,
        uses_cluster_dns=_uses_cluster_dns(case),
        nameservers=tuple(each.text for each in conf.nameservers if is_address(each.text)),
        no_nameserver=why_no_nameserver(conf),
        asks_all_at_once=stub.server_rule is ServerRule.ALL_AT_ONCE,
        server=inputs.server,
        hosts=tuple((name, each.address) for each in entries if each for name in each.names),
        has_all_hosts=not (inputs.resolver.hosts.is_cut or inputs.resolver.hosts_unknown),
        template=template,
    )


def why_no_nameserver(conf: ResolvConf) -> str:
    """Why every nameserver line of a resolv.conf is ignored, so that the default is asked."""
    is_default = all(each.line is None for each in conf.nameservers)
    lines = (f"line {each.line}: {each.why}" for each in conf.ignored if each.is_nameserver)
    return next(lines, "") if is_default else ""


def _served_domain(inputs: ExplainInputs) -> str:
    """The domain of Services: that of the pod's search list, where the cluster's DNS serves it."""
    own = absolute(inputs.cluster_domain.lower())
    zones = kubernetes_zones(inputs.server.authority) if inputs.server else ()
    served = [zone for zone, _ in zones if not is_reverse(zone)]
    return own if not served or any(is_below(zone, own) for zone in served) else served[0]


def _uses_cluster_dns(case: ExplainCase) -> bool:
    """By the nameservers, where one is a Service's or none is; else by the spec."""
    pod = case.inputs.pod
    nameservers = case.inputs.resolver.resolv_conf.nameservers
    if nameservers[:1] == (Setting(NODE_NAMESERVERS),):
        return False
    if case.inputs.server is not None:
        return True
    if pod.dns_policy == "Default" or any(is_address(each.text) for each in nameservers):
        return False
    return not (pod.host_network and pod.dns_policy == "ClusterFirst") and pod.dns_policy != "None"


def _given(case: ExplainCase, replies: Replies) -> Diagnosis[AnswerFound | None]:
    """The answer that was found; None where nothing can be wrong with it."""
    origin = case.predicted.origin
    addresses = case.predicted.addresses
    if case.predicted.source == "files" and origin is not None:
        if origin.kind not in {OriginKind.HOST_ALIAS, OriginKind.FOREIGN}:
            return None
        is_alias = origin.kind is OriginKind.HOST_ALIAS
        shadowed = case.shadowed
        if shadowed is not None:
            there = (shadowed.name, shadowed.addresses)
            return AnswerFound(addresses, shadowed=there, is_alias=is_alias)
        no_owner = is_alias and (yield from _has_no_owner(case, addresses))
        return AnswerFound(addresses, is_alias=is_alias, no_owner=no_owner)
    hit = case.decisive
    if case.predicted.source != "dns" or hit is None:
        return None
    if hit.suffix is None:
        made = origin is not None and origin.kind in _MADE_UP
        return AnswerFound(addresses, answered=hit.name, by_corefile=True) if made else None
    later, _ = captured(case, replies)
    return AnswerFound(addresses, answered=hit.name, suffix=hit.suffix, later=later)


# What answers from the Corefile's own text, or in the place of another of its blocks.
_MADE_UP = frozenset(
    {OriginKind.TEMPLATE, OriginKind.ZONE_FILE, OriginKind.UPSTREAM, OriginKind.STUB_DOMAIN}
)


# The range of cluster IPs is no field of any object that everyone may read; it holds the cluster's
# nameserver, and is a /16 or larger nearly everywhere.
_PREFIX = {4: 16, 6: 112}


def _has_no_owner(case: ExplainCase, addresses: tuple[str, ...]) -> Diagnosis[bool]:
    """Whether the first address looks like a cluster IP, and no Service has it."""
    if not addresses or not is_address(addresses[0]):
        return False
    address = ip_address(addresses[0])
    servers = (each.text for each in case.inputs.resolver.resolv_conf.nameservers)
    networks = (
        ip_network(f"{each}/{_PREFIX[address.version]}", strict=False)
        for each in servers
        if is_address(each) and ip_address(each).version == address.version
    )
    if case.inputs.server is None or not any(address in each for each in networks):
        return False
    return (yield from reads_of(services_at(str(address)))) == ()


# --- NetworkPolicies ---------------------------------------------------------------------------


def let_dns_through(case: ExplainCase, prove: Prove) -> Diagnosis[tuple[Fix, ...]]:
    """A NetworkPolicy of its own that allows the questions, where others keep them from DNS.

    Policies add up (kubernetes.io, "Network Policies"), so that none of those that are there is
    changed. It is proved twice: with it the pod's egress reaches the DNS pods, and what these have
    to say is what was asked for.
    """
    inputs = case.inputs
    denying = policies_without_dns(inputs)
    if not denying or not inputs.dns_pods or not isinstance(inputs.policies, tuple):
        return ()
    manifest = _policy_for_dns(denying[0], inputs)
    allowed = (*inputs.policies, parse_network_policy(manifest))
    changed = replace(inputs, policies=allowed)
    if policies_without_dns(changed) or policies_in_doubt(changed):
        return ()
    whom = as_label_selector(denying[0].match_labels)
    pods = f"the pods with {whom}" if whom else "the pods"
    asked = (each for each in case.steps if each.source == "dns")
    proposal = Proposal(
        changes=(Create(manifest),),
        sentence=f"Allow {pods} of namespace {inputs.pod.namespace} egress to DNS",
        name=case.name,
        leads_to=frozenset(each.name.lower() for each in asked),
        rank=Rank.NEW,
    )
    return (yield from proved_fixes((proposal,), prove))


def _policy_for_dns(denying: NetworkPolicy, inputs: ExplainInputs) -> Json:
    """A policy for the pods that DENYING selects: egress to the DNS pods, and no more."""
    first, *others = inputs.dns_pods
    labels = {
        key: value
        for key, value in lasting_labels(first).items()
        if all((key, value) in each.labels for each in others)
    }
    assert isinstance(inputs.policies, tuple)
    taken = {each.name for each in inputs.policies}
    numbered = (f"allow-dns-{each}" for each in range(2, len(taken) + 3))
    name = next(each for each in ("allow-dns", *numbered) if each not in taken)
    peer = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: first.namespace}},
        "podSelector": {"matchLabels": labels},
    }
    ports = [{"protocol": each, "port": inputs.dns_port} for each in ("UDP", "TCP")]
    cache = inputs.exchanges[0].nameserver if asks_node(inputs) else ""
    nodes = [{"ipBlock": {"cidr": str(ip_network(cache))}}] if cache else []
    selected = dict(denying.match_labels)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": inputs.pod.namespace},
        "spec": {
            "podSelector": {"matchLabels": selected} if selected else {},
            "policyTypes": ["Egress"],
            "egress": [{"to": [*nodes, peer], "ports": ports}],
        },
    }


# --- proofs ------------------------------------------------------------------------------------


class Prover:
    """Runs the diagnosis of a name in a changed world."""

    def __init__(
        self, looked: Looked, qtype: str, replies: Replies, predict: Predict, others: Replies
    ) -> None:
        self._looked = looked
        self._type = qtype
        self._replies = replies
        self._predict = predict
        self._others = others

    def __call__(self, changes: tuple[Change, ...], name: str) -> Diagnosis[Proved]:
        """What NAME gives with CHANGES made; Outcome.UNKNOWN where nobody can tell."""
        made = tuple(each for each in changes if not isinstance(each, AskName))
        followed = tuple(map(self._of_pod, made))
        known = self._looked.look.placeholders
        if ToCome(known).mentioned((name, *(line for each in made for line in commands_of(each)))):
            return Proved(Outcome.UNKNOWN, origin="it has an address that is not assigned yet")
        world = yield from change_world(
            followed,
            self._looked.reads,
            self._replies,
            kept={key: self._others[key] for key in self._others if _stays(key[1].name, made)},
            placeholders=known,
        )
        if isinstance(world, CouldNotLook):
            return Proved(Outcome.UNKNOWN, origin=world.why)
        placeholders = {**known, **world.placeholders, **_made_anew(followed, world)}
        pod = self._pod(world.pod(self._looked.pod.namespace, self._looked.pod.name))
        # What stands in a node's file that nobody read comes first: the proof is one without it.
        assumes = pod.host_network and self._looked.look.predict_only
        look = PodLook(
            self._looked.container.name,
            predict_only=self._looked.look.predict_only,
            placeholders=placeholders,
            nothing_on_node=assumes,
        )
        asked = NamesAsked((name,), self._type)
        try:
            diagnosis = self._predict(pod, look, asked)
            (explanation,) = yield from in_world(diagnosis, world)
        except BadInput as error:
            return Proved(Outcome.UNKNOWN, origin=error.message)
        proved = _proved(explanation, placeholders)
        but = f"{proved.origin}, unless the node's hosts file has the name"
        return proved._replace(origin=but) if assumes else proved

    def _of_pod(self, change: Change) -> Change:
        """CHANGE as the world follows it: its pods come of what differs from before.

        A restart of the pod's own workload is one of the pod, whose name is all that changes.
        """
        if isinstance(change, Restart) and change.namespace == self._looked.pod.namespace:
            return Restart("Pod", change.namespace, self._looked.pod.name)
        template = self._looked.template
        if isinstance(change, Patch) and change.patch == RESUMED and isinstance(template, Template):
            # The template has its aliases already; that they count is what changes in the pod.
            aliases = [{"ip": e.ip, "hostnames": list(e.hostnames)} for e in template.host_aliases]
            pod = self._looked.pod
            spec = {"spec": {"hostAliases": aliases}}
            return Patch("Pod", pod.namespace, pod.name, spec, "merge")
        return change

    def _pod(self, there: object) -> Pod:
        return parse_pod(there) if isinstance(there, dict) else self._looked.pod


def _stays(name: str, changes: Iterable[Change]) -> bool:
    """Whether NAME is in a block of the same zone, whatever CHANGES make of a Corefile."""
    edits = (each for each in changes if isinstance(each, EditCorefile))
    return all(_zone_of(name, each.old) == _zone_of(name, each.new) for each in edits)


def _zone_of(name: str, text: str) -> str:
    parsed = parse_corefile(text)
    blocks = parsed.blocks if isinstance(parsed, Corefile) else ()
    return closest_zone(tuple(zone for block in blocks for zone in block.zones), name)


def _made_anew(changes: tuple[Change, ...], world: World) -> dict[str, str]:
    """The addresses of pods that are deleted and made anew: each gets another one."""
    pods = (
        (each.namespace, each.name)
        for each in changes
        if (isinstance(each, Patch) and each.kind == "Pod" and each.replaces)
        or (isinstance(each, Restart) and each.kind == "Pod")
    )
    return {
        address: f"the IP that pod {namespace}/{name} will get"
        for namespace, name in pods
        if (there := world.pod(namespace, name)) is not None
        for address in parse_pod(there).pod_ips
    }


def _proved(explanation: Explanation, placeholders: Mapping[str, str]) -> Proved:
    predicted = explanation.predicted
    data = predicted.addresses or predicted.data
    to_come = ToCome(placeholders)
    coming = to_come.values(each for each in data if each in placeholders)
    given = tuple(to_come.text(each) for each in data if each not in placeholders)
    found = [
        each
        for each in explanation.steps
        if each.outcome is Outcome.FOUND and each.source == predicted.source
    ]
    answered = found[0].name if found and predicted.source == "dns" else ""
    origin = origin_in_words(predicted.origin) if predicted.origin else ""
    return Proved(
        outcome=predicted.outcome,
        addresses=given,
        answered=answered,
        values=frozenset(data),
        # "the cluster IP that Service shop/redis will get" names its origin.
        origin=", ".join((*coming, *((origin,) if origin and (given or not coming) else ()))),
    )
