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
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
    def alias(self) -> str:
        """The target of the first alias in the answer, "" for none."""
        return next((bare(each.data) for each in self.step.records if each.type == "CNAME"), "")

    @property
    def asked_as(self) -> str:
        """` (asked as redis.shop.svc.cluster.local)`, "" for the name as typed."""
        name = bare(self.step.name)
        return "" if name.lower() == bare(self.name).lower() else f" (asked as {name})"


def describe_source(source: AnswerSource) -> str:
    """The clause for the origin's kind."""
    return _CLAUSES[source.origin.kind](source)


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


def _host_alias(source: AnswerSource) -> str:
    return f"{alias_field(source.origin)} {_says_or_shadows(source)}"


def _says_or_shadows(source: AnswerSource) -> str:
    shadowed = source.shadowed
    if shadowed is None:
        return f"says so ({source.line})"
    if set(shadowed.addresses) == set(source.addresses):
        return f"says so ({source.line}), as {describe_shadowed(shadowed)} does now"
    return f"shadows {describe_shadowed(shadowed)}"


def _line_that(words: str) -> Callable[[AnswerSource], str]:
    def clause(source: AnswerSource) -> str:
        shadowed = source.shadowed
        shadows = shadowed and set(shadowed.addresses) != set(source.addresses)
        tail = f"; it shadows {describe_shadowed(shadowed)}" if shadows and shadowed else ""
        if source.only_in_file:
            tail = "; cluster DNS has no such name"
        text = words.format(
            line=source.line, object=source.origin.object, container=source.container
        )
        return text + tail

    return clause


_IP_FIELDS = {"spec.externalIPs": "an external IP of Service", "spec.ips": "an IP of ServiceImport"}


def _service(source: AnswerSource) -> str:
    if source.step.type in {"", "A", "AAAA"}:
        field = source.origin.field.partition("[")[0]
        what = _IP_FIELDS.get(field, "the cluster IP of Service")
        return f"that is {what} {source.origin.object}"
    return f"Service {source.origin.object} has such a record"


def _external_name(source: AnswerSource) -> str:
    target = f" of {source.alias}" if source.alias else ""
    return f"ExternalName Service {source.origin.object} is an alias{target}"


def _of_object(words: str) -> Callable[[AnswerSource], str]:
    def clause(source: AnswerSource) -> str:
        name = source.step.name
        label = reversed_address(name) or name.partition(".")[0]
        return words.format(object=source.origin.object, label=label)

    return clause


def _of_corefile(words: str) -> Callable[[AnswerSource], str]:
    def clause(source: AnswerSource) -> str:
        alias = f" as an alias of {source.alias}" if source.alias else ""
        return f"{words}{in_corefile(source.origin)} gives it{alias}"

    return clause


def _sent_on(words: str) -> Callable[[AnswerSource], str]:
    def clause(source: AnswerSource) -> str:
        alias = f", an alias of {source.alias}" if source.alias else ""
        return f"{words}{upstream_servers(source.origin)} has it{alias}"

    return clause


def _pod_record(source: AnswerSource) -> str:
    return f"of its pod record: {source.step.because or 'the name spells the address'}"


def _search_domain(clause: Callable[[AnswerSource], str]) -> Callable[[AnswerSource], str]:
    """CLAUSE with the name that was asked, where that is not the name as typed."""

    def longer(source: AnswerSource) -> str:
        return clause(source) + source.asked_as

    return longer


def _unknown(source: AnswerSource) -> str:
    if source.step.lines:
        return f"{source.line} says so"
    if source.step.server:
        return f"nameserver {source.step.server} says so{source.asked_as}"
    return f"`{source.step.source}` says so"


_CLAUSES: Mapping[OriginKind, Callable[[AnswerSource], str]] = {
    OriginKind.HOST_ALIAS: _host_alias,
    OriginKind.POD_IP: _line_that("the kubelet writes the pod's own name into {line}"),
    OriginKind.KUBELET_BOILERPLATE: _line_that("the kubelet writes it into {line}"),
    OriginKind.NODE_HOSTS: _line_that("{line} is a copy of node {object}'s /etc/hosts"),
    OriginKind.OWN_MOUNT: _line_that(
        "container {container} mounts its own file there, and {line} says so"
    ),
    OriginKind.RUNTIME: _line_that("{line}, written by the container runtime, says so"),
    OriginKind.IMAGE: _line_that("{line}, which is the image's own, says so"),
    OriginKind.FOREIGN: _line_that("{line} says so, which is not in the pod's spec"),
    OriginKind.SERVICE: _search_domain(_service),
    OriginKind.HEADLESS_SERVICE: _search_domain(
        _of_object("headless Service {object} answers with its ready endpoints")
    ),
    OriginKind.ENDPOINT: _search_domain(_of_object("{label} is an endpoint in slice {object}")),
    OriginKind.EXTERNAL_NAME: _search_domain(_external_name),
    OriginKind.POD_RECORD: _search_domain(_pod_record),
    OriginKind.COREFILE_HOSTS: _search_domain(_of_corefile("the hosts block of the Corefile")),
    OriginKind.REWRITE: _search_domain(_of_corefile("a rewrite rule of the Corefile")),
    OriginKind.TEMPLATE: _search_domain(_of_corefile("a template of the Corefile")),
    OriginKind.ZONE_FILE: _search_domain(_of_corefile("a zone file of the Corefile")),
    OriginKind.STUB_DOMAIN: _search_domain(_sent_on("the stub domain's server")),
    OriginKind.UPSTREAM: _search_domain(_sent_on("upstream DNS")),
    OriginKind.NODE_LOCAL_DNS: _search_domain(_sent_on("NodeLocal DNSCache")),
    OriginKind.ISTIO_PROXY: _search_domain(_of_object("the Istio proxy in the pod made it up")),
    OriginKind.LITERAL: _of_object("it is an address: nothing is asked"),
    OriginKind.UNKNOWN: _unknown,
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
