"""The `rewrite` plugin: another question inside, its name put back; coredns plugin/rewrite."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import PluginQuery, PluginStep, Served, failed, unknown
from kubectl_hosts.model.cluster_dns.corefile import (
    Pattern,
    PatternUnknown,
    Refused,
    compile_pattern,
    digits,
)
from kubectl_hosts.model.cluster_dns.query_names import absolute
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import (
    CLASSES,
    RCODES,
    TYPES,
    Question,
    Rcode,
    Record,
    Reply,
    UnknownReply,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking

# The rules of the `rewrite` plugin, taken apart; coredns plugin/rewrite, rewrite README.

MATCH_TYPES = frozenset({"exact", "prefix", "suffix", "substring", "regex"})
# ttl.go isValidTTL: `TTL`, or a range that may be open.
_TTL = re.compile(r"(?!-$)(?:[0-9]{1,10}|[0-9]{0,10}-[0-9]{0,10})")
# rcode.go isValidRCode.
_HIGHEST_RCODE = 23
_PAIR = 2
_GROUP = re.compile(r"\{([0-9]{1,9})\}")


class AnswerRule(Struct, frozen=True, kw_only=True):
    """`answer (name|value) FROM TO`: a regular expression on names of the answer."""

    on_value: bool
    pattern: Pattern
    replacement: str

    def change(self, text: str) -> str:
        """TEXT as the rule leaves it: TO where FROM is found in it."""
        return expand(self.pattern, self.replacement, text)


class RewriteRule(Struct, frozen=True, kw_only=True):
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

    Raises Refused for what keeps CoreDNS from loading the Corefile; rewrite.go newRule.
    """
    words = [*plugin.args, *(word for each in plugin.body for word in (each.name, *each.args))]
    goes_on = False
    if words and words[0].lower() in {"continue", "stop"}:
        goes_on = words.pop(0).lower() == "continue"
    if not words:
        raise Refused("no rule type specified for rewrite")
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
        case "type" | "class":
            return _of_question(field, args, line)
        case "edns0":
            return _edns0_rule(args, line)
        case "answer":
            raise Refused("response rewrites must begin with a name rule")
        case _:
            raise Refused(f'invalid rule type "{field}"')


def _of_question(field: str, args: tuple[str, ...], line: int) -> RewriteRule | None:
    """The rule of a type; that of a class is not modelled."""
    if len(args) != _PAIR:
        raise Refused(f"{field} rules must have exactly two arguments")
    source, target = (each.upper() for each in args)
    known = TYPES if field == "type" else CLASSES
    if strange := next((each for each in (source, target) if each not in known), ""):
        raise Refused(f'invalid {field} "{strange}"')
    is_type = field == "type"
    return RewriteRule(field=field, line=line, source=source, target=target) if is_type else None


def _edns0_rule(args: tuple[str, ...], line: int) -> RewriteRule:
    if len(args) < _PAIR:
        raise Refused("too few arguments for an EDNS0 rule")
    if args[1].lower() not in {"append", "replace", "set", "unset"}:
        raise Refused(f'invalid action: "{args[1].lower()}"')
    return RewriteRule(field="edns0", line=line, rest=args)


def _with_match(args: tuple[str, ...], count: int) -> tuple[str, tuple[str, ...]]:
    # `[MATCH] WORD...`: the match type is there where one word more than COUNT stands.
    return (args[0].lower(), args[1:]) if len(args) > count else ("exact", args)


def _check_match(field: str, match: str) -> None:
    if match not in MATCH_TYPES:
        words = "exact, prefix, suffix, substring, and regex name matching"
        raise Refused(f"{field} rule supports only {words}, received: {match}")


