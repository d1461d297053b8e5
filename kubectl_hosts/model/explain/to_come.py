"""Addresses that nobody has given yet: in every sentence they stand as what they are.

The control plane on paper gives placeholders (control_plane.Placeholders) to what has no address,
and the model takes them as any other. People read "the cluster IP that Service shop/redis will get"
in their place; documents keep the placeholder, and say in `placeholders` what each stands for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubectl_hosts.model.dns import Record
    from kubectl_hosts.model.explain.case import ExplainCase
    from kubectl_hosts.model.explanation import ExplainedStep, Explanation, HostsLineUsed, Predicted
    from kubectl_hosts.model.findings import Finding

OWN = "the pod's own IP"
"""Of the pod that asks: nobody has to look up which one that is."""
_OWN_IPV6 = "the pod's own IPv6 address"
_IN_FILE = "<pod IP>"
_IN_NAME = "<IP>"
# An address in a sentence, or in the name that CoreDNS makes of it: `10-1-2-3.web.shop.svc`.
_PART = "[0-9a-f]{1,4}"
_TOKEN = re.compile(
    rf"(?<![\w.:-]){_PART}(?:(?:[:.]{{1,2}}{_PART})+|(?:-{{1,2}}{_PART})+)(?![\w:-]|\.\d)"
)
_ONE_OF_MANY = re.compile(r"the (IP|IPv6 address) that pod \d+ of (\d+) of (.+) will get")


class ToCome:
    """Placeholders by address, with their words; OWN are the addresses of the pod that asks."""

    def __init__(self, words: Mapping[str, str], own: Iterable[str] = ()) -> None:
        # Of a whole cluster there are thousands, and each name is put in words: nothing is made of
        # all of them here.
        self._words = words
        self._own = frozenset(each for each in own if each in words)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._words)

    def values(self, values: Iterable[str]) -> tuple[str, ...]:
        """VALUES for people; the replicas of one workload are said at once."""
        given = tuple(values)
        if given and set(given) <= self._own:
            return (OWN,)
        said = [self._words.get(each) or self.text(each) for each in given]
        return tuple(dict.fromkeys(_together(said)))

    def text(self, text: str, *, address: str = "") -> str:
        """TEXT with words for each placeholder in it; ADDRESS stands for all where it is given."""

        def word(match: re.Match[str]) -> str:
            token = match[0]
            if token in self._words:
                own = _OWN_IPV6 if ":" in token else OWN
                return address or (own if token in self._own else self._words[token])
            return _IN_NAME if self._in_name(token) else token

        return _TOKEN.sub(word, text)

    def mentioned(self, texts: Iterable[str]) -> dict[str, str]:
        """The placeholders that TEXTS have, and what they stand for."""
        tokens = {token for text in texts for token in _TOKEN.findall(text)}
        named = {each if each in self._words else self._in_name(each) for each in tokens}
        return {each: self._words[each] for each in sorted(named - {""})}

    def _in_name(self, token: str) -> str:
        """The placeholder that stands in a name as TOKEN (`10-1-2-3`), "" for none."""
        spelt = (token.replace("-", sign) for sign in ".:")
        return next((each for each in spelt if "-" in token and each in self._words), "")


def _together(said: list[str]) -> Iterator[str]:
    """`the IPs that the 3 pods of Deployment shop/web will get`, where its replicas are."""
    matches = [_ONE_OF_MANY.fullmatch(each) for each in said]
    replicas = [match.group(1, 2, 3) for match in matches if match]
    for each, match in zip(said, matches, strict=True):
        count = replicas.count(match.group(1, 2, 3)) if match else 0
        if match is None or count < 2:
            yield each
            continue
        noun, all_of_them, workload = match.groups()
        pods = f"the {count} pods" if count == int(all_of_them) else f"{count} pods"
        nouns = "IPs" if noun == "IP" else "IPv6 addresses"
        yield f"the {nouns} that {pods} of {workload} will get"


def case_in_words(case: ExplainCase, to_come: ToCome) -> ExplainCase:
    """CASE as a sentence is made of it: the answers in words."""
    shadowed = case.shadowed
    if shadowed is not None:
        shadowed = replace(shadowed, addresses=to_come.values(shadowed.addresses))
    return replace(case, predicted=_predicted(case.predicted, to_come), shadowed=shadowed)


def with_words(explanation: Explanation, to_come: ToCome) -> Explanation:
    """EXPLANATION with its sentences in words, and its data as it was.

    Its placeholders are those that anything in it mentions.
    """
    text = to_come.text
    cause = explanation.cause
    return replace(
        explanation,
        headline=text(explanation.headline),
        predicted=replace(
            explanation.predicted, unknown=tuple(map(text, explanation.predicted.unknown))
        ),
        steps=tuple(_sentences_of(each, to_come) for each in explanation.steps),
        findings=tuple(_finding(each, to_come) for each in explanation.findings),
        notes=tuple(map(text, explanation.notes)),
        cause=cause and replace(cause, missing=tuple(map(text, cause.missing))),
        placeholders=tuple(to_come.mentioned(_data(explanation)).items()),
    )


def for_people(explanation: Explanation) -> Explanation:
    """EXPLANATION with its data in words too, for what is no document."""
    if not explanation.placeholders:
        return explanation
    line_of_own = (line for step in explanation.steps for line in step.lines)
    mentioned = [line.text for line in line_of_own if line.origin.field.startswith("status.podIP")]
    words = dict(explanation.placeholders)
    own = ToCome(words).mentioned(mentioned)
    to_come = ToCome(words, own)
    shadowed = explanation.shadowed
    resolver = explanation.resolver
    return replace(
        explanation,
        predicted=_predicted(explanation.predicted, to_come),
        steps=tuple(_data_of(each, to_come) for each in explanation.steps),
        shadowed=shadowed and replace(shadowed, addresses=to_come.values(shadowed.addresses)),
        resolver=replace(resolver, nameservers=to_come.values(resolver.nameservers)),
    )


def _data(explanation: Explanation) -> Iterator[str]:
    """All that a document has as data and that may hold an address."""
    predicted, shadowed = explanation.predicted, explanation.shadowed
    yield explanation.name
    yield from (*predicted.addresses, *predicted.data, *explanation.resolver.nameservers)
    yield from shadowed.addresses if shadowed else ()
    for step in explanation.steps:
        yield step.server
        yield from (record.data for record in step.records)
        yield from (line.text for line in step.lines)


def _predicted(predicted: Predicted, to_come: ToCome) -> Predicted:
    return replace(
        predicted,
        addresses=to_come.values(predicted.addresses),
        data=tuple(map(to_come.text, predicted.data)),
        canonical_name=to_come.text(predicted.canonical_name),
        unknown=tuple(map(to_come.text, predicted.unknown)),
    )


def _sentences_of(step: ExplainedStep, to_come: ToCome) -> ExplainedStep:
    return replace(
        step,
        rule=to_come.text(step.rule),
        because=to_come.text(step.because),
        trail=tuple(map(to_come.text, step.trail)),
    )


def _data_of(step: ExplainedStep, to_come: ToCome) -> ExplainedStep:
    return replace(
        step,
        server=to_come.text(step.server),
        records=tuple(_records(step.records, to_come)),
        lines=tuple(_line(each, to_come) for each in step.lines),
    )


def _records(records: tuple[Record, ...], to_come: ToCome) -> Iterator[Record]:
    """The records with words for data; of those that are said together, the first."""
    by_type: dict[tuple[str, str], list[Record]] = {}
    for each in records:
        by_type.setdefault((each.name, each.type), []).append(each)
    for group in by_type.values():
        for said, record in zip(to_come.values(each.data for each in group), group, strict=False):
            yield replace(record, name=to_come.text(record.name), data=said)


def _line(line: HostsLineUsed, to_come: ToCome) -> HostsLineUsed:
    return replace(line, text=to_come.text(line.text, address=_IN_FILE))


def _finding(finding: Finding, to_come: ToCome) -> Finding:
    return replace(
        finding,
        message=to_come.text(finding.message),
        fix=to_come.text(finding.fix),
        hint=to_come.text(finding.hint),
    )
