"""What is wrong around the names: Services without endpoints, subdomains without one, the Corefile.

These need no name that is looked up. Facts are those of cluster-dns.md 2 (records of Services), 3
(the Corefile), and of the plugins' own setup; see model/cluster_dns.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from typing import TYPE_CHECKING

from kubectl_hosts.model.check.check_report import ObjectRef, Problem
from kubectl_hosts.model.cluster_dns.causes import find_custom_keys
from kubectl_hosts.model.cluster_dns.corefile import CorefileError
from kubectl_hosts.model.cluster_dns.locate import DEFAULT_DOMAIN, find_cluster_dns
from kubectl_hosts.model.cluster_dns.needs import reads_of
from kubectl_hosts.model.cluster_dns.plugin_setup import PLUGINS
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import field, flag, items, string_map, text
from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.selectors import as_label_selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubectl_hosts.model.check.inventory import Inventory
    from kubectl_hosts.model.check.subjects import Subject
    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis

_SERVICE_LABEL = "kubernetes.io/service-name"
# Plugins that can answer a question or hand it on; the others only stand around one.
_ANSWERS = frozenset(
    {"kubernetes", "forward", "grpc", "hosts", "file", "auto", "secondary", "etcd", "template"}
    | {"route53", "azure", "clouddns", "k8s_external", "erratic", "whoami", "chaos", "any"}
    | {"sign", "nomad", "federation", "proxy"}
)
_OTHERS = frozenset(PLUGINS) - _ANSWERS


def service_problems(
    inventory: Inventory, subjects: Iterable[Subject], services: Iterable[Json]
) -> Iterator[Problem]:
    """SERVICES with a selector and no endpoint, and subdomains of pods without their Service.

    A Service whose workload has no replicas is meant to have none. Nothing is said where not all
    slices and pods were read.
    """
    if not (inventory.answers_all("EndpointSlice") and inventory.answers_all("Pod")):
        return
    idle: dict[tuple[str, str, str], list[Mapping[str, str]]] = defaultdict(list)
    for each in subjects:
        labels = string_map(each.pod, "metadata", "labels") if not each.pods else {}
        for key, value in labels.items():
            idle[each.object.namespace, key, value].append(labels)
    for service in services:
        selector = string_map(service, "spec", "selector")
        if not selector or text(service, "spec", "type") == "ExternalName":
            continue
        namespace, name = text(service, "metadata", "namespace"), text(service, "metadata", "name")
        slices = inventory.selected("EndpointSlice", namespace, {_SERVICE_LABEL: name})
        endpoints = [each for part in slices for each in items(part, "endpoints")]
        if any(field(each, "conditions", "ready") is not False for each in endpoints):
            continue
        fewest = min((idle[namespace, key, value] for key, value in selector.items()), key=len)
        waits = any(selector.items() <= labels.items() for labels in fewest)
        if not waits:
            pods = inventory.selected("Pod", namespace, selector)
            yield _without_endpoints(service, len(pods))


def _without_endpoints(service: Json, pods: int) -> Problem:
    namespace, name = text(service, "metadata", "namespace"), text(service, "metadata", "name")
    selector = string_map(service, "spec", "selector")
    headless = text(service, "spec", "clusterIP") == "None"
    lost = "it has no name in DNS" if headless else "connections to its cluster IP fail"
    labels = as_label_selector(selector.items())
    if pods:
        reason = Reason.NO_READY_ENDPOINTS
        why = "its only pod is not ready" if pods == 1 else f"none of its {pods} pods is ready"
        advice = f"See why: kubectl get pods -n {namespace} -l {shlex.quote(labels)}"
    else:
        reason, why = Reason.SERVICE_SELECTS_NOTHING, f"its selector {labels} finds no pod"
        advice = f"Compare it with the labels: kubectl get pods -n {namespace} --show-labels"
    return Problem(
        reason=reason,
        severity=Severity.WARNING,
        object=ObjectRef("Service", namespace, name),
        message=f"{why}: {lost}",
        advice=advice,
        evidence=(
            Origin(kind=OriginKind.SERVICE, object=f"{namespace}/{name}", field="spec.selector"),
        ),
    )


def subdomain_problems(inventory: Inventory, subjects: Iterable[Subject]) -> Iterator[Problem]:
    """Pods with a subdomain (of a StatefulSet: its serviceName) that no Service has as its name."""
    for each in subjects:
        subdomain, namespace = text(each.pod, "spec", "subdomain"), each.object.namespace
        if not subdomain or flag(each.pod, "spec", "hostNetwork"):
            continue
        if inventory.maker(namespace, subdomain):
            continue
        if inventory.answers_all("Service") and not inventory.has("Service", namespace, subdomain):
            is_set = each.object.kind == "StatefulSet"
            where = "spec.serviceName" if is_set else "spec.subdomain"
            yield Problem(
                reason=Reason.SUBDOMAIN_WITHOUT_SERVICE,
                severity=Severity.WARNING if is_set else Severity.ERROR,
                object=each.object,
                message=f"no Service {subdomain} in namespace {namespace}, so its pods have no "
                f"name in DNS ({where})",
                advice=f"Create a headless Service {subdomain} that selects the pods, or set "
                f"{where} to the Service that exists.",
                evidence=(
                    Origin(
                        kind=OriginKind.POD_SPEC,
                        object=f"{namespace}/{each.object.name}",
                        field=where,
                    ),
                ),
                count=each.pods,
            )


def diagnose_cluster_dns() -> Diagnosis[tuple[tuple[Problem, ...], tuple[CouldNotLook, ...]]]:
    """What is wrong with the Corefile of the cluster's DNS, and what of it nobody could read."""
    server = yield from reads_of(find_cluster_dns(DEFAULT_DOMAIN))
    if server.assumed:
        return (), (CouldNotLook(what="the Corefile of the cluster DNS", why=server.assumed),)
    models = (server.model, server.model.behind if server.model else None)
    problems = tuple(each for model in models if model for each in corefile_problems(model))
    return problems, server.not_checked


