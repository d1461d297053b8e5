"""`explain` for people: the verdict, what fixes it, what was observed, the way there in ten rows.

`-o wide` has all of it: each candidate with the plugins it met, every finding, what was not
checked. Several pods are a line a name and a row a group of pods with one answer, and where answers
differ one pod of each group. `-o short` is the answer alone; `-o tree` and `-o mermaid` draw the
path of the lookup. With `--with`: what a name resolves to now and with manifests applied, and why.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.agreement import group_by_answer, summarize
from kubectl_hosts.model.explain.to_come import for_people
from kubectl_hosts.model.explain.words import origin_in_words
from kubectl_hosts.model.explanation import Agreement, Explanation, Observed
from kubectl_hosts.model.findings import Reason, Severity, counted, first_few
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.finding_words import (
    colours,
    describe_origin,
    print_findings,
    print_kinds_not_read,
    print_not_checked,
)
from kubectl_hosts.report.hosts_one import Layout, block, on_a_screen
from kubectl_hosts.report.json_documents import (
    API_VERSION,
    JsonDocument,
    explanation_document,
    missed_document,
    one_or_list,
    print_document,
)
from kubectl_hosts.report.terminal import (
    display_width,
    escape,
    escape_lines,
    fit,
    folded,
    painted,
    print_table,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.explain.agreement import AnswerGroup
    from kubectl_hosts.model.explain.before_after import BeforeAfter
    from kubectl_hosts.model.explanation import ExplainedStep, Fix
    from kubectl_hosts.model.findings import Finding

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
        explanations = tuple(map(for_people, explanations))
    if layout.output == "short":
        return _answers(explanations, layout, single=single)
    if layout.output == "mermaid":
        return print_mermaid(explanations)
    if layout.output not in {"table", "wide", "tree"}:
        return print_document(explanations_document(explanations, single=single), layout.output)
    show = print_tree if layout.output == "tree" else print_explanation
    if len({(each.namespace, each.pod) for each in explanations}) > 1:
        return on_a_screen(lambda chosen: print_groups(explanations, chosen, show), layout)
    return "\n".join(show(each, layout) for each in explanations)


def explanations_document(
    explanations: Sequence[Explanation], *, single: bool = True
) -> JsonDocument:
    """An Explanation where one is meant (SINGLE) and there is one, else an ExplanationList."""
    documents = [explanation_document(each) for each in explanations]
    return one_or_list(documents, "Explanation", single=single)


def _answers(explanations: Sequence[Explanation], layout: Layout, *, single: bool) -> str:
    """An address (or a record's data) a line; of several names or pods a row each.

    A name without an answer has no line, in a row `<none>`, or `<unknown>`.
    """
    if single and len(explanations) == 1:
        return "".join(f"{escape(each)}\n" for each in values(explanations[0]))
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
    if layout.folds:
        return _headline(explanation, layout) + "".join(_fixes(explanation, layout)[:1])
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
    not_read = _not_read(explanation, layout)
    room = ROWS - sum(map(layout.rows, (headline, first, not_read)))
    facts = _facts(explanation, layout, is_cut=False)
    if layout.rows(facts) >= room:  # the blank line is worth more than the ends of long rows
        facts = _facts(explanation, layout, is_cut=True)
    room -= layout.rows(facts)
    parts = {
        "blank": "\n",
        "more": _more(explanation, layout, 0),
        "hint": _hint(explanation, layout),
    }
    parts |= {f"fix {number}": fix for number, fix in enumerate(others) if fix}
    shown = dict.fromkeys(parts, "")
    for name, part in parts.items():
        if layout.rows(part) <= room:
            shown[name] = part
            room -= layout.rows(part)
    fixes = [part for name, part in shown.items() if name.startswith("fix") and part]
    if shown["more"]:
        shown["more"] = _more(explanation, layout, len(explanation.fixes[1:_FIXES]) - len(fixes))
    head = headline + first + "".join(fixes) + shown["blank"]
    return head + facts + not_read + shown["hint"] + shown["more"]


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
        lines = [fit(text, layout.width)]
    else:
        lines = wrapped(text, layout.width, hanging=" " * indent).splitlines()
    return "".join(f"{line[:indent]}{paint(line[indent:])}\n" for line in lines)


def _not_read(explanation: Explanation, layout: Layout) -> str:
    """What a server did not give: `list pods, get services: Forbidden`; -o wide has its words.

    Why nobody looked a name up stands in the row of what was observed.
    """
    told = explanation.observed if isinstance(explanation.observed, CouldNotLook) else None
    missed = [each for each in explanation.not_checked if each.request and each != told]
    if not missed:
        return ""
    requests = ", ".join(dict.fromkeys(each.request for each in missed))
    reasons = ", ".join(dict.fromkeys(each.reason for each in missed))
    words = escape(f"Not read: {requests}: {reasons}")
    return _painted(words, _INDENT, str, layout, is_cut=False)


def _way(explanation: Explanation, layout: Layout) -> tuple[str, str]:
    """The candidates that had nothing, folded into one row, and the one that answered."""
    misses: dict[str, list[ExplainedStep]] = {}
    hit = ""
    is_settled = explanation.is_settled
    for group in together(explanation.steps):
        found = next((each for each in group if each.outcome is Outcome.FOUND), None)
        if found and not found.asked:
            hit = _hit(found)
        elif is_settled and group[0].outcome is Outcome.UNKNOWN:
            continue
        elif group[0].source == "dns" or len(explanation.steps) == 1:
            misses.setdefault(_miss(group), []).append(group[0])
    room = (layout.width or _PIPE) - _INDENT
    tried = "; ".join(f"{_labels(steps)}: {words}" for words, steps in misses.items())
    if display_width(tried) > room:
        tried = "; ".join(f"{_counted(steps)}: {words}" for words, steps in misses.items())
    tried += f"{'; ' * bool(tried)}outside the cluster: not asked" if is_settled else ""
    reasons = {each.reason for each in explanation.findings}
    if tried and reasons & _SPARED_BY_A_FINAL_DOT:
        tried += "; a final dot spares them"
    return tried, hit


_SPARED_BY_A_FINAL_DOT = frozenset({Reason.FULL_NAME_SEARCHED, Reason.SEARCH_LIST_WASTED})


def _hit(step: ExplainedStep) -> str:
    if step.source == "dns":
        return f"{escape(step.name)} {step.type}: {outcome_in_words(step)}"
    if not step.lines:
        return f"{_SOURCES.get(step.source, escape(step.source))}: {escape(step.rule)}"
    line = step.lines[0]
    more = f" and {len(step.lines) - 1} more" if len(step.lines) > 1 else ""
    text = _on_one_line(line.text)
    return f"{line.place}{more} of the hosts file: {text} (from {describe_origin(line.origin)})"


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
    count = counted(len(domains), "search domain")
    return f"{count} and {others}" if others else count


def _gravest_finding(explanation: Explanation) -> Finding | None:
    """The gravest finding that the headline does not say, if any is more than info."""
    cause = explanation.cause
    # Where no fix was proved, the finding's hint is what there is.
    said = cause.reasons if cause and explanation.fixes else frozenset()
    graver = (
        each
        for each in explanation.findings
        if each.severity is not Severity.INFO
        and each.reason not in said
        and each.message.rstrip(".") not in explanation.headline
    )
    return next(graver, None)


def _gravest(explanation: Explanation, layout: Layout, *, is_cut: bool) -> str:
    finding = _gravest_finding(explanation)
    if finding is None:
        return ""
    severity = finding.severity.value
    text = f"{severity} {finding.reason.value}: {escape(finding.message)}"
    paint = colours(layout.style)[finding.severity]
    printed = _painted(text, 2, str, layout, is_cut=is_cut)
    hint = wrapped(escape(finding.hint), layout.width, indent="  hint: ", hanging="    ")
    return paint(severity) + printed.removeprefix(severity) + (hint if finding.hint else "")


def _hint(explanation: Explanation, layout: Layout) -> str:
    observed = explanation.observed
    hint = observed.hint if isinstance(observed, CouldNotLook) else ""
    return wrapped(escape(hint), layout.width, indent="hint: ", hanging="      ") if hint else ""


def _more(explanation: Explanation, layout: Layout, fixes: int) -> str:
    """What -o wide adds, among it FIXES that had no room."""
    printed, notes = _gravest_finding(explanation), len(explanation.notes)
    added = [f"{fixes} more fix{'es' * (fixes > 1)}"] if fixes else []
    added += ["each step"]
    added += dict.fromkeys(
        each.reason.value for each in explanation.findings if each is not printed
    )
    added += ["what was not checked"] if explanation.not_checked else []
    added += [counted(notes, "note")] if notes else []
    text = fit(f"-o wide adds: {', '.join(added)}", layout.width)
    return f"{layout.style.faint(text)}\n"


# The headline and what fixes it.


def _headline(explanation: Explanation, layout: Layout) -> str:
    """The answer in one sentence, and in one line unless a terminal is too narrow."""
    return painted(explanation.headline, layout.width, _paint(explanation, layout))


def _paint(explanation: Explanation, layout: Layout) -> Callable[[str], str]:
    doubtful = {Agreement.DISAGREE, Agreement.UNKNOWN}
    if explanation.verdict in doubtful and not explanation.is_settled:
        return layout.style.warning
    return layout.style.good if explanation.outcome is Outcome.FOUND else layout.style.bad


def _fixes(explanation: Explanation, layout: Layout) -> list[str]:
    """What was proved to help, a text each."""
    if not explanation.fixes:
        return []
    first, *others = explanation.fixes[:_FIXES]
    if layout.output != "wide":  # what leads elsewhere is a fix for something else that was meant
        others = [each for each in others if each.then.addresses == first.then.addresses]
    return [print_fix(each, layout) for each in (first, *others)]


def print_fix(fix: Fix, layout: Layout) -> str:
    """The sentence with what it gives; its commands as they are pasted, whatever their width."""
    then = fix.then
    values = ", ".join(then.addresses) or then.origin
    origin = f" ({then.origin})" if then.origin and then.addresses else ""
    found = f"resolves{' to ' * bool(values)}{values}{origin}"
    what = found if then.outcome is Outcome.FOUND else "does not resolve"
    # A final dot is part of the name that is to be asked.
    sentence = f"{fix.sentence}; {'it' if fix.name else 'the name'} then {what}"
    commands = "".join(f"     {escape_lines(each)}\n" for each in fix.commands)
    return wrapped(escape(sentence), layout.width, indent="fix: ", hanging="     ") + commands


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
    verdict = _VERDICTS[explanation.verdict]
    if explanation.is_settled:
        verdict = "as the cluster's objects explain"
    return f"{answer} ({observed.by}), {verdict}{_of_commands(explanation)}"


_KUBELET_LINES = frozenset({OriginKind.KUBELET_BOILERPLATE, OriginKind.POD_IP})


def _of_commands(explanation: Explanation) -> str:
    """Why what people compare with may show something else; BIND's nslookup searches.

    Nobody looks for the kubelet's own lines (localhost, the pod's name) in DNS.
    """
    origin = explanation.predicted.origin
    is_own = origin is not None and origin.kind in _KUBELET_LINES
    if is_own or all(
        each.reason is not Reason.LOOKUP_COMMAND_DIFFERS for each in explanation.findings
    ):
        return ""
    from_file = any(each.source == "files" and each.lines for each in explanation.steps)
    return "; nslookup asks DNS alone" if from_file else "; dig does not search"


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
    return (tuple(group) for _, group in groupby(steps, key=_place))


def _is_hit(group: Sequence[ExplainedStep]) -> bool:
    """Whether the answer is among the steps, and no server said otherwise."""
    return any(each.outcome is Outcome.FOUND and not each.asked for each in group)


def _place(step: ExplainedStep) -> tuple[str, str, str]:
    return step.source, step.name, step.server


def _paragraph(group: tuple[ExplainedStep, ...]) -> Paragraph:
    first, is_hit = group[0], _is_hit(group)
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
        f"{line.place}: {_on_one_line(line.text)} (from {describe_origin(line.origin)})"
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


def print_groups(
    explanations: Sequence[Explanation],
    layout: Layout,
    show: Callable[[Explanation, Layout], str],
) -> str:
    """For each name the summary and a row a group; then, where answers differ, one pod of each.

    SHOW prints one explanation. -o wide and -o tree show one pod of each group in any case.
    """
    names = dict.fromkeys((each.name, each.type) for each in explanations)
    parts = []
    for name in names:
        groups = group_by_answer(tuple(e for e in explanations if (e.name, e.type) == name))
        # Without headers the rows alone, so that `wc -l` counts them as kubectl's.
        parts.append(_of_name(groups, layout, show) if layout.headers else _table(groups, layout))
    return ("\n" if layout.headers else "").join(parts)


def _of_name(
    groups: tuple[AnswerGroup, ...], layout: Layout, show: Callable[[Explanation, Layout], str]
) -> str:
    summary = painted(summarize(groups), layout.width, layout.style.bold)
    text = f"{summary}\n{_table(groups, layout)}"
    is_detailed = layout.output in {"wide", "tree"}
    shown = groups if is_detailed else groups[1:]
    missed = (
        (f"{e.namespace}/{e.pod}", e.not_checked) for group in groups for e in group.explanations
    )
    text += block(folded(print_kinds_not_read(missed), layout.width))
    return text + "".join(f"\n{show(each.explanations[0], layout)}" for each in shown)


def _table(groups: tuple[AnswerGroup, ...], layout: Layout) -> str:
    rows = [
        [
            escape(", ".join(each.values))
            or _NOT_FOUND.get(each.outcome)
            or _OUTCOME_WORDS[each.outcome],
            str(len(each.explanations)),
            escape(each.differs) or "<none>",
            escape(first_few([f"{e.namespace}/{e.pod}" for e in each.explanations])),
        ]
        for each in groups
    ]
    headers = ("ANSWER", "COUNT", "DIFFERS-IN", "PODS")
    printed = print_table(headers, rows, show_headers=layout.headers).splitlines()
    good, bad = layout.style.good, layout.style.bad
    paints: list[Callable[[str], str]] = [str] if layout.headers else []
    paints += [good if each.outcome is Outcome.FOUND else bad for each in groups]
    lines = zip(paints, printed, strict=True)
    return "".join(f"{paint(fit(line, layout.width))}\n" for paint, line in lines)


# The path of a lookup as a tree: sources and candidates as branches, the answer as the last.


class Branch(NamedTuple):
    """A line of the tree, its colour, and what hangs from it."""

    text: str
    branches: tuple[Branch, ...] = ()
    paint: Callable[[str], str] = str


def print_tree(explanation: Explanation, layout: Layout) -> str:
    """The tree, cut at the terminal's width; where stdout has no such glyphs, `encodable` helps."""
    title = escape(f"{explanation.name} in {_vantage(explanation)}")
    width = layout.width
    text = f"{fit(title, width)}\n"
    for before, words, paint in _draw(_branches(explanation, layout)):
        room = None if width is None else max(1, width - len(before))
        text += f"{before}{paint(fit(words, room))}\n"
    return text


