"""The `auth-provider` section of a kubeconfig user: what is left of it in kubectl.

Source: client-go plugin/pkg/client/auth (azure and gcp are stubs, oidc lives in oidc/oidc.go).
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from kubectl_hosts.cluster.credentials import Credentials
from kubectl_hosts.cluster.dial_errors import PREFIX
from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from kubectl_hosts.cluster.access import Access
    from kubectl_hosts.model.fields import Json

# plugin/pkg/client/auth/azure/azure_stub.go, gcp/gcp_stub.go
_REMOVED = {
    "gcp": (
        "The gcp auth plugin has been removed.\n"
        'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.\n'
        "See https://cloud.google.com/blog/products/containers-kubernetes/"
        "kubectl-auth-changes-in-gke for further details"
    ),
    "azure": (
        "The azure auth plugin has been removed.\n"
        "Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin "
        "instead.\nSee https://kubernetes.io/docs/reference/access-authn-authz/authentication/"
        "#client-go-credential-plugins for further details"
    ),
}
# oidc.go idTokenExpired allows ten seconds for clocks that differ.
_CLOCK_SECONDS = 10


def provider_credentials(access: Access) -> Credentials:
    """The id-token of an `oidc` provider while it is valid. Raises HostsError otherwise.

    It is never refreshed here: a refresh token may be good for one use, so its answer must be
    written back to the kubeconfig, and this program changes no file. kubectl does both.
    """
    provider = access.user["auth-provider"]
    assert isinstance(provider, dict)
    name, config = str(provider.get("name") or ""), provider.get("config") or {}
    hint = "See auth-provider of the kubeconfig's user."
    if name != "oidc":
        raise HostsError(_REMOVED.get(name, f'no Auth Provider found for name "{name}"'), hint=hint)
    for key in ("idp-issuer-url", "client-id"):
        if not config.get(key):
            raise HostsError(f"Must provide {key}", hint=hint)
    token = str(config.get("id-token") or "")
    if token and not _has_expired(token):
        return Credentials(f"Bearer {token}")
    if config.get("refresh-token"):
        raise HostsError(
            "the OIDC id-token in the kubeconfig has expired",
            hint="Run `kubectl get --raw /version` once: kubectl refreshes and stores the token.",
        )
    raise HostsError(
        f"{PREFIX}No valid id-token, and cannot refresh without refresh-token", hint=hint
    )


def _has_expired(token: str) -> bool:
    claims = _claims(token)
    expires = claims.get("exp")
    return not isinstance(expires, (int, float)) or time.time() > expires - _CLOCK_SECONDS


def _claims(token: str) -> Json:
    """The claims of a JSON Web Token (RFC 7519), unverified: the server verifies."""
    import base64  # noqa: PLC0415

    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
