"""Credential plugins: the `exec` section of a kubeconfig user.

Source: client-go plugin/pkg/client/auth/exec/exec.go; the protocol is
client.authentication.k8s.io v1 and v1beta1. A plugin that fails ends the command: there is never
a request without the credentials it should have given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.cluster.dial_errors import PREFIX
from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.fields import Json

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
# exec.go installHintVerboseHelp
_INSTALL_HELP = """

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/\
#client-go-credential-plugins"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginCredentials:
    """What a plugin returned; `expires` is RFC 3339 text, "" for never."""

    token: str = ""
    certificate: bytes = b""
    key: bytes = b""
    expires: str = ""


class PluginFailed(HostsError):
    """The plugin gave no credentials; the message holds its own words."""


def check_plugin(plugin: Json) -> None:
    """Raises HostsError for an API version that no kubectl speaks any more."""
    version = plugin.get("apiVersion")
    if version not in _VERSIONS:
        raise HostsError(
            f'exec plugin: invalid apiVersion "{version}"',
            hint=f"The user's exec section needs apiVersion {_VERSIONS[0]}; update the plugin.",
        )


def run_plugin(plugin: Json, cluster: Json, environ: Mapping[str, str]) -> PluginCredentials:
    """Run the plugin of an `exec` section once. Raises PluginFailed."""
    interactive = _is_interactive(plugin)
    environment = {**environ, **_plugin_environment(plugin)}
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(_exec_info(plugin, cluster, interactive))
    given = plugin.get("args")
    arguments = given if isinstance(given, list) else []
    argv = [str(plugin["command"]), *map(str, arguments)]
    completed = _run(argv, environment, interactive, str(plugin.get("installHint") or ""))
    return _read_credentials(plugin, completed)


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


def _exec_info(plugin: Json, cluster: Json, interactive: bool) -> Json:  # noqa: FBT001
    spec: dict[str, object] = {"interactive": interactive}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster)
    return {"kind": "ExecCredential", "apiVersion": plugin["apiVersion"], "spec": spec}


def _cluster_info(cluster: Json) -> Json:
    """rest/exec.go ConfigToExecCluster: the authority always travels as data."""
    import base64  # noqa: PLC0415  only for provideClusterInfo

    from kubectl_hosts.cluster.tls import read_file  # noqa: PLC0415

    data = cluster.get("certificate-authority-data")
    authority = (
        data
        if isinstance(data, bytes)
        else read_file(str(cluster.get("certificate-authority") or ""))
    )
    extensions = cluster.get("extensions")
    config = next(
        (
            each.get("extension")
            for each in (extensions if isinstance(extensions, list) else ())
            if each.get("name") == f"{_GROUP}/exec"
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
    argv: list[str],
    environ: Mapping[str, str],
    interactive: bool,  # noqa: FBT001
    install_hint: str,
) -> bytes:
    """The plugin's stdout. At a terminal its stderr goes straight there, since it may ask there."""
    try:
        completed = subprocess.run(  # noqa: PLW1510  the exit status is read below
            argv,
            env=environ,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if interactive else subprocess.PIPE,
        )
    except FileNotFoundError as error:
        if os.path.dirname(argv[0]):  # as exec.LookPath decides
            raise _failed(f"exec: fork/exec {argv[0]}: no such file or directory") from error
        hint = f"\n\n{printable(install_hint)}" if install_hint else ""
        raise _failed(f"exec: executable {argv[0]} not found{_INSTALL_HELP}{hint}") from error
    except OSError as error:
        raise _failed(f"exec: fork/exec {argv[0]}: {(error.strerror or '').lower()}") from error
    own_words = printable((completed.stderr or b"").decode(errors="replace").strip())
    if completed.returncode != 0:
        code = max(completed.returncode, -1)
        failure = f"exec: executable {argv[0]} failed with exit code {code}"
        raise _failed(f"{failure}: {own_words}" if own_words else failure)
    if own_words:
        print(own_words, file=sys.stderr)  # noqa: T201  its warnings are for the user, as in kubectl
    return completed.stdout


def _read_credentials(plugin: Json, stdout: bytes) -> PluginCredentials:
    try:
        answer = json.loads(stdout)
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
    token, certificate, key, expires = (
        str(status.get(name) or "")
        for name in ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
    )
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
