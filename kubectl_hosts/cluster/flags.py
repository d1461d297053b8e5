"""kubectl's connection flags, as values: what the user typed, before any file is read.

Cheap to import: shell completion and `--help` need the names, not the network.
"""

from __future__ import annotations

from typing import NamedTuple


class ConnectionFlags(NamedTuple):
    """The flags of `kubectl options` that choose the server, the user and the namespace.

    "" (or (), or False) is a flag that was not given. Fields are the flags' names, except
    `as_user` for `--as`, which Python keeps for itself.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    username: str = ""
    password: str = ""
    as_user: str = ""
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: tuple[str, ...] = ()
    """`KEY=VALUE`, repeatable (kubectl 1.35; earlier ones have it in kubeconfig only)."""
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure_skip_tls_verify: bool = False
    """`=false` does not undo a kubeconfig's true (client_config.go getCluster)."""
    tls_server_name: str = ""
    request_timeout: str = "0"
    """`5` (seconds), `5s`, `2m`, `0` for none."""
    transport: str = "auto"
    """How commands are run in containers: `api`, `kubectl`, or `auto` (api, then kubectl)."""
