"""What the thin client does not speak, spoken by the real kubectl; and nothing of it is left."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import socketserver
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from fake_api_server import CA, Reply, Stream, Tunnel, api_server, frame, relay, status_frame

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import HostsError, Unreachable
from kubectl_hosts.model.resources import Resource
from kubectl_hosts.probes.ports import ExecTarget

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl on PATH")

POD = Resource("pods")
PATH = "/api/v1/namespaces/n/pods/p"
RUNNING = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "namespace": "n"},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
    "status": {"phase": "Running"},
}
JSON = (("Content-Type", "application/json"),)
DISCOVERY = {  # what `kubectl exec` asks before it execs
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {
                "name": "pods",
                "singularName": "pod",
                "namespaced": True,
                "kind": "Pod",
                "verbs": ["get"],
            }
        ],
    },
}
SUCCESS = status_frame({"metadata": {}, "status": "Success"})


class _Socks5(socketserver.StreamRequestHandler):
    """RFC 1928 without authentication: CONNECT goes to the port that the test says."""

    def handle(self):
        with suppress(OSError):
            self.rfile.read(self.rfile.read(2)[1])
            self.wfile.write(b"\x05\x00")
            kind = self.rfile.read(4)[3]
            size = {1: 4, 4: 16}.get(kind) or self.rfile.read(1)[0]
            self.server.asked.append(self.rfile.read(size + 2)[:-2])
            self.wfile.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            with socket.create_connection(("127.0.0.1", self.server.far)) as far:
                relay(self.connection, far)


@contextmanager
def socks5(port):
    """A SOCKS proxy whose every connection ends at PORT here."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Socks5) as proxy:
        proxy.daemon_threads = True
        proxy.far, proxy.asked = port, []
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        yield proxy
        proxy.shutdown()


def kubeconfig(folder, user, *, server="https://api.example.org:6443", **cluster):
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "web"}}],
        "clusters": [
            {
                "name": "c",
                "cluster": {"server": server, "certificate-authority": str(CA), **cluster},
            }
        ],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "config"
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def environ(tmp_path, monkeypatch):
    """What kubectl needs, and a place for its socket that the test can look into."""
    run = tmp_path / "run dir"
    run.mkdir(mode=0o700)
    if len(str(run)) > 60:
        shutil.rmtree(run)
        run = Path(f"/tmp/kh {os.getpid()}")
        run.mkdir(mode=0o700, exist_ok=True)
    yield {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(run)}
    assert list(run.iterdir()) == [], "no folder of a socket is left"
    run.rmdir()


def socks_url(proxy):
    return f"socks5://127.0.0.1:{proxy.server_address[1]}"


def test_a_read_through_a_socks_proxy(tmp_path, environ):
    with api_server(tls=True) as server, socks5(server.port) as proxy:
        server.routes[PATH] = [Reply(200, RUNNING)]
        path = kubeconfig(tmp_path, {"token": "secret"}, **{"proxy-url": socks_url(proxy)})
        with closing(connect(ConnectionFlags(kubeconfig=path, as_user="jane"), environ)) as live:
            assert live.namespace == "web"
            assert live.get(POD, "p", namespace="n") == RUNNING
            (folder,) = Path(environ["XDG_RUNTIME_DIR"]).iterdir()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert proxy.asked[0] == b"api.example.org"
        sent = server.seen[-1]
        assert (sent.header("authorization"), sent.header("impersonate-user")) == (
            "Bearer secret",
            "jane",
        )


def test_an_exec_through_a_socks_proxy(tmp_path, environ):
    with api_server(tls=True) as server, socks5(server.port) as proxy:
        server.routes[PATH] = [Reply(200, RUNNING)]
        server.routes.update({path: [Reply(200, body, JSON)] for path, body in DISCOVERY.items()})
        server.routes[PATH] = [Reply(200, RUNNING, JSON)]
        server.routes[f"{PATH}/exec"] = [Stream(frame(1, b"127.0.0.1 localhost\n") + SUCCESS)]
        path = kubeconfig(tmp_path, {"token": "secret"}, **{"proxy-url": socks_url(proxy)})
        with closing(connect(ConnectionFlags(kubeconfig=path), environ)) as live:
            done = live.exec(ExecTarget("n", "p", "c"), ("cat", "/etc/hosts"))
        assert (done.stdout, done.exit_code) == (b"127.0.0.1 localhost\n", 0)
        assert set(proxy.asked) == {b"api.example.org"}


def test_an_https_proxy(tmp_path, environ):
    with api_server(tls=True) as proxy, api_server(tls=True) as server:
        server.routes[PATH] = [Reply(200, RUNNING)]
        proxy.routes["api.example.org:6443"] = [Tunnel(server.port)]
        path = kubeconfig(
            tmp_path, {"token": "t"}, **{"proxy-url": f"https://me:pw@127.0.0.1:{proxy.port}"}
        )
        told = {**environ, "SSL_CERT_FILE": str(CA)}
        with closing(connect(ConnectionFlags(kubeconfig=path), told)) as live:
            assert live.get(POD, "p", namespace="n") == RUNNING
        assert proxy.seen[0].method == "CONNECT"
        assert proxy.seen[0].header("proxy-authorization") == "Basic bWU6cHc="


