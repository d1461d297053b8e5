"""One connection to the API server: TCP, perhaps through an HTTP proxy, perhaps TLS; GETs on it.

http.client reads the answers (RFC 9112). What it leaves to its callers is here: each byte is waited
for until a deadline, however slowly the others drip; an answer has so many bytes at most, whatever
it says of itself; and what goes wrong is said as kubectl says it. TLS is as Go's crypto/tls does it
with a kubeconfig: trust, client certificates, server names.

Sources of the words: k8s.io/kubectl pkg/cmd/util/helpers.go StandardErrorMessage; Go net,
crypto/tls, net/http.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any

from kubectl_hosts.errors import HostsError, Unreachable, system_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.client import HTTPException, HTTPResponse

    from kubectl_hosts.cluster.access import Proxy, ServerAddress
    from kubectl_hosts.model.fields import Json

PREFIX = "Unable to connect to the server: "
SWITCHING_PROTOCOLS = 101
# Go net/http.DefaultTransport as client-go configures it (transport/cache.go, apimachinery
# util/net SetTransportDefaults): dial 30 s, TLS handshake 10 s.
DIAL_SECONDS = 30.0
HANDSHAKE_SECONDS = 10.0
# net.partialDeadline: what each of several addresses gets at least.
_ADDRESS_SECONDS = 2.0
# A timeout goes to poll(2) in milliseconds, as an int.
_LONGEST_TIMEOUT = 1e6
# Ten times the largest page of 500 pods that was seen; a head has a few hundred bytes.
LARGEST_BODY = 1 << 26
_LARGEST_HEAD = 1 << 20
_BUFFER = 1 << 16
_PATIENCE_SECONDS = 10.0
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


class Deadline:
    """A point in time after which nothing is waited for; without seconds it never comes."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def remaining(self, at_most: float | None = None) -> float | None:
        """Seconds left, never below a millisecond, which a socket takes as its timeout."""
        if self._end is None:
            return at_most
        left = min(max(self._end - time.monotonic(), 0.001), _LONGEST_TIMEOUT)
        return left if at_most is None else min(left, at_most)

    @property
    def has_passed(self) -> bool:
        """True from the deadline on."""
        return self._end is not None and time.monotonic() >= self._end


class BadAnswer(Exception):
    """What came is no HTTP/1.1 answer, or one without measure; the message is Go's net/http."""


class _Arriving(io.RawIOBase):
    """The bytes of a socket, until a deadline, and no more than `allowance` of them."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.deadline = Deadline(None)
        self.allowance: float = 0
        self.patience: float | None = None
        """Seconds after which a wait is told on the terminal; None tells nothing."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  io's signature
        """RawIOBase.readinto. Raises OSError, TimeoutError after the deadline, BadAnswer."""
        while True:
            if self.deadline.has_passed:
                raise TimeoutError
            self.sock.settimeout(self.deadline.remaining(self.patience))
            try:
                size = self.sock.recv_into(buffer)
                break
            except TimeoutError:
                if self.patience is None:
                    raise
                self.patience = None
                say_on_terminal("still waiting for the API server; --request-timeout bounds it")
        self.allowance -= size
        if self.allowance < 0:
            raise BadAnswer("the answer is larger than any of an API server")
        return size


