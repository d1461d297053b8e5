"""Server, user and namespace where no kubectl can be asked: in a pod, through proxies, over time."""

from __future__ import annotations

import base64
import json
import os
import time

import pytest
from fake_api_server import CA, CERTS, Reply, Tunnel, api_server, thing_at

from kubectl_hosts.cluster import access, credentials
from kubectl_hosts.cluster.access import Proxy, choose_proxy, parse_server
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import HostsError, ServerRefused, Unreachable
from kubectl_hosts.model.resources import Resource

POD = Resource("pods")
PATH = "/api/v1/namespaces/n/pods/p"


def kubeconfig(folder, server, user, *, namespace=None, **cluster):
    context = {"cluster": "c", "user": "u", **({"namespace": namespace} if namespace else {})}
    document = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": context}],
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
def service_account(tmp_path, monkeypatch):
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    folder.joinpath("token").write_text("pod-token\n")
    folder.joinpath("namespace").write_text("of-the-pod\n")
    folder.joinpath("ca.crt").write_bytes(CA.read_bytes())
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def in_pod(server, **more):
    return {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(server.port),
        **more,
    }


def test_a_pod_without_a_kubeconfig_uses_its_service_account(service_account):
    with api_server(tls=True) as server:
        live = connect(ConnectionFlags(), in_pod(server))
        live.get(POD, "p", namespace="n")
        live.close()
        assert live.namespace == "of-the-pod"
        assert server.seen[0].header("authorization") == "Bearer pod-token"


@pytest.mark.parametrize(
    ("flags", "environ", "namespace"),
    [
        pytest.param(ConnectionFlags(namespace="flag"), {"POD_NAMESPACE": "env"}, "flag", id="-n"),
        pytest.param(ConnectionFlags(), {"POD_NAMESPACE": "env"}, "env", id="POD_NAMESPACE"),
        pytest.param(ConnectionFlags(), {}, "of-the-pod", id="the service account's"),
    ],
)
def test_a_pods_namespace(service_account, flags, environ, namespace):
    with api_server(tls=True) as server:
        assert connect(flags, in_pod(server, **environ)).namespace == namespace


def test_a_kubeconfig_beats_the_service_account(service_account, tmp_path):
    with api_server(tls=True) as server, api_server(tls=True) as other:
        path = kubeconfig(tmp_path, server.url, {"token": "mine"})
        live = connect(ConnectionFlags(), {**in_pod(other), "KUBECONFIG": path})
        live.get(POD, "p", namespace="n")
        live.close()
        assert [each.header("authorization") for each in server.seen] == ["Bearer mine"]
        assert other.seen == []


@pytest.mark.parametrize(
    ("flag", "context", "expected"), [("", None, "default"), ("", "ctx", "ctx"), ("f", "ctx", "f")]
)
def test_the_namespace_is_the_flags_then_the_contexts(tmp_path, flag, context, expected):
    path = kubeconfig(tmp_path, "http://127.0.0.1:1", {}, namespace=context)
    assert connect(ConnectionFlags(kubeconfig=path, namespace=flag), {}).namespace == expected


def test_a_renewed_token_file_is_read_after_a_401(tmp_path):
    token = tmp_path / "token"
    token.write_text("old")
    with api_server(tls=True) as server:
        server.routes[PATH] = [Reply(401), Reply()]
        live = connect(
            ConnectionFlags(kubeconfig=kubeconfig(tmp_path, server.url, {"tokenFile": "token"})), {}
        )
        token.write_text("new\n")
        assert live.get(POD, "p", namespace="n") == thing_at(PATH)
        live.close()
        assert [each.header("authorization") for each in server.seen] == [
            "Bearer old",
            "Bearer new",
        ]


def test_a_token_file_is_read_again_after_a_minute(tmp_path, monkeypatch):
    path = tmp_path / "token"
    path.write_text("old")
    found = credentials.TokenFileCredentials(str(path), None)
    path.write_text("new")
    assert found.authorization() == "Bearer old"
    now = time.monotonic()
    monkeypatch.setattr(credentials.time, "monotonic", lambda: now + 51)
    assert found.authorization() == "Bearer new"
    path.unlink()
    assert found.authorization() == "Bearer new"


