"""What the API server asks of a pod spec beyond the types of its fields.

ValidatePodSpec and what it calls, k8s.io/kubernetes pkg/apis/core/validation/validation.go, as far
as names, DNS, hostAliases, volumes and ports go; every rule is a row of tests/model/api/table.py,
whose verdicts come from the API server itself. spec.hostAliases: hosts-file.md section 4,
ValidateHostAliases and the warnings of pkg/api/pod/warnings.go.

The forms that names and addresses must have (why a value is none, "" where it is one) are those of
k8s.io/apimachinery pkg/util/validation (IsDNS1123Label, IsDNS1123Subdomain, IsDNS1035Label,
IsQualifiedName, IsValidLabelValue, IsValidPortName, IsConfigMapKey, IsEnvVarName) and IsValidIP of
k8s.io/apimachinery pkg/util/validation/ip.go. The long explanations are cut to what must be done.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.addresses import unmapped
from kubectl_hosts.model.api.kinds import at
from kubectl_hosts.model.api.problems import (
    FieldProblem,
    duplicate,
    forbidden,
    has_text,
    invalid,
    items_of,
    malformed,
    map_of,
    nearest,
    path_text,
    required,
    texts_of,
    unsupported,
    warning,
)
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import FieldPath, Json

LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_ALNUM = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_IS_LABEL = re.compile(_LABEL)
_IS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_IS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_UNDERSCORED = r"[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?"
_IS_UNDERSCORED = re.compile(rf"{_UNDERSCORED}(\.{_UNDERSCORED})*")
_IS_NAME = re.compile(_ALNUM)
_QUAD = re.compile(r"0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})")

_LOCAL_MULTICAST = (IPv4Network("224.0.0.0/24"), IPv6Network("ff02::/16"))

_NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def why_no_label(value: str) -> str:
    """Why VALUE is no RFC 1123 label, as hostname and subdomain must be."""
    if "." in value:
        return "must not contain dots"
    return _why(value, _IS_LABEL, LONGEST_LABEL, "a lowercase RFC 1123 label")


def why_no_service_name(value: str) -> str:
    """Why VALUE is no RFC 1035 label, as a Service's name must be; from 1.36 on any label is one.

    The gate is RelaxedServiceNameValidation: beta and on in 1.36, final in 1.37.
    """
    form = "a DNS-1035 label that starts with a letter"
    why = _why(value, _IS_1035_LABEL, LONGEST_LABEL, form)
    return why if not why or why_no_label(value) else f"{why} (before Kubernetes 1.36)"


def why_no_subdomain(value: str) -> str:
    """Why VALUE is no RFC 1123 subdomain: 253 characters, no limit on each label."""
    return _why(value, _IS_SUBDOMAIN, LONGEST_SUBDOMAIN, "a lowercase RFC 1123 subdomain")


def why_no_search_domain(value: str) -> str:
    """Why VALUE is no search domain of dnsConfig: a final dot and underscores are taken."""
    if value == ".":
        return ""
    named = value.removesuffix(".")
    return _why(named, _IS_UNDERSCORED, LONGEST_SUBDOMAIN, "a lowercase RFC 1123 subdomain")


def why_no_label_value(value: str) -> str:
    """Why VALUE is no value of a label; it may be empty."""
    return _why(value, _IS_NAME, LONGEST_LABEL, "a valid label value") if value else ""


def why_no_label_key(value: str) -> str:
    """Why VALUE is no key of a label or annotation: `NAME` or `PREFIX/NAME`."""
    prefix, slash, name = value.rpartition("/")
    if slash and ("/" in prefix or not prefix):
        return "must be a qualified name: NAME or PREFIX/NAME"
    return (why_no_subdomain(prefix) if slash else "") or _why(
        name, _IS_NAME, LONGEST_LABEL, "a qualified name"
    )


def why_no_port_name(value: str) -> str:
    """Why VALUE is no name of a container's port (RFC 6335)."""
    if len(value) > 15:
        return "must be no more than 15 characters"
    if not re.fullmatch(r"[a-z0-9-]*", value):
        return "must contain only lower case letters, digits and hyphens"
    if not re.search(r"[a-z]", value):
        return "must contain at least one letter"
    if "--" in value or value.startswith("-") or value.endswith("-"):
        return "must not start or end with a hyphen, nor have two in a row"
    return ""


