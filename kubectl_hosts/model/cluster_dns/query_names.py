"""Names as CoreDNS cuts them, and what one in the cluster zone asks for.

Zones, reverse names, addresses: coredns plugin/pkg/dnsutil; parts of a name: kubernetes/parse.go.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from msgspec import Struct

# Names as CoreDNS cuts them: zones, reverse names, addresses; coredns plugin/pkg/dnsutil.

_REVERSE_ZONES = (".in-addr.arpa.", ".ip6.arpa.")
# net/netip counts: an IPv6 reverse name has one label for each of its 32 nibbles (RFC 3596 2.5).
_NIBBLES = 32


def absolute(name: str) -> str:
    """NAME with its final dot; a name that has one is left alone."""
    return name if name.endswith(".") else f"{name}."


def is_below(zone: str, name: str) -> bool:
    """Whether NAME is ZONE or stands below it, without regard to case; both absolute."""
    if zone == ".":
        return True
    low, origin = name.lower(), zone.lower()
    return low == origin or low.endswith(f".{origin}")


@lru_cache(maxsize=1024)  # each plugin, and each cause, asks for a name's own few
def closest_zone(zones: tuple[str, ...], name: str) -> str:
    """The longest of ZONES that NAME is in, "" for none; coredns plugin.Zones.Matches."""
    return max((zone for zone in zones if is_below(zone, name)), key=len, default="")


def below_zone(name: str, zone: str) -> str:
    """NAME without ZONE and without a final dot; "" at the apex; dnsutil.TrimZone."""
    rest = name[: len(name) - len(zone)] if zone != "." and is_below(zone, name) else name
    return rest.removesuffix(".")


def labels_of(name: str) -> tuple[str, ...]:
    """The labels of a name without its zone, from left to right; none of "" ."""
    return tuple(name.split(".")) if name else ()


@lru_cache(maxsize=4096)  # as inet_pton
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as Go's net.ParseIP takes it (no zone index); a mapped IPv4 is that IPv4."""
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def record_type(host: str) -> str:
    """`A`, `AAAA`, or `CNAME` for what is no address; coredns msg.Service.HostType."""
    address = parse_address(host)
    if address is None:
        return "CNAME"
    return "A" if address.version == 4 else "AAAA"


def same_address(one: str, other: str) -> bool:
    """Whether two texts are one address."""
    return parse_address(one) is not None and parse_address(one) == parse_address(other)


def reverse_name(address: str) -> str:
    """The absolute name whose PTR records name ADDRESS; RFC 1035 3.5, RFC 3596 2.5."""
    return f"{ip_address(address.partition('%')[0]).reverse_pointer}."


def is_reverse(name: str) -> bool:
    """Whether NAME ends as reverse names do; coredns dnsutil.IsReverse."""
    return f".{name.lower()}".endswith(_REVERSE_ZONES)


def reversed_address(name: str) -> str:
    """The address that a whole reverse name stands for, "" for any other name."""
    low = name.lower()
    if low.endswith(_REVERSE_ZONES[0]):
        octets = low.removesuffix(_REVERSE_ZONES[0]).split(".")
        address = parse_address(".".join(reversed(octets)))
        return "" if address is None else str(address)
    nibbles = low.removesuffix(_REVERSE_ZONES[1]).split(".")
    if not low.endswith(_REVERSE_ZONES[1]) or len(nibbles) != _NIBBLES:
        return ""
    if any(len(nibble) != 1 for nibble in nibbles):
        return ""
    digits = "".join(reversed(nibbles))
    address = parse_address(":".join(digits[at : at + 4] for at in range(0, _NIBBLES, 4)))
    return "" if address is None else str(address)


def dashed(address: str, *, pads_last: bool = True) -> str:
    """The label that stands for ADDRESS, text as in the slice; kubernetes.go endpointHostname.

    A final dash gets a `0` where PADS_LAST (CoreDNS 1.12.3): a label may not end with a dash.
    """
    if "." in address:
        return address.replace(".", "-")
    label = address.replace(":", "-")
    return f"{label}0" if pads_last and label.endswith("-") else label


