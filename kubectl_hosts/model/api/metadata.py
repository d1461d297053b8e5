"""What the API server asks of metadata: names by kind, labels, annotations.

ValidateObjectMeta of k8s.io/apimachinery pkg/api/validation; which form a kind's name must have is
set by each kind's own validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.api.formats import (
    LONGEST_LABEL,
    why_no_1035_label,
    why_no_label,
    why_no_label_key,
    why_no_label_value,
    why_no_subdomain,
)
from kubectl_hosts.model.api.lookup import has_text, map_of
from kubectl_hosts.model.api.problems import Path, Problem, invalid, required, warning
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

_LONGEST_CRON_JOB = 52  # pkg/apis/batch/validation: eleven characters are left for the Job's name
_HOST_NAMED = frozenset({"Pod", "Job"})


def _why_no_cron_job(name: str) -> str:
    too_long = f"must be no more than {_LONGEST_CRON_JOB} characters"
    return too_long if len(name) > _LONGEST_CRON_JOB else why_no_subdomain(name)


def _why_no_job(name: str) -> str:
    """A Job's name becomes a label's value of its pods."""
    too_long = f"must be no more than {LONGEST_LABEL} characters"
    return too_long if len(name) > LONGEST_LABEL else why_no_subdomain(name)


def _why_no_segment(name: str) -> str:
    """pkg/api/validation/path: a name that is one segment of a path, and nothing else."""
    if name in {".", ".."}:
        return f"may not be '{name}'"
    return next((f"may not contain '{each}'" for each in "/%" if each in name), "")


_FORMS: Mapping[str, Callable[[str], str]] = {
    "Service": why_no_1035_label,
    "Namespace": why_no_label,
    "StatefulSet": why_no_label,  # since 1.34 of new ones; their pods' host names always were
    "CronJob": _why_no_cron_job,
    "Job": _why_no_job,
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), _why_no_segment),
}


def metadata_problems(kind: str, obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in the metadata of OBJ, of a KIND of the API."""
    metadata = map_of(obj, "metadata")
    name, base = metadata.get("name"), metadata.get("generateName")
    if has_text(name):
        yield from _name(kind, str(name))
    elif has_text(base):
        if why := _FORMS.get(kind, why_no_subdomain)(f"{base}x"):
            yield invalid(("metadata", "generateName"), base, why)
    else:
        yield required(("metadata", "name"), "name or generateName is required")
    yield from label_problems(metadata, ("metadata",))


def _name(kind: str, name: str) -> Iterator[Problem]:
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


def label_problems(metadata: Json, path: Path) -> Iterator[Problem]:
    """What is wrong with the labels and annotations of METADATA, which stands at PATH."""
    for key, value in map_of(metadata, "labels").items():
        if why := why_no_label_key(key):
            yield invalid((*path, "labels"), key, why)
        if isinstance(value, str) and (why := why_no_label_value(value)):
            yield invalid((*path, "labels"), value, why)
    for key in map_of(metadata, "annotations"):
        if why := why_no_label_key(key.lower()):
            yield invalid((*path, "annotations"), key, why)
