"""What is worth telling about an answer of the cluster's DNS; cluster-dns.md 7.4 to 7.7.

A `Case` is a question, its answer and the server, as findings look at them. First come the causes
in the objects (Services, pods, aliases; 7.4, 7.5), then those in the Corefile (7.6), then what is
found of the server itself.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from posixpath import basename, dirname
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from kubectl_hosts.model.cluster_dns.corefile import ONCE, Corefile, CorefileError
from kubectl_hosts.model.cluster_dns.hosts_plugin import (
    DEFAULT_FILE,
    HostsName,
    hosts_file,
    hosts_names,
    names_zone_as_file,
)
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import (
    View,
    is_watched,
    kubernetes_options,
    kubernetes_plugin_for,
    kubernetes_zones,
)
from kubectl_hosts.model.cluster_dns.needs import (
    pods_at,
    service_named,
    slices_of,
)
from kubectl_hosts.model.cluster_dns.query_names import (
    absolute,
    closest_zone,
    is_below,
    is_reverse,
    parse_address,
    parse_requested_name,
    reversed_address,
    undashed,
)
from kubectl_hosts.model.cluster_dns.rewrite import apply_rules, parse_rewrite, takes
from kubectl_hosts.model.cluster_dns.server import blocks_of, cache_lines
from kubectl_hosts.model.cluster_dns.small_plugins import is_forwarded, is_made_up_by_istio
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import NoReply, Rcode, Reply, follow_aliases, same_name
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.reads import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Served
    from kubectl_hosts.model.cluster_dns.corefile import ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking, Seen
    from kubectl_hosts.model.cluster_dns.query_names import RequestedName
    from kubectl_hosts.model.dns import Question
    from kubectl_hosts.model.objects import EndpointSlice, Service

    # In the order in which they are told, each with the one response code that it explains, and the
    # plugin without which the Corefile that holds the zone gives it nothing to tell.
    Cause = Callable[["Case"], Asking[tuple[Finding, ...]]]
    Causes = tuple[tuple[Cause, Rcode | None] | tuple[Cause, None, str], ...]

T = TypeVar("T")


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """What was asked, what the server says and why; every rule asks for its view."""

    question: Question
    served: Served
    server: ClusterDNS

    @property
    def rcode(self) -> Rcode | None:
        """The response code, None where there is no reply."""
        return self.served.answer.rcode if isinstance(self.served.answer, Reply) else None

    @property
    def authority(self) -> ClusterDNS:
        """As of ClusterDNS."""
        return self.server.authority

    @cached_property
    def block(self) -> ServerBlock | None:
        """The server block that the name falls into, views apart."""
        return next(iter(self.blocks), None)

    @property
    def blocks(self) -> tuple[ServerBlock, ...]:
        """The server blocks of the name, the one that is asked first."""
        return blocks_of(self.question.name, self.authority)

    @cached_property
    def view(self) -> View | None:
        """The cluster zone that the name stands in, None for names outside."""
        block = self.block
        plugin = kubernetes_plugin_for(self.question.name, block) if block else None
        if block is None or plugin is None:
            return None
        options = kubernetes_options(plugin, block)
        return View(
            options=options,
            rules=rules_of(self.authority.version, self.authority.provider),
            zone=closest_zone(options.zones, self.question.name),
        )

    @cached_property
    def requested(self) -> RequestedName | None:
        """What the name asks for in the cluster zone, None for other names."""
        view = self.view
        if view is None:
            return None
        return parse_requested_name(
            self.question.name,
            view.zone,
            multicluster=view.options.is_multicluster(view.zone),
            zonal=view.options.is_zonal,
        )

    @property
    def service_asked(self) -> RequestedName | None:
        """The Service that the name asks for (or something below it), None for other names."""
        requested = self.requested
        is_service = requested is not None and requested.kind == "svc" and bool(requested.service)
        return requested if is_service else None


def seen(asking: Asking[Seen[T]]) -> Asking[tuple[T, ...]]:
    """The objects of ASKING for a finding: none where nobody could look (the answer says so)."""
    return known((yield from asking))


def corefile_line(case: Case, line: int) -> Origin:
    """A line of the Corefile that holds the zone."""
    return Origin(kind=OriginKind.UNKNOWN, object=case.authority.object, line=line)


def finding(
    reason: Reason, severity: Severity, message: str, fix: str = "", *evidence: Origin | None
) -> tuple[Finding, ...]:
    """One finding, as the one thing that a cause found."""
    kept = tuple(each for each in evidence if each is not None)
    return (Finding(reason=reason, severity=severity, message=message, fix=fix, evidence=kept),)


# Why a name of the cluster zone gives that, by its objects; cluster-dns.md 7.4.


def _service(namespace: str, name: str) -> Asking[Service | None]:
    found = yield from seen(service_named(namespace, name))
    return found[0] if found else None


def _slices(service: Service) -> Asking[tuple[EndpointSlice, ...]]:
    return (yield from seen(slices_of(service.namespace, service.name)))


def _origin(service: Service, field: str = "") -> Origin:
    return Origin(kind=OriginKind.SERVICE, object=service.object, field=field)


def slices_not_read(case: Case) -> Asking[tuple[Finding, ...]]:
    """CoreDNS before 1.8.1 watches Endpoints, so a slice made by hand is nothing to it."""
    asked, view = case.service_asked, case.view
    if asked is None or view is None:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None:
        return ()
    slices = yield from _slices(service)
    unread = [part for part in slices if part.endpoints and not is_watched(view, part)]
    if not unread:
        return ()
    return finding(
        Reason.ENDPOINT_SLICE_NOT_READ,
        Severity.ERROR,
        f"CoreDNS before 1.8.1 reads Endpoints, not EndpointSlice {unread[0].object}",
        f"Create Endpoints {service.name} in namespace {service.namespace}, or run CoreDNS "
        "1.8.1 or newer.",
        Origin(kind=OriginKind.ENDPOINT, object=unread[0].object),
    )


def service_without_endpoints(case: Case) -> Asking[tuple[Finding, ...]]:
    """C40: DNS is right, and nothing listens behind the cluster IP."""
    asked = case.service_asked
    origin = case.served.origin
    if asked is None or origin is None or origin.kind is not OriginKind.SERVICE:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None or service.is_headless or service.is_external_name:
        return ()
    slices = yield from slices_of(service.namespace, service.name)
    if isinstance(slices, CouldNotLook):
        return ()
    if any(endpoint.ready is not False for part in slices for endpoint in part.endpoints):
        return ()
    return finding(
        Reason.SERVICE_WITHOUT_ENDPOINTS,
        Severity.WARNING,
        f"DNS is right, but Service {service.object} has no ready endpoints: connections to its "
        "cluster IP fail",
        f"See `kubectl get endpointslices -n {service.namespace} "
        f"-l kubernetes.io/service-name={service.name}`, then the pods' readiness and labels.",
        _origin(service, "spec.selector"),
    )


def shared_hostname(case: Case) -> Asking[tuple[Finding, ...]]:
    """C37: replicas that set one hostname share one name."""
    yield from ()
    asked = case.service_asked
    addresses = [each for each in case.served.answered if each.type == case.question.type]
    if asked is None or not asked.endpoint or len(addresses) < 2:
        return ()
    return finding(
        Reason.SHARED_HOSTNAME,
        Severity.INFO,
        f"{asked.endpoint}.{asked.service} stands for {len(addresses)} endpoints: each pod with "
        "this hostname answers to it",
        "Use a StatefulSet where each pod needs a name of its own.",
        case.served.origin,
    )


CAUSES_IN_OBJECTS: Causes = (
    (slices_not_read, Rcode.NXDOMAIN),
    (service_without_endpoints, None),
    (shared_hostname, Rcode.NOERROR),
)


# Why a pod has no name, or another than expected; cluster-dns.md 7.4.


def pods_insecure(case: Case) -> Asking[tuple[Finding, ...]]:
    """C42: `pods insecure` echoes the address; whether a pod has it is another question."""
    view, asked = case.view, case.requested
    if view is None or asked is None or asked.kind != "pod" or not case.served.answered:
        return ()
    if view.options.pods != "insecure":
        return ()
    if (yield from pods_at(undashed(asked.service), asked.namespace)) != ():
        return ()
    return finding(
        Reason.PODS_INSECURE_PROVES_NOTHING,
        Severity.WARNING,
        f"no pod of {asked.namespace} has the address {undashed(asked.service)}: `pods insecure` "
        "gives back what the name says",
        "Set `pods verified` in the kubernetes plugin where the answer has to mean something.",
        corefile_line(case, view.options.line),
    )


def pointers(case: Case) -> Asking[tuple[Finding, ...]]:
    """C43: only cluster IPs and ready endpoints have PTR records, one for each Service."""
    address = reversed_address(case.question.name) if case.question.type == "PTR" else ""
    if not address:
        return ()
    names = [each.data for each in case.served.answered]
    if len(names) > 1:
        return finding(
            Reason.SEVERAL_POINTERS,
            Severity.INFO,
            f"{address} has {len(names)} names: each Service that selects the pod gives one",
            "",
            case.served.origin,
        )
    if case.rcode is not Rcode.NXDOMAIN:
        return ()
    pods = yield from seen(pods_at(address))
    if not pods:
        return ()
    pod = pods[0]
    state = "no Service selects it" if pod.ready else "it is not ready, or no Service selects it"
    return finding(
        Reason.POD_WITHOUT_POINTER,
        Severity.INFO,
        f"{address} is pod {pod.object}, which has no PTR record: {state}",
        "A Service that selects the pod gives it one.",
        Origin(kind=OriginKind.POD_RECORD, object=pod.object),
    )


CAUSES_IN_PODS: Causes = (
    (pods_insecure, Rcode.NOERROR),
    (pointers, None),
)


# Why an ExternalName gives that; cluster-dns.md 2.5 and 7.5.


def external_name(case: Case) -> Asking[tuple[Finding, ...]]:
    """C48 to C52, C62b: what is to know of the ExternalName Service that the name asks for."""
    asked = case.service_asked
    if asked is None or asked.endpoint or asked.port:
        return ()
    found = yield from seen(service_named(asked.namespace, asked.service))
    service = found[0] if found else None
    if service is None or not service.is_external_name:
        return ()
    if parse_address(service.external_name) is not None:
        return _is_address(service)
    return (
        *_without_record(case, service),
        *_other_host(case, service),
        *_not_qualified(service),
        *_kube_dns(case, service),
    )


def _alias_origin(service: Service) -> Origin:
    return Origin(kind=OriginKind.EXTERNAL_NAME, object=service.object, field="spec.externalName")


def _is_address(service: Service) -> tuple[Finding, ...]:
    return finding(
        Reason.EXTERNAL_NAME_IS_ADDRESS,
        Severity.ERROR,
        f"externalName of Service {service.object} is the address {service.external_name}: CoreDNS "
        "gives no record for that, an alias needs a name",
        "Make it a Service without selector, and an EndpointSlice that holds the address.",
        _alias_origin(service),
    )


def _has_address(case: Case) -> bool:
    return any(each.type == case.question.type for each in case.served.answered)


def _without_record(case: Case, service: Service) -> tuple[Finding, ...]:
    # 2.5: a loop, or a target in the zone without a record, is NODATA without the alias; a target
    # outside without a record is the alias alone.
    is_reply = isinstance(case.served.answer, Reply)
    if not is_reply or case.question.type not in {"A", "AAAA"} or _has_address(case):
        return ()
    target = absolute(service.external_name)
    if is_below(case.question.name, target):
        return finding(
            Reason.EXTERNAL_NAME_LOOP,
            Severity.ERROR,
            f"externalName {service.external_name} of Service {service.object} is its own name, or "
            "below it: CoreDNS drops it as a loop",
            "Point externalName at another name.",
            _alias_origin(service),
        )
    view = case.view
    if view is not None and is_below(view.zone, target):
        return finding(
            Reason.EXTERNAL_NAME_WITHOUT_RECORD,
            Severity.WARNING if case.question.type == "AAAA" else Severity.ERROR,
            f"`kubernetes` has no {case.question.type} record of {target}, the target of Service "
            f"{service.object}: `fallthrough` does not apply to it",
            "Point externalName at a Service that exists, or at a name outside that zone.",
            _alias_origin(service),
        )
    return finding(
        Reason.EXTERNAL_NAME_WITHOUT_RECORD,
        Severity.WARNING if case.question.type == "AAAA" else Severity.ERROR,
        f"Service {service.object} is an alias of {target}, which has no {case.question.type} "
        "record (or only leads back)",
        f"Look {target} up by itself: it has to exist for the family that is asked.",
        _alias_origin(service),
    )


def _other_host(case: Case, service: Service) -> tuple[Finding, ...]:
    if not _has_address(case):
        return ()
    return finding(
        Reason.EXTERNAL_NAME_HOST,
        Severity.INFO,
        f"Service {service.object} is an alias of {service.external_name}: clients send the "
        "Service's name as Host header and TLS server name",
        f"Where the server refuses the name, let the client ask for {service.external_name}",
        _alias_origin(service),
    )


def _not_qualified(service: Service) -> tuple[Finding, ...]:
    labels = service.external_name.rstrip(".").count(".") + 1
    if labels > 1 and not service.external_name.rstrip(".").endswith(".svc"):
        return ()
    return finding(
        Reason.EXTERNAL_NAME_NOT_QUALIFIED,
        Severity.WARNING,
        f"externalName {service.external_name} of Service {service.object} is taken as the "
        f"absolute name {absolute(service.external_name)}: no search list is applied to it",
        "Write the whole name, cluster domain included.",
        _alias_origin(service),
    )


def _kube_dns(case: Case, service: Service) -> tuple[Finding, ...]:
    if case.authority.provider != "kube-dns":
        return ()
    return finding(
        Reason.EXTERNAL_NAME_SKIPS_STUB_DOMAINS,
        Severity.WARNING,
        f"kube-dns looks the target of Service {service.object} up at its own upstream: "
        "stubDomains do not apply to it",
        "Name the target's addresses in a Service without selector, or use CoreDNS.",
        _alias_origin(service),
    )


CAUSES_IN_ALIASES: Causes = ((external_name, None),)


# Why the `hosts` plugin of the Corefile gives that answer, or none; cluster-dns.md 7.6.


def hosts_without_fallthrough(case: Case) -> Asking[tuple[Finding, ...]]:
    """C54: `hosts` fails for every name that it does not hold."""
    yield from ()
    trail = case.served.trail
    if not trail or trail[-1].plugin != "hosts":
        return ()
    plugins = case.block.plugins if case.block else ()
    hosts = [each for each in plugins if each.name == "hosts"]
    where = case.authority.place_of(hosts[0].file if hosts else "")
    passes_others = any(each.first("fallthrough") for each in hosts)
    lacks = "no `fallthrough` for it" if passes_others else "no `fallthrough`"
    return finding(
        Reason.HOSTS_WITHOUT_FALLTHROUGH,
        Severity.ERROR,
        f"`hosts` in {where} has {lacks}: every other name of its zones fails with SERVFAIL",
        "Add the line `fallthrough` to the hosts block, below its entries."
        if {each.name for each in plugins} & {"kubernetes", *_BEHIND_KUBERNETES}
        else "Add the name to the hosts block: no plugin of its block would answer behind it.",
        case.served.origin,
    )


def hosts_answer(case: Case) -> Asking[tuple[Finding, ...]]:
    """C55, C56, C57: what it means that `hosts` has the name."""
    origin = case.served.origin
    is_hosts = origin is not None and origin.kind is OriginKind.COREFILE_HOSTS
    if not is_hosts or origin is None:
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
            f"the name comes from {DEFAULT_FILE} of the DNS server's pod: `hosts` without a FILE "
            "reads it",
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
            f"`hosts {hosts_file(plugin)}`: the first word is a FILE; the entries are served for "
            "every zone of the block",
            f"Write `hosts /dev/null {hosts_file(plugin)}` to name the zone.",
            corefile_line(case, plugin.line),
        )
    )


def hosts_in_other_block(case: Case) -> Asking[tuple[Finding, ...]]:
    """Question 15: dnsserver/server.go ServeDNS asks the block of the longest zone, and no other.

    Where `view` chooses among blocks, another one may answer all the same.
    """
    yield from ()
    blocks = case.blocks
    if any(each.all("view") for each in blocks):
        return ()
    return tuple(
        each
        for other in blocks[1:]
        for name in _inline_entries(case, other)
        for each in finding(
            Reason.HOSTS_IN_OTHER_BLOCK,
            Severity.WARNING if case.served.answered else Severity.ERROR,
            f"Corefile line {name.line} has no effect on {case.question.name.removesuffix('.')}: "
            f"block {_zones(blocks[0])}, the longer zone, answers it, not block {_zones(other)}",
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


CAUSES_IN_HOSTS: Causes = (
    (hosts_without_fallthrough, Rcode.SERVFAIL),
    (hosts_answer, Rcode.NOERROR),
    (hosts_file_is_a_zone, None, "hosts"),
    (hosts_in_other_block, None, "hosts"),
    (hosts_entry_not_reached, None, "hosts"),
)


# Why the server's configuration makes it answer that; cluster-dns.md 7.6.

# plugin.cfg: what may have a name that `kubernetes` lets pass.
_BEHIND_KUBERNETES = frozenset({"file", "auto", "secondary", "etcd", "forward", "grpc"})


def broken_corefile(case: Case) -> Asking[tuple[Finding, ...]]:
    """C58, C60c: a Corefile that CoreDNS refuses is not what it serves."""
    yield from ()
    corefile = case.authority.corefile
    if not isinstance(corefile, CorefileError):
        return ()
    is_repeated = corefile.message.endswith(ONCE)
    return finding(
        Reason.PLUGIN_TWICE if is_repeated else Reason.COREFILE_BROKEN,
        Severity.ERROR,
        f"CoreDNS refuses {case.authority.refused}: its next start fails",
        "Merge the two; an imported *.override may not repeat a plugin of the block."
        if is_repeated
        else "Repair that line; the log of CoreDNS says why it was refused.",
        corefile_line(case, corefile.line),
    )


def no_server_block(case: Case) -> Asking[tuple[Finding, ...]]:
    """C69: REFUSED, because no block serves the zone (or an empty one does)."""
    yield from ()
    if case.served.origin is not None:
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
    if "no next plugin found" not in case.served.rule:
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
    if not last or last[0].plugin != "forward" or case.served.answered:
        return ()
    zone = _kubernetes_zone_of_rewritten(case)
    if not zone:
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
    if block is None or view is None:
        return ()
    behind = [each.name for each in block.plugins if each.name in _BEHIND_KUBERNETES]
    last = case.served.trail[-1:]
    if case.requested is not None or not behind or not last or last[0].plugin != "kubernetes":
        return ()
    zone = view.zone.lower()
    return finding(
        Reason.KUBERNETES_WITHOUT_FALLTHROUGH,
        Severity.WARNING,
        f"{case.question.name} is not a Service, and `kubernetes` ends every name below "
        f"{zone} without `fallthrough`: `{behind[0]}` is never asked",
        f"Add `fallthrough {zone}` to the kubernetes plugin where other names of that zone exist.",
        corefile_line(case, view.options.line),
    )


def _rewritten(case: Case) -> str:
    """The name that `rewrite` of the block makes of the question."""
    block = case.block
    return apply_rules(case.question, block)[1].name if block else case.question.name


def _kubernetes_zone_of_rewritten(case: Case) -> str:
    """The zone of a `kubernetes` that a rewritten name is in, where its own block has none."""
    block, name = case.block, _rewritten(case)
    if block is None or same_name(name, case.question.name) or kubernetes_plugin_for(name, block):
        return ""
    zones = tuple(zone for zone, _ in kubernetes_zones(case.authority))
    return closest_zone(zones, name).removesuffix(".")


def _block_line(case: Case) -> int:
    return case.block.line if case.block else 0


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
        # Whether it is an error is the pod's resolver's to say: AnsweredAsOtherName is its cause.
        Severity.WARNING,
        f"`rewrite` leaves the name {answered[0].name} in the answer: glibc drops it, musl, Go "
        "and busybox take it",
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
        f"the rewrite rule in line {never.line} is never reached for {case.question.name}: "
        f"line {first.line} (`{first.field}`) takes it first",
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
        f"CoreDNS asks one of {', '.join(servers)} at random: where they have different names, "
        "some answers fail",
        "Give each zone its own server block, or set `policy sequential`.",
        origin,
    )


def second_forward(case: Case) -> Asking[tuple[Finding, ...]]:
    """plugin/forward: of several that take the name the first one's answer is final."""
    yield from ()
    block, last = case.block, case.served.trail[-1:]
    if block is None or not last or last[0].plugin != "forward":
        return ()
    name = case.question.name
    taking = [each for each in block.all("forward") if is_forwarded(each, name)]
    if len(taking) < 2 or last[0].line != taking[0].line or taking[0].first("next"):
        return ()
    first, second = taking[0], taking[1]
    return finding(
        Reason.PLUGIN_TWICE,
        Severity.WARNING,
        f"`forward` of {case.authority.place_of(second.file)} (line {second.line}) is not asked: "
        f"the one of line {first.line} takes {name} before it",
        "Give the zone a server block of its own, or change the first `forward`.",
        corefile_line(case, first.line),
    )


