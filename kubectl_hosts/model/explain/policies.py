"""Which NetworkPolicies keep a pod from asking DNS; the API reference of networking.k8s.io/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.fields import field, items, mapping, string_map, text, texts

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Objects
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.pod import Pod

_DNS_PORT = 53


def policies_without_dns(policies: Objects | None, pod: Pod) -> tuple[str, ...]:
    """The policies (`namespace/name`) that limit the POD's egress and name no port 53.

    () where another one allows it, since policies add up. Which peers a rule means is not looked
    at. Raises BadInput for a field of the wrong type.
    """
    found = policies if isinstance(policies, tuple) else ()
    limiting = [each for each in found if _limits_egress(each) and _selects(each, pod)]
    if any(_allows_dns(rule) for each in limiting for rule in items(each, "spec", "egress")):
        return ()
    return tuple(
        f"{text(each, 'metadata', 'namespace')}/{text(each, 'metadata', 'name')}"
        for each in limiting
    )


def _limits_egress(policy: Json) -> bool:
    types = texts(mapping(policy, "spec"), "policyTypes")
    return "Egress" in types or (not types and field(policy, "spec", "egress") is not None)


def _selects(policy: Json, pod: Pod) -> bool:
    # matchExpressions are not looked at: such a policy is not blamed.
    selector = mapping(policy, "spec", "podSelector")
    labels = dict(pod.labels)
    wanted = string_map(selector, "matchLabels")
    is_here = text(policy, "metadata", "namespace") == pod.namespace
    fits = all(labels.get(key) == value for key, value in wanted.items())
    return is_here and fits and not items(selector, "matchExpressions")


def _allows_dns(rule: Json) -> bool:
    ports = items(rule, "ports")
    return not ports or any(
        field(port, "port") in {None, _DNS_PORT} or isinstance(field(port, "port"), str)
        for port in ports
    )
