"""Requests to the API server: kept connections, retries, objects as raw JSON, kubectl's refusals.

Sources: client-go rest/with_retry.go (Retry-After), transport/round_trippers.go (headers),
rest/request.go transformResponse; Go net/http Transport (a request on a kept connection that was
dropped is sent once more); the Kubernetes API concepts (resource URIs, limit and continue, 410 Gone
and its inconsistent continue token); k8s.io/kubectl pkg/cmd/util/helpers.go StandardErrorMessage;
apimachinery pkg/api/errors/errors.go NewGenericServerResponse.
"""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import quote, urlencode

from kubectl_hosts.cluster.connection import (
    PREFIX,
    SWITCHING_PROTOCOLS,
    BadAnswer,
    Deadline,
    make_context,
    say_on_terminal,
    timed_out,
    unreachable,
)
from kubectl_hosts.errors import Forbidden, HostsError, NotFound, ServerRefused, Unreachable
from kubectl_hosts.model.fields import name_of
from kubectl_hosts.model.resources import KINDS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence
    from http.client import HTTPResponse
    from typing import Protocol

    from kubectl_hosts.cluster.access import ServerAddress
    from kubectl_hosts.cluster.connection import Connection
    from kubectl_hosts.cluster.credentials import Certificate, Credentials, Header
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection

    class Dials(Protocol):
        """What makes connections: `connection.Dialer`, or a `kubectl.KubectlProxy`."""

        relays: bool
        "Something in between answers where the API server cannot be asked."

        def dial(self, context: ssl.SSLContext | None, deadline: Deadline) -> Connection:
            """A new connection. Raises Unreachable, or HostsError in kubectl's words."""
            ...

        def keep_session(self, connection: Connection) -> None:
            """CONNECTION has served: its TLS session may be used again."""
            ...

        def close(self) -> None:
            """Nothing will be asked of it any more."""
            ...


# with_retry.go: 429 and 5xx that carry Retry-After, at most ten times.
_RETRIES = 10
_LONGEST_WAIT = 30.0
_BY_A_PROXY = "A proxy in between may have answered; `kubectl cluster-info` takes the same way."


class HttpAnswer(NamedTuple):
    """An HTTP answer, its body read whole."""

    status: int
    body: bytes


class Upgraded(NamedTuple):
    """A connection that now speaks the protocol that `subprotocol` names."""

    connection: Connection
    subprotocol: str


