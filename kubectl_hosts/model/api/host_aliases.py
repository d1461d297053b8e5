"""What the API server refuses, and what it warns about, in spec.hostAliases.

hosts-file.md section 4, measured on 1.34: ValidateHostAliases (pkg/apis/core/validation) and the
warnings of pkg/api/pod/warnings.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.api.formats import (
    LONGEST_SUBDOMAIN,
    NO_ADDRESS,
    canonical,
    why_no_subdomain,
)
from kubectl_hosts.model.api.lookup import items_of, texts_of
from kubectl_hosts.model.api.near import nearest
from kubectl_hosts.model.api.problems import Path, Problem, invalid, warning
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubectl_hosts.model.fields import Json

FIELDS = ("ip", "hostnames")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NameRule:
    """One way for a host name to be refused, and what to write instead."""

    refuses: re.Pattern[str]
    because: str
    fix: str


# The first row that matches names the mistake.
_NAME_RULES = (
    _NameRule(refuses=re.compile(r""), because="it is empty", fix="Take the empty name out."),
    _NameRule(
        refuses=re.compile(r"[a-zA-Z]+://.*"),
        because="it is a URL",
        fix="Write the host alone, without scheme, port and path.",
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
        refuses=re.compile(rf".{{{LONGEST_SUBDOMAIN + 1},}}", re.DOTALL),
        because=f"it is longer than {LONGEST_SUBDOMAIN} characters",
        fix="Shorten the name.",
    ),
    _NameRule(
        refuses=re.compile(r".*", re.DOTALL),
        because="it is no lowercase RFC 1123 subdomain",
        fix="Use a-z, 0-9, '-' and '.'; start and end with a letter or digit.",
    ),
)


def host_alias_problems(spec: Json, path: Path) -> Iterator[Problem]:
    """What is wrong with the hostAliases of SPEC, a pod spec that stands at PATH."""
    seen: set[str] = set()
    for index, item in enumerate(items_of(spec, "hostAliases")):
        where = (*path, "hostAliases", index)
        ip = item.get("ip") or ""
        if isinstance(ip, str):
            yield from _ip_problems(ip, (*where, "ip"))
            if ip and ip in seen:
                yield _repeated(ip, (*where, "ip"))
            seen.add(ip)
        yield from _name_problems(item, (*where, "hostnames"))


def _ip_problems(ip: str, path: Path) -> Iterator[Problem]:
    normal = canonical(ip)
    if normal is None:
        fix = "Write the address; hostAliases do not resolve names." if ip else "Set ip."
        yield invalid(path, ip, message=NO_ADDRESS, fix=fix, reason=Reason.HOST_ALIAS_IP_INVALID)
    elif normal != ip:
        yield warning(
            path,
            reason=Reason.HOST_ALIAS_IP_NOT_CANONICAL,
            message=f'"{ip}" is not the canonical form; C libraries read it differently',
            fix=f'Write "{normal}".',
        )


def _repeated(ip: str, path: Path) -> Problem:
    # patchMergeKey=ip: client-side apply merges items by ip and loses names (k/k#91670).
    return warning(
        path,
        reason=Reason.HOST_ALIAS_IP_DUPLICATE,
        message=f'duplicate ip "{ip}": a later kubectl apply merges these items and can lose names',
        fix=f"Put all names of {ip} in one item.",
    )


def _name_problems(item: Mapping[str, object], path: Path) -> Iterator[Problem]:
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
                reason=Reason.HOST_ALIAS_NAME_INVALID,
            )
