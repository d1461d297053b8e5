"""The `template` plugin: answers from a regular expression; coredns plugin/template, README."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    failed,
    passes,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.names import absolute, closest_zone
from kubectl_hosts.model.cluster_dns.patterns import Match, PatternUnknown, compile_pattern
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking

_ACTION = re.compile(r"\{\{-?([^{}]*?)-?\}\}")
_INDEXED = re.compile(r"index \.(?P<what>Match|Group) (?:\"(?P<name>\w+)\"|(?P<number>[0-9]{1,9}))")
_GROUP = re.compile(r"\.Group\.(\w+)")
# name ttl class type data; ttl and class may be left out (RFC 1035 5.1).
_RECORD = re.compile(
    r"(?P<name>\S+)\s+(?:(?P<ttl>[0-9]{1,10})\s+)?(?:IN\s+)?(?:(?P<late>[0-9]{1,10})\s+)?(?P<type>[A-Z]+\d*)\s+"
    r"(?P<data>.+)",
    re.IGNORECASE,
)
_DEFAULT_TTL = 3600
_PROPERTIES = frozenset(
    {"match", "answer", "additional", "authority", "rcode", "fallthrough", "ederror", "upstream"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    question: Question
    zone: str
    match: Match


class _NotModelled(Exception):
    pass


def serve_template(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """The answer of the first template whose zone, type and expression take the question."""
    for plugin in plugins:
        if not concerns(plugin, query):
            continue
        origin = Origin(kind=OriginKind.TEMPLATE, object=query.server.object, line=plugin.line)
        strange = [each.name for each in plugin.body if each.name not in _PROPERTIES]
        matched = None if strange else _match(plugin, query)
        if strange or isinstance(matched, str):
            what = matched if isinstance(matched, str) else strange[0]
            return unknown(f"`template` in Corefile line {plugin.line} ({what})", origin)
        if matched is not None:
            return (yield from _reply(query, plugin, matched, origin))
        if not passes(plugin, query.name):
            rule = "`template` without `fallthrough` fails where its expression does not match"
            return failed(Rcode.SERVFAIL, rule, origin).after(_step(plugin, rule))
    return (yield from following(query))


def concerns(plugin: Directive, query: Query) -> bool:
    """Whether a template's class, type and zones take the question; others go to the next."""
    kinds = tuple(word.upper() for word in plugin.args[:2])
    if len(kinds) < 2 or kinds[0] not in {"IN", "ANY"}:
        return False
    zones = zones_or_block(plugin.args[2:], query.block)
    return kinds[1] in {"ANY", query.type} and bool(closest_zone(zones, query.name))


def _match(plugin: Directive, query: Query) -> _Matched | str | None:
    # template.go: without `match` every name of the zones matches.
    zone = closest_zone(zones_or_block(plugin.args[2:], query.block), query.name)
    patterns = [word for each in plugin.all("match") for word in each.args] or [".*"]
    for pattern in patterns:
        try:
            found = compile_pattern(pattern).search(query.name)
        except PatternUnknown:
            return f"the expression `{pattern}`"
        if found:
            return _Matched(question=query.question, zone=zone, match=found)
    return None


def _reply(query: Query, plugin: Directive, matched: _Matched, origin: Origin) -> Asking[Served]:
    rcode = plugin.value("rcode", "NOERROR").upper()
    try:
        answer = _records(plugin, "answer", matched)
        additional = _records(plugin, "additional", matched)
        authority = _records(plugin, "authority", matched)
        code = Rcode[rcode]
    except (_NotModelled, KeyError) as error:
        return unknown(f"`template` in Corefile line {plugin.line} ({error})", origin)
    rule = f"`template` in Corefile line {plugin.line} makes the answer"
    if code is Rcode.SERVFAIL:
        return failed(code, rule, origin).after(_step(plugin, rule))
    for alias in [each for each in answer if each.type == "CNAME"]:
        if query.type in {"A", "AAAA"}:
            served = yield from query.enter(Question(alias.data, query.type))
            if isinstance(served.answer, UnknownReply):
                return unknown(served.answer.what, origin)
            answer = (*answer, *served.answered)
    reply = Reply(
        rcode=code,
        answer=answer,
        additional=additional,
        authority=authority,
        authoritative=True,
        origin=origin,
    )
    return Served(answer=reply, rule=rule, origin=origin).after(_step(plugin, rule))


def _step(plugin: Directive, did: str) -> PluginStep:
    return PluginStep(plugin="template", line=plugin.line, did=did)


def _records(plugin: Directive, section: str, matched: _Matched) -> tuple[Record, ...]:
    texts = [word for each in plugin.all(section) for word in each.args]
    return tuple(_record(_filled(text, matched)) for text in texts)


def _filled(text: str, matched: _Matched) -> str:
    return _ACTION.sub(lambda action: _value(action[1].strip(), matched), text)


def _value(action: str, matched: _Matched) -> str:
    plain = {
        ".Name": matched.question.name.lower(),
        ".Zone": matched.zone,
        ".Type": matched.question.type,
        ".Class": "IN",
        ".Question.Name": matched.question.name,
    }
    if action in plain:
        return plain[action]
    found = _INDEXED.fullmatch(action) or _GROUP.fullmatch(action)
    if found is None:
        raise _NotModelled(f"the action `{action}`")
    key = found[1] if found.re is _GROUP else found["name"] or found["number"]
    groups = dict(matched.match.named) | {
        str(number): text for number, text in enumerate(matched.match.groups)
    }
    if key not in groups:
        raise _NotModelled(f"the group `{key}`")
    return groups[key] or ""


def _record(text: str) -> Record:
    found = _RECORD.fullmatch(text.strip())
    if found is None:
        raise _NotModelled(f"the record `{text}`")
    kind, data = found["type"].upper(), found["data"].strip()
    return Record(
        name=absolute(found["name"]),
        type=kind,
        data=absolute(data) if kind in {"CNAME", "PTR", "NS"} else data.strip('"'),
        ttl=int(found["ttl"] or found["late"] or _DEFAULT_TTL),
    )
