"""Plugins that need little: each is a section, and the comment over it cites its source.

`file`, `template`, `forward`, `acl`, `local`, `dns64`, `autopath`, `k8s_external`, and `view`,
which chooses.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import (
    PluginQuery,
    Served,
    failed,
    passes,
    read,
    step_of,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.corefile import (
    Match,
    PatternUnknown,
    Refused,
    compile_pattern,
)
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import (
    Backing,
    BehindName,
    View,
    address_record,
    endpoint_hostname,
    kubernetes_options,
    kubernetes_plugin_for,
    read_service,
    read_slices,
    service_records,
    soa,
    taken,
)
from kubectl_hosts.model.cluster_dns.needs import (
    UpstreamAsk,
    ask_upstream,
    namespace_named,
    pods_at,
    services_at,
    services_with_external_ip,
)
from kubectl_hosts.model.cluster_dns.query_names import (
    absolute,
    below_zone,
    closest_zone,
    is_below,
    labels_of,
    parse_address,
    record_type,
    reversed_address,
    same_address,
    zones_of,
)
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply, UnknownReply, same_name
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import Port, Service

# The `file` plugin: a zone file given as text; RFC 1035 5, RFC 1034 4.3.2, coredns plugin/file.


def file_for(query: PluginQuery, plugins: tuple[Directive, ...]) -> tuple[str, Directive | None]:
    """The longest zone that holds the name, and the `file` of it; None where there is none."""
    origins = {
        zone: plugin for plugin in plugins for zone in zones_or_block(plugin.args[1:], query.block)
    }
    zone = closest_zone(tuple(origins), query.name)
    return zone, origins.get(zone)


def serve_file(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """The records of the zone file with the longest matching origin."""
    zone, plugin = file_for(query, plugins)
    if plugin is None:
        return (yield from following(query))
    path = plugin.args[0] if plugin.args else ""
    text = query.server.files.get(path)
    origin = Origin(
        kind=OriginKind.ZONE_FILE, object=query.server.object, field=path, line=plugin.line
    )
    if text is None:
        return _without_zone_file(query, plugin, path, origin)
    records = parse_zone(text, zone)
    called = f"zone file {path} of zone {zone.rstrip('.') or '.'}"
    if not any(each.type == "SOA" for each in records or ()):
        # plugin/file/file.go Parse: an error at setup, so that nothing of the Corefile is loaded.
        lacks = "has no SOA record: CoreDNS does not load the Corefile"
        return unknown(f"{called} {'could not be read' if records is None else lacks}", origin)
    reply = yield from _lookup(query, zone, records or ())
    if isinstance(reply, UnknownReply):
        return unknown(reply.what, origin)
    is_absent = reply.rcode is Rcode.NXDOMAIN and not reply.answer
    if is_absent and passes(plugin, query.name):
        return (yield from following(query))
    rule = called + (" has no such name" if reply.rcode is Rcode.NXDOMAIN else "")
    if reply.rcode is Rcode.NOERROR and not reply.answer:
        cut = next((e.name.rstrip(".") for e in reply.authority if e.type == "NS"), "")
        refers = f"only refers to the name servers of {cut}"
        rule = f"{called} {refers if cut else f'has no {query.type} record for it'}"
    step = step_of(plugin, rule)
    return Served(answer=reply, rule=rule, origin=origin).after(step)


def _without_zone_file(query: PluginQuery, plugin: Directive, path: str, origin: Origin) -> Served:
    """A file that nobody read may hold anything; one that is not there makes the zone fail."""
    if not query.server.lacks(path):
        return unknown(f"{path} of the DNS server's pod (file, line {plugin.line})", origin)
    rule = f"there is no zone file {path} (`file`, line {plugin.line})"
    step = step_of(plugin, rule)
    return failed(Rcode.SERVFAIL, rule, origin).after(step)


_SOA_OWNER = re.compile(
    r"^[^\s;]+(?=[ \t]+(?:[0-9]\w*[ \t]+)?(?:IN[ \t]+)?(?:[0-9]\w*[ \t]+)?SOA\s)",
    re.IGNORECASE | re.MULTILINE,
)


def parse_zone(text: str, zone: str) -> tuple[Record, ...] | None:
    """The records of a zone file, absolute names; None where it does not parse.

    plugin/file zone.go Insert: any SOA is the zone's, whoever owns it.
    """
    # 50 ms to import, and few Corefiles have a `file` plugin.
    import dns.exception  # noqa: PLC0415
    import dns.zone  # noqa: PLC0415

    try:
        own = _SOA_OWNER.sub(absolute(zone), text)
        parsed = dns.zone.from_text(own, origin=zone, relativize=False, check_origin=False)
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


def _lookup(
    query: PluginQuery, zone: str, records: tuple[Record, ...]
) -> Asking[Reply | UnknownReply]:
    # RFC 1034 4.3.2: the name itself, else a wildcard of the closest encloser, else NXDOMAIN.
    here = _at(query.question.name, zone, records)
    soa = tuple(each for each in records if each.type == "SOA")
    # plugin/file: a positive answer comes with the zone's name servers.
    servers = tuple(each for each in records if each.type == "NS" and same_name(each.name, zone))
    delegated = _delegation(query.name, zone, records)
    if delegated:
        return Reply(authority=delegated)
    answer = tuple(each for each in here if each.type == query.type)
    if answer:
        beside = () if query.type == "NS" else servers
        return Reply(answer=answer, authority=beside, authoritative=True)
    alias = next((each for each in here if each.type == "CNAME"), None)
    if alias is not None:
        return (yield from _behind_alias(query, alias, servers, records))
    exists = here or any(is_below(query.name, each.name) for each in records)
    rcode = Rcode.NOERROR if exists else Rcode.NXDOMAIN
    return Reply(rcode=rcode, authority=soa, authoritative=True)


def _delegation(name: str, zone: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The name servers of the zone below ZONE that NAME is in: the reply only refers to them."""
    below = (e for e in records if e.type == "NS" and not same_name(e.name, zone))
    return tuple(each for each in below if is_below(each.name.lower(), name.lower()))


