"""What the API server asks of objects beyond the types of their fields; `pod_spec` has the pods.

Of metadata: names by kind, labels, annotations. Of the kinds that make pods: their selectors,
policies and names. Of Services, EndpointSlices, Endpoints and ConfigMaps. ValidateObjectMeta of
k8s.io/apimachinery pkg/api/validation; pkg/apis/{apps,batch,core,discovery}/validation of
k8s.io/kubernetes, as 1.34 answers (tests/model/api/table.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.api.kinds import at
from kubectl_hosts.model.api.pod_spec import (
    LONGEST_LABEL,
    OUT_OF_RANGE,
    address,
    address_problems,
    is_port,
    labels_in,
    why_no_config_key,
    why_no_endpoint,
    why_no_label,
    why_no_label_key,
    why_no_label_value,
    why_no_port_name,
    why_no_service_name,
    why_no_subdomain,
)
from kubectl_hosts.model.api.problems import (
    FieldProblem,
    Key,
    duplicate,
    forbidden,
    has_text,
    invalid,
    items_of,
    malformed,
    map_of,
    required,
    texts_of,
    unsupported,
    warning,
)
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import FieldPath, Json

_LONGEST_CRON_JOB = 52  # pkg/apis/batch/validation: eleven characters are left for the Job's name
_HOST_NAMED = frozenset({"Pod", "Job"})


def _subdomain_of(longest: int) -> Callable[[str], str]:
    """Why a name is no subdomain of at most so many characters."""
    too_long = f"must be no more than {longest} characters"
    return lambda name: too_long if len(name) > longest else why_no_subdomain(name)


def _why_no_segment(name: str) -> str:
    """pkg/api/validation/path: a name that is one segment of a path, and nothing else."""
    if name in {".", ".."}:
        return f"may not be '{name}'"
    return next((f"may not contain '{each}'" for each in "/%" if each in name), "")


_FORMS: Mapping[str, Callable[[str], str]] = {
    "Service": why_no_service_name,
    "Namespace": why_no_label,
    "StatefulSet": why_no_label,  # since 1.34 of new ones; their pods' host names always were
    "CronJob": _subdomain_of(_LONGEST_CRON_JOB),
    "Job": _subdomain_of(LONGEST_LABEL),  # it becomes a label's value of the pods
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), _why_no_segment),
}


def metadata_problems(kind: str, obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in the metadata of OBJ, of a KIND of the API."""
    metadata = map_of(obj, "metadata")
    name, base = metadata.get("name"), metadata.get("generateName")
    if has_text(name):
        yield from _name(kind, str(name))
    elif has_text(base):
        if why := _FORMS.get(kind, why_no_subdomain)(f"{base}x"):
            yield invalid(("metadata", "generateName"), base, why)
        # kubectl's apply.go: "cannot use generate name with apply".
        yield warning(
            ("metadata", "generateName"),
            Reason.INVALID_VALUE,
            "the API takes it, kubectl apply does not",
            "Use kubectl create, or write metadata.name.",
        )
    else:
        yield required(("metadata", "name"), "name or generateName is required")
    yield from label_problems(metadata, ("metadata",))


def _name(kind: str, name: str) -> Iterator[FieldProblem]:
    path = ("metadata", "name")
    if why := _FORMS.get(kind, why_no_subdomain)(name):
        fix = _templated(name) or "Use lower case letters, digits and hyphens."
        yield invalid(path, name, why, fix)
    elif kind in _HOST_NAMED and (why := why_no_label(name)):
        yield warning(
            path,
            reason=Reason.HOST_NAME_NOT_A_LABEL,
            message=f'"{name}" becomes the pod\'s host name; a DNS label is recommended: {why}',
            fix="Use a name of at most 63 characters without dots, or set spec.hostname.",
        )


def _templated(name: str) -> str:
    """What to do about a name that a chart has yet to fill in."""
    if "{{" not in name:
        return ""
    return "Render the chart first: helm template CHART | kubectl hosts show -f -"


