"""Small words that the sentences of an explanation share: lists, places, what was asked.

And why an answer is what it is: one clause a kind of origin, to stand after `because`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.cluster_dns.query_names import reversed_address
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubectl_hosts.model.explanation import ExplainedStep, Shadowed

_SHOWN = 3
_DNS_PODS = "the DNS pod's own /etc/resolv.conf"


def listed(items: Iterable[str], *, shown: int = _SHOWN) -> str:
    """`a`, `a and b`, `a, b and c`; `a, b, c and 5 more` beyond SHOWN (and one)."""
    words = tuple(items)
    if len(words) > shown + 1:
        words = (*words[:shown], f"{len(words) - shown} more")
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def addresses_in_words(addresses: Sequence[str]) -> str:
    """Addresses as `listed`, each once."""
    return listed(plain(addresses))


def plain(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, in order: a mapped one (`::ffff:192.0.2.1`) as the IPv4 address it is."""
    return tuple(dict.fromkeys(plain_address(each) for each in addresses))


def plain_address(text: str) -> str:
    """The address as it is compared: a mapped one is of IPv4."""
    address = parse_zoned(text)
    if address is None:
        return text
    mapped = address.ipv4_mapped if address.version == 6 else None
    return str(mapped or address)


def bare(name: str) -> str:
    """An absolute name as people write it in prose: without the final dot, the root excepted."""
    return name.removesuffix(".") or name


def in_corefile(origin: Origin) -> str:
    """` (kube-system/coredns, line 9)`, as much of it as is known."""
    place = [origin.object] if origin.object else ["the Corefile"]
    if origin.line:
        place.append(f"line {origin.line}")
    return f" ({', '.join(place)})"


def upstream_servers(origin: Origin) -> str:
    """` (192.0.2.53)`: the servers that a `forward` names, "" where they are not known."""
    servers = origin.field.split()[2:]
    words = (_DNS_PODS if each == "/etc/resolv.conf" else each for each in servers)
    return f" ({listed(words)})" if servers else ""


def alias_field(origin: Origin) -> str:
    """`hostAliases[0]` from the field path `spec.hostAliases[0]`."""
    return origin.field.removeprefix("spec.") or "hostAliases"


_IP_FIELDS = {
    "spec.externalIPs": "an external IP of Service",
    "status.loadBalancer.ingress": "an external IP of Service",
    "spec.ips": "an IP of ServiceImport",
}


class AnswerSource(Struct, frozen=True, kw_only=True):
    """What a clause is made from: the step that answered, and what it kept from being asked."""

    name: str
    container: str
    step: ExplainedStep
    origin: Origin
    addresses: tuple[str, ...] = ()
    shadowed: Shadowed | None = None
    only_in_file: bool = False
    """Whether DNS is known to have no such name."""

    @property
    def line(self) -> str:
        """`line 8 of its hosts file`, or the file alone."""
        numbers = [str(each.number) for each in self.step.lines if each.number is not None]
        if not numbers:
            return "its hosts file"
        plural = "s" if len(numbers) > 1 else ""
        return f"line{plural} {', '.join(numbers)} of its hosts file"

    @property
    def beside(self) -> str:
        """What DNS has beside the line, "" where that is the same, or nothing is known of it."""
        if self.only_in_file:
            return "; cluster DNS has no such name"
        is_other = self.shadowed and set(self.shadowed.addresses) != set(self.addresses)
        return (
            f"; it shadows {describe_shadowed(self.shadowed)}" if self.shadowed and is_other else ""
        )

    @property
    def alias(self) -> str:
        """The target of the first alias in the answer, "" for none."""
        return next((bare(each.data) for each in self.step.records if each.type == "CNAME"), "")

    @property
    def of_alias(self) -> str:
        """` of db.example.org`, "" for none."""
        return f" of {self.alias}" if self.alias else ""

    @property
    def label(self) -> str:
        """The first label of the name that was asked; of a reverse one, its address."""
        return reversed_address(self.step.name) or self.step.name.partition(".")[0]

    @property
    def because(self) -> str:
        """The rule that gave the answer."""
        return self.step.because or "the name spells the address"

    @property
    def as_service(self) -> str:
        """What of a Service the answer is: an address of it, or another record."""
        if self.step.type not in {"", "A", "AAAA"}:
            return f"Service {self.origin.object} has such a record"
        what = _IP_FIELDS.get(self.origin.field.partition("[")[0], "the cluster IP of Service")
        return f"that is {what} {self.origin.object}"

    @property
    def in_corefile(self) -> str:
        """` (kube-system/coredns, line 9) gives it`, with the alias that it gives."""
        alias = f" as an alias{self.of_alias}" if self.alias else ""
        return f"{in_corefile(self.origin)} gives it{alias}"

    @property
    def has_it(self) -> str:
        """` (192.0.2.53) has it`, with the alias that the server gives."""
        alias = f", an alias{self.of_alias}" if self.alias else ""
        return f"{upstream_servers(self.origin)} has it{alias}"

    @property
    def asked_as(self) -> str:
        """` (asked as redis.shop.svc.cluster.local)`, "" for the name as typed."""
        name = bare(self.step.name)
        return "" if name.lower() == bare(self.name).lower() else f" (asked as {name})"


def describe_source(source: AnswerSource) -> str:
    """The clause for the origin's kind."""
    kind = source.origin.kind
    if kind is OriginKind.HOST_ALIAS:
        return f"{alias_field(source.origin)} {_says_or_shadows(source)}"
    if kind is OriginKind.UNKNOWN:
        return _unknown(source)
    clause = _CLAUSES[kind].format(
        object=source.origin.object,
        container=source.container,
        line=source.line,
        beside=source.beside,
        label=source.label,
        as_service=source.as_service,
        of_alias=source.of_alias,
        because=source.because,
        in_corefile=source.in_corefile,
        has_it=source.has_it,
    )
    return clause + (source.asked_as if kind in _BY_DNS else "")


