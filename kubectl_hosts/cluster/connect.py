"""The live API as the rest sees it: `connect` turns flags into a Cluster.

Cheap to import; what talks to the network is imported when `connect` is called.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.cluster.access import Access, NotUnderstood, Proxy, ServerAddress
    from kubectl_hosts.cluster.flags import ConnectionFlags
    from kubectl_hosts.cluster.http_requests import Requests
    from kubectl_hosts.cluster.streams import PodConnection
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.ports import CompletedExec, ExecTarget


class ApiCluster:
    """The Cluster protocol of `probes/ports.py` over the live API; made by `connect`."""

    def __init__(
        self, namespace: str, seconds: float | None, requests: Requests, flags: ConnectionFlags
    ) -> None:
        self._namespace = namespace
        self._seconds = seconds
        self._requests = requests
        self._flags = flags

    @property
    def namespace(self) -> str:
        """`--namespace`, else the current context's, else `default`."""
        return self._namespace

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
        from kubectl_hosts.cluster.http_requests import get_object  # noqa: PLC0415

        return get_object(self._requests, resource, name, namespace, self._seconds)

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected, a page of 500 at a time. Raises as `get` does."""
        from kubectl_hosts.cluster.http_requests import list_objects  # noqa: PLC0415

        return list_objects(self._requests, resource, selection, self._seconds)

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
        from kubectl_hosts.cluster.exec import ExecCommand, run_exec  # noqa: PLC0415

        command = ExecCommand(target, tuple(argv), stdin, limit, deadline)
        return run_exec(self._requests, self._flags, command)

    def forward(
        self, namespace: str, pod: str, port: int, *, deadline: float = 10.0
    ) -> PodConnection:
        """A byte stream to TCP PORT of a pod, for DEADLINE seconds in all.

        Raises NotFound, Forbidden, another ServerRefused, or Unreachable.
        """
        from kubectl_hosts.cluster.streams import forward  # noqa: PLC0415

        return forward(self._requests, namespace, pod, port, deadline)

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._requests.close()


def connect(flags: ConnectionFlags, environ: Mapping[str, str] | None = None) -> ApiCluster:
    """The cluster that kubectl would talk to with these flags; sends nothing yet.

    Raises HostsError with kubectl's words for a kubeconfig, a flag or a certificate that cannot
    be used.
    """
    from kubectl_hosts.cluster.access import NotUnderstood, choose_access  # noqa: PLC0415

    environ = os.environ if environ is None else environ
    try:
        access = choose_access(flags, environ)
    except NotUnderstood as error:
        return _connect_with_kubectl_alone(flags, environ, error)
    return _connect_with(access, flags)


def _connect_with(access: Access, flags: ConnectionFlags) -> ApiCluster:
    from kubectl_hosts.cluster.access import choose_proxy, parse_server  # noqa: PLC0415
    from kubectl_hosts.cluster.connection import Dialer  # noqa: PLC0415
    from kubectl_hosts.cluster.credentials import impersonation_headers, log_in  # noqa: PLC0415
    from kubectl_hosts.cluster.http_requests import Requests  # noqa: PLC0415

    cluster = access.cluster
    endpoint = parse_server(str(cluster["server"]))
    is_tls = endpoint.scheme == "https"
    proxy = choose_proxy(endpoint, str(cluster.get("proxy-url") or ""), access.environ)
    foreign = _what_only_kubectl_speaks(access, endpoint, proxy)
    if foreign:
        # kubectl proxy dials an upgrade directly, past any proxy: kubectl execs itself.
        by_kubectl = proxy is not None and flags.transport == "auto"
        exec_flags = flags._replace(transport="kubectl") if by_kubectl else flags
        requests = _through_kubectl(flags, access.environ, foreign)
        return ApiCluster(access.namespace, access.timeout, requests, exec_flags)
    requests = Requests(
        endpoint,
        Dialer(endpoint, proxy, server_name=str(cluster.get("tls-server-name") or "")),
        # client_config.go ClientConfig: without TLS no credentials are read, none are sent.
        log_in(access) if is_tls else None,
        cluster=cluster,
        headers=tuple(impersonation_headers(access.user)),
        target_prefix=f"http://{endpoint.authority}" if proxy and not is_tls else "",
    )
    return ApiCluster(access.namespace, access.timeout, requests, flags)


def _what_only_kubectl_speaks(access: Access, endpoint: ServerAddress, proxy: Proxy | None) -> str:
    """What goes through kubectl proxy, in words; "" where the thin client can do it all."""
    from kubectl_hosts.cluster.credentials import oidc_token  # noqa: PLC0415

    if proxy is not None and proxy.scheme != "http":
        return f"a proxy of the kind {proxy.scheme}://"
    if endpoint.scheme == "https" and access.user.get("auth-provider"):
        return "" if oidc_token(access.user) else "auth-provider"
    return ""


def _through_kubectl(flags: ConnectionFlags, environ: Mapping[str, str], foreign: str) -> Requests:
    from kubectl_hosts.cluster.access import ServerAddress  # noqa: PLC0415
    from kubectl_hosts.cluster.http_requests import Requests  # noqa: PLC0415
    from kubectl_hosts.cluster.kubectl import KubectlProxy  # noqa: PLC0415

    proxy = KubectlProxy(flags, environ, foreign)
    endpoint = ServerAddress("http", "localhost", 80, authority="localhost")
    return Requests(endpoint, proxy, None, cluster={})


def _connect_with_kubectl_alone(
    flags: ConnectionFlags, environ: Mapping[str, str], error: NotUnderstood
) -> ApiCluster:
    """A kubeconfig that only kubectl may understand; where it does not, the words are its own."""
    from kubectl_hosts.cluster.flags import parse_request_timeout  # noqa: PLC0415
    from kubectl_hosts.cluster.kubectl import ask_kubectl, find_kubectl  # noqa: PLC0415

    if not find_kubectl():
        raise error
    view = ("config", "view", "--minify", "--output=jsonpath={.contexts[0].context.namespace}")
    namespace = flags.namespace or ask_kubectl(flags, environ, *view) or "default"
    requests = _through_kubectl(flags, environ, "this kubeconfig")
    return ApiCluster(namespace, parse_request_timeout(flags.request_timeout), requests, flags)
