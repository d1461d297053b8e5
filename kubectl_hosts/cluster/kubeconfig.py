"""kubeconfig files: found, read, type-checked and merged as client-go does.

Source of the rules: client-go tools/clientcmd/loader.go (ClientConfigLoadingRules.Load,
ResolveLocalPaths) and tools/clientcmd/api/v1/types.go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_hosts.errors import HostsError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
# A device in place of a file has no end.
_LARGEST_FILE = 1 << 24


def load_kubeconfig(explicit: str, environ: Mapping[str, str]) -> Kubeconfig:
    """The merged configuration: EXPLICIT (`--kubeconfig`), else KUBECONFIG's list, else home's.

    Raises HostsError where EXPLICIT is missing or any file cannot be read.
    """
    if explicit:
        try:
            os.stat(explicit)
        except FileNotFoundError as error:
            raise HostsError(
                f"stat {explicit}: no such file or directory",
                hint="--kubeconfig names the file; without it KUBECONFIG and ~/.kube/config count.",
            ) from error
        return _merge([_read(explicit)])
    return _merge([_read(path) for path in _search_path(environ) if _is_there(path)])


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


def _read(path: str) -> Kubeconfig:
    hint = "`kubectl config view` reads the same files."
    try:
        with open(path, "rb") as file:
            text = file.read(_LARGEST_FILE)
    except (OSError, ValueError) as error:
        raise HostsError(
            f'error loading config file "{path}": {_in_go_words(path, error)}', hint=hint
        ) from error
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


def _in_go_words(path: str, error: Exception) -> str:
    if isinstance(error, OSError):
        doing = "read" if isinstance(error, IsADirectoryError) else "open"
        return f"{doing} {path}: {(error.strerror or str(error)).lower()}"
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
