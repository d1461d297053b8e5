"""Which server block answers, and the walk through its plugins; coredns dnsserver/server.go.

The order of plugins is fixed when CoreDNS is built (plugin.cfg), whatever the Corefile's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import (
    NotKnown,
    PluginQuery,
    PluginStep,
    Served,
    failed,
    unknown,
    unread,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.corefile import Corefile, Refused, digits
from kubectl_hosts.model.cluster_dns.hosts_plugin import serve_hosts
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import serve_kubernetes
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.query_names import closest_zone, is_below
from kubectl_hosts.model.cluster_dns.rewrite import serve_rewrite
from kubectl_hosts.model.cluster_dns.small_plugins import (
    file_for,
    forward_zone,
    serve_acl,
    serve_autopath,
    serve_dns64,
    serve_file,
    serve_forward,
    serve_k8s_external,
    serve_local,
    serve_template,
    view_holds,
)
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import Rcode, UnknownReply, same_name
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Handler
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.dns import Question

# The order of plugins in a server block, fixed when CoreDNS is built; coredns plugin.cfg.

# coredns plugin.cfg (1.14.7), without what never sees a query; 1.4.0 for those that are gone.
# fmt: off
_ORDER = (
    "metadata", "geoip", "cancel", "shed", "prometheus", "errors", "log", "dnstap", "local",
    "dns64", "any", "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache",
    "header", "dnssec", "minimal", "template", "transfer", "hosts", "route53", "azure",
    "clouddns", "federation", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd",
    "loop", "forward", "proxy", "grpc", "erratic", "whoami",
)

NOT_IN_THE_WAY = frozenset({
    "any", "chaos",
    "metadata", "geoip", "cancel", "shed", "prometheus", "errors", "log", "dnstap",
    "loadbalance", "tsig", "header", "dnssec", "minimal", "transfer", "loop", "root",
    "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket", "reload",
    "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "tls", "on", "sign",
    "view", "cache",
})
# fmt: on
"""Plugins that leave the records of an answer as they are (their order, flags or counting apart).

