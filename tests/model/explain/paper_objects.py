"""Objects on paper for readings and fixes: JSON as the API has it, selected as the API does."""

from __future__ import annotations

from kubectl_hosts.model.explain.readings import NameContext
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import Objects
from kubectl_hosts.model.selectors import select


def pod(
    name,
    *,
    namespace="shop",
    ready=True,
    labels=None,
    owner=None,
    ip="10.244.0.9",
    phase="Running",
    deleted=False,
    **spec,
):
    """A running pod; owner is `Kind/name`."""
    deletion = {"deletionTimestamp": "2026-11-26T01:00:00Z"} if deleted else {}
    kind, _, owned_by = (owner or "").partition("/")
    references = [{"kind": kind, "name": owned_by, "controller": True}] if owner else []
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "kind": "Pod",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": {"app": name} if labels is None else labels,
            "ownerReferences": references,
            **deletion,
        },
        "spec": {"containers": [{"name": "main"}], **spec},
        "status": {"phase": phase, "podIPs": [{"ip": ip}] if ip else [], "conditions": conditions},
    }


def service(name, *, namespace="shop", selector=None, headless=False, **spec):
    """A Service that selects `app: NAME` unless SELECTOR says otherwise."""
    ip = "None" if headless else "10.96.0.77"
    chosen = {"app": name} if selector is None else selector
    body = {
        "clusterIP": ip,
        "clusterIPs": [ip],
        "ports": [{"name": "http", "port": 80}],
        "selector": chosen,
        **spec,
    }
    return {"kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": body}


def alias(name, target, *, namespace="shop"):
    """An ExternalName Service."""
    spec = {"type": "ExternalName", "externalName": target}
    return {"kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def slice_of(name, *, service="", namespace="shop", ready=True, endpoints=None, ports=None):
    """A slice with one endpoint, unless ENDPOINTS says otherwise."""
    labels = {"kubernetes.io/service-name": service} if service else {}
    one = {"addresses": ["10.244.0.9"], "conditions": {"ready": ready}}
    return {
        "kind": "EndpointSlice",
        "metadata": {"namespace": namespace, "name": name, "labels": labels},
        "addressType": "IPv4",
        "endpoints": [one] if endpoints is None else endpoints,
        "ports": [{"name": "http", "port": 80, "protocol": "TCP"}] if ports is None else ports,
    }


def ingress(host, address="203.0.113.9"):
    """An Ingress shop/web that routes a host, and is reached at an address."""
    return {
        "kind": "Ingress",
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"rules": [{"host": host}]},
        "status": {"loadBalancer": {"ingress": [{"ip": address}] if address else []}},
    }


def namespace(name):
    """A Namespace."""
    return {"kind": "Namespace", "metadata": {"name": name}}


def stateful_set(name, *, replicas=1, service_name="", start=0, **more):
    """A StatefulSet."""
    spec = {
        **more,
        "replicas": replicas,
        "serviceName": service_name,
        "template": {"spec": {}},
        "ordinals": {"start": start},
    }
    return {"kind": "StatefulSet", "metadata": {"namespace": "shop", "name": name}, "spec": spec}


def node(name, address):
    """A Node with its internal address."""
    addresses = [{"type": "InternalIP", "address": address}]
    return {"kind": "Node", "metadata": {"name": name}, "status": {"addresses": addresses}}


ASKER = pod("asker", ip="10.244.0.8")


def answer(diagnosis, objects, *, unread=()):
    """What DIAGNOSIS returns where the API has OBJECTS; kinds in UNREAD are CouldNotLook."""
    refused = dict(unread)
    try:
        batch = next(diagnosis)
        while True:
            assert all(isinstance(each, Objects) for each in batch)
            batch = diagnosis.send(
                {each: refused.get(each.kind) or select(each, objects) for each in batch}
            )
    except StopIteration as ended:
        return ended.value


def context(asker=ASKER, **known):
    """The pod that asks, with the search list that the kubelet writes."""
    searched = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
    return NameContext(pod=parse_pod(asker), container="main", **{"search_list": searched, **known})