def say_on_terminal(text: str) -> None:
    """A line on stderr for a person who waits; nothing where stderr is no terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{text}", file=sys.stderr)  # noqa: T201


class _Arrived(io.BufferedReader):
    """What has arrived. http.client closes what it read to its end; the connection goes on."""

    def makefile(self, _mode: str) -> _Arrived:
        return self

    def close(self) -> None:
        """Nothing: `Connection.close` ends the connection."""

    def flush(self) -> None:
        """Nothing: it is read alone. What is under it may be gone when an answer is collected."""


class Connection:
    """A connected keep-alive connection; `reused` once it has carried an answer."""

    reused = False

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._arriving = _Arriving(sock)
        self._reader = _Arrived(self._arriving, _BUFFER)

    def ask(
        self,
        target: str,
        headers: Iterable[tuple[str, str]],
        deadline: Deadline,
        *,
        method: str = "GET",
        tells: bool = False,
    ) -> HTTPResponse:
        """Send a request, and the answer without its body; TELLS of a long wait on a terminal.

        Raises ValueError for a header that would break out of its line, BadAnswer, OSError.
        """
        lines = [f"{method} {target} HTTP/1.1"]
        for name, value in headers:
            if not value.isprintable() and any(each in value for each in "\r\n\0"):
                raise ValueError(name)
            lines.append(f"{name}: {value}")
        self.sock.settimeout(deadline.remaining())
        # A lone surrogate, which JSON can spell, has no UTF-8.
        self.sock.sendall("\r\n".join((*lines, "\r\n")).encode(errors="replace"))
        self._arriving.deadline = deadline
        self._arriving.patience = _PATIENCE_SECONDS if tells else None
        self._arriving.allowance = _LARGEST_HEAD
        return self._receive(method)

    def _receive(self, method: str) -> HTTPResponse:
        # 8 ms, and the email package with it: paid while the server works.
        from http.client import HTTPException, HTTPResponse  # noqa: PLC0415

        reader: Any = self._reader
        try:
            while True:
                response = HTTPResponse(reader, method=method)
                response.begin()
                if response.status >= 200 or response.status == SWITCHING_PROTOCOLS:
                    return response
        except ConnectionError:
            raise
        except HTTPException as error:
            raise BadAnswer(_in_http_words(error)) from error

    def read_body(self, response: HTTPResponse) -> bytes:
        """The whole body, inflated. Raises BadAnswer, OSError."""
        from http.client import HTTPException  # noqa: PLC0415

        if (response.length or 0) > LARGEST_BODY:
            raise BadAnswer(f"an answer of {response.length} bytes")
        self._arriving.allowance = LARGEST_BODY + _BUFFER
        body = bytearray()
        try:
            while piece := response.read(_BUFFER):
                body += piece
        except (HTTPException, ValueError, OverflowError) as error:
            raise BadAnswer("unexpected EOF, or a chunk without a size") from error
        if response.length:
            raise BadAnswer("unexpected EOF")
        packed = response.getheader("Content-Encoding", "") == "gzip"
        return _inflated(body) if packed else bytes(body)

    def stream(self, size: int, deadline: Deadline) -> bytes:
        """At most SIZE bytes of an upgraded connection, b"" at its end. Raises OSError."""
        self._arriving.deadline = deadline
        self._arriving.allowance = float("inf")
        return self._reader.read1(size)

    def close(self) -> None:
        """Drop the connection."""
        self.sock.close()


def _inflated(body: bytearray) -> bytes:
    import zlib  # noqa: PLC0415  lists only

    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflate.decompress(body, LARGEST_BODY)
    except zlib.error as error:
        raise BadAnswer("gzip: invalid data") from error
    if not inflate.eof:
        whole = not inflate.unconsumed_tail
        raise BadAnswer("gzip: unexpected EOF" if whole else "gzip: the answer inflates too far")
    return plain


def _in_http_words(error: HTTPException) -> str:
    from http.client import BadStatusLine  # noqa: PLC0415

    if isinstance(error, BadStatusLine):
        return f"malformed HTTP response {str(error.args[0])[:100].strip()!r}"
    return f"malformed HTTP response: {error}"


class Dialer:
    """Makes connections to one endpoint; TLS sessions are resumed. Safe for several threads."""

    relays = False

    def __init__(
        self, endpoint: ServerAddress, proxy: Proxy | None, *, server_name: str = ""
    ) -> None:
        self._endpoint = endpoint
        self._proxy = proxy
        self._server_name = server_name or endpoint.host
        self._session: tuple[ssl.SSLContext, ssl.SSLSession] | None = None

    def dial(self, context: ssl.SSLContext | None, deadline: Deadline) -> Connection:
        """A new connection; CONTEXT is None for http. Raises Unreachable in kubectl's words."""
        try:
            sock = self._connect(deadline)
            return Connection(sock if context is None else self._secure(sock, context, deadline))
        except OSError as error:
            if deadline.has_passed:
                raise timed_out(awaiting_headers=True) from error
            failure = unreachable(error, self._endpoint.authority, self._server_name)
            if self._proxy and isinstance(error, ConnectionRefusedError | socket.gaierror):
                failure = _without_proxy(error, self._proxy)
            raise failure from error
        except (ValueError, TypeError) as error:  # a name that neither DNS nor TLS can carry
            name = self._server_name
            raise Unreachable(
                f"{PREFIX}dial tcp: lookup {name}: no such host", hint=_HINT
            ) from error

    def keep_session(self, connection: Connection) -> None:
        """Remember the TLS session, which TLS 1.3 sends after the first answer.

        A server takes a ticket more than once, and to copy a session costs as much as all else that
        the client does for an exec: one that served is kept.
        """
        sock = connection.sock
        if not isinstance(sock, ssl.SSLSocket) or sock.session_reused:
            return
        session = sock.session
        if session is not None:
            self._session = (sock.context, session)

    def close(self) -> None:
        """Nothing to close: the connections are their users'."""

    def _connect(self, deadline: Deadline) -> socket.socket:
        target = self._proxy or self._endpoint
        until = Deadline(deadline.remaining(DIAL_SECONDS))
        sock = _connect_to_any(target.host, target.port, until)
        try:
            _keep_alive(sock)
            if self._proxy and self._endpoint.scheme == "https":
                self._open_tunnel(sock, self._proxy, until)
        except BaseException:
            sock.close()
            raise
        return sock

    def _open_tunnel(self, sock: socket.socket, proxy: Proxy, deadline: Deadline) -> None:
        """RFC 9110 section 9.3.6 CONNECT; the answer's headers end at the empty line."""
        host = f"[{self._endpoint.host}]" if ":" in self._endpoint.host else self._endpoint.host
        where = f"{host}:{self._endpoint.port}"
        headers = [("Host", where)]
        if proxy.authorization:
            headers.append(("Proxy-Authorization", proxy.authorization))
        try:
            answer = Connection(sock).ask(where, headers, deadline, method="CONNECT")
        except BadAnswer as error:
            raise Unreachable(f"{PREFIX}malformed HTTP response from proxy", hint=_HINT) from error
        if answer.status != 200:
            raise Unreachable(
                f"{PREFIX}{answer.reason}", hint="The HTTP proxy refused to connect there."
            )

    def _secure(
        self, sock: socket.socket, context: ssl.SSLContext, deadline: Deadline
    ) -> ssl.SSLSocket:
        sock.settimeout(deadline.remaining(HANDSHAKE_SECONDS))
        known = self._session
        try:
            return context.wrap_socket(
                sock,
                server_hostname=_encoded(self._server_name),
                session=known[1] if known and known[0] is context else None,
            )
        except TimeoutError as error:
            sock.close()
            if deadline.has_passed:
                raise
            raise Unreachable(f"{PREFIX}net/http: TLS handshake timeout", hint=_HINT) from error
        except BaseException as error:
            sock.close()
            _close_what_ssl_left(error)
            raise


