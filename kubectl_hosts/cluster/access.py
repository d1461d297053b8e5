"""Which server, as whom, in which namespace: kubeconfig and flags together, as kubectl joins them.

Source of the rules: client-go tools/clientcmd/loader.go (ClientConfigLoadingRules.Load,
ResolveLocalPaths), api/v1/types.go, client_config.go (getContext, getAuthInfo, getCluster,
ClientConfig, inClusterClientConfig), merged_client_builder.go, and validation.go
(validateClusterInfo, validateAuthInfo); words, order and punctuation of the checks are theirs,
since the first error is the one that kubectl prints.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from kubectl_hosts.cluster.connection import LARGEST_FILE, PREFIX, at_once, basic, bytes_of
from kubectl_hosts.cluster.connection_flags import parse_request_timeout
from kubectl_hosts.errors import HostsError, Unreachable, system_words
from kubectl_hosts.waiting import waiting_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from ipaddress import IPv4Address, IPv6Address

    from kubectl_hosts.cluster.connection_flags import ConnectionFlags
    from kubectl_hosts.model.fields import Json

Entries = dict[str, "Json"]


class Kubeconfig(NamedTuple):
    """All files merged: named entries as JSON objects, local paths absolute."""

    current_context: str
    contexts: Entries
    clusters: Entries
    users: Entries


class NotUnderstood(HostsError):
    """A file that can be read and is no kubeconfig to us; kubectl may think otherwise."""


class _Struct(NamedTuple):
    """A Go struct: its name, which stands in errors, and the type of each field.

    A type is bool, str, [of elements], {"": of any key's value}, or another struct.
    """

    go: str
    fields: dict[str, Any]


def _struct(go: str, texts: str, **others: object) -> _Struct:
    """TEXTS: the fields that are strings; OTHERS with _ for -."""
    fields = dict.fromkeys(texts.split(), str)
    return _Struct(go, fields | {key.replace("_", "-"): of for key, of in others.items()})


def _named(plural: str, go: str, key: str, body: _Struct) -> dict[str, Any]:
    return {plural: [_struct(f"Named{go}", "name", **{key: body})]}


_EXTENSIONS = [_struct("NamedExtension", "name")]
_CONTEXT = _struct("Context", "cluster user namespace", extensions=_EXTENSIONS)
_CLUSTER = _struct(
    "Cluster",
    "server tls-server-name certificate-authority certificate-authority-data proxy-url",
    insecure_skip_tls_verify=bool,
    disable_compression=bool,
    extensions=_EXTENSIONS,
)
_PLUGIN = _struct(
    "ExecConfig",
    "command apiVersion installHint interactiveMode",
    args=[str],
    env=[_struct("ExecEnvVar", "name value")],
    provideClusterInfo=bool,
)
_USER = _struct(
    "AuthInfo",
    "client-certificate client-certificate-data client-key client-key-data token tokenFile "
    "as as-uid username password",
    as_groups=[str],
    as_user_extra={"": [str]},
    auth_provider=_struct("AuthProviderConfig", "name", config={"": str}),
    exec=_PLUGIN,
    extensions=_EXTENSIONS,
)
_CONFIG = _struct(
    "Config",
    "kind apiVersion current-context",
    **_named("contexts", "Context", "context", _CONTEXT),
    **_named("clusters", "Cluster", "cluster", _CLUSTER),
    **_named("users", "AuthInfo", "user", _USER),
)
_BODIES = {"contexts": "context", "clusters": "cluster", "users": "user"}
# Paths that are relative to the file they stand in (loader.go GetClusterFileReferences and
# GetAuthInfoFileReferences); exec.command only when it has a slash.
_LOCAL_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_JSON_WORDS = {dict: "object", list: "array", str: "string", bool: "bool"}


def load_kubeconfig(
    explicit: str, environ: Mapping[str, str], seconds: float | None = None
) -> Kubeconfig:
    """The merged configuration: EXPLICIT (`--kubeconfig`), else KUBECONFIG's list, else home's.

    Raises HostsError where EXPLICIT is missing or any file cannot be read, a pipe within SECONDS.
    """
    if explicit:
        try:
            os.stat(explicit)
        except FileNotFoundError as error:
            raise HostsError(
                f"stat {explicit}: no such file or directory",
                hint="--kubeconfig names the file; without it KUBECONFIG and ~/.kube/config count.",
            ) from error
        return _merge([_read(explicit, seconds)])
    return _merge([_read(path, seconds) for path in _search_path(environ) if _is_there(path)])


def _is_there(path: str) -> bool:
    """Whether there is something to read, or to complain about (a folder that is locked)."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _search_path(environ: Mapping[str, str]) -> list[str]:
    listed = environ.get("KUBECONFIG", "")
    if listed:
        return [path for path in dict.fromkeys(listed.split(os.pathsep)) if path]
    return [os.path.join(os.path.expanduser("~"), ".kube", "config")]


def _merge(files: list[Kubeconfig]) -> Kubeconfig:
    """The first file that sets current-context, and the first that has a map key, win whole."""

    def first_wins(maps: list[Entries]) -> Entries:
        return {name: body for entries in reversed(maps) for name, body in entries.items()}

    return Kubeconfig(
        current_context=next((f.current_context for f in files if f.current_context), ""),
        contexts=first_wins([f.contexts for f in files]),
        clusters=first_wins([f.clusters for f in files]),
        users=first_wins([f.users for f in files]),
    )


def _read(path: str, seconds: float | None) -> Kubeconfig:
    hint = "`kubectl config view` reads the same files."
    try:
        with waiting_for("reading the kubeconfig"):
            text = bytes_of(path, LARGEST_FILE + 1, seconds)
    except (OSError, ValueError) as error:
        raise HostsError(
            f'error loading config file "{path}": {_in_go_words(path, error)}', hint=hint
        ) from error
    if len(text) > LARGEST_FILE:
        # kubectl is not asked, either: a device has no end.
        raise HostsError(
            f'error loading config file "{path}": more than {LARGEST_FILE >> 20} MiB',
            hint="--kubeconfig or KUBECONFIG names a file that is none.",
        )
    try:
        document = parse_document(text)
        _check_kind(document)
        _check_type(document, _CONFIG, "Config", "")
        entries = {plural: _named_entries(document, plural) for plural in _BODIES}
    except ValueError as error:
        raise NotUnderstood(f'error loading config file "{path}": {error}', hint=hint) from error
    folder = os.path.dirname(os.path.abspath(path))
    for name in ("clusters", "users"):
        entries[name] = {key: _with_absolute_paths(e, folder) for key, e in entries[name].items()}
    return Kubeconfig(current_context=str(document.get("current-context") or ""), **entries)


def _in_go_words(path: str, error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        doing = "read" if isinstance(error, IsADirectoryError) else "open"
        return f"{doing} {path}: {system_words(error)}"
    return str(error)


def parse_document(text: bytes) -> dict[str, Any]:
    """A YAML or JSON document that is an object; an empty one is {}. Raises ValueError."""
    document = _parse_json(text) or _parse_yaml(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ValueError(  # noqa: TRY004  the callers' one error for an unreadable document
            f"couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{_word(document)} into Go value of type struct "
            '{ APIVersion string "json:\\"apiVersion,omitempty\\""; '
            'Kind string "json:\\"kind,omitempty\\"" }'
        )
    return document


def _parse_json(text: bytes) -> dict[str, Any]:
    """A JSON kubeconfig needs no YAML; {} where it is none."""
    if text.lstrip()[:1] != b"{":
        return {}
    import json  # noqa: PLC0415

    try:
        return dict(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _parse_yaml(text: bytes) -> object:
    from kubectl_hosts.yaml_reader import YamlError, parse_yaml  # noqa: PLC0415  9 ms

    try:
        for document in parse_yaml(text.decode()):
            return document.value  # the first counts
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ValueError(f"yaml: line {line}: invalid UTF-8") from error
    except YamlError as error:
        where = f"line {error.line}: " if error.line else ""
        raise ValueError(f"yaml: {where}{error.problem}") from error
    return None


def _check_kind(document: Json) -> None:
    kind, version = document.get("kind") or "Config", document.get("apiVersion") or "v1"
    if (kind, version) != ("Config", "v1"):
        raise ValueError(
            f'no kind "{kind}" is registered for version "{version}" in scheme '
            '"k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"'
        )


def _check_type(value: object, wanted: Any, struct: str, path: str) -> None:  # noqa: ANN401
    """encoding/json's strictness; STRUCT and PATH are the place in its words."""
    inside: list[tuple[object, Any]] = []
    match wanted:
        case _Struct(go, fields) if isinstance(value, dict):
            for key, of in fields.items():
                _check_type(value.get(key), of, go, f"{path}.{key}")
        case [of] if isinstance(value, list):
            inside = [(each, of) for each in value]
        case {"": of} if isinstance(value, dict):
            inside = [(each, of) for each in value.values()]
        case _ if value is not None and not (
            isinstance(wanted, type) and isinstance(value, wanted)
        ):
            raise ValueError(
                f"json: cannot unmarshal {_word(value)} into Go struct field "
                f"{struct}{path} of type {_go_type(wanted)}"
            )
    for each, of in inside:
        _check_type(each, of, struct, path)


def _word(value: object) -> str:
    return _JSON_WORDS.get(type(value), "number")


def _go_type(wanted: Any) -> str:  # noqa: ANN401
    match wanted:
        case _Struct(go):
            return f"v1.{go}"
        case [of]:
            return f"[]{_go_type(of)}"
        case {"": of}:
            return f"map[string]{_go_type(of)}"
    return _JSON_WORDS[wanted]


def _named_entries(document: Json, plural: str) -> Entries:
    found: Entries = {}
    go = _CONFIG.fields[plural][0].go
    items = document.get(plural)
    for item in items if isinstance(items, list) else ():
        name = str((item or {}).get("name") or "")
        if name in found:
            raise ValueError(
                f"error converting *[]{go} into *map[string]*api.{go.removeprefix('Named')}: "
                f'duplicate name "{name}" in list'
            )
        body = (item or {}).get(_BODIES[plural]) or {}
        found[name] = {key: _decoded(key, v) for key, v in body.items() if v is not None}
    return found


def _decoded(key: str, value: object) -> object:
    """`*-data` as bytes, line breaks in the base64 ignored; every other value as it is."""
    if not key.endswith("-data"):
        return value
    import base64  # noqa: PLC0415  only where a key or certificate stands in the file

    try:
        return base64.b64decode("".join(str(value).split()), validate=True)
    except ValueError as error:
        raise ValueError("illegal base64 data at input byte 0") from error


def _with_absolute_paths(body: Json, folder: str) -> Json:
    def absolute(path: object) -> str:
        return os.path.normpath(os.path.join(folder, str(path)))

    resolved = {
        key: absolute(value) if key in _LOCAL_PATHS and value else value
        for key, value in body.items()
    }
    plugin = body.get("exec")
    if isinstance(plugin, dict):
        command = str(plugin.get("command") or "")
        if "/" in command:
            resolved["exec"] = {**plugin, "command": absolute(command)}
    return resolved


_PROXY_SCHEMES = ("http", "https", "socks5")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class Access(NamedTuple):
    """A cluster entry, a user entry and a namespace, after every override.

    `cluster` and `user` hold kubeconfig's own keys (`certificate-authority-data` as bytes).
    """

    cluster: Json
    user: Json
    environ: Mapping[str, str]
    cluster_name: str = ""
    user_name: str = ""
    namespace: str = "default"
    timeout: float | None = None
    """Seconds for one request; None waits."""


def choose_access(flags: ConnectionFlags, environ: Mapping[str, str]) -> Access:
    """What kubectl would connect to with these flags. Raises HostsError with kubectl's words."""
    timeout = parse_request_timeout(flags.request_timeout)
    config = load_kubeconfig(flags.kubeconfig, environ, timeout)
    context = _chosen(config.contexts, flags.context, config.current_context, 'context "{}"')
    user_name = flags.user or str(context.get("user") or "")
    cluster_name = flags.cluster or str(context.get("cluster") or "")
    user = _chosen(config.users, flags.user, user_name, 'auth info "{}"')
    cluster = _chosen(config.clusters, flags.cluster, cluster_name, 'cluster "{}"')
    _refuse_unusable_context(config, flags)
    in_cluster = _runs_in_a_pod(environ)
    if in_cluster and not (cluster.get("server") or flags.server):
        cluster, user = _in_cluster_entries(environ)
        cluster_name = user_name = "in-cluster"
    access = Access(
        cluster=_override_cluster(cluster, flags, environ),
        user=_override_user(user, flags),
        cluster_name=cluster_name,
        user_name=user_name,
        namespace=flags.namespace
        or str(context.get("namespace") or "")
        or (_in_cluster_namespace(environ) if in_cluster else "default"),
        timeout=timeout,
        environ=environ,
    )
    _refuse_faults(access)
    return access


def _chosen(entries: Mapping[str, Json], flag: str, name: str, words: str) -> Json:
    """The entry; absent is {} unless a flag asked for it."""
    if flag and flag not in entries:
        raise HostsError(
            f"{words.format(flag)} does not exist",
            hint="`kubectl config get-contexts` lists what there is.",
        )
    return entries.get(flag or name, {})


def _refuse_unusable_context(config: Kubeconfig, flags: ConnectionFlags) -> None:
    current = config.current_context
    if not flags.context and current and current not in config.contexts:
        raise HostsError(
            f"Error in configuration: context was not found for specified context: {current}",
            hint="`kubectl config use-context NAME` sets another one.",
        )


def _override_cluster(cluster: Json, flags: ConnectionFlags, environ: Mapping[str, str]) -> Json:
    default = environ.get("KUBERNETES_MASTER") or "http://localhost:8080"
    merged = {"server": default, **cluster}
    given = {
        "server": flags.server,
        "certificate-authority": flags.certificate_authority,
        "insecure-skip-tls-verify": flags.insecure_skip_tls_verify,
        "tls-server-name": flags.tls_server_name,
    }
    merged.update({key: value for key, value in given.items() if value})
    if flags.insecure_skip_tls_verify or flags.certificate_authority:
        merged.pop("certificate-authority-data", None)
        merged["certificate-authority"] = flags.certificate_authority
        merged["insecure-skip-tls-verify"] = flags.insecure_skip_tls_verify
    if flags.server and not flags.tls_server_name:
        merged.pop("tls-server-name", None)
    return merged


def _override_user(user: Json, flags: ConnectionFlags) -> Json:
    given: dict[str, object] = {
        "token": flags.token,
        "username": flags.username,
        "password": flags.password,
        "client-certificate": flags.client_certificate,
        "client-key": flags.client_key,
        "as": flags.as_user,
        "as-uid": flags.as_uid,
        "as-groups": list(flags.as_groups),
        "as-user-extra": _parse_user_extra(flags.as_user_extra),
    }
    return {**user, **{key: value for key, value in given.items() if value}}


def _parse_user_extra(pairs: tuple[str, ...]) -> dict[str, list[str]]:
    extra: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise HostsError(
                f"invalid value {pair!r} for --as-user-extra: expected KEY=VALUE",
                hint="Repeat the flag for several values of one key.",
            )
        extra.setdefault(key, []).append(value)
    return extra


def _refuse_faults(access: Access) -> None:
    faults = [
        *_user_faults(access.user_name, access.user),
        *_cluster_faults(access.cluster_name, access.cluster),
    ]
    hint = "`kubectl config view` shows the entry; flags override it."
    if len(faults) == 1:
        raise HostsError(faults[0], hint=hint)
    if faults:
        listed = "\n".join(f"* {fault}" for fault in faults)
        raise HostsError(f"Error in configuration: \n{listed}", hint=hint)


def _runs_in_a_pod(environ: Mapping[str, str]) -> bool:
    return bool(
        environ.get("KUBERNETES_SERVICE_HOST")
        and environ.get("KUBERNETES_SERVICE_PORT")
        and os.path.isfile(f"{SERVICE_ACCOUNT}/token")
    )


def _in_cluster_entries(environ: Mapping[str, str]) -> tuple[Json, Json]:
    """rest/config.go InClusterConfig: the pod's own service account."""
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    cluster: dict[str, object] = {
        "server": f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    }
    authority = f"{SERVICE_ACCOUNT}/ca.crt"
    if os.path.isfile(authority):
        cluster["certificate-authority"] = authority
    return cluster, {"tokenFile": f"{SERVICE_ACCOUNT}/token"}


def _in_cluster_namespace(environ: Mapping[str, str]) -> str:
    named = environ.get("POD_NAMESPACE", "")
    if not named:
        try:
            with open(f"{SERVICE_ACCOUNT}/namespace", encoding="utf-8") as file:
                named = file.read().strip()
        except OSError:
            return "default"
    return named or "default"


def _cluster_faults(name: str, cluster: Json) -> Iterator[str]:
    """Sentences, none when the entry can be used."""
    if not cluster.get("server"):
        yield f'no server found for cluster "{name}"' if name else "cluster has no server defined"
    proxy = str(cluster.get("proxy-url") or "")
    scheme = proxy.partition(":")[0]
    if proxy and scheme not in _PROXY_SCHEMES:
        yield (
            f'invalid \'proxy-url\' "{without_password(proxy)}" for cluster "{name}": '
            f'unsupported scheme "{scheme}", must be http, https, or socks5'
        )
    authority = cluster.get("certificate-authority")
    if authority and cluster.get("certificate-authority-data"):
        yield (
            f"certificate-authority-data and certificate-authority are both specified for {name}. "
            "certificate-authority-data will override."
        )
    if authority:
        yield from _unreadable("certificate-authority", str(authority), name)


def _user_faults(name: str, user: Json) -> Iterator[str]:
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
        with open(path, "rb", opener=at_once):
            return
    except (OSError, ValueError) as error:
        why = f"open {path}: {system_words(error)}"
        yield f"unable to read {what} {path} for {name} due to {why}"


# Where the API server listens and which proxy leads there.
#
# Sources: client-go rest/url_utils.go DefaultServerURL; Go net/http ProxyFromEnvironment and
# golang.org/x/net/http/httpproxy (NO_PROXY).


class ServerAddress(NamedTuple):
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


def parse_server(server: str) -> ServerAddress:
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
    return ServerAddress(
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


def choose_proxy(
    endpoint: ServerAddress, proxy_url: str, environ: Mapping[str, str]
) -> Proxy | None:
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
        authorization=""
        if url.username is None
        else basic(unquote(url.username), unquote(url.password or "")),
        scheme=url.scheme,
    )


def without_password(url: str) -> str:
    """URL to print; whatever stands before its last `@` is the user's own."""
    scheme, separator, rest = url.partition("://")
    if not (separator and scheme.isalnum()):
        scheme, separator, rest = "", "", url
    return f"{scheme}{separator}xxxxx@{rest.rpartition('@')[2]}" if "@" in rest else url


def _bypasses_proxy(endpoint: ServerAddress, environ: Mapping[str, str]) -> bool:
    """httpproxy.Config.useProxy: loopback never goes through a proxy of the environment."""
    address = _ip_address(endpoint.host)
    if endpoint.host == "localhost" or (address is not None and address.is_loopback):
        return True
    listed = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    return any(
        _spares(entry.strip().lower(), endpoint) for entry in listed.split(",") if entry.strip()
    )


def _spares(entry: str, endpoint: ServerAddress) -> bool:
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
