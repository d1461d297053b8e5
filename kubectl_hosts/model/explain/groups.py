"""Pods grouped by what a name resolves to in them, and what sets the odd ones apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.explain.agreement import plain
from kubectl_hosts.model.explain.words import listed
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubectl_hosts.model.explanation import Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGroup:
    """The pods that get one answer.

    values are the addresses (or the records' data), sorted; differs says in what these pods
    differ from the largest group, "" for that one, and where nothing that is known differs.
    """

    outcome: Outcome
    values: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    differs: str = ""


def group_by_answer(explanations: Sequence[Explanation]) -> tuple[AnswerGroup, ...]:
    """The groups for one name, the largest first; where two are equal, the first pod's first."""
    found: dict[tuple[Outcome, tuple[str, ...]], list[Explanation]] = {}
    for each in explanations:
        found.setdefault(_key(each), []).append(each)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    usual = tuple(ordered[0][1]) if ordered else ()
    return tuple(
        AnswerGroup(
            outcome=outcome,
            values=values,
            explanations=tuple(members),
            differs=_difference(tuple(members), usual),
        )
        for (outcome, values), members in ordered
    )


def _key(explanation: Explanation) -> tuple[Outcome, tuple[str, ...]]:
    answer = explanation.answer
    return answer.outcome, tuple(sorted(set(plain(answer.addresses)) or set(answer.data)))


def _hosts_line(explanation: Explanation) -> str:
    origin, source = explanation.predicted.origin, explanation.predicted.source
    if source != "files" or origin is None:
        return "no hosts line"
    places = {OriginKind.HOST_ALIAS: origin.field.removeprefix("spec.")}
    lines = ", ".join(str(line.number) for step in explanation.steps for line in step.lines)
    return places.get(origin.kind) or f"line {lines} of the hosts file ({origin.kind.value})"


# What can set a pod apart, the likeliest to decide first; each as words that stand alone.
_TRAITS: tuple[Callable[[Explanation], str], ...] = (
    _hosts_line,
    lambda each: f"C library {each.resolver.libc.value} {each.resolver.version}".rstrip(),
    lambda each: f"dnsPolicy {each.dns_policy}",
    lambda each: "hostNetwork" if each.host_network else "no hostNetwork",
    lambda each: f"nameserver {', '.join(each.resolver.nameservers) or 'none'}",
    lambda each: f"search list {', '.join(each.resolver.search_list) or 'empty'}",
    lambda each: f"ndots {each.resolver.ndots}",
    lambda each: f"sources {', '.join(each.resolver.sources)}",
    lambda each: f"namespace {each.namespace}",
    lambda each: f"image {each.image}",
)


def _difference(members: tuple[Explanation, ...], usual: tuple[Explanation, ...]) -> str:
    """The first trait that all MEMBERS share and none of the USUAL pods has."""
    if members == usual:
        return ""
    for trait in _TRAITS:
        own = {trait(each) for each in members}
        others = {trait(each) for each in usual}
        if len(own) == 1 and not own & others:
            theirs = f", elsewhere {listed(others)}" if len(others) == 1 else ""
            return f"{own.pop()}{theirs}"
    return ""


def summarize(groups: Sequence[AnswerGroup]) -> str:
    """The first line: what most pods get, and each outlier with its cause."""
    total = sum(len(each.explanations) for each in groups)
    name = groups[0].explanations[0].name
    if len(groups) == 1:
        return f"{name} {_answer(groups[0])} in all {total} pods"
    first, *others = groups
    # `to 10.1.2.3 in web-1` goes on where the first says `resolves to`.
    others.sort(key=lambda each: not each.values)
    odd = "; ".join(_outlier(each, goes_on=bool(first.values)) for each in others[:3])
    more = f"; and {len(others) - 3} more answers" if len(others) > 3 else ""
    count = f"{len(first.explanations)} of {total} pods"
    return f"{name} {_answer(first)} in {count}; {odd}{more}"


def _answer(group: AnswerGroup, *, goes_on: bool = False) -> str:
    if group.values:
        return f"{'' if goes_on else 'resolves '}to {listed(group.values)}"
    return _NOTHING.get(group.outcome, "does not resolve")


_NOTHING = {
    Outcome.UNKNOWN: "is not known",
    Outcome.TIMEOUT: "gets no answer",
    Outcome.SERVFAIL: "fails to resolve",
    Outcome.REFUSED: "fails to resolve",
    Outcome.MALFORMED: "fails to resolve",
}


def _outlier(group: AnswerGroup, *, goes_on: bool) -> str:
    pods = listed(f"{each.namespace}/{each.pod}" for each in group.explanations)
    cause = f" ({group.differs})" if group.differs else ""
    return f"{_answer(group, goes_on=goes_on)} in {pods}{cause}"