def _name_rule(args: tuple[str, ...], line: int) -> RewriteRule:
    match, rest = _with_match(args, 2)
    if len(rest) < 2:
        raise Refused("too few arguments for a name rule")
    answers = _answer_rules(match, rest[2:])
    _check_match("name", match)
    source = rest[0] if match == "regex" else absolute(rest[0].lower())
    target = absolute(rest[1].lower())
    # name.go has the two of an exact rule the other way round.
    pair = {"regex": (source, rest[1]), "exact": (target, source)}.get(match)
    pattern = _expression(*pair) if pair else None
    return RewriteRule(
        field="name",
        line=line,
        match=match,
        source=source,
        target=target,
        restores=match == "exact" or "auto" in rest[2:],
        answers=answers,
        pattern=pattern if match == "regex" else None,
    )


def _expression(source: str, target: str) -> Pattern:
    """name.go isValidRegexPattern: TARGET may not ask for more groups than there are."""
    pattern = compile_pattern(source)
    if len({each for each in _GROUP.findall(target) if int(each) <= 100}) > pattern.groups:
        raise Refused(
            f"the rewrite regex pattern ({target}) uses more subexpressions than its "
            f"corresponding matching regex pattern ({source})"
        )
    return pattern


def _answer_rules(match: str, words: tuple[str, ...]) -> tuple[AnswerRule, ...]:
    """name.go parseAnswerRules: `answer auto`, `answer (name|value) FROM TO`, repeated."""
    rest = list(words)
    if len(rest) == 1:
        raise Refused(f"invalid arguments for {match} rule")
    if rest and rest[0] != "answer":
        few = "the number of arguments for a non-answer rule argument"
        raise Refused(f"exceeded {few} for {match} rule")
    rules = []
    while rest:
        rules.append(_answer_rule(rest, match))
    explicit = tuple(each for each in rules if each is not None)
    if None in rules and any(not each.on_value for each in explicit):
        raise Refused("auto name answer rule cannot be combined with explicit name answer rules")
    return explicit


def _answer_rule(rest: list[str], match: str) -> AnswerRule | None:
    """The rule that REST begins with, which is taken off it; None for `auto`."""
    if rest[0] == "answer":
        del rest[0]
    kind = rest.pop(0) if rest else ""
    if kind == "auto":
        return None
    if kind not in {"name", "value"}:
        raise Refused(f'invalid type "{kind}" for answer rule for {match} rule')
    if len(rest) < _PAIR:
        raise Refused(f"{kind} answer rule for {match} rule: 2 arguments required")
    source, target = rest.pop(0), rest.pop(0)
    return AnswerRule(
        on_value=kind == "value",
        pattern=_expression(source, target),
        replacement=absolute(target.lower()),
    )


def _on_name(field: str, args: tuple[str, ...], values: int, line: int) -> RewriteRule:
    match, rest = _with_match(args, values + 1)
    if len(rest) < values + 1:
        raise Refused(f"too few ({len(args)}) arguments for a {field} rule")
    if len(rest) > values + 1:
        raise Refused(f"too many ({len(args)}) arguments for a {field} rule")
    if field == "ttl" and not _is_ttl(rest[1]):
        raise Refused(f"invalid TTL '{rest[1]}' for a ttl rule")
    for each in rest[1:] if field == "rcode" else ():
        number = digits(each)
        if each.upper() not in RCODES and not (number is not None and number <= _HIGHEST_RCODE):
            raise Refused(f"invalid RCODE '{each}' for a rcode rule")
    _check_match(field, match)
    source = rest[0] if match == "regex" else absolute(rest[0].lower())
    return RewriteRule(
        field=field,
        line=line,
        match=match,
        source=source,
        rest=rest[1:],
        pattern=compile_pattern(source) if match == "regex" else None,
    )


def _is_ttl(text: str) -> bool:
    """ttl.go isValidTTL: `TTL`, or a range that may be open; a number has 32 bits."""
    found = _TTL.fullmatch(text)
    ends = [int(each) for each in text.split("-") if each] if found else []
    is_range = len(ends) < 2 or ends[0] <= ends[1]
    return bool(ends) and is_range and max(ends) < 2**32


