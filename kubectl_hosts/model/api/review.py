"""What the API server would say of one manifest: takes it, refuses it, or cannot decode it.

The verdict is that of `kubectl apply --dry-run=server` (whose field validation is strict), for the
kinds that the API itself has. A custom resource is judged by its pod template alone, and never
refused: what its own schema asks nobody here knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.api.decoding import Decoder
from kubectl_hosts.model.api.kinds import (
    DeclaredKind,
    at,
    declared_kind,
    pod_spec_path,
    template_path,
)
from kubectl_hosts.model.api.object_rules import (
    OBJECT_RULES,
    claims_of,
    controller_problems,
    label_problems,
    metadata_problems,
    restarts_of,
)
from kubectl_hosts.model.api.pod_spec import host_alias_problems, pod_spec_problems
from kubectl_hosts.model.api.problems import (
    Edit,
    FieldProblem,
    edited,
    means_host_aliases,
    nearest,
    path_text,
    shown,
)
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.api.decoding import Models
    from kubectl_hosts.model.fields import FieldPath, Json

_SHOWN = 3
_MOST_TRIED = 8  # each reviews the object again: one with so many problems is another thing


class Repeated(NamedTuple):
    """A key given twice: where, the lines of both, what each of them says."""

    path: FieldPath
    first: int
    line: int
    lost: object


class ManifestPlace(NamedTuple):
    """Where a manifest stands: its file, and the line of each of its fields (None: not known)."""

    file: str = ""
    line_of: Callable[[FieldPath], int | None] = lambda _: None


class Reviewed(NamedTuple):
    """What was found, gravest first.

    refused: the API server takes no such object. unreadable: its fields have other types than the
    API's, so that nothing can be worked out from it either.
    """

    findings: tuple[Finding, ...] = ()
    refused: bool = False
    unreadable: bool = False


NOWHERE = ManifestPlace()


class ManifestsVerdict(NamedTuple):
    """What the API server would say of all the manifests of one run.

    refused: the objects that it would not take, as `Deployment web`. of_pods: by namespace and name
    of a pod, which of them it would come of. given: how many objects there are.
    """

    findings: tuple[Finding, ...] = ()
    refused: tuple[str, ...] = ()
    of_pods: Mapping[tuple[str, str], str] = MappingProxyType({})
    given: int = 0

    @property
    def unread(self) -> tuple[Finding, ...]:
        """What is said of the documents that cannot even be read."""
        return tuple(
            each
            for each in self.findings
            if each.reason is Reason.DOCUMENT_NOT_READ and each.severity is Severity.ERROR
        )

    @property
    def fails(self) -> bool:
        """Whether `kubectl apply` of them would fail: one is refused, or cannot be read."""
        return bool(self.refused or self.unread)


NO_MANIFESTS = ManifestsVerdict()


def review(
    obj: Json, models: Models, place: ManifestPlace = NOWHERE, repeated: Iterable[Repeated] = ()
) -> Reviewed:
    """The verdict on OBJ, an object with a kind, that stands at PLACE; MODELS has the API's types.

    REPEATED are the keys that its text gave more than once. Raises BadInput where apiVersion or
    kind is no text.
    """
    kind = declared_kind(obj)
    problems = [*_problems(kind, obj, models), *(_given_twice(obj, each) for each in repeated)]
    if not kind.is_built_in:
        problems = [each._replace(severity=Severity.WARNING, refused=False) for each in problems]
    problems.sort(key=lambda each: (not each.refused, each.severity is not Severity.ERROR))
    return Reviewed(
        tuple(
            _finding(
                kind,
                obj,
                each,
                place,
                proved=number < _MOST_TRIED and _is_proved(each, obj, models, problems),
            )
            for number, each in enumerate(problems)
        ),
        refused=any(each.refused for each in problems),
        unreadable=any(each.unreadable for each in problems),
    )


def _is_proved(
    problem: FieldProblem, obj: Json, models: Models, problems: Iterable[FieldProblem]
) -> bool:
    """Whether the edit that PROBLEM comes with was tried: it is gone then, and no other came."""
    after = edited(obj, problem.edit) if problem.edit else None
    if after is None:
        return False
    left = {(each.path, each.reason) for each in _problems(declared_kind(after), after, models)}
    before = {(each.path, each.reason) for each in problems}
    return left <= before - {(problem.path, problem.reason)}


def _problems(kind: DeclaredKind, obj: Json, models: Models) -> Iterator[FieldProblem]:
    if not kind.model:
        yield from _without_model(kind, obj, models)
        return
    decoder = Decoder(models, pod_spec_path(obj))
    decoded = list(decoder.problems(obj, kind.model))
    moved = {each for each in decoder.moved if at(obj, each) is None}
    given = moved | set(decoder.meant.values())
    # What is misspelt, or stands elsewhere, is not missing as well.
    told = [each for each in decoded if each.path not in given]
    yield from told
    wrong = {each.path for each in told if each.unreadable} | decoder.misfits
    broken = {each.path for each in told} | {decoder.meant.get(each, each) for each in wrong}
    broken |= moved
    for each in _rules(kind.name, _as_meant(obj, decoder.meant, wrong)):
        # Of a field that is missing, or of the wrong type, nothing more is known.
        above = (each.path[:length] for length in range(1, len(each.path) + 1))
        if broken.isdisjoint(above):
            yield each


def _as_meant(obj: Json, meant: Mapping[FieldPath, FieldPath], wrong: set[FieldPath]) -> Json:
    """OBJ with its misspelt fields under the names that they were meant to have.

    Values of the WRONG type are null, so that the rules find those alone that the API can read.
    """
    if not meant and not wrong:
        return obj
    found = _rewritten(obj, meant, wrong, ())
    return found if isinstance(found, dict) else {}


def _rewritten(
    value: object, meant: Mapping[FieldPath, FieldPath], wrong: set[FieldPath], path: FieldPath
) -> object:
    if path in wrong:
        return None
    if isinstance(value, dict):
        return {
            str(meant.get((*path, key), (key,))[-1]): _rewritten(each, meant, wrong, (*path, key))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_rewritten(each, meant, wrong, (*path, i)) for i, each in enumerate(value)]
    return value


def _rules(kind: str, obj: Json) -> Iterator[FieldProblem]:
    yield from metadata_problems(kind, obj)
    if kind in OBJECT_RULES:
        yield from OBJECT_RULES[kind](obj)
    spec_path = pod_spec_path(obj)
    if spec_path is None:
        return
    if kind != "Pod":
        yield from controller_problems(kind, obj)
        template = template_path(obj) or ()
        metadata = at(obj, (*template, "metadata"))
        yield from label_problems(_mapping(metadata), (*template, "metadata"))
    spec = _mapping(at(obj, spec_path))
    yield from pod_spec_problems(spec, spec_path, restarts=restarts_of(kind), claims=claims_of(obj))


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _without_model(kind: DeclaredKind, obj: Json, models: Models) -> Iterator[FieldProblem]:
    """An object whose schema is not known: of a version that the API does not serve, or custom."""
    if kind.is_built_in:
        yield from _unserved(kind)
    spec_path = template_path(obj)
    if spec_path is None or kind.is_built_in:
        return
    for above in (spec_path, spec_path[:-1]):
        yield from _outside(_mapping(at(obj, above)), above, spec_path, kind)
    spec_path = (*spec_path, "spec")
    spec = _mapping(at(obj, spec_path))
    # Only what comes close to a field of a pod spec: a resource may have fields of its own there,
    # and defaults for those of a pod.
    decoder = Decoder(models, spec_path)
    for each in decoder.problems(spec, "V1PodSpec", spec_path):
        is_misspelt = each.path in decoder.meant
        if is_misspelt or each.reason not in {Reason.UNKNOWN_FIELD, Reason.MISSING_FIELD}:
            yield each
    yield from host_alias_problems(spec, spec_path)


def _outside(
    holder: Json, path: FieldPath, template: FieldPath, kind: DeclaredKind
) -> Iterator[FieldProblem]:
    """HostAliases in HOLDER, at PATH: beside the pod spec of the TEMPLATE of a custom resource."""
    for key in holder:
        if means_host_aliases(key):
            there = path_text((*template, "spec", "hostAliases"))
            yield FieldProblem(
                (*path, key),
                reason=Reason.HOST_ALIASES_MISPLACED,
                message=f"{path_text((*path, key))} is outside the pod spec",
                fix=f"Move it to {there}, unless {kind} has a field of its own there.",
            )


def _unserved(kind: DeclaredKind) -> Iterator[FieldProblem]:
    """A kind that the API has in another version, or in this one under another name."""
    meant = nearest(kind.name, kind.served_beside)
    field, value = ("kind", meant) if meant else ("apiVersion", kind.served_as)
    if value:
        yield FieldProblem(
            (field,),
            reason=Reason.UNKNOWN_KIND,
            message=f'no matches for kind "{kind.name}" in version "{kind.api_version}"',
            fix=f"Write {field}: {value}.",
            edit=Edit((field,), (field,), value),
        )


def _given_twice(obj: Json, key: Repeated) -> FieldProblem:
    """The parser takes the last value; nothing says that there was another (kubectl 1.34)."""
    text = path_text(key.path)
    is_same = at(obj, key.path) == key.lost
    said = ", with one value" if is_same else f": the last wins, {_lost(key.lost)}"
    return FieldProblem(
        key.path,
        reason=Reason.DUPLICATE_KEY,
        message=f"{text} is given twice (lines {key.first} and {key.line}){said}",
        fix="Remove one of them." if is_same else f"Put both under one {key.path[-1]}.",
        severity=Severity.WARNING if is_same else Severity.ERROR,
        refused=False,
    )


def _lost(value: object) -> str:
    """`demo.local and demo.test are lost`: the host names of VALUE, or whatever text it has."""
    found = list(_host_names(value)) or list(_leaves(value))
    if not found:
        return "the first is lost"
    words = [shown(each).strip('"') for each in found]
    if len(words) > _SHOWN:
        words = [*words[: _SHOWN - 1], f"{len(words) - _SHOWN + 1} more"]
    *most, last = words
    named = f"{', '.join(most)} and {last}" if most else last
    return f"{named} {'are' if most else 'is'} lost"


def _host_names(value: object) -> Iterator[object]:
    for item in value if isinstance(value, list) else ():
        names = item.get("hostnames") if isinstance(item, dict) else None
        yield from names if isinstance(names, list) else ()


def _leaves(value: object) -> Iterator[object]:
    match value:
        case dict():
            for each in value.values():
                yield from _leaves(each)
        case list():
            for each in value:
                yield from _leaves(each)
        case None:
            pass
        case _:
            yield value


def object_name(kind: DeclaredKind, obj: Json) -> str:
    """`Deployment web`, as a finding names an object; without its name where it has none."""
    metadata = _mapping(obj.get("metadata"))
    name = metadata.get("name") or metadata.get("generateName") or ""
    return f"{kind} {name}".strip()


def _finding(
    kind: DeclaredKind, obj: Json, problem: FieldProblem, place: ManifestPlace, *, proved: bool
) -> Finding:
    named = object_name(kind, obj)
    origin = Origin(
        kind=OriginKind.MANIFEST,
        object="/".join(named.rsplit(" ", 1)),
        field=path_text(problem.path),
        line=place.line_of(problem.path),
        file=place.file,
    )
    return Finding(
        reason=problem.reason,
        severity=problem.severity,
        message=f"{named}: {problem.message}",
        fix=problem.fix,
        proved=proved,
        evidence=(origin,),
    )
