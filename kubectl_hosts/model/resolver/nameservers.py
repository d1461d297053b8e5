"""One candidate asked of the nameservers: in turn, together, or all at once."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import Answer, Question, Rcode, Reply, UnknownReply
from kubectl_hosts.model.resolver.outcome import Heard, Outcome, Rule, hear
from kubectl_hosts.model.resolver.steps import Query, Step
from kubectl_hosts.model.resolver.stub import ServerRule, StubResolver

if TYPE_CHECKING:
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.search import Candidate

# What makes a stub resolver try its next nameserver; res_send.c next_ns, Go exchange loop.
UNUSABLE = frozenset({Outcome.SERVFAIL, Outcome.REFUSED, Outcome.TIMEOUT})

Asking = Generator[Query, Answer, tuple[tuple["Heard", ...], tuple[Step, ...]]]

_LONGEST_LABEL = 63
_LONGEST_NAME = 254
MOVES_ON = Rule("NextNameserver", "no usable reply; the next nameserver is asked")


def ask_candidate(candidate: Candidate, types: tuple[str, ...], resolver: Resolver) -> Asking:
    """Ask CANDIDATE's TYPES; yields each Query, returns what was heard for each type, and steps."""
    questions = tuple(Question(candidate.name, each) for each in types)
    if not _can_be_sent(candidate.name):
        is_sent = resolver.stub.sends_double_dot and candidate.name.endswith("..")
        outcome = Outcome.TIMEOUT if is_sent else Outcome.SKIPPED
        return _without_reply(questions, candidate, outcome)
    return (yield from _ASK[resolver.stub.server_rule](questions, candidate, resolver))


def _can_be_sent(name: str) -> bool:
    """RFC 1035 2.3.4: labels of 1 to 63 octets, 255 in all with their lengths; the root alone."""
    labels = [label.encode("utf-8", "surrogateescape") for label in name[:-1].split(".")]
    fits = len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME
    return name == "." or (fits and all(0 < len(label) <= _LONGEST_LABEL for label in labels))


def _without_reply(
    questions: tuple[Question, ...], candidate: Candidate, outcome: Outcome
) -> tuple[tuple[Heard, ...], tuple[Step, ...]]:
    heard = tuple(Heard(question=each, outcome=outcome) for each in questions)
    return heard, tuple(_step(each, candidate, "") for each in heard)


def _ask_together(
    questions: tuple[Question, ...], candidate: Candidate, resolver: Resolver
) -> Asking:
    """glibc: all questions to one server; the next only when none had a usable reply."""
    steps: tuple[Step, ...] = ()
    heard: tuple[Heard, ...] = ()
    servers = _servers(resolver)
    for server in servers:
        answers: tuple[Heard, ...] = ()
        for question in questions:
            answers += (_hear(question, (yield Query(question, server)), resolver.stub),)
        heard = _worth_keeping(heard, answers)
        is_usable = any(not _moves_on(each, resolver.stub) for each in answers)
        is_over = is_usable or server == servers[-1]
        rule = None if is_over else MOVES_ON
        steps += tuple(_step(each, candidate, server, rule) for each in answers)
        if is_over:
            break
    return heard, steps


def _worth_keeping(before: tuple[Heard, ...], now: tuple[Heard, ...]) -> tuple[Heard, ...]:
    """A SERVFAIL stays in glibc's answer buffer when later servers are silent; res_query.c."""
    return tuple(
        old if old.outcome is Outcome.SERVFAIL and new.outcome is Outcome.TIMEOUT else new
        for old, new in zip(before or now, now, strict=True)
    )


def _ask_each(questions: tuple[Question, ...], candidate: Candidate, resolver: Resolver) -> Asking:
    """Go: each question walks the servers on its own."""
    steps: tuple[Step, ...] = ()
    final: list[Heard] = []
    servers = _servers(resolver)
    for question in questions:
        for server in servers:
            heard = _hear(question, (yield Query(question, server)), resolver.stub)
            is_over = server == servers[-1] or not _moves_on(heard, resolver.stub)
            steps += (_step(heard, candidate, server, None if is_over else MOVES_ON),)
            if is_over:
                final.append(heard)
                break
    return tuple(final), steps


def _ask_all(questions: tuple[Question, ...], candidate: Candidate, resolver: Resolver) -> Asking:
    """musl: every server at once; which is first isn't known, so they must agree to be known."""
    steps: tuple[Step, ...] = ()
    final: list[Heard] = []
    for question in questions:
        replies: list[Heard] = []
        for server in _servers(resolver):
            heard = _hear(question, (yield Query(question, server)), resolver.stub)
            steps += (_step(heard, candidate, server),)
            replies.append(heard)
        final.append(_first_usable(replies))
    return tuple(final), steps


def _first_usable(replies: list[Heard]) -> Heard:
    usable = [each for each in replies if each.outcome not in UNUSABLE]
    if not usable:
        return replies[0]
    first = usable[0]
    sets = {(each.outcome, frozenset(record.data for record in each.records)) for each in usable}
    if len(sets) == 1 or first.outcome is Outcome.UNKNOWN:
        return first
    what = f"which nameserver answers first for {first.question.name} {first.question.type}"
    return replace(first, outcome=Outcome.UNKNOWN, unknown=what, answer=UnknownReply(what))


_ASK = {
    ServerRule.TOGETHER: _ask_together,
    ServerRule.EACH: _ask_each,
    ServerRule.ALL_AT_ONCE: _ask_all,
}


def _servers(resolver: Resolver) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.text for each in resolver.resolv_conf.nameservers))


def _hear(question: Question, answer: Answer, stub: StubResolver) -> Heard:
    return hear(question, answer, stub)


def _moves_on(heard: Heard, stub: StubResolver) -> bool:
    """FORMERR is final to glibc, every other refusal is not; cluster-dns.md 5.1 "nameservers"."""
    is_formerr = isinstance(heard.answer, Reply) and heard.answer.rcode is Rcode.FORMERR
    return heard.outcome in UNUSABLE and not (is_formerr and stub.checks_owner)


_PENDING = Rule("Asked", "the question was asked")


def _step(heard: Heard, candidate: Candidate, server: str, rule: Rule | None = None) -> Step:
    answer = heard.answer
    return Step(
        source="dns",
        name=candidate.name,
        type=heard.question.type,
        server=server,
        outcome=heard.outcome,
        suffix=candidate.suffix.text if candidate.suffix else None,
        records=answer.answer if isinstance(answer, Reply) else (),
        origin=answer.origin if isinstance(answer, (Reply, UnknownReply)) else None,
        rule=rule or _PENDING,
    )
