"""The resolver of a container: from the files that were read, else as the kubelet makes them.

Where nobody saw a C library, the answer is what glibc, musl and Go have in common. Manifests name
an image, and an image without a shell shows no library. Most names lead to the same with all three;
where they do not, the answer is not known, and what each gets is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.evidence import (
    HOST_CONF,
    HOSTS,
    NSSWITCH_CONF,
    OS_RELEASE,
    RESOLV_CONF,
    CouldNotLook,
    FileRead,
    PodEvidence,
    operating_system,
)
from kubectl_hosts.model.hosts.judge import PredictedFile, predict_file
from kubectl_hosts.model.hosts.kubelet import ClusterDomain, learn_cluster_domain, pod_host_name
from kubectl_hosts.model.hosts.volumes import file_by_mounts
from kubectl_hosts.model.resolver.environment import Families, Resolver, make_resolver
from kubectl_hosts.model.resolver.kubelet_resolv_conf import (
    KubeletDNS,
    PodResolvConf,
    SettingSource,
    expected_resolv_conf,
)
from kubectl_hosts.model.resolver.libc import (
    CANDIDATES,
    WINDOWS,
    DetectedLibc,
    Libc,
    LibcEvidence,
    detect_libc,
)
from kubectl_hosts.model.resolver.lookup import (
    DNS_UNREAD,
    WINDOWS_CLIENT,
    services_asked,
)
from kubectl_hosts.model.resolver.nsswitch import FILES_DNS, NssHosts, NssService
from kubectl_hosts.model.resolver.outcome import (
    Lookup,
    Outcome,
    ReverseLookup,
    Rule,
    RuleId,
    Source,
    Step,
)
from kubectl_hosts.model.resolver.resolv_conf import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.model.evidence import (
        ConfigMaps,
        ContainerEvidence,
        FileEvidence,
        NodeEvidence,
    )
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.reads import LibcSeen
    from kubectl_hosts.model.resolver.libc import StubResolver


# What stands for settings that only the node's resolv.conf has, where nobody read the pod's.
NODE_SEARCH_DOMAINS = "(a search domain of the node)"
NODE_NAMESERVERS = "(the nameservers of the node)"
# And for the kubelet's clusterDNS, where no Service tells it.
CLUSTER_NAMESERVER = "(the cluster's nameserver)"
# Readers that bring files, and see no library.
_FILES_ALONE = frozenset({"", "head", "cat"})
_NSS_LIBRARY = re.compile(r"/libnss_(\w+)\.so")
_FILES = (HOSTS, RESOLV_CONF, HOST_CONF, NSSWITCH_CONF)


class ResolverSeen(NamedTuple):
    """The resolver of a container, how it was told, and the files that nobody could read.

    Where nobody saw a C library, resolver has the rules of none in particular, and candidates are
    the resolvers that it may be (detect.CANDIDATES), with the same files.
    """

    resolver: Resolver
    detected: DetectedLibc
    domain: ClusterDomain
    missing: tuple[CouldNotLook, ...] = ()
    candidates: tuple[Resolver, ...] = ()


def see_resolver(
    pod: Pod,
    found: ContainerEvidence,
    seen: LibcSeen,
    *,
    node: NodeEvidence | CouldNotLook | None = None,
    kubelet: KubeletDNS | None = None,
    config_maps: ConfigMaps = (),
) -> ResolverSeen:
    """The resolver of one container. KUBELET has what the kubelet would write where it is known.

    Files that could not be read are taken as the container's own mounts have them (CONFIG_MAPS
    hold what they show), else as the kubelet makes them, and named in `missing`. The domain of
    KUBELET is the one by the Corefile, for a pod whose own files do not show it.
    """
    files_read = {path: file for path in _FILES if isinstance(file := found.file(path), FileRead)}
    read = {path: file.whole_lines for path, file in files_read.items()}
    rest = files_read[HOSTS].unread(HOSTS) if HOSTS in files_read else None
    mounted = _mounted(pod, found, config_maps)
    missing = tuple(
        file for path in (HOSTS, RESOLV_CONF) if isinstance(file := found.file(path), CouldNotLook)
    )
    domain = learn_cluster_domain(pod, resolv_conf=read.get(RESOLV_CONF, b""))
    if domain.assumed and kubelet and kubelet.cluster_domain:
        domain = ClusterDomain(kubelet.cluster_domain)
    cluster_dns = kubelet.cluster_dns if kubelet else ()
    hosts = PredictedFile(b"")
    if isinstance(found.file(HOSTS), CouldNotLook):
        nobody = CouldNotLook(what="the node", why="it was not read")
        around = PodEvidence(
            pod=pod, node=node or nobody, cluster_domain=domain.text, config_maps=config_maps
        )
        hosts = _predicted_hosts(around, found.name, kubelet)
    unknown = hosts.unknown.why if hosts.unknown else ""
    expected = expected_resolv_conf(
        pod, KubeletDNS(cluster_dns=cluster_dns, cluster_domain=domain.text)
    )
    made = {HOSTS: hosts.data, RESOLV_CONF: resolv_conf_text(expected)}
    known = {path: file.data for path, file in mounted.items() if isinstance(file, FileRead)}
    files = {**(made if missing else {}), **known, **read}
    os_release = found.file(OS_RELEASE)
    detected = detect_libc(
        LibcEvidence(
            paths=seen.libraries,
            os_release=os_release.data if isinstance(os_release, FileRead) else b"",
            version=seen.version,
            looked=found.via not in _FILES_ALONE and not found.read_from,
        )
    )
    if operating_system(pod, node) == "windows":
        return _windows(pod, files, domain, missing)
    knows_resolv_conf = RESOLV_CONF in {*read, *known}

    def with_rules(stub: StubResolver) -> Resolver:
        resolver = make_resolver(stub, files, dict(seen.environment))
        resolver = replace(
            resolver,
            hosts=replace(resolver.hosts, is_cut=rest is not None),
            hosts_unknown=f"{rest.what}, {rest.why}" if rest else unknown,
            hosts_to_come=hosts.to_come,
            nss_libraries=_nss_libraries(seen.libraries),
        )
        if not knows_resolv_conf:
            resolver = _with_what_the_node_adds(resolver, expected)
        if isinstance(mounted.get(NSSWITCH_CONF), CouldNotLook):
            resolver = _with_unread_nsswitch(resolver, f"that the mounted {NSSWITCH_CONF} names")
        resolver = _as_far_as_read(resolver, files_read)
        return _in_pod(resolver, pod, domain)

    is_any = detected.stub.libc is Libc.UNKNOWN and not seen.nothing_runs
    if detected.stub.libc is Libc.UNKNOWN and seen.nothing_runs:
        detected = replace(detected, doubt="nothing else runs in the image: taken to be static Go")
    return ResolverSeen(
        with_rules(detected.stub),
        detected,
        domain,
        missing,
        tuple(map(with_rules, CANDIDATES)) if is_any else (),
    )


def _predicted_hosts(
    around: PodEvidence, container: str, kubelet: KubeletDNS | None
) -> PredictedFile:
    """The file on paper; the node's part as KUBELET has it, where that is taken for granted."""
    hosts = predict_file(around, container)
    if kubelet and kubelet.node_hosts and hosts.lacks_node_part:
        return PredictedFile(kubelet.node_hosts + hosts.data, to_come=hosts.to_come)
    return hosts


