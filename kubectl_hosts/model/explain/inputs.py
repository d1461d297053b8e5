"""What an explanation is made from: files, objects, answers on paper and answers as heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import Answer, NoReply, Question, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explanation import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Served
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.explanation import Observation
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.report import ContainerReport
    from kubectl_hosts.model.objects import EndpointSlice, NetworkPolicy, Node, Service
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.libc import DetectedLibc
    from kubectl_hosts.model.resolver.lookup import ReverseLookup
    from kubectl_hosts.model.resolver.outcome import Lookup, Query

NO_CAUSE = Why()
_NOT_OBSERVED = CouldNotLook(what="the C library's own answer", why="it was not asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
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
        return on_paper or UnknownReply(f"what {self.nameserver} says for {self.question.name}")


def answer_from(exchanges: tuple[Exchange, ...]) -> Callable[[Query], Answer]:
    """A function from a Query to the answer EXCHANGES hold, UnknownReply for what they lack."""
    by_query = {(*_key(each.question), each.nameserver): each for each in exchanges}

    def answer(query: Query) -> Answer:
        found = by_query.get((*_key(query.question), query.nameserver))
        if found is not None:
            return found.predicted
        return UnknownReply(f"what {query.nameserver} says for {query.question.name}")

    return answer


def _key(question: Question) -> tuple[str, str]:
    return question.name.lower(), question.type


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressObjects:
    """The objects that may own an address; CouldNotLook for a kind that nobody could read.

    services: those with the address as cluster, external or load balancer IP; slices: those with
    it as an endpoint; pods: by status.podIP; nodes: all that have it in status.addresses.
    """

    services: Seen[Service] = ()
    slices: Seen[EndpointSlice] = ()
    pods: Seen[Pod] = ()
    nodes: Seen[Node] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainInputs:
    """All that is known about one name in one container.

    lookup is the prediction (questions.look_up_by). hosts is the
    container's part of `judge_hosts`, which knows who wrote each line; hosts_findings are the
    pod's. exchanges hold every candidate that was put to a nameserver, those too that a hosts line
    keeps from being asked. policies are the NetworkPolicies of the namespace, None where nobody
    needed them.
    """

    name: str
    type: str = ""
    pod: Pod
    container: str
    resolver: Resolver
    detected: DetectedLibc
    lookup: Lookup | ReverseLookup
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
    not_checked: tuple[CouldNotLook, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """By address that nobody has given yet: `the IP that pod shop/web-0 will get`."""
    why: Why = NO_CAUSE
    """What is missing, and what was proved to help."""

    def exchange(self, question: Question, nameserver: str = "") -> Exchange | None:
        """The exchange for QUESTION, with any nameserver where NAMESERVER is ""."""
        return next(
            (
                each
                for each in self.exchanges
                if _key(each.question) == _key(question) and nameserver in {"", each.nameserver}
            ),
            None,
        )
