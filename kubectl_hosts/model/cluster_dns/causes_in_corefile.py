"""Why the server's configuration makes it answer that; cluster-dns.md 7.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import corefile_line, finding, seen
from kubectl_hosts.model.cluster_dns.corefile import Corefile, CorefileError
from kubectl_hosts.model.cluster_dns.hosts_plugin import (
    DEFAULT_FILE,
    HostsName,
    hosts_file,
    hosts_names,
    names_zone_as_file,
)
from kubectl_hosts.model.cluster_dns.names import closest_zone
from kubectl_hosts.model.cluster_dns.needs import service_named
from kubectl_hosts.model.cluster_dns.rewrite import parse_rewrite, rewritten_question, takes
from kubectl_hosts.model.cluster_dns.server import blocks_for, serving_port
from kubectl_hosts.model.cluster_dns.zone import kubernetes_options, kubernetes_plugin_for
from kubectl_hosts.model.dns import NoReply, Rcode, follow_aliases, same_name
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.corefile import ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking

# Why the `hosts` plugin of the Corefile gives that answer, or none; cluster-dns.md 7.6.


def hosts_without_fallthrough(case: Case) -> Asking[tuple[Finding, ...]]:
    """C54: `hosts` fails for every name that it does not hold."""
    yield from ()
    trail = case.served.trail
    if case.rcode is not Rcode.SERVFAIL or not trail or trail[-1].plugin != "hosts":
        return ()
    return finding(
        Reason.HOSTS_WITHOUT_FALLTHROUGH,
        Severity.ERROR,
        f"`hosts` in {case.authority.object} has no `fallthrough`: every other name of its zones "
        "fails with SERVFAIL",
        "Add the line `fallthrough` to the hosts block, below its entries.",
        case.served.origin,
    )


def hosts_answer(case: Case) -> Asking[tuple[Finding, ...]]:
    """C55, C56, C57: what it means that `hosts` has the name."""
    origin = case.served.origin
    is_hosts = origin is not None and origin.kind is OriginKind.COREFILE_HOSTS
    if not is_hosts or origin is None or case.rcode is not Rcode.NOERROR:
        return ()
    found: tuple[Finding, ...] = ()
    if not case.served.answered:
        found += finding(
            Reason.HOSTS_OWNS_EVERY_TYPE,
            Severity.WARNING,
            f"`hosts` has {case.question.name} for another type: {case.question.type} is empty, "
            "even where the real name has it",
            "Add an entry of that family, or take the name out of `hosts`.",
            origin,
        )
    if origin.field == DEFAULT_FILE:
        found += finding(
            Reason.HOSTS_READS_POD_FILE,
            Severity.WARNING,
            f"`hosts` without a FILE reads {DEFAULT_FILE} of the DNS server's own pod (the node's, "
            "where that pod uses hostNetwork), and the name is there",
            "Name an empty FILE (`hosts /dev/null {`) to serve the inline entries alone.",
            origin,
        )
    return (*found, *(yield from _shadowed(case, origin)))


def _shadowed(case: Case, origin: Origin) -> Asking[tuple[Finding, ...]]:
    asked = case.service_asked
    if asked is None:
        return ()
    if not (yield from seen(service_named(asked.namespace, asked.service))):
        return ()
    name = f"{asked.namespace}/{asked.service}"
    return finding(
        Reason.HOSTS_SHADOWS_SERVICE,
        Severity.WARNING,
        f"`hosts` answers in the place of Service {name}: it comes before `kubernetes`, whatever "
        "the order in the Corefile",
        "Take the name out of the hosts block.",
        origin,
        Origin(kind=OriginKind.SERVICE, object=name),
    )


def hosts_file_is_a_zone(case: Case) -> Asking[tuple[Finding, ...]]:
    """The first word after `hosts` is a file, so a zone there serves every zone of the block."""
    yield from ()
    block = case.block
    return tuple(
        each
        for plugin in (block.all("hosts") if block else ())
        if names_zone_as_file(plugin)
        and any(name.name == case.question.name.lower() for name in _names(case))
        for each in finding(
            Reason.HOSTS_FILE_IS_A_ZONE,
            Severity.INFO,
            f"`hosts {hosts_file(plugin)}`: the first word is a FILE, which does not exist; the "
            "entries are served for every zone of the block",
            f"Write `hosts /dev/null {hosts_file(plugin)}` to name the zone.",
            corefile_line(case, plugin.line),
        )
    )


def hosts_in_other_block(case: Case) -> Asking[tuple[Finding, ...]]:
    """Question 15: dnsserver/server.go ServeDNS asks the block of the longest zone, and no other.

    Where `view` chooses among blocks, another one may answer all the same.
    """
    yield from ()
    corefile = case.authority.corefile
    if not isinstance(corefile, Corefile):
        return ()
    blocks = blocks_for(case.question.name, corefile, serving_port(case.authority))
    if any(each.all("view") for each in blocks):
        return ()
    return tuple(
        each
        for other in blocks[1:]
        for name in _inline_entries(case, other)
        for each in finding(
            Reason.HOSTS_IN_OTHER_BLOCK,
            Severity.WARNING if case.served.answered else Severity.ERROR,
            f"the entry for {case.question.name} in Corefile line {name.line} has no effect: it is "
            f"in the server block {_zones(other)}, and the block {_zones(blocks[0])} "
            "(the longest zone that holds the name) is the only one that is asked",
            f"Put the entry into a `hosts` in the block {_zones(blocks[0])}, with `fallthrough`.",
            corefile_line(case, name.line),
            corefile_line(case, blocks[0].line),
        )
    )[:1]


def hosts_entry_not_reached(case: Case) -> Asking[tuple[Finding, ...]]:
    """An entry of `hosts` for the name, and a plugin before it that answers or asks another name.

    plugin.cfg has the order of plugins, whatever the order in the Corefile.
    """
    yield from ()
    block = case.block
    if block is None or any(step.plugin == "hosts" for step in case.served.trail):
        return ()
    if case.server.behind is not None:
        return ()  # what comes before it may be the cache's: causes.skipped_by_node_local
    first = next((step for step in case.served.trail if step.plugin != "server"), None)
    return tuple(
        each
        for name in _inline_entries(case, block)[:1]
        if first is not None
        for each in finding(
            Reason.HOSTS_ENTRY_NOT_REACHED,
            Severity.WARNING if case.served.answered else Severity.ERROR,
            f"the `hosts` entry {name.address} for {case.question.name} in Corefile line "
            f"{name.line} has no effect: `{first.plugin}` in line {first.line} comes before it",
            f"Take the name out of that `{first.plugin}`: lines in another order change nothing.",
            corefile_line(case, name.line),
            corefile_line(case, first.line),
        )
    )


def _zones(block: ServerBlock) -> str:
    """The zones of a server block as one writes them, quoted."""
    return ", ".join(f"`{zone.rstrip('.') or '.'}`" for zone in block.zones)


def _inline_entries(case: Case, block: ServerBlock) -> tuple[HostsName, ...]:
    """The lines in `hosts` of BLOCK itself that would answer the question."""
    wanted = case.question.name.lower(), case.question.type
    return tuple(
        name
        for plugin in block.all("hosts")
        for name in hosts_names(plugin, block, case.authority)
        if not name.file and (name.name, name.type) == wanted
    )


def _names(case: Case) -> tuple[HostsName, ...]:
    block = case.block
    if block is None:
        return ()
    return tuple(
        name for plugin in block.all("hosts") for name in hosts_names(plugin, block, case.authority)
    )


CAUSES_IN_HOSTS = (
    hosts_without_fallthrough,
    hosts_answer,
    hosts_file_is_a_zone,
    hosts_in_other_block,
    hosts_entry_not_reached,
)


# Why the server's configuration makes it answer that; cluster-dns.md 7.6.

# plugin.cfg: what may have a name that `kubernetes` lets pass.
_BEHIND_KUBERNETES = frozenset({"file", "auto", "secondary", "etcd", "forward", "grpc"})


def broken_corefile(case: Case) -> Asking[tuple[Finding, ...]]:
    """C60c: a Corefile that does not parse is not what CoreDNS serves."""
    yield from ()
    corefile = case.authority.corefile
    if not isinstance(corefile, CorefileError):
        return ()
    return finding(
        Reason.COREFILE_BROKEN,
        Severity.ERROR,
        f"the Corefile in {case.authority.object} does not parse ({corefile.message}): CoreDNS "
        "goes on with the older one, and fails at its next start",
        "Repair that line; the log of CoreDNS says `Corefile parse failed`.",
        corefile_line(case, corefile.line),
    )


def no_server_block(case: Case) -> Asking[tuple[Finding, ...]]:
    """C69: REFUSED, because no block serves the zone (or an empty one does)."""
    yield from ()
    if case.rcode is not Rcode.REFUSED or case.served.origin is not None:
        return ()
    return finding(
        Reason.NO_SERVER_BLOCK,
        Severity.ERROR,
        f"no server block of {case.authority.object} serves {case.question.name}: REFUSED",
        "Add a block for its zone, or `.`, with a plugin that answers.",
    )


def chain_ends(case: Case) -> Asking[tuple[Finding, ...]]:
    """C59: the last plugin passes the name on, and nothing follows."""
    yield from ()
    if case.rcode is not Rcode.SERVFAIL or "no next plugin found" not in case.served.rule:
        return ()
    zone = _kubernetes_zone_of_rewritten(case)
    if zone:
        return finding(
            Reason.PLUGIN_CHAIN_ENDS,
            Severity.ERROR,
            f"`rewrite` asks for {_rewritten(case)}, and the block has no `kubernetes {zone}` to "
            "answer it: SERVFAIL",
            f"Add `kubernetes {zone}` to the block of line {_block_line(case)}: a rewritten name "
            "does not leave it.",
            case.served.origin,
        )
    return finding(
        Reason.PLUGIN_CHAIN_ENDS,
        Severity.ERROR,
        f"no plugin of the server block answers {case.question.name}: SERVFAIL, `no next plugin "
        "found` in the log",
        "Add `forward` to the block, or drop the `fallthrough` that leads nowhere.",
        case.served.origin,
    )


def rewrite_leaves_kubernetes(case: Case) -> Asking[tuple[Finding, ...]]:
    """A name that `rewrite` made is a Service's, and its block sends it outside."""
    yield from ()
    last = case.served.trail[-1:]
    zone = _kubernetes_zone_of_rewritten(case)
    if not zone or not last or last[0].plugin != "forward" or case.served.answered:
        return ()
    return finding(
        Reason.REWRITE_LEAVES_KUBERNETES,
        Severity.ERROR,
        f"`rewrite` asks for {_rewritten(case)}, and the block of line {_block_line(case)} sends "
        "that outside: it has no `kubernetes`",
        f"Add `kubernetes {zone}` to that block: a rewritten name does not leave it.",
        corefile_line(case, last[0].line),
    )


