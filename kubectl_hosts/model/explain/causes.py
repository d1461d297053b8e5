"""Which causes of the cluster's DNS bear on the name: those of the candidates that matter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.explain.inputs import Exchange, ExplainInputs
    from kubectl_hosts.model.explanation import ExplainedStep, Predicted

# What is wrong with the server bears on every name.
_OF_THE_SERVER = frozenset({Reason.COREFILE_BROKEN, Reason.COREDNS_NOT_SYNCED, Reason.PLUGIN_TWICE})
# A pod's own name is answered by its own file: what keeps others from finding it still counts.
_OF_OWN_NAME = frozenset(
    {
        Reason.SUBDOMAIN_WITHOUT_SERVICE,
        Reason.ENDPOINT_MISSING,
        Reason.POD_NAME_NOT_IN_DNS,
        Reason.NO_READY_ENDPOINTS,
    }
)


def relevant_causes(
    inputs: ExplainInputs,
    steps: tuple[ExplainedStep, ...],
    predicted: Predicted,
    decisive: ExplainedStep | None,
) -> tuple[Finding, ...]:
    """The causes that `find_causes` gave for the questions that decided, each once."""
    every = tuple(each for exchange in inputs.exchanges for each in exchange.causes)
    of_server = (each for each in every if each.reason in _OF_THE_SERVER)
    return tuple(dict.fromkeys((*_of_name(inputs, steps, predicted, decisive), *of_server)))


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


def _of_name(
    inputs: ExplainInputs,
    steps: tuple[ExplainedStep, ...],
    predicted: Predicted,
    decisive: ExplainedStep | None,
) -> Iterator[Finding]:
    if predicted.source == "files":
        origin = predicted.origin
        if origin is not None and origin.kind is OriginKind.POD_IP:
            yield from _of_own_name(inputs)
    elif predicted.outcome is Outcome.FOUND:
        found = (each for each in steps if each.outcome is Outcome.FOUND)
        asked = (inputs.exchange(Question(each.name, each.type), each.server) for each in found)
        yield from _causes(each for each in asked if each)
    else:
        yield from _of_failure(inputs, decisive)


def _of_own_name(inputs: ExplainInputs) -> Iterator[Finding]:
    for each in _causes(_meant(inputs)):
        if each.reason in _OF_OWN_NAME:
            is_alone = each.reason is Reason.POD_NAME_NOT_IN_DNS
            yield replace(each, severity=Severity.INFO if is_alone else Severity.WARNING)


def _of_failure(inputs: ExplainInputs, decisive: ExplainedStep | None) -> Iterator[Finding]:
    last = None
    if decisive is not None and decisive.outcome not in {Outcome.NXDOMAIN, Outcome.NODATA}:
        last = inputs.exchange(Question(decisive.name, decisive.type), decisive.server)
    yield from _causes((*_meant(inputs), *((last,) if last else ())))


def _meant(inputs: ExplainInputs) -> tuple[Exchange, ...]:
    return tuple(
        each
        for name in inputs.why.meant
        for each in inputs.exchanges
        if each.question.name.lower() == name
    )


def _causes(exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    # One reason once: A and AAAA mostly have the same cause.
    seen: set[Reason] = set()
    for exchange in exchanges:
        fresh = tuple(each for each in exchange.causes if each.reason not in seen)
        yield from fresh
        seen.update(each.reason for each in fresh)