def counting_plugin(folder, **status):
    """A plugin that counts its runs in its token."""
    runs = folder / "runs"
    fields = json.dumps({"token": "t-N", **status})
    script = (
        f"echo x >>{runs}; n=$(wc -l <{runs}); printf '%s' "
        '\'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":'
        f'{fields}}}\' | sed "s/t-N/t-$n/"'
    )
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "interactiveMode": "Never",
            "command": "sh",
            "args": ["-c", script],
        }
    }


@pytest.mark.parametrize(
    ("expires", "distinct"),
    [
        pytest.param("2999-01-01T00:00:00Z", 1, id="valid: run once"),
        pytest.param("2001-01-01T00:00:00Z", 3, id="expired: run each time"),
    ],
)
def test_a_plugins_credentials_are_kept_until_they_expire(tmp_path, expires, distinct):
    user = counting_plugin(tmp_path, expirationTimestamp=expires)
    with api_server(tls=True) as server:
        live = connect(
            ConnectionFlags(kubeconfig=kubeconfig(tmp_path, server.url, user)),
            {"PATH": os.environ["PATH"]},
        )
        for _ in range(3):
            live.get(POD, "p", namespace="n")
        live.close()
        assert len({each.header("authorization") for each in server.seen}) == distinct


def test_a_plugin_is_run_again_after_a_401_and_no_third_time(tmp_path):
    with api_server(tls=True) as server:
        server.routes[PATH] = [Reply(401)]
        path = kubeconfig(tmp_path, server.url, counting_plugin(tmp_path))
        live = connect(ConnectionFlags(kubeconfig=path), {"PATH": os.environ["PATH"]})
        with pytest.raises(ServerRefused, match="You must be logged in to the server"):
            live.get(POD, "p", namespace="n")
        live.close()
        assert [each.header("authorization") for each in server.seen] == [
            "Bearer t-1",
            "Bearer t-2",
        ]


def test_a_failing_plugins_own_words_are_the_error_and_nothing_is_sent(tmp_path):
    user = counting_plugin(tmp_path)
    user["exec"]["args"] = ["-c", "echo 'your session has expired: run foo login' >&2; exit 2"]
    with api_server(tls=True) as server:
        path = kubeconfig(tmp_path, server.url, user)
        live = connect(ConnectionFlags(kubeconfig=path), {"PATH": os.environ["PATH"]})
        with pytest.raises(HostsError) as error:
            live.get(POD, "p", namespace="n")
        assert error.value.message == (
            "Unable to connect to the server: getting credentials: exec: executable sh failed with "
            "exit code 2: your session has expired: run foo login"
        )
        assert server.seen == []


def id_token(expires):
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def oidc(**config):
    base = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x"}
    return {"auth-provider": {"name": "oidc", "config": {**base, **config}}}


def test_a_valid_oidc_token_is_sent(tmp_path):
    token = id_token(time.time() + 600)
    with api_server(tls=True) as server:
        path = kubeconfig(tmp_path, server.url, oidc(**{"id-token": token}))
        live = connect(ConnectionFlags(kubeconfig=path), {})
        live.get(POD, "p", namespace="n")
        live.close()
        assert server.seen[0].header("authorization") == f"Bearer {token}"


def test_without_credentials_nothing_is_sent(tmp_path):
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", {})
    with pytest.raises(HostsError, match='no credentials for user "u"'):
        connect(ConnectionFlags(kubeconfig=path), {})


def test_a_key_given_as_data_leaves_no_file(tmp_path, monkeypatch):
    user = {
        f"client-{name}-data": base64.b64encode(CERTS.joinpath(file).read_bytes()).decode()
        for name, file in (("certificate", "alice.crt"), ("key", "alice.key"))
    }
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    tmp_path.joinpath("tmp").mkdir()
    with api_server(tls=True, client_certificates=True) as server:
        path = kubeconfig(tmp_path, server.url, user)
        for without_memfd in (False, True):
            if without_memfd:
                monkeypatch.delattr(os, "memfd_create", raising=False)
            live = connect(ConnectionFlags(kubeconfig=path), {})
            live.get(POD, "p", namespace="n")
            live.close()
        assert [each.certificate for each in server.seen] == ["alice", "alice"]
    assert list(tmp_path.joinpath("tmp").iterdir()) == []