def _vantage(explanation: Explanation) -> str:
    return f"pod {explanation.namespace}/{explanation.pod}, container {explanation.container}"


def _draw(
    branches: tuple[Branch, ...], before: str = ""
) -> list[tuple[str, str, Callable[[str], str]]]:
    """What stands before each line's words, the words, their colour."""
    lines: list[tuple[str, str, Callable[[str], str]]] = []
    for branch in branches:
        is_last = branch is branches[-1]
        lines.append((f"{before}{'└─ ' if is_last else '├─ '}", branch.text, branch.paint))
        lines += _draw(branch.branches, before + ("   " if is_last else "│  "))
    return lines


def _branches(explanation: Explanation, layout: Layout) -> tuple[Branch, ...]:
    style = layout.style
    steps = tuple(_branch(each, layout) for each in together(explanation.steps))
    hidden = [
        Branch(f"shadowed: {escape(words)}", paint=style.faint) for words in _shadowed(explanation)
    ]
    paints: dict[Severity, Callable[[str], str]] = {**colours(style), Severity.INFO: str}
    findings = tuple(
        Branch(
            escape(f"{each.severity.value} {each.reason.value}: {each.message}"),
            paint=paints[each.severity],
        )
        for each in explanation.findings
    )
    paint = style.good if explanation.outcome is Outcome.FOUND else style.bad
    return (*steps, *hidden, Branch(f"answer: {answer_in_words(explanation)}", findings, paint))


