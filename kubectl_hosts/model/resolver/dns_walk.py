"""The `dns` service: candidates, nameservers and both families, until a rule ends the search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.dns import Answer, Reply, follow_aliases
from kubectl_hosts.model.resolver.nameservers import MOVES_ON, UNUSABLE, ask_candidate
from kubectl_hosts.model.resolver.outcome import (
    After,
    Consequence,
    Heard,
    Outcome,
    ResolverError,
    Rule,
)
from kubectl_hosts.model.resolver.search import Candidate, candidate_names
from kubectl_hosts.model.resolver.stub import FamilyRule, ServerRule, StubResolver

if TYPE_CHECKING:
    from collections.abc import Generator

    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.steps import Query, Step

_TYPES = {Family.UNSPEC: ("A", "AAAA"), Family.INET: ("A",), Family.INET6: ("AAAA",)}

# Worst last: what a candidate comes to when no family has an address. res_query.c
# __res_context_query judges an answer section first, then NXDOMAIN [measured].
_BEST_FIRST = (
    Outcome.FOUND,
    Outcome.UNKNOWN,
    Outcome.ALIAS_ALONE,
    Outcome.NXDOMAIN,
    Outcome.NODATA,
    Outcome.SERVFAIL,
    Outcome.REFUSED,
    Outcome.TIMEOUT,
    Outcome.SKIPPED,
)
_GLIBC_WAITS_FOR_A = Consequence(
    After.STOP,
    Rule("GlibcStopsWithoutA", "glibc gives up when A stays unanswered, though AAAA was answered"),
    ResolverError.EAI_AGAIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsResult:
    """What the dns service reports."""

    outcome: Outcome
    addresses: tuple[str, ...] = ()
    canonical_name: str = ""
    error: ResolverError | None = None
    steps: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    candidate: Candidate
    heard: tuple[Heard, ...]
    outcome: Outcome
    consequence: Consequence


def query_types(resolver: Resolver) -> tuple[str, ...]:
    """The types asked for the program's family; `options no-aaaa` leaves AAAA out (glibc 2.36)."""
    types = _TYPES[resolver.families.effective]
    if resolver.stub.knows_no_aaaa and resolver.resolv_conf.has_option("no-aaaa"):
        return tuple(each for each in types if each != "AAAA") or types
    return types


def walk_dns(
    name: str, resolver: Resolver, types: tuple[str, ...]
) -> Generator[Query, Answer, DnsResult]:
    """Ask the candidates of NAME in order; yields each Query and is sent its Answer.

    Sources of the rules: the rows in libc.py.
    """
    stub = resolver.stub
    candidates = list(candidate_names(name, resolver.resolv_conf, stub))
    judged: list[_Judged] = []
    steps: tuple[Step, ...] = ()
    while candidates:
        candidate = candidates.pop(0)
        heard, taken = yield from ask_candidate(candidate, types, resolver)
        this = _judge(candidate, heard, stub)
        judged.append(this)
        steps += tuple(_with_rule(step, this.consequence.rule) for step in taken)
        after = this.consequence.after
        if after is After.ABSOLUTE:
            candidates = [each for each in candidates if each.suffix is None] or (
                candidates if candidate.suffix is None else []
            )
        elif after is not After.NEXT:
            return _ended(this, steps)
    return _exhausted(judged, steps, stub)


def _with_rule(step: Step, rule: Rule) -> Step:
    return step if step.rule is MOVES_ON else replace(step, rule=rule)


def _judge(candidate: Candidate, heard: tuple[Heard, ...], stub: StubResolver) -> _Judged:
    outcome = _COMBINE[stub.family_rule](heard)
    consequence = stub.consequences[outcome]
    a_is_silent = heard[0].question.type == "A" and heard[0].outcome is Outcome.TIMEOUT
    if outcome is Outcome.FOUND and a_is_silent and stub.server_rule is ServerRule.TOGETHER:
        outcome, consequence = Outcome.TIMEOUT, _GLIBC_WAITS_FOR_A
    return _Judged(candidate, heard, outcome, consequence)


def _any_hit(heard: tuple[Heard, ...]) -> Outcome:
    return min((each.outcome for each in heard), key=_BEST_FIRST.index)


def _a_then_aaaa(heard: tuple[Heard, ...]) -> Outcome:
    """lookup_name.c name_from_dns: the first reply that fails decides, A before AAAA."""
    failing = (Outcome.UNKNOWN, Outcome.NXDOMAIN, Outcome.SKIPPED, *UNUSABLE)
    first = next((each.outcome for each in heard if each.outcome in failing), None)
    return first or _any_hit(heard)


def _any_hit_else_a(heard: tuple[Heard, ...]) -> Outcome:
    best = _any_hit(heard)
    return best if best in {Outcome.FOUND, Outcome.UNKNOWN} else heard[0].outcome


_COMBINE = {
    FamilyRule.ANY_HIT: _any_hit,
    FamilyRule.A_THEN_AAAA: _a_then_aaaa,
    FamilyRule.ANY_HIT_ELSE_A: _any_hit_else_a,
}


def _ended(judged: _Judged, steps: tuple[Step, ...]) -> DnsResult:
    found = judged.outcome is Outcome.FOUND
    records = tuple(record for each in judged.heard for record in each.records) if found else ()
    return DnsResult(
        outcome=judged.outcome,
        addresses=tuple(record.data for record in records),
        canonical_name=_canonical_name(judged) if found else "",
        error=judged.consequence.error,
        steps=steps,
        unknown=tuple(dict.fromkeys(each.unknown for each in judged.heard if each.unknown)),
    )


def _canonical_name(judged: _Judged) -> str:
    hit = next(each for each in judged.heard if each.outcome is Outcome.FOUND)
    answer = hit.answer.answer if isinstance(hit.answer, Reply) else ()
    return follow_aliases(hit.question, answer)[-1].removesuffix(".")


def _exhausted(judged: list[_Judged], steps: tuple[Step, ...], stub: StubResolver) -> DnsResult:
    """The final error of a failed list; cluster-dns.md 5.1 "final error of a failed list"."""
    absolute = next((each for each in judged if each.candidate.is_absolute), None)
    outcome = absolute.outcome if absolute else Outcome.NXDOMAIN
    seen = {each.outcome for each in judged}
    if stub.remembers_failures and absolute is not (judged[0] if judged else None):
        remembered = (each for each in (Outcome.NODATA, Outcome.SERVFAIL) if each in seen)
        outcome = next(remembered, outcome)
    error = stub.errors.get(outcome) or stub.errors[Outcome.NXDOMAIN]
    return DnsResult(outcome=outcome, error=error, steps=steps)
