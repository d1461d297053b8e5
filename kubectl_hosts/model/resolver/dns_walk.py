"""The `dns` source: the candidates of the search list, the nameservers, and both families.

A name becomes candidates (`search` and `ndots` in resolv.conf(5)). Each is asked of the
nameservers for each family, in turn, together, or all at once. What comes back is judged by the
resolver's row (libc.py), whose rules say whether the search goes on. The walk yields each Query
and is sent its Answer: it asks, and never fetches.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.dns import (
    Answer,
    NoReply,
    Question,
    Rcode,
    Record,
    RecordType,
    Reply,
    UnknownReply,
    follow_aliases,
    same_name,
)
from kubectl_hosts.model.resolver.libc import (
    FamilyRule,
    Libc,
    SearchRule,
    ServerRule,
    StubResolver,
)
from kubectl_hosts.model.resolver.outcome import (
    After,
    Consequence,
    Lookup,
    Outcome,
    Query,
    ResolverError,
    Rule,
    RuleId,
    Source,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConf, Setting


class Candidate(Struct, frozen=True):
    """An absolute name to ask; suffix is the search domain it was made with, None for the name."""

    name: str
    suffix: Setting | None = None

    @property
    def is_absolute(self) -> bool:
        """Whether it is the name as asked, be it by way of a search domain `.`."""
        is_root = self.suffix is not None and self.suffix.text == "."
        return self.suffix is None or (is_root and not self.name.endswith(".."))


def candidate_names(name: str, conf: ResolvConf, stub: StubResolver) -> tuple[Candidate, ...]:
    """The candidates STUB asks for NAME, in order; a final dot ends the search (resolv.conf(5))."""
    has_ndots = name.count(".") >= conf.ndots
    ordered = _ordered(name, conf.search, has_ndots, stub.search_rule, stub.joins_root)
    if stub.libc not in _LEAVE_OUT:
        return ordered
    return tuple([each for each in ordered if _is_asked(each, name, stub)])


_LEAVE_OUT = (Libc.GO, Libc.MUSL)


@lru_cache(maxsize=8)  # most C libraries that a container may have ask alike
def _ordered(
    name: str,
    search: tuple[Setting, ...],
    has_ndots: bool,  # noqa: FBT001  lru_cache is quick with positions alone
    rule: SearchRule,
    joins_root: bool,  # noqa: FBT001
) -> tuple[Candidate, ...]:
    if name.endswith("."):
        return (Candidate(name),)
    absolute = Candidate(f"{name}.")
    searched = tuple(
        Candidate(f"{name}..", each)
        if joins_root and each.text == "."
        else Candidate(_join(name, each.text), each)
        for each in search
    )
    match rule:
        case SearchRule.LIST_ALWAYS:
            ordered = (absolute, *searched) if has_ndots else (*searched, absolute)
        case SearchRule.LIST_BELOW_NDOTS:
            ordered = (absolute,) if has_ndots else (*searched, absolute)
        case SearchRule.NO_LIST:
            ordered = (absolute,)
    return _without_repetition(ordered)


def _join(name: str, suffix: str) -> str:
    return f"{name}." if suffix == "." else f"{name}.{suffix.removesuffix('.')}."


def _without_repetition(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A search domain `.` asks the absolute name, but once: res_query.c root_on_list."""
    absolute = [each for each in candidates if each.is_absolute]
    if len(absolute) == 1:
        return candidates
    return tuple(each for each in candidates if each not in absolute[1:])


def _is_asked(candidate: Candidate, name: str, stub: StubResolver) -> bool:
    """Go leaves out what is too long or `.onion` (nameList); musl a suffix that does not fit."""
    if stub.libc is Libc.GO:
        length = len(candidate.name.removesuffix(".").encode("utf-8", "surrogateescape"))
        return length <= stub.longest_name and not candidate.name.endswith(".onion.")
    if stub.libc is Libc.MUSL and candidate.suffix is not None:
        # name_from_dns_search: `z-p < 256 - l - 1`
        return len(candidate.suffix.text) < 255 - len(name.encode("utf-8", "surrogateescape"))
    return True


