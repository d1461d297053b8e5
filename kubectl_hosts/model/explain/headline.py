"""The first line: what the name resolves to in the pod, and why, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explain.case import policies_in_doubt, policies_without_dns
from kubectl_hosts.model.explain.words import (
    AnswerSource,
    addresses_in_words,
    bare,
    describe_source,
    listed,
    upstream_servers,
)
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome, RuleId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.model.explain.case import ExplainCase
    from kubectl_hosts.model.explanation import ExplainedStep


def headline(case: ExplainCase) -> str:
    """The answer to the user's question in words, without a final dot."""
    if case.verdict is Agreement.DISAGREE:
        return _disagrees(case)
    unheard = _unheard(case)
    if unheard:
        return f"{_subject(case)} should get no answer in {where(case)}{unheard}"
    if case.predicted.outcome is Outcome.UNKNOWN:
        return _unknown(case)
    if case.predicted.outcome is Outcome.FOUND:
        remark = f"; {case.inputs.why.remark}" if case.inputs.why.remark else ""
        return f"{_resolves(case)}{_reason(case)}{remark}{_if_allowed(case)}"
    return f"{_fails(case)}: {_with_rcode(why_not(case), case.predicted.outcome)}"


def _unheard(case: ExplainCase) -> str:
    """What keeps a question from its answer, where nobody asked it: no server, or a policy."""
    if case.is_observed or case.predicted.source == "files":
        return ""
    if case.is_without_server:
        return f": {why_not(case)}"
    denying = policies_without_dns(case.inputs) if case.is_found else ()
    if not denying:
        return ""
    names = listed(tuple(each.object for each in denying))
    allow = "allows" if len(denying) == 1 else "allow"
    return f" where NetworkPolicies are enforced: {names} {allow} no egress to DNS"


def _if_allowed(case: ExplainCase) -> str:
    """What else it takes, where nobody asked: that a policy lets the question to DNS."""
    if case.is_observed or case.predicted.source == "files":
        return ""
    may = listed(tuple(each.object for each in policies_in_doubt(case.inputs)))
    return f"; NetworkPolicy {may} may keep it from DNS" if may else ""


def _with_rcode(why: str, outcome: Outcome) -> str:
    """WHY with the response code that a program cannot tell from another, where it says none."""
    code = outcome.value.upper()
    is_failure = outcome in {Outcome.SERVFAIL, Outcome.REFUSED}
    return f"{why} ({code})" if is_failure and code not in why else why


def where(case: ExplainCase) -> str:
    """`pod shop/cart-7d`."""
    return f"pod {case.inputs.pod.namespace}/{case.inputs.pod.name}"


def _subject(case: ExplainCase) -> str:
    return f"{case.name} ({case.inputs.type})" if case.predicted.data else case.name


def _resolves(case: ExplainCase) -> str:
    # "should": a prediction that nobody could hold against the pod is said as one.
    verb = "resolves" if case.is_observed else "should resolve"
    values = _values(case)
    if not case.is_observed and any(" " in each for each in case.predicted.addresses):
        # "the cluster IP that Service shop/redis will get": nothing may stand behind that.
        return f"{_subject(case)} {verb} in {where(case)} to {values}"
    return f"{_subject(case)} {verb} to {values} in {where(case)}"


def _reason(case: ExplainCase) -> str:
    """` because ...`; what was asked, where the answer has said itself whose it is."""
    source = _source(case)
    # "the cluster IP that Service shop/redis will get"
    is_to_come = any(" " in each for each in case.predicted.addresses) and not case.is_observed
    if source and source.origin.kind is OriginKind.SERVICE and is_to_come:
        return source.asked_as
    return f" because {because(case)}"


def _values(case: ExplainCase) -> str:
    answer = case.observed if isinstance(case.observed, Observed) else case.predicted
    if answer.data:
        return listed(bare(each) for each in answer.data)
    return addresses_in_words(answer.addresses or case.predicted.addresses)


def because(case: ExplainCase) -> str:
    """The clause that names the source of the predicted answer."""
    source = _source(case)
    return describe_source(source) if source else "of its own rules"


def _source(case: ExplainCase) -> AnswerSource | None:
    step = case.decisive
    if step is None:
        return None
    origin = case.predicted.origin or Origin(kind=OriginKind.UNKNOWN)
    return AnswerSource(
        name=case.name,
        container=case.inputs.container,
        step=step,
        origin=origin,
        addresses=case.predicted.addresses,
        shadowed=case.shadowed,
        only_in_file=case.is_only_in_file and origin.kind is OriginKind.POD_IP,
    )


