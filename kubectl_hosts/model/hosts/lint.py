"""What the API server would refuse, prune or warn about in the hostAliases of a manifest.

hosts-file.md section 4, measured on 1.34: ValidateHostAliases (pkg/apis/core/validation), the
warnings of pkg/api/pod/warnings.go, and strict decoding of unknown fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from kubectl_hosts.model.fields import Json, field, text
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

# Where the pod's spec stands in each kind; every other workload has spec.template.spec.
_POD_SPEC = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "PodTemplate": ("template", "spec"),
}
_TEMPLATE_SPEC = ("spec", "template", "spec")
_KINDS = frozenset(
    {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"}
    | set(_POD_SPEC)
)
# Field names are compared with case: all but the first spelling are unknown to the API server.
_MEANT_HOST_ALIASES = frozenset({"hostaliases", "hostalias", "hostsaliases", "hostsalias"})
_ITEM_FIELDS = frozenset({"ip", "hostnames"})

# apimachinery pkg/util/validation IsDNS1123Subdomain: 253 characters, no limit on a label.
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class _NameRule:
    """One way for a host name to be refused, and what to write instead."""

    refuses: re.Pattern[str]
    because: str
    fix: str


# The first row that matches names the mistake; the table of hosts-file.md section 4.
_NAME_RULES = (
    _NameRule(refuses=re.compile(r""), because="it is empty", fix="Take the empty name out."),
    _NameRule(
        refuses=re.compile(r".*\*.*"),
        because="a hosts file has no wildcards (kubernetes/kubernetes#60795)",
        fix="List each name, or serve the wildcard by DNS.",
    ),
    _NameRule(
        refuses=re.compile(r".*\.\.?"),
        because="it ends in a dot (kubernetes/kubernetes#135273)",
        fix="Write the name without the final dot.",
    ),
    _NameRule(
        refuses=re.compile(r".*[A-Z].*"),
        because="upper case is refused",
        fix="Write it in lower case: look-ups ignore case.",
    ),
    _NameRule(
        refuses=re.compile(r".*_.*"),
        because="an underscore is refused",
        fix="Rename it with a hyphen, or serve the name by DNS.",
    ),
    _NameRule(
        refuses=re.compile(rf".{{{_LONGEST + 1},}}", re.DOTALL),
        because=f"it is longer than {_LONGEST} characters",
        fix="Shorten the name.",
    ),
    _NameRule(
        refuses=re.compile(rf"(?!{_SUBDOMAIN.pattern}\Z).*", re.DOTALL),
        because="it is no lower case RFC 1123 subdomain",
        fix="Use a-z, 0-9, '-' and '.'; start and end with a letter or digit.",
    ),
)


def lint_manifest(obj: Json) -> tuple[Finding, ...]:
    """What is wrong with the hostAliases of OBJ, a Pod or workload as JSON; () for other kinds.

    An error is what the API server refuses (or prunes, without strict validation); a warning is
    what it takes and warns about. Wrong types are not its matter: `fields` reports them.
    """
    kind = text(obj, "kind")
    if kind not in _KINDS:
        return ()
    place = _Place(_object_name(obj), _POD_SPEC.get(kind, _TEMPLATE_SPEC))
    aliases = field(obj, *place.pod_spec, "hostAliases")
    found = _lint_items(place, aliases) if isinstance(aliases, Sequence) else iter(())
    return (*_misplaced(place, obj, ()), *found)


@dataclass(frozen=True, slots=True)
class _Place:
    """The object's name and where its pod spec stands."""

    object: str
    pod_spec: tuple[str, ...]

    @property
    def host_aliases(self) -> str:
        return ".".join((*self.pod_spec, "hostAliases"))

    def finding(
        self,
        reason: Reason,
        message: str,
        *,
        at: str,
        fix: str,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding about the field AT."""
        evidence = (Origin(kind=OriginKind.HOST_ALIAS, object=self.object, field=at),)
        return Finding(
            reason=reason, severity=severity, message=message, fix=fix, evidence=evidence
        )


def _object_name(obj: Json) -> str:
    namespace, name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
    return f"{namespace}/{name}" if namespace else name


def _misplaced(place: _Place, value: object, path: tuple[str, ...]) -> Iterator[Finding]:
    """Every key that was meant to be hostAliases and that the API server does not know there."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            right = key == "hostAliases" and path == place.pod_spec
            if str(key).lower() in _MEANT_HOST_ALIASES and not right:
                yield _misplacement(place, ".".join((*path, str(key))))
            elif path or key in {"spec", "template", "hostAliases"}:
                yield from _misplaced(place, each, (*path, str(key)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _misplaced(place, each, (*path[:-1], f"{path[-1]}[{index}]"))


def _misplacement(place: _Place, written: str) -> Finding:
    return place.finding(
        Reason.HOST_ALIASES_MISPLACED,
        f'unknown field "{written}": the API server refuses it, or drops it where '
        "validation is not strict; no pod gets these names",
        at=written,
        fix=f"Move it to {place.host_aliases}.",
    )


def _lint_items(place: _Place, aliases: Sequence[object]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(aliases):
        if not isinstance(item, Mapping):
            continue
        at = f"{place.host_aliases}[{index}]"
        yield from _lint_fields(place, item, at)
        ip = item.get("ip", "")
        if isinstance(ip, str):
            yield from _lint_ip(place, ip, f"{at}.ip")
            if ip and ip in seen:
                yield _duplicate(place, ip, f"{at}.ip")
            seen.add(ip)
        yield from _lint_names(place, item.get("hostnames"), f"{at}.hostnames")


def _lint_fields(place: _Place, item: Json, at: str) -> Iterator[Finding]:
    for key in item:
        if key not in _ITEM_FIELDS:
            yield place.finding(
                Reason.HOST_ALIAS_FIELD_UNKNOWN,
                f'unknown field "{at}.{key}": refused, or dropped where validation is not strict',
                at=f"{at}.{key}",
                fix="An item has the fields ip and hostnames, a list.",
            )


def _duplicate(place: _Place, ip: str, at: str) -> Finding:
    # patchMergeKey=ip: client-side apply merges items by ip and loses names (k/k#91670).
    return place.finding(
        Reason.HOST_ALIAS_IP_DUPLICATE,
        f'{at}: duplicate ip "{ip}": a later kubectl apply merges items by ip and can lose names; '
        "server-side apply refuses them",
        at=at,
        fix=f"Put all names of {ip} in one item.",
        severity=Severity.WARNING,
    )


def _lint_ip(place: _Place, ip: str, at: str) -> Iterator[Finding]:
    canonical = _canonical(ip)
    if canonical is None:
        yield place.finding(
            Reason.HOST_ALIAS_IP_INVALID,
            f'{at}: Invalid value: "{ip}": must be a valid IP address, '
            "(e.g. 10.9.8.7 or 2001:db8::ffff)",
            at=at,
            fix="Write an address; a name as the target needs an ExternalName Service.",
        )
    elif canonical != ip:
        yield place.finding(
            Reason.HOST_ALIAS_IP_NOT_CANONICAL,
            f'{at}: "{ip}" is not the canonical form; the file keeps it as written, and '
            "C libraries read it differently",
            at=at,
            fix=f'Write "{canonical}".',
            severity=Severity.WARNING,
        )


def _canonical(ip: str) -> str | None:
    """The address as IsValidIPForLegacyField reads it (leading zeros are decimal), or None."""
    if "%" in ip or not ip.isascii():
        return None
    quad = re.fullmatch(r"0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})", ip)
    try:
        address = ip_address(".".join(quad.groups()) if quad else ip)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _lint_names(place: _Place, names: object, at: str) -> Iterator[Finding]:
    if not names:
        yield place.finding(
            Reason.HOST_ALIAS_WITHOUT_NAMES,
            f"{at}: no names: the file gets a line with the address alone",
            at=at,
            fix="List the names, or take the item out.",
            severity=Severity.WARNING,
        )
    for index, name in enumerate(names if isinstance(names, list) else ()):
        rule = _broken_rule(name) if isinstance(name, str) else None
        if rule is not None:
            yield place.finding(
                Reason.HOST_ALIAS_NAME_INVALID,
                f'{at}[{index}]: Invalid value: "{name}": {rule.because}',
                at=f"{at}[{index}]",
                fix=rule.fix,
            )


def _broken_rule(name: str) -> _NameRule | None:
    return next((rule for rule in _NAME_RULES if rule.refuses.fullmatch(name)), None)