`loop` answers only its own probe, `any` only type ANY, `chaos` only class CH, `transfer` only AXFR;
`minimal` drops sections that a client ignores.
"""

# Repeats of these are one plugin with several rules or zones.
_ONE_PLUGIN = frozenset({"rewrite", "template", "acl", "hosts", "file"})


# These have no handler: a block with nothing else refuses every name (dnsserver/server.go).
_NO_HANDLER = frozenset(
    {
        *("bind", "debug", "grpc_server", "https", "https3", "multisocket", "on", "pprof"),
        *("proxyproto", "quic", "ready", "reload", "root", "timeouts"),
    }
)


@lru_cache(maxsize=64)
def has_handler(block: ServerBlock) -> bool:
    """Whether any plugin of BLOCK meets a query at all."""
    return any(plugin.name not in _NO_HANDLER for plugin in block.plugins)


@lru_cache(maxsize=64)
def plugin_chain(
    block: ServerBlock, *, rewrite_before_acl: bool = True
) -> tuple[tuple[Directive, ...], ...]:
    """The plugins of BLOCK in the order in which a query meets them, repeats of one together.

    A plugin that plugin.cfg does not know (an external one) comes first: nobody can say where its
    build put it. Plugins that are not in the way are left out.
    """
    names = [plugin.name for plugin in block.plugins]
    order = _ORDER if rewrite_before_acl else ("acl", *_ORDER)
    known = dict.fromkeys(name for name in order if name in names and name not in NOT_IN_THE_WAY)
    strange = dict.fromkeys(
        name for name in names if name not in _ORDER and name not in NOT_IN_THE_WAY
    )
    chain: list[tuple[Directive, ...]] = []
    for name in (*strange, *known):
        found = block.all(name)
        if name == "proxy":  # proxy.go match: the longest FROM, whatever their order
            found = tuple(sorted(found, key=lambda each: -len(forward_zone(each))))
        chain += [found] if name in _ONE_PLUGIN else [(each,) for each in found]
    return tuple(chain)


# Which server block answers, and the walk through its plugins; coredns dnsserver/server.go.

DNS_PORT = 53
# A name that leads back into the server this often goes round in circles.
_DEEPEST = 12
# plugin/cache README: the cap where none is given.
_LONGEST_CACHED = 3600

_HANDLERS: Mapping[str, Handler] = {
    "autopath": serve_autopath,
    "file": serve_file,
    "k8s_external": serve_k8s_external,
    "forward": serve_forward,
    "proxy": serve_forward,
    "hosts": serve_hosts,
    "kubernetes": serve_kubernetes,
    "rewrite": serve_rewrite,
    "template": serve_template,
    "acl": serve_acl,
    "local": serve_local,
    "dns64": serve_dns64,
}


def serve(question: Question, server: ClusterDNS, client: str = "") -> Asking[Served]:
    """What SERVER answers QUESTION (an absolute name) of CLIENT, asking for what decides.

    Yields reads of objects, and UpstreamAsk for what `forward` sends on. Raises BadInput for an
    object with a field of the wrong type.
    """
    asking = _enter(question, server, client, 0)
    try:
        ask = next(asking)
        while True:
            if isinstance(ask, UpstreamAsk):
                is_same = yield from _goes_the_same_way(ask, question, server, client)
                ask = replace(ask, same_at_nameserver=is_same)
            ask = asking.send((yield ask))
    except StopIteration as ended:
        served: Served = ended.value
        return served


def _goes_the_same_way(
    ask: UpstreamAsk, question: Question, server: ClusterDNS, client: str
) -> Asking[bool]:
    """Whether SERVER, asked what ASK asks, sends it where ASK goes.

    So it does for the question that it was asked; one that `rewrite` made, or that the server
    behind a cache came to, may meet another block or be answered on the way.
    """
    if same_name(ask.question.name, question.name) and ask.question.type == question.type:
        return True
    asking = _enter(ask.question, server, client, 0)
    try:
        other = next(asking)
        while not isinstance(other, UpstreamAsk):
            other = asking.send((yield other))
    except StopIteration:
        return False
    return other == ask


def _enter(question: Question, server: ClusterDNS, client: str, depth: int) -> Asking[Served]:
    if not isinstance(server.corefile, Corefile):
        return _without_corefile(server)
    if depth > _DEEPEST:
        looped = (
            f"the Corefile leads {question.name} back to the server itself, again and again: a "
            "loop, for which plugin `loop` ends CoreDNS"
        )
        return Served(answer=UnknownReply(looped), rule=looped)

    def enter(inner: Question) -> Asking[Served]:
        return (yield from _enter(inner, server, client, depth + 1))

    def pass_on(onward: Question, other: ClusterDNS) -> Asking[Served]:
        return (yield from _enter(onward, other, client, depth + 1))

    for block in blocks_of(question.name, server):
        query = PluginQuery(
            question=question,
            server=server,
            block=block,
            client=client,
            enter=enter,
            pass_on=pass_on,
        )
        match view_holds(block, question, client):
            case True:
                return (yield from _serve_block(query))
            case None:
                what = f"the `view` of the server block in Corefile line {block.line}"
                return unknown(what, _origin(query, block.line))
    return failed(Rcode.REFUSED, f"no server block of the Corefile serves {question.name}")


def _without_corefile(server: ClusterDNS) -> Served:
    if isinstance(server.corefile, CouldNotLook):
        return unread(server.corefile)
    refused = f"CoreDNS refuses {server.refused}, and serves what it loaded before"
    return Served(answer=UnknownReply(refused), rule=refused)


def serving_port(server: ClusterDNS) -> int:
    """The port that the DNS server listens on: 53, else the first block's."""
    ports = [key.port for block in server.blocks for key in block.keys]
    return DNS_PORT if DNS_PORT in ports or not ports else ports[0]


def blocks_of(name: str, server: ClusterDNS) -> tuple[ServerBlock, ...]:
    """The blocks of SERVER whose zone holds NAME, the longest zone first, then in text order."""
    return _blocks_of(name, server.blocks, serving_port(server))


@lru_cache(maxsize=256)
def _blocks_of(name: str, blocks: tuple[ServerBlock, ...], port: int) -> tuple[ServerBlock, ...]:
    fitting = [
        (len(key.zone) if key.zone != "." else 0, block)
        for block in blocks
        for key in block.keys
        if key.port == port and is_below(key.zone, name)
    ]
    ordered = sorted(fitting, key=lambda pair: -pair[0])
    return tuple(block for _, block in ordered)


def _serve_block(query: PluginQuery) -> Asking[Served]:
    block = query.block
    step = _chosen(block)
    if not has_handler(block):
        rule = "a server block without a plugin that looks at queries refuses every name"
        return failed(Rcode.REFUSED, rule, _origin(query, block.line)).after(step)
    rules = rules_of(query.server.version)
    chain = plugin_chain(block, rewrite_before_acl=rules.rewrite_before_acl)
    served = yield from _walk(query, chain)
    return served.after(step, *_notes(query))


