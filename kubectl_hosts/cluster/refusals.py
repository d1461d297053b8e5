"""What the API server's refusals mean: Status objects and bare HTTP answers in kubectl's words.

Sources: k8s.io/kubectl pkg/cmd/util/helpers.go StandardErrorMessage; apimachinery
pkg/api/errors/errors.go NewGenericServerResponse; client-go rest/request.go transformResponse.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_hosts.errors import Forbidden, NotFound, ServerRefused

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
}


class Refusal(NamedTuple):
    """A refusal as the server meant it; `is_status` when it came as a Status object."""

    code: int
    reason: str
    message: str
    is_status: bool = True


def parse_refusal(code: int, body: bytes) -> Refusal:
    """The refusal in an HTTP answer with an error status."""
    import json  # noqa: PLC0415

    try:
        status = json.loads(body)
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status":
        message = str(status.get("message") or "unknown")
        return Refusal(code, str(status.get("reason") or ""), message)
    text = body[:2048].decode(errors="replace").strip() or _UNAVAILABLE
    prevented = f'an error on the server ("{text}") has prevented the request from succeeding'
    reason, words = _GENERIC.get(code, ("InternalError" if code >= 500 else "", prevented))
    return Refusal(code, reason, words.replace("{text}", text), is_status=False)


def refused(refusal: Refusal) -> ServerRefused:
    """The error to raise: NotFound, Forbidden, or ServerRefused."""
    code, reason, message, _ = refusal
    kind = {403: Forbidden, 404: NotFound}.get(code, ServerRefused)
    return kind(words(refusal), status=code, reason=reason or message, hint=_HINTS.get(code, ""))


def words(refusal: Refusal) -> str:
    """The line of kubectl; without its `error: ` where it has that prefix."""
    if refusal.code == 401:
        return f"You must be logged in to the server ({refusal.message})"
    if refusal.reason:
        return f"Error from server ({refusal.reason}): {refusal.message}"
    return f"Error from server: {refusal.message}"
