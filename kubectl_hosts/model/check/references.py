"""Services that objects refer to by name: no resolver is asked for these, the API server looks.

Ingress backends, webhooks, APIServices and conversion webhooks name a Service by their fields, and
so do custom resources (an object with a name, a namespace and a port). An ExternalName is a name
that the cluster DNS gives as an alias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.api.kinds import kind_of
from kubectl_hosts.model.check.hosts_in_text import (
    hosts_of_urls,
    is_host_name,
    is_of_cluster,
)
from kubectl_hosts.model.check.mentions import Form, Mention
from kubectl_hosts.model.fields import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.check.hosts_in_text import Exists
    from kubectl_hosts.model.fields import Json

_DEEPEST = 30
_WEBHOOKS = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})


class Reference(NamedTuple):
    """A mention by an object that is no workload; namespace is where the name is looked up from.

    service is the one that a reference names, (namespace, name); None where it is a name.
    """

    object: str
    namespace: str
    mention: Mention
    service: tuple[str, str] | None = None


def references_of(obj: Json, exists: Exists) -> Iterator[Reference]:
    """The Services and names that OBJ refers to; EXISTS is asked as its namespace would.

    Raises BadInput for a field of the wrong type.
    """
    kind = kind_of(obj)
    named = f"{kind.name}/{text(obj, 'metadata', 'name')}"
    namespace = text(obj, "metadata", "namespace")
    if not kind.is_built_in:
        yield from _of_custom_resource(obj, named, namespace, exists)
    elif kind.name == "Service":
        target = text(obj, "spec", "externalName")
        if text(obj, "spec", "type") == "ExternalName" and is_host_name(target):
            mention = Mention("", "spec.externalName", target, target)
            yield Reference(named, namespace, mention)
    elif kind.name in _WEBHOOKS | {"Ingress", "APIService", "CustomResourceDefinition"}:
        yield from _walk(obj, kind.name, named, namespace)


def _walk(obj: Json, kind: str, named: str, namespace: str) -> Iterator[Reference]:
    for path, value in _leaves(obj, ()):
        where = ".".join(path)
        if path[0] in {"metadata", "status"}:
            continue
        if kind == "Ingress" and path[-2:] == ("service", "name"):
            mention = Mention("", where, value, value, Form.REFERENCE)
            yield Reference(named, namespace, mention, (namespace, value))
        elif path[-2:] == ("clientConfig", "url"):
            for spot in hosts_of_urls(value):
                yield Reference(named, "", Mention("", where, value, spot.name))
    if kind != "Ingress":
        yield from _of_service_fields(obj, named)


def _of_service_fields(obj: Json, named: str) -> Iterator[Reference]:
    """Objects `service` with a name and a namespace: of webhooks and APIServices."""
    for path, service in _objects(obj, ()):
        name, space = service.get("name"), service.get("namespace")
        if path[-1:] == ("service",) and isinstance(name, str) and isinstance(space, str):
            yield _to_service(named, "", (*path, "name"), (space, name), Form.REFERENCE)


def _to_service(
    named: str, namespace: str, path: tuple[str, ...], service: tuple[str, str], form: Form
) -> Reference:
    mention = Mention("", ".".join(path), service[1], f"{service[1]}.{service[0]}.svc", form)
    return Reference(named, namespace, mention, service)


def _of_custom_resource(
    obj: Json, named: str, namespace: str, exists: Exists
) -> Iterator[Reference]:
    """What looks like a Service, a URL or a cluster's name, in a spec that nobody here knows."""
    for path, value in _objects(obj, ()):
        name, space, port = (value.get(key) for key in ("name", "namespace", "port"))
        is_service = isinstance(name, str) and isinstance(space, str) and port is not None
        if path[:1] == ("spec",) and is_service:
            service = (str(space), str(name))
            yield _to_service(named, namespace, (*path, "name"), service, Form.CUSTOM_RESOURCE)
    for path, text_ in _leaves(obj, ()):
        if path[0] != "spec" or "template" in path[:2]:
            continue
        where = ".".join(path)
        for spot in hosts_of_urls(text_):
            mention = Mention(
                "", where, text_[spot.start : spot.end], spot.name, Form.CUSTOM_RESOURCE
            )
            yield Reference(named, namespace, mention)
        is_host = path[-1].lower() in {"host", "hosts"} and exists.service(text_)
        if is_of_cluster(text_) or is_host:
            yield Reference(
                named, namespace, Mention("", where, text_, text_, Form.CUSTOM_RESOURCE)
            )


def _objects(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """The objects in VALUE with the path that leads there, without the places in lists."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from _objects(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each, path)


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts in VALUE with the path that leads there, without the places in lists."""
    if isinstance(value, str) and path:
        yield path, value
    elif len(path) > _DEEPEST:
        return
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)