def _policy(case: Case, origin: Origin) -> str:
    forwards = (each for block in case.server.blocks for each in block.forwards)
    found = next((each for each in forwards if each.line == origin.line), None)
    return found.value("policy", "random") if found else "random"


CAUSES_IN_COREFILE: Causes = (
    (broken_corefile, None),
    (no_server_block, Rcode.REFUSED),
    (chain_ends, Rcode.SERVFAIL),
    (rewrite_leaves_kubernetes, None),
    (kubernetes_without_fallthrough, Rcode.NXDOMAIN),
    *CAUSES_IN_HOSTS,
    (foreign_owner, None),
    (unreachable_rule, None, "rewrite"),
    (upstreams, None),
    (second_forward, None),
)


# What may be a name in a Corefile, or in the lines of its `hosts`.
_WORDS = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


def find_causes(
    question: Question, served: Served, server: ClusterDNS
) -> Asking[tuple[Finding, ...]]:
    """What explains an answer, asking for further objects where they decide; see `serve`."""
    case = Case(question=question, served=served, server=server)
    found: tuple[Finding, ...] = ()
    for cause in _causes_of(case.rcode, case.authority.blocks):
        found += yield from cause(case)
    return found


@lru_cache(maxsize=64)
def _causes_of(rcode: Rcode | None, blocks: tuple[ServerBlock, ...]) -> tuple[Cause, ...]:
    """Those that may explain an answer with RCODE (None: no reply) of a server with BLOCKS."""
    plugins = {None, *(plugin.name for block in blocks for plugin in block.plugins)}
    return tuple(
        cause
        for cause, explained, *of_plugin in _CAUSES
        if explained in {None, rcode} and plugins.issuperset(of_plugin)
    )


