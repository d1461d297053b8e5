"""A capture: what reads of a cluster gave, as one readable JSON document.

`apiVersion: kubectl-hosts/v2, kind: Capture`. Objects stand under their kinds, files under their
paths, a C library's answers under their names, a nameserver's under their questions; how they were
read is not in it. Keys that are not known here are ignored, so that captures of later releases
within v2 still play.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import asdict

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.check.check_report import ObjectRef, path_words
from kubectl_hosts.model.check.mentions import Mention, MentionForm
from kubectl_hosts.model.dns import (
    LibcView,
    NoReply,
    Question,
    Rcode,
    Record,
    Reply,
    ServerReplies,
    UnknownReply,
    ViewOutcome,
)
from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.model.fields import Json, flag, items, mapping, number, string_map, text, texts
from kubectl_hosts.model.fields import field as value_at
from kubectl_hosts.model.reads import LibcSeen, Objects, PodRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.evidence import FileEvidence

API_VERSION = "kubectl-hosts/v2"
KIND = "Capture"
RECORD_AGAIN = "Record it again: kubectl hosts capture."


class ContainerRecord(Struct, frozen=True, kw_only=True):
    """What was read in one container, or of one DNS pod through a port-forward (container "").

    failure is why nothing could be read in it, None where something was.
    """

    files: Mapping[str, FileEvidence] = field(default_factory=dict)
    via: str = ""
    read_from: str = ""
    libc: LibcSeen | None = None
    views: tuple[LibcView, ...] = ()
    replies: tuple[ServerReplies, ...] = ()
    failure: CouldNotLook | None = None


class Capture(Struct, frozen=True, kw_only=True):
    """What was read: objects with apiVersion and kind, each read of objects, each container.

    A read of objects has None, or why nobody could look; incomplete are those that filled a page.
    """

    namespace: str
    objects: tuple[Json, ...] = ()
    reads: Mapping[Objects, CouldNotLook | None] = field(default_factory=dict)
    incomplete: frozenset[Objects] = frozenset()
    containers: Mapping[tuple[PodRef, str], ContainerRecord] = field(default_factory=dict)
    mentions: Mapping[ObjectRef, tuple[Mention, ...]] | None = None
    """The host names that each workload mentions; None where no check was recorded."""


def is_capture(obj: Json) -> bool:
    """Whether a document is a capture, of any version."""
    version = str(value_at(obj, "apiVersion"))
    return value_at(obj, "kind") == KIND and version.startswith("kubectl-hosts/")


def capture_document(capture: Capture) -> Json:
    """CAPTURE as a JSON object.

    Objects stand by kind, in the order in which they came (a list of the API is in order); reads
    and containers in that of their names.
    """
    mentions = capture.mentions
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "namespace": capture.namespace,
        "objects": sorted(capture.objects, key=lambda obj: text(obj, "kind")),
        "reads": [
            _without_empty(
                {
                    **each._asdict(),
                    "incomplete": each in capture.incomplete,
                    "couldNotLook": _missed(capture.reads[each]),
                }
            )
            for each in sorted(capture.reads)
        ],
        "containers": [
            _container(key, capture.containers[key]) for key in sorted(capture.containers)
        ],
        **({} if mentions is None else {"mentions": [*map(_mentioned, sorted(mentions.items()))]}),
    }


def _mentioned(item: tuple[ObjectRef, tuple[Mention, ...]]) -> Json:
    workload, mentions = item
    return {
        **workload._asdict(),
        "names": [
            _without_empty(
                {
                    "container": each.container,
                    "where": each.where,
                    "text": each.text,
                    "name": each.name,
                    "form": each.form.value,
                    "field": path_words(each.path),
                    "holderKind": each.holder[0],
                    "holder": each.holder[1],
                }
            )
            for each in mentions
        ],
    }


def _without_empty(written: Mapping[str, object]) -> Json:
    return {name: value for name, value in written.items() if value not in ("", False, None, [])}


def _missed(missed: CouldNotLook | None) -> Json | None:
    if missed is None:
        return None
    return _without_empty(
        {"what": missed.what, "why": missed.why, "hint": missed.hint, "reason": missed.reason}
    )


def _container(key: tuple[PodRef, str], record: ContainerRecord) -> Json:
    pod, container = key
    return _without_empty(
        {
            "namespace": pod.namespace,
            "pod": pod.name,
            "container": container,
            "couldNotLook": _missed(record.failure),
            "via": record.via,
            "readFrom": record.read_from,
            "files": [_file(path, record.files[path]) for path in sorted(record.files)],
            "libc": _libc(record.libc) if record.libc else None,
            "lookups": [_view(each) for each in sorted(record.views, key=lambda view: view.name)],
            "nameservers": [_asked(each) for each in record.replies],
        }
    )


def _file(path: str, found: FileEvidence) -> Json:
    match found:
        case FileAbsent():
            return {"path": path, "absent": True}
        case FileRead(data, truncated):
            return _without_empty({"path": path, **_bytes(data), "truncated": truncated})
        case CouldNotLook():
            return {"path": path, "couldNotLook": _missed(found)}


def _bytes(data: bytes) -> Json:
    try:
        return {"text": data.decode()} if data else {}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _libc(seen: LibcSeen) -> Json:
    return {
        "libraries": sorted(seen.libraries),
        "version": seen.version,
        "environment": dict(seen.environment),
    }


def _view(view: LibcView) -> Json:
    return {
        "name": view.name,
        **_without_empty(
            {
                "outcome": view.outcome.value,
                "addresses": list(view.addresses),
                "canonicalName": view.canonical_name,
                "by": view.by,
                "seconds": view.seconds,
                "why": view.why,
            }
        ),
    }


def _asked(asked: ServerReplies) -> Json:
    return _without_empty(
        {
            "address": asked.server,
            "by": asked.by,
            "vantage": asked.vantage,
            "couldNotLook": _missed(asked.failure),
            "answers": [
                {"name": question.name, "type": question.type, **_answer(answer)}
                for question, answer in asked.answers
            ],
        }
    )


def _answer(answer: Answer) -> Json:
    match answer:
        case NoReply(after_seconds):
            return {"noReplyAfterSeconds": after_seconds}
        case UnknownReply(what):
            return {"unknown": what}
        case Reply():
            sections = {
                name: [asdict(each) for each in records]
                for name, records in (
                    ("answer", answer.answer),
                    ("authority", answer.authority),
                    ("additional", answer.additional),
                )
            }
            bits = {
                "authoritative": answer.authoritative,
                "recursionAvailable": answer.recursion_available,
                "truncated": answer.truncated,
            }
            return {"rcode": answer.rcode.value, **_without_empty({**bits, **sections})}


def parse_capture(obj: Json) -> Capture:
    """The capture in OBJ. Raises BadInput for another version, or a field of the wrong type."""
    version = text(obj, "apiVersion")
    if version != API_VERSION:
        older = version == "kubectl-hosts/v1"
        raise BadInput(
            f'no matches for kind "{KIND}" in version "{version}"',
            hint=RECORD_AGAIN
            if older
            else f"This release reads {API_VERSION}: `kubectl hosts version` names it.",
        )
    reads = [(_parse_read(each), each) for each in items(obj, "reads")]
    return Capture(
        namespace=text(obj, "namespace") or "default",
        objects=items(obj, "objects"),
        reads={read: _parse_missed(each) for read, each in reads},
        incomplete=frozenset(read for read, each in reads if flag(each, "incomplete")),
        containers=dict(_parse_container(each) for each in items(obj, "containers")),
        mentions=None
        if value_at(obj, "mentions") is None
        else dict(map(_parse_mentioned, items(obj, "mentions"))),
    )


def _parse_mentioned(item: Json) -> tuple[ObjectRef, tuple[Mention, ...]]:
    ref = ObjectRef(*(text(item, each) for each in ObjectRef._fields))
    return ref, tuple(_parse_mention(each) for each in items(item, "names"))


def _parse_mention(item: Json) -> Mention:
    try:
        form = MentionForm(text(item, "form"))
    except ValueError:
        form = MentionForm.INSIDE
    return Mention(
        text(item, "container"),
        text(item, "where"),
        text(item, "text"),
        text(item, "name"),
        form,
        (text(item, "field"),),
        (text(item, "holderKind"), text(item, "holder")),
    )


def _parse_read(item: Json) -> Objects:
    return Objects(*(text(item, each) for each in Objects._fields))


def _parse_missed(item: Json) -> CouldNotLook | None:
    if value_at(item, "couldNotLook") is None:
        return None
    missed = mapping(item, "couldNotLook")
    return CouldNotLook(
        what=text(missed, "what"),
        why=text(missed, "why"),
        hint=text(missed, "hint"),
        reason=text(missed, "reason"),
    )


def _parse_container(item: Json) -> tuple[tuple[PodRef, str], ContainerRecord]:
    key = PodRef(text(item, "namespace"), text(item, "pod")), text(item, "container")
    libc = mapping(item, "libc")
    return key, ContainerRecord(
        files={text(each, "path"): _parse_file(each) for each in items(item, "files")},
        via=text(item, "via"),
        read_from=text(item, "readFrom"),
        libc=LibcSeen(
            frozenset(texts(libc, "libraries")),
            text(libc, "version"),
            tuple(string_map(libc, "environment").items()),
        )
        if libc
        else None,
        views=tuple(_parse_view(each) for each in items(item, "lookups")),
        replies=tuple(_parse_asked(each) for each in items(item, "nameservers")),
        failure=_parse_missed(item),
    )


def _parse_file(item: Json) -> FileEvidence:
    missed = _parse_missed(item)
    if missed is not None:
        return missed
    if flag(item, "absent"):
        return FileAbsent()
    return FileRead(_parse_bytes(item), truncated=flag(item, "truncated"))


def _parse_bytes(item: Json) -> bytes:
    encoded = text(item, "base64")
    if not encoded:
        return text(item, "text").encode()
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{text(item, 'path')} is not base64", hint=RECORD_AGAIN) from error


def _parse_view(item: Json) -> LibcView:
    seconds = value_at(item, "seconds")
    try:
        outcome = ViewOutcome(text(item, "outcome"))
    except ValueError:
        outcome = ViewOutcome.COULD_NOT_LOOK
    return LibcView(
        name=text(item, "name"),
        outcome=outcome,
        addresses=texts(item, "addresses"),
        canonical_name=text(item, "canonicalName"),
        by=text(item, "by"),
        seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        why=text(item, "why"),
    )


def _parse_asked(item: Json) -> ServerReplies:
    return ServerReplies(
        server=text(item, "address"),
        answers=tuple(
            (Question(text(each, "name"), text(each, "type")), _parse_answer(each))
            for each in items(item, "answers")
        ),
        by=text(item, "by"),
        vantage=text(item, "vantage"),
        failure=_parse_missed(item),
    )


def _parse_answer(item: Json) -> Answer:
    silent = value_at(item, "noReplyAfterSeconds")
    if isinstance(silent, (int, float)):
        return NoReply(float(silent))
    try:
        rcode = Rcode(text(item, "rcode"))
    except ValueError:
        return UnknownReply(text(item, "unknown") or f"the reply to {text(item, 'name')}")
    return Reply(
        rcode=rcode,
        answer=_parse_records(items(item, "answer")),
        authority=_parse_records(items(item, "authority")),
        additional=_parse_records(items(item, "additional")),
        authoritative=flag(item, "authoritative"),
        recursion_available=flag(item, "recursionAvailable"),
        truncated=flag(item, "truncated"),
    )


def _parse_records(records: Iterable[Json]) -> tuple[Record, ...]:
    return tuple(
        Record(
            name=text(each, "name"),
            type=text(each, "type"),
            data=text(each, "data"),
            ttl=number(each, "ttl"),
        )
        for each in records
    )