class FinalAnswer(Struct, frozen=True, kw_only=True):
    """One question's final answer: its outcome, the addresses in it, and what isn't known."""

    question: Question
    outcome: Outcome
    answer: Answer | None = None
    records: tuple[Record, ...] = ()
    """The records of the type asked that the resolver takes."""
    unknown: str = ""


_ADDRESS_TYPES = frozenset({RecordType.A, RecordType.AAAA})
_BY_RCODE = {Rcode.NXDOMAIN: Outcome.NXDOMAIN, Rcode.SERVFAIL: Outcome.SERVFAIL}


def hear(question: Question, answer: Answer, stub: StubResolver) -> FinalAnswer:
    """What an answer means to a stub resolver with these rules."""
    match answer:
        case Reply():
            records = _taken(question, answer, stub) if answer.answer else ()
            outcome = _reply_outcome(answer, records, knows_lame=stub.knows_lame)
            return FinalAnswer(question=question, outcome=outcome, answer=answer, records=records)
        case NoReply():
            return FinalAnswer(question=question, outcome=Outcome.TIMEOUT, answer=answer)
        case UnknownReply(what):
            return FinalAnswer(
                question=question, outcome=Outcome.UNKNOWN, answer=answer, unknown=what
            )


def _taken(question: Question, reply: Reply, stub: StubResolver) -> tuple[Record, ...]:
    if reply.rcode is not Rcode.NOERROR:
        return ()
    # RFC 1034 3.6.2: a question for the alias itself is not led on by it.
    is_alias_asked = question.type == RecordType.CNAME
    owner = question.name if is_alias_asked else follow_aliases(question, reply.answer)[-1]
    of_type = tuple(record for record in reply.answer if record.type == question.type)
    if question.type in _ADDRESS_TYPES and not stub.readable_name.fullmatch(question.name):
        return ()
    if not stub.checks_owner:
        return of_type
    return tuple(record for record in of_type if same_name(record.name, owner))


def _reply_outcome(reply: Reply, records: tuple[Record, ...], *, knows_lame: bool) -> Outcome:
    if reply.rcode is not Rcode.NOERROR:
        return _BY_RCODE.get(reply.rcode, Outcome.REFUSED)
    if records:
        return Outcome.FOUND
    if reply.answer:
        return Outcome.ALIAS_ALONE
    return Outcome.REFUSED if knows_lame and reply.is_lame else Outcome.NODATA


# What makes a stub resolver try its next nameserver; res_send.c next_ns, Go exchange loop.
UNUSABLE = frozenset({Outcome.SERVFAIL, Outcome.REFUSED, Outcome.TIMEOUT})

Taken = tuple[FinalAnswer, str, Rule | None]
"""What is known of a step: the answer, its server, its rule where that is not the candidate's."""
QueryWalk = Generator[Query, Answer, tuple[tuple[FinalAnswer, ...], tuple[Taken, ...]]]

_LONGEST_LABEL = 63
_LONGEST_NAME = 254
MOVES_ON = Rule(RuleId.NEXT_NAMESERVER, "no usable reply; the next nameserver is asked")


def _ask_candidate(
    candidate: Candidate, types: tuple[str, ...], servers: tuple[str, ...], stub: StubResolver
) -> QueryWalk:
    """Ask CANDIDATE's TYPES; yields each Query, returns what was heard for each type, and steps."""
    questions = [Question(candidate.name, each) for each in types]
    if not _can_be_sent(candidate.name):
        is_sent = stub.sends_double_dot and candidate.name.endswith("..")
        outcome = Outcome.MALFORMED if is_sent else Outcome.SKIPPED
        return _without_reply(questions, outcome)
    return _ASK[stub.server_rule](questions, servers, stub)


@lru_cache(maxsize=256)  # each C library asks the same names
def _can_be_sent(name: str) -> bool:
    """RFC 1035 2.3.4: labels of 1 to 63 octets, 255 in all with their lengths; the root alone."""
    octets = name.encode("utf-8", "surrogateescape")
    lengths = [*map(len, octets[:-1].split(b"."))]
    fits = len(octets) <= _LONGEST_NAME and max(lengths) <= _LONGEST_LABEL
    return name == "." or (fits and min(lengths) > 0)


