"""Objects and lists read as raw JSON.

Sources: the Kubernetes API concepts (resource URIs, limit and continue, 410 Gone and its
inconsistent continue token); client-go rest/request.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from kubectl_hosts.cluster.refusals import parse_refusal, refused
from kubectl_hosts.errors import ServerRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.cluster.http_requests import Answer, Requests
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection

PAGE = 500
_ACCEPT = (("Accept", "application/json"),)
# The server compresses answers over 128 KiB only where asked (apiserver APIResponseCompression).
_ACCEPT_LIST = (*_ACCEPT, ("Accept-Encoding", "gzip"))


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
    while True:
        asked = urlencode({key: value for key, value in query.items() if value})
        answer = requests.get(f"{path}?{asked}", seconds=seconds, headers=_ACCEPT_LIST)
        token = _token_to_go_on(answer) if query["continue"] else ""
        if token:
            query["continue"] = token
            continue
        page = _parsed(answer)
        items = page.get("items")
        yield from items if isinstance(items, list) else ()
        query["continue"] = _continue_token(page)
        if not query["continue"]:
            return


def _token_to_go_on(answer: Answer) -> str:
    """410 Gone in the middle of a list brings a token that goes on, from a newer state."""
    return _continue_token(json.loads(answer.body)) if answer.status == 410 else ""


def _continue_token(page: Json) -> str:
    metadata = page.get("metadata")
    return str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""


def _parsed(answer: Answer) -> Json:
    if not 200 <= answer.status < 300:
        raise refused(parse_refusal(answer.status, answer.body))
    try:
        parsed = json.loads(answer.body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ServerRefused(
            "the server's answer is no JSON object: is this an API server?",
            status=answer.status,
            hint="`kubectl cluster-info` shows which server is asked.",
        )
    return parsed
