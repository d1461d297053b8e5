"""A cluster that works, but for the requests that a test chooses: those get a fault."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from misbehaving import SWITCHED, frame, status_frame

from kubectl_hosts.errors import HostsError, NotFound
from kubectl_hosts.model.resources import RESOURCES, Selection
from kubectl_hosts.probes.ports import ExecTarget
from tests.fakes import FakeCluster, a_node, a_pod, container_files, hosts_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from misbehaving import Fault, Peer

PODS = ("good-1", "bad", "good-2")
KINDS = {each.plural: each for each in RESOURCES.values()}


def three_pods(*more):
    """Three pods of namespace shop, whose files are as the kubelet wrote them, and MORE objects."""
    pods = [a_pod(each) for each in PODS]
    files = {
        (name, "main"): container_files(hosts_text(pod))
        for name, pod in zip(PODS, pods, strict=True)
    }
    shop = {"kind": "Namespace", "metadata": {"name": "shop"}}
    return FakeCluster([*pods, a_node(), shop, *more], files)


def works_but_for(
    fault: Fault, where: Callable[[str], bool], cluster: FakeCluster | None = None
) -> Fault:
    """The answers of CLUSTER, and FAULT for each request whose path and query WHERE takes."""
    cluster = cluster or three_pods()

    def answer(peer: Peer) -> None:
        target = peer.request.split(" ")[1]
        if where(target):
            fault(peer)
            raise OSError  # closes the connection
        url = urlsplit(target)
        query = parse_qs(url.query)
        parts = [unquote(each) for each in url.path.strip("/").split("/")]
        if parts[-1] == "exec":
            _run(peer, cluster, parts, query)
        body, status = _object(cluster, parts, query)
        data = json.dumps(body).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n\r\n"
        peer.send(head.encode() + data)

    answer.keeps_open = True  # type: ignore[attr-defined]
    return answer


def _run(peer: Peer, cluster: FakeCluster, parts: list[str], query: dict[str, list[str]]) -> None:
    target = ExecTarget(parts[3], parts[5], query.get("container", [""])[0])
    try:
        done = cluster.exec(target, tuple(query["command"]))
    except HostsError as error:
        failure = {"status": "Failure", "message": error.message}
        peer.send(SWITCHED, status_frame(failure))
    else:
        code = {"reason": "ExitCode", "message": str(done.exit_code)}
        status = {
            "status": "Failure",
            "reason": "NonZeroExitCode",
            "details": {"causes": [code]},
        }
        ended = status if done.exit_code else {"status": "Success"}
        peer.send(SWITCHED, frame(b"\x01" + done.stdout), frame(b"\x02" + done.stderr))
        peer.send(status_frame(ended), b"\x88\x02\x03\xe8")
    with suppress(OSError):
        while peer.sock.recv(4096):
            pass
    raise OSError


def _object(
    cluster: FakeCluster, parts: list[str], query: dict[str, list[str]]
) -> tuple[object, str]:
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    namespace = parts[1] if parts[0] == "namespaces" and len(parts) > 2 else ""
    plural, *name = parts[2:] if namespace else parts
    resource = KINDS.get(plural)
    if resource is None:
        return {"kind": "Status", "reason": "NotFound", "message": "no such type"}, "404 Not Found"
    if name:
        try:
            return cluster.get(resource, name[0], namespace=namespace), "200 OK"
        except NotFound as error:
            message = error.message.partition(": ")[2]
            refusal = {"kind": "Status", "reason": "NotFound", "message": message}
            return refusal, "404 Not Found"
    chosen = Selection(
        namespace, query.get("labelSelector", [""])[0], query.get("fieldSelector", [""])[0]
    )
    return {"items": list(cluster.list(resource, chosen)), "metadata": {}}, "200 OK"
