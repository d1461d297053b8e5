"""`capture --redact`: other names and addresses in place of the real ones, each always the same.

Names are taken apart into words, and each word gets another one that was drawn by chance for this
capture alone: nothing but the capture itself knows which. Numbers stay, so that `db-0` still is the
first pod of `db`; the order of names stays, too. Words that Kubernetes, CoreDNS and resolvers give
a meaning to stay (`KEPT`): with another word for `svc` or `forward` nothing could be explained.
Addresses become those that documents use (RFC 5737, RFC 3849), the cluster IPs in a range of their
own, as before; RFC 6598 where there are too many. Comments of hosts files and Corefiles are left
out. What is lost: near names (`redsi` for `redis`), and how long a name is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from secrets import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.cluster_dns.query_names import dashed, reverse_name, reversed_address
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION
from kubectl_hosts.model.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv6Address

    from kubectl_hosts.model.fields import Json

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

_WORD = re.compile(r"[A-Za-z0-9]+")
# Numbers, versions (v1) and durations (30s); one letter is no name.
_NO_NAME = re.compile(r"[A-Za-z]|v?[0-9]+(?:ms|s|m|h|d)?")
_ADDRESS = re.compile(
    r"(?<![0-9A-Za-z.:-])[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*[0-9A-Fa-f:](?![0-9A-Za-z-]|\.in-addr)"
)
_REVERSED = re.compile(r"(?:[0-9]{1,3}\.){4}in-addr\.arpa|(?:[0-9A-Fa-f]\.){32}ip6\.arpa")
_DASHED = re.compile(r"(?<![0-9])[0-9]{1,3}(?:-[0-9]{1,3}){3}(?![0-9])")
_COMMENT = re.compile(r"#[^\n]*")
_KUBELETS = frozenset(
    {
        "# Kubernetes-managed hosts file.",
        "# Kubernetes-managed hosts file (host network).",
        "# Entries added by HostAliases.",
    }
)
_LETTERS = "bcdfghjklmnpqrstvwxz"
_LENGTH = 6

# Fields whose values are the API's, a resolver's or ours: no name of the user's is in them.
_STRUCTURAL = frozenset(
    _WORD.findall(
        """
kind apiVersion type phase uid status protocol addressType dnsPolicy operator restartPolicy
imagePullPolicy creationTimestamp deletionTimestamp startedAt finishedAt lastTransitionTime
lastProbeTime time resourceVersion kubeletVersion kubeProxyVersion operatingSystem
architecture kernelVersion containerRuntimeVersion osImage ipFamilies ipFamilyPolicy
internalTrafficPolicy externalTrafficPolicy sessionAffinity rcode outcome via libraries
version path base64 qosClass schedulerName terminationMessagePath terminationMessagePolicy
fieldsType operation reason containerID
"""
    )
)
# Sentences: words of names in them are replaced where they are known from elsewhere.
_SENTENCES = frozenset({"what", "why", "hint", "by", "vantage", "message", "unknown"})

_OF_KUBERNETES = """
kubernetes k8s io app apps name namespace instance component version part of managed by tier
role pod pods template hash controller revision statefulset index job batch uid completion
service services headless topology zone region hostname node beta arch os linux windows
discovery endpointslice endpointslices default system public lease kube dns coredns proxy
control plane master local cluster static etcd apiserver nodelocaldns metadata spec status phase
running nodename clusterip externalip ip ips config last applied configuration kubectl hosts
predicted stands for container alpha tolerate unready endpoints registry localhost etc var run
lib proc self usr mnt dev kubelet volumes volume true false none api access token serviceaccount
secrets secret ca crt key cni upstream deployment replicaset daemonset cronjob statefulsets
deployments main glibc musl busybox alpine
"""
_OF_RESOLVERS = """
svc in addr arpa ip6 ip4 tcp udp sctp localdomain localnet loopback mcastprefix allnodes
allrouters allhosts ipv4 ipv6 search nameserver domain options option ndots timeout attempts
rotate edns0 trust ad use vc resolv conf nsswitch resolver res host gai files myhostname resolve
mdns4 minimal notfound return success unavail tryagain continue hostaliases multi order on off
godebug netdns go cgo com org net test example invalid lan home internal intranet corp onion
mapped
"""
_OF_COREDNS = """
corefile errors consolidate health lameduck ready insecure verified disable disabled fallthrough
ttl prometheus forward max concurrent prefer force cache success denial prefetch serve stale
servfail keepttl loop reload loadbalance round robin weighted rewrite stop exact prefix suffix
substring regex answer auto value type class edns rcode cname match additional authority import
log bind any acl allow block filter drop autopath erratic file secondary transfer sign dnssec
route53 azure clouddns inline no reverse nsid chaos cancel debug trace tls grpc whoami view expr
header dns64 bufsize geoip external apex namespaces labels endpoint names selector kubeconfig
noendpoints transport except policy random sequential expire check recursion desired server
servername next failover aaaa srv ptr txt mx ns soa noerror nxdomain refused all set add and
zones minttl maxttl jitter doh https quic
"""
# Where a workload mentions a name.
_OF_FIELDS = """
env envfrom args command commands from key configmap value valuefrom data containers exec
initcontainers ephemeralcontainers template jobtemplate lifecycle poststart prestop httpget
tcpsocket livenessprobe readinessprobe startupprobe http https
"""
KEPT = frozenset(
    {
        *_WORD.findall(_OF_FIELDS),
        *(each.lower() for each in RESOURCES),
        *_WORD.findall(_OF_KUBERNETES),
        *_WORD.findall(_OF_RESOLVERS),
        *_WORD.findall(_OF_COREDNS),
    }
)
"""Words that Kubernetes, resolvers and CoreDNS give a meaning to."""


class Redacted:
    """What stands for what."""

    def __init__(self, words: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        """ADDRESSES by the spellings that occur: plain, dashed, reversed, and ranges."""
        self.words = words
        self.addresses = addresses
        spelt = "|".join(map(re.escape, sorted(addresses, key=len, reverse=True)))
        self._form = re.compile(
            rf"(?<![0-9A-Za-z.:])(?P<address>{spelt or '(?!)'})(?![0-9A-Za-z:]|\.[0-9])"
            rf"|(?P<word>{_WORD.pattern})",
            re.IGNORECASE,
        )

    def text(self, text: str) -> str:
        """TEXT with the words and the addresses replaced."""
        return self._form.sub(self._other, text)

    def _other(self, found: re.Match[str]) -> str:
        address, word = found["address"], found["word"]
        if address:
            return self.addresses[address.lower()]
        return self.words.get(word.lower(), word)


def redact(document: Json) -> tuple[Json, Redacted]:
    """A capture's DOCUMENT with other names and addresses, and what stands for what."""
    found = _Collected()
    found.collect(document)
    redacted = Redacted(_other_words(found.words), _other_addresses(found))
    result = _replaced(document, redacted, cache={})
    assert isinstance(result, Mapping)
    return result, redacted


