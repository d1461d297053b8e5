"""The `file` plugin: a zone file given as text; RFC 1035 5, RFC 1034 4.3.2, coredns plugin/file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    passes,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.names import absolute, closest_zone, is_below
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply, same_name
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking


def serve_file(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """The records of the zone file with the longest matching origin."""
    origins = {
        zone: plugin for plugin in plugins for zone in zones_or_block(plugin.args[1:], query.block)
    }
    zone = closest_zone(origins, query.name)
    if not zone:
        return (yield from following(query))
    plugin = origins[zone]
    path = plugin.args[0] if plugin.args else ""
    text = query.server.files.get(path)
    origin = Origin(
        kind=OriginKind.UNKNOWN, object=query.server.object, field=path, line=plugin.line
    )
    if text is None:
        return unknown(f"{path} of the DNS server's pod (file, line {plugin.line})", origin)
    records = parse_zone(text, zone)
    if records is None:
        return unknown(f"zone file {path} (file, line {plugin.line}) does not parse", origin)
    reply = yield from _lookup(query, zone, records)
    if isinstance(reply, UnknownReply):
        return unknown(reply.what, origin)
    if reply.rcode is Rcode.NXDOMAIN and passes(plugin, query.name):
        return (yield from following(query))
    rule = f"zone file {path} of zone {zone}"
    step = PluginStep(plugin="file", line=plugin.line, did=rule)
    return Served(answer=reply, rule=rule, origin=origin).after(step)


def parse_zone(text: str, zone: str) -> tuple[Record, ...] | None:
    """The records of a zone file, absolute names; None where it does not parse."""
    # 50 ms to import, and few Corefiles have a `file` plugin.
    import dns.exception  # noqa: PLC0415
    import dns.zone  # noqa: PLC0415

    try:
        parsed = dns.zone.from_text(text, origin=zone, relativize=False, check_origin=False)
    except (dns.exception.DNSException, ValueError):
        return None
    return tuple(
        Record(name=str(name), type=dataset.rdtype.name, data=_text(rdata), ttl=dataset.ttl)
        for name, dataset in parsed.iterate_rdatasets()
        for rdata in dataset
    )


def _text(rdata: object) -> str:
    # TXT data without its quotes, as everywhere in the model.
    return str(rdata).strip('"')


def _lookup(query: Query, zone: str, records: tuple[Record, ...]) -> Asking[Reply | UnknownReply]:
    # RFC 1034 4.3.2: the name itself, else a wildcard of the closest encloser, else NXDOMAIN.
    here = _at(query.question.name, zone, records)
    soa = tuple(each for each in records if each.type == "SOA")
    # plugin/file: a positive answer comes with the zone's name servers.
    servers = tuple(each for each in records if each.type == "NS" and same_name(each.name, zone))
    answer = tuple(each for each in here if each.type == query.type)
    if answer:
        beside = () if query.type == "NS" else servers
        return Reply(answer=answer, authority=beside, authoritative=True)
    alias = next((each for each in here if each.type == "CNAME"), None)
    if alias is not None:
        served = yield from query.enter(Question(absolute(alias.data), query.type))
        if isinstance(served.answer, UnknownReply):
            return served.answer
        return Reply(answer=(alias, *served.answered), authority=servers, authoritative=True)
    exists = here or any(is_below(query.name, each.name) for each in records)
    rcode = Rcode.NOERROR if exists else Rcode.NXDOMAIN
    return Reply(rcode=rcode, authority=soa, authoritative=True)


def _at(name: str, zone: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
    exact = tuple(each for each in records if same_name(each.name, name))
    if exact:
        return exact
    above = name.lower().partition(".")[2]
    while is_below(zone, above):
        wild = tuple(each for each in records if same_name(each.name, f"*.{above}"))
        if wild:
            return tuple(
                Record(name=name, type=each.type, data=each.data, ttl=each.ttl) for each in wild
            )
        if above == zone or any(is_below(above, each.name) for each in records):
            break
        above = above.partition(".")[2]
    return ()
