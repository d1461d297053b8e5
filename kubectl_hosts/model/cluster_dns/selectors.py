"""Label selectors as text (`env in (a,b),tier!=db,!old`); apimachinery labels.Parse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUIREMENT = re.compile(
    r"""\s*(?:
        !\s*(?P<absent>[^\s,!=()]+)
      | (?P<key>[^\s,!=()]+)\s*(?:
            (?P<operator>==|=|!=)\s*(?P<value>[^\s,!=()]*)
          | (?P<set>in|notin)\s*\((?P<values>[^()]*)\)
        )?
    )\s*(?:,|$)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement: the key's value is one of VALUES (or not), or the key exists (or not)."""

    key: str
    values: frozenset[str] | None = None
    is_negated: bool = False

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether LABELS meet it; `!=` and `notin` hold where the key is absent."""
        if self.values is None:
            return (self.key in labels) != self.is_negated
        return (labels.get(self.key) in self.values) != self.is_negated


def parse_selector(text: str) -> tuple[Requirement, ...] | None:
    """The requirements of TEXT (all must hold), None where it is no selector; "" selects all."""
    found, at = [], 0
    while at < len(text):
        match = _REQUIREMENT.match(text, at)
        if match is None or match.end() == at:
            return None
        found.append(_requirement(match))
        at = match.end()
    return tuple(found)


def _requirement(match: re.Match[str]) -> Requirement:
    if match["absent"]:
        return Requirement(key=match["absent"], is_negated=True)
    if match["operator"]:
        return Requirement(
            key=match["key"],
            values=frozenset({match["value"]}),
            is_negated=match["operator"] == "!=",
        )
    if match["set"]:
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(key=match["key"], values=values, is_negated=match["set"] == "notin")
    return Requirement(key=match["key"])


def selects(selector: tuple[Requirement, ...], labels: tuple[tuple[str, str], ...]) -> bool:
    """Whether LABELS meet every requirement."""
    return all(requirement.holds(dict(labels)) for requirement in selector)
