"""`explain --with`: what a name resolves to now and with manifests applied, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.to_come import for_people
from kubectl_hosts.model.explain.words import origin_in_words
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.what_if import change_in_words
from kubectl_hosts.report.explanation import outcome_words, print_explanation, values
from kubectl_hosts.report.hosts_one import Layout, block
from kubectl_hosts.report.json_documents import (
    API_VERSION,
    JsonDocument,
    explanation_document,
    one_or_list,
    print_document,
)
from kubectl_hosts.report.terminal import escape, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.explain.before_after import BeforeAfter
    from kubectl_hosts.model.explanation import Explanation


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
    first = wrapped(escape(in_one_sentence(found, files)), layout.width)
    text = "".join(f"{paint(line)}\n" for line in first.splitlines())
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
    words = tuple(filter(None, map(change_in_words, found.changes)))
    if words:
        yield f"{files} {', '.join(words)}."
    elif not isinstance(found.after, CouldNotLook):
        yield f"{files} changes nothing that is there."
    if found.passed_over:
        yield f"No name depends on {', '.join(found.passed_over)}."


def _document(found: BeforeAfter, files: str) -> JsonDocument:
    after = found.after
    missed = after if isinstance(after, CouldNotLook) else None
    return {
        "apiVersion": API_VERSION,
        "kind": "ExplanationChange",
        "name": found.before.name,
        "headline": in_one_sentence(found, files),
        "changes": list(filter(None, map(change_in_words, found.changes))),
        "before": explanation_document(found.before),
        "after": None if isinstance(after, CouldNotLook) else explanation_document(after),
        "couldNotLook": {"what": missed.what, "why": missed.why, "hint": missed.hint}
        if missed
        else None,
    }