def undashed(label: str) -> str:
    """The address text that the label of a pod name stands for; kubernetes.go findPods."""
    is_ipv4 = label.count("-") == 3 and "--" not in label
    return label.replace("-", "." if is_ipv4 else ":")


def zones_of(text: str) -> tuple[str, ...]:
    """The zones that an origin in a Corefile stands for: one, or those of a CIDR.

    coredns plugin/normalize.go Host.NormalizeExact, plugin/pkg/cidr: a prefix that ends inside an
    octet (or nibble) becomes the zones of the next boundary.
    """
    if "/" not in text:
        return (absolute(text.lower()),)
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return (absolute(text.lower()),)
    step = 8 if network.version == 4 else 4
    boundary = -(-network.prefixlen // step) * step
    parts = boundary // step
    return tuple(
        ".".join(_last_labels(subnet.network_address, parts)) + "."
        for subnet in network.subnets(new_prefix=boundary)
    )


def _last_labels(address: IPv4Address | IPv6Address, parts: int) -> list[str]:
    # `parts` labels of the address, then `in-addr.arpa` or `ip6.arpa`.
    return address.reverse_pointer.split(".")[-(parts + 2) :]


# What a name in the cluster zone asks for; coredns plugin/kubernetes/parse.go.

_KINDS = ("svc", "pod")
_ZONE_LABEL = "_zone"
_DIRECTIVES = ("pin", "prefer")


class RequestedName(Struct, frozen=True, kw_only=True):
    """The parts of `[PORT.PROTO. | ENDPOINT[.CLUSTER].]SERVICE.NAMESPACE.(svc|pod).ZONE`.

    All lower case; "" where a part is absent. kind is "" at the zone, `svc.ZONE` and `pod.ZONE`.
    Below `pod`, service is the dashed address.
    """

    kind: str = ""
    namespace: str = ""
    service: str = ""
    endpoint: str = ""
    cluster: str = ""
    port: str = ""
    protocol: str = ""
    topology_zone: str = ""
    prefers_zone: bool = False


@lru_cache(maxsize=256)  # for each type asked, and for what explains each answer
def parse_requested_name(
    name: str, zone: str, *, multicluster: bool = False, zonal: bool = False
) -> RequestedName | None:
    """The parts of NAME (absolute) below ZONE, None where no record can have such a name."""
    base = below_zone(name.lower(), zone)
    if base in {"", *_KINDS}:
        return RequestedName()
    labels = labels_of(base)
    kind = labels[-1]
    if kind not in _KINDS:
        return None
    namespace = labels[-2] if len(labels) > 1 else ""
    service = labels[-3] if len(labels) > 2 else ""
    rest = labels[:-3]
    if len(rest) > 2:
        may_be_zonal = zonal and not multicluster and kind == "svc"
        return _zonal(rest, namespace, service) if may_be_zonal else None
    if len(rest) == 2:
        return _two_labels(rest, kind, namespace, service, multicluster=multicluster)
    return RequestedName(kind=kind, namespace=namespace, service=service, endpoint="".join(rest))


def _two_labels(
    rest: tuple[str, ...], kind: str, namespace: str, service: str, *, multicluster: bool
) -> RequestedName:
    first, second = rest
    if multicluster and not first.startswith("_") and not second.startswith("_"):
        return RequestedName(
            kind=kind, namespace=namespace, service=service, endpoint=first, cluster=second
        )
    return RequestedName(
        kind=kind,
        namespace=namespace,
        service=service,
        port=first.removeprefix("_"),
        protocol=second.removeprefix("_"),
    )


def _zonal(rest: tuple[str, ...], namespace: str, service: str) -> RequestedName | None:
    # TOPOLOGYZONE.(pin|prefer)._zone.SERVICE...; CoreDNS 1.14.7 option `zonal`.
    *topology, directive, marker = rest
    if marker != _ZONE_LABEL or directive not in _DIRECTIVES:
        return None
    return RequestedName(
        kind="svc",
        namespace=namespace,
        service=service,
        topology_zone=".".join(topology),
        prefers_zone=directive == "prefer",
    )
