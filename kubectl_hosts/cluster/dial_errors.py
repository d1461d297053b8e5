"""What kubectl prints when no usable answer comes: Go's words for Python's network errors.

Source: k8s.io/kubectl pkg/cmd/util/helpers.go StandardErrorMessage; Go net, crypto/tls, net/http.
"""

from __future__ import annotations

import socket
import ssl

from kubectl_hosts.errors import Unreachable

PREFIX = "Unable to connect to the server: "
_HINT = (
    "`kubectl cluster-info` takes the same way; see --server, --context and the proxy variables."
)

# X509_V_ERR_* of OpenSSL's x509_vfy.h -> crypto/x509's sentence.
_X509 = {
    9: "certificate has expired or is not yet valid",
    10: "certificate has expired or is not yet valid",
    62: "certificate is not valid for {host}",
    63: "certificate is not valid for {host}",
    64: "certificate is not valid for {host}",
}
_UNKNOWN_AUTHORITY = "certificate signed by unknown authority"


def refused(authority: str) -> Unreachable:
    """Nothing listens there."""
    return Unreachable(
        f"The connection to the server {authority} was refused - "
        "did you specify the right host or port?",
        hint="Is the cluster up? `kubectl config view --minify` shows which server is asked.",
    )


def timed_out(*, awaiting_headers: bool) -> Unreachable:
    """--request-timeout passed: while connecting, or while waiting for the answer."""
    doing = "net/http: request canceled" if awaiting_headers else "context deadline exceeded"
    return Unreachable(
        f"{PREFIX}{doing} (Client.Timeout exceeded while awaiting headers)",
        hint="--request-timeout bounds each request; 0 waits without a limit.",
    )


def unreachable(error: OSError, authority: str, host: str) -> Unreachable:
    """The error that ends here, in kubectl's words; HOST is the name that TLS checked."""
    match error:
        case ConnectionRefusedError():
            return refused(authority)
        case ssl.SSLError():
            return Unreachable(PREFIX + _in_tls_words(error, host), hint=_HINT)
        case socket.gaierror():
            missing = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)}
            why = "no such host" if missing else "server misbehaving"
            return Unreachable(f"{PREFIX}dial tcp: lookup {host}: {why}", hint=_HINT)
        case ConnectionResetError() | BrokenPipeError():
            return Unreachable(f"{PREFIX}EOF", hint=_HINT)
        case TimeoutError():
            return Unreachable(f"{PREFIX}dial tcp {authority}: i/o timeout", hint=_HINT)
    words = (error.strerror or str(error)).lower()
    return Unreachable(f"{PREFIX}dial tcp {authority}: connect: {words}", hint=_HINT)


def _in_tls_words(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _X509.get(error.verify_code, _UNKNOWN_AUTHORITY).format(host=host)
        return f"tls: failed to verify certificate: x509: {words}"
    match error.reason:
        case "WRONG_VERSION_NUMBER" | "HTTP_REQUEST" | "RECORD_LAYER_FAILURE":
            return "http: server gave HTTP response to HTTPS client"
        case str(reason) if "ALERT" in reason:
            return f"remote error: tls: {reason.partition('ALERT_')[2].lower().replace('_', ' ')}"
    if isinstance(error, ssl.SSLEOFError):
        return "EOF"
    return f"tls: {error.reason or error}"
