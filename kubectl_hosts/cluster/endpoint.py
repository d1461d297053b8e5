"""Where the API server listens and which proxy leads there.

Sources: client-go rest/url_utils.go DefaultServerURL; Go net/http ProxyFromEnvironment and
golang.org/x/net/http/httpproxy (NO_PROXY).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from kubectl_hosts.cluster.connection import PREFIX
from kubectl_hosts.errors import HostsError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address, IPv6Address


class Endpoint(NamedTuple):
    """An API server's address; `prefix` is the URL's path, without its final slash."""

    scheme: str
    host: str
    port: int
    prefix: str = ""
    authority: str = ""
    """`host:port` as the server URL has it: what kubectl prints and sends as Host."""


class Proxy(NamedTuple):
    """A proxy; `authorization` is "" or the value of Proxy-Authorization."""

    host: str
    port: int
    authorization: str = ""
    scheme: str = "http"


def parse_server(server: str) -> Endpoint:
    """The address in a kubeconfig's `server`; without a scheme it is http. Raises HostsError."""
    try:
        url = urlsplit(server)
        is_url = bool(url.scheme and url.netloc)
        if not is_url:
            url = urlsplit(f"http://{server}")
        port = url.port
    except ValueError as error:
        raise _no_server(server) from error
    if not is_url and url.path not in {"", "/"}:
        raise _no_server(server)
    if url.scheme not in {"http", "https"}:
        raise Unreachable(
            f'{PREFIX}unsupported protocol scheme "{url.scheme}"',
            hint="--server, or `server` in the kubeconfig's cluster, takes https://HOST:PORT.",
        )
    return Endpoint(
        scheme=url.scheme,
        host=url.hostname or "",
        port=port or (443 if url.scheme == "https" else 80),
        prefix=url.path.rstrip("/"),
        authority=url.netloc.rpartition("@")[2],
    )


def _no_server(server: str) -> HostsError:
    return HostsError(
        f'host must be a URL or a host:port pair: "{without_password(server)}"',
        hint="--server, or `server` in the kubeconfig's cluster, takes https://HOST:PORT.",
    )


def choose_proxy(endpoint: Endpoint, proxy_url: str, environ: Mapping[str, str]) -> Proxy | None:
    """The cluster's `proxy-url`, else HTTPS_PROXY or HTTP_PROXY unless NO_PROXY spares the host.

    Raises Unreachable for a proxy's address that is none; its scheme may be any.
    """
    if not proxy_url:
        variable = f"{endpoint.scheme}_proxy"
        proxy_url = environ.get(variable.upper()) or environ.get(variable) or ""
        if not proxy_url or _bypasses_proxy(endpoint, environ):
            return None
    try:
        url = urlsplit(proxy_url if "://" in proxy_url else f"http://{proxy_url}")
        port = url.port
    except ValueError as error:
        raise Unreachable(
            f'{PREFIX}invalid proxy address "{without_password(proxy_url)}"',
            hint="proxy-url of the kubeconfig, or HTTPS_PROXY, takes http://HOST:PORT.",
        ) from error
    return Proxy(
        host=url.hostname or "",
        port=port or 80,
        authorization=_proxy_basic(url),
        scheme=url.scheme,
    )


def without_password(url: str) -> str:
    """URL to print; whatever stands before its last `@` is the user's own."""
    scheme, separator, rest = url.partition("://")
    if not (separator and scheme.isalnum()):
        scheme, separator, rest = "", "", url
    return f"{scheme}{separator}xxxxx@{rest.rpartition('@')[2]}" if "@" in rest else url


def _proxy_basic(url: SplitResult) -> str:
    if url.username is None:
        return ""
    import base64  # noqa: PLC0415  few proxies ask for a password

    pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _bypasses_proxy(endpoint: Endpoint, environ: Mapping[str, str]) -> bool:
    """httpproxy.Config.useProxy: loopback never goes through a proxy of the environment."""
    address = _ip_address(endpoint.host)
    if endpoint.host == "localhost" or (address is not None and address.is_loopback):
        return True
    listed = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    return any(
        _spares(entry.strip().lower(), endpoint) for entry in listed.split(",") if entry.strip()
    )


def _spares(entry: str, endpoint: Endpoint) -> bool:
    """One entry of NO_PROXY: `*`, an address, a CIDR, a domain and its children; `:port`."""
    import ipaddress  # noqa: PLC0415  only where NO_PROXY is set

    address = _ip_address(endpoint.host)
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, port = entry.rpartition(":")
    if colon and port.isdecimal() and (name.count(":") == 0 or name.endswith("]")):
        if int(port) != endpoint.port:
            return False
        entry = name
    entry = entry.strip("[]")
    host = endpoint.host.lower()
    if address is not None:
        return _ip_address(entry) == address
    return host.endswith("." + entry.lstrip("*").lstrip(".")) or host == entry


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress  # noqa: PLC0415  4 ms that only a proxy in the environment costs

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
