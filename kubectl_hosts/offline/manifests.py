"""Manifests as the API server reads them: what it takes, and what it would say of the rest.

One bad object does not end the run for the others: what cannot be read, or would be refused, is a
finding with its file and line, and everything else is there to be worked with.

The API's types come out of the `kubernetes` package without running it: importing one of its models
brings a hundred others, each of which makes a validator (0.4 s and 40 MB for a pod). The tables
that are needed stand in the source of every model as two literals, and are read from there: 0.3 ms
each, and only those of the types that a manifest has.
"""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.errors import BadInput, HostsError
from kubectl_hosts.model.api.decoding import Model, field_type
from kubectl_hosts.model.api.kinds import at, declared_kind, is_read, pod_spec_path
from kubectl_hosts.model.api.review import (
    ManifestPlace,
    ManifestsVerdict,
    Repeated,
    Reviewed,
    review,
)
from kubectl_hosts.model.fields import items, mapping, name_of, text
from kubectl_hosts.model.findings import Finding, Reason, Severity, first_few
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.offline.documents import (
    RENDER_CHART,
    BadDocument,
    Document,
    Placed,
    complete,
    items_in,
    read_documents,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.control_plane import Identity
    from kubectl_hosts.model.fields import FieldPath, Json

_MODULES = "kubernetes.client.models"
# `openapi_types: ClassVar[Dict[str, str]] = {...}` from release 37 on, without the type before.
_TABLE = re.compile(
    r"^    (openapi_types|attribute_map)\b[^=\n]*= (\{.*?^    \})", re.MULTILINE | re.DOTALL
)
# A field of release 37 that must be there has no Optional; before, its setter refuses None.
_REQUIRED = re.compile(
    r"^    (\w+): (?!Optional\[|ClassVar\[)|client_side_validation and (\w+) is None:", re.MULTILINE
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def api_model(name: str) -> Model:
    """The model NAME (`V1PodSpec`). Raises KeyError for none, HostsError without the package."""
    module = _WORDS.sub("_", name).lower()
    text = _source(module)
    if not text:
        return _imported(module, name)
    tables = {table: ast.literal_eval(literal) for table, literal in _TABLE.findall(text)}
    required = {found for pair in _REQUIRED.findall(text) for found in pair if found}
    return _model(name, tables["attribute_map"], tables["openapi_types"], required)


def _model(
    name: str, names: Mapping[str, str], types: Mapping[str, str], required: set[str]
) -> Model:
    return Model(
        name,
        {json_name: field_type(types[own]) for own, json_name in names.items()},
        frozenset(json_name for own, json_name in names.items() if own in required),
    )


@cache
def _folder() -> Path | None:
    """Where the models' sources stand; None where the package has none (a frozen program)."""
    package = find_spec("kubernetes")
    if package is None:
        raise HostsError(
            "the package kubernetes is missing: manifests cannot be checked",
            hint="pip install kubernetes",
        )
    for place in package.submodule_search_locations or ():
        folder = Path(place, "client", "models")
        if folder.is_dir():
            return folder
    return None


def _source(module: str) -> str:
    folder = _folder()
    if folder is None:
        return ""
    try:
        return (folder / f"{module}.py").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _imported(module: str, name: str) -> Model:
    """The model by import, where its source cannot be read."""
    try:
        found = getattr(import_module(f"{_MODULES}.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise KeyError(name) from error
    fields = getattr(found, "model_fields", {})
    required = {own for own, each in fields.items() if each.is_required()}
    return _model(name, found.attribute_map, found.openapi_types, required)


class Documents(NamedTuple):
    """What the files have: objects, and what could not be read of them."""

    objects: tuple[Document, ...]
    bad: tuple[BadDocument, ...]
    sources: tuple[str, ...]


class Manifests(Struct, frozen=True, kw_only=True):
    """The objects of manifests, and what the API server would say of them."""

    placed: tuple[Placed, ...]
    """Those that can be decoded, with their names and namespaces: refused ones among them."""
    findings: tuple[Finding, ...]
    refused: frozenset[Identity]
    """The objects that the API server would not take: nothing comes of them."""
    given: int
    """How many objects there are, bad documents included."""

    def verdict(self, pods: Iterable[Json]) -> ManifestsVerdict:
        """All of it in a word; PODS are those given and those predicted, with their owners."""
        by_namespace = ((namespace, kind, name) for kind, namespace, name in self.refused)
        return ManifestsVerdict(
            findings=self.findings,
            refused=tuple(f"{kind} {name}".strip() for _, kind, name in sorted(by_namespace)),
            of_pods=dict(self._refused_pods(pods)) if self.refused else {},
            given=self.given,
        )

    def _refused_pods(self, pods: Iterable[Json]) -> Iterator[tuple[tuple[str, str], str]]:
        for pod in pods:
            namespace, name = name_of(pod)
            for kind, maker in (("Pod", name), *_makers(pod)):
                if (kind, namespace, maker) in self.refused:
                    yield (namespace, name), f"{kind} {maker}"


def read_all(sources: Iterable[tuple[str, bytes]]) -> Documents:
    """The documents of SOURCES, each a file's name and its content.

    Raises BadInput where there is none that can be read.
    """
    objects: list[Document] = []
    bad: list[BadDocument] = []
    names: list[str] = []
    for name, data in sources:
        names.append(name)
        for each in read_documents(name, data):
            if isinstance(each, BadDocument):
                bad.append(each)
            else:
                objects.append(each)
    if not objects and bad:
        raise BadInput(bad[0].message, hint=bad[0].hint)
    if not objects:
        raise BadInput(
            "no objects passed to hosts", hint=f"There is no document in {', '.join(names)}."
        )
    return Documents(tuple(objects), tuple(bad), tuple(names))


def review_all(
    documents: Iterable[Document], bad: Sequence[BadDocument], *, namespace: str
) -> Manifests:
    """What DOCUMENTS have, an object without a namespace put into NAMESPACE, and the verdicts.

    Raises HostsError where the API's types cannot be read.
    """
    placed: list[Placed] = []
    findings: list[Finding] = [_unread_document(each) for each in bad]
    refused: set[Identity] = set()
    others: list[Placed] = []
    given = len(bad)
    for document in documents:
        for path, obj in items_in(document.value):
            given += 1
            reviewed = _review(obj, document, path)
            findings += reviewed.findings
            whole = None if reviewed.unreadable else _completed(obj, namespace)
            if reviewed.refused:
                refused.add(_name(obj if whole is None else whole, namespace))
            if whole is None:
                continue
            placed.append(Placed(whole, document, path))
            if not is_read(whole):
                others.append(placed[-1])
    findings += _not_read(others)
    return Manifests(
        placed=tuple(placed), findings=tuple(findings), refused=frozenset(refused), given=given
    )


def _review(obj: Json, document: Document, path: FieldPath) -> Reviewed:
    """The verdict on OBJ, which stands at PATH in DOCUMENT."""
    if untyped := _untyped(obj, document) or _nested(obj, document, path):
        return untyped
    find_line = document.line_finder()
    place = ManifestPlace(document.source, lambda field: find_line((*path, *field)))
    depth = len(path)
    repeated = (
        Repeated(key.path[depth:], key.first, key.line, key.lost)
        for key in document.repeated
        if key.path[:depth] == path
    )
    reviewed = review(obj, api_model, place, repeated)
    if reviewed.refused and _is_patch(obj):
        return reviewed._replace(findings=tuple(_of_patch(reviewed.findings)))
    return reviewed


def _of_patch(findings: Iterable[Finding]) -> Iterator[Finding]:
    """FINDINGS on a patch: what it lacks stands in the object that it is laid over."""
    hint = _PATCH
    for each in findings:
        if each.reason is Reason.MISSING_FIELD:
            yield replace(each, fix="", hint=hint)
            hint = ""
        else:
            yield each


def _is_patch(obj: Json) -> bool:
    """Whether OBJ has what is changed, and neither what it selects nor what its containers run."""
    try:
        path = pod_spec_path(obj)
        if path is None or path == ("spec",):
            return False
        containers = items({"spec": at(obj, path)}, "spec", "containers")
        is_whole = bool(containers) and all(text(each, "image") for each in containers)
        return not is_whole and not mapping(obj, "spec", "selector")
    except BadInput:
        return False


def _untyped(obj: Json, document: Document) -> Reviewed | None:
    """The verdict on what is no object of a cluster, or does not say which; None on others."""
    hints = {"kind": _kind_hint(obj, document), "apiVersion": "Write apiVersion, such as v1."}
    missing = [each for each in hints if not isinstance(obj.get(each), str) or not obj[each]]
    if missing:
        said = f"{missing[0]} not set"
        return _unreadable(document, Reason.MISSING_FIELD, missing[0], said, hints[missing[0]])
    if str(obj["apiVersion"]).startswith("kustomize.config.k8s.io/"):
        said = f"a {obj['kind']} is not applied as it is"
        return _unreadable(document, Reason.UNKNOWN_KIND, "kind", said, _KUSTOMIZE)
    if obj["kind"] == "Template" and obj["apiVersion"] in _OF_TEMPLATES:
        said = "the objects of a Template are not applied as they are"
        return _unreadable(document, Reason.UNKNOWN_KIND, "objects", said, _TEMPLATE)
    return None


def _nested(obj: Json, document: Document, path: FieldPath) -> Reviewed | None:
    """The verdict on a List without items, and on one among the items of another.

    kubectl takes neither for a list (cli-runtime pkg/resource/visitor.go FlattenListVisitor).
    """
    has_items = isinstance(obj.get("items"), list)
    if obj["kind"] == "List" and not has_items:
        said, fix = "items is no list", "Write items, and a hyphen before each."
    elif path and str(obj["kind"]).endswith("List") and has_items:
        said, fix = "a List in a List is not applied", "Write its items into the list around it."
    else:
        return None
    return _unreadable(document, Reason.UNKNOWN_KIND, "items", said, fix)


def _unreadable(document: Document, reason: Reason, field: str, said: str, fix: str) -> Reviewed:
    place = Origin(kind=OriginKind.MANIFEST, field=field, line=document.line, file=document.source)
    finding = Finding(
        reason=reason,
        severity=Severity.ERROR,
        message=f"document {document.number}: {said}",
        fix=fix,
        evidence=(place,),
    )
    return Reviewed((finding,), refused=True, unreadable=True)


_KUSTOMIZE = "Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -"
_PATCH = f"A patch? {_KUSTOMIZE}"
# OpenShift's; its objects are made by its own client.
_OF_TEMPLATES = frozenset({"v1", "template.openshift.io/v1"})
_TEMPLATE = "Make the objects first: oc process --local -f FILE | kubectl hosts show -f -"


def _kind_hint(obj: Json, document: Document) -> str:
    """What a file without a kind most likely is: the input of another program."""
    if "resources" in obj or "bases" in obj:
        return f"A kustomization? {_KUSTOMIZE}"
    if {"name", "version"} <= obj.keys():
        return RENDER_CHART
    if "services" in obj:
        return "A Compose file? kompose convert --stdout | kubectl hosts show -f -"
    if "spec" in obj:
        return _PATCH
    if obj and "apiVersion" not in obj:
        values = shlex.quote(document.source)
        return f"A chart's values? helm template CHART -f {values} | kubectl hosts show -f -"
    return "A manifest starts with apiVersion and kind."


def _completed(obj: Json, namespace: str) -> Json | None:
    """OBJ with its name and namespace, None for one that has no name that can be read."""
    try:
        return complete(obj, namespace)
    except BadInput:
        return None


def _name(obj: Json, namespace: str) -> Identity:
    own, name = name_of(obj)
    kind = obj.get("kind")
    return kind if isinstance(kind, str) else "", own or namespace, name


def _makers(pod: Json) -> Iterator[tuple[str, str]]:
    """Kind and name of what POD comes of: its controller, and the one whose name that is made of.

    A ReplicaSet's name is its Deployment's and a hash, a Job's its CronJob's and a time.
    """
    for reference in items(pod, "metadata", "ownerReferences"):
        kind, name = text(reference, "kind"), text(reference, "name")
        yield kind, name
        above = {"ReplicaSet": "Deployment", "Job": "CronJob"}.get(kind)
        if above:
            yield above, name.rpartition("-")[0]


def _unread_document(bad: BadDocument) -> Finding:
    origin = Origin(kind=OriginKind.MANIFEST, line=bad.line or None, file=bad.source)
    return Finding(
        reason=Reason.DOCUMENT_NOT_READ,
        severity=Severity.WARNING if bad.is_passed_over else Severity.ERROR,
        message=f"was not read: {bad.message}"
        if bad.is_passed_over
        else f"cannot be read: {bad.message}",
        fix=bad.hint,
        evidence=(origin,),
    )


_UNKNOWN_SCHEMA = "a custom resource without spec.template.spec"


def _not_read(others: Sequence[Placed]) -> Iterator[Finding]:
    """One finding a kind: what nothing here reads, so that its absence is no surprise."""
    by_kind: dict[str, list[Placed]] = {}
    for each in others:
        by_kind.setdefault(str(declared_kind(each.obj)), []).append(each)
    for kind, found in by_kind.items():
        names = [text(each.obj, "metadata", "name") for each in found]
        verb = "was" if len(names) == 1 else "were"
        yield Finding(
            reason=Reason.RESOURCE_NOT_READ,
            severity=Severity.INFO,
            message=f"{kind} {first_few(names)} {verb} not read: {_UNKNOWN_SCHEMA}",
            fix="Give the pods or workloads that its controller makes with -f, too.",
            evidence=tuple(_origin_of(kind, each) for each in found),
        )


def _origin_of(kind: str, placed: Placed) -> Origin:
    return Origin(
        kind=OriginKind.MANIFEST,
        object=f"{kind}/{text(placed.obj, 'metadata', 'name')}",
        line=placed.document.line,
        file=placed.document.source,
    )
