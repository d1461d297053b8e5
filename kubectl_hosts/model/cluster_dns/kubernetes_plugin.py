"""The `kubernetes` plugin: one answer for each type of question; coredns kubernetes/handler.go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    NotKnown,
    PluginStep,
    Query,
    Served,
    passes,
    unknown,
)
from kubectl_hosts.model.cluster_dns.names import absolute, closest_zone, record_type
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.cluster_dns.zone import (
    Backing,
    Found,
    UpstreamUnknown,
    View,
    address_record,
    address_records,
    find_backings,
    find_name_servers,
    find_names,
    kubernetes_options,
    service_records,
    soa,
)
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking

# kubernetes.go DNSSchemaVersion.
_SCHEMA_VERSION = "1.1.0"
_SCHEMA_TTL = 28_800


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sections:
    found: Found
    answer: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()


def serve_kubernetes(
    query: Query, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """What the plugin answers, or what the plugins after it do."""
    (plugin,) = plugins
    options = kubernetes_options(plugin, query.block)
    zone = closest_zone(options.zones, query.name)
    if not zone:
        return (yield from following(query))
    if query.type in {"AXFR", "IXFR"}:
        return Served(
            answer=Reply(rcode=Rcode.REFUSED), rule="zone transfers need the `transfer` plugin"
        )
    # The zone keeps the letters of the question: answers repeat them.
    written = query.question.name[len(query.question.name) - len(zone) :]
    view = View(
        options=options,
        rules=rules_of(query.server.version),
        zone=written,
        unsynced=query.server.unsynced,
    )
    try:
        sections = yield from _FORMS.get(query.type, _other_type)(view, query)
    except NotKnown as error:
        return unknown(error.what).after(_step(plugin, f"could not look: {error.what}"))
    except UpstreamUnknown as error:
        return unknown(error.what).after(_step(plugin, "an alias leads outside the cluster"))
    if not sections.found.exists and passes(plugin, query.name):
        served = yield from following(query)
        return served.after(_step(plugin, f"{sections.found.rule}; fallthrough"))
    return _reply(view, sections).after(_step(plugin, sections.found.rule))


def _step(plugin: Directive, did: str) -> PluginStep:
    return PluginStep(plugin="kubernetes", line=plugin.line, did=did)


def _reply(view: View, sections: _Sections) -> Served:
    found = sections.found
    origin = found.backings[0].origin if found.backings else None
    negative = (soa(view.zone, view.options.ttl),)
    if not found.exists:
        rcode = Rcode.SERVFAIL if view.unsynced else Rcode.NXDOMAIN
        rule = found.rule
        if view.unsynced:
            missing = ", ".join(sorted(view.unsynced))
            rule = f"CoreDNS has not synced ({missing}): it fails instead of saying NXDOMAIN"
        reply = Reply(rcode=rcode, authority=negative, authoritative=True)
        return Served(answer=reply, rule=rule)
    if not sections.answer:
        reply = Reply(authority=negative, authoritative=True, origin=origin)
        return Served(answer=reply, rule=f"{found.rule}; no such record", origin=origin)
    reply = Reply(
        answer=sections.answer,
        additional=sections.additional,
        authoritative=True,
        origin=origin,
    )
    return Served(answer=reply, rule=found.rule, origin=origin)


def _is_apex(view: View, query: Query) -> bool:
    return query.name == view.zone.lower()


def _address(view: View, query: Query) -> Asking[_Sections]:
    if query.name == f"ns.dns.{view.zone.lower()}":
        found = yield from find_name_servers(view, query.server.service, query.server.addresses)
        records = tuple(
            address_record(query.question.name, each.host, view.options.ttl)
            for each in found.backings
            if record_type(each.host) == query.type
        )
        return _Sections(found=found, answer=records)
    found, records = yield from address_records(view, query.question, query.enter)
    return _Sections(found=found, answer=records)


def _other_type(view: View, query: Query) -> Asking[_Sections]:
    # handler.go: a dry A lookup chooses NODATA or NXDOMAIN (its aliases are not followed here:
    # they cannot change which).
    found = yield from _dry(view, query)
    return _Sections(found=found)


def _dry(view: View, query: Query) -> Asking[Found]:
    if query.name == f"ns.dns.{view.zone.lower()}":
        return Found(exists=True, rule="the name server's name exists")
    return (yield from find_backings(view, query.name))


def _alias(view: View, query: Query) -> Asking[_Sections]:
    found = yield from _dry(view, query)
    first = found.backings[:1]
    answer = tuple(
        Record(
            name=query.question.name,
            type="CNAME",
            data=absolute(backing.host),
            ttl=view.options.ttl,
        )
        for backing in first
        if record_type(backing.host) == "CNAME"
    )
    return _Sections(found=found, answer=answer)


def _text(view: View, query: Query) -> Asking[_Sections]:
    if query.name == f"dns-version.{view.zone.lower()}":
        record = Record(name=query.question.name, type="TXT", data=_SCHEMA_VERSION, ttl=_SCHEMA_TTL)
        found = Found(exists=True, rule="the version of the DNS schema that the zone follows")
        return _Sections(found=found, answer=(record,))
    found = yield from _dry(view, query)
    # kubernetes.go Services: NODATA only where something is behind the name (or it is zonal).
    is_zonal = "._zone." in query.name and found.exists
    if found.exists and not found.backings and not is_zonal:
        return _Sections(found=Found(exists=False, rule=f"{found.rule}; TXT is NXDOMAIN there"))
    return _Sections(found=found)


def _pointer(view: View, query: Query) -> Asking[_Sections]:
    found = yield from find_names(view, query.name)
    names = dict.fromkeys(backing.host for backing in found.backings)
    answer = tuple(
        Record(name=query.question.name, type="PTR", data=name, ttl=view.options.ttl)
        for name in names
    )
    return _Sections(found=found, answer=answer)


def _service(view: View, query: Query) -> Asking[_Sections]:
    found = yield from _dry(view, query)
    answer, additional = service_records(query.question.name, found.backings, view.options.ttl)
    return _Sections(found=found, answer=answer, additional=additional)


def _authority(view: View, query: Query) -> Asking[_Sections]:
    yield from ()
    if not _is_apex(view, query):
        # handler.go: below the apex SOA has neither records nor an error.
        return _Sections(found=Found(exists=True, rule="only the zone itself has an SOA record"))
    record = soa(query.question.name, view.options.ttl)
    return _Sections(found=Found(exists=True, rule="the zone's own SOA"), answer=(record,))


def _name_servers(view: View, query: Query) -> Asking[_Sections]:
    if not _is_apex(view, query):
        return (yield from _other_type(view, query))
    found = yield from find_name_servers(view, query.server.service, query.server.addresses)
    return _Sections(
        found=found,
        answer=_name_server_records(query.question, found.backings, view.options.ttl),
        additional=tuple(
            address_record(each.owner, each.host, view.options.ttl) for each in found.backings
        ),
    )


def _name_server_records(
    question: Question, backings: tuple[Backing, ...], ttl: int
) -> tuple[Record, ...]:
    owners = dict.fromkeys(backing.owner for backing in backings)
    return tuple(Record(name=question.name, type="NS", data=each, ttl=ttl) for each in owners)


_FORMS: dict[str, Callable[[View, Query], Asking[_Sections]]] = {
    "A": _address,
    "AAAA": _address,
    "CNAME": _alias,
    "TXT": _text,
    "PTR": _pointer,
    "SRV": _service,
    "SOA": _authority,
    "NS": _name_servers,
}
