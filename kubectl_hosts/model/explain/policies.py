"""Which NetworkPolicies keep a pod from asking DNS; the API reference of networking.k8s.io/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Seen
    from kubectl_hosts.model.objects import NetworkPolicy
    from kubectl_hosts.model.pod import Pod

_DNS_PORT = 53


def policies_without_dns(policies: Seen[NetworkPolicy] | None, pod: Pod) -> tuple[str, ...]:
    """The policies (`namespace/name`) that limit the POD's egress and name no port 53.

    () where another one allows it, since policies add up. Which peers a rule means is not looked
    at.
    """
    found = policies if isinstance(policies, tuple) else ()
    limiting = [each for each in found if each.limits_egress and _selects(each, pod)]
    if any(_allows_dns(rule) for each in limiting for rule in each.rules):
        return ()
    return tuple(each.object for each in limiting)


def _selects(policy: NetworkPolicy, pod: Pod) -> bool:
    # matchExpressions are not looked at: such a policy is not blamed.
    is_here = policy.namespace == pod.namespace
    fits = set(policy.match_labels) <= set(pod.labels)
    return is_here and fits and not policy.selects_by_expressions


def _allows_dns(rule: tuple[int | str | None, ...]) -> bool:
    return not rule or any(port in {None, _DNS_PORT} or isinstance(port, str) for port in rule)