def _windows(
    pod: Pod,
    files: Mapping[str, bytes],
    domain: ClusterDomain,
    missing: tuple[CouldNotLook, ...],
) -> ResolverSeen:
    """The resolver of a Windows container: its files, and a service that nobody models."""
    resolver = make_resolver(WINDOWS, files)
    asked = NssHosts(services=(NssService(name=WINDOWS_CLIENT),))
    detected = DetectedLibc(stub=WINDOWS, doubt="its resolver is not modelled")
    return ResolverSeen(
        _in_pod(replace(resolver, nss=asked), pod, domain), detected, domain, missing
    )


def _nss_libraries(libraries: frozenset[str]) -> frozenset[str] | None:
    """The services whose library is there; None where no library of any service was seen."""
    found = frozenset(match[1] for each in libraries if (match := _NSS_LIBRARY.search(each)))
    return found or None


def _mounted(
    pod: Pod, found: ContainerEvidence, config_maps: ConfigMaps
) -> dict[str, FileEvidence]:
    """What the container's own mounts have, of the files that were not read in it."""
    container = pod.container(found.name)
    unread = (p for p in (RESOLV_CONF, NSSWITCH_CONF) if not isinstance(found.file(p), FileRead))
    files = {path: file_by_mounts(pod, container, path, config_maps) for path in unread}
    return {path: file for path, file in files.items() if file is not None}


