"""Objects and lists read as raw JSON; refusals in kubectl's words.

Sources: the Kubernetes API concepts (resource URIs, limit and continue, 410 Gone and its
inconsistent continue token); client-go rest/request.go transformResponse; k8s.io/kubectl
pkg/cmd/util/helpers.go StandardErrorMessage; apimachinery pkg/api/errors/errors.go
NewGenericServerResponse.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import quote, urlencode

from kubectl_hosts.errors import Forbidden, NotFound, ServerRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.cluster.http_requests import Answer, Requests
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection

PAGE = 500
_ACCEPT = (("Accept", "application/json"),)
# The server compresses answers over 128 KiB only where asked (apiserver APIResponseCompression).
_ACCEPT_LIST = (*_ACCEPT, ("Accept-Encoding", "gzip"))
# Values of a JSON text, each some 80 bytes here: real pages of 64 MiB have fewer.
_MOST_VALUES = 3_000_000
_MOST_EMPTY_PAGES = 100
_MOST_EXPIRED = 10

# HTTP status -> reason, message of an answer that is no Status object; {text} is its body.
_GENERIC = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    403: ("Forbidden", "{text}"),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    429: (
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
    ),
    503: ("ServiceUnavailable", "{text}"),
    504: (
        "Timeout",
        (
            "the server was unable to return a response in the time allotted, but may still be "
            "processing the request"
        ),
    ),
}
_UNAVAILABLE = "the server is currently unable to handle the request"

_HINTS = {
    401: "The token or certificate has expired or is not this server's: log in again.",
    403: "`kubectl auth can-i --list` shows what this user may do; --as and --context change it.",
    404: "Check the name and -n NAMESPACE.",
    429: "The server asks for fewer requests: try again later.",
    500: "The server could not do it now: try again.",
    503: "The server could not do it now: try again.",
    504: "The server could not do it now: try again.",
}


def object_path(resource: Resource, namespace: str, name: str = "") -> str:
    """`/api/v1/namespaces/NS/pods/NAME`, or the collection's path for no name."""
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else "/api/v1"
    if resource.namespaced and namespace:
        root += f"/namespaces/{quote(namespace, safe='')}"
    return f"{root}/{resource.plural}" + (f"/{quote(name, safe='')}" if name else "")


def get_object(
    requests: Requests, resource: Resource, name: str, namespace: str, seconds: float | None
) -> Json:
    """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
    path = object_path(resource, namespace, name)
    return _parsed(requests.get(path, seconds=seconds, headers=_ACCEPT))


def list_objects(
    requests: Requests, resource: Resource, selection: Selection, seconds: float | None
) -> Iterator[Json]:
    """The items of a collection, a page at a time. Raises as `get_object`."""
    query = {
        "limit": str(PAGE),
        "labelSelector": selection.label_selector,
        "fieldSelector": selection.field_selector,
        "continue": "",
    }
    path = object_path(resource, selection.namespace)
    seen: set[str] = set()
    expired = empty = 0
    while True:
        asked = urlencode({key: value for key, value in query.items() if value})
        answer = requests.get(f"{path}?{asked}", seconds=seconds, headers=_ACCEPT_LIST)
        expired += answer.status == 410
        token = _token_to_go_on(answer) if query["continue"] and expired <= _MOST_EXPIRED else ""
        if token:
            query["continue"] = token
            continue
        page = _parsed(answer)
        items = page.get("items")
        yield from _objects(items)
        query["continue"] = token = _continue_token(page)
        if not token:
            return
        empty = 0 if items else empty + 1
        if token in seen or empty > _MOST_EMPTY_PAGES:
            _refuse_endless(resource)
        seen.add(token)


def _objects(items: object) -> Iterator[Json]:
    return (each for each in (items if isinstance(items, list) else ()) if isinstance(each, dict))


def _refuse_endless(resource: Resource) -> NoReturn:
    raise ServerRefused(
        f"the server's list of {resource.plural} does not end: its continue token repeats",
        status=200,
        hint="A proxy in between may answer from a cache; `kubectl get` would go on for ever.",
    )


def _token_to_go_on(answer: Answer) -> str:
    """410 Gone in the middle of a list brings a token that goes on, from a newer state."""
    return _continue_token(_json_object(answer.body) or {}) if answer.status == 410 else ""


def _continue_token(page: Json) -> str:
    metadata = page.get("metadata")
    return str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""


def _parsed(answer: Answer) -> Json:
    if not 200 <= answer.status < 300:
        raise refused(parse_refusal(answer.status, answer.body))
    parsed = _json_object(answer.body)
    if parsed is None:
        raise ServerRefused(
            "the server's answer is no JSON object: is this an API server?",
            status=answer.status,
            hint="`kubectl cluster-info` shows which server is asked.",
        )
    return parsed


def parse_json(text: bytes) -> Any:  # noqa: ANN401  whatever it is
    """A JSON value. Raises ValueError for text that is none, or too deep or large to hold."""
    if len(text) > _MOST_VALUES and sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES} values")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"invalid number {word}")


def _json_object(text: bytes) -> Json | None:
    try:
        parsed = parse_json(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


class Refusal(NamedTuple):
    """A refusal as the server meant it; `is_status` when it came as a Status object."""

    code: int
    reason: str
    message: str
    is_status: bool = True


def parse_refusal(code: int, body: bytes) -> Refusal:
    """The refusal in an HTTP answer with an error status."""
    status = _json_object(body) or {}
    if status.get("kind") == "Status":
        message, reason = (
            each if isinstance(each := status.get(key), str) else ""
            for key in ("message", "reason")
        )
        return Refusal(code, reason, message or "unknown")
    text = body[:2048].decode(errors="replace").strip() or _UNAVAILABLE
    prevented = f'an error on the server ("{text}") has prevented the request from succeeding'
    reason, words = _GENERIC.get(code, ("InternalError" if code >= 500 else "", prevented))
    return Refusal(code, reason, words.replace("{text}", text), is_status=False)


def refused(refusal: Refusal) -> ServerRefused:
    """The error to raise: NotFound, Forbidden, or ServerRefused."""
    code, reason, message, _ = refusal
    kind = {403: Forbidden, 404: NotFound}.get(code, ServerRefused)
    return kind(words(refusal), status=code, reason=reason or message, hint=hint_for(code))


def words(refusal: Refusal) -> str:
    """The line of kubectl; without its `error: ` where it has that prefix."""
    if refusal.code == 401:
        return f"You must be logged in to the server ({refusal.message})"
    if refusal.reason:
        return f"Error from server ({refusal.reason}): {refusal.message}"
    return f"Error from server: {refusal.message}"


def hint_for(code: int) -> str:
    """What helps after a refusal with an HTTP status, "" where nothing general does."""
    return _HINTS.get(code, "")
