"""Names in one container: on paper first, then asked of the nameservers where paper leaves off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.gather.name_server_view import Paper, answer_on_paper, causes_of
from kubectl_hosts.gather.names import is_address, is_for_libc, type_asked
from kubectl_hosts.gather.nameservers import ask_nameservers
from kubectl_hosts.gather.observed import observed_in
from kubectl_hosts.gather.questions import look_up_by, questions_of, resolver_for
from kubectl_hosts.model.cluster_dns.needs import (
    answer_asks,
    nodes_at,
    objects_of,
    pods_at,
    services_at,
    services_with_external_ip,
    slices_at,
)
from kubectl_hosts.model.dns import Answer, NoReply, Question, Rcode, Record, Reply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.causes import exchanges_that_matter
from kubectl_hosts.model.explain.explain import explain
from kubectl_hosts.model.explain.inputs import AddressObjects, Exchange, ExplainInputs
from kubectl_hosts.model.explanation import Agreement, Observation, Observed
from kubectl_hosts.model.objects import NetworkPolicy
from kubectl_hosts.model.reads import Objects
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.gather.hosts import Look
    from kubectl_hosts.gather.names import Asked
    from kubectl_hosts.gather.objects import ObjectReader
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.gather.scene import Scene
    from kubectl_hosts.model.cluster_dns.locate import DnsServer
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.objects import Service
    from kubectl_hosts.model.resolver.reverse import ReverseLookup
    from kubectl_hosts.model.resolver.steps import Lookup, Query

_NAMES_NOT_ASKED = CouldNotLook(
    what="the C library's own answer", why="it is asked for addresses only, not for their names"
)
_OUTCOMES = {
    Rcode.NOERROR: Outcome.NODATA,
    Rcode.NXDOMAIN: Outcome.NXDOMAIN,
    Rcode.SERVFAIL: Outcome.SERVFAIL,
}


class Draft(NamedTuple):
    """A name as far as it is explained."""

    name: str
    type: str
    inputs: ExplainInputs


class Subject:
    """The names asked in one container: on paper first, and at the nameservers where it needs."""

    def __init__(self, cluster: Cluster, reader: ObjectReader, scene: Scene, look: Look) -> None:
        self._cluster = cluster
        self._reader = reader
        self._scene = scene
        self._look = look
        self._papers: dict[tuple[str, Question], Paper] = {}
        self._replies: dict[tuple[str, Question], Answer] = {}
        self._asked_by = ""
        self._not_asked: tuple[CouldNotLook, ...] = ()

    def explain(self, asked: Asked) -> Iterator[Explanation]:
        """An explanation of each name, in order; one exec for all that must be asked."""
        drafts = {name: self._draft(name, type_asked(name, asked.type)) for name in asked.names}
        open_drafts = [draft for draft in drafts.values() if self._must_ask(draft)]
        if open_drafts:
            self._ask(pair for draft in open_drafts for pair in self._open_questions(draft))
            self._papers.clear()
        for name in asked.names:
            draft = drafts[name]
            yield self._finish(self._draft(name, draft.type) if draft in open_drafts else draft)

    def _draft(self, name: str, qtype: str) -> Draft:
        """The name on paper, with the replies that are there so far.

        Paper is made for the questions that the walk comes to, and no others: each may be a read.
        """
        resolver = resolver_for(qtype, self._scene.seen.resolver)
        used: dict[tuple[str, Question], Exchange] = {}

        def answer(query: Query) -> Answer:
            exchange = self._exchange(query.nameserver, query.question)
            used[query.nameserver, query.question] = exchange
            return exchange.predicted

        lookup = look_up_by(name, qtype, resolver, answer)
        if lookup.source == "files":
            for question in questions_of(name, qtype, resolver):
                exchange = self._exchange(self._scene.servers[0].address, question)
                used[exchange.nameserver, question] = exchange
                if exchange.served and exchange.served.answered:
                    break
        return Draft(name, qtype, self._inputs(name, qtype, lookup, tuple(used.values())))

    def _exchange(self, address: str, question: Question) -> Exchange:
        server = next(each for each in self._scene.servers if each.address == address)
        return Exchange(
            question=question,
            nameserver=address,
            served=self._paper(server, question).served,
            asked=self._replies.get((address, question)),
        )

    def _paper(self, server: DnsServer, question: Question) -> Paper:
        key = server.address, question
        if key not in self._papers:
            self._papers[key] = answer_on_paper(
                question, server, self._scene.client, self._reader, self._replies
            )
        return self._papers[key]

    def _open_questions(self, draft: Draft) -> Iterator[tuple[str, Question]]:
        """All that may be put to a nameserver for this name, and what those send outside."""
        resolver = draft.inputs.resolver
        questions = questions_of(draft.name, draft.type, resolver)
        for server in self._scene.servers:
            for question in questions:
                yield server.address, question
                for each in self._paper(server, question).outside:
                    yield server.address, each

    def _inputs(
        self,
        name: str,
        qtype: str,
        lookup: Lookup | ReverseLookup,
        exchanges: tuple[Exchange, ...],
    ) -> ExplainInputs:
        scene = self._scene
        resolver = resolver_for(qtype, scene.seen.resolver)
        server = next((each.model for each in scene.servers if each.model), None)
        return ExplainInputs(
            name=name,
            type=qtype,
            pod=scene.pod,
            container=scene.container.name,
            resolver=resolver,
            detected=scene.seen.detected,
            lookup=lookup,
            exchanges=exchanges,
            observed=observed_in(scene.probe, name),
            hosts=next(iter(scene.report.containers), None),
            hosts_findings=scene.report.findings,
            server=server,
            cluster_domain=scene.seen.domain.text,
            not_checked=tuple(
                dict.fromkeys(
                    (
                        *scene.seen.missing,
                        *(missed for each in scene.servers for missed in each.not_checked),
                        *(_assumption(each) for each in scene.servers if each.assumed),
                        *self._not_asked,
                    )
                )
            ),
        )

    def _must_ask(self, draft: Draft) -> bool:
        """Whether paper and the C library leave anything open for this name."""
        resolver = draft.inputs.resolver
        if self._look.predict_only or not questions_of(draft.name, draft.type, resolver):
            return False
        if not is_for_libc(draft.name, draft.type):
            return True
        return explain(draft.inputs).verdict is not Agreement.AGREE

    def _ask(self, questions: Iterable[tuple[str, Question]]) -> None:
        told = ask_nameservers(
            self._cluster, self._scene, tuple(dict.fromkeys(questions)), self._look.deadline
        )
        self._replies.update(dict(told.replies))
        self._asked_by = told.by
        self._not_asked = told.not_asked

    def _finish(self, draft: Draft) -> Explanation:
        """The explanation, with what explains the answers that decided."""
        decisive = exchanges_that_matter(draft.inputs)
        observed = draft.inputs.observed
        if draft.inputs.lookup.source == "files" and is_address(draft.name):
            observed = _NAMES_NOT_ASKED
        elif not is_for_libc(draft.name, draft.type):
            observed = self._observed_over_dns(decisive)
        exchanges = tuple(
            replace(each, causes=self._causes(each)) if each in decisive else each
            for each in draft.inputs.exchanges
        )
        return explain(
            replace(
                draft.inputs,
                exchanges=exchanges,
                observed=observed,
                owners=self._owners_of(draft.name) if is_address(draft.name) else None,
                policies=self._policies(exchanges),
            )
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

    def _causes(self, exchange: Exchange) -> tuple[Finding, ...]:
        server = next(each for each in self._scene.servers if each.address == exchange.nameserver)
        return causes_of(exchange, server, self._scene.client, self._reader, self._replies)

    def _owners_of(self, address: str) -> AddressObjects:
        return AddressObjects(
            services=_joined(
                answer_asks(services_at(address), self._reader),
                answer_asks(services_with_external_ip(address), self._reader),
            ),
            slices=answer_asks(slices_at(address), self._reader),
            pods=answer_asks(pods_at(address), self._reader),
            nodes=answer_asks(nodes_at(address), self._reader),
        )

    def _policies(self, exchanges: tuple[Exchange, ...]) -> Seen[NetworkPolicy] | None:
        """The namespace's NetworkPolicies, where a nameserver kept silent."""
        if not any(isinstance(each.asked, NoReply) for each in exchanges):
            return None
        read = Objects("NetworkPolicy", namespace=self._scene.pod.namespace)
        return answer_asks(objects_of(read, NetworkPolicy), self._reader)


def _assumption(server: DnsServer) -> CouldNotLook:
    return CouldNotLook(what="the Corefile of the cluster DNS", why=server.assumed)


def _outcome_of(reply: Reply, records: list[Record]) -> Outcome:
    if records:
        return Outcome.FOUND
    return _OUTCOMES.get(reply.rcode, Outcome.REFUSED)


def _joined(one: Seen[Service], other: Seen[Service]) -> Seen[Service]:
    if isinstance(one, CouldNotLook):
        return one
    return one if isinstance(other, CouldNotLook) else (*one, *other)