def _fails(case: ExplainCase) -> str:
    verb = _VERBS.get(case.predicted.outcome, "does not resolve")
    if not case.is_observed:
        verb = _SHOULD.get(verb, verb)
    return f"{_subject(case)} {verb} in {where(case)}"


_VERBS: Mapping[Outcome, str] = {
    Outcome.SERVFAIL: "fails to resolve",
    Outcome.REFUSED: "fails to resolve",
    Outcome.MALFORMED: "fails to resolve",
    Outcome.TIMEOUT: "gets no answer",
}
_SHOULD = {
    "does not resolve": "should not resolve",
    "fails to resolve": "should fail to resolve",
    "gets no answer": "should get no answer",
}


def why_not(case: ExplainCase) -> str:
    """Why nothing was found: the cause, else the gravest finding, else the rule that ended it."""
    if case.inputs.why.cause is not None:
        return "; ".join(case.inputs.why.cause.missing)
    cause = next((each for each in case.causes if each.severity is Severity.ERROR), None)
    step = case.decisive
    if cause is not None:
        return cause.message
    if step is None:
        return "nothing could be asked"
    return _WHY.get(step.rule_id, _last_answer)(case)


def _rule(case: ExplainCase) -> str:
    return case.decisive.rule if case.decisive else ""


def _stopped(case: ExplainCase) -> str:
    return stopped_at(case.decisive) if case.decisive else ""


def stopped_at(step: ExplainedStep) -> str:
    """The rule by which STEP ended the search, and what was asked with it."""
    is_own = step.origin is None or step.origin.kind not in _OUTSIDE
    is_failure = step.outcome is Outcome.SERVFAIL and is_own
    said = (step.because if is_failure else "") or _ANSWERS[step.outcome]
    return f"{step.rule} ({bare(step.name)}: {said})"


def _last_answer(case: ExplainCase) -> str:
    """The server's own reason for the candidate that the user most likely means."""
    step = case.decisive
    if step is None:
        return ""
    lacks = _lacks_family(case)
    if lacks:
        return lacks
    asked = case.inputs.lookup.steps
    names = len({each.name for each in asked if each.source == "dns"})
    tail = f" ({names} names were asked)" if names > 1 else ""
    return f"{said_by_server(step)}{tail}"


def _lacks_family(case: ExplainCase) -> str:
    """The name that exists without an address of the family that is asked for, "" for none."""
    wanted = case.inputs.type
    empty = (e for e in case.steps if e.source == "dns" and e.outcome is Outcome.NODATA)
    first = next(empty, None)
    if first is None or wanted not in {"A", "AAAA"}:
        return ""
    family = "IPv6" if wanted == "AAAA" else "IPv4"
    return f"{bare(first.name)} has no {wanted} record, which is {family}"


def said_by_server(step: ExplainedStep) -> str:
    """What a server said to the question of STEP, and why, in words."""
    said = f"{bare(step.name)}: {_ANSWERS[step.outcome]}"
    if step.origin is not None and step.origin.kind in _OUTSIDE:
        return f"{_OUTSIDE[step.origin.kind]}{upstream_servers(step.origin)} says {said}"
    return step.because or said


_OUTSIDE: Mapping[OriginKind, str] = {
    OriginKind.UPSTREAM: "upstream DNS",
    OriginKind.STUB_DOMAIN: "the stub domain's server",
}


_ANSWERS: Mapping[Outcome, str] = {
    Outcome.FOUND: "found",
    Outcome.NXDOMAIN: "no such name",
    Outcome.NODATA: "the name exists, without a record of this type",
    Outcome.ALIAS_ALONE: "an alias that leads to no address",
    Outcome.SERVFAIL: "SERVFAIL",
    Outcome.REFUSED: "REFUSED",
    Outcome.TIMEOUT: "no answer",
    Outcome.UNKNOWN: "not known",
    Outcome.MALFORMED: "a malformed question",
    Outcome.SKIPPED: "cannot be asked",
}
# Rules whose own sentence is the reason; the others leave it to what the server said.
_WHY: Mapping[str, Callable[[ExplainCase], str]] = {
    **dict.fromkeys(
        (
            "OtherFamilyEnds",
            "NameTooLong",
            "GoRefusesName",
            "NssReturn",
            "NssNoService",
            "Literal",
            "GlibcCannotSend",
            "MuslCannotSend",
            "MuslSendsMalformed",
            "MuslSkipsCandidate",
        ),
        _rule,
    ),
    **dict.fromkeys(
        (
            "GlibcStopsAtAliasAlone",
            "GlibcLeavesListOnRefused",
            "GlibcLeavesListOnTimeout",
            "GlibcStopsWithoutA",
            "MuslStopsAtNodata",
            "MuslStopsAtAliasAlone",
            "MuslStopsAtServfail",
            "MuslStopsAtRefused",
            "MuslStopsAtTimeout",
        ),
        _stopped,
    ),
}
STOPPING = frozenset(_WHY)
"""The ids of the rules by which a resolver leaves the search list early, or asks nothing."""