def why_no_config_key(value: str) -> str:
    """Why VALUE is no key of a ConfigMap or Secret."""
    if len(value) > LONGEST_SUBDOMAIN:
        return f"must be no more than {LONGEST_SUBDOMAIN} characters"
    if not re.fullmatch(r"[-._a-zA-Z0-9]+", value):
        return "must consist of letters, digits, '-', '_' or '.'"
    if value in {".", ".."} or value.startswith(".."):
        return f"must not be or start with '{value[:2]}'"
    return ""


def why_no_variable(value: str) -> str:
    """Why VALUE is no name of an environment variable."""
    if not re.fullmatch(r"[\x20-\x3c\x3e-\x7e]+", value):
        return "must consist of printable ASCII characters other than '='"
    return ""


def address(value: str) -> IPv4Address | IPv6Address | None:
    """The address, leading zeros read as decimal (IsValidIPForLegacyField); None for none."""
    if "%" in value or not value.isascii():
        return None
    quad = _QUAD.fullmatch(value)
    try:
        return ip_address(".".join(quad.groups()) if quad else value)
    except ValueError:
        return None


def canonical(value: str) -> str | None:
    """The address as the API server would write it, None for no address."""
    found = address(value)
    return None if found is None else str(unmapped(found))


def address_problems(value: str, path: FieldPath, fix: str = "") -> Iterator[FieldProblem]:
    """What the API server says of an address at PATH (IsValidIPForLegacyField); FIX where none."""
    normal = canonical(value)
    if normal is None:
        yield invalid(path, value, _NO_ADDRESS, fix)
    elif why := _why_ambiguous(value):
        yield warning(
            path,
            reason=Reason.INVALID_VALUE,
            message=f'"{value}" is not the canonical form{why}',
            fix=f'Write "{normal}".',
            written=normal,
        )


def _why_ambiguous(value: str) -> str:
    """What an address with leading zeros or an IPv4-mapped one meets; "" for any other.

    parseIP of IsValidIPForLegacyField refuses them where StrictIPCIDRValidation is on: from 1.36.
    """
    found = address(value)
    zeros = isinstance(found, IPv4Address) and str(found) != value
    if found is None or (unmapped(found) is found and not zeros):
        return ""
    return "; C libraries read it differently, and API servers from 1.36 on refuse it"


_QUANTITY = re.compile(r"([+-]?)([0-9]*\.?[0-9]*)(?:[eE]([-+]?[0-9]{1,18})|([A-Za-z]*))")
_SCALES = {
    **{suffix: 1000.0**power for power, suffix in enumerate(("n", "u", "m", "", "k"), -3)},
    **{suffix: 1000.0**power for power, suffix in enumerate("MGTPE", 2)},
    **{f"{suffix}i": 1024.0**power for power, suffix in enumerate("KMGTPE", 1)},
}


def quantity(value: object) -> float | None:
    """What a resource.Quantity is worth (`500m`, `1Gi`, 2), None for text that is none.

    ParseQuantity takes no digits for 0, and caps what is beyond 64 bits.
    """
    found = _QUANTITY.fullmatch(str(value))
    if found is None or value == "":
        return None
    sign, digits, exponent, suffix = found.groups("")
    if suffix not in _SCALES:
        return None
    number = float(f"{sign}0{digits}e{exponent or 0}")
    return max(-_LARGEST, min(number * _SCALES[suffix], _LARGEST))


_LARGEST = 2.0**63


