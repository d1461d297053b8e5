"""The fields that take one of a few words, which are compared with case.

The constants of k8s.io/api (core/v1, apps/v1, batch/v1, discovery/v1 types.go), as their validation
lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.api.problems import Path, Problem, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULLS = ("Always", "IfNotPresent", "Never")
_TRAFFIC = ("Cluster", "Local")

# (model, field): the words; a list's items are each one of them.
_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("V1PodSpec", "dnsPolicy"): ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
    ("V1PodSpec", "preemptionPolicy"): ("Never", "PreemptLowerPriority"),
    ("V1Container", "imagePullPolicy"): _PULLS,
    ("V1EphemeralContainer", "imagePullPolicy"): _PULLS,
    ("V1ContainerPort", "protocol"): _PROTOCOLS,
    ("V1ServicePort", "protocol"): _PROTOCOLS,
    ("CoreV1EndpointPort", "protocol"): _PROTOCOLS,
    ("DiscoveryV1EndpointPort", "protocol"): _PROTOCOLS,
    ("V1Toleration", "operator"): ("Equal", "Exists"),
    ("V1Toleration", "effect"): ("NoExecute", "NoSchedule", "PreferNoSchedule"),
    ("V1HostPathVolumeSource", "type"): (
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ),
    ("V1ServiceSpec", "type"): ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    ("V1ServiceSpec", "sessionAffinity"): ("ClientIP", "None"),
    ("V1ServiceSpec", "ipFamilies"): ("IPv4", "IPv6"),
    ("V1ServiceSpec", "ipFamilyPolicy"): ("PreferDualStack", "RequireDualStack", "SingleStack"),
    ("V1ServiceSpec", "internalTrafficPolicy"): _TRAFFIC,
    ("V1ServiceSpec", "externalTrafficPolicy"): _TRAFFIC,
    ("V1EndpointSlice", "addressType"): ("FQDN", "IPv4", "IPv6"),
    ("V1StatefulSetSpec", "podManagementPolicy"): ("OrderedReady", "Parallel"),
    ("V1JobSpec", "completionMode"): ("Indexed", "NonIndexed"),
    ("V1CronJobSpec", "concurrencyPolicy"): ("Allow", "Forbid", "Replace"),
}


def choice_problems(model: str, field: str, value: object, above: Path) -> Iterator[Problem]:
    """What is none of the words that FIELD of MODEL takes; VALUE is its own, below ABOVE."""
    words = _CHOICES.get((model, field))
    if words is None:
        return
    if isinstance(value, str) and value and value not in words:
        yield unsupported((*above, field), value, words)
    for index, each in enumerate(value if isinstance(value, list) else ()):
        if isinstance(each, str) and each not in words:
            yield unsupported((*above, field, index), each, words)