_MOST_ALIASES = 9  # lookup.go: i > 8


def _behind_alias(
    query: PluginQuery, alias: Record, servers: tuple[Record, ...], records: tuple[Record, ...]
) -> Asking[Reply | UnknownReply]:
    """plugin/file lookup.go externalLookup: a target of the zone is followed in it alone.

    Of another one the rcode is the answer's, since 1.8.3.
    """
    chain = [alias]
    for _ in range(_MOST_ALIASES):
        target = absolute(chain[-1].data)
        here = tuple(each for each in records if same_name(each.name, target))
        if not here:
            break
        following = next((each for each in here if each.type == "CNAME"), None)
        if following is None:
            found = (each for each in here if each.type == query.type)
            return Reply(answer=(*chain, *found), authority=servers, authoritative=True)
        chain.append(following)
    else:
        return Reply(answer=tuple(chain), authority=servers, authoritative=True)
    served = yield from query.enter(Question(target, query.type))
    if isinstance(served.answer, UnknownReply):
        return served.answer
    rcode = served.answer.rcode if isinstance(served.answer, Reply) else Rcode.SERVFAIL
    is_passed_on = rcode in {Rcode.NXDOMAIN, Rcode.SERVFAIL}
    if not (is_passed_on and rules_of(query.server.version).file_has_rcode_of_target):
        rcode = Rcode.NOERROR
    answer = (*chain, *served.answered)
    return Reply(rcode=rcode, answer=answer, authority=servers, authoritative=True)


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


# The `template` plugin: answers from a regular expression; coredns plugin/template, README.

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


class _Matched(Struct, frozen=True, kw_only=True):
    question: Question
    zone: str
    match: Match


class _NotModelled(Exception):
    pass


