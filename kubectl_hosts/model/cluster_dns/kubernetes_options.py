"""The `kubernetes` plugin as a Corefile sets it; coredns plugin/kubernetes/setup.go, README.md."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.cluster_dns.chain import zones_or_block
from kubectl_hosts.model.cluster_dns.names import closest_zone, is_reverse, zones_of
from kubectl_hosts.model.selectors import Operator, Requirement, parse_label_selector

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock

_DEFAULT_TTL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesOptions:
    """What decides answers; the text forms of selectors are parsed, None where they cannot be."""

    line: int
    zones: tuple[str, ...]
    pods: str = "disabled"
    namespaces: tuple[str, ...] = ()
    namespace_labels: tuple[Requirement, ...] | None = ()
    labels: tuple[Requirement, ...] | None = ()
    ttl: int = _DEFAULT_TTL
    ignores_empty: bool = False
    endpoint_pod_names: bool = False
    has_endpoints: bool = True
    multicluster: tuple[str, ...] = ()
    is_zonal: bool = False

    @property
    def primary_zone(self) -> str:
        """The zone that PTR records point into: the first that is no reverse zone."""
        return next((zone for zone in self.zones if not is_reverse(zone)), "")

    def is_multicluster(self, zone: str) -> bool:
        """Whether ZONE holds ServiceImports."""
        return zone.lower() in self.multicluster

    def exposes(self, namespace: str) -> bool:
        """Whether option `namespaces` lets it in; none listed means all."""
        return not self.namespaces or namespace in self.namespaces


def kubernetes_options(plugin: Directive, block: ServerBlock) -> KubernetesOptions:
    """The options of a `kubernetes` plugin; zones are those of its block where it names none."""
    return _options(plugin, zones_or_block(plugin.args, block))


@lru_cache(maxsize=64)
def _options(plugin: Directive, zones: tuple[str, ...]) -> KubernetesOptions:
    # A name is asked in up to a hundred ways, each of which comes to the same few plugins.
    return KubernetesOptions(
        line=plugin.line,
        zones=zones,
        pods=plugin.value("pods", "disabled"),
        namespaces=tuple(name for each in plugin.all("namespaces") for name in each.args),
        namespace_labels=_selector(plugin, "namespace_labels"),
        labels=_selector(plugin, "labels"),
        ttl=plugin.number("ttl", _DEFAULT_TTL),
        ignores_empty=plugin.value("ignore") == "empty_service",
        endpoint_pod_names=plugin.first("endpoint_pod_names") is not None,
        has_endpoints=plugin.first("noendpoints") is None,
        multicluster=tuple(
            zone
            for each in plugin.all("multicluster")
            for text in each.args
            for zone in zones_of(text)
        ),
        is_zonal=plugin.first("zonal") is not None,
    )


def kubernetes_plugin_for(name: str, block: ServerBlock) -> Directive | None:
    """The `kubernetes` plugin of BLOCK whose zones hold NAME."""
    return next(
        (
            plugin
            for plugin in block.all("kubernetes")
            if closest_zone(kubernetes_options(plugin, block).zones, name)
        ),
        None,
    )


def _selector(plugin: Directive, name: str) -> tuple[Requirement, ...] | None:
    # apimachinery meta/v1 ParseToLabelSelector, which setup.go calls, has no `>` and `<`.
    found = plugin.first(name)
    try:
        selector = parse_label_selector(" ".join(found.args)) if found else ()
    except BadInput:
        return None
    compares = any(each.operator in {Operator.ABOVE, Operator.BELOW} for each in selector)
    return None if compares else selector