def wildcard(case: Case) -> Asking[tuple[Finding, ...]]:
    """C46: wildcard labels are plain text since CoreDNS 1.9.0."""
    yield from ()
    labels = case.question.name.lower().split(".")
    if case.view is None or not {"*", "any"} & set(labels):
        return ()
    return finding(
        Reason.WILDCARD_QUERY,
        Severity.INFO,
        "`*` and `any` are plain text in a question: wildcard queries ended with CoreDNS 1.9.0",
        "Ask for the Service by its name.",
    )


def cached_negative(case: Case) -> Asking[tuple[Finding, ...]]:
    """C33: once asked too early, a name stays absent until the cache lets it go."""
    yield from ()
    if case.view is None:
        return ()
    lines = cache_lines(case.question.name, case.block)
    if not lines:
        return ()
    line, seconds = lines[0]
    return finding(
        Reason.NEGATIVE_ANSWER_CACHED,
        Severity.INFO,
        f"NXDOMAIN is kept for up to {min(seconds, case.view.options.ttl)} s: a name that is "
        "made now may be missing for that long",
        "`disable denial` for the cluster domain in the cache plugin ends that.",
        corefile_line(case, line),
    )


def skipped_by_node_local(case: Case) -> Asking[tuple[Finding, ...]]:
    """C62, C62c: a cache on the node sends outside names past CoreDNS and its `hosts`."""
    yield from ()
    block = case.block
    origin = case.served.origin
    if case.server.behind is None or block is None or origin is None:
        return ()
    sent_out = origin.kind in {OriginKind.UPSTREAM, OriginKind.STUB_DOMAIN}
    own = [plugin for plugin in block.plugins if plugin.name in {"hosts", "rewrite", "template"}]
    if not sent_out or (not own and block.zones == (".",)):
        return ()
    return finding(
        Reason.NODE_LOCAL_SKIPS_COREDNS,
        Severity.WARNING,
        f"NodeLocal DNSCache sends {case.question.name} to its own upstream, not to CoreDNS: the "
        f"`{own[0].name if own else 'server block'}` there never sees it",
        f"Add a block for the zone to ConfigMap {case.server.object.partition('/')[2]} that "
        "forwards to the cluster's DNS.",
        Origin(kind=OriginKind.NODE_LOCAL_DNS, object=case.server.object, line=origin.line),
    )


