"""The rules of the `rewrite` plugin, taken apart; coredns plugin/rewrite, rewrite README."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.names import absolute
from kubectl_hosts.model.cluster_dns.patterns import (
    Pattern,
    PatternUnknown,
    Refused,
    compile_pattern,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.corefile import Directive

MATCH_TYPES = frozenset({"exact", "prefix", "suffix", "substring", "regex"})
# ttl.go isValidTTL: `TTL`, or a range that may be open.
_TTL = re.compile(r"(?!-$)(?:[0-9]{1,10}|[0-9]{0,10}-[0-9]{0,10})")
_GROUP = re.compile(r"\{([0-9]{1,9})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """`answer (name|value) FROM TO`: a regular expression on names of the answer."""

    on_value: bool
    pattern: Pattern
    replacement: str

    def change(self, text: str) -> str:
        """TEXT as the rule leaves it: TO where FROM is found in it."""
        return expand(self.pattern, self.replacement, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteRule:
    """One rule: what it works on (`name`, `type`, ...), how it matches, what it makes of it.

    source and target are as CoreDNS keeps them: lower case, with a final dot except a pattern.
    restores says `answer auto` (or `exact`, which always does).
    """

    field: str
    line: int
    goes_on: bool = False
    match: str = "exact"
    source: str = ""
    target: str = ""
    restores: bool = False
    answers: tuple[AnswerRule, ...] = ()
    rest: tuple[str, ...] = ()
    pattern: Pattern | None = None

    def matches_name(self, name: str) -> bool:
        """Whether the rule takes NAME (absolute, lower case)."""
        match self.match:
            case "prefix":
                return name.startswith(self.source)
            case "suffix":
                return name.endswith(self.source)
            case "substring":
                return self.source in name
            case "regex":
                return self.pattern is not None and self.pattern.search(name) is not None
            case _:
                return name == self.source

    def rewritten(self, name: str) -> str:
        """NAME, which the rule takes, as it asks for it from then on."""
        match self.match:
            case "prefix":
                return self.target + name.removeprefix(self.source)
            case "suffix":
                return name.removesuffix(self.source) + self.target
            case "substring":
                return name.replace(self.source, self.target)
            case "regex" if self.pattern is not None:
                return expand(self.pattern, self.target, name)
            case _:
                return self.target


def expand(pattern: Pattern, template: str, text: str) -> str:
    """TEMPLATE with `{0}`, `{1}`... of the match in TEXT; TEXT itself where there is none."""
    found = pattern.search(text)
    if found is None:
        return text
    groups = {str(number): group for number, group in enumerate(found.groups)}
    return _GROUP.sub(lambda number: groups.get(number[1], number[0]) or "", template)


def parse_rewrite(plugin: Directive) -> RewriteRule | None:
    """The rule of one `rewrite` line (or block), None for one that is not modelled.

    Raises Refused for an expression that keeps CoreDNS from loading the Corefile.
    """
    words = [*plugin.args, *(word for each in plugin.body for word in (each.name, *each.args))]
    goes_on = False
    if words and words[0].lower() in {"continue", "stop"}:
        goes_on = words.pop(0).lower() == "continue"
    if not words:
        return None
    field, *args = words
    try:
        rule = _parse_field(field.lower(), tuple(args), plugin.line)
    except PatternUnknown:
        return None
    return rule if rule is None else replace(rule, goes_on=goes_on)


def _parse_field(field: str, args: tuple[str, ...], line: int) -> RewriteRule | None:
    match field:
        case "name":
            return _name_rule(args, line)
        case "ttl" | "rcode":
            return _on_name(field, args, {"ttl": 1, "rcode": 2}[field], line)
        case "cname":
            return _cname_rule(args, line)
        case "type" if len(args) == 2:
            source, target = (each.upper() for each in args)
            return RewriteRule(field="type", line=line, source=source, target=target)
        case "edns0":
            return RewriteRule(field="edns0", line=line, rest=args)
        case _:
            return None


def _with_match(args: tuple[str, ...], count: int) -> tuple[str, tuple[str, ...]]:
    # `[MATCH] WORD...`: the match type is there where one word more than COUNT stands.
    if len(args) > count and args[0].lower() in MATCH_TYPES:
        return args[0].lower(), args[1:]
    return "exact", args


def _name_rule(args: tuple[str, ...], line: int) -> RewriteRule | None:
    match, rest = _with_match(args, 2)
    if len(rest) < 2:
        return None
    source = rest[0] if match == "regex" else absolute(rest[0].lower())
    answers = _answer_rules(rest[2:])
    if answers is None:
        return None
    return RewriteRule(
        field="name",
        line=line,
        match=match,
        source=source,
        target=absolute(rest[1].lower()),
        restores=match == "exact" or "auto" in rest[2:],
        answers=answers,
        pattern=compile_pattern(source) if match == "regex" else None,
    )


def _answer_rules(words: tuple[str, ...]) -> tuple[AnswerRule, ...] | None:
    # name.go parseAnswerRules: `[answer] auto`, `[answer] (name|value) FROM TO`, repeated.
    rules: list[AnswerRule] = []
    rest = [word for word in words if word != "answer"]
    while rest:
        kind = rest.pop(0)
        if kind == "auto":
            continue
        if kind not in {"name", "value"} or len(rest) < 2:
            return None
        source, target = rest.pop(0), rest.pop(0)
        rules.append(
            AnswerRule(
                on_value=kind == "value",
                pattern=compile_pattern(source),
                replacement=absolute(target.lower()),
            )
        )
    return tuple(rules)


def _on_name(field: str, args: tuple[str, ...], values: int, line: int) -> RewriteRule | None:
    match, rest = _with_match(args, values + 1)
    if len(rest) != values + 1:
        return None
    if field == "ttl" and not _TTL.fullmatch(rest[1]):
        raise Refused(f"invalid TTL '{rest[1]}' for a ttl rule")
    source = rest[0] if match == "regex" else absolute(rest[0].lower())
    return RewriteRule(
        field=field,
        line=line,
        match=match,
        source=source,
        rest=rest[1:],
        pattern=compile_pattern(source) if match == "regex" else None,
    )


def _cname_rule(args: tuple[str, ...], line: int) -> RewriteRule | None:
    match, rest = _with_match(args, 2)
    if len(rest) != 2:
        return None
    source, target = (each.lower() for each in rest)
    if match == "exact":
        source, target = absolute(source), absolute(target)
    return RewriteRule(
        field="cname",
        line=line,
        match=match,
        source=source,
        target=target,
        pattern=compile_pattern(source) if match == "regex" else None,
    )
