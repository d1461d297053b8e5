"""The live API as the rest sees it: `connect` turns flags into a Cluster.

Cheap to import; what talks to the network is imported when `connect` is called.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.cluster.access import Access
    from kubectl_hosts.cluster.flags import ConnectionFlags
    from kubectl_hosts.cluster.forward import PodConnection
    from kubectl_hosts.cluster.http_requests import Requests
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.ports import CompletedExec, ExecTarget


class ApiCluster:
    """The Cluster protocol of `gather/ports.py` over the live API; made by `connect`."""

    def __init__(self, access: Access, requests: Requests, flags: ConnectionFlags) -> None:
        self._access = access
        self._requests = requests
        self._flags = flags

    @property
    def namespace(self) -> str:
        """`--namespace`, else the current context's, else `default`."""
        return self._access.namespace

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
        from kubectl_hosts.cluster.reads import get_object  # noqa: PLC0415

        return get_object(self._requests, resource, name, namespace, self._access.timeout)

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected, a page of 500 at a time. Raises as `get` does."""
        from kubectl_hosts.cluster.reads import list_objects  # noqa: PLC0415

        return list_objects(self._requests, resource, selection, self._access.timeout)

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,
    ) -> CompletedExec:
        """Run a command in a container, over the transport that `--transport` chose.

        Raises NotFound for a pod that is gone, a child of ExecFailed, or Unreachable.
        """
        from kubectl_hosts.cluster.exec_command import ExecCommand  # noqa: PLC0415
        from kubectl_hosts.cluster.exec_transports import run_exec  # noqa: PLC0415

        command = ExecCommand(target, tuple(argv), stdin, limit, deadline)
        return run_exec(self._requests, self._flags, command)

    def forward(
        self, namespace: str, pod: str, port: int, *, deadline: float = 10.0
    ) -> PodConnection:
        """A byte stream to TCP PORT of a pod, for DEADLINE seconds in all.

        Raises NotFound, Forbidden, another ServerRefused, or Unreachable.
        """
        from kubectl_hosts.cluster.forward import forward  # noqa: PLC0415

        return forward(self._requests, namespace, pod, port, deadline)

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._requests.close()


def connect(flags: ConnectionFlags, environ: Mapping[str, str] | None = None) -> ApiCluster:
    """The cluster that kubectl would talk to with these flags; sends nothing yet.

    Raises HostsError with kubectl's words for a kubeconfig, a flag or a certificate that cannot
    be used.
    """
    from kubectl_hosts.cluster.access import choose_access  # noqa: PLC0415

    access = choose_access(flags, os.environ if environ is None else environ)
    return ApiCluster(access, _make_requests(access), flags)


def _make_requests(access: Access) -> Requests:
    from kubectl_hosts.cluster.credentials import impersonation_headers  # noqa: PLC0415
    from kubectl_hosts.cluster.dial import Dialer  # noqa: PLC0415
    from kubectl_hosts.cluster.endpoint import choose_proxy, parse_server  # noqa: PLC0415
    from kubectl_hosts.cluster.http_requests import Requests  # noqa: PLC0415
    from kubectl_hosts.cluster.login import log_in  # noqa: PLC0415

    cluster = access.cluster
    endpoint = parse_server(str(cluster["server"]))
    is_tls = endpoint.scheme == "https"
    proxy = choose_proxy(endpoint, str(cluster.get("proxy-url") or ""), access.environ)
    return Requests(
        endpoint,
        Dialer(endpoint, proxy, server_name=str(cluster.get("tls-server-name") or "")),
        # client_config.go ClientConfig: without TLS no credentials are read, none are sent.
        log_in(access) if is_tls else None,
        cluster=cluster,
        headers=tuple(impersonation_headers(access.user)),
        target_prefix=f"http://{endpoint.authority}" if proxy and not is_tls else "",
    )
