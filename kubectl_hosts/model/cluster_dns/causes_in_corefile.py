"""Why the server's configuration makes it answer that; cluster-dns.md 7.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import corefile_line, finding
from kubectl_hosts.model.cluster_dns.causes_in_hosts import CAUSES_IN_HOSTS
from kubectl_hosts.model.cluster_dns.corefile import Corefile, CorefileError
from kubectl_hosts.model.cluster_dns.kubernetes_options import (
    kubernetes_options,
    kubernetes_plugin_for,
)
from kubectl_hosts.model.cluster_dns.names import closest_zone
from kubectl_hosts.model.cluster_dns.rewrite import rewritten_question, takes
from kubectl_hosts.model.cluster_dns.rewrite_rules import parse_rewrite
from kubectl_hosts.model.dns import NoReply, Rcode, follow_aliases, same_name
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.needs import Asking

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
