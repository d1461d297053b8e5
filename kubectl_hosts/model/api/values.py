"""What the API server asks of single values, wherever they stand: tables by type and field.

Words that a field takes, forms that its text has, numbers that may not be negative, fields of which
an object must have one. The types are those of the `kubernetes` package; the rules are those of
pkg/apis/{core,apps,batch,discovery}/validation of k8s.io/kubernetes, as 1.34 answers: every row was
met where a mutated manifest had another verdict here than from `kubectl apply --dry-run=server`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.api.pod_spec import (
    OUT_OF_RANGE,
    is_port,
    quantity,
    why_no_config_key,
    why_no_label,
    why_no_label_key,
    why_no_label_value,
    why_no_port_name,
    why_no_relative_path,
    why_no_subdomain,
    why_no_variable,
)
from kubectl_hosts.model.api.problems import (
    FieldProblem,
    Key,
    forbidden,
    has_text,
    invalid,
    items_of,
    malformed,
    map_of,
    required,
    texts_of,
    unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import FieldPath, Json

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULLS = ("Always", "IfNotPresent", "Never")
_TRAFFIC = ("Cluster", "Local")
_NODE_POLICIES = ("Honor", "Ignore")
_MESSAGES = ("FallbackToLogsOnError", "File")
_KEPT = ("Delete", "Retain")
_SELECTS = ("DoesNotExist", "Exists", "In", "NotIn")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")

# The words are compared with case; a list's items are each one of them.
_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("V1PodSpec", "dnsPolicy"): ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
    ("V1PodSpec", "preemptionPolicy"): ("Never", "PreemptLowerPriority"),
    ("V1PodSecurityContext", "fsGroupChangePolicy"): ("Always", "OnRootMismatch"),
    ("V1SeccompProfile", "type"): _PROFILES,
    ("V1AppArmorProfile", "type"): _PROFILES,
    ("V1Container", "imagePullPolicy"): _PULLS,
    ("V1Container", "terminationMessagePolicy"): _MESSAGES,
    ("V1EphemeralContainer", "imagePullPolicy"): _PULLS,
    ("V1EphemeralContainer", "terminationMessagePolicy"): _MESSAGES,
    ("V1ContainerPort", "protocol"): _PROTOCOLS,
    ("V1HTTPGetAction", "scheme"): ("HTTP", "HTTPS"),
    ("V1VolumeMount", "mountPropagation"): ("Bidirectional", "HostToContainer", "None"),
    ("V1ServicePort", "protocol"): _PROTOCOLS,
    ("CoreV1EndpointPort", "protocol"): _PROTOCOLS,
    ("V1Toleration", "operator"): ("Equal", "Exists"),
    ("V1Toleration", "effect"): ("NoExecute", "NoSchedule", "PreferNoSchedule"),
    ("V1TopologySpreadConstraint", "whenUnsatisfiable"): ("DoNotSchedule", "ScheduleAnyway"),
    ("V1TopologySpreadConstraint", "nodeAffinityPolicy"): _NODE_POLICIES,
    ("V1TopologySpreadConstraint", "nodeTaintsPolicy"): _NODE_POLICIES,
    ("V1HostPathVolumeSource", "type"): (
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ),
    ("V1PersistentVolumeClaimSpec", "accessModes"): (
        "ReadOnlyMany",
        "ReadWriteMany",
        "ReadWriteOnce",
        "ReadWriteOncePod",
    ),
    ("V1PersistentVolumeClaimSpec", "volumeMode"): ("Block", "Filesystem"),
    ("V1ServiceSpec", "type"): ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    ("V1ServiceSpec", "sessionAffinity"): ("ClientIP", "None"),
    ("V1ServiceSpec", "ipFamilies"): ("IPv4", "IPv6"),
    ("V1ServiceSpec", "externalTrafficPolicy"): _TRAFFIC,
    ("V1EndpointSlice", "addressType"): ("FQDN", "IPv4", "IPv6"),
    ("V1StatefulSetSpec", "podManagementPolicy"): ("OrderedReady", "Parallel"),
    ("V1StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted"): _KEPT,
    ("V1StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled"): _KEPT,
    ("V1PodFailurePolicyOnPodConditionsPattern", "status"): ("False", "True", "Unknown"),
    ("V1JobSpec", "podReplacementPolicy"): ("Failed", "TerminatingOrFailed"),
    ("V1CronJobSpec", "concurrencyPolicy"): ("Allow", "Forbid", "Replace"),
}
# As above, but empty text is none of the words either: their fields have no default.
_STRICT_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("V1PodFailurePolicyRule", "action"): ("Count", "FailIndex", "FailJob", "Ignore"),
    ("V1ServiceSpec", "internalTrafficPolicy"): _TRAFFIC,
    ("DiscoveryV1EndpointPort", "protocol"): _PROTOCOLS,
    ("V1JobSpec", "completionMode"): ("Indexed", "NonIndexed"),
    ("V1ServiceSpec", "ipFamilyPolicy"): ("PreferDualStack", "RequireDualStack", "SingleStack"),
    ("V1NodeSelectorRequirement", "operator"): (*_SELECTS, "Gt", "Lt"),
    ("V1LabelSelectorRequirement", "operator"): _SELECTS,
}


def _like(pattern: str, words: str) -> Callable[[str], str]:
    """A form that is a PATTERN; WORDS say what other text must be."""
    return lambda value: "" if re.fullmatch(pattern, value) else words


def _why_no_time_zone(value: str) -> str:
    """ValidateTimeZone: a name of the time zone database; not known where there is none."""
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  few CronJobs have one

    if value.lower() == "local" or not value:
        return "must be an explicit time zone"
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return f"unknown time zone {value}" if available_timezones() else ""
    return ""


_SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?")


def _why_no_sysctl(value: str) -> str:
    return "" if _SYSCTL.fullmatch(value) and len(value) <= 253 else "must be a sysctl's name"


def _why_no_class(value: str) -> str:
    return why_no_subdomain(value) if value else ""  # "" asks for no class


_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_HEADER = _like(r"[-A-Za-z0-9]+", "must be a valid HTTP header's name")
_SHARE = _like(r"\d+%", "must be a number, or a percentage such as 25%")
_RESOURCE = _like(
    r"(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)",
    "must be one of limits.cpu, limits.memory, requests.cpu, requests.memory and the like",
)

# The form that text must have; a number there is no text (`port: 80`).
_FORMS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("V1ConfigMapEnvSource", "name"): why_no_subdomain,
    ("V1SecretEnvSource", "name"): why_no_subdomain,
    ("V1ConfigMapKeySelector", "name"): why_no_subdomain,
    ("V1SecretKeySelector", "name"): why_no_subdomain,
    ("V1ConfigMapKeySelector", "key"): why_no_config_key,
    ("V1SecretKeySelector", "key"): why_no_config_key,
    ("V1ServiceAccountTokenProjection", "path"): why_no_relative_path,
    ("V1DownwardAPIVolumeFile", "path"): why_no_relative_path,
    ("V1CronJobSpec", "timeZone"): _why_no_time_zone,
    ("V1PersistentVolumeClaimSpec", "storageClassName"): _why_no_class,
    ("V1Endpoint", "nodeName"): why_no_subdomain,
    ("V1Endpoint", "hostname"): why_no_label,
    ("V1ServicePort", "appProtocol"): why_no_label_key,
    ("DiscoveryV1EndpointPort", "appProtocol"): why_no_label_key,
    ("CoreV1EndpointPort", "appProtocol"): why_no_label_key,
    ("V1PodAffinityTerm", "topologyKey"): why_no_label_key,
    ("V1PodFailurePolicyOnPodConditionsPattern", "type"): why_no_label_key,
    ("V1HTTPHeader", "name"): _HEADER,
    ("V1EnvFromSource", "prefix"): lambda value: value and why_no_variable(value),
    ("V1Sysctl", "name"): _why_no_sysctl,
    ("V1HTTPGetAction", "port"): why_no_port_name,
    ("V1TCPSocketAction", "port"): why_no_port_name,
    ("V1ResourceFieldSelector", "resource"): _RESOURCE,
    **{
        (model, field): _SHARE
        for model in ("V1RollingUpdateDeployment", "V1RollingUpdateDaemonSet")
        for field in ("maxSurge", "maxUnavailable")
    },
}
_PORTS = frozenset(
    (model, "port") for model in ("V1HTTPGetAction", "V1TCPSocketAction", "V1GRPCAction")
)
_MOST = 1 << 63
_NATURAL, _POSITIVE, _ID, _MODE = (0, _MOST), (1, _MOST), (0, (1 << 31) - 1), (0, 0o777)
_PROBE = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
# The least and the most that a number may be.
_RANGES: Mapping[tuple[str, str], tuple[int, int]] = {
    ("V1RollingUpdateDeployment", "maxSurge"): _NATURAL,
    ("V1RollingUpdateDeployment", "maxUnavailable"): _NATURAL,
    ("V1RollingUpdateDaemonSet", "maxSurge"): _NATURAL,
    ("V1RollingUpdateDaemonSet", "maxUnavailable"): _NATURAL,
    ("V1RollingUpdateStatefulSetStrategy", "partition"): _NATURAL,
    ("V1StatefulSetOrdinals", "start"): _NATURAL,
    ("V1DeploymentSpec", "progressDeadlineSeconds"): _NATURAL,
    ("V1JobSpec", "activeDeadlineSeconds"): _NATURAL,
    ("V1JobSpec", "backoffLimit"): _NATURAL,
    ("V1JobSpec", "ttlSecondsAfterFinished"): _NATURAL,
    ("V1CronJobSpec", "startingDeadlineSeconds"): _NATURAL,
    ("V1CronJobSpec", "successfulJobsHistoryLimit"): _NATURAL,
    ("V1CronJobSpec", "failedJobsHistoryLimit"): _NATURAL,
    **{("V1Probe", field): _NATURAL for field in _PROBE},
    ("V1TopologySpreadConstraint", "maxSkew"): _POSITIVE,
    ("V1TopologySpreadConstraint", "minDomains"): _POSITIVE,
    ("V1WeightedPodAffinityTerm", "weight"): (1, 100),
    ("V1PreferredSchedulingTerm", "weight"): (1, 100),
    ("V1PodSecurityContext", "fsGroup"): _ID,
    ("V1PodSecurityContext", "runAsUser"): _ID,
    ("V1PodSecurityContext", "runAsGroup"): _ID,
    ("V1SecurityContext", "runAsUser"): _ID,
    ("V1SecurityContext", "runAsGroup"): _ID,
    ("V1ConfigMapVolumeSource", "defaultMode"): _MODE,
    ("V1SecretVolumeSource", "defaultMode"): _MODE,
    ("V1ProjectedVolumeSource", "defaultMode"): _MODE,
    ("V1DownwardAPIVolumeSource", "defaultMode"): _MODE,
    ("V1KeyToPath", "mode"): _MODE,
    ("V1DownwardAPIVolumeFile", "mode"): _MODE,
    ("V1ServiceAccountTokenProjection", "expirationSeconds"): (600, 1 << 32),
    ("V1ClientIPConfig", "timeoutSeconds"): (1, 86400),
}

# What the schema does not ask for and validation does; empty text and an empty list are none.
REQUIRED_TOO: Mapping[str, tuple[str, ...]] = {
    "V1ExecAction": ("command",),
    "V1ConfigMapEnvSource": ("name",),
    "V1SecretEnvSource": ("name",),
    "V1ConfigMapKeySelector": ("name",),
    "V1SecretKeySelector": ("name",),
    "V1PersistentVolumeClaimSpec": ("accessModes",),
}
# Of these an object must have one, and no more than that.
_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "V1EnvVarSource": (
        "configMapKeyRef",
        "fieldRef",
        "fileKeyRef",
        "resourceFieldRef",
        "secretKeyRef",
    ),
    "V1LifecycleHandler": ("exec", "httpGet", "sleep", "tcpSocket"),
    "V1DownwardAPIVolumeFile": ("fieldRef", "resourceFieldRef"),
    "V1PodFailurePolicyRule": ("onExitCodes", "onPodConditions"),
}


def value_problems(
    model: str, field: str, value: object, above: FieldPath
) -> Iterator[FieldProblem]:
    """What the API server would refuse of VALUE, that of FIELD of MODEL, in the object at ABOVE."""
    key, path = (model, field), (*above, field)
    yield from _none_of_the_words(key, value, path)
    form = _FORMS.get(key)
    if form and isinstance(value, str) and (why := form(value)):
        yield invalid(path, value, why)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if key in _PORTS and is_number and not is_port(value):
        yield invalid(path, value, OUT_OF_RANGE)
    if key in _RANGES and is_number:
        yield from _out_of_range(value, _RANGES[key], path)


def _out_of_range(
    value: object, limits: tuple[int, int], path: FieldPath
) -> Iterator[FieldProblem]:
    least, most = limits
    if isinstance(value, int) and not least <= value <= most:
        upper = f" and {most}" if most < _MOST else ""
        because = f"between {least}{upper}" if upper else f"greater than or equal to {least}"
        yield invalid(path, value, f"must be {because}")


def _none_of_the_words(
    key: tuple[str, str], value: object, path: FieldPath
) -> Iterator[FieldProblem]:
    words = _CHOICES.get(key)
    if words is None:
        words = _STRICT_CHOICES.get(key)
        if words and isinstance(value, str) and value not in words and not _judged(path):
            yield unsupported(path, value, words)
        return
    if isinstance(value, str) and value and value not in words:
        yield unsupported(path, value, words)
    for index, each in enumerate(value if isinstance(value, list) else ()):
        if each is None or (isinstance(each, str) and each not in words):
            yield unsupported((*path, index), each or "", words)


def _judged(path: FieldPath) -> bool:
    return path[:2] == ("spec", "selector")


def object_problems(model: str, value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """What the API server would refuse of VALUE, an object of MODEL at PATH, as a whole."""
    if model in _ONE_OF:
        given = [each for each in _ONE_OF[model] if value.get(each) not in (None, [])]
        if not given:
            yield required(path, f"must have one of {', '.join(_ONE_OF[model])}")
        for each in given[1:]:
            yield forbidden((*path, each), f"may not be there beside {given[0]}")
    if model in _OF_OBJECTS:
        yield from _OF_OBJECTS[model](value, path)


def _toleration(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    key, operator, effect = value.get("key"), value.get("operator"), value.get("effect")
    if not key and operator != "Exists":
        because = "must be Exists where key is empty"
        yield invalid((*path, "operator"), operator or "", because, "Write operator: Exists.")
    yield from malformed(value, "key", path, why_no_label_key)
    if value.get("tolerationSeconds") is not None and effect != "NoExecute":
        yield invalid((*path, "effect"), effect or "", "must be NoExecute with tolerationSeconds")
    given = value.get("value")
    if operator == "Exists" and given:
        because = "value must be empty where operator is Exists"
        yield invalid((*path, "operator"), operator, because, "Remove the toleration's value.")
    elif isinstance(given, str) and (why := why_no_label_value(given)):
        yield invalid((*path, "value"), given, why)


def _requirement(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """One of matchExpressions; that of an object's own selector is judged with its labels."""
    if _judged(path):
        return
    operator, values = str(value.get("operator")), texts_of(value, "values")
    yield from malformed(value, "key", path, why_no_label_key)
    if operator in {"In", "NotIn"} and not values:
        yield required((*path, "values"), f"must be there where operator is {operator}")
    if operator in {"Exists", "DoesNotExist"} and values:
        yield forbidden((*path, "values"), f"may not be there where operator is {operator}")
    if operator in {"Gt", "Lt"} and len(values) != 1:
        yield required((*path, "values"), f"must be one where operator is {operator}")
    for index, each in enumerate(values if operator not in {"Gt", "Lt"} else ()):
        if why := why_no_label_value(each):
            yield invalid((*path, "values", index), each, why)