def istio(case: Case) -> Asking[tuple[Finding, ...]]:
    """C78: an address that only Istio's DNS capture gives."""
    yield from ()
    return find_istio(each.data for each in case.served.answered)


def find_istio(addresses: Iterable[str]) -> tuple[Finding, ...]:
    """C78 for addresses that were observed."""
    for text in addresses:
        if is_made_up_by_istio(text):
            return finding(
                Reason.ANSWERED_BY_ISTIO,
                Severity.INFO,
                f"Istio's DNS capture makes up {text} for a ServiceEntry: the proxy in the pod "
                "answered, not cluster DNS",
                "See ISTIO_META_DNS_CAPTURE and the ServiceEntry of that host.",
            )
    return ()


def custom_key(case: Case) -> Asking[tuple[Finding, ...]]:
    """C63 where it explains the answer: the text of a key that is not imported has the name."""
    yield from ()
    unread = _not_imported(case.authority)
    if not unread or (case.rcode is Rcode.NOERROR and case.served.answered):
        return ()
    labels = case.question.name.lower().removesuffix(".").split(".")
    names = {".".join(labels[at:]) for at in range(len(labels) - 1)}
    return tuple(
        each
        for path in unread
        if names & set(_WORDS.findall(case.authority.files[path].lower()))
        for each in _not_imported_finding(case.authority, path)
    )[:1]


