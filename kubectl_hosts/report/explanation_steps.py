"""The steps of a lookup as people read them: one paragraph a candidate, its questions together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.explanation import ExplainedStep

_OUTCOMES = {
    Outcome.FOUND: "found",
    Outcome.NXDOMAIN: "NXDOMAIN",
    Outcome.NODATA: "no record of this type",
    Outcome.ALIAS_ALONE: "an alias that leads to no record",
    Outcome.SERVFAIL: "SERVFAIL",
    Outcome.REFUSED: "REFUSED",
    Outcome.TIMEOUT: "no reply",
    Outcome.UNKNOWN: "not known",
    Outcome.MALFORMED: "malformed question",
    Outcome.SKIPPED: "not asked",
}


class Paragraph(NamedTuple):
    """What is done at one place, and what came of it: a heading, and lines below it."""

    heading: str
    lines: tuple[str, ...]


def paragraphs(steps: Sequence[ExplainedStep], *, in_full: bool = False) -> tuple[Paragraph, ...]:
    """The steps in order; the questions that one candidate puts to one server stand together.

    A candidate that does not exist takes one line. IN_FULL tells all of each step, with the
    plugins that the questions met on the server.
    """
    return tuple(_paragraph(group, in_full=in_full) for group in _together(steps))


def _together(steps: Sequence[ExplainedStep]) -> Iterator[tuple[ExplainedStep, ...]]:
    group: tuple[ExplainedStep, ...] = ()
    for step in steps:
        if group and _place(group[0]) != _place(step):
            yield group
            group = ()
        group = (*group, step)
    if group:
        yield group


def _place(step: ExplainedStep) -> tuple[str, str, str]:
    return step.source, step.name, step.server


def _paragraph(group: tuple[ExplainedStep, ...], *, in_full: bool) -> Paragraph:
    first = group[0]
    if first.source != "dns":
        return _of_service(first)
    name = escape(first.name)
    answers = _once(tuple(f"{each.type}: {outcome_in_words(each)}" for each in group))
    if not in_full and all(_is_plainly_absent(each) for each in group):
        why = f": {escape(first.because)}" if first.because else ""
        return Paragraph(f"{name} {answers[0].replace(':', '', 1)}{why}", ())
    search = f" (search domain {escape(first.suffix)})" if first.suffix else ""
    server = f" asked of {escape(first.server)}" if first.server else ""
    trail = tuple(f"via: {escape(each)}" for each in first.trail) if in_full else ()
    return Paragraph(f"{name}{server}{search}", (*answers, *trail, *_why(group)))


def _is_plainly_absent(step: ExplainedStep) -> bool:
    return step.rule_id == "NextAfterNxdomain" and not step.asked


def _once(answers: tuple[str, ...]) -> tuple[str, ...]:
    """`A: NXDOMAIN` and `AAAA: NXDOMAIN` as `A, AAAA: NXDOMAIN`."""
    said: dict[str, list[str]] = {}
    for answer in answers:
        qtype, _, words = answer.partition(": ")
        said.setdefault(words, []).append(qtype)
    return tuple(f"{', '.join(types)}: {words}" for words, types in said.items())


def _why(group: tuple[ExplainedStep, ...]) -> Iterator[str]:
    said: list[str] = []
    # A proxy in the pod that has one type of a name answers the others too, not the server.
    proxied = [each for each in group if each.origin and each.origin.kind is OriginKind.ISTIO_PROXY]
    for words in (escape(each.because) for each in proxied or group if each.because):
        # AAAA mostly adds `; no such record` to what A said.
        if not any(words.startswith(each) for each in said):
            said.append(words)
            yield f"why: {words}"
    for words in dict.fromkeys(escape(each.asked) for each in group if each.asked):
        yield f"but the server in fact says: {words}"
    yield f"then: {escape(group[-1].rule)}"


def outcome_in_words(step: ExplainedStep) -> str:
    """`10.96.0.77, from Service shop/redis (spec.clusterIPs[0])`, `NXDOMAIN`."""
    if step.outcome is not Outcome.FOUND or not step.records:
        return _OUTCOMES[step.outcome]
    origin = f", from {describe_origin(step.origin)}" if step.origin else ""
    return f"{_records(step)}{origin}"


def _records(step: ExplainedStep) -> str:
    aliases = [f"alias of {each.data}" for each in step.records if each.type == "CNAME"]
    values = [each.data for each in step.records if each.type == step.type]
    return escape(", ".join((*aliases, *(values if step.type != "CNAME" else ()))))


_SERVICES = {"files": "hosts file", "literal": "the name itself", "name": "the name itself"}


def _of_service(step: ExplainedStep) -> Paragraph:
    heading = _SERVICES.get(step.source, f"service {escape(step.source)}")
    if step.rule_id == "NotInFiles":
        return Paragraph(escape(step.rule), ())
    lines = [
        f"line {line.number}: {_on_one_line(line.text)} (from {describe_origin(line.origin)})"
        for line in step.lines
    ]
    return Paragraph(heading, (*lines, escape(step.rule)))


def _on_one_line(text: str) -> str:
    return "  ".join(escape(part) for part in text.split("\t"))
