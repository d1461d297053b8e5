"""Objects and lists over HTTP: paths, pages, refusals, retries, dropped connections."""

from __future__ import annotations

import gzip
import json

import pytest
from fake_api_server import Reply, api_server, thing_at

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.http_requests import object_path
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import Forbidden, NotFound, ServerRefused, Unreachable
from kubectl_hosts.model.resources import Resource, Selection

POD = Resource("pods")
NODE = Resource("nodes", namespaced=False)
SLICE = Resource("endpointslices", "discovery.k8s.io", "v1")
PATH = "/api/v1/namespaces/n/pods/p"
LIST = "/api/v1/namespaces/n/pods"


@pytest.fixture
def server():
    with api_server() as running:
        yield running


@pytest.fixture
def live(server):
    cluster = connect(ConnectionFlags(server=server.url), {})
    yield cluster
    cluster.close()


def status(code, reason, message, **more):
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, **more}
    return Reply(code, {**body, "message": message})


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "path"),
    [
        (POD, "n", "p", "/api/v1/namespaces/n/pods/p"),
        (NODE, "n", "node-1", "/api/v1/nodes/node-1"),
        (SLICE, "n", "s", "/apis/discovery.k8s.io/v1/namespaces/n/endpointslices/s"),
        (POD, "n", "../x?y", "/api/v1/namespaces/n/pods/..%2Fx%3Fy"),
    ],
)
def test_an_objects_path(server, live, resource, namespace, name, path):
    live.get(resource, name, namespace=namespace)
    assert server.seen[0].target == path


def test_a_name_that_is_no_utf_8_travels_as_its_bytes():
    assert object_path(POD, "n\udcfe", "p\udcff") == "/api/v1/namespaces/n%FE/pods/p%FF"


def page(names, token=""):
    items = [{"metadata": {"name": name}} for name in names]
    return Reply(200, {"kind": "PodList", "metadata": {"continue": token}, "items": items})


def names(items):
    return [item["metadata"]["name"] for item in items]


def test_a_list_is_read_page_by_page_and_lazily(server, live):
    server.routes[LIST] = [page("ab", "t&1"), page("c")]
    items = live.list(
        POD, Selection(namespace="n", label_selector="a in (b)", field_selector="x=y")
    )
    assert next(items)["metadata"]["name"] == "a"
    assert len(server.seen) == 1
    assert names(items) == ["b", "c"]
    query = "?limit=500&labelSelector=a+in+%28b%29&fieldSelector=x%3Dy"
    assert [each.target for each in server.seen] == [LIST + query, LIST + query + "&continue=t%261"]


def test_all_namespaces_is_the_path_without_one(server, live):
    server.routes["/api/v1/pods"] = [page("a")]
    assert names(live.list(POD, Selection())) == ["a"]


def test_a_list_that_expires_goes_on_with_the_token_it_is_given(server, live):
    gone = status(410, "Expired", "too old", metadata={"continue": "newer"})
    server.routes[LIST] = [page("ab", "older"), gone, page("c")]
    assert names(live.list(POD, Selection(namespace="n"))) == ["a", "b", "c"]
    assert server.seen[-1].target.endswith("continue=newer")


def test_a_list_that_expires_for_good_is_an_error(server, live):
    server.routes[LIST] = [page("ab", "older"), status(410, "Expired", "too old")]
    items = live.list(POD, Selection(namespace="n"))
    assert [next(items), next(items)]
    with pytest.raises(ServerRefused, match=r"Error from server \(Expired\): too old"):
        next(items)


@pytest.mark.parametrize("body", [{"items": None}, {"items": []}, {}])
def test_an_empty_list_has_no_items(server, live, body):
    server.routes[LIST] = [Reply(200, {"kind": "PodList", **body})]
    assert list(live.list(POD, Selection(namespace="n"))) == []