def find_custom_keys(server: ClusterDNS) -> tuple[Finding, ...]:
    """C63: keys of ConfigMaps that the Corefile imports from (coredns-custom), and leaves out."""
    return tuple(
        each for path in _not_imported(server) for each in _not_imported_finding(server, path)
    )


def _not_imported(server: ClusterDNS) -> tuple[str, ...]:
    """The files beside imported ones that neither an import nor a plugin reads."""
    corefile = server.corefile
    if not isinstance(corefile, Corefile):
        return ()
    globs = [each for each in corefile.imports if "*" in each]
    if not globs:
        return ()
    named = {
        word
        for block in corefile.blocks
        for plugin in block.plugins
        for word in (*plugin.args, *(arg for each in plugin.body for arg in each.args))
    }
    return tuple(
        path
        for path in server.files
        if any(dirname(path) == dirname(each) for each in globs)
        and not any(fnmatchcase(path, each) for each in globs)
        and path not in named
    )


def _not_imported_finding(server: ClusterDNS, path: str) -> tuple[Finding, ...]:
    corefile = server.corefile
    imports = corefile.imports if isinstance(corefile, Corefile) else ()
    key, source = basename(path), server.file_sources.get(path, "")
    globs = [basename(each) for each in imports if dirname(each) == dirname(path)]
    return finding(
        Reason.CUSTOM_KEY_NOT_IMPORTED,
        Severity.WARNING,
        f"key {key} of ConfigMap {source} is not imported: the Corefile imports "
        f"{' and '.join(globs)}",
        f"Rename the key so that it ends as one of these: {', '.join(globs)}",
        Origin(kind=OriginKind.UNKNOWN, object=source, field=f"data[{key}]"),
    )