def _with_unread_nsswitch(resolver: Resolver, name: str) -> Resolver:
    """The resolver with a service NAME that nobody models in the place of those it would ask."""
    stub = replace(resolver.stub, obeys_criteria=True)
    return replace(resolver, stub=stub, nss=NssHosts(services=(NssService(name=name),)))


def _as_far_as_read(resolver: Resolver, files: Mapping[str, FileRead]) -> Resolver:
    """The resolver, of which what stands behind our cut of a file is not known.

    The last `search` line and the last `hosts:` line win (resolv.conf(5), nsswitch.conf(5)).
    """
    rest = {path: file.unread(path) for path, file in files.items()}
    unread = rest.get(NSSWITCH_CONF)
    if unread and resolver.stub.nsswitch_default is not None:
        resolver = _with_unread_nsswitch(resolver, f"that {unread.what} names")
    if rest.get(RESOLV_CONF):
        services = (
            NssService(DNS_UNREAD, each.criteria) if each.name == "dns" else each
            for each in services_asked(resolver)
        )
        nss = replace(resolver.nss, services=tuple(services))
        stub = replace(resolver.stub, obeys_criteria=True, nsswitch_default=FILES_DNS)
        resolver = replace(resolver, stub=stub, nss=nss)
    return resolver


def _with_what_the_node_adds(resolver: Resolver, expected: PodResolvConf) -> Resolver:
    """The resolver with the node's part of resolv.conf by name, since nobody knows its text.

    dns.go GetPodDNS: what dnsConfig has is appended to what the policy gives.
    """
    conf = resolver.resolv_conf
    if not expected.needs_node_file:
        return resolver
    own = SettingSource.DNS_CONFIG
    behind = sum(each.source is not own for each in expected.search)
    nameservers = tuple(Setting(each.text) for each in expected.nameservers)
    if all(each.source is own for each in expected.nameservers):
        nameservers = (Setting(NODE_NAMESERVERS), *nameservers)
    return replace(
        resolver,
        resolv_conf=replace(
            conf,
            search=(*conf.search[:behind], Setting(NODE_SEARCH_DOMAINS), *conf.search[behind:]),
            nameservers=nameservers,
        ),
    )


def _in_pod(resolver: Resolver, pod: Pod, domain: ClusterDomain) -> Resolver:
    """The resolver with the pod's families (AI_ADDRCONFIG) and host name."""
    families = Families(
        addrconfig=True,
        has_ipv4=any("." in each for each in pod.pod_ips) or not pod.pod_ips,
        has_ipv6=any(":" in each for each in pod.pod_ips) or not pod.pod_ips,
    )
    name = pod_host_name(pod, cluster_domain=domain.text, hostname_override=True).name
    return replace(resolver, families=families, hostname="" if pod.host_network else name)