def why_no_endpoint(found: IPv4Address | IPv6Address) -> str:
    """Why an address is none that endpoints may have (ValidateEndpointIP)."""
    wrong = (
        (found.is_unspecified, f"may not be unspecified ({found})"),
        (found.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (found.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            any(found in network for network in _LOCAL_MULTICAST),
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    )
    return next((words for applies, words in wrong if applies), "")


def _why(value: str, form: re.Pattern[str], longest: int, what: str) -> str:
    if len(value) > longest:
        return f"must be no more than {longest} characters"
    return "" if form.fullmatch(value) else f"must be {what}{_because(value, form)}"


_NEVER_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


def _because(value: str, form: re.Pattern[str]) -> str:
    """What in VALUE most likely breaks FORM."""
    odd = _NEVER_IN_NAMES.search(value)
    wrong = (
        (not value, "it is empty"),
        (" " in value, "no blanks"),
        (bool(odd), f'no "{odd[0]}"' if odd else ""),
        ("_" in value and not form.fullmatch("a_a"), "no underscores"),
        (value != value.lower() and not form.fullmatch("A"), "no upper case"),
    )
    return next((f" ({words})" for applies, words in wrong if applies), "")


FIELDS = ("ip", "hostnames")


class _NameRule(Struct, frozen=True, kw_only=True):
    """One way for a host name to be refused, and what to write instead."""

    refuses: re.Pattern[str]
    because: str
    fix: str
    rewrite: Callable[[str], str] | None = None


# The first row that matches names the mistake.
_NAME_RULES = (
    _NameRule(refuses=re.compile(r""), because="it is empty", fix="Take the empty name out."),
    _NameRule(
        refuses=re.compile(r"[a-zA-Z]+://.*"),
        because="it is a URL",
        fix="Write the host alone, without scheme, port and path.",
    ),
    _NameRule(
        refuses=re.compile(r"[^:\s]+:\d+"),
        because="a hosts file has no ports",
        fix="Write the name alone.",
    ),
    _NameRule(
        refuses=re.compile(r".*\S[\s,;]+\S.*", re.DOTALL),
        because="it is several names",
        fix="List each name as an item of its own.",
    ),
    _NameRule(
        refuses=re.compile(r".*\*.*"),
        because="a hosts file has no wildcards",  # kubernetes/kubernetes#60795
        fix="List each name, or serve the wildcard by DNS.",
    ),
    _NameRule(
        refuses=re.compile(r".*\.\.?"),
        because="it ends in a dot",  # kubernetes/kubernetes#135273
        fix="Write the name without the final dot.",
        rewrite=lambda name: name.rstrip("."),
    ),
    _NameRule(
        refuses=re.compile(r"[^_]*[A-Z][^_]*"),
        because="upper case is refused",
        fix="Write it in lower case: look-ups ignore case.",
        rewrite=str.lower,
    ),
    _NameRule(
        refuses=re.compile(r".*_.*"),
        because="an underscore is refused",
        fix="Rename it with a hyphen, or serve the name by DNS.",
    ),
    _NameRule(
        refuses=re.compile(rf".{{{LONGEST_SUBDOMAIN + 1},}}", re.DOTALL),
        because=f"it is longer than {LONGEST_SUBDOMAIN} characters",
        fix="Shorten the name.",
    ),
    _NameRule(
        refuses=re.compile(r".*", re.DOTALL),
        because="it is not a lowercase RFC 1123 subdomain",
        fix="Use a-z, 0-9, '-' and '.'; start and end with a letter or digit.",
    ),
)


# The first row that matches says what to write instead of what is no address.
_ADDRESS_RULES = (
    (re.compile(r""), "Set ip."),
    (re.compile(r"\[.*\](:\d+)?"), "Write the address without brackets and port."),
    (re.compile(r"[\d.]+:\d+"), "Write the address alone: a hosts file has no ports."),
    (re.compile(r".*/\d+"), "Write one address: a hosts file has no ranges."),
    (re.compile(r".*%.*"), "Write the address without its zone."),
    (re.compile(r".*[\s,;].*", re.DOTALL), "Write one address an item."),
    (re.compile(r".*", re.DOTALL), "Write the address; hostAliases do not resolve names."),
)
_EXCHANGED = "Exchange ip and hostnames: the address is among the names."


def host_alias_problems(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """What is wrong with the hostAliases of SPEC, a pod spec that stands at PATH."""
    seen: set[str] = set()
    for index, item in enumerate(items_of(spec, "hostAliases")):
        where = (*path, "hostAliases", index)
        ip = item.get("ip") or ""
        if isinstance(ip, str):
            yield from _ip_problems(ip, (*where, "ip"), texts_of(item, "hostnames"))
            if ip and ip in seen:
                yield _repeated(ip, (*where, "ip"))
            seen.add(ip)
        yield from _name_problems(item, (*where, "hostnames"))


def _ip_problems(ip: str, path: FieldPath, names: tuple[str, ...]) -> Iterator[FieldProblem]:
    normal = canonical(ip)
    if normal is None:
        fix = next(words for form, words in _ADDRESS_RULES if form.fullmatch(ip))
        if ip and any(canonical(each) for each in names):
            fix = _EXCHANGED
        yield invalid(path, ip, message=_NO_ADDRESS, fix=fix, reason=Reason.HOST_ALIAS_IP_INVALID)
    elif normal != ip:
        yield warning(
            path,
            reason=Reason.HOST_ALIAS_IP_NOT_CANONICAL,
            message=f'"{ip}" is not the canonical form{_why_ambiguous(ip)}',
            fix=f'Write "{normal}".',
            written=normal,
        )


def _repeated(ip: str, path: FieldPath) -> FieldProblem:
    # patchMergeKey=ip: client-side apply merges items by ip and loses names (k/k#91670).
    return warning(
        path,
        reason=Reason.HOST_ALIAS_IP_DUPLICATE,
        message=f'duplicate ip "{ip}": a later kubectl apply merges these items and can lose names',
        fix=f"Put all names of {ip} in one item.",
    )


def _name_problems(item: Mapping[str, object], path: FieldPath) -> Iterator[FieldProblem]:
    misspelt = any(nearest(key, ["hostnames"]) for key in item if key not in FIELDS)
    if not item.get("hostnames") and not misspelt:
        yield warning(
            path,
            reason=Reason.HOST_ALIAS_WITHOUT_NAMES,
            message="no names: the file gets a line with the address alone",
            fix="List the names, or take the item out.",
        )
    for index, name in enumerate(texts_of(item, "hostnames")):
        if why_no_subdomain(name):
            rule = next(each for each in _NAME_RULES if each.refuses.fullmatch(name))
            where = (*path, index)
            yield invalid(
                where,
                name,
                message=f"not a valid host name: {rule.because}",
                fix=rule.fix,
                written=rule.rewrite(name) if rule.rewrite else None,
                reason=Reason.HOST_ALIAS_NAME_INVALID,
            )


_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_RESTARTS = ("Always", "OnFailure", "Never")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_MOST_NAMESERVERS, _MOST_SEARCHES, _LONGEST_SEARCHES = 3, 32, 2048
_LAST_PORT = 65535
# Volume sources that must name what they refer to, though the schema does not ask for it.
_NAMES_ITS_SOURCE = (("configMap", "name"), ("secret", "secretName"))
# pkg/apis/core/pods/helpers.go ConvertDownwardAPIFieldLabel
_FIELD_PATHS = frozenset(
    (
        "metadata.annotations",
        "metadata.labels",
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.serviceAccountName",
        "spec.schedulerName",
        "status.phase",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
        "spec.hostNetwork",
    )
)


def pod_spec_problems(
    spec: Json,
    path: FieldPath,
    *,
    restarts: tuple[str, ...] = _RESTARTS,
    claims: frozenset[str] = frozenset(),
) -> Iterator[FieldProblem]:
    """What the API server would refuse in SPEC, which stands at PATH and has the right types.

    RESTARTS are the restart policies that the kind takes, CLAIMS the volumes that a StatefulSet's
    volumeClaimTemplates add.
    """
    if not items_of(spec, "containers"):
        yield required((*path, "containers"))
    if items_of(spec, "ephemeralContainers"):
        because = "ephemeral containers cannot be set on create"
        yield forbidden((*path, "ephemeralContainers"), because)
    volumes = claims | {str(each.get("name")) for each in items_of(spec, "volumes")}
    yield from _containers(spec, path, volumes)
    yield from _scheduling(spec, path)
    yield from _given_twice(spec, path)
    yield from _volumes(spec, path)
    yield from _restart_policy(spec, path, restarts)
    yield from _names(spec, path)
    yield from _dns(spec, path)
    yield from host_alias_problems(spec, path)
    system = at(spec, ("os", "name"))
    if has_text(system) and system not in ("linux", "windows"):
        yield unsupported((*path, "os"), system, ("linux", "windows"))


def _given_twice(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """Kernel settings of one name, and spreads that are told apart by nothing."""
    names = [each.get("name") for each in items_of(spec.get("securityContext"), "sysctls")]
    for index, name in enumerate(names):
        if has_text(name) and name in names[:index]:
            yield duplicate((*path, "securityContext", "sysctls", index, "name"), name)
    spreads = [
        tuple(str(each.get(key) or "") for key in ("topologyKey", "whenUnsatisfiable"))
        for each in items_of(spec, "topologySpreadConstraints")
    ]
    for index, spread in enumerate(spreads):
        if all(spread) and spread in spreads[:index]:
            where = (*path, "topologySpreadConstraints", index)
            yield duplicate(where, ", ".join(spread))


def _restart_policy(
    spec: Json, path: FieldPath, restarts: tuple[str, ...]
) -> Iterator[FieldProblem]:
    policy = spec.get("restartPolicy")
    where = (*path, "restartPolicy")
    if has_text(policy) and policy not in _RESTARTS:
        yield unsupported(where, policy, restarts)
    elif "Always" not in restarts and (not policy or policy not in restarts):
        yield required(where, "OnFailure or Never", f"Write restartPolicy: {restarts[0]}.")
    elif policy and policy not in restarts:
        yield unsupported(where, policy, restarts)


def _names(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """spec.hostname, subdomain and hostnameOverride."""
    for name in ("hostname", "subdomain"):
        yield from malformed(spec, name, path, why_no_label, _label_fix(str(spec.get(name))))
    if has_text(spec.get("hostnameOverride")):
        yield warning(
            (*path, "hostnameOverride"),
            reason=Reason.DROPPED_FIELD,
            message="API servers before 1.35 drop it (gate HostnameOverride)",
            fix="Use spec.hostname and spec.subdomain where older clusters must take it.",
        )


def _label_fix(value: str) -> str:
    if "." in value:
        return "Put the first label in hostname and a Service's name in subdomain."
    return "Use lower case letters, digits and hyphens, at most 63."


def _dns(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """DnsPolicy and dnsConfig: validateDNSPolicy, validatePodDNSConfig."""
    policy, config = spec.get("dnsPolicy"), spec.get("dnsConfig")
    where = (*path, "dnsConfig")
    if policy == "None":
        if config is None:
            yield required(where, "dnsPolicy None needs dnsConfig", "Give dnsConfig nameservers.")
        elif not texts_of(config, "nameservers"):
            yield required((*where, "nameservers"), "dnsPolicy None needs at least one")
    if config is not None:
        yield from _dns_config(config, where)


def _dns_config(config: object, path: FieldPath) -> Iterator[FieldProblem]:
    servers, searches = texts_of(config, "nameservers"), texts_of(config, "searches")
    characters = len(" ".join(searches))
    limits = (
        ("nameservers", len(servers), _MOST_NAMESERVERS, "nameservers"),
        ("searches", len(searches), _MOST_SEARCHES, "search paths"),
        ("searches", characters, _LONGEST_SEARCHES, "characters in all search paths"),
    )
    for name, number, most, what in limits:
        if number > most:
            because = f"must not have more than {most} {what}"
            yield invalid((*path, name), number, because, "Resolvers read no more.")
    yield from _resolvable(servers, searches, path)
    for index, option in enumerate(items_of(config, "options")):
        if not option.get("name"):
            yield required((*path, "options", index), "an option needs a name")


def _resolvable(
    servers: tuple[str, ...], searches: tuple[str, ...], path: FieldPath
) -> Iterator[FieldProblem]:
    for index, each in enumerate(servers):
        fix = "Write the nameserver's address; resolv.conf takes no names."
        yield from address_problems(each, (*path, "nameservers", index), fix)
    for index, each in enumerate(searches):
        if why := why_no_search_domain(each):
            yield invalid((*path, "searches", index), each, why)


def _scheduling(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    yield from labels_in(spec, "nodeSelector", path)
    yield from malformed(spec, "nodeName", path, why_no_subdomain)


def labels_in(holder: Json, field: str, above: FieldPath) -> Iterator[FieldProblem]:
    """What is wrong with the labels, keys and values, that FIELD of HOLDER at ABOVE has."""
    for key, value in map_of(holder, field).items():
        if why := why_no_label_key(key):
            yield invalid((*above, field), key, why)
        if isinstance(value, str) and (why := why_no_label_value(value)):
            yield invalid((*above, field), value, why)


def _containers(spec: Json, path: FieldPath, volumes: frozenset[str]) -> Iterator[FieldProblem]:
    on_node = spec.get("hostNetwork") is True
    seen: set[object] = set()
    for kind in _CONTAINERS:
        for index, each in enumerate(items_of(spec, kind)):
            where = (*path, kind, index)
            name = each.get("name")
            yield from malformed(each, "name", where, why_no_label)
            if has_text(name) and name in seen:
                yield duplicate((*where, "name"), name)
            seen.add(name)
            if not each.get("image"):
                yield required((*where, "image"))
            yield from _ports(each, (*where, "ports"), on_node=on_node)
            yield from _handlers(each, where)
            yield from _resources(each, (*where, "resources"))
            yield from _environment(each, (*where, "env"))
            yield from _mounts(each, (*where, "volumeMounts"), volumes)


def _handlers(container: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """A probe asks in exactly one way; envFrom takes a source."""
    for name in _PROBES:
        if container.get(name) is not None:
            yield from _probe(container.get(name), (*path, name))
    for index, each in enumerate(items_of(container, "envFrom")):
        if each.get("configMapRef") is None and each.get("secretRef") is None:
            because = "must specify one of configMapRef or secretRef"
            yield invalid((*path, "envFrom", index), "", because)


def _probe(probe: object, path: FieldPath) -> Iterator[FieldProblem]:
    given = [each for each in _HANDLERS if at(probe, (each,)) is not None]
    if not given:
        yield required(path, "must specify a handler type")
    for each in given[1:]:
        yield forbidden((*path, each), "may not specify more than 1 handler type")


def _resources(container: Json, path: FieldPath) -> Iterator[FieldProblem]:
    limits = map_of(container.get("resources"), "limits")
    requests = map_of(container.get("resources"), "requests")
    for name in requests.keys() & limits.keys():
        asked, most = quantity(requests[name] or 0), quantity(limits[name] or 0)
        if asked is not None and most is not None and asked > most:
            because = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid((*path, "requests"), requests[name], because)


def _ports(container: Json, path: FieldPath, *, on_node: bool) -> Iterator[FieldProblem]:
    seen: set[object] = set()
    on_hosts: set[object] = set()
    for index, each in enumerate(items_of(container, "ports")):
        where = (*path, index)
        number, on_host = each.get("containerPort"), each.get("hostPort")
        claimed = (on_host, each.get("hostIP") or "", each.get("protocol") or "TCP")
        if on_host and claimed in on_hosts:
            yield duplicate((*where, "hostPort"), on_host)
        on_hosts.add(claimed)
        if number == 0:
            yield required((*where, "containerPort"))
        elif number is not None and not is_port(number):
            yield invalid((*where, "containerPort"), number, OUT_OF_RANGE)
        if on_host and not is_port(on_host):
            yield invalid((*where, "hostPort"), on_host, OUT_OF_RANGE)
        elif on_node and on_host and on_host != number:
            because = "must match containerPort when hostNetwork is true"
            yield invalid((*where, "hostPort"), on_host, because, f"Write hostPort: {number}.")
        yield from _port_name(each.get("name"), (*where, "name"), seen)


OUT_OF_RANGE = f"must be between 1 and {_LAST_PORT}, inclusive"


def is_port(number: object) -> bool:
    """Whether NUMBER is a port's."""
    return isinstance(number, int) and 1 <= number <= _LAST_PORT


def _port_name(name: object, path: FieldPath, seen: set[object]) -> Iterator[FieldProblem]:
    if not has_text(name):
        return
    if why := why_no_port_name(str(name)):
        yield invalid(path, name, why)
    elif name in seen:
        yield duplicate(path, name)
    seen.add(name)


def _environment(container: Json, path: FieldPath) -> Iterator[FieldProblem]:
    for index, each in enumerate(items_of(container, "env")):
        where = (*path, index)
        yield from malformed(each, "name", where, why_no_variable)
        if each.get("value") and each.get("valueFrom") is not None:
            because = "may not be specified when value is not empty"
            yield invalid((*where, "valueFrom"), "", because, "Keep one of value and valueFrom.")
        from_field = at(each, ("valueFrom", "fieldRef", "fieldPath"))
        if has_text(from_field) and not _is_field_path(str(from_field)):
            at_field = (*where, "valueFrom", "fieldRef", "fieldPath")
            yield invalid(at_field, from_field, "field label not supported")


def _is_field_path(value: str) -> bool:
    """metadata.labels and annotations take a key: metadata.labels['app']."""
    return value.partition("[")[0] in _FIELD_PATHS


def _mounts(container: Json, path: FieldPath, volumes: frozenset[str]) -> Iterator[FieldProblem]:
    seen: set[object] = set()
    for index, each in enumerate(items_of(container, "volumeMounts")):
        name, mounted_at, where = each.get("name"), each.get("mountPath"), (*path, index)
        if has_text(name) and name not in volumes:
            yield FieldProblem(
                (*where, "name"),
                reason=Reason.INVALID_VALUE,
                message=f'{path_text((*where, "name"))}: Not found: "{name}"',
                fix=f"Add a volume {name}, or name one of spec.volumes.",
            )
        if has_text(mounted_at) and mounted_at in seen:
            yield invalid((*where, "mountPath"), mounted_at, "must be unique")
        seen.add(mounted_at)
        if has_text(each.get("subPath")) and has_text(each.get("subPathExpr")):
            because = "subPathExpr and subPath are mutually exclusive"
            yield invalid((*where, "subPathExpr"), each.get("subPathExpr"), because)
        for field in ("subPath", "subPathExpr"):
            yield from malformed(each, field, where, why_no_relative_path)


def why_no_relative_path(value: str) -> str:
    """Why VALUE is no path inside a volume."""
    if value.startswith("/"):
        return "must be a relative path"
    return "must not contain '..'" if ".." in value.split("/") else ""


def _volumes(spec: Json, path: FieldPath) -> Iterator[FieldProblem]:
    seen: set[object] = set()
    for index, each in enumerate(items_of(spec, "volumes")):
        name, where = each.get("name"), (*path, "volumes", index)
        yield from malformed(each, "name", where, why_no_label)
        if has_text(name) and name in seen:
            yield duplicate((*where, "name"), name)
        seen.add(name)
        sources = [key for key in each if key != "name" and each[key] is not None]
        for other in sorted(sources)[1:]:
            because = "may not specify more than 1 volume type"
            yield forbidden((*where, other), because)
        on_node = at(each, ("hostPath", "path"))
        if has_text(on_node) and ".." in str(on_node).split("/"):
            yield invalid((*where, "hostPath", "path"), on_node, "must not contain '..'")
        yield from _sources(each, where)
        yield from _projected(each.get("projected"), (*where, "projected"))


def _projected(volume: object, path: FieldPath) -> Iterator[FieldProblem]:
    """The sources of a projected volume; no two may give a file of the same path."""
    seen: set[str] = set()
    for index, source in enumerate(items_of(volume, "sources")):
        yield from _sources(source, (*path, "sources", index), projected=True)
        for inside in _paths_of(source):
            if inside in seen:
                yield invalid(path, inside, "conflicting duplicate paths")
            seen.add(inside)


def _paths_of(source: Json) -> Iterator[str]:
    """The files that one source is asked for by their paths; a token's is not compared."""
    for kind in ("secret", "configMap", "downwardAPI"):
        for item in items_of(source.get(kind), "items"):
            if has_text(item.get("path")):
                yield str(item["path"])


def _sources(volume: Json, path: FieldPath, *, projected: bool = False) -> Iterator[FieldProblem]:
    """A ConfigMap or Secret must be named, and its files stand inside the volume."""
    for source, its_name in _NAMES_ITS_SOURCE:
        if volume.get(source) is None:
            continue
        name = "name" if projected else its_name
        if not at(volume, (source, name)):
            yield required((*path, source, name))
        for index, item in enumerate(items_of(volume.get(source), "items")):
            where = (*path, source, "items", index)
            yield from malformed(item, "path", where, why_no_relative_path)
