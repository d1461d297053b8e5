"""From a kubeconfig user entry to credentials, in client-go's order of precedence.

Sources: client-go tools/clientcmd/client_config.go getUserIdentificationPartialConfig;
rest/transport.go; plugin/pkg/client/auth (removed providers).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kubectl_hosts.cluster.credentials import (
    Certificate,
    Credentials,
    PluginLogin,
    TokenFileCredentials,
    basic,
)
from kubectl_hosts.cluster.tls import read_file
from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from kubectl_hosts.cluster.access import Access
    from kubectl_hosts.model.fields import Json


def log_in(access: Access) -> Credentials:
    """The credentials of the chosen user; a plugin is not run yet. Raises HostsError."""
    user = access.user
    if user.get("auth-provider"):
        from kubectl_hosts.cluster.auth_provider import provider_credentials  # noqa: PLC0415

        return provider_credentials(access)
    certificate = _certificate(user)
    if user.get("tokenFile"):
        # A token beside it is used only while the file cannot be read again.
        return TokenFileCredentials(str(user["tokenFile"]), certificate)
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
    from kubectl_hosts.cluster import credential_plugin  # noqa: PLC0415

    plugin = access.user["exec"]
    assert isinstance(plugin, dict)
    credential_plugin.check_plugin(plugin)
    return PluginLogin(
        partial(credential_plugin.run_plugin, plugin, access.cluster, access.environ)
    )


def _certificate(user: Json) -> Certificate | None:
    certificate = _data_or_file(user, "client-certificate")
    return (certificate, _data_or_file(user, "client-key")) if certificate else None


def _data_or_file(user: Json, key: str) -> bytes:
    data = user.get(f"{key}-data")
    return data if isinstance(data, bytes) and data else read_file(str(user.get(key) or ""))