def _cname_rule(args: tuple[str, ...], line: int) -> RewriteRule:
    match, rest = _with_match(args, 2)
    if len(rest) != 2:
        raise Refused(f"too few ({len(args)}) arguments for a cname rule")
    _check_match("cname", match)
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


# The `rewrite` plugin: another question inside, its name put back; plugin/rewrite.

# reverter.go getRecordValueForRewrite: the name in the data of these types, by its position.
_NAME_AT = {"SRV": 3, "MX": 1, "CNAME": 0, "NS": 0, "DNAME": 0, "SOA": 0, "PTR": 0}

_LONGEST_LABEL = 63
_LONGEST_NAME = 254
# ttl.go: what `30-` leaves open.
_LONGEST_TTL = 2**31 - 1

_Substitution = Callable[[str], str]


def serve_rewrite(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """The answer to the rewritten question, its records changed back where a rule says so."""
    rules = [parse_rewrite(plugin) for plugin in plugins]
    for plugin, rule in zip(plugins, rules, strict=True):
        if rule is None:
            return unknown(f"the `rewrite` rule in Corefile line {plugin.line}")
    matched, question = _applied(query.question, rules)
    if matched and not _is_domain_name(question.name):
        what = f"`rewrite` makes {question.name} of {query.question.name}, which is not a name"
        return failed(Rcode.SERVFAIL, what).after(_step(*matched[-1]))
    served = yield from following(query.asks(question) if matched else query)
    # reverter.go: the rules of the answer run from the last to the first, record by record.
    for applied, before in reversed(matched):
        served = yield from _changed_back(query, applied, before, served)
    for applied, before in reversed(matched):
        served = served.after(_step(applied, before))
    return served


def _applied(
    question: Question, rules: Iterable[RewriteRule | None]
) -> tuple[list[tuple[RewriteRule, Question]], Question]:
    """Each rule that takes the question, with the question it found, and what is asked in the end.

    A name that is none ends the list (rewrite.go).
    """
    matched: list[tuple[RewriteRule, Question]] = []
    for rule in rules:
        if rule is None or not takes(rule, question):
            continue
        matched.append((rule, question))
        question = _onward(rule, question)
        if not rule.goes_on or not _is_domain_name(question.name):
            break
    return matched, question


def takes(rule: RewriteRule, question: Question) -> bool:
    """Whether a rule is applied to a question (and, without `continue`, ends the list)."""
    match rule.field:
        case "cname":
            return True
        case "type":
            return rule.source == question.type
        case "edns0":
            return bool(rule.rest) and "replace" not in rule.rest
        case _:
            return rule.matches_name(question.name.lower())


def apply_rules(
    question: Question, block: ServerBlock
) -> tuple[list[tuple[RewriteRule, Question]], Question]:
    """The rules of BLOCK that take QUESTION, each with what it found, and what they make of it.

    Raises Refused.
    """
    return _applied(question, map(parse_rewrite, block.all("rewrite")))


def _is_domain_name(name: str) -> bool:
    # rewrite.go asks miekg/dns IsDomainName: RFC 1035 2.3.4, and no label may be empty.
    labels = name.removesuffix(".").split(".")
    fits = all(0 < len(label.encode()) <= _LONGEST_LABEL for label in labels)
    return name == "." or (fits and len(name.encode()) <= _LONGEST_NAME)


def _onward(rule: RewriteRule, question: Question) -> Question:
    """The question that RULE, which takes QUESTION, asks in its place."""
    if rule.field == "name":
        return Question(rule.rewritten(question.name.lower()), question.type)
    if rule.field == "type":
        return Question(question.name, rule.target)
    return question


def _step(rule: RewriteRule, before: Question) -> PluginStep:
    after = _onward(rule, before)
    if rule.field == "name":
        did = f"asks for {after.name} instead of {before.name}"
    elif rule.field == "type":
        did = f"asks for type {after.type} instead of {before.type}"
    else:
        did = f"`rewrite {rule.field}` works on the answer"
    ends = "" if rule.goes_on else "; ends the list of rules"
    return PluginStep(plugin="rewrite", line=rule.line, did=f"{did}{ends}")


def _changed_back(
    query: PluginQuery, rule: RewriteRule, before: Question, served: Served
) -> Asking[Served]:
    reply = served.answer
    if not isinstance(reply, Reply):
        return served
    match rule.field:
        case "name":
            reply = _names_changed(rule, before, reply)
        case "ttl":
            reply = _ttl_changed(rule, reply)
        case "rcode":
            reply = _rcode_changed(query, rule, reply)
        case "cname":
            return (yield from _target_changed(query, rule, served, reply))
    return replace(served, answer=reply)


def _names_changed(rule: RewriteRule, before: Question, reply: Reply) -> Reply:
    on_name: list[_Substitution] = []
    on_value: list[_Substitution] = []
    for each in reversed(rule.answers):
        (on_value if each.on_value else on_name).append(each.change)
    if rule.restores:
        back = _restoring(rule, before)
        on_name.append(back)
        on_value.append(back)
    return replace(
        reply,
        answer=tuple(_renamed(each, on_name, on_value) for each in reply.answer),
        authority=tuple(_renamed(each, on_name, on_value) for each in reply.authority),
        additional=tuple(_renamed(each, on_name, on_value) for each in reply.additional),
    )


def _restoring(rule: RewriteRule, before: Question) -> _Substitution:
    # name.go: suffix rules swap the suffixes back; the others put the asked name in the place of
    # the rewritten one, alone or at the end of a longer name.
    if rule.match == "suffix":
        return lambda text: (
            text.removesuffix(rule.target) + rule.source if text.endswith(rule.target) else text
        )
    asked = before.name.lower()
    inner = rule.rewritten(asked)

    def back(text: str) -> str:
        if text == inner:
            return asked
        return text.removesuffix(inner) + asked if text.endswith(f".{inner}") else text

    return back


def _renamed(record: Record, on_name: list[_Substitution], on_value: list[_Substitution]) -> Record:
    name, data = record.name, record.data
    for change in on_name:
        name = change(name)
    words = data.split(" ")
    at = _NAME_AT.get(record.type)
    if at is not None and at < len(words):
        for change in on_value:
            words[at] = change(words[at])
        data = " ".join(words)
    return replace(record, name=name, data=data)


def _ttl_changed(rule: RewriteRule, reply: Reply) -> Reply:
    low, dash, high = rule.rest[0].partition("-")
    least = digits(low) or 0
    given = digits(high)
    most = (_LONGEST_TTL if given is None else given) if dash else least
    return replace(
        reply,
        answer=tuple(replace(each, ttl=min(max(each.ttl, least), most)) for each in reply.answer),
    )


def _rcode_changed(query: PluginQuery, rule: RewriteRule, reply: Reply) -> Reply:
    # reverter.go: until coredns#8421 the rule ran once for each record, so not at all without one.
    has_records = bool(reply.answer or reply.authority or reply.additional)
    if not (has_records or rules_of(query.server.version).rcode_without_records):
        return reply
    old, new = rule.rest
    names = {each.value for each in Rcode}
    if reply.rcode.value != old.upper() or new.upper() not in names:
        return reply
    return replace(reply, rcode=Rcode(new.upper()))


def _target_changed(
    query: PluginQuery, rule: RewriteRule, served: Served, reply: Reply
) -> Asking[Served]:
    # cname_target.go: the first alias to FROM gets the target TO, and what TO has follows it.
    for index, record in enumerate(reply.answer):
        if record.type != "CNAME" or not rule.matches_name(record.data):
            continue
        target = absolute(rule.rewritten(record.data))
        inner = yield from query.enter(Question(target, query.type))
        if isinstance(inner.answer, UnknownReply):
            return replace(served, answer=inner.answer)
        aliases = tuple(each for each in reply.answer[:index] if each.type == "CNAME")
        answer = (*aliases, replace(record, data=target), *inner.answered)
        return replace(served, answer=replace(reply, answer=answer))
    return served
