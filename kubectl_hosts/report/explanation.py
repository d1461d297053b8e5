"""`explain` for people: the verdict, what fixes it, what was observed, the way there in ten rows.

`-o wide` has all of it: each candidate with the plugins it met, every finding, what was not
checked. Several pods are a line a name and a row a group of pods with one answer, and where answers
differ one pod of each group. `-o short` is the answer alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explanation import Agreement, Explanation, Observed
from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_one import Layout, block
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import display_width, escape, fit, folded, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.explain.groups import AnswerGroup
    from kubectl_hosts.model.explanation import ExplainedStep, Fix
    from kubectl_hosts.report.structured import Document

ROWS = 10
"""Rows of 80 columns that the default report of a name takes; what is beyond is in -o wide."""
_FIXES = 3
# Where nothing limits a line, a longer list of candidates is folded all the same.
_PIPE = 100
_INDENT = 10


def print_explanations(
    explanations: Sequence[Explanation], layout: Layout, *, single: bool = True
) -> str:
    """The explanations in the format of LAYOUT, one of FORMATS of `cli/explain.py`.

    SINGLE says that one result is meant, so that its document is the object itself. Several pods
    are grouped by their answer, a group after the other; -o wide adds the steps of each group.
    """
    if layout.output == "name":
        names = dict.fromkeys(f"{each.namespace}/{each.pod}" for each in explanations)
        return "".join(f"pod/{escape(each.partition('/')[2])}\n" for each in names)
    if layout.output not in {"json", "yaml"} and any(e.placeholders for e in explanations):
        from kubectl_hosts.model.explain.to_come import for_people  # noqa: PLC0415  -f only

        explanations = tuple(map(for_people, explanations))
    if layout.output == "short":
        return _answers(explanations, layout, single=single)
    if layout.output == "mermaid":
        from kubectl_hosts.report.mermaid import print_mermaid  # noqa: PLC0415

        return print_mermaid(explanations)
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


def _answers(explanations: Sequence[Explanation], layout: Layout, *, single: bool) -> str:
    """An address (or a record's data) a line; of several names or pods a row each.

    A name without an answer has no line, in a row `<none>`, or `<unknown>`.
    """
    if single and len(explanations) == 1:
        return "".join(f"{escape(each)}\n" for each in values(explanations[0]))
    from kubectl_hosts.report.table import print_table  # noqa: PLC0415  several names only

    rows = [
        [
            escape(each.name),
            escape(f"{each.namespace}/{each.pod}"),
            escape(",".join(values(each)))
            or ("<unknown>" if each.outcome is Outcome.UNKNOWN else "<none>"),
        ]
        for each in explanations
    ]
    return print_table(("NAME", "POD", "ANSWER"), rows, show_headers=layout.headers)


def values(explanation: Explanation) -> tuple[str, ...]:
    """The addresses of its answer, or a record's data, each once."""
    answer = explanation.answer
    return tuple(dict.fromkeys(answer.addresses or answer.data))


def print_explanation(explanation: Explanation, layout: Layout) -> str:
    """One name in one container; the first line is the answer."""
    if layout.output != "wide":
        return _in_ten_rows(explanation, layout)
    return (
        _headline(explanation, layout)
        + "".join(_fixes(explanation, layout))
        + block(_circumstances(explanation, layout))
        + block(_steps(explanation, layout))
        + block(_findings(explanation, layout))
        + block(folded(print_not_checked(explanation.not_checked), layout.width))
        + block(_notes(explanation, layout))
    )


# The default report.


def _in_ten_rows(explanation: Explanation, layout: Layout) -> str:
    """The parts that always stand there, and of the others, in order, those that ROWS has room for.

    Only a headline, a fix or a command that is too long by itself takes more.
    """
    headline = _headline(explanation, layout)
    first, *others = [*_fixes(explanation, layout), ""]
    room = ROWS - _rows(headline, layout) - _rows(first, layout)
    facts = _facts(explanation, layout, is_cut=False)
    if _rows(facts, layout) >= room:  # the blank line is worth more than the ends of long rows
        facts = _facts(explanation, layout, is_cut=True)
    room -= _rows(facts, layout)
    parts = {
        "blank": "\n",
        "more": _more(explanation, layout, 0),
        "hint": _hint(explanation, layout),
    }
    parts |= {f"fix {number}": fix for number, fix in enumerate(others) if fix}
    shown = dict.fromkeys(parts, "")
    for name, part in parts.items():
        if _rows(part, layout) <= room:
            shown[name] = part
            room -= _rows(part, layout)
    fixes = [part for name, part in shown.items() if name.startswith("fix") and part]
    if shown["more"]:
        shown["more"] = _more(explanation, layout, len(parts) - 3 - len(fixes))
    head = headline + first + "".join(fixes) + shown["blank"]
    return head + facts + shown["hint"] + shown["more"]


def _rows(text: str, layout: Layout) -> int:
    """How many rows of the terminal TEXT takes; without a terminal a line is a row."""
    width = layout.width
    if width is None:
        return text.count("\n")
    plain = layout.style.removed(text)
    return sum(max(1, -(-display_width(line) // width)) for line in plain.splitlines())


def _facts(explanation: Explanation, layout: Layout, *, is_cut: bool) -> str:
    """What was observed and by which resolver, what was tried, what answered, the gravest finding.

    A row each, or as many as the words take where nothing IS_CUT.
    """
    tried, hit = _way(explanation, layout)
    style = layout.style
    rows: tuple[tuple[str, str, Callable[[str], str]], ...] = (
        ("Observed", escape(_observed(explanation)), str),
        ("Resolver", escape(_resolver(explanation)), str),
        ("Tried", tried, style.faint),
        ("Answer", hit, style.good),
    )
    facts = "".join(
        _painted(f"{f'{title}:':{_INDENT}}{words}", _INDENT, paint, layout, is_cut=is_cut)
        for title, words, paint in rows
        if words
    )
    return facts + _gravest(explanation, layout, is_cut=is_cut)


def _painted(
    text: str, indent: int, paint: Callable[[str], str], layout: Layout, *, is_cut: bool
) -> str:
    """TEXT in one row or several, painted but for what stands in its first INDENT columns."""
    if layout.width is None or is_cut:
        lines = [text if layout.width is None else fit(text, layout.width)]
    else:
        lines = wrapped(text, layout.width, hanging=" " * indent).splitlines()
    return "".join(f"{line[:indent]}{paint(line[indent:])}\n" for line in lines)


def _way(explanation: Explanation, layout: Layout) -> tuple[str, str]:
    """The candidates that had nothing, folded into one row, and the one that answered."""
    misses: dict[str, list[ExplainedStep]] = {}
    hit = ""
    for group in together(explanation.steps):
        found = next((each for each in group if each.outcome is Outcome.FOUND), None)
        if found and not found.asked:
            hit = _hit(found)
        elif group[0].source == "dns" or len(explanation.steps) == 1:
            misses.setdefault(_miss(group), []).append(group[0])
    room = (layout.width or _PIPE) - _INDENT
    tried = "; ".join(f"{_labels(steps)}: {words}" for words, steps in misses.items())
    if display_width(tried) > room:
        tried = "; ".join(f"{_counted(steps)}: {words}" for words, steps in misses.items())
    return tried, hit


def _hit(step: ExplainedStep) -> str:
    if step.source == "dns":
        return f"{escape(step.name)} {step.type}: {outcome_in_words(step)}"
    if not step.lines:
        return f"{_SOURCES.get(step.source, escape(step.source))}: {escape(step.rule)}"
    line = step.lines[0]
    more = f" and {len(step.lines) - 1} more" if len(step.lines) > 1 else ""
    text = _on_one_line(line.text)
    return (
        f"line {line.number}{more} of the hosts file: {text} (from {describe_origin(line.origin)})"
    )


def _miss(group: tuple[ExplainedStep, ...]) -> str:
    """`NXDOMAIN`, or what each type got; what the server said where that is something else."""
    if group[0].source != "dns":
        return escape(group[0].rule)
    said = next((each.asked for each in group if each.asked), "")
    if said:
        return escape(said)
    answers = _once(tuple(f"{each.type}: {_OUTCOME_WORDS[each.outcome]}" for each in group))
    return answers[0].partition(": ")[2] if len(answers) == 1 else ", ".join(answers)


def _labels(steps: Sequence[ExplainedStep]) -> str:
    return ", ".join(dict.fromkeys(escape(each.name or each.source) for each in steps))


def _counted(steps: Sequence[ExplainedStep]) -> str:
    """`3 search domains and redis.`"""
    domains = list(dict.fromkeys(each.suffix for each in steps if each.suffix))
    others = _labels([each for each in steps if not each.suffix])
    if not domains:
        return others
    count = f"{len(domains)} search domain{'s' if len(domains) > 1 else ''}"
    return f"{count} and {others}" if others else count


def _gravest(explanation: Explanation, layout: Layout, *, is_cut: bool) -> str:
    """The gravest finding that the headline does not say, if any is more than info."""
    graver = (
        each
        for each in explanation.findings
        if each.severity is not Severity.INFO
        and each.message.rstrip(".") not in explanation.headline
    )
    finding = next(graver, None)
    if finding is None:
        return ""
    severity = finding.severity.value
    text = f"{severity} {finding.reason.value}: {escape(finding.message)}"
    paint = layout.style.bad if finding.severity is Severity.ERROR else layout.style.warning
    printed = _painted(text, 2, str, layout, is_cut=is_cut)
    return paint(severity) + printed.removeprefix(severity)


def _hint(explanation: Explanation, layout: Layout) -> str:
    observed = explanation.observed
    hint = observed.hint if isinstance(observed, CouldNotLook) else ""
    return wrapped(escape(hint), layout.width, indent="hint: ", hanging="      ") if hint else ""


def _more(explanation: Explanation, layout: Layout, fixes: int) -> str:
    """What -o wide adds, among it FIXES that had no room."""
    graver = any(each.severity is not Severity.INFO for each in explanation.findings)
    findings, notes = len(explanation.findings) - graver, len(explanation.notes)
    added = [f"{fixes} more fix{'es' * (fixes > 1)}"] if fixes else []
    added += ["each step"]
    added += [f"{findings} {'more ' * graver}finding{'s' * (findings > 1)}"] if findings else []
    added += ["what was not checked"] if explanation.not_checked else []
    added += [f"{notes} note{'s' * (notes > 1)}"] if notes else []
    return f"{layout.style.faint('-o wide adds: ' + ', '.join(added))}\n"


# The headline and what fixes it.


def _headline(explanation: Explanation, layout: Layout) -> str:
    """The answer in one sentence, and in one line unless a terminal is too narrow."""
    paint = _paint(explanation, layout)
    text = wrapped(escape(explanation.headline), layout.width)
    return "".join(f"{paint(line)}\n" for line in text.splitlines())


def _paint(explanation: Explanation, layout: Layout) -> Callable[[str], str]:
    if explanation.verdict in {Agreement.DISAGREE, Agreement.UNKNOWN}:
        return layout.style.warning
    return layout.style.good if explanation.outcome is Outcome.FOUND else layout.style.bad


def _fixes(explanation: Explanation, layout: Layout) -> list[str]:
    """What was proved to help, a text each; where nothing was, what the gravest finding says."""
    if not explanation.fixes:
        return [_fix_line(explanation.fix, layout)] if explanation.fix else []
    return [_fix(each, layout) for each in explanation.fixes[:_FIXES]]


def _fix_line(sentence: str, layout: Layout) -> str:
    return wrapped(escape(sentence), layout.width, indent="fix: ", hanging="     ")


def _fix(fix: Fix, layout: Layout) -> str:
    """The sentence with what it gives; its commands as they are pasted, whatever their width."""
    then = fix.then
    values = ", ".join(then.addresses) or then.origin
    origin = f" ({then.origin})" if then.origin and then.addresses else ""
    found = f"resolves{' to ' * bool(values)}{values}{origin}"
    what = found if then.outcome is Outcome.FOUND else "does not resolve"
    # `Ask api.bank` has its full stop, if it has one, after what follows.
    sentence = f"{fix.sentence.rstrip('.')}; {fix.name or 'the name'} then {what}"
    commands = "".join(f"     {escape(each)}\n" for each in fix.commands)
    return _fix_line(sentence, layout) + commands


# All of it.


def _circumstances(explanation: Explanation, layout: Layout) -> str:
    """What the name was taken to mean, what was observed, by which resolver: a line each."""
    cause = explanation.cause
    meant = "; missing: ".join((cause.reading, ", ".join(cause.missing))) if cause else ""
    facts = (
        ("Meant", meant),
        ("Observed", _observed(explanation)),
        ("Resolver", _resolver(explanation)),
        ("Search", ", ".join(explanation.resolver.search_list)),
    )
    return "".join(
        wrapped(escape(words), layout.width, indent=f"{f'{title}:':10}", hanging=" " * _INDENT)
        for title, words in facts
        if words
    )


_VERDICTS = {
    Agreement.AGREE: "as predicted",
    Agreement.DISAGREE: "not as predicted",
    Agreement.PREDICTED_ONLY: "predicted",
    Agreement.UNKNOWN: "the prediction is not known",
}
# What a program learns: it does not know why.
_NOT_FOUND = {
    Outcome.NXDOMAIN: "not found",
    Outcome.NODATA: "not found",
    Outcome.ALIAS_ALONE: "not found",
}


def answer_in_words(explanation: Explanation) -> str:
    """`10.96.0.77, as predicted`, `not found, predicted`."""
    outcome = explanation.outcome
    answer = ", ".join(values(explanation)) or _NOT_FOUND.get(outcome) or _OUTCOME_WORDS[outcome]
    return escape(f"{answer}, {_VERDICTS[explanation.verdict]}")


def _observed(explanation: Explanation) -> str:
    observed = explanation.observed
    if not isinstance(observed, Observed):
        return f"could not look: {observed.why}"
    values = ", ".join(dict.fromkeys(observed.addresses or observed.data))
    answer = values or _NOT_FOUND.get(observed.outcome) or observed.error or observed.outcome.value
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


class Paragraph(NamedTuple):
    """What is done at one place, and what came of it: a heading, and lines below it."""

    heading: str
    lines: tuple[str, ...]
    is_hit: bool = False


def _steps(explanation: Explanation, layout: Layout) -> str:
    text = ""
    for number, group in enumerate(together(explanation.steps), 1):
        paragraph = _paragraph(group)
        paint = layout.style.good if paragraph.is_hit else str
        heading = wrapped(paragraph.heading, layout.width, indent=f"{number}. ", hanging="   ")
        text += "".join(f"{paint(line)}\n" for line in heading.splitlines())
        for line in paragraph.lines:
            text += wrapped(line, layout.width, indent="   ", hanging="     ")
    return text


def together(steps: Sequence[ExplainedStep]) -> Iterator[tuple[ExplainedStep, ...]]:
    """The steps in order; the questions that one candidate puts to one server stand together."""
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


def _paragraph(group: tuple[ExplainedStep, ...]) -> Paragraph:
    first = group[0]
    is_hit = any(each.outcome is Outcome.FOUND and not each.asked for each in group)
    if first.source != "dns":
        return _of_source(first, is_hit=is_hit)
    search = f" (search domain {escape(first.suffix)})" if first.suffix else ""
    server = f" asked of {escape(first.server)}" if first.server else ""
    heading = f"{escape(first.name)}{server}{search}"
    answers = answers_in_words(group)
    trail = tuple(f"via: {escape(each)}" for each in first.trail)
    return Paragraph(heading, (*answers, *trail, *_why(group)), is_hit)


def answers_in_words(group: Sequence[ExplainedStep]) -> tuple[str, ...]:
    """What each type of question got: `A: 10.96.0.77, from Service shop/redis`, `AAAA: ...`."""
    return _once(tuple(f"{each.type}: {outcome_in_words(each)}" for each in group))


def _once(answers: tuple[str, ...]) -> tuple[str, ...]:
    """`A: NXDOMAIN` and `AAAA: NXDOMAIN` as `A, AAAA: NXDOMAIN`."""
    said: dict[str, list[str]] = {}
    for answer in answers:
        qtype, _, words = answer.partition(": ")
        said.setdefault(words, []).append(qtype)
    return tuple(f"{', '.join(types)}: {words}" for words, types in said.items())


def _why(group: tuple[ExplainedStep, ...]) -> Iterator[str]:
    # `kubernetes (Corefile line 3): no Service shop/api` has said it already.
    said = [escape(tail) for each in group for tail in each.trail[-1:]]
    said = [tail for words in said if (tail := words.partition("): ")[2])]
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


_OUTCOME_WORDS = {
    Outcome.FOUND: "found",
    Outcome.NXDOMAIN: "NXDOMAIN",
    Outcome.NODATA: "no record of this type",
    Outcome.ALIAS_ALONE: "an alias that leads to no record",
    Outcome.SERVFAIL: "SERVFAIL",
    Outcome.REFUSED: "REFUSED",
    Outcome.TIMEOUT: "no reply",
    Outcome.UNKNOWN: "unknown",
    Outcome.MALFORMED: "malformed question",
    Outcome.SKIPPED: "not asked",
}


def outcome_words(outcome: Outcome) -> str:
    """`NXDOMAIN`, `no record of this type`."""
    return _OUTCOME_WORDS[outcome]


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


# The sources of nsswitch.conf(5), and two that are none.
_SOURCES = {"files": "hosts file", "literal": "the name itself", "name": "the name itself"}


def _of_source(step: ExplainedStep, *, is_hit: bool) -> Paragraph:
    heading = _SOURCES.get(step.source, f"source {escape(step.source)}")
    if step.rule_id == "NotInFiles":
        return Paragraph(escape(step.rule), ())
    lines = [
        f"line {line.number}: {_on_one_line(line.text)} (from {describe_origin(line.origin)})"
        for line in step.lines
    ]
    return Paragraph(heading, (*lines, escape(step.rule)), is_hit)


def _on_one_line(text: str) -> str:
    return "  ".join(escape(part) for part in text.split("\t"))


def _findings(explanation: Explanation, layout: Layout) -> str:
    fixes = {explanation.fix, *(each.sentence for each in explanation.fixes)}
    printed = print_findings(explanation.findings, layout.style, said=fixes)
    return folded(printed, layout.width)


def _notes(explanation: Explanation, layout: Layout) -> str:
    return "".join(
        wrapped(escape(each), layout.width, indent="Note: ", hanging="      ")
        for each in explanation.notes
    )


# Several pods.

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
    from kubectl_hosts.report.table import print_table  # noqa: PLC0415  many pods only

    rows = [
        [
            escape(", ".join(each.values))
            or _NOT_FOUND.get(each.outcome)
            or _OUTCOME_WORDS[each.outcome],
            str(len(each.explanations)),
            escape(each.differs) or "<none>",
            _pods(each),
        ]
        for each in groups
    ]
    headers = ("ANSWER", "COUNT", "DIFFERS-IN", "PODS")
    printed = print_table(headers, rows, show_headers=layout.headers).splitlines()
    if layout.width is not None:
        printed = [fit(line, layout.width) for line in printed]
    head, body = (printed[:1], printed[1:]) if layout.headers else ([], printed)
    good, bad = layout.style.good, layout.style.bad
    paints = [good if each.outcome is Outcome.FOUND else bad for each in groups]
    painted = [paint(line) for paint, line in zip(paints, body, strict=True)]
    return "".join(f"{line}\n" for line in (*head, *painted))


def _pods(group: AnswerGroup) -> str:
    names = [f"{each.namespace}/{each.pod}" for each in group.explanations]
    more = len(names) - _SHOWN
    return escape(", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else ""))