def test_a_compressed_list_is_read(server, live):
    body = gzip.compress(json.dumps({"items": [{"metadata": {"name": "z"}}]}).encode())
    server.routes[LIST] = [Reply(200, body, (("Content-Encoding", "gzip"),))]
    assert names(live.list(POD, Selection(namespace="n"))) == ["z"]
    assert server.seen[0].header("accept-encoding") == "gzip"


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        pytest.param(
            status(404, "NotFound", 'pods "p" not found'),
            NotFound,
            'Error from server (NotFound): pods "p" not found',
            id="no such object",
        ),
        pytest.param(
            Reply(404, b"404 page not found\n"),
            NotFound,
            "Error from server (NotFound): the server could not find the requested resource",
            id="no such resource type",
        ),
        pytest.param(
            status(403, "Forbidden", 'pods "p" is forbidden: User "u" cannot get …'),
            Forbidden,
            'Error from server (Forbidden): pods "p" is forbidden: User "u" cannot get …',
            id="forbidden",
        ),
        pytest.param(
            status(401, "Unauthorized", "Unauthorized"),
            ServerRefused,
            "You must be logged in to the server (Unauthorized)",
            id="expired token",
        ),
        pytest.param(
            Reply(401, b"who are you"),
            ServerRefused,
            "You must be logged in to the server "
            "(the server has asked for the client to provide credentials)",
            id="a proxy's 401",
        ),
        pytest.param(
            Reply(503, b"no endpoints"),
            ServerRefused,
            "Error from server (ServiceUnavailable): no endpoints",
            id="unavailable",
        ),
        pytest.param(
            Reply(500, b"boom"),
            ServerRefused,
            'Error from server (InternalError): an error on the server ("boom") has prevented '
            "the request from succeeding",
            id="internal error",
        ),
        pytest.param(
            status(500, "", "etcd is away"),
            ServerRefused,
            "Error from server: etcd is away",
            id="no reason",
        ),
        pytest.param(
            Reply(200, b"<html>log in</html>"),
            ServerRefused,
            "the server's answer is not a JSON object: is this an API server?",
            id="a web page",
        ),
    ],
)
def test_a_refusal_is_kubectls_line(server, live, reply, kind, message):
    server.routes[PATH] = [reply]
    with pytest.raises(ServerRefused) as error:
        live.get(POD, "p", namespace="n")
    assert (type(error.value), error.value.message) == (kind, message)
    assert error.value.status == reply.status


def test_the_server_may_ask_to_wait(server, live):
    busy = Reply(429, b"slow down", (("Retry-After", "0"),))
    server.routes[PATH] = [busy, busy, Reply()]
    assert live.get(POD, "p", namespace="n") == thing_at(PATH)
    assert len(server.seen) == 3


def test_a_server_that_always_asks_to_wait_is_left(server, live):
    server.routes[PATH] = [Reply(429, b"slow down", (("Retry-After", "0"),))]
    with pytest.raises(ServerRefused, match="too many requests"):
        live.get(POD, "p", namespace="n")
    assert len(server.seen) == 10


def test_requests_share_a_connection(server, live):
    for _ in range(3):
        live.get(POD, "p", namespace="n")
    assert {each.connection for each in server.seen} == {0}


def test_a_dropped_kept_connection_is_opened_again(server, live):
    server.routes[PATH] = [Reply(), Reply(drop=True), Reply()]
    live.get(POD, "p", namespace="n")
    assert live.get(POD, "p", namespace="n") == thing_at(PATH)
    assert [each.connection for each in server.seen] == [0, 0, 1]


def test_a_new_connection_that_is_dropped_is_an_error(server, live):
    server.routes[PATH] = [Reply(drop=True)]
    with pytest.raises(Unreachable) as error:
        live.get(POD, "p", namespace="n")
    assert error.value.message == "Unable to connect to the server: EOF"
    assert len(server.seen) == 1


def test_the_request_timeout_ends_the_wait(server):
    server.routes[PATH] = [Reply(delay=20)]
    live = connect(ConnectionFlags(server=server.url, request_timeout="200ms"), {})
    with pytest.raises(Unreachable) as error:
        live.get(POD, "p", namespace="n")
    assert error.value.message == (
        "Unable to connect to the server: context deadline exceeded "
        "(Client.Timeout exceeded while awaiting headers)"
    )