def _without_reply(questions: list[Question], outcome: Outcome) -> QueryWalk:
    yield from ()
    heard = tuple(FinalAnswer(question=each, outcome=outcome) for each in questions)
    return heard, tuple((each, "", None) for each in heard)


def _ask_together(
    questions: list[Question], servers: tuple[str, ...], stub: StubResolver
) -> QueryWalk:
    """glibc: all questions to one server; the next only when none had a usable reply."""
    steps: tuple[Taken, ...] = ()
    heard: tuple[FinalAnswer, ...] = ()
    for server in servers:
        answers: tuple[FinalAnswer, ...] = ()
        for question in questions:
            answers += (hear(question, (yield Query(question, server)), stub),)
        heard = _worth_keeping(heard, answers) if heard else answers
        is_over = server == servers[-1] or not all(_moves_on(each, stub) for each in answers)
        rule = None if is_over else MOVES_ON
        steps += tuple([(each, server, rule) for each in answers])
        if is_over:
            break
    return heard, steps


def _worth_keeping(
    before: tuple[FinalAnswer, ...], now: tuple[FinalAnswer, ...]
) -> tuple[FinalAnswer, ...]:
    """A SERVFAIL stays in glibc's answer buffer when later servers are silent; res_query.c."""
    return tuple(
        old if old.outcome is Outcome.SERVFAIL and new.outcome is Outcome.TIMEOUT else new
        for old, new in zip(before, now, strict=True)
    )


def _ask_each(questions: list[Question], servers: tuple[str, ...], stub: StubResolver) -> QueryWalk:
    """Go: each question walks the servers on its own."""
    steps: tuple[Taken, ...] = ()
    final: list[FinalAnswer] = []
    for question in questions:
        for server in servers:
            heard = hear(question, (yield Query(question, server)), stub)
            is_over = server == servers[-1] or not _moves_on(heard, stub)
            steps += ((heard, server, None if is_over else MOVES_ON),)
            if is_over:
                final.append(heard)
                break
    return tuple(final), steps


def _ask_all(questions: list[Question], servers: tuple[str, ...], stub: StubResolver) -> QueryWalk:
    """musl: every server at once; which is first isn't known, so they must agree to be known."""
    steps: tuple[Taken, ...] = ()
    final: list[FinalAnswer] = []
    for question in questions:
        replies: list[FinalAnswer] = []
        for server in servers:
            heard = hear(question, (yield Query(question, server)), stub)
            steps += ((heard, server, None),)
            replies.append(heard)
        final.append(_first_usable(replies))
    return tuple(final), steps


def _first_usable(replies: list[FinalAnswer]) -> FinalAnswer:
    usable = [each for each in replies if each.outcome not in UNUSABLE]
    if not usable:
        return replies[0]
    first = usable[0]
    if len(usable) == 1:
        return first
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


def _moves_on(heard: FinalAnswer, stub: StubResolver) -> bool:
    """FORMERR is final to glibc, every other refusal is not; cluster-dns.md 5.1 "nameservers"."""
    is_formerr = isinstance(heard.answer, Reply) and heard.answer.rcode is Rcode.FORMERR
    return heard.outcome in UNUSABLE and not (is_formerr and stub.checks_owner)


def _step(candidate: Candidate, taken: Taken, of_candidate: Rule) -> Step:
    """The step of one answer, whose rule the whole candidate decides where it has none."""
    heard, server, rule = taken
    answer = heard.answer
    return Step(
        source=Source.DNS,
        name=candidate.name,
        type=heard.question.type,
        server=server,
        outcome=heard.outcome,
        suffix=candidate.suffix.text if candidate.suffix else None,
        records=answer.answer if isinstance(answer, Reply) else (),
        origin=None if answer is None or isinstance(answer, NoReply) else answer.origin,
        rule=rule or of_candidate,
    )