class Requests:
    """Sends requests as one user to one endpoint. Safe for several threads at once."""

    def __init__(
        self,
        endpoint: ServerAddress,
        dialer: Dials,
        credentials: Credentials | None,
        *,
        cluster: Json,
        headers: Sequence[Header] = (),
        target_prefix: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._dialer = dialer
        self._credentials = credentials
        self._cluster = cluster
        self._headers = tuple(headers)
        self._target_prefix = quote(target_prefix + endpoint.prefix, safe="/:[]%")
        self.has_no_v4 = False
        """Whether something before the server refused an exec's v4.channel.k8s.io and took v5."""
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._tls: tuple[Certificate | None, ssl.SSLContext] | None = None

    def get(
        self, path: str, *, seconds: float | None = None, headers: Sequence[Header] = ()
    ) -> HttpAnswer:
        """GET; every status but 401 and a wanted retry is an answer. Raises Unreachable."""
        deadline = Deadline(seconds)
        for _ in range(_RETRIES):
            connection, response = self._exchange(path, deadline, headers, tells=True)
            body = self._read(connection, response, deadline)
            self._release(connection, response)
            wait = _retry_after(response)
            if wait is None or deadline.has_passed:
                break
            if wait:
                say_on_terminal(f"the API server asks to wait for {wait:g} s")
            time.sleep(deadline.remaining(wait) or 0.0)
        return HttpAnswer(response.status, body)

    def upgrade(self, path: str, protocols: str, deadline: Deadline) -> Upgraded | HttpAnswer:
        """Ask for a websocket (RFC 6455 section 4.1); an HttpAnswer is a no. Raises Unreachable."""
        import base64  # noqa: PLC0415
        import os  # noqa: PLC0415

        headers = (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", base64.b64encode(os.urandom(16)).decode()),
            ("Sec-WebSocket-Protocol", protocols),
        )
        connection, response = self._exchange(path, deadline, headers)
        if response.status == SWITCHING_PROTOCOLS:
            self._dialer.keep_session(connection)
            return Upgraded(connection, response.getheader("Sec-WebSocket-Protocol", ""))
        body = self._read(connection, response, deadline)
        self._release(connection, response)
        return HttpAnswer(response.status, body)

    def close(self) -> None:
        """Close every idle connection; the next request opens new ones."""
        self._drop_idle()
        self._dialer.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self, path: str, deadline: Deadline, headers: Sequence[Header], *, tells: bool = False
    ) -> tuple[Connection, HTTPResponse]:
        """Send, and read the answer's head; a 401 is tried once more with renewed credentials."""
        connection, response = self._send(path, deadline, headers, tells=tells)
        if response.status == 401 and self._credentials and self._credentials.renew():
            self._read(connection, response, deadline)
            self._release(connection, response)
            self._drop_idle()
            connection, response = self._send(path, deadline, headers, tells=tells)
        return connection, response

    def _send(
        self, path: str, deadline: Deadline, headers: Sequence[Header], *, tells: bool
    ) -> tuple[Connection, HTTPResponse]:
        host = ("Host", self._endpoint.authority)
        while True:
            connection = self._acquire(deadline)
            try:
                sent = (host, *self._authorization(), *self._headers, *headers)
                target = self._target_prefix + path
                return connection, connection.ask(target, sent, deadline, tells=tells)
            except ValueError as error:
                connection.close()
                raise HostsError(
                    f'{PREFIX}net/http: invalid header field value for "{error}"',
                    hint="A token, user or group with a line break in it cannot be sent.",
                ) from error
            except (BadAnswer, OSError) as error:
                connection.close()
                dropped = isinstance(error, ConnectionError)
                if dropped and connection.reused and not deadline.has_passed:
                    continue
                raise self._failed(error, deadline) from error
            except BaseException:
                connection.close()
                raise

    def _authorization(self) -> tuple[Header, ...]:
        value = self._credentials.authorization() if self._credentials else ""
        return (("Authorization", value),) if value else ()

    def _read(self, connection: Connection, response: HTTPResponse, deadline: Deadline) -> bytes:
        try:
            body = connection.read_body(response)
        except (BadAnswer, OSError) as error:
            connection.close()
            raise self._failed(error, deadline) from error
        if self._dialer.relays and response.status >= 500 and not response.getheader("Audit-Id"):
            # Not the API server's, which marks each of its answers: kubectl proxy could not ask it.
            connection.close()
            words = body[:2048].decode(errors="replace").strip()
            raise Unreachable(
                PREFIX + words, hint="kubectl proxy says so, which was asked for this."
            )
        return body

    def _failed(self, error: BadAnswer | OSError, deadline: Deadline) -> Unreachable:
        if isinstance(error, TimeoutError) and deadline.has_passed:
            return timed_out(awaiting_headers=False)
        if isinstance(error, BadAnswer):
            return Unreachable(f"{PREFIX}{error}", hint=_BY_A_PROXY)
        return unreachable(error, self._endpoint.authority, self._endpoint.host)

    def _acquire(self, deadline: Deadline) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._dialer.dial(self._tls_context(), deadline)

    def _release(self, connection: Connection, response: HTTPResponse) -> None:
        if not connection.reused:
            self._dialer.keep_session(connection)
            connection.reused = True
        if response.will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)

    def _tls_context(self) -> ssl.SSLContext | None:
        """One context for all threads, recreated where a plugin rotated the certificate."""
        if self._endpoint.scheme != "https":
            return None
        certificate = self._credentials.certificate() if self._credentials else None
        with self._lock:
            if self._tls is None or self._tls[0] != certificate:
                self._tls = (certificate, make_context(self._cluster, certificate))
            return self._tls[1]


def _retry_after(response: HTTPResponse) -> float | None:
    """Seconds to wait before the same request, or None when the answer stands."""
    asked = response.getheader("Retry-After", "")
    if asked.isdecimal() and len(asked) < 10 and (response.status == 429 or response.status >= 500):
        return min(float(asked), _LONGEST_WAIT)
    return None


PAGE = 500
_ACCEPT = (("Accept", "application/json"),)
# The server compresses answers over 128 KiB only where asked (apiserver APIResponseCompression).
_ACCEPT_LIST = (*_ACCEPT, ("Accept-Encoding", "gzip"))
# Values of a JSON text, each some 80 bytes here: real pages of 64 MiB have fewer.
_MOST_VALUES = 3_000_000
# A surrogate, in JSON or in what would be UTF-8. One without its other half has no UTF-8 to be sent
# or printed in: it becomes U+FFFD, as Go's encoding/json has it.
_SURROGATE = rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]"
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
    410: "The list took longer to read than the server keeps it: try again, or -n or -l for less.",
    429: "The server asks for fewer requests: try again later.",
    500: "The server could not do it now: try again.",
    503: "The server could not do it now: try again.",
    504: "The server could not do it now: try again.",
}