def corefile_problems(server: ClusterDNS) -> Iterator[Problem]:
    """What keeps a Corefile from being loaded, or a part of it from ever answering."""
    for block in server.blocks:
        yield from _block_problems(server, block)
    error = server.corefile
    if isinstance(error, CorefileError):
        place = _in_corefile(server, error.line)
        of_key = f" (line {int(error.line)} of {server.place_of(error.file)})"
        said = f"{error.message}{of_key if error.file else _line_of(place)}"
        yield Problem(
            reason=Reason.COREFILE_BROKEN,
            severity=Severity.ERROR,
            object=_config_map(server.object),
            message=f"CoreDNS does not load it: {said}",
            evidence=(place,),
        )
    for each in find_custom_keys(server):
        yield Problem.of_finding(each, _config_map(server.object))


def _block_problems(server: ClusterDNS, block: ServerBlock) -> Iterator[Problem]:
    for plugin in block.plugins:
        if plugin.name not in PLUGINS:
            yield warning(
                _in_corefile(server, plugin.line),
                Reason.COREFILE_BROKEN,
                f"plugin {plugin.name} is not CoreDNS's own: most builds refuse it",
            )
        for pattern in _patterns(plugin):
            if why := why_never(pattern.args[0]):
                yield warning(
                    _in_corefile(server, pattern.line),
                    Reason.COREFILE_PATTERN_NEVER_MATCHES,
                    f"{plugin.name}: {pattern.args[0]} never matches: {why}",
                )
    names = {each.name for each in block.plugins}
    if names and names <= _OTHERS:
        yield warning(
            _in_corefile(server, block.line),
            Reason.PLUGIN_CHAIN_ENDS,
            f"block {' '.join(block.zones)} has no plugin that answers",
        )


def _patterns(plugin: Directive) -> Iterator[Directive]:
    """The expressions of `rewrite name regex` and of `template`'s match, each as its directive."""
    if plugin.name == "template":
        for each in plugin.all("match"):
            for pattern in each.args:
                yield each.__class__(name="match", line=each.line, args=(pattern,))
    elif plugin.name == "rewrite":
        words = [each for each in plugin.args if each not in {"continue", "stop"}]
        if words[:2] == ["name", "regex"] and len(words) > 2:
            yield plugin.__class__(name="regex", line=plugin.line, args=(words[2],))


_ENDS_WITHOUT_DOT = re.compile(r"(?:\\\.|[^\\])?[A-Za-z0-9]\$\Z")
_CAPITAL = re.compile(r"(?<!\\)[A-Z]")


def why_never(pattern: str) -> str:
    """Why PATTERN, an expression of Go, matches no name that a plugin sees; "" where it may.

    A name there is in lower case and ends with a dot (request.Request.Name).
    """
    if _ENDS_WITHOUT_DOT.search(pattern) and "|" not in pattern:
        return "a name ends with a dot there"
    literal = re.sub(r"\[[^\]]*\]|\(\?P?<[^>]*>|\\[A-Za-z]|\\[pP]\{[^}]*\}", "", pattern)
    optional = re.search(r"\([^)]*[A-Z][^)]*\)[?*]|[A-Z][?*]", literal)
    if _CAPITAL.search(literal) and not (optional or "(?i" in pattern or "|" in pattern):
        return "a name is in lower case there"
    return ""


def _config_map(name: str) -> ObjectRef:
    namespace, _, name = name.rpartition("/")
    return ObjectRef("ConfigMap", namespace, name or "coredns")


def _in_corefile(server: ClusterDNS, line: int) -> Origin:
    """A LINE of the Corefile (0: none)."""
    return Origin(
        kind=OriginKind.UNKNOWN, object=server.object, field="Corefile", line=line or None
    )


def _line_of(place: Origin) -> str:
    return f" (Corefile line {place.line})" if place.line else ""


def warning(place: Origin, reason: Reason, message: str) -> Problem:
    """A problem of the Corefile that does not keep it from being loaded."""
    return Problem(
        reason=reason,
        severity=Severity.WARNING,
        object=_config_map(place.object),
        message=f"{message}{_line_of(place)}",
        evidence=(place,),
    )
