"""What counts as one answer: predicted and observed, and pods among each other.

Sets of addresses, and what ends a lookup, are compared; pods are grouped by what a name resolves to
in them, with what sets the odd ones apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.addresses import Family, parse_zoned
from kubectl_hosts.model.explain.words import listed, plain, plain_address
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome, ResolverError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubectl_hosts.model.explanation import Explanation, Observation, Predicted

_LOOPBACK = "loopback"
_FOUND_NOTHING = frozenset({Outcome.NXDOMAIN, Outcome.NODATA, Outcome.ALIAS_ALONE, Outcome.SKIPPED})
# getaddrinfo(3), Go net.DNSError: the errors that tell of a server, not of a name.
_FAILURE_ERRORS = frozenset(
    each.value
    for each in (
        ResolverError.EAI_AGAIN,
        ResolverError.EAI_FAIL,
        ResolverError.EAI_SYSTEM,
        ResolverError.SERVER_MISBEHAVING,
        ResolverError.IO_TIMEOUT,
    )
)
# gai_strerror of glibc and of musl, node's and Python's error names; busybox's `bad address` and
# the silence of glibc's getent stand for either.
_FAILURE_TEXTS = (
    "try again",
    "temporary failure",
    "eai_again",
    "non-recoverable failure",
    "unrecoverable error",
    "eai_fail",
    "system error",
)
_ABSENCE_TEXTS = (
    "does not resolve",
    "name or service not known",
    "no address associated",
    "no usable address",
    "enotfound",
    "eai_noname",
    "eai_nodata",
    "nodename nor servname",
)


def compare(
    name: str, predicted: Predicted, observed: Observation, pod_ips: tuple[str, ...]
) -> Agreement:
    """Whether the two agree.

    Order is no evidence (loadbalance, RFC 6724), repetition neither (getent prints an address once
    a socket type). Programs tell NXDOMAIN and NODATA by one error, and SERVFAIL, a refusal and
    silence by another; some tell nothing at all, which contradicts neither.
    """
    if not isinstance(observed, Observed):
        unknown = predicted.outcome is Outcome.UNKNOWN
        return Agreement.UNKNOWN if unknown else Agreement.PREDICTED_ONLY
    if predicted.outcome is Outcome.UNKNOWN:
        return Agreement.UNKNOWN
    if (predicted.outcome is Outcome.FOUND) != (observed.outcome is Outcome.FOUND):
        return _one_found(name, predicted, observed, pod_ips)
    if predicted.outcome is not Outcome.FOUND:
        same = tells_failure(observed) in {None, _is_failure(predicted)}
        return Agreement.AGREE if same else Agreement.DISAGREE
    due, got = _answers(name, predicted, observed, pod_ips), _answers(name, observed)
    same = got <= due if observed.is_partial else got == due
    return Agreement.AGREE if same else Agreement.DISAGREE


def _is_failure(predicted: Predicted) -> bool:
    if predicted.error:
        return predicted.error in _FAILURE_ERRORS
    return predicted.outcome not in _FOUND_NOTHING


def tells_failure(observed: Observed) -> bool | None:
    """Whether the program says that the server failed, not the name; None where it does not say."""
    if observed.outcome not in _FOUND_NOTHING:
        return True
    said = observed.error.lower()
    if any(each in said for each in _FAILURE_TEXTS):
        return True
    return False if any(each in said for each in _ABSENCE_TEXTS) else None


def _one_found(
    name: str, predicted: Predicted, observed: Observed, pod_ips: tuple[str, ...]
) -> Agreement:
    # A program that asks only for the families of the pod finds nothing where the answer has none.
    nothing_left = predicted.outcome is Outcome.FOUND and not _answers(
        name, predicted, observed, pod_ips
    )
    return Agreement.AGREE if nothing_left else Agreement.DISAGREE


def _answers(
    name: str,
    answer: Predicted | Observed,
    observed: Observed | None = None,
    pod_ips: tuple[str, ...] = (),
) -> frozenset[str]:
    if answer.data and not answer.addresses:
        return frozenset(each.rstrip(".").lower() for each in answer.data)
    kept = answer.addresses
    families = _families(pod_ips)
    if observed is not None and observed.addrconfig and families:
        kept = tuple(each for each in kept if _family(each) in families)
    is_localhost = name.lower().rstrip(".").endswith("localhost")
    return frozenset(
        _LOOPBACK if is_localhost and _is_loopback(each) else each for each in plain(kept)
    )


def _is_loopback(text: str) -> bool:
    address = parse_zoned(text)
    return address is not None and address.is_loopback


def _family(text: str) -> Family | None:
    address = parse_zoned(plain_address(text))
    if address is None:
        return None
    return Family.INET if address.version == 4 else Family.INET6


def _families(pod_ips: tuple[str, ...]) -> frozenset[Family | None]:
    return frozenset(_family(each) for each in pod_ips)


class AnswerGroup(Struct, frozen=True, kw_only=True):
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
    lines = ", ".join(line.place for step in explanation.steps for line in step.lines)
    return places.get(origin.kind) or f"{lines} of the hosts file ({origin.kind.value})"


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
    left_out = len(others) - 3
    more = f"; and {left_out} more answer{'s' * (left_out > 1)}" if left_out > 0 else ""
    count = f"{len(first.explanations)} of {total} pods"
    return f"{name} {_answer(first)} in {count}; {odd}{more}"


def _answer(group: AnswerGroup, *, goes_on: bool = False) -> str:
    if group.values:
        is_paper = all(each.verdict is Agreement.PREDICTED_ONLY for each in group.explanations)
        verb = "should resolve " if is_paper else "resolves "
        return f"{'' if goes_on else verb}to {listed(group.values)}"
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
