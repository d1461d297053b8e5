"""A DNS server on a port of this machine: answers questions of a connection in their order."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager

import dns.message
import dns.rrset

SILENT = "silent."


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while head := self._read(2):
            query = dns.message.from_wire(self._read(int.from_bytes(head, "big")))
            if query.question[0].name.to_text().endswith(SILENT):
                self.request.recv(1)  # says nothing until the client goes away
                return
            wire = self.server.reply(query).to_wire()
            self.request.sendall(len(wire).to_bytes(2, "big") + wire)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.request.recv(size - len(data))
            if not piece:
                return b""
            data += piece
        return data


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request, client_address) -> None:
        """A client that went away is what some tests are about."""

    def reply(self, query: dns.message.Message) -> dns.message.Message:
        """`every-byte.` has all 256 byte values in its TXT; else A has 192.0.2.1, AAAA nothing."""
        response = dns.message.make_response(query)
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        if name == "nope.":
            response.set_rcode(3)
        elif name == "every-byte.":
            text = '"' + "".join(f"\\{byte:03d}" for byte in range(255)) + '" "\\255"'
            response.answer.append(dns.rrset.from_text(name, 30, "IN", "TXT", text))
        elif kind == "A":
            response.answer.append(dns.rrset.from_text(name, 30, "IN", "A", "192.0.2.1"))
        return response


@contextmanager
def dns_server():
    """The port that it listens on, on every IPv4 address of this machine (all of 127.0.0.0/8)."""
    with _Server(("", 0), _Connection) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
