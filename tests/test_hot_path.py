"""What is not imported before it is needed; `make bench` has the times, this only the names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CAPTURE = str(Path(__file__).parents[1] / "examples" / "capture.json")
KUBECONFIG = """apiVersion: v1
clusters:
- cluster:
    server: https://192.0.2.1:6443
  name: test
contexts:
- context:
    cluster: test
    user: me
  name: test
current-context: test
kind: Config
users:
- name: me
  user:
    token: secret
"""
# Each costs 5 ms or more, or brings one that does. http.client (8 ms) reads the first answer and is
# imported while the server makes it, websocket (9 ms) while the container runs the command.
LIBRARIES = [
    "concurrent.futures",
    "dns",
    "email",
    "http.client",
    "importlib.metadata",
    "jsonschema",
    "kubernetes",
    "pathlib",
    "requests",
    # Python 3.10's platform, which click imports, brings it.
    *(["subprocess"] if sys.version_info >= (3, 11) else []),
    "tabulate",
    "tempfile",
    "urllib3",
    "websocket",
]
# 9 ms before the first connection, where a kubeconfig is YAML: a second reader of it would be a
# second truth.
YAML = ["yaml"]
AFTER_THE_EXEC = ["kubectl_hosts.model.hosts.judge", "kubectl_hosts.report.hosts"]

AFTER_THE_PROBE = ["kubectl_hosts.model.explain.diagnosis", "kubectl_hosts.report.explanation"]

# What finds a cause and proves what would help: of a name that leads where it should, there is none.
FINDS_CAUSES = [
    f"kubectl_hosts.model.explain.{each}" for each in ("fixes", "missing", "readings", "why")
]

TELL = "print('imported:', [each for each in {modules!r} if each in sys.modules], flush=True)"
UNTIL_THE_FIRST_CONNECTION = f"""
import os, socket
def tell_and_leave(*_, **__):
    {TELL}
    os._exit(0)
socket.getaddrinfo = tell_and_leave
"""
WHEN_THE_CONTAINER_IS_PROBED = f"""
import os
import kubectl_hosts.background as background
def tell_and_leave(*_, **__):
    {TELL}
    os._exit(0)
background.Background.__init__ = tell_and_leave
"""


def run(program: str, modules: list[str], *arguments: str, kubeconfig: Path | None = None) -> str:
    """What PROGRAM, then the command line of ARGUMENTS, say has been imported of MODULES."""
    tell = TELL.format(modules=modules)
    command = f"from kubectl_hosts.cli.main import main\nmain({list(arguments)!r})\n{tell}"
    path = f"import sys\nsys.path[:] = {sys.path!r}\n"
    done = subprocess.run(
        # -S: what a virtual environment's .pth files import is not ours.
        [sys.executable, "-S", "-c", path + program.format(modules=modules) + command],
        capture_output=True,
        text=True,
        check=True,
        env={"KUBECONFIG": str(kubeconfig)},
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["show", "--help"], ["options"], ["version", "--client"]]
)
def test_help_imports_no_library_but_click(arguments):
    modules = [*LIBRARIES, *YAML, *AFTER_THE_EXEC, "msgspec", "json", "ssl", "urllib.parse"]
    assert run("", modules, *arguments) == "imported: []"


@pytest.mark.parametrize(
    ("waits", "arguments"),
    [
        pytest.param(AFTER_THE_EXEC, ["show", "web", "-o", "table"], id="show"),
        pytest.param(AFTER_THE_PROBE, ["explain", "redis", "--from", "web"], id="explain"),
    ],
)
def test_the_pod_is_asked_for_before_what_can_wait_is_imported(tmp_path, waits, arguments):
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG)
    modules = [*LIBRARIES, *waits]
    said = run(UNTIL_THE_FIRST_CONNECTION, modules, *arguments, kubeconfig=kubeconfig)
    assert said == "imported: []"


def test_a_json_kubeconfig_needs_no_yaml(tmp_path):
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(json.dumps(yaml.safe_load(KUBECONFIG)))
    said = run(
        UNTIL_THE_FIRST_CONNECTION, [*LIBRARIES, *YAML], "show", "web", kubeconfig=kubeconfig
    )
    assert said == "imported: []"


def test_explain_looks_into_the_container_before_it_imports_the_model():
    said = run(
        WHEN_THE_CONTAINER_IS_PROBED,
        ["dns", "tabulate", *AFTER_THE_PROBE],
        *("explain", "redis", "--from", "default-pod", "-f", CAPTURE),
    )
    assert said == "imported: []"


def test_the_explanation_of_one_pod_needs_no_library():
    said = run(
        "", ["tabulate", "dns"], "explain", "foo.local", "--from", "hostaliases-pod", "-f", CAPTURE
    )
    assert said == "imported: []"


def test_the_table_of_one_pod_needs_no_library():
    said = run("", ["tabulate", "importlib.metadata"], "show", "default-pod", "-f", CAPTURE)
    assert said == "imported: []"


def test_the_modules_are_those_that_a_command_imports():
    said = run("", AFTER_THE_EXEC, "show", "-f", CAPTURE)
    assert said == f"imported: {AFTER_THE_EXEC}"


@pytest.mark.parametrize(
    ("name", "pod", "imported"),
    [
        pytest.param("kubernetes.default", "default-pod", [], id="a Service"),
        pytest.param("redis-ha", "default-pod", FINDS_CAUSES, id="no such Service"),
        pytest.param("localhost", "default-pod", [], id="the kubelet's own line"),
        pytest.param("foo.local", "hostaliases-pod", FINDS_CAUSES, id="an alias may hide a name"),
    ],
)
def test_what_finds_causes_is_imported_for_a_name_that_has_one(name, pod, imported):
    said = run("", FINDS_CAUSES, "explain", name, "--from", pod, "-f", CAPTURE)
    assert said == f"imported: {imported}"
