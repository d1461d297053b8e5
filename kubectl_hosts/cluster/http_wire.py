"""HTTP/1.1 on one socket: a GET goes out, its answer comes in (RFC 9112).

Our own, because http.client imports the email package to read headers: 12 ms of the 90 before an
exec is under way (client-cost.md, "Imports"). Tests hold it against http.client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from io import BufferedReader
    from socket import socket

# http.client's bounds: bytes of a line, headers of an answer.
_LONGEST_LINE = 1 << 16
_MOST_HEADERS = 100
SWITCHING_PROTOCOLS = 101
_HEX_DIGITS = "0123456789abcdefABCDEF"
_WITHOUT_BODY = frozenset((101, 204, 304))


class BadAnswer(Exception):
    """What came is no HTTP/1.1 answer; the message is Go's net/http."""


class NoAnswer(ConnectionResetError):
    """The connection ended before an answer began."""


class Head(NamedTuple):
    """The first lines of an answer; header names in lower case, the first of several counts."""

    version: str
    status: int
    reason: str
    headers: Mapping[str, str]

    @property
    def keeps_alive(self) -> bool:
        """RFC 9112 section 9.3: whether the connection outlives the answer."""
        wish = self.headers.get("connection", "").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" in wish
        return "close" not in wish

    @property
    def is_chunked(self) -> bool:
        """RFC 9112 section 6.3: chunks go before a length."""
        return self.headers.get("transfer-encoding", "").lower() == "chunked"

    @property
    def length(self) -> int | None:
        """Bytes of the body, None where it goes on to the end of the connection."""
        if self.status in _WITHOUT_BODY:
            return 0
        given = self.headers.get("content-length", "")
        return int(given) if given.isascii() and given.isdecimal() else None


class Response:
    """An answer: its head, and the body that `read` brings."""

    def __init__(self, head: Head, reader: BufferedReader) -> None:
        self.status = head.status
        self.headers = head.headers
        self._head = head
        self._reader = reader

    @property
    def will_close(self) -> bool:
        """Whether the connection cannot carry another answer."""
        head = self._head
        return not (head.keeps_alive and (head.is_chunked or head.length is not None))

    def read(self) -> bytes:
        """The whole body. Raises BadAnswer where it ends early, OSError."""
        if self._head.is_chunked:
            return b"".join(_chunks(self._reader))
        length = self._head.length
        return self._reader.read() if length is None else _read_exactly(self._reader, length)


class Connection:
    """A connected keep-alive connection; `reused` once it has carried an answer."""

    reused = False

    def __init__(self, sock: socket) -> None:
        self.sock = sock
        self.reader = sock.makefile("rb")

    def send(self, target: str, headers: Iterable[tuple[str, str]]) -> None:
        """Send a GET. Raises ValueError for a header that would break out of its line, OSError."""
        lines = [f"GET {target} HTTP/1.1"]
        for name, value in headers:
            if not value.isprintable() and any(each in value for each in "\r\n\0"):
                raise ValueError(name)
            lines.append(f"{name}: {value}")
        self.sock.sendall("\r\n".join((*lines, "\r\n")).encode())

    def receive(self) -> Response:
        """The next answer. Raises NoAnswer, BadAnswer, OSError."""
        head = read_head(self.reader)
        while head.status // 100 == 1 and head.status != SWITCHING_PROTOCOLS:
            head = read_head(self.reader)
        return Response(head, self.reader)

    def close(self) -> None:
        """Drop the connection."""
        self.reader.close()
        self.sock.close()


def read_head(reader: BufferedReader) -> Head:
    """The status line and the headers, up to the empty line. Raises NoAnswer, BadAnswer."""
    first = reader.readline(_LONGEST_LINE)
    if not first:
        raise NoAnswer
    version, _, rest = first.decode("latin-1").strip().partition(" ")
    code, _, reason = rest.partition(" ")
    if not (version.startswith("HTTP/1.") and len(code) == 3 and code.isdecimal()):
        raise BadAnswer(f"malformed HTTP response {first[:100].decode('latin-1').strip()!r}")
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS + 1):
        line = _read_line(reader)
        if not line:
            return Head(version, int(code), reason.strip(), headers)
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), value.strip())
    raise BadAnswer(f"server response headers exceeded {_MOST_HEADERS} lines")


def _read_line(reader: BufferedReader) -> str:
    line = reader.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise BadAnswer("unexpected EOF" if len(line) < _LONGEST_LINE else "a line is too long")
    return line.decode("latin-1").rstrip("\r\n")


def _read_exactly(reader: BufferedReader, size: int) -> bytes:
    body = reader.read(size)
    if len(body) < size:
        raise BadAnswer("unexpected EOF")
    return body


def _chunks(reader: BufferedReader) -> Iterable[bytes]:
    """RFC 9112 section 7.1; extensions and trailers mean nothing here."""
    while True:
        size = _read_line(reader).partition(";")[0].strip()
        if not size or size.strip(_HEX_DIGITS):
            raise BadAnswer("invalid byte in chunk length")
        if not int(size, 16):
            break
        yield _read_exactly(reader, int(size, 16))
        _read_line(reader)
    while _read_line(reader):
        pass