_TYPES = {
    Family.UNSPEC: (RecordType.A, RecordType.AAAA),
    Family.INET: (RecordType.A,),
    Family.INET6: (RecordType.AAAA,),
}

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
    Outcome.MALFORMED,
    Outcome.SKIPPED,
)
_ASSUMED_ABSENT = Consequence(
    After.NEXT,
    Rule(
        RuleId.ASSUMED_ABSENT,
        "this search domain was not read; the name is assumed not to be there, and the next is "
        "asked",
    ),
)
_GLIBC_WAITS_FOR_A = Consequence(
    After.STOP,
    Rule(
        RuleId.GLIBC_STOPS_WITHOUT_A,
        "glibc gives up when A stays unanswered, though AAAA was answered",
    ),
    ResolverError.EAI_AGAIN,
)


class _Judged(Struct, frozen=True):
    candidate: Candidate
    heard: tuple[FinalAnswer, ...]
    outcome: Outcome
    consequence: Consequence


def query_types(resolver: Resolver) -> tuple[str, ...]:
    """The types asked for the program's family; `options no-aaaa` leaves AAAA out (glibc 2.36)."""
    types = _TYPES[resolver.families.effective]
    if resolver.stub.knows_no_aaaa and resolver.resolv_conf.has_option("no-aaaa"):
        return tuple(each for each in types if each is not RecordType.AAAA) or types
    return types


def walk_dns(
    name: str, resolver: Resolver, types: tuple[str, ...]
) -> Generator[Query, Answer, Lookup]:
    """Ask the candidates of NAME in order; yields each Query and is sent its Answer.

    Sources of the rules: the rows in libc.py.
    """
    stub = resolver.stub
    servers = _servers(resolver)
    candidates = list(candidate_names(name, resolver.resolv_conf, stub))
    judged: list[_Judged] = []
    steps: tuple[Step, ...] = ()
    while candidates:
        candidate = candidates.pop(0)
        heard, taken = yield from _ask_candidate(candidate, types, servers, stub)
        this = _judge(candidate, heard, stub)
        judged.append(this)
        steps += tuple([_step(candidate, each, this.consequence.rule) for each in taken])
        after = this.consequence.after
        if after is After.ABSOLUTE:
            candidates = [each for each in candidates if each.suffix is None] or (
                candidates if candidate.suffix is None else []
            )
        elif after is not After.NEXT:
            return _ended(name, this, steps)
    return _exhausted(name, judged, steps, stub)


def all_walk_alike(
    name: str,
    steps: tuple[Step, ...],
    one: Resolver,
    others: tuple[Resolver, ...],
    answer: Callable[[Query], Answer],
) -> bool:
    """Whether STEPS, ONE's for NAME, are those of OTHERS too, but for the rules that they follow.

    Rules on several nameservers, and on other answers than plain ones, need a walk of their own.
    """
    servers, types = _servers(one), query_types(one)
    candidates = candidate_names(name, one.resolv_conf, one.stub)
    stubs = (one.stub, *(each.stub for each in others))
    return (
        len(servers) == 1
        and all(
            (_servers(each), query_types(each)) == (servers, types)
            and candidate_names(name, each.resolv_conf, each.stub) == candidates
            for each in others
        )
        and all(_is_plain(each, stubs, answer) for each in steps)
        and all(
            _follow_alike(tuple([each.outcome for each in steps[at : at + len(types)]]), stubs)
            for at in range(0, len(steps), len(types))
        )
    )


def _is_plain(step: Step, stubs: Iterable[StubResolver], answer: Callable[[Query], Answer]) -> bool:
    """Whether the answer of STEP is one that all of STUBS hear alike (`hear`)."""
    match step.outcome:
        case Outcome.NXDOMAIN:
            return True
        case Outcome.NODATA:
            reply = answer(Query(Question(step.name, step.type), step.server))
            return isinstance(reply, Reply) and not reply.is_lame
        case Outcome.FOUND:
            return all(
                each.name == step.name and each.type == step.type for each in step.records
            ) and all(each.readable_name.fullmatch(step.name) for each in stubs)
        case _:
            return False


@lru_cache(maxsize=256)
def _follow_alike(outcomes: tuple[Outcome, ...], stubs: tuple[StubResolver, ...]) -> bool:
    """Whether a candidate with such answers ends the walk of all STUBS as a hit, or of none."""
    drawn = [_drawn(outcomes, each) for each in stubs]
    moves = {(outcome, consequence.after) for outcome, consequence in drawn}
    return len(moves) == 1 and drawn[0][0] in {Outcome.FOUND, Outcome.NXDOMAIN}