def label_problems(metadata: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """What is wrong with the labels and annotations of METADATA, which stands at PATH."""
    yield from labels_in(metadata, "labels", path)
    for key in map_of(metadata, "annotations"):
        if why := why_no_label_key(key.lower()):
            yield invalid((*path, "annotations"), key, why)


# What the API server asks of the kinds that make pods: their selectors, policies and names.
#
# pkg/apis/apps/validation, pkg/apis/batch/validation and pkg/apis/core/validation of
# k8s.io/kubernetes, as 1.34 answers (tests/model/api/table.py).

_JOB_RESTARTS = ("OnFailure", "Never")
_RESTARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), ("Always",)),
    "ReplicationController": ("Always",),
    "Job": _JOB_RESTARTS,
    "CronJob": _JOB_RESTARTS,
}
_ALL_RESTARTS = ("Always", "OnFailure", "Never")
_SELECTING = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"})
_STRATEGIES = {
    "Deployment": ("strategy", ("Recreate", "RollingUpdate")),
    "DaemonSet": ("updateStrategy", ("OnDelete", "RollingUpdate")),
    "StatefulSet": ("updateStrategy", ("OnDelete", "RollingUpdate")),
}
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_COUNTS = ("replicas", "minReadySeconds", "revisionHistoryLimit", "parallelism", "completions")
# github.com/robfig/cron: five fields, or a word.
_SCHEDULE = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_UNMATCHED = "`selector` does not match template `labels`"


def claims_of(obj: Json) -> frozenset[str]:
    """The volumes that a StatefulSet's volumeClaimTemplates add to its pods."""
    claims = items_of(map_of(obj, "spec"), "volumeClaimTemplates")
    return frozenset(str(at(each, ("metadata", "name"))) for each in claims)


def restarts_of(kind: str) -> tuple[str, ...]:
    """The restart policies that the pods of KIND may have."""
    return _RESTARTS.get(kind, _ALL_RESTARTS)


