"""One pair judged: prediction and observation against the truth, the source against the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.truth.ask import plain

if TYPE_CHECKING:
    from tests.e2e.truth.ask import Truth
    from tests.e2e.truth.names import Name
    from tests.e2e.truth.pods import Row

Document = dict[str, Any]

WILDCARD = "203.0.113.40"
# What a program is told with "try again": EAI_AGAIN, Go's "server misbehaving" and "i/o timeout".
_MAY_PASS = frozenset({"servfail", "refused", "timeout"})


@dataclass(frozen=True)
class Pair:
    """A name in a pod, as it came out: what is wrong in words, or that it is not known."""

    pod: str
    name: str
    faults: tuple[str, ...] = ()
    unknown: str = ""

    def __str__(self) -> str:
        return f"{self.pod}: {self.name}: {'; '.join(self.faults) or self.unknown}"


def judge(row: Row, typed: str, truth: Truth, document: Document, kind: str) -> Pair:
    """The pair (row, typed): KIND is what the source must be if there is an answer."""
    predicted = document["predicted"]
    if predicted["outcome"] == "unknown":
        named = ", ".join(predicted.get("unknown", ()))
        faults = () if named else ("what is not known has no name",)
        return Pair(row.name, typed, faults, named)
    faults = (
        _answers("predicted", predicted, truth),
        _observed(row, document, truth),
        _source(predicted, truth, kind),
        _failure(predicted, truth),
        _canonical(predicted, truth),
    )
    return Pair(row.name, typed, tuple(fault for fault in faults if fault))


def expected_kind(row: Row, typed: str, name: Name, truth: Truth, own: dict[str, str]) -> str:
    """The kind that the table gives: that of the pod's own file, of the wildcard, of the name.

    OWN is `Row.kinds_in_file`; a resolver that asks DNS first takes a name that is in both there.
    """
    if truth.answers == {WILDCARD}:
        return "Upstream"
    is_dns_first = row.name.startswith("dns-")
    in_file = own.get(_as_in_file(row, typed), "")
    return name.kind if is_dns_first and name.kind else in_file or name.kind


def _as_in_file(row: Row, typed: str) -> str:
    """The text that is looked for in the hosts file; cluster-dns.md 5.1, rows "hosts:"."""
    if row.libc == "musl":
        return typed
    return typed.lower().removesuffix("." if row.libc == "shell-less" else "")


def _answers(what: str, said: Document, truth: Truth) -> str:
    found = {plain(each) for each in (*said.get("addresses", ()), *said.get("data", ()))}
    if found == truth.answers or _is_within(found, truth):
        return ""
    why = said.get("outcome") or said.get("why")
    return f"{what} {sorted(found) or why}, the truth is {sorted(truth.answers) or truth.said!r}"


def _is_within(found: set[str], truth: Truth) -> bool:
    """Whether one of the two shows but a part: ping an address, getnameinfo(3) a name."""
    if truth.is_partial:
        return bool(truth.answers) and truth.answers <= found
    return bool(truth.canonical) and truth.canonical in found <= truth.answers


def _observed(row: Row, document: Document, truth: Truth) -> str:
    """Where the image can look, it did, and both agree; else the document says why it did not."""
    observed, verdict = document["observed"], document["verdict"]
    if observed["outcome"] is None:
        is_said = bool(observed["couldNotLook"]["why"]) and verdict == "predicted-only"
        # Names of an address that the pod's own file has: no probe asks getnameinfo(3).
        may_not = is_said and (row.libc == "shell-less" or bool(document["predicted"]["data"]))
        return "" if may_not else f"not observed: {observed['couldNotLook']}, verdict {verdict}"
    if truth.is_partial and truth.answers:
        # Two pings may show two addresses of one name.
        known = {*observed["addresses"]} <= {*document["predicted"]["addresses"]}
        return "" if known and verdict == "agree" else f"{verdict}: {observed['addresses']}"
    return _answers("observed", observed, truth) or ("" if verdict == "agree" else verdict)


def _source(predicted: Document, truth: Truth, kind: str) -> str:
    if not truth.answers:
        return ""
    named = (predicted.get("origin") or {}).get("kind")
    return "" if named == kind else f"source {named}, the table says {kind}"


def _failure(predicted: Document, truth: Truth) -> str:
    if truth.answers or truth.tries_again is None:
        return ""
    if (predicted["outcome"] in _MAY_PASS) == truth.tries_again:
        return ""
    return f"predicted {predicted['outcome']}, the program said {truth.said!r}"


def _canonical(predicted: Document, truth: Truth) -> str:
    if not truth.canonical or not predicted.get("addresses"):
        return ""
    name = plain(predicted["canonicalName"] or "")
    return (
        "" if name == truth.canonical else f"canonical name {name}, the truth is {truth.canonical}"
    )
