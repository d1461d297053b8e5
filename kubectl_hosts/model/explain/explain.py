"""One name in one container explained: prediction, observation, how they compare, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explain.agreement import compare
from kubectl_hosts.model.explain.steps import explain_steps
from kubectl_hosts.model.explanation import ExplainedStep, Explanation, Predicted, ResolverUsed
from kubectl_hosts.model.resolver.lookup import services_asked
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.resolver.reverse import ReverseLookup

if TYPE_CHECKING:
    from kubectl_hosts.model.explain.inputs import ExplainInputs

_ADDRESS_TYPES = frozenset({"", "A", "AAAA"})


def explain(inputs: ExplainInputs) -> Explanation:
    """Why the name resolves to that in the container; see ExplainInputs for what goes in."""
    steps = explain_steps(inputs)
    predicted = _predicted(inputs, steps)
    verdict = compare(inputs.name, predicted, inputs.observed, inputs.pod.pod_ips)
    return Explanation(
        name=inputs.name,
        type=inputs.type,
        namespace=inputs.pod.namespace,
        pod=inputs.pod.name,
        container=inputs.container,
        headline="",
        resolver=_resolver_used(inputs),
        predicted=predicted,
        observed=inputs.observed,
        verdict=verdict,
        steps=steps,
        not_checked=inputs.not_checked,
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


def _predicted(inputs: ExplainInputs, steps: tuple[ExplainedStep, ...]) -> Predicted:
    lookup = inputs.lookup
    decisive = decisive_step(steps, lookup.outcome)
    origin = decisive.origin if decisive else None
    if isinstance(lookup, ReverseLookup):
        return Predicted(
            outcome=lookup.outcome,
            source=lookup.source,
            data=lookup.names,
            origin=origin,
            unknown=lookup.unknown,
        )
    is_about_addresses = inputs.type in _ADDRESS_TYPES
    return Predicted(
        outcome=lookup.outcome,
        source=lookup.source,
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