def serve_template(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
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
            return failed(Rcode.SERVFAIL, rule, origin).after(step_of(plugin, rule))
    return (yield from following(query))


def concerns(plugin: Directive, query: PluginQuery) -> bool:
    """Whether a template's class, type and zones take the question; others go to the next."""
    kinds = tuple(word.upper() for word in plugin.args[:2])
    if len(kinds) < 2 or kinds[0] not in {"IN", "ANY"}:
        return False
    zones = zones_or_block(plugin.args[2:], query.block)
    return kinds[1] in {"ANY", query.type} and bool(closest_zone(zones, query.name))


def _match(plugin: Directive, query: PluginQuery) -> _Matched | str | None:
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


def _reply(
    query: PluginQuery, plugin: Directive, matched: _Matched, origin: Origin
) -> Asking[Served]:
    rcode = plugin.value("rcode", "NOERROR").upper()
    try:
        answer = _records(plugin, "answer", matched)
        additional = _records(plugin, "additional", matched)
        authority = _records(plugin, "authority", matched)
        code = Rcode[rcode]
    except (_NotModelled, KeyError) as error:
        return unknown(f"`template` in Corefile line {plugin.line} ({error})", origin)
    broken = next((each for each in (*answer, *additional) if _holds_no_address(each)), None)
    if broken is not None:
        # template.go executeRRTemplate: what dns.NewRR does not take ends in SERVFAIL.
        rule = f"`template` in Corefile line {plugin.line} writes {broken.data} as an address"
        return failed(Rcode.SERVFAIL, rule, origin).after(step_of(plugin, rule))
    rule = f"`template` in Corefile line {plugin.line} makes the answer"
    if code is Rcode.SERVFAIL:
        return failed(code, rule, origin).after(step_of(plugin, rule))
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
    return Served(answer=reply, rule=rule, origin=origin).after(step_of(plugin, rule))


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


def _holds_no_address(record: Record) -> bool:
    """miekg/dns scan_rr.go: an A is written with dots, an AAAA with colons."""
    if record.type not in {"A", "AAAA"}:
        return False
    address = parse_address(record.data)
    return address is None or (":" in record.data) != (record.type == "AAAA")


# The `forward` plugin: names that other servers answer are asked, not guessed; plugin/forward.

# istio.io "DNS Proxying": addresses that Istio gives to hosts of a ServiceEntry without one.
_MADE_UP_BY_ISTIO = IPv4Network("240.240.0.0/16")
_BY_ISTIO = "the Istio proxy in the pod answers names of a ServiceEntry; no nameserver is asked"


def is_made_up_by_istio(text: str) -> bool:
    """Whether this is an address that only the DNS capture of Istio gives."""
    address = parse_address(text)
    return address is not None and address.version == 4 and address in _MADE_UP_BY_ISTIO


def forward_zone(plugin: Directive) -> str:
    """FROM: the zone whose names are sent on."""
    return zones_of(plugin.args[0])[0] if plugin.args else "."


def is_forwarded(plugin: Directive, name: str) -> bool:
    """Whether `forward` sends NAME on: below FROM, and not below an `except`."""
    zone = forward_zone(plugin)
    if not is_below(zone, name):
        return False
    excepted = (
        each for item in plugin.all("except") for text in item.args for each in zones_of(text)
    )
    return name.lower() == zone or not any(is_below(each, name) for each in excepted)


_DNS_PORT = 53


def comes_back(plugin: Directive, server: ClusterDNS) -> bool:
    """Whether `forward` sends on to an address of SERVER itself: its Service's, or loopback."""
    servers = {each.removesuffix(":53") for each in plugin.args[1:]}
    listens = any(key.port == _DNS_PORT for block in server.blocks for key in block.keys)
    is_own = server.is_in_pod_network and listens
    if is_own and servers and all(map(_is_loopback, servers)):
        return True
    return bool(server.at) and servers == {server.at}


def _is_loopback(text: str) -> bool:
    address = parse_address(text)
    return address is not None and address.is_loopback


def serve_forward(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """The upstream's reply as it is sent back: any reply is final, whatever its code."""
    (plugin,) = plugins
    if not is_forwarded(plugin, query.name):
        return (yield from following(query))
    stub = _stub_zone(query, plugin)
    servers = plugin.args[1:]
    behind = query.server.behind
    if comes_back(plugin, query.server):
        # A block that only rewrites sends what it made to the block that knows it.
        served = yield from query.enter(query.question)
        did = f"asks the cluster's own DNS again at {servers[0]}"
        return served.after(step_of(plugin, did))
    if behind is not None and servers and set(servers) <= set(query.server.behind_addresses):
        served = yield from query.pass_on(query.question, behind)
        did = f"NodeLocal DNSCache asks the cluster's own DNS at {' '.join(servers)}"
        return served.after(step_of(plugin, did))
    kind = OriginKind.STUB_DOMAIN if stub else OriginKind.UPSTREAM
    origin = Origin(
        kind=kind,
        object=query.server.object,
        field=f"{plugin.name} {' '.join(plugin.args)}",
        line=plugin.line,
    )
    ask = UpstreamAsk(
        question=query.question,
        servers=servers,
        line=plugin.line,
        corefile=query.server.object,
    )
    reply = yield from ask_upstream(ask)
    rule = f"`{plugin.name}` sends the name to {' '.join(servers)}, whose answer is final"
    if isinstance(reply, UnknownReply):
        owners = yield from _services_of(servers)
        what = f"what {owners} says to {query.name.rstrip('.')}"
        reply = UnknownReply(what) if owners else reply
    if isinstance(reply, NoReply):
        rule = f"{' '.join(servers)} stays silent: `{plugin.name}` gives up with SERVFAIL"
    elif isinstance(reply, Reply):
        if any(is_made_up_by_istio(each.data) for each in reply.answer):
            origin, rule = Origin(kind=OriginKind.ISTIO_PROXY), _BY_ISTIO
        reply = replace(reply, origin=origin)
    step = step_of(plugin, rule)
    return Served(answer=reply, rule=rule, origin=origin).after(step)


def _services_of(servers: tuple[str, ...]) -> Asking[str]:
    """The Services of the cluster that all of SERVERS are, in words: such as another CoreDNS."""
    owners: list[str] = []
    for text in servers:
        address = parse_address(text.partition(":")[0] if text.count(":") == 1 else text)
        if address is None or not address.is_private:
            return ""
        found = yield from services_at(str(address))
        if isinstance(found, CouldNotLook) or not found:
            return ""
        owners.append(f"Service {found[0].object} ({text})")
    return " and ".join(owners)


def _stub_zone(query: PluginQuery, plugin: Directive) -> str:
    zone = forward_zone(plugin)
    if zone != ".":
        return zone
    narrow = [each for each in query.block.zones if each != "." and is_below(each, query.name)]
    return max(narrow, key=len, default="")


# `acl`, `local`, `dns64`; `erratic` and `whoami` by name; coredns plugin/*.

_LOCAL_TTL = 604_800
# plugin/local: RFC 6761 6.3 and the reverse zones of hosts and networks that never leave one.
_LOCAL_ZONES = ("localhost.", "0.in-addr.arpa.", "127.in-addr.arpa.", "255.in-addr.arpa.")
# RFC 6052 2.1, the well-known prefix.
_WELL_KNOWN_PREFIX = "64:ff9b::/96"
_DNS64_SOA_TTL = 600


def serve_acl(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """`block` refuses, `filter` empties, `drop` says nothing, by source network and type."""
    for plugin in plugins:
        if not closest_zone(zones_or_block(plugin.args, query.block), query.name):
            continue
        action = _acl_action(plugin, query)
        origin = Origin(kind=OriginKind.UNKNOWN, object=query.server.object, line=plugin.line)
        step = step_of(plugin, f"`{action}` for this client")
        match action:
            case "?":
                return unknown(f"`acl` in Corefile line {plugin.line} (client address)", origin)
            case "allow":
                break
            case "block":
                return failed(Rcode.REFUSED, "`acl` blocks this client", origin).after(step)
            case "filter":
                return failed(Rcode.NOERROR, "`acl` filters this client", origin).after(step)
            case "drop":
                rule = "`acl` drops this client's queries"
                return Served(answer=NoReply(), rule=rule, origin=origin).after(step)
    return (yield from following(query))


def _acl_action(plugin: Directive, query: PluginQuery) -> str:
    client = parse_address(query.client)
    for policy in plugin.body:
        words = list(policy.args)
        types: list[str] = []
        networks: list[str] = []
        while words:
            word = words.pop(0)
            into = types if word == "type" else networks
            while words and words[0] not in {"type", "net"}:
                into.append(words.pop(0))
        if types and not {"*", "ANY", query.type} & set(types):
            continue
        if not networks or "*" in networks:
            return policy.name
        if client is None:
            return "?"
        if any(_is_in(client, each) for each in networks):
            return policy.name
    return ""


def _is_in(client: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return client in ip_network(network, strict=False)
    except ValueError:
        return False


def serve_local(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """`localhost`, names below it and `localhost.SEARCHDOMAIN`: 127.0.0.1 and ::1."""
    name = query.name
    takes_below = rules_of(query.server.version).local_knows_subdomains
    zone = closest_zone(_LOCAL_ZONES, name)
    if name != "localhost." and (
        name.startswith("localhost.") or (takes_below and name.endswith(".localhost."))
    ):
        reply = _localhost(query.question)
    elif zone:
        reply = _local_zone(query.question, zone)
    else:
        return (yield from following(query))
    rule = "`local` answers for localhost by itself"
    step = step_of(plugins[0], rule)
    origin = Origin(kind=OriginKind.LITERAL, object=query.server.object, line=plugins[0].line)
    return Served(answer=replace(reply, origin=origin), rule=rule, origin=origin).after(step)


def _localhost(question: Question) -> Reply:
    data = {"A": "127.0.0.1", "AAAA": "::1"}.get(question.type)
    if data is None:
        return Reply(authority=(_local_soa(question.name),))
    record = Record(name=question.name, type=question.type, data=data, ttl=_LOCAL_TTL)
    return Reply(answer=(record,))


def _local_zone(question: Question, zone: str) -> Reply:
    # local.go: the apex has SOA and NS, `localhost.` addresses as well, 127.0.0.1 its name.
    name, soa = question.name.lower(), _local_soa(zone)
    own = {
        ("1.0.0.127.in-addr.arpa.", "PTR"): "localhost.",
        (zone, "NS"): "localhost.",
        (zone, "SOA"): soa.data,
        ("localhost.", "A"): "127.0.0.1",
        ("localhost.", "AAAA"): "::1",
    }.get((name, question.type))
    if own is not None:
        record = Record(name=question.name, type=question.type, data=own, ttl=_LOCAL_TTL)
        return Reply(answer=(record,))
    exists = name in {zone, "1.0.0.127.in-addr.arpa."}
    return Reply(rcode=Rcode.NOERROR if exists else Rcode.NXDOMAIN, authority=(soa,))


def _local_soa(name: str) -> Record:
    data = f"localhost. root.localhost. 1 0 0 0 {_LOCAL_TTL}"
    return Record(name=name, type="SOA", data=data, ttl=_LOCAL_TTL)


def serve_dns64(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """AAAA made of A where a name has none; RFC 6147, for clients over IPv6 unless told else."""
    (plugin,) = plugins
    if plugin.args:
        # dns64/setup.go: after a prefix in the line the braces are not read.
        plugin = replace(plugin, body=())
    served = yield from following(query)
    if not _lacks_ipv6(query, plugin, served):
        return served
    prefix = plugin.value("prefix", plugin.args[0] if plugin.args else _WELL_KNOWN_PREFIX)
    client = parse_address(query.client)
    allows_ipv4 = plugin.first("allow_ipv4") is not None
    if (client is None and not allows_ipv4) or not _is_prefix(prefix):
        return unknown(f"`dns64` in Corefile line {plugin.line} (client address, or {prefix})")
    if client is not None and client.version == 4 and not allows_ipv4:
        return served
    inner = yield from query.enter(Question(query.question.name, "A"))
    if not isinstance(inner.answer, Reply):
        return inner
    rule = f"`dns64` makes AAAA of the A records below {prefix}"
    # dns64.go Synthesize: no code of the A reply is kept; the TTL is at most that of the SOA.
    cap = next((each.ttl for each in _authority(served) if each.type == "SOA"), _DNS64_SOA_TTL)
    answer = tuple(_translated(each, prefix, cap) for each in inner.answer.answer)
    step = step_of(plugin, rule)
    reply = replace(inner.answer, rcode=Rcode.NOERROR, answer=answer)
    return replace(inner, answer=reply, rule=rule).after(step)


def _authority(served: Served) -> tuple[Record, ...]:
    return served.answer.authority if isinstance(served.answer, Reply) else ()


def _lacks_ipv6(query: PluginQuery, plugin: Directive, served: Served) -> bool:
    # dns64.go responseShouldDNS64: never for a name that does not exist, which pkg/response took
    # from NXDOMAIN with an SOA alone until coredns#8199.
    reply = served.answer
    if query.type != "AAAA" or not isinstance(reply, Reply):
        return False
    has_soa = any(record.type == "SOA" for record in reply.authority)
    counts = has_soa or not rules_of(query.server.version).nxdomain_needs_soa
    if reply.rcode is Rcode.NXDOMAIN and counts:
        return False
    has_own = any(record.type == "AAAA" for record in reply.answer)
    return not has_own or plugin.first("translate_all") is not None


def _is_prefix(text: str) -> bool:
    try:
        return IPv6Network(text, strict=False).prefixlen <= 96
    except ValueError:
        return False


def _translated(record: Record, prefix: str, longest_ttl: int) -> Record:
    # RFC 6052 2.2: the address stands behind the prefix, bits 64 to 71 stay zero.
    if record.type != "A":
        return record
    network = IPv6Network(prefix, strict=False)
    size = network.prefixlen // 8
    head = list(network.network_address.packed[:size])
    for octet in IPv4Address(record.data).packed:
        if len(head) == 8:
            head.append(0)
        head.append(octet)
    packed = bytes(head[:16]).ljust(16, b"\0")
    return replace(
        record, type="AAAA", data=str(IPv6Address(packed)), ttl=min(record.ttl, longest_ttl)
    )


# The `autopath` plugin: the search list on the server's side; coredns plugin/autopath.


def serve_autopath(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """The answer for the first search candidate that is not NXDOMAIN, with a CNAME to it."""
    (plugin,) = plugins
    source = plugin.args[-1] if plugin.args else ""
    zones = zones_or_block(plugin.args[:-1], query.block)
    if not closest_zone(zones, query.name):
        return (yield from following(query))
    if source != "@kubernetes":
        return unknown(f"plugin `autopath {source}` in Corefile line {plugin.line}")
    search = yield from _search_list(query)
    if not search or not is_below(search[0], query.name):
        return (yield from following(query))
    base = below_zone(query.question.name, search[0])
    first: Served | None = None
    for suffix in search:
        name = f"{base}.{suffix}" if base else suffix
        served = yield from following(query.asks(Question(name, query.type)))
        first = first or served
        if not isinstance(served.answer, Reply) or served.answer.rcode is not Rcode.NXDOMAIN:
            step = step_of(plugin, f"went on from the search list to {name}")
            return _as_asked(query, served).after(step)
    step = step_of(plugin, "no candidate of the list exists")
    return (first or (yield from following(query))).after(step)


def _search_list(query: PluginQuery) -> Asking[tuple[str, ...]]:
    # kubernetes/autopath.go: needs `pods verified` and a pod with the source address.
    plugin = kubernetes_plugin_for(query.name, query.block)
    if plugin is None or not query.client:
        return ()
    options = kubernetes_options(plugin, query.block)
    if options.pods != "verified":
        return ()
    pods = yield from read(pods_at(query.client))
    if not pods:
        return ()
    zone = closest_zone(options.zones, query.name)
    services = "svc." if zone == "." else f"svc.{zone}"
    namespace = pods[0].namespace
    # Behind them come the search domains of the DNS pod's node, which has none as a rule.
    return (f"{namespace}.{services}", services, zone, "")


def _as_asked(query: PluginQuery, served: Served) -> Served:
    # autopath/cname.go: an alias from the name asked to the name found, where they differ.
    reply = served.answer
    if not isinstance(reply, Reply) or not reply.answer:
        return served
    found = reply.answer[0]
    if same_name(found.name, query.question.name):
        return served
    alias = Record(name=query.question.name, type="CNAME", data=found.name, ttl=found.ttl)
    return replace(served, answer=replace(reply, answer=(alias, *reply.answer)))


# The `view` plugin: which clients and names a block is for; coredns plugin/view, expr-lang.

# One comparison of the README's forms; joined by && and || , `!` before a call.
_IN_NETWORK = re.compile(
    r"(?P<no>!\s*)?incidr\(\s*client_ip\(\)\s*,\s*['\"](?P<net>[^'\"]+)['\"]\s*\)"
)
_COMPARED = re.compile(
    r"(?P<what>name|type|client_ip)\(\)\s*(?P<how>==|!=|startsWith|endsWith|contains|matches)\s*"
    r"['\"](?P<value>[^'\"]*)['\"]"
)
_ONE_OF = re.compile(r"(?P<what>name|type|client_ip)\(\)\s+in\s+\[(?P<values>[^\]]*)\]")


def view_holds(block: ServerBlock, question: Question, client: str) -> bool | None:
    """Whether every `view` expression of BLOCK holds; None where one cannot be judged.

    Judged are `incidr(client_ip(), NET)` and comparisons of name(), type() and client_ip(), joined
    by `&&` and `||` without brackets.
    """
    views = [each for plugin in block.all("view") for each in plugin.all("expr")]
    return _every(_any_of(" ".join(each.args), question, client) for each in views)


def _every(held: Iterable[bool | None]) -> bool | None:
    """Whether all hold; None where none is known not to, and one is not known."""
    verdicts = {*held}
    return False if False in verdicts else None if None in verdicts else True


def _any_of(text: str, question: Question, client: str) -> bool | None:
    verdicts = [_all_of(part, question, client) for part in text.split("||")]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _all_of(text: str, question: Question, client: str) -> bool | None:
    return _every(_one(part.strip(), question, client) for part in text.split("&&"))


def _one(text: str, question: Question, client: str) -> bool | None:
    network = _IN_NETWORK.fullmatch(text)
    if network:
        inside = _is_inside(client, network["net"])
        return inside if inside is None or not network["no"] else not inside
    values = {"name": question.name.lower(), "type": question.type, "client_ip": client}
    compared = _COMPARED.fullmatch(text)
    if compared:
        return _compare(values[compared["what"]], compared["how"], compared["value"])
    one_of = _ONE_OF.fullmatch(text)
    if one_of and values[one_of["what"]]:
        listed = [each.strip().strip("'\"") for each in one_of["values"].split(",")]
        return values[one_of["what"]] in listed
    return None


def _is_inside(address: str, network: str) -> bool | None:
    client = parse_address(address)
    try:
        return None if client is None else client in ip_network(network, strict=False)
    except ValueError:
        return None


def _compare(value: str, how: str, other: str) -> bool | None:
    if not value:
        return None
    if how == "matches":
        return _matches(value, other)
    verdicts = {
        "==": value == other,
        "!=": value != other,
        "startsWith": value.startswith(other),
        "endsWith": value.endswith(other),
        "contains": other in value,
    }
    return verdicts[how]


def _matches(value: str, pattern: str) -> bool | None:
    try:
        return compile_pattern(pattern).search(value) is not None
    except (Refused, PatternUnknown):
        return None


# The `k8s_external` plugin: external addresses as `S.NS.ZONE`; coredns plugin/k8s_external.

_EXTERNAL_TTL = 5


def serve_k8s_external(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """External and load balancer addresses; with `headless` endpoints too."""
    (plugin,) = plugins
    zones = zones_or_block(plugin.args, query.block)
    zone = closest_zone(zones, query.name)
    kubernetes = query.block.first("kubernetes")
    if not zone:
        return (yield from following(query))
    if kubernetes is None or query.name == zone or query.name.endswith(f"dns.{zone}"):
        return unknown(f"the apex of `k8s_external` zone {zone} (Corefile line {plugin.line})")
    view = View(
        options=kubernetes_options(kubernetes, query.block),
        rules=rules_of(query.server.version),
        zone=zone,
    )
    found = yield from _find(query, view, has_headless=plugin.first("headless") is not None)
    if not found.exists and passes(plugin, query.name):
        return (yield from following(query))
    reply = yield from _external_reply(query, found, zones[0], plugin.number("ttl", _EXTERNAL_TTL))
    if isinstance(reply, UnknownReply):
        return unknown(reply.what)
    if not reply.answer:
        rcode = Rcode.NOERROR if found.exists else Rcode.NXDOMAIN
        reply = replace(reply, rcode=rcode, authority=(soa(zone, view.options.ttl),))
    origin = found.backings[0].origin if found.backings else None
    step = step_of(plugin, found.rule)
    return Served(answer=replace(reply, origin=origin), rule=found.rule, origin=origin).after(step)


def _find(query: PluginQuery, view: View, *, has_headless: bool) -> Asking[BehindName]:
    # kubernetes/external.go External.
    address = reversed_address(query.name)
    if query.type == "PTR" and address:
        return (yield from _pointing(address))
    labels = labels_of(below_zone(query.name, view.zone))
    namespace = labels[-1]
    is_exposed = view.options.exposes(namespace)
    if not is_exposed or not (yield from read(namespace_named(namespace))):
        return BehindName(exists=False, rule=f"no namespace {namespace}, or it is not exposed")
    if len(labels) == 1:
        return BehindName(
            exists=True, rule=f"namespace {namespace} exists: its name has no addresses"
        )
    service = (yield from read_service(view, namespace, labels[-2])) if len(labels) < 5 else None
    if service is None:
        return BehindName(exists=False, rule=f"no Service {namespace}/{labels[-2]}")
    backings = yield from _behind(view, service, labels[:-2], has_headless=has_headless)
    rule = f"external addresses of Service {service.object}"
    if not backings and not service.outer_ips:
        rule = f"Service {service.object} has no external IP, and `k8s_external` answers no other"
    return BehindName(exists=bool(backings), rule=rule, backings=backings)


def _behind(
    view: View, service: Service, labels: tuple[str, ...], *, has_headless: bool
) -> Asking[tuple[Backing, ...]]:
    rest = tuple(label.removeprefix("_") for label in labels)
    endpoint = rest[0] if len(rest) == 1 else ""
    port, protocol = rest if len(rest) == 2 else ("", "")
    pick = (port, protocol, endpoint)
    if has_headless and not service.outer_ips and (service.is_headless or endpoint):
        return (yield from _endpoints(view, service, pick))
    return _external(view, service, pick)


def _pointing(address: str) -> Asking[BehindName]:
    services = yield from read(services_with_external_ip(address))
    rule = f"Services with the external address {address}"
    backings = tuple(
        Backing(
            host=f"{service.name}.{service.namespace}",
            owner=address,
            origin=_origin(service, address),
            rule=rule,
        )
        for service in services
    )
    return BehindName(exists=bool(backings), rule=rule, backings=backings)


def _origin(service: Service, address: str) -> Origin:
    is_own = any(same_address(address, each) for each in service.external_ips)
    field = "spec.externalIPs" if is_own else "status.loadBalancer.ingress"
    return Origin(kind=OriginKind.SERVICE, object=service.object, field=field)


def _fits(port: Port, pick: tuple[str, str, str]) -> bool:
    return pick[0] in {"", port.name.lower()} and pick[1] in {"", port.protocol.lower()}


def _external(view: View, service: Service, pick: tuple[str, str, str]) -> tuple[Backing, ...]:
    return tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{service.name}.{service.namespace}.{view.zone}",
            origin=_origin(service, address),
            rule="external address",
        )
        for address in service.outer_ips
        for port in service.ports
        if _fits(port, pick)
    )


def _endpoints(
    view: View, service: Service, pick: tuple[str, str, str]
) -> Asking[tuple[Backing, ...]]:
    slices = yield from read_slices(view, service)
    return tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{endpoint_hostname(view, endpoint, address)}.{service.name}"
            f".{service.namespace}.{view.zone}",
            origin=Origin(
                kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]"
            ),
            rule="endpoint of a headless Service",
        )
        for part in slices
        for index, endpoint in taken(view, part)
        for address in endpoint.addresses
        if pick[2] in {"", endpoint_hostname(view, endpoint, address).lower()}
        for port in part.ports
        if _fits(port, pick)
    )


def _external_reply(
    query: PluginQuery, found: BehindName, first_zone: str, ttl: int
) -> Asking[Reply | UnknownReply]:
    name = query.question.name
    if query.type == "PTR":
        is_reverse = bool(reversed_address(query.name))
        hosts = dict.fromkeys(each.host for each in found.backings) if is_reverse else {}
        data = [f"{host}.{first_zone}" for host in hosts]
        answer = tuple(Record(name=name, type="PTR", data=each, ttl=ttl) for each in data)
        return Reply(answer=answer, authoritative=True)
    if query.type == "SRV":
        return _srv(name, found.backings, ttl)
    if query.type not in {"A", "AAAA"}:
        return Reply(authoritative=True)
    return (yield from _addresses(query, found.backings, ttl))


def _srv(name: str, backings: tuple[Backing, ...], ttl: int) -> Reply:
    weight = max(100 // len(backings), 1) if backings else 0
    aliases = tuple(
        Record(name=name, type="SRV", data=f"0 {weight} {each.port} {absolute(each.host)}", ttl=ttl)
        for each in backings
        if record_type(each.host) == "CNAME"
    )
    answer, additional = service_records(name, backings, ttl)
    return Reply(
        answer=(*dict.fromkeys(aliases), *answer), additional=additional, authoritative=True
    )


def _addresses(
    query: PluginQuery, backings: tuple[Backing, ...], ttl: int
) -> Asking[Reply | UnknownReply]:
    records: list[Record] = []
    for host in dict.fromkeys(each.host for each in backings):
        kind = record_type(host)
        if kind == query.type:
            records.append(address_record(query.question.name, host, ttl))
        elif kind == "CNAME":
            target = absolute(host)
            records.append(Record(name=query.question.name, type="CNAME", data=target, ttl=ttl))
            served = yield from query.enter(Question(target, query.type))
            if isinstance(served.answer, UnknownReply):
                return served.answer
            records += served.answered
    return Reply(answer=tuple(records), authoritative=True)