def controller_problems(kind: str, obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in the own spec of OBJ, a workload of KIND."""
    spec = map_of(obj, "spec")
    yield from _counts(spec)
    if kind in _SELECTING:
        yield from _selector(kind, spec)
    if kind in _STRATEGIES:
        field, known = _STRATEGIES[kind]
        chosen = at(spec, (field, "type"))
        if has_text(chosen) and chosen not in known:
            yield unsupported(("spec", field), chosen, known)
    if kind in _OWN_RULES:
        yield from _OWN_RULES[kind](spec)


def _service_name(spec: Json) -> Iterator[FieldProblem]:
    fix = "Write the name of its Service."
    yield from malformed(spec, "serviceName", ("spec",), why_no_label, fix)


def _job_selector(spec: Json) -> Iterator[FieldProblem]:
    # An empty one is filled in (batch/job/strategy.go generateSelector).
    selector = spec.get("selector")
    is_set = any(selector.values()) if isinstance(selector, dict) else False
    if is_set and not spec.get("manualSelector"):
        because = "`selector` not auto-generated"
        fix = "Remove selector: a Job gets its own."
        yield invalid(("spec", "selector"), selector, because, fix)


def _counts(spec: Json) -> Iterator[FieldProblem]:
    for name in _COUNTS:
        count = spec.get(name)
        if isinstance(count, int) and count < 0:
            yield invalid(("spec", name), count, "must be greater than or equal to 0")


def _schedule(spec: Json) -> Iterator[FieldProblem]:
    schedule = spec.get("schedule")
    if not has_text(schedule):
        return  # decoding tells that it is missing
    fields = str(schedule).split()
    if _SCHEDULE.fullmatch(str(schedule)):
        return
    if len(fields) != 5:
        because = f"expected exactly 5 fields, found {len(fields)}"
        yield invalid(("spec", "schedule"), schedule, because)
        return
    for written, (least, most) in zip(fields, _RANGES, strict=True):
        for number in map(int, re.findall(r"(?<![/\w])\d+", written)):
            if not least <= number <= most:
                because = f"{number} is not between {least} and {most}"
                yield invalid(("spec", "schedule"), schedule, because)


def _selector(kind: str, spec: Json) -> Iterator[FieldProblem]:
    """spec.selector must be there, select something, and select the template's own pods."""
    path: FieldPath = ("spec", "selector")
    selector = spec.get("selector")
    labels = map_of(at(spec, ("template", "metadata")), "labels")
    if selector is None:
        words = ", ".join(f"{key}: {value}" for key, value in labels.items()) or "app: NAME"
        yield required(path, fix=f"Write selector: {{matchLabels: {{{words}}}}}.")
        yield from _not_matching(labels)
        return
    wanted, expressions = map_of(selector, "matchLabels"), items_of(selector, "matchExpressions")
    if not wanted and not expressions:
        yield invalid(path, {}, f"empty selector is invalid for {kind.lower()}")
        return
    unknown = [
        (index, each.get("operator"))
        for index, each in enumerate(expressions)
        if each.get("operator") not in _OPERATORS
    ]
    for index, operator in unknown:
        where = (*path, "matchExpressions", index, "operator")
        yield invalid(where, operator, "not a valid selector operator")
    fits = all(labels.get(key) == value for key, value in wanted.items())
    if not unknown and not (fits and all(_fits(each, labels) for each in expressions)):
        yield from _not_matching(labels)


def _fits(expression: Json, labels: Json) -> bool:
    key = expression.get("key")
    value = labels.get(key) if isinstance(key, str) else None
    values = texts_of(expression, "values")
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _old_selector(spec: Json) -> Iterator[FieldProblem]:
    """A ReplicationController's selector is a mapping, and defaults to the template's labels."""
    labels = map_of(at(spec, ("template", "metadata")), "labels")
    wanted = map_of(spec, "selector") or labels
    if not wanted:
        yield required(("spec", "selector"))
    elif any(labels.get(key) != value for key, value in wanted.items()):
        yield from _not_matching(labels)


def _not_matching(labels: Json) -> Iterator[FieldProblem]:
    path = ("spec", "template", "metadata", "labels")
    yield invalid(path, dict(labels), _UNMATCHED, "Give selector and template the same labels.")


_OWN_RULES: Mapping[str, Callable[[Json], Iterator[FieldProblem]]] = {
    "StatefulSet": _service_name,
    "ReplicationController": _old_selector,
    "Job": _job_selector,
    "CronJob": _schedule,
}


# What the API server asks of Services, EndpointSlices, Endpoints and ConfigMaps.
#
# ValidateService, ValidateEndpoints, ValidateConfigMap (pkg/apis/core/validation) and
# ValidateEndpointSlice (pkg/apis/discovery/validation) of k8s.io/kubernetes, as 1.34 answers.

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_MOST_ADDRESSES = 100


def service_problems(obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in the spec of a Service."""
    spec = map_of(obj, "spec")
    kind = str(spec.get("type") or "ClusterIP")
    yield from _cluster_ip(spec, kind)
    if kind == "ExternalName":
        yield from _external_name(spec)
    elif kind in _TYPES and spec.get("clusterIP") != "None" and not items_of(spec, "ports"):
        yield required(("spec", "ports"), fix="List its ports, or write clusterIP: None.")
    yield from _ports(spec)
    yield from _label_values(map_of(spec, "selector"), ("spec", "selector"))
    yield from _unused(spec, kind)
    for index, each in enumerate(texts_of(spec, "externalIPs")):
        yield from _endpoint_ip(each, ("spec", "externalIPs", index))
    if kind != "ExternalName":
        yield from _families(spec)


def _families(spec: Json) -> Iterator[FieldProblem]:
    """ipFamilies: each once, and two of them where the policy is for two.

    pkg/registry/core/service/storage/alloc.go: without a policy it is SingleStack, and for a
    headless Service without a selector RequireDualStack.
    """
    families = texts_of(spec, "ipFamilies")
    for index, each in enumerate(families):
        if each in families[:index]:
            yield duplicate(("spec", "ipFamilies", index), each)
    is_open = spec.get("clusterIP") == "None" and not map_of(spec, "selector")
    policy = spec.get("ipFamilyPolicy") or ("RequireDualStack" if is_open else "SingleStack")
    if len(set(families)) > 1 and policy == "SingleStack":
        because = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are"
        yield invalid(
            ("spec", "ipFamilyPolicy"),
            policy,
            f"{because} specified",
            "Write ipFamilyPolicy: PreferDualStack.",
        )


def _unused(spec: Json, kind: str) -> Iterator[FieldProblem]:
    """Fields that the type of the Service does not go with."""
    is_internal = kind == "ClusterIP" and not texts_of(spec, "externalIPs")
    if spec.get("externalTrafficPolicy") and is_internal:
        because = "may only be set for externally-accessible services"
        yield invalid(("spec", "externalTrafficPolicy"), spec["externalTrafficPolicy"], because)
    for index, each in enumerate(items_of(spec, "ports")):
        if each.get("nodePort") and kind == "ClusterIP":
            because = "may not be used when type is ClusterIP"
            yield forbidden(("spec", "ports", index, "nodePort"), because)
    if has_text(spec.get("externalName")) and kind != "ExternalName":
        yield warning(
            ("spec", "externalName"),
            reason=Reason.DROPPED_FIELD,
            message="ignored unless type is ExternalName",
            fix="Write type: ExternalName, or remove externalName.",
        )


def _cluster_ip(spec: Json, kind: str) -> Iterator[FieldProblem]:
    """clusterIP, which the API server calls by its other name, clusterIPs[0]."""
    written = spec.get("clusterIP")
    given = texts_of(spec, "clusterIPs") or ((written,) if isinstance(written, str) else ())
    if kind == "ExternalName" and any(given):
        because = "may not be set for ExternalName services"
        yield forbidden(("spec", "clusterIPs"), because, "Remove clusterIP.")
        return
    both = texts_of(spec, "clusterIPs")
    if both and written and both[0] != written:
        because = "first value must match clusterIP"
        yield invalid(("spec", "clusterIPs"), list(both), because)
    if "None" in given and len(given) > 1:
        because = "'None' must be the first and only value"
        yield invalid(("spec", "clusterIPs"), list(given), because)
    for index, each in enumerate(given):
        path: FieldPath = ("spec", "clusterIPs", index)
        if each == "None" and kind in {"NodePort", "LoadBalancer"}:
            because = f"may not be set to 'None' for {kind} services"
            yield invalid(path, each, because, "Remove clusterIP, or write type: ClusterIP.")
        elif each not in ("", "None"):
            fix = "Write None, with a capital N." if each.lower() == "none" else "Remove clusterIP."
            yield from address_problems(each, path, fix)


def _external_name(spec: Json) -> Iterator[FieldProblem]:
    name = spec.get("externalName")
    path = ("spec", "externalName")
    if not has_text(name):
        yield required(path, fix="Write the name to lead to.")
        return
    text = str(name)
    if why := why_no_subdomain(text.removesuffix(".")):
        fix = "Write the host name alone." if "/" in text else "Write a lower case host name."
        yield invalid(path, name, why, fix)


def _ports(spec: Json) -> Iterator[FieldProblem]:
    ports = items_of(spec, "ports")
    names: set[object] = set()
    numbers: set[tuple[object, object]] = set()
    for index, each in enumerate(ports):
        path: FieldPath = ("spec", "ports", index)
        name, number = each.get("name"), each.get("port")
        if not has_text(name):
            if len(ports) > 1:
                yield required((*path, "name"), "each of several ports needs one")
        elif why := why_no_label(str(name)):
            yield invalid((*path, "name"), name, why)
        elif name in names:
            yield duplicate((*path, "name"), name)
        names.add(name)
        if number is not None and not is_port(number):
            yield invalid((*path, "port"), number, OUT_OF_RANGE)
        pair = (number, each.get("protocol") or "TCP")
        if number is not None and pair in numbers:
            yield duplicate(path, f"port {number}")
        numbers.add(pair)
        yield from _target_port(each, (*path, "targetPort"))


def _target_port(port: Json, path: FieldPath) -> Iterator[FieldProblem]:
    target = port.get("targetPort")
    if isinstance(target, int) and target and not is_port(target):
        yield invalid(path, target, OUT_OF_RANGE)
    if has_text(target) and (why := why_no_port_name(str(target))):
        yield invalid(path, target, why, "Write a container port's name or number.")


def _label_values(labels: Json, path: FieldPath) -> Iterator[FieldProblem]:
    for value in labels.values():
        if isinstance(value, str) and (why := why_no_label_value(value)):
            yield invalid(path, value, why)


def slice_problems(obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in an EndpointSlice."""
    kind = obj.get("addressType")
    for index, each in enumerate(items_of(obj, "endpoints")):
        path: FieldPath = ("endpoints", index)
        addresses = texts_of(each, "addresses")
        if len(addresses) > _MOST_ADDRESSES:
            yield invalid((*path, "addresses"), len(addresses), "must have at most 100 items")
        for place, value in enumerate(addresses):
            yield from _slice_address(value, str(kind), (*path, "addresses", place))
        yield from malformed(each, "hostname", path, why_no_label)
    seen: set[object] = set()
    for index, each in enumerate(items_of(obj, "ports")):
        name, where = each.get("name") or "", ("ports", index)
        if name and (why := why_no_label(str(name))):
            yield invalid((*where, "name"), name, why)
        elif name in seen:
            yield duplicate((*where, "name"), name)
        seen.add(name)


def _slice_address(value: str, kind: str, path: FieldPath) -> Iterator[FieldProblem]:
    if kind == "FQDN":
        if why := why_no_subdomain(value):
            yield invalid(path, value, why)
        return
    found = address(value)
    if found is not None and kind in _ADDRESS_TYPES and f"IPv{found.version}" != kind:
        yield invalid(path, value, f"must be an {kind} address")
    else:
        yield from _endpoint_ip(value, path)


def _endpoint_ip(value: str, path: FieldPath) -> Iterator[FieldProblem]:
    found = address(value)
    if found is not None and (why := why_no_endpoint(found)):
        yield invalid(path, value, why)
    else:
        yield from address_problems(value, path)


def endpoints_problems(obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in an Endpoints object."""
    for index, subset in enumerate(items_of(obj, "subsets")):
        path: FieldPath = ("subsets", index)
        lists = ("addresses", "notReadyAddresses")
        if not any(items_of(subset, each) for each in lists):
            yield required(path, "must specify addresses or notReadyAddresses")
        for name in lists:
            for place, each in enumerate(items_of(subset, name)):
                yield from _endpoint_address(each, (*path, name, place))
        yield from _endpoint_ports(items_of(subset, "ports"), (*path, "ports"))


def _endpoint_ports(ports: tuple[Json, ...], path: FieldPath) -> Iterator[FieldProblem]:
    for place, port in enumerate(ports):
        number, name = port.get("port"), port.get("name")
        if has_text(name) and (why := why_no_label(str(name))):
            yield invalid((*path, place, "name"), name, why)
        elif not name and len(ports) > 1:
            yield required((*path, place, "name"), "each of several ports needs one")
        if number is not None and not is_port(number):
            yield invalid((*path, place, "port"), number, OUT_OF_RANGE)


def _endpoint_address(each: Json, path: FieldPath) -> Iterator[FieldProblem]:
    value = each.get("ip")
    if has_text(value):
        yield from _endpoint_ip(str(value), (*path, "ip"))
    yield from malformed(each, "hostname", path, why_no_label)


def config_map_problems(obj: Json) -> Iterator[FieldProblem]:
    """What the API server would refuse in the keys of a ConfigMap (or Secret)."""
    binary = map_of(obj, "binaryData")
    for field in ("data", "binaryData", "stringData"):
        for key in map_of(obj, field):
            if why := why_no_config_key(key):
                yield invalid((field, Key(key)), key, why)
            elif field == "data" and key in binary:
                yield invalid((field, Key(key)), key, "duplicate of key present in binaryData")


OBJECT_RULES: Mapping[str, Callable[[Json], Iterator[FieldProblem]]] = {
    "Service": service_problems,
    "EndpointSlice": slice_problems,
    "Endpoints": endpoints_problems,
    "ConfigMap": config_map_problems,
    "Secret": config_map_problems,
}