def test_a_proxy_that_refuses_says_so(tmp_path):
    with api_server() as proxy:
        path = kubeconfig(
            tmp_path,
            "https://api.example.org:6443",
            {"token": "secret"},
            **{"proxy-url": f"http://me:p%40ss@127.0.0.1:{proxy.port}"},
        )
        proxy.routes["api.example.org:6443"] = [Reply(407)]
        with pytest.raises(Unreachable) as error:
            connect(ConnectionFlags(kubeconfig=path), {}).get(POD, "p", namespace="n")
    assert error.value.message == "Unable to connect to the server: Proxy Authentication Required"
    sent = proxy.seen[0]
    assert (sent.method, sent.target) == ("CONNECT", "api.example.org:6443")
    assert sent.header("proxy-authorization") == "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert "authorization" not in sent.headers


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        pytest.param("127.0.0.1:1", "dial tcp 127.0.0.1:1: connect: connection refused", id="nobody listens"),
        pytest.param("proxy.invalid:1", "dial tcp: lookup proxy.invalid: no such host", id="no such name"),
    ],
)  # fmt: skip
def test_a_proxy_that_is_not_there_is_named_and_not_the_server(tmp_path, proxy, words):
    path = kubeconfig(
        tmp_path, "https://api.example.org:6443", {"token": "t"}, **{"proxy-url": f"http://{proxy}"}
    )
    with pytest.raises(Unreachable) as error:
        connect(ConnectionFlags(kubeconfig=path), {}).get(POD, "p", namespace="n")
    assert error.value.message == f"Unable to connect to the server: proxyconnect tcp: {words}"


def test_tls_goes_through_an_http_proxy(tmp_path):
    with api_server() as proxy, api_server(tls=True) as server:
        proxy.routes["api.example.org:6443"] = [Tunnel(server.port)]
        path = kubeconfig(tmp_path, "https://api.example.org:6443", {"token": "secret"})
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        live = connect(ConnectionFlags(kubeconfig=path), environ)
        live.get(POD, "p", namespace="n")
        live.close()
        assert server.seen[0].header("authorization") == "Bearer secret"
        assert server.seen[0].header("host") == "api.example.org:6443"


def test_http_through_an_http_proxy_names_the_server(tmp_path):
    with api_server() as proxy:
        path = kubeconfig(tmp_path, "http://api.example.org:8080/p", {})
        environ = {"HTTP_PROXY": f"127.0.0.1:{proxy.port}"}
        live = connect(ConnectionFlags(kubeconfig=path), environ)
        live.get(POD, "p", namespace="n")
        live.close()
    assert proxy.seen[0].target == f"http://api.example.org:8080/p{PATH}"
    assert proxy.seen[0].header("host") == "api.example.org:8080"


PROXIED = Proxy(host="proxy.example.org", port=3128)


@pytest.mark.parametrize(
    ("server", "no_proxy", "expected"),
    [
        ("https://api.example.org", "", PROXIED),
        ("https://api.example.org", "example.org", None),
        ("https://api.example.org", ".example.org", None),
        ("https://example.org", ".example.org", PROXIED),
        ("https://api.example.org", "example.net, api.example.org:443", None),
        ("https://api.example.org", "api.example.org:6443", PROXIED),
        ("https://api.example.org", "*", None),
        ("https://myexample.org", "example.org", PROXIED),
        ("https://192.0.2.7:6443", "192.0.2.0/24", None),
        ("https://192.0.2.7:6443", "192.0.2.7", None),
        ("https://192.0.2.7:6443", "198.51.100.0/24,example.org", PROXIED),
        ("https://[2001:db8::1]:6443", "2001:db8::/32", None),
        ("https://localhost:6443", "", None),
        ("https://127.0.0.1:6443", "", None),
        ("https://[::1]:6443", "", None),
        ("http://api.example.org", "", None),
    ],
)
def test_no_proxy_spares_hosts(server, no_proxy, expected):
    environ = {"HTTPS_PROXY": "http://proxy.example.org:3128", "NO_PROXY": no_proxy}
    assert choose_proxy(parse_server(server), "", environ) == expected


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://127.0.0.1:3128", Proxy(host="127.0.0.1", port=3128)),
        ("127.0.0.1", Proxy(host="127.0.0.1", port=80)),
        ("socks5://127.0.0.1:1080", Proxy(host="127.0.0.1", port=1080, scheme="socks5")),
        ("https://me:p%40ss@[::1]:3129", Proxy("::1", 3129, "Basic bWU6cEBzcw==", "https")),
    ],
)
def test_a_proxy_is_what_its_url_says(url, proxy):
    assert choose_proxy(parse_server("https://api.example.org"), url, {}) == proxy