def quoted(word: str) -> str:
    """A segment of a path; an argument that is no UTF-8 travels as the bytes that it was."""
    return quote(word, safe="", errors="surrogateescape")


def object_path(resource: Resource, namespace: str, name: str = "") -> str:
    """`/api/v1/namespaces/NS/pods/NAME`, or the collection's path for no name."""
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else "/api/v1"
    if resource.namespaced and namespace:
        root += f"/namespaces/{quoted(namespace)}"
    return f"{root}/{resource.plural}" + (f"/{quoted(name)}" if name else "")


def get_object(
    requests: Requests, resource: Resource, name: str, namespace: str, seconds: float | None
) -> Json:
    """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
    path = object_path(resource, namespace, name)
    found = _parsed(requests.get(path, seconds=seconds, headers=_ACCEPT))
    is_it = name_of(found) == (namespace if resource.namespaced else "", name)
    if not (is_it and _is_of(found, KINDS.get(resource))):
        raise _no_answer(f'not {resource.plural} "{name}"')
    return found


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
        given = {key: value for key, value in query.items() if value}
        asked = urlencode(given, errors="surrogateescape")
        answer = requests.get(f"{path}?{asked}", seconds=seconds, headers=_ACCEPT_LIST)
        expired += answer.status == 410
        token = _token_to_go_on(answer) if query["continue"] and expired <= _MOST_EXPIRED else ""
        if token:
            query["continue"] = token
            continue
        page = _parsed(answer)
        items = page.get("items")
        kind = KINDS.get(resource)
        if not _is_of(page, kind and f"{kind}List", is_plain="items" in page):
            raise _no_answer(f"no list of {resource.plural}")
        for each in _objects(items):
            if not _is_of(each, kind):
                raise _no_answer(f"no list of {resource.plural}")
            yield each
        query["continue"] = token = _continue_token(page)
        if not token:
            return
        empty = 0 if items else empty + 1
        if token in seen or empty > _MOST_EMPTY_PAGES:
            _refuse_endless(resource)
        seen.add(token)


def _is_of(answer: Json, kind: str | None, *, is_plain: bool = True) -> bool:
    """Whether ANSWER is of KIND; one that does not say what it is where it IS_PLAIN."""
    said = answer.get("kind")
    return said == kind if said and kind else is_plain


def _objects(items: object) -> Iterator[Json]:
    return (each for each in (items if isinstance(items, list) else ()) if isinstance(each, dict))


def _refuse_endless(resource: Resource) -> NoReturn:
    raise ServerRefused(
        f"the server's list of {resource.plural} does not end: its continue token repeats",
        status=200,
        hint="A proxy in between may answer from a cache; `kubectl get` would go on for ever.",
    )


def _token_to_go_on(answer: HttpAnswer) -> str:
    """410 Gone in the middle of a list brings a token that goes on, from a newer state."""
    return _continue_token(_json_object(answer.body) or {}) if answer.status == 410 else ""


def _continue_token(page: Json) -> str:
    metadata = page.get("metadata")
    return str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""


def _parsed(answer: HttpAnswer) -> Json:
    if not 200 <= answer.status < 300:
        raise refused(parse_refusal(answer.status, answer.body))
    parsed = _json_object(answer.body)
    if parsed is None:
        raise _no_answer("not a JSON object")
    if parsed.get("kind") == "Status":  # rest/request.go Result.Into: an error, whatever HTTP says
        raise refused(parse_refusal(answer.status, answer.body))
    return parsed


def _no_answer(what: str) -> ServerRefused:
    return ServerRefused(
        f"the server's answer is {what}: is this an API server?",
        status=200,
        hint="`kubectl cluster-info` shows which server is asked.",
    )


def parse_json(text: bytes) -> Any:  # noqa: ANN401  whatever it is
    """A JSON value. Raises ValueError for text that is none, or too deep or large to hold."""
    if len(text) > _MOST_VALUES and sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES} values")
    try:
        value = json.loads(text, parse_constant=_no_number)
        if re.search(_SURROGATE, text):
            plain = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = json.loads(plain.decode("utf-16", "replace"))
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error
    return value


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
    code, reason, message, is_status = refusal
    kind = {403: Forbidden, 404: NotFound}.get(code, ServerRefused)
    is_its_own = is_status and code >= 400
    hint = hint_for(code) or ("" if is_its_own else _BY_A_PROXY)
    return kind(words(refusal), status=code, reason=reason or message, hint=hint)


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