def kubernetes_without_fallthrough(case: Case) -> Asking[tuple[Finding, ...]]:
    """A name of the plugin's zone that is no Service's ends there, whatever stands behind."""
    yield from ()
    block, view = case.block, case.view
    if block is None or view is None or case.rcode is not Rcode.NXDOMAIN:
        return ()
    behind = [each.name for each in block.plugins if each.name in _BEHIND_KUBERNETES]
    last = case.served.trail[-1:]
    if case.requested is not None or not behind or not last or last[0].plugin != "kubernetes":
        return ()
    zone = view.zone.lower()
    return finding(
        Reason.KUBERNETES_WITHOUT_FALLTHROUGH,
        Severity.WARNING,
        f"{case.question.name} is no name of a Service, and `kubernetes` ends every name below "
        f"{zone} without `fallthrough`: `{behind[0]}` is never asked",
        f"Add `fallthrough {zone}` to the kubernetes plugin where other names of that zone exist.",
        corefile_line(case, view.options.line),
    )


def _rewritten(case: Case) -> str:
    """The name that `rewrite` of the block makes of the question."""
    block = case.block
    return rewritten_question(case.question, block).name if block else case.question.name


def _kubernetes_zone_of_rewritten(case: Case) -> str:
    """The zone of a `kubernetes` that a rewritten name is in, where its own block has none."""
    corefile, block, name = case.authority.corefile, case.block, _rewritten(case)
    if block is None or not isinstance(corefile, Corefile):
        return ""
    if same_name(name, case.question.name) or kubernetes_plugin_for(name, block):
        return ""
    zones = (
        closest_zone(kubernetes_options(plugin, each).zones, name)
        for each in corefile.blocks
        for plugin in each.all("kubernetes")
    )
    return max(zones, key=len, default="").removesuffix(".")


