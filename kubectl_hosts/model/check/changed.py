"""The lists of a cluster as they would be with manifests laid over them.

An object that is there is replaced by the manifest's, which is what `kubectl apply` of a whole
object comes to, and the control plane is followed from the change (control_plane.follow): pods of
changed workloads are made anew, and the slices of the Services that select them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.control_plane import follow, identity
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import mapping, text
from kubectl_hosts.model.resources import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubectl_hosts.model.fields import Json

    Lists = Mapping[str, tuple[Json, ...] | CouldNotLook]


def laid_over(
    lists: Lists, manifests: Iterable[Json]
) -> dict[str, tuple[Json, ...] | CouldNotLook]:
    """LISTS with MANIFESTS applied, and with what would follow from that.

    A kind that could not be listed stays so. Raises BadInput for a field of the wrong type.
    """
    before: dict[tuple[str, str, str], Json] = {
        identity(each): each
        for kind, found in lists.items()
        if not isinstance(found, CouldNotLook)
        for each in ({**obj, "kind": kind} for obj in found)
    }
    after: dict[tuple[str, str, str], Json] = dict(before)
    for each in manifests:
        key = identity(each)
        after[key] = _applied(before[key], each) if key in before else each
    made = follow(after.values(), before=before.values())
    changed: dict[str, list[Json]] = {kind: [] for kind in lists}
    for each in made.objects:
        changed.setdefault(text(each, "kind"), []).append(each)
    missed = {kind: each for kind, each in lists.items() if isinstance(each, CouldNotLook)}
    return {**{kind: tuple(each) for kind, each in changed.items()}, **missed}


def _applied(old: Json, new: Json) -> Json:
    """NEW with what the API server keeps of OLD: its uid, its owners, and the cluster IPs."""
    kept = {
        key: value
        for key, value in mapping(old, "metadata").items()
        if key in {"uid", "ownerReferences", "creationTimestamp"}
    }
    metadata = {**kept, **mapping(new, "metadata")}
    if text(new, "kind") in WORKLOADS:
        # An autoscaler's number, which `kubectl apply` leaves alone where the manifest has none.
        scaled = {key: each for key, each in mapping(old, "spec").items() if key == "replicas"}
        return {**new, "metadata": metadata, "spec": {**scaled, **mapping(new, "spec")}}
    addresses = {
        key: value
        for key, value in mapping(old, "spec").items()
        if text(new, "kind") == "Service" and key in {"clusterIP", "clusterIPs", "ipFamilies"}
    }
    spec = {"spec": {**addresses, **mapping(new, "spec")}} if addresses else {}
    return {**new, "metadata": metadata, **spec}
