"""A program whose C library nobody saw: its answer is what glibc, musl and Go have in common.

Manifests name an image, and an image without a shell shows no library. Most names lead to the same
with all three; where they do not, the answer is not known, and what each gets is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.resolver.lookup import ReverseLookup
from kubectl_hosts.model.resolver.outcome import Lookup, Outcome, Rule, RuleId, Source, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Result = Lookup | ReverseLookup

_NOTHING = frozenset({Outcome.NXDOMAIN, Outcome.NODATA, Outcome.ALIAS_ALONE, Outcome.SKIPPED})


def agreed(general: Result, named: Sequence[tuple[str, Result]]) -> Result:
    """GENERAL where the results of all libraries (NAMED) lead to the same; else an unknown one.

    The order of addresses is no difference, nor is the error for a name that none of them finds.
    """
    if general.outcome is Outcome.UNKNOWN or not named:
        return general
    groups: dict[object, list[str]] = {}
    words: dict[object, str] = {}
    for library, result in named:
        groups.setdefault(_essence(result), []).append(library)
        words.setdefault(_essence(result), _in_words(result))
    if len(groups) == 1 and _essence(general) in groups:
        return _common(general, [result for _, result in named])
    said = "; ".join(f"{' and '.join(names)}: {words[each]}" for each, names in groups.items())
    name = general.name if isinstance(general, Lookup) else general.address
    step = Step(
        source=Source.NAME,
        name=name,
        outcome=Outcome.UNKNOWN,
        rule=Rule(RuleId.LIBRARIES_DIFFER, f"C libraries differ here ({said})"),
    )
    common = tuple(_common_steps([general, *(result for _, result in named)]))
    unknown = (f"which C library the program has ({said})",)
    if isinstance(general, Lookup):
        return Lookup(name=name, outcome=Outcome.UNKNOWN, steps=(*common, step), unknown=unknown)
    return ReverseLookup(
        address=name, outcome=Outcome.UNKNOWN, steps=(*common, step), unknown=unknown
    )


def _essence(result: Result) -> object:
    """What of a result a program notices: the addresses, that there are none, or a failure.

    Either loopback address is localhost.
    """
    if result.outcome is Outcome.FOUND and isinstance(result, ReverseLookup):
        # getnameinfo(3) gives one name, Go's LookupAddr all of them.
        return _data(result)[0]
    if result.outcome is Outcome.FOUND:
        return frozenset(map(_one_loopback, _data(result)))
    return "nothing" if result.outcome in _NOTHING else result.outcome


def _common(general: Result, results: Sequence[Result]) -> Result:
    """GENERAL with what all get: of localhost, glibc takes the first line alone."""
    shared = tuple(a for a in _data(general) if all(a in _data(each) for each in results))
    if shared == _data(general):
        return general
    if isinstance(general, Lookup):
        return replace(general, addresses=shared)
    return replace(general, names=shared)


def _one_loopback(address: str) -> str:
    parsed = parse_zoned(address)
    return "loopback" if parsed is not None and parsed.is_loopback else address


def _in_words(result: Result) -> str:
    if result.outcome is Outcome.FOUND:
        return ", ".join(dict.fromkeys(_data(result)))
    if result.outcome is Outcome.UNKNOWN:
        return f"not known: {', '.join(result.unknown)}"
    return "not found" if result.outcome in _NOTHING else result.outcome.value


def _data(result: Result) -> tuple[str, ...]:
    if isinstance(result, Lookup):
        return result.addresses
    return tuple(name.removesuffix(".") or name for name in result.names)


def _common_steps(results: Sequence[Result]) -> Iterator[Step]:
    """The steps that all take alike, from the first on."""
    for steps in zip(*(each.steps for each in results), strict=False):
        if len({_what_came(each) for each in steps}) > 1:
            return
        yield steps[0]


def _what_came(step: Step) -> object:
    return step.source, step.name, step.type, step.outcome, step.lines, step.records