def _shadowed(explanation: Explanation) -> Iterator[str]:
    """What cluster DNS would have said, where nobody asks it."""
    shadowed = explanation.shadowed
    if shadowed:
        origin = f" from {describe_origin(shadowed.origin)}" if shadowed.origin else ""
        yield f"{', '.join(shadowed.addresses)}{origin}"


def _branch(group: tuple[ExplainedStep, ...], layout: Layout) -> Branch:
    """One source, or one candidate at one nameserver with its A and its AAAA."""
    step = group[0]
    paint = layout.style.good if _is_hit(group) else layout.style.faint
    if step.source != "dns":
        lines = tuple(
            Branch(
                f"{line.place}: {escape('  '.join(line.text.split()))}",
                (Branch(f"from {describe_origin(line.origin)}"),),
            )
            for line in step.lines
        )
        return Branch(f"{escape(step.source)}: {escape(step.rule)}", lines, paint)
    server = f" @{escape(step.server)}" if step.server else ""
    answers = "; ".join(answers_in_words(group))
    trail = [Branch(escape(words)) for words in dict.fromkeys(w for e in group for w in e.trail)]
    said = dict.fromkeys(escape(each.asked) for each in group if each.asked)
    trail += [Branch(f"but the server in fact says: {words}") for words in said]
    return Branch(f"dns{server} {escape(step.name)} {answers}", tuple(trail), paint)