def resolv_conf_text(expected: PodResolvConf) -> bytes:
    """The file that the kubelet writes, as far as it is known, as bytes."""
    lines = [
        *([f"search {' '.join(each.text for each in expected.search)}"] if expected.search else []),
        *(
            f"nameserver {each.text}"
            for each in expected.nameservers
            if each.text != CLUSTER_NAMESERVER
        ),
        *([f"options {' '.join(o.text for o in expected.options)}"] if expected.options else []),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


_NOTHING = frozenset({Outcome.NXDOMAIN, Outcome.NODATA, Outcome.ALIAS_ALONE, Outcome.SKIPPED})
_LOST = _NOTHING | {Outcome.UNKNOWN}


def agreed(general: Lookup, named: Sequence[tuple[str, Lookup]]) -> Lookup:
    """GENERAL where the results of all libraries (NAMED) lead to the same; else an unknown one.

    The order of addresses is no difference, nor is the error for a name that none of them finds.
    """
    is_open = general.outcome is Outcome.UNKNOWN
    if not named or (is_open and all(each.outcome in _LOST for _, each in named)):
        return general  # none finds it, unless what nobody knows has it
    if _is_refused(general):
        # What one library alone does not take says nothing of the name: the others ask.
        general = next((each for _, each in named if not _is_refused(each)), general)
    if all((each.outcome, _data(each)) == (general.outcome, _data(general)) for _, each in named):
        return general
    groups: dict[object, list[str]] = {}
    words: dict[object, str] = {}
    for library, result in named:
        groups.setdefault(_essence(result), []).append(library)
        words.setdefault(_essence(result), _in_words(result))
    if len(groups) == 1 and _essence(general) in groups:
        return _common(general, [result for _, result in named])
    said = "; ".join(f"{' and '.join(names)}: {words[each]}" for each, names in groups.items())
    step = Step(
        source=Source.NAME,
        name=general.name,
        outcome=Outcome.UNKNOWN,
        rule=Rule(RuleId.LIBRARIES_DIFFER, f"C libraries differ here ({said})"),
    )
    common = tuple(_common_steps([general, *(result for _, result in named)]))
    unknown = (f"which C library the program has ({said})",)
    steps = (*common, step)
    return type(general)(name=general.name, outcome=Outcome.UNKNOWN, steps=steps, unknown=unknown)


def behind_proxy(lookup: Lookup, proxy: str) -> Lookup:
    """LOOKUP, where container PROXY takes the pod's questions to DNS: it has names of its own.

    istio.io "DNS Proxying": Services of every cluster of the mesh and hosts of ServiceEntries; what
    it has not, it asks of the pod's nameserver.
    """
    if lookup.outcome not in _LOST or not any(each.source is Source.DNS for each in lookup.steps):
        return lookup
    what = f"what the proxy in container {proxy} answers of its own (ISTIO_META_DNS_CAPTURE)"
    rule = Rule(RuleId.PROXY_ANSWERS, "the proxy in the pod may have the name")
    step = Step(source=Source.NAME, name=lookup.name, outcome=Outcome.UNKNOWN, rule=rule)
    steps = (*lookup.steps, step)
    return replace(lookup, outcome=Outcome.UNKNOWN, steps=steps, unknown=(what,))


def _is_refused(result: Lookup) -> bool:
    return all(each.source is Source.NAME for each in result.steps)


def _essence(result: Lookup) -> object:
    """What of a result a program notices: the addresses, that there are none, or a failure.

    Either loopback address is localhost.
    """
    if result.outcome is Outcome.FOUND and isinstance(result, ReverseLookup):
        # getnameinfo(3) gives one name, Go's LookupAddr all of them.
        return _data(result)[0]
    if result.outcome is Outcome.FOUND:
        return frozenset(map(_one_loopback, _data(result)))
    return "nothing" if result.outcome in _NOTHING else result.outcome


def _common(general: Lookup, results: Sequence[Lookup]) -> Lookup:
    """GENERAL with what all get: of localhost, glibc takes the first line alone."""
    shared = tuple(a for a in _data(general) if all(a in _data(each) for each in results))
    if shared == _data(general):
        return general
    return replace(general, addresses=shared)


def _one_loopback(address: str) -> str:
    parsed = parse_zoned(address)
    return "loopback" if parsed is not None and parsed.is_loopback else address


def _in_words(result: Lookup) -> str:
    if result.outcome is Outcome.FOUND:
        return ", ".join(dict.fromkeys(_data(result)))
    if result.outcome is Outcome.UNKNOWN:
        return f"not known: {', '.join(result.unknown)}"
    return "not found" if result.outcome in _NOTHING else result.outcome.value


def _data(result: Lookup) -> tuple[str, ...]:
    if isinstance(result, ReverseLookup):
        return tuple(name.removesuffix(".") or name for name in result.addresses)
    return result.addresses


def _common_steps(results: Sequence[Lookup]) -> Iterator[Step]:
    """The steps that all take alike, from the first on."""
    for steps in zip(*(each.steps for each in results), strict=False):
        if len({_what_came(each) for each in steps}) > 1:
            return
        yield steps[0]


def _what_came(step: Step) -> object:
    return step.source, step.name, step.type, step.outcome, step.lines, step.records
