"""The objects that a check lists once, and the reads of its diagnoses answered from them.

A diagnosis asks for one Service, its slices, the pods with some labels. A check of a whole cluster
would make thousands of requests of that; it lists each kind once, and this finds in those lists
what the API server would select, by indexes, so that twice as many objects take twice as long.

`check --with` lists them as they would be in a changed world (what_if).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.api.kinds import declared_kind
from kubectl_hosts.model.control_plane import identity
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import string_map, text, texts
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.reads import Found, Objects, in_words
from kubectl_hosts.model.selectors import field_selector, label_selector

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.objects import ApiObject
    from kubectl_hosts.model.reads import Diagnosis, Given, Read
    from kubectl_hosts.model.what_if import World

    Lists = Mapping[str, tuple[Json, ...] | CouldNotLook]

T = TypeVar("T")
NamespacedName = tuple[str, str]

_INDEXED_FIELDS = ("metadata.name", "spec.clusterIP", "status.podIP")
_CLUSTER_SCOPED = frozenset({"Node", "Namespace", "ServiceCIDR", "IPAddress"})


# A list of these is for what workloads are started with; a diagnosis reads the few that it needs,
# so that a capture of it has those and no others.
_ONE_BY_ONE = frozenset({"ConfigMap"})


# Groups whose objects configure what others run: no Service is made for one of them.
_CONFIGURE = frozenset(
    {"acme.cert-manager.io", "autoscaling.k8s.io", "bitnami.com", "cert-manager.io", "cilium.io"}
    | {"configuration.konghq.com", "crd.projectcalico.org", "external-secrets.io", "keda.sh"}
    | {"gateway.networking.k8s.io", "kyverno.io", "networking.istio.io", "security.istio.io"}
    | {"monitoring.coreos.com", "policy.linkerd.io", "projectcontour.io", "route.openshift.io"}
    | {"secrets-store.csi.x-k8s.io", "snapshot.storage.k8s.io", "telemetry.istio.io"}
    | {"traefik.containo.us", "traefik.io", "k8s.nginx.org", "getambassador.io"}
    | {"apisix.apache.org", "consul.hashicorp.com", "elbv2.k8s.aws", "constraints.gatekeeper.sh"}
    | {"access.smi-spec.io", "specs.smi-spec.io", "split.smi-spec.io"}
)
# The governing Services of the Prometheus operator (pkg/prometheus/server, pkg/alertmanager).
_GOVERNING = {
    "Prometheus": "prometheus-operated",
    "Alertmanager": "alertmanager-operated",
    "ThanosRuler": "thanos-ruler-operated",
}
# What brings objects that stand in none of the files, into namespaces of its own choice: Flux, Argo
# CD, K3s's helm-controller.
_INSTALLERS = frozenset(
    {
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("helm.cattle.io", "HelmChart"),
    }
)


class Inventory:
    """Lists of objects by kind; a kind that is not there is read as ever.

    NAMESPACES are those where they were listed, none for everywhere; PLACEHOLDERS are the addresses
    in them that nobody has given yet, with what they stand for. A kind that is PARTIAL has more
    objects than anybody read. MANIFESTS may have custom resources, whose operators nobody models.
    """

    def __init__(
        self,
        lists: Mapping[str, tuple[Json, ...] | CouldNotLook],
        namespaces: Collection[str] = (),
        placeholders: Mapping[str, str] | None = None,
        partial: frozenset[str] = frozenset(),
        manifests: Iterable[Json] = (),
    ) -> None:
        self._custom: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._installer = ""
        self._written: set[tuple[str, str, str]] = set()
        for each in manifests:
            kind = declared_kind(each)
            name, namespace = text(each, "metadata", "name"), text(each, "metadata", "namespace")
            self._written.add((kind.name, namespace, name))
            if (kind.group, kind.name) in _INSTALLERS:
                self._installer = self._installer or f"{kind.name}/{name}"
            governing = _GOVERNING.get(kind.name, "")
            if kind.is_built_in or (kind.group in _CONFIGURE and not governing):
                continue
            made = ((f"{kind.name}/{name}", one) for one in (name, governing) if one)
            self._custom[namespace] += made
        self._read_on = _ONE_BY_ONE | partial
        self.placeholders: Mapping[str, str] = placeholders or {}
        self._listed_in = frozenset(namespaces)
        self._namespaces: frozenset[str] | None = None
        self._failures = {
            kind: each for kind, each in lists.items() if isinstance(each, CouldNotLook)
        }
        self._kinds = {
            kind: _KindIndex(kind, each)
            for kind, each in lists.items()
            if not isinstance(each, CouldNotLook)
        }

    def raw(self, kind: str) -> tuple[Json, ...]:
        """The objects of KIND; none where it could not be listed."""
        found = self._kinds.get(kind)
        return found.objects if found else ()

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there is such an object in the lists."""
        return self.get(kind, namespace, name) is not None

    def get(self, kind: str, namespace: str, name: str) -> Json | None:
        """The object of that name, None where the lists have none."""
        found = self._kinds.get(kind)
        return found.named(namespace, name) if found else None

    def is_name(self, kind: str, name: str) -> bool:
        """Whether an object of KIND has that name, in any namespace."""
        found = self._kinds.get(kind)
        return found is not None and found.is_name(name)

    def selected(self, kind: str, namespace: str, labels: Mapping[str, str]) -> tuple[Json, ...]:
        """The objects of a namespace with all of LABELS, which are one or more."""
        found = self._kinds.get(kind)
        return tuple(found.with_labels(namespace, labels)) if found else ()

    def in_namespace(self, kind: str, namespace: str) -> tuple[Json, ...]:
        """The objects of KIND in a namespace."""
        found = self._kinds.get(kind)
        return tuple(found.in_namespace(namespace)) if found else ()

    def answers_all(self, kind: str) -> bool:
        """Whether KIND could be listed, so that what is not in its list is not there."""
        return kind in self._kinds and kind not in self._read_on

    def is_written(self, kind: str, namespace: str, name: str) -> bool:
        """Whether a manifest has such an object, which its reader can change."""
        return (kind, namespace, name) in self._written

    def maker(self, namespace: str, service: str) -> str:
        """The custom resource whose operator may make such a Service; "" for none.

        By its name; or by its kind, where no object stands in that namespace.
        """
        for ref, name in self._custom.get(namespace, ()):
            if f"{service}-".startswith(f"{name}-") or f"-{service}".endswith(f"-{name}"):
                return ref
        return "" if namespace in self.namespaces else self._installer

    @property
    def is_of_everywhere(self) -> bool:
        """Whether the lists are of all namespaces."""
        return not self._listed_in

    @property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that are there: declared, or of an object that was listed or written."""
        if self._namespaces is None:
            declared = (text(each, "metadata", "name") for each in self.raw("Namespace"))
            used = (found.namespaces for found in self._kinds.values())
            written = {namespace for _, namespace, _ in self._written}
            self._namespaces = frozenset(declared).union(written, *used) - {""}
        return self._namespaces

    @property
    def failures(self) -> tuple[CouldNotLook, ...]:
        """Why a kind could not be listed, each."""
        return tuple(self._failures.values())

    def failure(self, kind: str) -> CouldNotLook | None:
        """Why KIND could not be listed, None where it could."""
        return self._failures.get(kind)

    def answer(self, read: Objects) -> Found | CouldNotLook | None:
        """What READ finds in the lists; None where they do not hold all that it may find."""
        is_listed = not self._listed_in or read.namespace in self._listed_in
        if read.kind not in _CLUSTER_SCOPED and not is_listed:
            return None
        if read.kind in self._failures:
            return self._failures[read.kind]
        if read.kind in self._read_on:
            return None
        found = self._kinds.get(read.kind)
        try:
            return None if found is None else found.select(read)
        except BadInput as error:  # a selector that is none, out of another object
            return CouldNotLook(what=in_words(read), why=error.message, hint=error.hint)


def from_inventory(diagnosis: Diagnosis[T], inventory: Inventory) -> Diagnosis[T]:
    """DIAGNOSIS with its reads of objects answered from INVENTORY, where that has them."""
    try:
        batch = next(diagnosis)
        while True:
            answers: dict[Read, Given] = {}
            below: list[Read] = []
            for each in batch:
                known = inventory.answer(each) if isinstance(each, Objects) else None
                if known is None:
                    below.append(each)
                else:
                    answers[each] = known
            if below:
                answers |= yield tuple(below)
            batch = diagnosis.send(answers)
    except StopIteration as ended:
        result: T = ended.value
        return result


class _KindIndex:
    """The objects of one kind, with what they are looked for by."""

    def __init__(self, kind: str, objects: Iterable[Json]) -> None:
        self._kind = kind
        self.objects = tuple({**each, "kind": kind} for each in objects)
        self._typed: dict[int, ApiObject] = {}
        self._found: dict[Objects, Found] = {}
        self._by_name: dict[NamespacedName, int] = {}
        self._by_namespace: dict[str, list[int]] = defaultdict(list)
        self._by_label: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_field: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, each in enumerate(self.objects):
            namespace, name = text(each, "metadata", "namespace"), text(each, "metadata", "name")
            self._by_name[namespace, name] = at
            self._by_namespace[namespace].append(at)
            self._by_field["metadata.name", name].append(at)
            for key, value in string_map(each, "metadata", "labels").items():
                self._by_label[key, value].append(at)
            for field_name, value in _addresses(kind, each):
                self._by_field[field_name, value].append(at)

    def named(self, namespace: str, name: str) -> Json | None:
        at = self._by_name.get((namespace, name))
        return None if at is None else self.objects[at]

    def is_name(self, name: str) -> bool:
        return ("metadata.name", name) in self._by_field

    @property
    def namespaces(self) -> frozenset[str]:
        return frozenset(self._by_namespace)

    def in_namespace(self, namespace: str) -> Iterator[Json]:
        return (self.objects[at] for at in self._by_namespace.get(namespace, ()))

    def with_labels(self, namespace: str, labels: Mapping[str, str]) -> Iterator[Json]:
        fewest = min((self._by_label.get(each, []) for each in labels.items()), key=len)
        for at in fewest:
            obj = self.objects[at]
            if namespace not in {"", text(obj, "metadata", "namespace")}:
                continue
            own = string_map(obj, "metadata", "labels")
            if all(own.get(key) == value for key, value in labels.items()):
                yield obj

    def select(self, read: Objects) -> Found:
        """What READ chooses; the questions of one name come to the same Service again and again."""
        if read not in self._found:
            self._found[read] = self._select(read)
        return self._found[read]

    def _select(self, read: Objects) -> Found:
        chosen: Iterable[int] = (
            at
            for at in self._candidates(read)
            if read.namespace in {"", text(self.objects[at], "metadata", "namespace")}
        )
        if read.labels or read.fields:
            has_labels, has_fields = label_selector(read.labels), field_selector(read.fields)
            chosen = (
                at for at in chosen if has_labels(self.objects[at]) and has_fields(self.objects[at])
            )
        chosen = tuple(chosen)
        raw = tuple(self.objects[at] for at in chosen)
        return Found(tuple(self._parsed(at) for at in chosen), raw=raw)

    def _candidates(self, read: Objects) -> Iterable[int]:
        """Where the objects stand that READ may choose: as few as an index tells."""
        if read.name and (read.namespace or self._kind in _CLUSTER_SCOPED):
            at = self._by_name.get((read.namespace, read.name))
            return () if at is None else (at,)
        if read.name:
            return self._by_field.get(("metadata.name", read.name), ())
        key, equal, value = read.fields.partition("=")
        if equal and key in _INDEXED_FIELDS and "," not in value:
            return self._by_field.get((key, value), ())
        pairs = [each.partition("=") for each in read.labels.split(",")] if read.labels else []
        if pairs and all(equal and not key.endswith("!") for key, equal, _ in pairs):
            known = (self._by_label.get((key, value.lstrip("=")), []) for key, _, value in pairs)
            return min(known, key=len)
        return (
            self._by_namespace.get(read.namespace, ())
            if read.namespace
            else range(len(self.objects))
        )

    def _parsed(self, at: int) -> ApiObject:
        if at not in self._typed:
            self._typed[at] = parse_object(self._kind, self.objects[at])
        return self._typed[at]


def _addresses(kind: str, obj: Json) -> Iterator[tuple[str, str]]:
    if kind == "Service":
        address = text(obj, "spec", "clusterIP") or next(iter(texts(obj, "spec", "clusterIPs")), "")
        yield "spec.clusterIP", address
    elif kind == "Pod":
        yield "status.podIP", text(obj, "status", "podIP")


def lists_in(lists: Lists, world: World) -> dict[str, tuple[Json, ...] | CouldNotLook]:
    """LISTS as they are in WORLD. A kind that could not be listed stays so."""
    replaced = world.gone | {identity(each) for each in world.objects}
    mine: dict[str, list[Json]] = defaultdict(list)
    for each in world.objects:
        mine[text(each, "kind")].append(each)
    return {
        kind: found
        if isinstance(found, CouldNotLook)
        else (
            *(each for each in found if identity({**each, "kind": kind}) not in replaced),
            *mine[kind],
        )
        for kind, found in lists.items()
    }
