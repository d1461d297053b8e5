"""`explain` for people: the answer first, the way there, what is wrong, what was not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explanation import Agreement, Explanation, Observed
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.explanation_steps import paragraphs
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_one import Layout, block
from kubectl_hosts.report.terminal import escape
from kubectl_hosts.report.wrapping import folded, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        # Brings tabulate.
        from kubectl_hosts.report.answer_groups import print_groups  # noqa: PLC0415

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
