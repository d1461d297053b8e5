"""The user's credentials: which headers a request carries, which certificate the TLS handshake.

Sources: client-go transport/round_trippers.go (bearer, basic, impersonation), token_source.go
(token files are read again), rest/config.go, tools/clientcmd/client_config.go (nothing but
impersonation is sent without TLS).
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kubectl_hosts.cluster.tls import read_file
from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.cluster.credential_plugin import PluginCredentials
    from kubectl_hosts.model.fields import Json

Header = tuple[str, str]
Certificate = tuple[bytes, bytes]
"""PEM of the certificate chain, PEM of its key."""

# token_source.go NewCachedFileTokenSource: read again after a minute, less the leeway.
_TOKEN_FILE_SECONDS = 50.0
_HEADER_KEY = frozenset(
    "!#$&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
)


class Credentials:
    """What identifies the user, fixed for the run: a token, a password, a certificate, nothing."""

    def __init__(self, authorization: str = "", certificate: Certificate | None = None) -> None:
        self._authorization = authorization
        self._certificate = certificate

    def authorization(self) -> str:
        """The value of the Authorization header, "" for none. Raises HostsError."""
        return self._authorization

    def certificate(self) -> Certificate | None:
        """The client certificate and its key. Raises HostsError."""
        return self._certificate

    def renew(self) -> bool:
        """Called after a 401: True when there are other credentials to try."""
        return False


class TokenFileCredentials(Credentials):
    """A token in a file that someone else renews; surrounding white space is not part of it."""

    def __init__(self, path: str, certificate: Certificate | None) -> None:
        super().__init__(certificate=certificate)
        self._path = path
        self._read_at = time.monotonic()
        self._token = read_file(path).decode(errors="replace").strip()

    def authorization(self) -> str:
        """The file's token, read again when a minute has passed."""
        if time.monotonic() - self._read_at > _TOKEN_FILE_SECONDS:
            self.renew()
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        """Read the file again: True when it holds another token; unreadable keeps the old one."""
        before = self._token
        self._read_at = time.monotonic()
        try:
            self._token = read_file(self._path).decode(errors="replace").strip() or before
        except HostsError:
            return False
        return self._token != before


class PluginLogin(Credentials):
    """A credential plugin: run when first needed, again when its credentials expire."""

    def __init__(self, run: Callable[[], PluginCredentials]) -> None:
        super().__init__()
        self._run = run
        self._lock = threading.Lock()
        self._found: PluginCredentials | None = None

    def _current(self) -> PluginCredentials:
        with self._lock:
            if self._found is None or _has_expired(self._found.expires):
                self._found = self._run()
            return self._found

    def authorization(self) -> str:
        """`Bearer TOKEN`, or "" where the plugin gives a certificate only."""
        token = self._current().token
        return f"Bearer {token}" if token else ""

    def certificate(self) -> Certificate | None:
        """The plugin's certificate and key."""
        found = self._current()
        return (found.certificate, found.key) if found.certificate else None

    def renew(self) -> bool:
        """Run the plugin again: True when it gives other credentials."""
        with self._lock:
            before, self._found = self._found, self._run()
            return self._found != before


def _has_expired(expires: str) -> bool:
    if not expires:
        return False
    try:
        end = datetime.fromisoformat(expires.replace("Z", "+00:00"))
    except ValueError:
        return False
    return end.tzinfo is not None and datetime.now(timezone.utc) >= end


def impersonation_headers(user: Json) -> Iterator[Header]:
    """`as*` of a user entry; round_trippers.go NewImpersonatingRoundTripper."""
    if not user.get("as"):
        return
    yield "Impersonate-User", str(user["as"])
    if user.get("as-uid"):
        yield "Impersonate-Uid", str(user["as-uid"])
    groups, extra = user.get("as-groups"), user.get("as-user-extra")
    for group in groups if isinstance(groups, list) else ():
        yield "Impersonate-Group", str(group)
    for key, values in (extra if isinstance(extra, dict) else {}).items():
        name = "".join(c if c in _HEADER_KEY else f"%{ord(c):02X}" for c in key)
        for value in values:
            yield f"Impersonate-Extra-{name}", str(value)


def basic(username: str, password: str) -> str:
    """RFC 7617."""
    import base64  # noqa: PLC0415  passwords are rare

    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
