"""Who asks: the user's credentials, as headers of a request and as a certificate of the handshake.

A plugin that fails ends the command: there is never a request without the credentials it should
have given. An `auth-provider` is left to kubectl, which renews its tokens and writes them back;
only an OIDC token that is still valid is sent from here.

Sources: client-go transport/round_trippers.go (bearer, basic, impersonation), token_source.go
(token files are read again), rest/config.go, tools/clientcmd/client_config.go (nothing but
impersonation is sent without TLS; getUserIdentificationPartialConfig), plugin/pkg/client/auth/exec
exec.go (the protocol client.authentication.k8s.io v1 and v1beta1), oidc/oidc.go.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.cluster.connection import PREFIX, Deadline, basic, data_or_file, read_file
from kubectl_hosts.cluster.http_requests import parse_json
from kubectl_hosts.errors import HostsError, system_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.cluster.access import Access
    from kubectl_hosts.model.fields import Json

Header = tuple[str, str]
Certificate = tuple[bytes, bytes]
"""PEM of the certificate chain, PEM of its key."""

# token_source.go NewCachedFileTokenSource: read again after a minute, less the leeway.
_TOKEN_FILE_SECONDS = 50.0
_HEADER_KEY = frozenset(
    "!#$&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
)
# oidc.go idTokenExpired allows ten seconds for clocks that differ.
_CLOCK_SECONDS = 10
_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
# A plugin waits for a person who logs in, or for a service.
_PLUGIN_SECONDS = 300.0
_LARGEST_ANSWER = 1 << 20
# exec.go installHintVerboseHelp
_INSTALL_HELP = """

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/\
#client-go-credential-plugins"""


def log_in(access: Access) -> Credentials:
    """The credentials of the chosen user; a plugin is not run yet. Raises HostsError."""
    user = access.user
    if user.get("auth-provider"):
        return Credentials(f"Bearer {oidc_token(user)}")
    certificate = _certificate(user, access.timeout)
    if user.get("tokenFile"):
        beside = str(user.get("token") or "")
        return TokenFileCredentials(str(user["tokenFile"]), certificate, beside, access.timeout)
    if user.get("token"):
        return Credentials(f"Bearer {user['token']}", certificate)
    if user.get("username") or user.get("password"):
        username, password = (str(user.get(key) or "") for key in ("username", "password"))
        return Credentials(basic(username, password), certificate)
    if certificate is None and isinstance(user.get("exec"), dict):
        return _plugin_login(access)
    if certificate is None:
        raise HostsError(
            f'the kubeconfig has no credentials for user "{access.user_name}"',
            hint="kubectl would ask for a user name here; give --token, --user or --context.",
        )
    return Credentials(certificate=certificate)


def _plugin_login(access: Access) -> PluginLogin:
    plugin = access.user["exec"]
    assert isinstance(plugin, dict)
    version = plugin.get("apiVersion")
    if version not in _VERSIONS:
        raise HostsError(
            f'exec plugin: invalid apiVersion "{version}"',
            hint=f"The user's exec section needs apiVersion {_VERSIONS[0]}; update the plugin.",
        )
    return PluginLogin(lambda: run_plugin(plugin, access))


def _certificate(user: Json, seconds: float | None) -> Certificate | None:
    certificate = data_or_file(user, "client-certificate", seconds)
    return (certificate, data_or_file(user, "client-key", seconds)) if certificate else None


def oidc_token(user: Json) -> str:
    """The id-token of an `oidc` auth-provider while it is valid, "" where kubectl must log in."""
    match user.get("auth-provider"):
        case {
            "name": "oidc",
            "config": {
                "idp-issuer-url": str(issuer),
                "client-id": str(client),
                "id-token": str(it),
            },
        } if issuer and client and _expires(it) > time.time() + _CLOCK_SECONDS:
            return it
    return ""


