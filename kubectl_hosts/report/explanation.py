"""`explain` for people: the answer first, the way there, what is wrong, what was not checked.

One pod gets the whole explanation; several pods are a line a name and a row a group of pods with
one answer, and where answers differ one pod of each group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.explanation import Agreement, Explanation, Observed
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_one import Layout, block
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import escape, fit, folded, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.explain.groups import AnswerGroup
    from kubectl_hosts.model.explanation import ExplainedStep
    from kubectl_hosts.report.structured import Document

FORMATS = ("table", "wide", "json", "yaml", "name", "tree")
"""The formats of `explain`; `jsonpath=` prints `explanations_document`."""


def print_explanations(
    explanations: Sequence[Explanation], layout: Layout, *, single: bool = True
) -> str:
    """The explanations in the format of LAYOUT, one of FORMATS.

    SINGLE says that one result is meant, so that its document is the object itself. Several pods
    are grouped by their answer, a group after the other; -o wide adds the steps of each group.
    """
    if layout.output == "name":
        names = dict.fromkeys(f"{each.namespace}/{each.pod}" for each in explanations)
        return "".join(f"pod/{escape(each.partition('/')[2])}\n" for each in names)
    if layout.output not in {"table", "wide", "tree"}:
        from kubectl_hosts.report.structured import print_document  # noqa: PLC0415

        return print_document(explanations_document(explanations, single=single), layout.output)
    show = _how(layout)
    if len({(each.namespace, each.pod) for each in explanations}) > 1:
        return print_groups(explanations, layout, show)
    return "\n".join(show(each, layout) for each in explanations)


def explanations_document(explanations: Sequence[Explanation], *, single: bool = True) -> Document:
    """An Explanation where one is meant (SINGLE) and there is one, else an ExplanationList."""
    from kubectl_hosts.report.explanation_document import explanation_document  # noqa: PLC0415
    from kubectl_hosts.report.structured import one_or_list  # noqa: PLC0415

    documents = [explanation_document(each) for each in explanations]
    return one_or_list(documents, "Explanation", single=single)


def _how(layout: Layout) -> Callable[[Explanation, Layout], str]:
    if layout.output != "tree":
        return print_explanation
    from kubectl_hosts.report.tree import print_tree  # noqa: PLC0415

    return print_tree


def print_explanation(explanation: Explanation, layout: Layout) -> str:
    """One name in one container; the first line is the answer."""
    return (
        print_headline(explanation, layout)
        + block(_circumstances(explanation, layout))
        + block(_steps(explanation, layout))
        + block(_findings(explanation, layout))
        + block(folded(print_not_checked(explanation.not_checked), layout.width))
        + block(_notes(explanation, layout))
    )


def print_headline(explanation: Explanation, layout: Layout) -> str:
    """The answer in one sentence (and one line, unless a terminal is too narrow), then the fix."""
    paint = _paint(explanation, layout)
    text = wrapped(escape(explanation.headline), layout.width)
    painted = "".join(f"{paint(line)}\n" for line in text.splitlines())
    fix = escape(explanation.fix)
    return painted + (wrapped(fix, layout.width, indent="fix: ", hanging="     ") if fix else "")


def _paint(explanation: Explanation, layout: Layout) -> Callable[[str], str]:
    if explanation.verdict in {Agreement.DISAGREE, Agreement.UNKNOWN}:
        return layout.style.warning
    return layout.style.bold if explanation.outcome is Outcome.FOUND else layout.style.bad


def _circumstances(explanation: Explanation, layout: Layout) -> str:
    """What was observed, and by which resolver: a line each."""
    facts = (
        ("Observed", _observed(explanation)),
        ("Resolver", _resolver(explanation)),
        ("Search", ", ".join(explanation.resolver.search_list)),
    )
    return "".join(
        wrapped(escape(words), layout.width, indent=f"{f'{title}:':10}", hanging=" " * 10)
        for title, words in facts
        if words
    )


_VERDICTS = {
    Agreement.AGREE: "as predicted",
    Agreement.DISAGREE: "not as predicted",
    Agreement.UNKNOWN: "the prediction is not known",
}
# What a program tells: it does not know why.
_OUTCOMES = {Outcome.NXDOMAIN: "not found", Outcome.NODATA: "not found"}


def _observed(explanation: Explanation) -> str:
    observed = explanation.observed
    if not isinstance(observed, Observed):
        return f"could not look: {observed.why}"
    values = ", ".join(dict.fromkeys(observed.addresses or observed.data))
    answer = values or observed.error or _OUTCOMES.get(observed.outcome, observed.outcome.value)
    return f"{answer} ({observed.by}), {_VERDICTS[explanation.verdict]}"


def _resolver(explanation: Explanation) -> str:
    used = explanation.resolver
    version = f" {used.version}" if used.version else ""
    doubt = f" ({used.doubt})" if used.doubt else ""
    servers = ", ".join(used.nameservers) or "none"
    return (
        f"{used.libc.value}{version}{doubt}: {' then '.join(used.sources) or 'no source'}; "
        f"ndots {used.ndots}; nameserver {servers}"
    )


def _steps(explanation: Explanation, layout: Layout) -> str:
    text = ""
    in_full = layout.output == "wide"
    for number, paragraph in enumerate(paragraphs(explanation.steps, in_full=in_full), 1):
        text += wrapped(paragraph.heading, layout.width, indent=f"{number}. ", hanging="   ")
        for line in paragraph.lines:
            text += wrapped(line, layout.width, indent="   ", hanging="     ")
    return text


def _findings(explanation: Explanation, layout: Layout) -> str:
    printed = print_findings(explanation.findings, layout.style, told={explanation.fix})
    return folded(printed, layout.width)


def _notes(explanation: Explanation, layout: Layout) -> str:
    return "".join(
        wrapped(escape(each), layout.width, indent="Note: ", hanging="      ")
        for each in explanation.notes
    )


_OUTCOME_WORDS = {
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
        return _OUTCOME_WORDS[step.outcome]
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


_SHOWN = 3


def print_groups(
    explanations: Sequence[Explanation],
    layout: Layout,
    show: Callable[[Explanation, Layout], str],
) -> str:
    """For each name the summary and a row a group; then, where answers differ, one pod of each.

    SHOW prints one explanation. -o wide and -o tree show one pod of each group in any case.
    """
    from kubectl_hosts.model.explain.groups import group_by_answer  # noqa: PLC0415  many pods only

    names = dict.fromkeys((each.name, each.type) for each in explanations)
    parts = []
    for name in names:
        groups = group_by_answer(tuple(e for e in explanations if (e.name, e.type) == name))
        parts.append(_of_name(groups, layout, show))
    return "\n".join(parts)


def _of_name(
    groups: tuple[AnswerGroup, ...], layout: Layout, show: Callable[[Explanation, Layout], str]
) -> str:
    from kubectl_hosts.model.explain.groups import summarize  # noqa: PLC0415  many pods only

    lines = wrapped(escape(summarize(groups)), layout.width).splitlines()
    summary = "".join(f"{layout.style.bold(line)}\n" for line in lines)
    text = f"{summary}\n{_table(groups, layout)}"
    is_detailed = layout.output in {"wide", "tree"}
    shown = groups if is_detailed else groups[1:]
    return text + "".join(f"\n{show(each.explanations[0], layout)}" for each in shown)


def _table(groups: tuple[AnswerGroup, ...], layout: Layout) -> str:
    rows = [
        [
            escape(", ".join(each.values)) or each.outcome.value,
            str(len(each.explanations)),
            escape(each.differs) or "<none>",
            _pods(each),
        ]
        for each in groups
    ]
    headers = ("ANSWER", "COUNT", "DIFFERS-IN", "PODS")
    from kubectl_hosts.report.table import print_table  # noqa: PLC0415  many pods only

    table = print_table(headers, rows, show_headers=layout.headers)
    width = layout.width
    return "".join(
        f"{line if width is None else fit(line, width)}\n" for line in table.splitlines()
    )


def _pods(group: AnswerGroup) -> str:
    names = [f"{each.namespace}/{each.pod}" for each in group.explanations]
    more = len(names) - _SHOWN
    return escape(", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else ""))