def _close_what_ssl_left(error: BaseException) -> None:
    """Close the socket that ssl.py before 3.12 leaves open where the peer is gone already.

    It has taken the descriptor over, and only its own frame knows it.
    """
    trace = error.__traceback__
    while trace is not None:
        left = trace.tb_frame.f_locals.get("self")
        if isinstance(left, ssl.SSLSocket):
            left.close()
        trace = trace.tb_next


def _connect_to_any(host: str, port: int, deadline: Deadline) -> socket.socket:
    """The first address that takes the connection, the time shared as Go's net shares it."""
    found = socket.getaddrinfo(_encoded(host), port, type=socket.SOCK_STREAM)
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        left = deadline.remaining() or DIAL_SECONDS
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(left, max(left / (len(found) - tried), _ADDRESS_SECONDS)))
            sock.connect(address)
            return sock
        except OSError:
            sock.close()
            if tried == len(found) - 1:
                raise
    raise socket.gaierror(socket.EAI_NONAME, "no address")


def _encoded(host: str) -> str | bytes:
    """A host name for the socket module, which would import IDNA's tables (2 ms) for any text."""
    return host.encode() if host.isascii() else host


def _keep_alive(sock: socket.socket) -> None:
    """Notice a server that vanished: net.Dialer's KeepAlive of 30 s, and 45 s for unsent data."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_USER_TIMEOUT", 45000)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def basic(username: str, password: str) -> str:
    """The value of Authorization, or Proxy-Authorization: RFC 7617."""
    import base64  # noqa: PLC0415  passwords are rare

    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def timed_out(*, awaiting_headers: bool) -> Unreachable:
    """--request-timeout passed: while connecting, or while waiting for the answer."""
    doing = "net/http: request canceled" if awaiting_headers else "context deadline exceeded"
    return Unreachable(
        f"{PREFIX}{doing} (Client.Timeout exceeded while awaiting headers)",
        hint="--request-timeout bounds each request; 0 waits without a limit.",
    )


def _without_proxy(error: OSError, proxy: Proxy) -> Unreachable:
    """The proxy itself is not there: net/http Transport's words.

    kubectl makes "The connection to the server ... was refused" of them, of a server that nobody
    asked.
    """
    where = f" {proxy.host}:{proxy.port}: connect: connection refused"
    if isinstance(error, socket.gaierror):
        where = f": lookup {proxy.host}: no such host"
    return Unreachable(
        f"{PREFIX}proxyconnect tcp: dial tcp{where}",
        hint="It is the proxy-url of the kubeconfig's cluster, or of HTTPS_PROXY.",
    )


def unreachable(error: OSError, authority: str, host: str) -> Unreachable:
    """The error that ends here, in kubectl's words; HOST is the name that TLS checked."""
    match error:
        case ConnectionRefusedError():
            return Unreachable(
                f"The connection to the server {authority} was refused - "
                "did you specify the right host or port?",
                hint="Is the cluster up? `kubectl config view --minify` shows which it is.",
            )
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
    why = f"connect: {system_words(error)}"
    return Unreachable(f"{PREFIX}dial tcp {authority}: {why}", hint=_HINT)


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