def _expires(token: str) -> float:
    """The `exp` of a JSON Web Token (RFC 7519), unverified: the server verifies. 0 without one."""
    import base64  # noqa: PLC0415

    try:
        payload = token.split(".")[1]
        claims = parse_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return 0.0
    expires = claims.get("exp") if isinstance(claims, dict) else None
    return float(expires) if isinstance(expires, (int, float)) and expires < 1e12 else 0.0


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
    """A token in a file that someone else renews; surrounding white space is not part of it.

    A token BESIDE it in the kubeconfig is used where the file holds none, which is an error without
    one; token_source.go.
    """

    def __init__(
        self,
        path: str,
        certificate: Certificate | None,
        beside: str = "",
        seconds: float | None = None,
    ) -> None:
        super().__init__(certificate=certificate)
        self._path = path
        self._seconds = seconds
        self._read_at = time.monotonic()
        self._token = self._read() or beside
        if not self._token:
            raise HostsError(
                f'read empty token from file "{path}"',
                hint="Log in anew, or write the token to it.",
            )

    def _read(self) -> str:
        return read_file(self._path, self._seconds).decode(errors="replace").strip()

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
            self._token = self._read() or before
        except HostsError:
            return False
        return self._token != before


class PluginCredentials(NamedTuple):
    """What a plugin returned; `expires` is RFC 3339 text, "" for never."""

    token: str = ""
    certificate: bytes = b""
    key: bytes = b""
    expires: str = ""


class PluginFailed(HostsError):
    """The plugin gave no credentials; the message holds its own words."""


class PluginLogin(Credentials):
    """A credential plugin: run when first needed, again when its credentials expire.

    One that failed has failed for every thread: nobody is asked to log in 32 times.
    """

    def __init__(self, run: Callable[[], PluginCredentials]) -> None:
        super().__init__()
        self._run = run
        self._lock = threading.Lock()
        self._found: PluginCredentials | None = None
        self._failed: PluginFailed | None = None

    def _current(self) -> PluginCredentials:
        with self._lock:
            if self._found is None or _has_expired(self._found.expires):
                self._found = self._run_once()
            return self._found

    def _run_once(self) -> PluginCredentials:
        if self._failed is not None:
            raise PluginFailed(self._failed.message, hint=self._failed.hint)
        try:
            return self._run()
        except PluginFailed as error:
            self._failed = error
            raise

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
            before, self._found = self._found, self._run_once()
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


def run_plugin(plugin: Json, access: Access) -> PluginCredentials:
    """Run the plugin of an `exec` section once. Raises PluginFailed."""
    import json  # noqa: PLC0415

    interactive = _is_interactive(plugin)
    environment = {**access.environ, **_plugin_environment(plugin)}
    info = _exec_info(plugin, access.cluster, interactive=interactive)
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    given = plugin.get("args")
    arguments = given if isinstance(given, list) else []
    argv = [str(plugin["command"]), *map(str, arguments)]
    seconds = min(access.timeout or _PLUGIN_SECONDS, _PLUGIN_SECONDS)
    try:
        stdout = _run(argv, environment, seconds, interactive=interactive)
    except FileNotFoundError as error:
        if "/" in argv[0]:  # as exec.LookPath decides
            raise _failed(f"exec: fork/exec {argv[0]}: no such file or directory") from error
        words = str(plugin.get("installHint") or "")
        hint = f"\n\n{printable(words)}" if words else ""
        raise _failed(f"exec: executable {argv[0]} not found{_INSTALL_HELP}{hint}") from error
    return _read_credentials(plugin, stdout)


def _is_interactive(plugin: Json) -> bool:
    mode = plugin.get("interactiveMode") or "IfAvailable"
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if mode == "Always" and not terminal:
        raise _failed(
            "exec plugin cannot support interactive mode: standard input is not a terminal"
        )
    return terminal and mode != "Never"


def _plugin_environment(plugin: Json) -> dict[str, str]:
    variables = plugin.get("env")
    return {
        str(each["name"]): str(each.get("value") or "")
        for each in (variables if isinstance(variables, list) else ())
    }


def _exec_info(plugin: Json, cluster: Json, *, interactive: bool) -> Json:
    spec: dict[str, object] = {"interactive": interactive}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster)
    return {"kind": "ExecCredential", "apiVersion": plugin["apiVersion"], "spec": spec}


