"""What client-go finds wrong with a cluster entry and a user entry before it connects.

Source: client-go tools/clientcmd/validation.go validateClusterInfo and validateAuthInfo; words,
order and punctuation are theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json

_PROXY_SCHEMES = ("http", "https", "socks5")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def cluster_faults(name: str, cluster: Json) -> Iterator[str]:
    """Sentences, none when the entry can be used."""
    if not cluster.get("server"):
        yield f'no server found for cluster "{name}"' if name else "cluster has no server defined"
    proxy = str(cluster.get("proxy-url") or "")
    scheme = proxy.partition(":")[0]
    if proxy and scheme not in _PROXY_SCHEMES:
        yield (
            f'invalid \'proxy-url\' "{proxy}" for cluster "{name}": unsupported scheme '
            f'"{scheme}", must be http, https, or socks5'
        )
    authority = cluster.get("certificate-authority")
    if authority and cluster.get("certificate-authority-data"):
        yield (
            f"certificate-authority-data and certificate-authority are both specified for {name}. "
            "certificate-authority-data will override."
        )
    if authority:
        yield from _unreadable("certificate-authority", str(authority), name)


def user_faults(name: str, user: Json) -> Iterator[str]:
    """Sentences, none when the entry can be used."""
    if user.get("client-certificate") or user.get("client-certificate-data"):
        yield from _certificate_faults(name, user)
    plugin = user.get("exec")
    if isinstance(plugin, dict):
        if user.get("auth-provider"):
            yield f"authProvider cannot be provided in combination with an exec plugin for {name}"
        yield from _plugin_faults(name, plugin)
    if user.get("token") and (user.get("username") or user.get("password")):
        yield (
            f"more than one authentication method found for {name}; "
            "found [token basicAuth], only one is allowed"
        )
    if not user.get("as") and any(user.get(f"as-{key}") for key in ("uid", "groups", "user-extra")):
        yield f"requesting uid, groups or user-extra for {name} without impersonating a user"


def _certificate_faults(name: str, user: Json) -> Iterator[str]:
    certificate, key = user.get("client-certificate"), user.get("client-key")
    if certificate and user.get("client-certificate-data"):
        yield (
            f"client-cert-data and client-cert are both specified for {name}. "
            "client-cert-data will override."
        )
    if key and user.get("client-key-data"):
        yield (
            f"client-key-data and client-key are both specified for {name}; "
            "client-key-data will override"
        )
    if not key and not user.get("client-key-data"):
        yield (
            f"client-key-data or client-key must be specified for {name} "
            "to use the clientCert authentication method."
        )
    if certificate:
        yield from _unreadable("client-cert", str(certificate), name)
    if key:
        yield from _unreadable("client-key", str(key), name)


def _plugin_faults(name: str, plugin: Json) -> Iterator[str]:
    use = f"for {name} to use exec authentication plugin"
    if not plugin.get("command"):
        yield f"command must be specified {use}"
    version = str(plugin.get("apiVersion") or "")
    if not version:
        yield f"apiVersion must be specified {use}"
    variables = plugin.get("env")
    for variable in variables if isinstance(variables, list) else ():
        if not (isinstance(variable, dict) and variable.get("name")):
            yield f"env variable name must be specified {use}"
    mode = plugin.get("interactiveMode")
    # The beta APIs default it (clientcmd/api/v1/defaults.go SetDefaults_ExecConfig).
    if not mode and not version.endswith(("/v1beta1", "/v1alpha1")):
        yield f"interactiveMode must be specified {use}"
    if mode and mode not in _INTERACTIVE_MODES:
        yield f'invalid interactiveMode for {name}: "{mode}"'


def _unreadable(what: str, path: str, name: str) -> Iterator[str]:
    try:
        with open(path, "rb"):
            return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        yield f"unable to read {what} {path} for {name} due to open {path}: {reason}"