# The path of a lookup as a Mermaid flowchart, which GitHub and others draw: `-o mermaid`.
#
# Every text stands in quotes, and every character in it that could mean something to Mermaid or to
# HTML as an entity code (https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape
# characters"), so that any name is safe. Colour never says anything that the words do not.

_PLAIN = re.compile(r"[^A-Za-z0-9 ._,:/()@=+-]")
_CLASSES = """\
    classDef hit fill:#e6f4ea,stroke:#1e7e34,color:#12391b
    classDef miss fill:#fdecea,stroke:#b3261e,color:#410e0b
    classDef plain fill:#f4f4f5,stroke:#52525b,color:#18181b
"""


class _Chart:
    """The lines of a flowchart; nodes are n0, n1, ... in the order they are added."""

    def __init__(self) -> None:
        self._nodes: list[str] = []
        self._edges: list[str] = []
        self._broken: list[int] = []

    def node(self, text: str, kind: str) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(f'    {name}["{quoted(text)}"]:::{kind}')
        return name

    def edge(self, start: str, end: str, text: str = "", *, arrow: str = "-->") -> None:
        label = f'|"{quoted(text)}"|' if text else ""
        self._edges.append(f"    {start} {arrow}{label} {end}")

    def broken(self, start: str, end: str, text: str) -> None:
        """An edge that did not lead there: dotted, red, with the reason on it."""
        self._broken.append(len(self._edges))
        self.edge(start, end, text, arrow="-.->")

    def text(self) -> str:
        style = [f"    linkStyle {','.join(map(str, self._broken))} stroke:#b3261e"]
        lines = ["flowchart LR", *self._nodes, *self._edges, *(style if self._broken else [])]
        return "\n".join(lines) + "\n" + _CLASSES


