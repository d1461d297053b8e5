"""The order of plugins in a server block, fixed when CoreDNS is built; coredns plugin.cfg."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock

# coredns plugin.cfg (1.14.7), without what never sees a query.
# fmt: off
_ORDER = (
    "metadata", "geoip", "cancel", "shed", "prometheus", "errors", "log", "dnstap", "local",
    "dns64", "any", "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache",
    "header", "dnssec", "minimal", "template", "transfer", "hosts", "route53", "azure",
    "clouddns", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd", "loop",
    "forward", "grpc", "erratic", "whoami",
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


def has_handler(block: ServerBlock) -> bool:
    """Whether any plugin of BLOCK meets a query at all."""
    return any(plugin.name not in _NO_HANDLER for plugin in block.plugins)


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
        chain += [found] if name in _ONE_PLUGIN else [(each,) for each in found]
    return tuple(chain)