@lru_cache(maxsize=1024)
def _drawn(outcomes: tuple[Outcome, ...], stub: StubResolver) -> tuple[Outcome, Consequence]:
    """What the answers to the types of one candidate come to, and what follows from it."""
    outcome = _COMBINE[stub.family_rule](outcomes)
    return outcome, stub.consequences[outcome]


def _judge(candidate: Candidate, heard: tuple[FinalAnswer, ...], stub: StubResolver) -> _Judged:
    outcome, consequence = _drawn(tuple([each.outcome for each in heard]), stub)
    if outcome is Outcome.UNKNOWN and all(map(_is_assumed_absent, heard)):
        return _Judged(candidate, heard, outcome, _ASSUMED_ABSENT)
    first = heard[0]
    if first.outcome is Outcome.TIMEOUT and outcome is Outcome.FOUND:
        is_a = first.question.type == RecordType.A
        if is_a and stub.server_rule is ServerRule.TOGETHER:
            outcome, consequence = Outcome.TIMEOUT, _GLIBC_WAITS_FOR_A
    return _Judged(candidate, heard, outcome, consequence)


def _is_assumed_absent(heard: FinalAnswer) -> bool:
    return isinstance(heard.answer, UnknownReply) and heard.answer.assumed_absent


def _any_hit(heard: tuple[Outcome, ...]) -> Outcome:
    return min(heard, key=_BEST_FIRST.index)


def _a_then_aaaa(heard: tuple[Outcome, ...]) -> Outcome:
    """lookup_name.c name_from_dns: the first reply that fails decides, A before AAAA."""
    failing = (
        Outcome.UNKNOWN,
        Outcome.NXDOMAIN,
        Outcome.SKIPPED,
        Outcome.MALFORMED,
        *UNUSABLE,
    )
    return next((each for each in heard if each in failing), None) or _any_hit(heard)


def _any_hit_else_a(heard: tuple[Outcome, ...]) -> Outcome:
    best = _any_hit(heard)
    return best if best in {Outcome.FOUND, Outcome.UNKNOWN} else heard[0]


_COMBINE = {
    FamilyRule.ANY_HIT: _any_hit,
    FamilyRule.A_THEN_AAAA: _a_then_aaaa,
    FamilyRule.ANY_HIT_ELSE_A: _any_hit_else_a,
}


def _ended(name: str, judged: _Judged, steps: tuple[Step, ...]) -> Lookup:
    found = judged.outcome is Outcome.FOUND
    records = [record for each in judged.heard for record in each.records] if found else []
    unknown = tuple(dict.fromkeys([each.unknown for each in judged.heard if each.unknown]))
    return Lookup(
        name=name,
        outcome=judged.outcome,
        source=Source.DNS if found else "",
        addresses=tuple([record.data for record in records]),
        canonical_name=_canonical_name(judged) if found else "",
        error=None if found or unknown else judged.consequence.error,
        steps=steps,
        unknown=unknown,
    )


def _canonical_name(judged: _Judged) -> str:
    hit = next(each for each in judged.heard if each.outcome is Outcome.FOUND)
    answer = hit.answer.answer if isinstance(hit.answer, Reply) else ()
    return follow_aliases(hit.question, answer)[-1].removesuffix(".")


def _exhausted(
    name: str, judged: list[_Judged], steps: tuple[Step, ...], stub: StubResolver
) -> Lookup:
    """The final error of a failed list; cluster-dns.md 5.1 "final error of a failed list"."""
    absolute = next((each for each in judged if each.candidate.is_absolute), None)
    outcome = absolute.outcome if absolute else Outcome.NXDOMAIN
    seen = {each.outcome for each in judged}
    if stub.remembers_failures and absolute is not (judged[0] if judged else None):
        remembered = (each for each in (Outcome.NODATA, Outcome.SERVFAIL) if each in seen)
        outcome = next(remembered, outcome)
    error = stub.errors.get(outcome) or stub.errors[Outcome.NXDOMAIN]
    return Lookup(name=name, outcome=outcome, error=error, steps=steps)
