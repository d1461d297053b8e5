"""One name in one container explained: prediction, observation, how they compare, what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.agreement import compare
from kubectl_hosts.model.explain.case import ExplainCase, find_shadowed
from kubectl_hosts.model.explain.causes import relevant_causes
from kubectl_hosts.model.explain.findings import find_notes, find_what_is_wrong
from kubectl_hosts.model.explain.headline import headline
from kubectl_hosts.model.explain.owners import find_owners, headline_of_address, unread_owners
from kubectl_hosts.model.explain.steps import explain_steps
from kubectl_hosts.model.explain.to_come import ToCome, case_in_words, with_words
from kubectl_hosts.model.explanation import ExplainedStep, Explanation, Predicted, ResolverUsed
from kubectl_hosts.model.resolver.lookup import ReverseLookup, services_asked
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from kubectl_hosts.model.explain.inputs import ExplainInputs
    from kubectl_hosts.model.resolver.outcome import Lookup

_ADDRESS_TYPES = frozenset({"", "A", "AAAA"})


def explain(inputs: ExplainInputs) -> Explanation:
    """Why the name resolves to that in the container; see ExplainInputs for what goes in.

    Raises BadInput for an object with a field of the wrong type.
    """
    case = conclude(_comparable(inputs))
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
        headline=headline_of_address(said, owners) if inputs.owners else headline(said, findings),
        resolver=_resolver_used(inputs),
        predicted=case.predicted,
        observed=case.observed,
        verdict=case.verdict,
        steps=case.steps,
        shadowed=case.shadowed,
        owners=tuple(each.origin for each in owners),
        findings=findings,
        not_checked=tuple(dict.fromkeys((*inputs.not_checked, *unread_owners(inputs)))),
        notes=find_notes(case),
        fix=inputs.why.fixes[0].sentence if inputs.why.fixes else "",
        cause=inputs.why.cause,
        fixes=inputs.why.fixes,
    )
    return with_words(explanation, to_come) if to_come else explanation


def _comparable(inputs: ExplainInputs) -> ExplainInputs:
    """INPUTS without an observation that is of something else than what was predicted.

    The name of an address is asked of a DNS server alone; where the hosts file has it, a program
    never comes to that.
    """
    lookup = inputs.lookup
    if not isinstance(lookup, ReverseLookup) or lookup.source != "files":
        return inputs
    return replace(inputs, observed=_ONLY_DNS)


_ONLY_DNS = CouldNotLook(
    what="the C library's own name for the address",
    why="only DNS was asked, and the hosts file comes before it",
)


def conclude(inputs: ExplainInputs) -> ExplainCase:
    """What follows from the inputs, before it is put into words."""
    steps = explain_steps(inputs)
    decisive = decisive_step(steps, inputs.lookup.outcome)
    predicted = predicted_of(inputs.type, inputs.lookup, decisive)
    return ExplainCase(
        inputs=inputs,
        steps=steps,
        predicted=predicted,
        verdict=compare(inputs.name, predicted, inputs.observed, inputs.pod.pod_ips),
        decisive=decisive,
        shadowed=find_shadowed(inputs),
        causes=relevant_causes(inputs, steps, predicted, decisive),
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


def predicted_of(
    qtype: str, lookup: Lookup | ReverseLookup, decisive: ExplainedStep | None = None
) -> Predicted:
    """The prediction that a walk came to; its origin is that of the DECISIVE step."""
    origin = decisive.origin if decisive else None
    if isinstance(lookup, ReverseLookup):
        return Predicted(
            outcome=lookup.outcome,
            source=str(lookup.source),
            data=lookup.names,
            origin=origin,
            unknown=lookup.unknown,
        )
    is_about_addresses = qtype in _ADDRESS_TYPES
    return Predicted(
        outcome=lookup.outcome,
        source=str(lookup.source),
        addresses=lookup.addresses if is_about_addresses else (),
        data=() if is_about_addresses else lookup.addresses,
        canonical_name=lookup.canonical_name,
        origin=origin,
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