def quoted(text: str) -> str:
    """TEXT as it may stand within quotes of a flowchart: what is not plain is `#N;`."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", escape(" ".join(text.split())))


def print_mermaid(explanations: Sequence[Explanation]) -> str:
    """A flowchart for each explanation, a blank line between two."""
    return "\n".join(map(_flowchart, explanations))


def _flowchart(explanation: Explanation) -> str:
    chart = _Chart()
    before = chart.node(_vantage(explanation), "plain")
    reason = f"looks up {explanation.name}"
    was_missed = False
    for group in together(explanation.steps):
        is_hit = _is_hit(group)
        here = chart.node(_node_text(group[0]), "hit" if is_hit else "miss")
        (chart.broken if was_missed else chart.edge)(before, here, reason)
        before, reason, was_missed = here, _outcome(group), not is_hit
        if is_hit:
            before, reason = _behind(chart, here, group), ""
    for words in _shadowed(explanation):
        chart.broken(before, chart.node(words, "plain"), "DNS is not asked")
    answer = chart.node(f"{explanation.name}: {answer_in_words(explanation)}", _kind(explanation))
    (chart.broken if was_missed else chart.edge)(before, answer, reason)
    return chart.text()


def _node_text(step: ExplainedStep) -> str:
    if step.source != "dns":
        return {"files": "hosts file", "literal": "the name itself"}.get(step.source, step.source)
    server = f" at {step.server}" if step.server else ""
    return f"{step.name}{server}"


def _outcome(group: tuple[ExplainedStep, ...]) -> str:
    """What came of it, and why: `A, AAAA: NXDOMAIN: no Service shop/api`."""
    first = group[0]
    if first.source != "dns":
        return first.rule
    said = next((f"the server says {each.asked}" for each in group if each.asked), "")
    why = next((each.because for each in group if each.because), "")
    return ": ".join(filter(None, (said or "; ".join(answers_in_words(group)), why)))


def _behind(chart: _Chart, here: str, group: tuple[ExplainedStep, ...]) -> str:
    """The line, or the server block, the plugins and the object that gave the answer."""
    step = next(each for each in group if each.outcome is Outcome.FOUND)
    words = [
        f"{line.place}: {line.text}, from {describe_origin(line.origin)}" for line in step.lines
    ]
    words += list(step.trail)
    words += [describe_origin(step.origin)] if step.origin and step.source == "dns" else []
    for each in words:
        there = chart.node(each, "plain")
        chart.edge(here, there)
        here = there
    return here


def _kind(explanation: Explanation) -> str:
    if explanation.outcome is Outcome.UNKNOWN:
        return "plain"
    return "hit" if explanation.outcome is Outcome.FOUND else "miss"


def print_before_after(
    found: Sequence[BeforeAfter], files: str, layout: Layout, *, single: bool = True
) -> str:
    """The names in the format of LAYOUT; FILES are those of --with, in words.

    -o short is the first line alone; -o json and -o yaml have both explanations in one document.
    """
    if layout.output == "short":
        return "".join(f"{escape(in_one_sentence(each, files))}\n" for each in found)
    if layout.output not in {"table", "wide"}:
        documents = [_document(each, files) for each in found]
        document = one_or_list(documents, "ExplanationChange", single=single)
        return print_document(document, layout.output)
    return "\n".join(_one(each, files, layout) for each in found)


def in_one_sentence(found: BeforeAfter, files: str) -> str:
    """`redis: NXDOMAIN now; resolves to 10.96.0.9 (Service shop/redis) with web.yaml`."""
    before, after = found.before, found.after
    now = _answer(before)
    if isinstance(after, CouldNotLook):
        return f"{before.name}: {now} now; not known with {files}: {after.why}"
    then = _answer(after)
    if before.outcome is after.outcome and set(values(before)) == set(values(after)):
        return f"{before.name}: {now} now, and the same with {files}"
    return f"{before.name}: {now} now; {then} with {files}"


def _answer(explanation: Explanation) -> str:
    if explanation.outcome is not Outcome.FOUND:
        return outcome_words(explanation.outcome)
    addresses = values(for_people(explanation))
    origin = explanation.predicted.origin
    words = origin_in_words(origin) if origin and addresses == values(explanation) else ""
    owner = f" ({words})" if words else ""
    return f"resolves to {', '.join(addresses)}{owner}"


def _one(found: BeforeAfter, files: str, layout: Layout) -> str:
    style, after = layout.style, found.after
    is_good = not isinstance(after, CouldNotLook) and after.outcome is Outcome.FOUND
    paint = style.good if is_good else style.bad
    text = painted(in_one_sentence(found, files), layout.width, paint)
    text += "".join(
        wrapped(escape(each), layout.width, hanging="  ") for each in _what_changes(found, files)
    )
    text += block(f"Now:\n{print_explanation(for_people(found.before), layout)}")
    if isinstance(after, CouldNotLook):
        hint = f"hint: {escape(after.hint)}\n" if after.hint else ""
        return text + block(hint)
    printed = print_explanation(for_people(after), layout)
    return text + block(f"With {escape(files)}:\n{printed}")


def _what_changes(found: BeforeAfter, files: str) -> Iterator[str]:
    words = _changes(found)
    if words:
        yield f"{files} {', '.join(words)}."
    elif not isinstance(found.after, CouldNotLook):
        yield f"{files} changes nothing that is there."
    if found.passed_over:
        yield f"No name depends on {', '.join(found.passed_over)}."


def _changes(found: BeforeAfter) -> tuple[str, ...]:
    from kubectl_hosts.model.what_if import change_in_words  # noqa: PLC0415  --with alone

    return tuple(filter(None, map(change_in_words, found.changes)))


def _document(found: BeforeAfter, files: str) -> JsonDocument:
    after = found.after
    missed = after if isinstance(after, CouldNotLook) else None
    return {
        "apiVersion": API_VERSION,
        "kind": "ExplanationChange",
        "name": found.before.name,
        "headline": in_one_sentence(found, files),
        "changes": list(_changes(found)),
        "before": explanation_document(found.before),
        "after": None if isinstance(after, CouldNotLook) else explanation_document(after),
        "couldNotLook": missed_document(missed) if missed else None,
    }