@lru_cache(maxsize=64)
def _chosen(block: ServerBlock) -> PluginStep:
    return PluginStep(plugin="server", line=block.line, did=f"block {', '.join(block.zones)}")


def _notes(query: PluginQuery) -> tuple[str, ...]:
    # What may make the server say something else than the objects do now, without being wrong.
    notes = tuple(
        f"an older answer may come from the cache for up to {seconds} s (`cache`, Corefile line "
        f"{line})"
        for line, seconds in cache_lines(query.name, query.block)
    )
    if query.server.version is None:
        notes += ("the CoreDNS release is not known: the rules of the newest are assumed",)
    return notes


@lru_cache(maxsize=256)
def cache_lines(name: str, block: ServerBlock | None) -> tuple[tuple[int, int], ...]:
    """The `cache` lines of BLOCK that may give an older answer for NAME, and for how long (s)."""
    caches = _caches(block) if block else ()
    return tuple((each.line, each.seconds) for each in caches if each.seconds and each.keeps(name))


class _Cache(NamedTuple):
    """A `cache` plugin; disabled are the classes of answers that it leaves out, with the zones."""

    line: int
    zones: tuple[str, ...]
    disabled: tuple[tuple[str, tuple[str, ...]], ...]
    seconds: int

    def keeps(self, name: str) -> bool:
        """Whether answers for NAME are kept, of one class at least."""
        left_out = {each for each, zones in self.disabled if closest_zone(zones, name)}
        return bool(closest_zone(self.zones, name)) and not {"success", "denial"} <= left_out


@lru_cache(maxsize=64)
def _caches(block: ServerBlock) -> tuple[_Cache, ...]:
    return tuple(_cache(plugin, block) for plugin in block.all("cache"))


def _cache(plugin: Directive, block: ServerBlock) -> _Cache:
    # plugin/cache: `cache [TTL] [ZONES]`, `success` and `denial` with their own cap, `disable
    # CLASS ZONES`; a cap is at most an hour, and no answer outlives its own TTL.
    words = plugin.args
    cap = digits(words[0]) if words else None
    caps = [each.args for each in (*plugin.all("success"), *plugin.all("denial"))]
    own = [digits(args[1]) for args in caps if len(args) > 1]
    numbers = [each for each in (*own, cap) if each is not None]
    return _Cache(
        line=plugin.line,
        zones=zones_or_block(words if cap is None else words[1:], block),
        disabled=tuple(
            (each.args[0], zones_or_block(each.args[1:], block))
            for each in plugin.all("disable")
            if each.args
        ),
        seconds=min(max(numbers, default=_LONGEST_CACHED), _LONGEST_CACHED),
    )


def _walk(query: PluginQuery, chain: tuple[tuple[Directive, ...], ...]) -> Asking[Served]:
    if not chain:
        lacks = "" if query.block.forwards else ", as it has no `forward`"
        rule = f"nothing in the block answers the name{lacks}: `no next plugin found`"
        return failed(Rcode.SERVFAIL, rule, _origin(query, query.block.line))
    plugins, rest = chain[0], chain[1:]

    def following(onward: PluginQuery) -> Asking[Served]:
        return (yield from _walk(onward, rest))

    name, line = plugins[0].name, plugins[0].line
    handler = _HANDLERS.get(name)
    if name == "file" and not rest and _is_refused_by(plugins, query):
        what = f"`file` (line {line}), the last plugin of its block, has no zone of the name"
        return failed(Rcode.REFUSED, what, _origin(query, line))
    if handler is None:
        return unknown(f"plugin `{name}` in Corefile line {line}", _origin(query, line))
    try:
        return (yield from handler(query, plugins, following))
    except NotKnown as error:
        return unknown(error.what, _origin(query, line))
    except Refused as error:
        return unknown(f"plugin `{name}` in Corefile line {line} ({error})", _origin(query, line))


def _is_refused_by(files: tuple[Directive, ...], query: PluginQuery) -> bool:
    """Whether FILES, the last plugins that answer, refuse a name that is in none of their zones.

    plugin.cfg: of what leaves an answer as it is, `loop` alone stands behind `file`. `minimal`
    waits for a message, and fails with no more than a code.
    """
    is_last = query.block.first("loop") is None and query.block.first("minimal") is None
    refuses = is_last and rules_of(query.server.version).last_file_refuses
    return refuses and file_for(query, files)[1] is None


def _origin(query: PluginQuery, line: int) -> Origin:
    return Origin(kind=OriginKind.UNKNOWN, object=query.server.object, line=line)