class _Collected:
    """The words and the addresses of a document."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.addresses: dict[str, Address] = {}
        self.cluster_ips: set[Address] = set()
        self.ranges: dict[str, Network] = {}

    def collect(self, value: object, key: str = "") -> None:
        """Add what VALUE, which stands under KEY, has in it."""
        if isinstance(value, Mapping):
            self._collect_object(value, key)
        elif isinstance(value, list):
            for each in value:
                self.collect(each, key)
        elif isinstance(value, str):
            self._collect_text(value, key)

    def _collect_object(self, obj: Mapping[str, object], key: str) -> None:
        kind = obj.get("kind")
        spec = obj.get("spec")
        if kind == "ServiceCIDR" and isinstance(spec, Mapping):
            cidrs = spec.get("cidrs")
            self._collect_ranges(cidrs if isinstance(cidrs, list) else ())
        for name, each in obj.items():
            if key in _FREE_KEYS:
                self._collect_words(name)
            if name in {"clusterIP", "clusterIPs"}:
                self.cluster_ips |= set(_addresses(each if isinstance(each, list) else [each]))
            if name == "text" and "path" in obj:
                self._collect_file(str(obj["path"]), str(each))
            elif name == "base64":
                self._collect_file(str(obj.get("path", "")), _decoded(str(each)))
            else:
                self.collect(each, name)

    def _collect_ranges(self, cidrs: Iterable[object]) -> None:
        for each in cidrs:
            with suppress(ValueError):
                self.ranges[str(each).lower()] = ip_network(str(each))

    def _collect_file(self, path: str, text: str) -> None:
        """The names of a hosts file, and the search domains of a resolv.conf."""
        self._collect_addresses(text)
        bare = _COMMENT.sub("", text)
        if path.endswith("resolv.conf"):
            bare = "\n".join(
                line for line in bare.splitlines() if line.split()[:1] in (["search"], ["domain"])
            )
        elif not path.endswith("hosts"):
            return
        self._collect_words(bare)

    def _collect_text(self, text: str, key: str) -> None:
        self._collect_addresses(text)
        if key in _STRUCTURAL or key in _SENTENCES:
            return
        if key == LAST_APPLIED_ANNOTATION:
            try:
                self.collect(json.loads(text))
            except ValueError:
                self._collect_words(text)
            return
        self._collect_words(_COMMENT.sub("", text))

    def _collect_words(self, text: str) -> None:
        for word in _WORD.findall(_ADDRESS.sub(" ", text)):
            if word.lower() not in KEPT and not _NO_NAME.fullmatch(word):
                self.words.add(word.lower())

    def _collect_addresses(self, text: str) -> None:
        for each in _ADDRESS.findall(text):
            for address in _addresses([each]):
                self.addresses[each.lower()] = address
        for label in _DASHED.findall(text):
            for address in _addresses([label.replace("-", ".")]):
                self.addresses[str(address)] = address
        for name in _REVERSED.findall(text):
            for address in _addresses([reversed_address(f"{name}.")]):
                self.addresses[str(address)] = address


# Objects whose keys are the user's.
_FREE_KEYS = frozenset(
    {"labels", "annotations", "matchLabels", "selector", "nodeSelector", "data", "binaryData"}
)


def _addresses(texts: Iterable[object]) -> Iterator[Address]:
    """The addresses in TEXTS that say something about a network."""
    for each in texts:
        try:
            address = ip_address(str(each))
        except ValueError:
            continue
        is_known = (
            address.is_loopback
            or address.is_unspecified
            or address.is_link_local
            or address.is_multicast
            or (address.version == 6 and address.is_reserved)
        )
        if not is_known:
            yield address


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def _other_words(words: set[str]) -> dict[str, str]:
    """A word drawn by chance for each, in the same order."""
    random = SystemRandom()
    drawn: set[str] = set()
    while len(drawn) < len(words):
        word = "".join(random.choice(_LETTERS) for _ in range(_LENGTH))
        if word not in words and word not in KEPT:
            drawn.add(word)
    return dict(zip(sorted(words), sorted(drawn), strict=True))


class _Pools(NamedTuple):
    """Where the addresses of a family go: those of Services, and all others."""

    services: Network
    others: tuple[Network, ...]


_POOLS = {
    4: _Pools(
        IPv4Network("203.0.113.0/24"),
        (IPv4Network("192.0.2.0/24"), IPv4Network("198.51.100.0/24"), IPv4Network("100.64.0.0/11")),
    ),
    6: _Pools(IPv6Network("2001:db8:ffff:1::/112"), (IPv6Network("2001:db8:ffff:2::/64"),)),
}
_MANY = IPv4Network("100.96.0.0/12")
"""For the cluster IPs of more than 200 Services."""


def _other_addresses(found: _Collected) -> dict[str, str]:
    """Each spelling of an address, and each range of cluster IPs, with what stands for it."""
    known = {*found.addresses.values(), *found.cluster_ips}
    others: dict[Address, Address] = {}
    result: dict[str, str] = {}
    for version, pools in _POOLS.items():
        mine = sorted((each for each in known if each.version == version), key=int)
        inside = [each for each in mine if _is_service_address(each, found)]
        outside = [each for each in mine if each not in set(inside)]
        services = _MANY if version == 4 and len(inside) > 200 else pools.services
        others |= dict(zip(inside, _hosts((services,)), strict=False))
        others |= dict(zip(outside, _hosts(pools.others), strict=False))
        for text, network in found.ranges.items():
            if network.version == version:
                result[text] = str(services)
    for text, address in found.addresses.items():
        result[text] = str(others[address])
    for address, other in others.items():
        result[dashed(str(address)).lower()] = dashed(str(other))
        result[reverse_name(str(address)).lower()] = reverse_name(str(other))
        result[reverse_name(str(address)).lower().removesuffix(".")] = reverse_name(
            str(other)
        ).removesuffix(".")
    return result


def _hosts(networks: Iterable[Network]) -> Iterator[Address]:
    for each in networks:
        yield from each.hosts()


def _is_service_address(address: Address, found: _Collected) -> bool:
    return address in found.cluster_ips or any(
        address.version == each.version and address in each for each in found.ranges.values()
    )


def _replaced(value: object, redacted: Redacted, cache: dict[str, str], key: str = "") -> object:
    """VALUE, which stands under KEY, with everything replaced."""
    if isinstance(value, list):
        return [_replaced(each, redacted, cache, key) for each in value]
    if isinstance(value, Mapping):
        free = key in _FREE_KEYS
        return {
            redacted.text(name) if free else name: _replaced(each, redacted, cache, name)
            for name, each in value.items()
        }
    if not isinstance(value, str) or (key in _STRUCTURAL and key != "base64"):
        return value
    if value not in cache:
        cache[value] = _text(value, redacted, key)
    return cache[value]


def _text(value: str, redacted: Redacted, key: str) -> str:
    if key == "base64":
        replaced = redacted.text(_COMMENT.sub(_uncommented, _decoded(value)))
        return base64.b64encode(replaced.encode("latin-1")).decode()
    if key in _SENTENCES:
        return redacted.text(value)
    return redacted.text(_COMMENT.sub(_uncommented, value))


def _uncommented(comment: re.Match[str]) -> str:
    return comment.group() if comment.group().rstrip() in _KUBELETS else "#"