def origin_in_words(origin: Origin) -> str:
    """`Service shop/redis`, `an endpoint of slice shop/pg-x`; "" for what is no object's."""
    return _IN_WORDS.get(origin.kind, "").format(object=origin.object, field=alias_field(origin))


_IN_WORDS = {
    OriginKind.SERVICE: "Service {object}",
    OriginKind.HEADLESS_SERVICE: "headless Service {object}",
    OriginKind.ENDPOINT: "an endpoint of slice {object}",
    OriginKind.EXTERNAL_NAME: "ExternalName Service {object}",
    OriginKind.POD_RECORD: "the pod's record",
    OriginKind.HOST_ALIAS: "{field} in the hosts file",
    OriginKind.POD_IP: "the pod's own line of the hosts file",
    OriginKind.OWN_MOUNT: "the container's own hosts file",
    OriginKind.COREFILE_HOSTS: "hosts in the Corefile",
    OriginKind.REWRITE: "a rewrite of the Corefile",
    OriginKind.TEMPLATE: "a template of the Corefile",
    OriginKind.ZONE_FILE: "a zone file of the Corefile",
    OriginKind.UPSTREAM: "upstream DNS",
    OriginKind.STUB_DOMAIN: "the stub domain's server",
}


def describe_shadowed(shadowed: Shadowed) -> str:
    """`Service shop/redis (10.96.0.77)`: what the hosts file keeps from being asked."""
    origin = shadowed.origin
    words = _SHADOWED.get(origin.kind, "what DNS says for {name}") if origin else "{name} in DNS"
    object_name = origin.object if origin else ""
    text = words.format(object=object_name, name=bare(shadowed.name))
    if any(" " in each for each in shadowed.addresses):
        return text  # nobody has given it an address yet
    return f"{text} ({addresses_in_words(shadowed.addresses)})"


_SHADOWED = {
    OriginKind.SERVICE: "Service {object}",
    OriginKind.HEADLESS_SERVICE: "headless Service {object}",
    OriginKind.ENDPOINT: "endpoint {name}",
    OriginKind.EXTERNAL_NAME: "ExternalName Service {object}",
    OriginKind.COREFILE_HOSTS: "the Corefile's hosts entry",
}


def _says_or_shadows(source: AnswerSource) -> str:
    shadowed = source.shadowed
    if shadowed is None:
        return f"says so ({source.line})"
    if set(shadowed.addresses) == set(source.addresses):
        return f"says so ({source.line}), as {describe_shadowed(shadowed)} does now"
    return f"shadows {describe_shadowed(shadowed)}"


def _unknown(source: AnswerSource) -> str:
    if source.step.lines:
        return f"{source.line} says so"
    if source.step.server:
        return f"nameserver {source.step.server} says so{source.asked_as}"
    return f"`{source.step.source}` says so"


_LINES = {
    OriginKind.POD_IP: "the kubelet writes the pod's own name into {line}",
    OriginKind.KUBELET_BOILERPLATE: "the kubelet writes it into {line}",
    OriginKind.NODE_HOSTS: "{line} is a copy of node {object}'s /etc/hosts",
    OriginKind.OWN_MOUNT: "container {container} mounts its own file there, and {line} says so",
    OriginKind.RUNTIME: "{line}, written by the container runtime, says so",
    OriginKind.IMAGE: "{line}, which is the image's own, says so",
    OriginKind.FOREIGN: "{line} says so, which is not in the pod's spec",
}
_BY_DNS = {
    OriginKind.SERVICE: "{as_service}",
    OriginKind.HEADLESS_SERVICE: "headless Service {object} answers with its endpoints",
    OriginKind.ENDPOINT: "{label} is an endpoint in slice {object}",
    OriginKind.EXTERNAL_NAME: "ExternalName Service {object} is an alias{of_alias}",
    OriginKind.POD_RECORD: "of its pod record: {because}",
    OriginKind.COREFILE_HOSTS: "the hosts block of the Corefile{in_corefile}",
    OriginKind.REWRITE: "a rewrite rule of the Corefile{in_corefile}",
    OriginKind.TEMPLATE: "a template of the Corefile{in_corefile}",
    OriginKind.ZONE_FILE: "a zone file of the Corefile{in_corefile}",
    OriginKind.STUB_DOMAIN: "the stub domain's server{has_it}",
    OriginKind.UPSTREAM: "upstream DNS{has_it}",
    OriginKind.NODE_LOCAL_DNS: "NodeLocal DNSCache{has_it}",
    OriginKind.ISTIO_PROXY: "the Istio proxy in the pod made it up",
}
_CLAUSES = {
    **{kind: f"{words}{{beside}}" for kind, words in _LINES.items()},
    **_BY_DNS,
    OriginKind.LITERAL: "it is an address: nothing is asked",
}


# cluster-dns.md 9.4: names that a tool puts into the node's file, or into its own Corefile.
NODE_ENTRIES = {
    "host.docker.internal": "Docker Desktop",
    "gateway.docker.internal": "Docker Desktop",
    "kubernetes.docker.internal": "Docker Desktop",
    "host.minikube.internal": "minikube",
    "control-plane.minikube.internal": "minikube",
    "host.k3d.internal": "k3d",
    "host.containers.internal": "Podman",
    "host.lima.internal": "Lima",
    "host.rancher-desktop.internal": "Rancher Desktop",
}