def _unknown(case: ExplainCase) -> str:
    unknown = case.predicted.unknown[0] if case.predicted.unknown else "a part of the way there"
    cause = case.inputs.why.cause
    if cause is not None:
        # What the objects lack is known, whatever a server outside would say.
        missing = "; ".join(cause.missing)
        if isinstance(case.observed, Observed):
            return f"{_got(case, case.observed)}: {missing}"
        step = case.decisive
        if step is not None and step.rule_id == RuleId.LIBRARIES_DIFFER.value:
            missing = f"{unknown}: {missing}"
        # A file, or an object, that nobody read may have the name all the same.
        server = case.inputs.server
        is_refused = server is not None and bool(server.authority.refused)
        is_known = step is not None and not _is_outside(step)
        if is_known and step and _may_know(step) and not cause.unread:
            missing = f"{unknown}; {missing}"
        if cause.unread or is_known or is_refused:
            is_cut = case.inputs.resolver.hosts.is_cut
            why = unknown if is_cut or is_refused else missing
            return f"what {case.name} resolves to in {where(case)} is not known: {why}"
        return f"{_fails(case)} unless DNS outside the cluster has it: {missing}"
    if isinstance(case.observed, Observed):
        return f"{_got(case, case.observed)}; why is not known: {unknown}"
    lacks = _lacks_family(case)
    if lacks:
        return f"{_fails(case)} unless DNS outside the cluster has it: {lacks}"
    return f"what {case.name} resolves to in {where(case)} is not known: {unknown}"


_OF_SERVERS_OUTSIDE = frozenset(
    {OriginKind.UPSTREAM, OriginKind.STUB_DOMAIN, OriginKind.EXTERNAL_NAME}
)


def _may_know(step: ExplainedStep) -> bool:
    """Whether a part of the cluster's own DNS, or a proxy, comes before what objects lack."""
    return step.source == "dns" or step.rule_id == RuleId.PROXY_ANSWERS.value


def _is_outside(step: ExplainedStep) -> bool:
    """Whether servers outside have what is not known of it, and no part of the cluster's own."""
    origin = step.origin
    return step.source == "dns" and (origin is None or origin.kind in _OF_SERVERS_OUTSIDE)


def _got(case: ExplainCase, observed: Observed) -> str:
    if observed.outcome is Outcome.FOUND:
        return f"{case.name} resolves to {_values(case)} in {where(case)}"
    verb = _VERBS.get(observed.outcome, "does not resolve")
    return f"{case.name} {verb} in {where(case)}"


def _silence(case: ExplainCase, servers: str) -> str:
    denying = listed(tuple(each.object for each in policies_without_dns(case.inputs)))
    if not denying:
        return f"nameserver {servers} does not answer this pod"
    return f"NetworkPolicy {denying} keeps it from nameserver {servers}: no egress to DNS"


def _disagrees(case: ExplainCase) -> str:
    assert isinstance(case.observed, Observed)
    predicted = case.predicted
    silent = case.silent_nameservers
    if silent and case.observed.outcome is not Outcome.FOUND:
        return f"{_got(case, case.observed)}: {_silence(case, listed(silent))}"
    if case.inputs.why.cause is not None and case.observed.outcome is not Outcome.FOUND:
        return f"{_got(case, case.observed)}: {why_not(case)}"
    if predicted.outcome is Outcome.FOUND:
        values = addresses_in_words(predicted.addresses) or listed(map(bare, predicted.data))
        return f"{_got(case, case.observed)}, where {values} is expected because {because(case)}"
    return f"{_got(case, case.observed)}, where no answer is expected: {why_not(case)}"
