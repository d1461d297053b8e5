"""EndpointSlices in a form that can be compared: what decides a name, in one order, without chance.

Names of slices, times and hints are left out: names are generated, and nothing resolves by them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = dict[str, Any]

_CONDITIONS = ("ready", "serving", "terminating")
_PREDICTED = re.compile(r"-x{10}-x{5}$|-x{5}$")


def comparable(slices: Iterable[Json]) -> list[Any]:
    """The slices of one Service, endpoint by endpoint, with their addresses."""
    return sorted((_slice(each, _endpoint) for each in slices), key=repr)


def comparable_by_pod(slices: Iterable[Json], names: Mapping[str, str]) -> list[Any]:
    """The same with the pod in place of its address, by NAMES where it is made up on one side."""

    def endpoint(each: Json) -> Any:
        target = each.get("targetRef", {}).get("name", "")
        return {
            **_endpoint(each),
            "addresses": len(each["addresses"]),
            "nodeName": "",
            "zone": "",
            "target": names.get(target, target),
        }

    return sorted((_slice(each, endpoint) for each in slices), key=repr)


def as_predicted(pod: Json) -> str:
    """The name of a real pod with `x` where its controller put chance, as predicted pods have it."""
    name = pod["metadata"]["name"]
    owner = next(iter(pod["metadata"].get("ownerReferences", [])), {})
    match owner.get("kind"):
        case "ReplicaSet" if "pod-template-hash" in pod["metadata"]["labels"]:
            return f"{owner['name'].rpartition('-')[0]}-{'x' * 10}-{'x' * 5}"
        case "ReplicaSet" | "DaemonSet" | "Job":
            return f"{name[:-5]}{'x' * 5}"
        case _:
            return name


def _slice(each: Json, endpoint: Any) -> Json:
    return {
        "addressType": each["addressType"],
        "labels": dict(sorted(each["metadata"].get("labels", {}).items())),
        "ports": sorted((dict(sorted(port.items())) for port in each.get("ports") or []), key=repr),
        "endpoints": sorted(map(endpoint, each.get("endpoints") or []), key=repr),
    }


def _endpoint(each: Json) -> Json:
    target = each.get("targetRef", {})
    return {
        "addresses": sorted(each["addresses"]),
        "conditions": {key: each.get("conditions", {}).get(key) for key in _CONDITIONS},
        "hostname": each.get("hostname", ""),
        "nodeName": each.get("nodeName", ""),
        "zone": each.get("zone", ""),
        "target": (
            target.get("kind", ""),
            target.get("namespace", ""),
            target.get("name", ""),
            target.get("uid", ""),
        ),
    }
