"""kubeconfig files: found, read, type-checked and merged as client-go does.

Source of the rules: client-go tools/clientcmd/loader.go (ClientConfigLoadingRules.Load,
ResolveLocalPaths) and tools/clientcmd/api/v1/types.go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_hosts.cluster.plain_yaml import Beyond, read_plain_yaml
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


# The list in the file, the key of an item's body, Go's names of both (they stand in its errors).
_LISTS = (
    ("contexts", "context", "Context", "NamedContext"),
    ("clusters", "cluster", "Cluster", "NamedCluster"),
    ("users", "user", "AuthInfo", "NamedAuthInfo"),
)
_INTERNAL = {"contexts": "Context", "clusters": "Cluster", "users": "AuthInfo"}
# Paths that are relative to the file they stand in (loader.go GetClusterFileReferences and
# GetAuthInfoFileReferences); exec.command only when it has a slash.
_LOCAL_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_BOOLEANS = {"insecure-skip-tls-verify", "disable-compression"}
_STRUCTURED = {"exec", "auth-provider", "extensions", "as-groups", "as-user-extra"}
_JSON_WORDS = {dict: "object", list: "array", str: "string", bool: "bool", int: "number"}


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
    try:
        with open(path, "rb") as file:
            document = parse_document(file.read())
        _check_kind(document)
        entries = {
            plural: _named_entries(document, plural, singular, go_names)
            for plural, singular, *go_names in _LISTS
        }
    except (OSError, ValueError) as error:
        raise HostsError(
            f'error loading config file "{path}": {_in_go_words(path, error)}',
            hint="`kubectl config view` reads the same files.",
        ) from error
    folder = os.path.dirname(os.path.abspath(path))
    for name in ("clusters", "users"):
        entries[name] = {key: _with_absolute_paths(e, folder) for key, e in entries[name].items()}
    current = document.get("current-context") or ""
    return Kubeconfig(current_context=str(current), **entries)


def _in_go_words(path: str, error: Exception) -> str:
    if isinstance(error, OSError):
        doing = "read" if isinstance(error, IsADirectoryError) else "open"
        return f"{doing} {path}: {(error.strerror or str(error)).lower()}"
    return str(error)


def parse_document(text: bytes) -> dict[str, Any]:
    """A YAML or JSON document that is an object; an empty one is {}. Raises ValueError."""
    if text.lstrip()[:1] == b"{":
        import json  # noqa: PLC0415  a JSON kubeconfig needs no YAML

        try:
            return dict(json.loads(text))
        except ValueError:
            pass
    try:
        document = read_plain_yaml(text)
    except Beyond:
        document = _parse_yaml(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        word = _JSON_WORDS.get(type(document), "string")
        raise ValueError(  # noqa: TRY004  the callers' one error for an unreadable document
            f"couldn't get version/kind; json parse error: json: cannot unmarshal {word} into Go "
            'value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
            'Kind string "json:\\"kind,omitempty\\"" }'
        )
    return document


def _parse_yaml(text: bytes) -> object:
    import yaml  # noqa: PLC0415  12 ms that most kubeconfigs do not pay

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """As sigs.k8s.io/yaml: JSON has no dates, so a date stays text."""

        yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own attribute
            first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in base.yaml_implicit_resolvers.items()
        }

    try:
        return yaml.load(text, Loader)  # noqa: S506  a child of SafeLoader
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"yaml: {where}{error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"yaml: {str(error).splitlines()[0]}") from error


def _check_kind(document: Json) -> None:
    kind, version = document.get("kind") or "Config", document.get("apiVersion") or "v1"
    if (kind, version) != ("Config", "v1"):
        raise ValueError(
            f'no kind "{kind}" is registered for version "{version}" in scheme '
            '"k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"'
        )


def _named_entries(document: Json, plural: str, singular: str, go_names: list[str]) -> Entries:
    items = document.get(plural) or []
    if not isinstance(items, list):
        raise _wrong_type(items, f"Config.{plural}", f"[]v1.{go_names[1]}")
    found: Entries = {}
    for item in items:
        if not isinstance(item, dict):
            raise _wrong_type(item, f"Config.{plural}", f"v1.{go_names[1]}")
        name, body = str(item.get("name") or ""), item.get(singular) or {}
        if name in found:
            raise ValueError(
                f"error converting *[]{go_names[1]} into *map[string]*api.{_INTERNAL[plural]}: "
                f'duplicate name "{name}" in list'
            )
        if not isinstance(body, dict):
            raise _wrong_type(body, f"{go_names[1]}.{plural}.{singular}", f"v1.{go_names[0]}")
        _check_types(body, f"{go_names[0]}.{plural}.{singular}")
        found[name] = {key: _decoded(key, v) for key, v in body.items() if v is not None}
    return found


def _check_types(body: Json, go_path: str) -> None:
    for key, value in body.items():
        if value is None or key in _STRUCTURED:
            continue
        wanted: type = bool if key in _BOOLEANS else str
        if not isinstance(value, wanted):
            raise _wrong_type(value, f"{go_path}.{key}", _JSON_WORDS[wanted])


def _decoded(key: str, value: object) -> object:
    """`*-data` as bytes, line breaks in the base64 ignored; every other value as it is."""
    if not key.endswith("-data"):
        return value
    import base64  # noqa: PLC0415  only where a key or certificate stands in the file

    try:
        return base64.b64decode("".join(str(value).split()), validate=True)
    except ValueError as error:
        raise ValueError("illegal base64 data at input byte 0") from error


def _wrong_type(value: object, go_path: str, wanted: str) -> ValueError:
    word = _JSON_WORDS.get(type(value), "number")
    return ValueError(
        f"json: cannot unmarshal {word} into Go struct field {go_path} of type {wanted}"
    )


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