def id_token(expires):
    claims = {"exp": expires, "iss": "x", "aud": "x", "sub": "me"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


def oidc(issuer, **config):
    settings = {"idp-issuer-url": issuer, "client-id": "x", "idp-certificate-authority": str(CA)}
    return {"auth-provider": {"name": "oidc", "config": {**settings, **config}}}


def test_an_expired_oidc_token_is_renewed_and_stored_by_kubectl(tmp_path, environ):
    fresh = id_token(int(time.time()) + 600)
    with api_server(tls=True) as server:
        server.routes[PATH] = [Reply(200, RUNNING)]
        server.routes["/.well-known/openid-configuration"] = [
            Reply(200, {"issuer": server.url, "token_endpoint": f"{server.url}/token"})
        ]
        body = {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": fresh,
            "refresh_token": "2",
        }
        server.routes["/token"] = [Reply(200, body, (("Content-Type", "application/json"),))]
        user = oidc(
            server.url, **{"id-token": id_token(int(time.time()) - 60), "refresh-token": "1"}
        )
        path = kubeconfig(tmp_path, user, server=server.url)
        with closing(connect(ConnectionFlags(kubeconfig=path), environ)) as live:
            assert live.get(POD, "p", namespace="n") == RUNNING
        assert server.seen[-1].header("authorization") == f"Bearer {fresh}"
    assert fresh in Path(path).read_text()


def test_a_kubeconfig_that_only_kubectl_understands(tmp_path, environ):
    with api_server(tls=True) as server:
        server.routes[PATH] = [Reply(200, RUNNING)]
        path = Path(kubeconfig(tmp_path, {"token": "t"}, server=server.url))
        deeper_than_we_read = "[" * 250 + "]" * 250
        document = '{"extra": ' + deeper_than_we_read + "," + path.read_text()[1:]
        path.write_text(f"# YAML\n{document}")
        with closing(connect(ConnectionFlags(kubeconfig=str(path)), environ)) as live:
            assert live.namespace == "web"
            assert live.get(POD, "p", namespace="n") == RUNNING
        assert server.seen[-1].header("authorization") == "Bearer t"


@pytest.mark.parametrize(
    ("user", "cluster", "words"),
    [
        pytest.param(
            {"token": "t"},
            {"proxy-url": "socks5://127.0.0.1:1"},
            "Unable to connect to the server: ",
            id="nothing listens at the proxy",
        ),
        pytest.param(
            {"auth-provider": {"name": "gcp"}}, {}, "The gcp auth plugin has been removed", id="gcp"
        ),
    ],
)
def test_what_kubectl_complains_of_is_the_error(tmp_path, environ, user, cluster, words):
    path = kubeconfig(tmp_path, user, **cluster)
    with (
        closing(connect(ConnectionFlags(kubeconfig=path), environ)) as live,
        pytest.raises(HostsError) as error,
    ):
        live.get(POD, "p", namespace="n")
    assert error.value.message.startswith(words)
    assert error.value.hint


def test_without_unix_sockets_the_way_by_hand_is_told(tmp_path, monkeypatch):
    path = kubeconfig(tmp_path, {"token": "t"}, **{"proxy-url": "socks5://127.0.0.1:1"})
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(Unreachable, match=r"socks5:// is not supported") as error:
        connect(ConnectionFlags(kubeconfig=path), {})
    for way in ("--transport kubectl", "kubectl proxy", "--server"):
        assert way in error.value.hint


def test_without_kubectl_it_is_said_to_be_missing(tmp_path, monkeypatch):
    path = kubeconfig(tmp_path, {"token": "t"}, **{"proxy-url": "socks5://127.0.0.1:1"})
    monkeypatch.delenv("KUBECTL_PATH", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unreachable, match="no kubectl on PATH"):
        connect(ConnectionFlags(kubeconfig=path), {})


READS_THEN_WAITS = """
import os, sys, time
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.model.resources import Resource
live = connect(ConnectionFlags(kubeconfig=sys.argv[1]), os.environ)
live.get(Resource("pods"), "p", namespace="n")
print("read", flush=True)
if sys.argv[2] == "exit":
    os._exit(0)
time.sleep(60)
"""


def processes_that_hold(text):
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text in each.joinpath("cmdline").read_bytes().decode(errors="replace"):
                found.append(int(each.name))
    return found


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look into")
@pytest.mark.parametrize("end", ["exit", signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_however_we_end(tmp_path, environ, end):
    with api_server(tls=True) as server, socks5(server.port) as proxy:
        path = kubeconfig(tmp_path, {"token": "t"}, **{"proxy-url": socks_url(proxy)})
        program = subprocess.Popen(
            [sys.executable, "-c", READS_THEN_WAITS, path, str(end)],
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with program:
            assert program.stdout.readline() == b"read\n"
            run = Path(environ["XDG_RUNTIME_DIR"])
            if end != "exit":
                assert len(processes_that_hold(f"--unix-socket={run}")) == 1
                program.send_signal(end)
            program.wait(10)
        assert wait_for(lambda: not processes_that_hold(f"--unix-socket={run}"))
        assert wait_for(lambda: not list(run.iterdir()))