# TLS as Go's crypto/tls does it with a kubeconfig: trust, client certificates, server names.

# VERIFY_X509_PARTIAL_CHAIN, in ssl from 3.10: Go trusts any certificate of the pool, root or not.
_TRUST = ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST

# A device in place of a file has no end.
LARGEST_FILE = 1 << 24


def make_context(cluster: Json, certificate: tuple[bytes, bytes] | None) -> ssl.SSLContext:
    """A context for a kubeconfig cluster entry and a client certificate with its key (PEM).

    Raises HostsError where a certificate cannot be read.
    """
    authority = data_or_file(cluster, "certificate-authority")
    insecure = bool(cluster.get("insecure-skip-tls-verify"))
    if insecure and authority:
        raise HostsError(
            "specifying a root certificates file with the insecure flag is not allowed",
            hint="Remove insecure-skip-tls-verify or the certificate authority from the cluster.",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Plain verify flags: Python 3.13's default adds VERIFY_X509_STRICT, which refuses the
    # authorities that kubeadm and others made for years, and Go does not.
    context.verify_flags = _TRUST
    context.hostname_checks_common_name = False
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, authority)
    if certificate:
        load_client_certificate(context, *certificate)
    return context


def _trust(context: ssl.SSLContext, authority: bytes) -> None:
    if not authority:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(cadata=authority.decode("latin-1"))
    except (ssl.SSLError, ValueError) as error:
        raise HostsError(
            "unable to load root certificates: unable to parse bytes as PEM block",
            hint="certificate-authority(-data) of the kubeconfig's cluster holds PEM.",
        ) from error


