"""Whether what was predicted is what was observed: sets of addresses, and what ends a lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family, parse_zoned
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.resolver.outcome import Outcome, ResolverError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.explanation import Observation, Predicted

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
        same = _tells_failure(observed) in {None, _is_failure(predicted)}
        return Agreement.AGREE if same else Agreement.DISAGREE
    due, got = _answers(name, predicted, observed, pod_ips), _answers(name, observed)
    same = got <= due if observed.is_partial else got == due
    return Agreement.AGREE if same else Agreement.DISAGREE


def _is_failure(predicted: Predicted) -> bool:
    if predicted.error:
        return predicted.error in _FAILURE_ERRORS
    return predicted.outcome not in _FOUND_NOTHING


def _tells_failure(observed: Observed) -> bool | None:
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


def plain(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, in order: a mapped one (`::ffff:192.0.2.1`) as the IPv4 address it is."""
    return tuple(dict.fromkeys(_plain(each) for each in addresses))


def _plain(text: str) -> str:
    address = parse_zoned(text)
    if address is None:
        return text
    mapped = address.ipv4_mapped if address.version == 6 else None
    return str(mapped or address)


def _is_loopback(text: str) -> bool:
    address = parse_zoned(text)
    return address is not None and address.is_loopback


def _family(text: str) -> Family | None:
    address = parse_zoned(_plain(text))
    if address is None:
        return None
    return Family.INET if address.version == 4 else Family.INET6


def _families(pod_ips: tuple[str, ...]) -> frozenset[Family | None]:
    return frozenset(_family(each) for each in pod_ips)