def _selector(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    if _judged(path):
        return
    for key, each in map_of(value, "matchLabels").items():
        why = why_no_label_key(key) or (why_no_label_value(each) if isinstance(each, str) else "")
        if why:
            yield invalid((*path, "matchLabels"), each, why)


def _resources(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    for field in ("limits", "requests"):
        for name, each in map_of(value, field).items():
            if (quantity(each) or 0) < 0:
                because = "must be greater than or equal to 0"
                yield invalid((*path, field, Key(name)), each, because)
            if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
                because = "must be a standard resource for containers"
                yield invalid((*path, field, Key(name)), name, because)


def _claim(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    storage = map_of(value.get("resources"), "requests").get("storage")
    where = (*path, "resources", "requests", "storage")
    if storage is None:
        yield required(where)
    elif (quantity(storage) or 0) <= 0:
        yield invalid(where, storage, "must be greater than zero")


def _weighted(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    if value.get("podAffinityTerm") is None:
        yield required((*path, "podAffinityTerm", "topologyKey"))


def _http_get(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    if value.get("port") is None:
        yield required((*path, "port"))


def _empty_dir(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    if (quantity(value.get("sizeLimit")) or 0) < 0:
        yield forbidden((*path, "sizeLimit"), "must be a valid resource quantity")


def _deployment(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    deadline, ready = value.get("progressDeadlineSeconds"), value.get("minReadySeconds") or 0
    deadline = 600 if deadline is None else deadline  # SetDefaults_Deployment
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        where = (*path, "progressDeadlineSeconds")
        yield invalid(where, deadline, "must be greater than minReadySeconds")


_FILE_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace")


def _downward_file(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    field = map_of(value, "fieldRef").get("fieldPath")
    if has_text(field) and str(field).partition("[")[0] not in (*_FILE_FIELDS, "metadata.uid"):
        yield invalid((*path, "fieldRef", "fieldPath"), field, "field label not supported")


def _template_of_claim(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    for index, each in enumerate(items_of(value, "volumeClaimTemplates")):
        if each.get("spec") is None:
            where = (*path, "volumeClaimTemplates", index, "spec")
            yield required((*where, "accessModes"))


def _rolling(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """Something must be allowed to be missing, or to be too many."""
    surge, missing = value.get("maxSurge"), value.get("maxUnavailable")
    if surge in _NOTHING and missing in _NOTHING:
        yield required((*path, "maxUnavailable"), "cannot be 0 when maxSurge is 0")


_NOTHING = (0, "0%")


def _rolling_daemons(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """As above; without a number maxSurge is 0, and maxUnavailable 1."""
    surge = value.get("maxSurge")
    yield from _rolling({**value, "maxSurge": 0 if surge is None else surge}, path)


def _job(value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """Completions default to 1 where there is no parallelism either."""
    is_given = value.get("completions") is not None or value.get("parallelism") is None
    if value.get("completionMode") == "Indexed" and not is_given:
        yield required((*path, "completions"), "when completion mode is Indexed")


_OF_OBJECTS: Mapping[str, Callable[[Json, FieldPath], Iterator[FieldProblem]]] = {
    "V1Toleration": _toleration,
    "V1NodeSelectorRequirement": _requirement,
    "V1LabelSelectorRequirement": _requirement,
    "V1LabelSelector": _selector,
    "V1ResourceRequirements": _resources,
    "V1PersistentVolumeClaimSpec": _claim,
    "V1WeightedPodAffinityTerm": _weighted,
    "V1HTTPGetAction": _http_get,
    "V1TCPSocketAction": _http_get,
    "V1DeploymentSpec": _deployment,
    "V1EmptyDirVolumeSource": _empty_dir,
    "V1DownwardAPIVolumeFile": _downward_file,
    "V1StatefulSetSpec": _template_of_claim,
    "V1RollingUpdateDeployment": _rolling,
    "V1RollingUpdateDaemonSet": _rolling_daemons,
    "V1JobSpec": _job,
}