def data_or_file(entry: Json, key: str, seconds: float | None = None) -> bytes:
    """What KEY of an entry means: the value of KEY-data, else the file of that path, b"" for none.

    Raises HostsError for a file that cannot be read, a pipe within SECONDS.
    """
    data = entry.get(f"{key}-data")
    path = str(entry.get(key) or "")
    return data if isinstance(data, bytes) and data else read_file(path, seconds)


def bytes_of(path: str, most: int, seconds: float | None) -> bytes:
    """At most MOST bytes of a file; a pipe ends when whoever writes it does, or after SECONDS.

    Raises OSError, ValueError.
    """
    if seconds is None:
        with open(path, "rb") as file:
            return file.read(most)
    from select import select  # noqa: PLC0415  few give a --request-timeout
    from stat import S_ISFIFO  # noqa: PLC0415

    deadline, found = Deadline(seconds), bytearray()
    with open(path, "rb", buffering=0, opener=at_once) as file:
        is_pipe = S_ISFIFO(os.fstat(file.fileno()).st_mode)
        while len(found) < most:
            if is_pipe and not select([file], [], [], deadline.remaining())[0]:
                raise TimeoutError("i/o timeout")
            piece = file.read(most - len(found))
            if not piece and piece is not None:
                break
            found += piece or b""
    return bytes(found)


def at_once(path: str, flags: int) -> int:
    """open(2) that does not wait for who writes a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_file(path: str, seconds: float | None = None) -> bytes:
    """A file's bytes, b"" for no path. Raises HostsError as `open PATH: ...`."""
    if not path:
        return b""
    try:
        return bytes_of(path, LARGEST_FILE, seconds)
    except (OSError, ValueError) as error:
        raise HostsError(
            f"open {path}: {system_words(error)}", hint="The kubeconfig names this file."
        ) from error


def load_client_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Give CONTEXT a client certificate; the key never outlives the call in a file.

    `load_cert_chain` reads files only: an anonymous file in memory where the system has them
    (Linux), else a file with mode 0600 that is gone when this returns.
    """
    if b"-----BEGIN" not in certificate:
        raise _unusable("failed to find any PEM data in certificate input")
    if b"-----BEGIN" not in key:
        raise _unusable("failed to find any PEM data in key input")
    both = certificate.rstrip() + b"\n" + key
    try:
        if hasattr(os, "memfd_create"):
            _load_from_memory(context, both)
        else:
            _load_from_file(context, both)
    except ssl.SSLError as error:
        mismatch = "KEY_VALUES_MISMATCH" in str(error)
        raise _unusable(
            "private key does not match public key" if mismatch else "failed to parse private key"
        ) from error


def _unusable(why: str) -> HostsError:
    return HostsError(
        f"tls: {why}", hint="See client-certificate(-data) and client-key(-data) of the user."
    )


def _no_passphrase() -> str:
    """OpenSSL would ask on the terminal; Go refuses an encrypted key."""
    return ""


def _load_from_memory(context: ssl.SSLContext, pem: bytes) -> None:
    descriptor = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_no_passphrase)
    finally:
        os.close(descriptor)


def _load_from_file(context: ssl.SSLContext, pem: bytes) -> None:
    import tempfile  # noqa: PLC0415  only where there is no memory file

    descriptor, path = tempfile.mkstemp(prefix="kubectl-hosts-")
    try:
        os.write(descriptor, pem)
        os.close(descriptor)
        context.load_cert_chain(path, password=_no_passphrase)
    finally:
        os.unlink(path)
