"""The same kubeconfig, flags and environment through kubectl and through us.

Both talk to a server of the test's own; what arrives there, and the error line where nothing
does, must be the same. Needs a kubectl on PATH (`.ci/run` brings one).
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from fake_api_server import CERTS, api_server
from kubectl_cases import FAILS, PREFIXES, SUCCEEDS, config, credential, echo, one, plugin

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.resources import Resource

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(not KUBECTL, reason="no kubectl on PATH to compare with")

POD = Resource("pods")
PATH = "/api/v1/namespaces/n/pods/p"
_COMPARED = ("host", "authorization", "proxy-authorization")


def fill(text, server, folder):
    for name in re.findall(r"\{b64:(\S+?)\}", text):
        data = base64.b64encode(CERTS.joinpath(name).read_bytes()).decode()
        text = text.replace(f"{{b64:{name}}}", data)
    for name in re.findall(r"\{pem:(\S+?)\}", text):
        data = json.dumps(CERTS.joinpath(name).read_text())[1:-1]
        text = text.replace(f"{{pem:{name}}}", data)
    for name, value in (
        ("{url}", server.url),
        ("{port}", str(server.port)),
        ("{certs}", str(CERTS)),
        ("{dir}", str(folder)),
    ):
        text = text.replace(name, value)
    return text


def arrange(case, server, folder):
    """Write the files; the flags and the environment of the case."""
    folder.joinpath("certs").symlink_to(CERTS)
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fill(text, server, folder))
        path.chmod(0o755)
    flags = [fill(flag, server, folder) for flag in case.flags]
    environ = {name: fill(value, server, folder) for name, value in case.environ.items()}
    return flags, {"PATH": os.environ["PATH"], "HOME": str(folder), **environ}


def flags_from(words):
    """kubectl's words as ConnectionFlags."""
    values = {}
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        key = {"as": "as_user", "as-group": "as_groups"}.get(name, name.replace("-", "_"))
        if key == "as_groups":
            values[key] = (*values.get(key, ()), value)
        elif key == "insecure_skip_tls_verify":
            values[key] = value == "true"
        else:
            values[key] = value
    return ConnectionFlags(**values)


def by_kubectl(flags, environ, folder, command=("get", "--raw", PATH)):
    """kubectl's error line, "" when it succeeded."""
    completed = subprocess.run(
        [KUBECTL, *command, *flags],
        env=environ,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return completed.stderr.rstrip().removeprefix("error: ") if completed.returncode else ""


def by_us(flags, environ, folder, monkeypatch):
    """Our error line, "" when it succeeded; the clean-up shows that no connection leaks."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr(sys, "stdin", None)
    try:
        with closing(connect(flags_from(flags), environ)) as cluster:
            cluster.get(POD, "p", namespace="n")
    except HostsError as error:
        return error.message.rstrip()
    return ""


def seen_by(server):
    """What arrived, without what kubectl may say otherwise (agent, encodings)."""
    return [
        (
            each.method,
            each.target,
            each.certificate,
            {
                name: values
                for name, values in each.headers.items()
                if name in _COMPARED or name.startswith("impersonate-")
            },
        )
        for each in server.seen
        if "/version" not in each.target  # some builds of kubectl ask it first
    ]


def same_words(line, until):
    """An error line without what only Go can say: its resolver's address, words after UNTIL."""
    line = re.sub(r" on \S+:53:", ":", line)
    return line.partition(until)[0] if until else line


def observed(case, folder, run):
    """(error line, requests) of RUN(flags, environ, folder), with ports and folders taken out."""
    with api_server(tls=case.tls, client_certificates=case.tls) as server:
        flags, environ = arrange(case, server, folder)
        line = run(flags, environ, folder)
        placeless = {server.url: "{url}", str(server.port): "{port}", str(folder): "{dir}"}
        return hide(same_words(line, case.until), placeless), hide(seen_by(server), placeless)


@pytest.fixture(scope="module")
def kubectl_results(request, tmp_path_factory):
    """What kubectl did, a future for each case that is going to be compared; eight at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if "kubectl_results" in getattr(item, "fixturenames", ())
    }
    cases = {**SUCCEEDS, **FAILS}
    with ThreadPoolExecutor(8) as pool:
        yield {
            name: pool.submit(observed, cases[name], tmp_path_factory.mktemp("kubectl"), by_kubectl)
            for name in wanted
        }


@pytest.fixture
def run_us(monkeypatch):
    return partial(by_us, monkeypatch=monkeypatch)


def hide(value, names):
    """VALUE with the ports and folders of its run taken out."""
    if isinstance(value, str):
        for found, name in names.items():
            value = value.replace(found, name)
        return value
    if isinstance(value, dict):
        return {key: hide(each, names) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [hide(each, names) for each in value]
    return value


@pytest.mark.parametrize("name", SUCCEEDS)
def test_the_server_sees_the_same_request(name, tmp_path, run_us, kubectl_results):
    kubectl = kubectl_results[name].result()
    assert kubectl[0] == ""
    assert observed(SUCCEEDS[name], tmp_path, run_us) == kubectl


@pytest.mark.parametrize("name", FAILS)
def test_the_error_line_is_the_same(name, tmp_path, run_us, kubectl_results):
    kubectl = kubectl_results[name].result()
    assert kubectl[0] != ""
    assert observed(FAILS[name], tmp_path, run_us) == kubectl


@pytest.mark.parametrize("server_path", PREFIXES)
def test_the_servers_path_goes_before_every_other(server_path, tmp_path, run_us):
    case = one(config(cluster={"server": "{url}" + server_path}))
    with api_server(tls=True) as server:
        flags, environ = arrange(case, server, tmp_path)
        by_kubectl(flags, environ, tmp_path, ("version",))
        kubectl = {each.target.partition("/version")[0] for each in server.seen}
        server.seen.clear()
        assert run_us(flags, environ, tmp_path) == ""
        assert {each.target.removesuffix(PATH) for each in server.seen} == kubectl


def test_a_plugin_is_told_the_same_about_the_cluster(tmp_path, run_us):
    user = plugin(
        'printf %s "$KUBERNETES_EXEC_INFO" >{dir}/seen; ' + echo(credential(token="t")),
        provideClusterInfo=True,
    )
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}
    case = one(
        config(user=user, cluster={"tls-server-name": "localhost", "extensions": [extension]})
    )
    told = []
    for run in (by_kubectl, run_us):
        folder = tmp_path / str(len(told))
        folder.mkdir()
        with api_server(tls=True) as server:
            flags, environ = arrange(case, server, folder)
            assert run(flags, environ, folder) == ""
            told.append(
                hide(json.loads(folder.joinpath("seen").read_text()), {server.url: "{url}"})
            )
    assert told[1] == told[0]