def _cluster_info(cluster: Json) -> Json:
    """rest/exec.go ConfigToExecCluster: the authority always travels as data."""
    import base64  # noqa: PLC0415  only for provideClusterInfo

    authority = data_or_file(cluster, "certificate-authority")
    extensions = cluster.get("extensions")
    config = next(
        (
            each.get("extension")
            for each in (extensions if isinstance(extensions, list) else ())
            if isinstance(each, dict) and each.get("name") == f"{_GROUP}/exec"
        ),
        None,
    )
    info = {
        "server": cluster.get("server"),
        "tls-server-name": cluster.get("tls-server-name"),
        "insecure-skip-tls-verify": cluster.get("insecure-skip-tls-verify"),
        "certificate-authority-data": base64.b64encode(authority).decode() if authority else None,
        "proxy-url": cluster.get("proxy-url"),
    }
    return {**{key: value for key, value in info.items() if value}, "config": config}


def _run(
    argv: list[str], environ: Mapping[str, str], seconds: float, *, interactive: bool
) -> bytes:
    """The plugin's stdout. At a terminal its stderr goes straight there, since it may ask there.

    Raises FileNotFoundError where there is no such program, PluginFailed.
    """
    import subprocess  # noqa: PLC0415  few kubeconfigs have a plugin

    from kubectl_hosts.cluster.programs import Program, run_program  # noqa: PLC0415

    try:
        program = Program(
            argv,
            environ=environ,
            stdin=None if interactive else subprocess.DEVNULL,
            stderr=None if interactive else subprocess.PIPE,
            interactive=interactive,
        )
        ended = run_program(program, limit=_LARGEST_ANSWER, deadline=Deadline(seconds))
    except FileNotFoundError:
        raise
    except TimeoutError as error:
        raise _failed(f"exec: executable {argv[0]} did not end within {seconds:g} s") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL, or a variable named A=B
        raise _failed(f"exec: fork/exec {argv[0]}: {system_words(error)}") from error
    if ended.status is None:
        raise _failed(f"exec: executable {argv[0]} wrote more than {_LARGEST_ANSWER} bytes")
    own_words = printable(ended.stderr.decode(errors="replace").strip())
    if ended.status != 0:
        code = max(ended.status, -1)
        failure = f"exec: executable {argv[0]} failed with exit code {code}"
        raise _failed(f"{failure}: {own_words}" if own_words else failure)
    if own_words:
        print(own_words, file=sys.stderr)  # noqa: T201  its warnings are for the user, as in kubectl
    return ended.stdout


def _read_credentials(plugin: Json, stdout: bytes) -> PluginCredentials:
    try:
        answer = parse_json(stdout)
    except ValueError as error:
        raise _failed(
            f"decoding stdout: couldn't get version/kind; json parse error: {error}"
        ) from error
    version = answer.get("apiVersion") if isinstance(answer, dict) else None
    if version != plugin["apiVersion"]:
        raise _failed(
            f"exec plugin is configured to use API version {plugin['apiVersion']}, "
            f"plugin returned version {version or _GROUP + '/__internal'}"
        )
    status = answer.get("status")
    if not isinstance(status, dict):
        raise _failed("exec plugin didn't return a status field")
    fields = ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
    told = [status.get(name) or "" for name in fields]
    for name, each in zip(fields, told, strict=True):
        if not isinstance(each, str):
            raise _failed(f"decoding stdout: status.{name} is no text")
    token, certificate, key, expires = told
    if not (token or certificate or key):
        raise _failed("exec plugin didn't return a token or cert/key pair")
    if bool(certificate) != bool(key):
        raise _failed("exec plugin returned only certificate or key, not both")
    return PluginCredentials(
        token=token, certificate=certificate.encode(), key=key.encode(), expires=expires
    )


def printable(text: str) -> str:
    """Text without control characters but line breaks and tabs; client_config.go does the same."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else f"U+{ord(char):04X}" for char in text
    )


def _failed(why: str) -> PluginFailed:
    return PluginFailed(
        f"{PREFIX}getting credentials: {why}",
        hint="The user's exec section in the kubeconfig names the plugin; kubectl runs it too.",
    )