def _block_line(case: Case) -> int:
    return case.block.line if case.block else 0


def plugin_twice(case: Case) -> Asking[tuple[Finding, ...]]:
    """C58: `hosts` (or `cache`) twice in a block: CoreDNS refuses the Corefile."""
    yield from ()
    block = case.block
    twice = [name for name in ("hosts", "cache", "errors") if block and len(block.all(name)) > 1]
    return tuple(
        each
        for name in twice
        if block is not None
        for each in finding(
            Reason.PLUGIN_TWICE,
            Severity.ERROR,
            f"plugin/{name}: this plugin can only be used once per Server Block (CoreDNS goes on "
            "with the older Corefile, and fails at its next start)",
            f"Merge the {name} blocks; an imported *.override may not repeat one.",
            corefile_line(case, block.all(name)[1].line),
        )
    )


def foreign_owner(case: Case) -> Asking[tuple[Finding, ...]]:
    """C60: a rewritten name that is not put back; glibc drops such an answer."""
    yield from ()
    rules = [step for step in case.served.trail if step.plugin == "rewrite"]
    answered = case.served.answered
    if not rules or not answered:
        return ()
    known = follow_aliases(case.question, answered)
    if any(same_name(each.name, name) for each in answered for name in known):
        return ()
    return finding(
        Reason.REWRITE_LEAVES_FOREIGN_NAME,
        Severity.ERROR,
        f"`rewrite` leaves the name {answered[0].name} in the answer: glibc (curl, Java, most "
        "images) drops it, musl, Go and busybox take it",
        "Add `answer auto` to the rule.",
        corefile_line(case, rules[0].line),
    )


