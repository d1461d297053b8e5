"""Why the `hosts` plugin of the Corefile gives that answer, or none; cluster-dns.md 7.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import corefile_line, finding, seen
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.hosts_plugin import (
    DEFAULT_FILE,
    HostsName,
    hosts_file,
    hosts_names,
    names_zone_as_file,
)
from kubectl_hosts.model.cluster_dns.needs import service_named
from kubectl_hosts.model.cluster_dns.server import blocks_for, serving_port
from kubectl_hosts.model.dns import Rcode
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.corefile import ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking


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