def find_domain_mismatch(search_list: Iterable[str], server: ClusterDNS) -> tuple[Finding, ...]:
    """C77: pods search a cluster domain that the server's `kubernetes` plugin does not hold."""
    zones = [(each, plugin) for each, plugin in kubernetes_zones(server) if not is_reverse(each)]
    searched = [
        absolute(each.removeprefix("svc.")) for each in search_list if each.startswith("svc.")
    ]
    if not zones or not searched or any(is_below(zone, searched[0]) for zone, _ in zones):
        return ()
    return finding(
        Reason.CLUSTER_DOMAIN_MISMATCH,
        Severity.ERROR,
        f"pods search {searched[0]}, CoreDNS serves {zones[0][0]}: no short name of a Service is "
        "found",
        "Make the kubelet's clusterDomain and the zone of the kubernetes plugin the same.",
        Origin(kind=OriginKind.UNKNOWN, object=server.object, line=zones[0][1].line),
    )


_CAUSES: Causes = (
    *CAUSES_IN_COREFILE,
    *CAUSES_IN_OBJECTS,
    *CAUSES_IN_PODS,
    *CAUSES_IN_ALIASES,
    (wildcard, Rcode.NXDOMAIN),
    (cached_negative, Rcode.NXDOMAIN),
    (skipped_by_node_local, None),
    (custom_key, None),
    (istio, None),
)