def unreachable_rule(case: Case) -> Asking[tuple[Finding, ...]]:
    """C60b: a rule that would take the name stands below one that ended the list."""
    yield from ()
    block = case.block
    rules = [parse_rewrite(plugin) for plugin in (block.all("rewrite") if block else ())]
    taking = [rule for rule in rules if rule is not None and takes(rule, case.question)]
    ends = next((index for index, rule in enumerate(taking) if not rule.goes_on), None)
    if ends is None or ends == len(taking) - 1:
        return ()
    first, never = taking[ends], taking[ends + 1]
    return finding(
        Reason.REWRITE_RULE_UNREACHABLE,
        Severity.WARNING,
        f"the rewrite rule in line {never.line} is never reached for {case.question.name}: line "
        f"{first.line} (`{first.field}`) takes the name first and ends the list",
        "Put the rule first, or write `rewrite continue` in the line before.",
        corefile_line(case, first.line),
        corefile_line(case, never.line),
    )


def upstreams(case: Case) -> Asking[tuple[Finding, ...]]:
    """C65, C70b: an upstream chosen by chance, or one that stays silent."""
    yield from ()
    origin = case.served.origin
    if origin is None or origin.kind not in {OriginKind.UPSTREAM, OriginKind.STUB_DOMAIN}:
        return ()
    servers = origin.field.split()[2:]
    if isinstance(case.served.answer, NoReply):
        return finding(
            Reason.UPSTREAM_SILENT,
            Severity.ERROR,
            f"{', '.join(servers)} does not answer for {case.question.name}: CoreDNS gives up "
            "after 6 s, the client earlier",
            "Make the server reachable from the DNS pods, or take the zone out of the Corefile.",
            origin,
        )
    is_negative = case.rcode in {Rcode.NXDOMAIN, Rcode.SERVFAIL, Rcode.REFUSED}
    if len(servers) < 2 or not is_negative or _policy(case, origin) != "random":
        return ()
    return finding(
        Reason.UPSTREAM_BY_CHANCE,
        Severity.WARNING,
        f"CoreDNS asks one of {', '.join(servers)} at random and takes its answer as final: where "
        "they hold different names, some answers fail",
        "Give each zone its own server block, or set `policy sequential`.",
        origin,
    )


def _policy(case: Case, origin: Origin) -> str:
    corefile = case.server.corefile
    blocks = corefile.blocks if isinstance(corefile, Corefile) else ()
    found = [each for block in blocks for each in block.all("forward") if each.line == origin.line]
    return found[0].value("policy", "random") if found else "random"


CAUSES_IN_COREFILE = (
    broken_corefile,
    no_server_block,
    chain_ends,
    rewrite_leaves_kubernetes,
    kubernetes_without_fallthrough,
    *CAUSES_IN_HOSTS,
    plugin_twice,
    foreign_owner,
    unreachable_rule,
    upstreams,
)
