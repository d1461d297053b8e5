"""One word completed, in cobra's protocol; the objects come from a manifest."""

from __future__ import annotations

import json

import pytest

from kubectl_hosts.cli.complete import printed

OBJECTS = """
apiVersion: v1
kind: Pod
metadata: {name: web-0}
spec:
  initContainers: [{name: prepare, image: i}]
  containers: [{name: app, image: i}, {name: proxy, image: i}]
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: prod}
spec: {containers: [{name: db, image: i}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: server, image: i}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: prod}
"""
KUBECONFIG = {
    "contexts": [{"name": "real", "context": {}}, {"name": "arn:aws:eks:x", "context": {}}],
    "clusters": [{"name": "here", "cluster": {}}],
    "users": [{"name": "me", "user": {}}],
}


@pytest.fixture
def complete(tmp_path, monkeypatch):
    """`complete("show", "we")`: the values, and the directive; %s is the manifest's path."""
    (tmp_path / "objects.yaml").write_text(OBJECTS)
    (tmp_path / "config").write_text(json.dumps(KUBECONFIG))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))

    def run(*words):
        text = printed([each.replace("%s", str(tmp_path / "objects.yaml")) for each in words])
        *lines, last = text.splitlines()
        return [line.partition("\t")[0] for line in lines], last

    return run


@pytest.mark.parametrize(
    ("words", "values", "directive"),
    [
        pytest.param(["d"], ["diff"], ":36", id="a verb"),
        pytest.param(["-n", "x", "sh"], ["show"], ":36", id="a verb behind a flag"),
        pytest.param(["nonsense", ""], [], ":4", id="after a verb that is none"),
        pytest.param(["show", "-f", "%s", "we"], ["web-0"], ":4", id="a pod of the namespace"),
        pytest.param(["show", "-f", "%s", "-n", "prod", "d"], ["db-0", "deployment/", "daemonset/"], ":4", id="pods of -n"),
        pytest.param(["-n", "prod", "show", "-f%s", "db"], ["db-0"], ":4", id="-n before the verb"),
        pytest.param(["show", "-f", "%s", "sts"], ["sts/"], ":6", id="a type alone: no space follows"),
        pytest.param(["show", "-f", "%s", "deploy/"], ["deploy/api"], ":4", id="a name of a type"),
        pytest.param(["show", "-f", "%s", "deploy", ""], ["api"], ":4", id="a name after its type"),
        pytest.param(["show", "-f", "%s", "nothing/"], [], ":4", id="a name of no type"),
        pytest.param(["show", "web-0", "-f", "%s", "-c", ""], ["app", "proxy", "prepare"], ":4", id="containers of the pod"),
        pytest.param(["show", "pod", "web-0", "-f", "%s", "-cpro", "--container", "pro"], ["proxy"], ":4", id="containers of TYPE NAME"),
        pytest.param(["show", "deploy/api", "-f", "%s", "--container="], ["server"], ":4", id="containers of a workload"),
        pytest.param(["show", "-f", "%s", "-c", ""], [], ":4", id="containers of no pod"),
        pytest.param(["show", "-f", "%s", "-n", "p"], ["prod"], ":4", id="a namespace"),
        pytest.param(["show", "--context", ""], ["arn:aws:eks:x", "real"], ":4", id="contexts"),
        pytest.param(["--cluster", ""], ["here"], ":4", id="clusters"),
        pytest.param(["--user", ""], ["me"], ":4", id="users"),
        pytest.param(["show", "-o", "w"], ["wide"], ":36", id="a format"),
        pytest.param(["diff", "-o", ""], ["diff", "json", "yaml", "jsonpath="], ":36", id="another verb's formats"),
        pytest.param(["show", "--output=jsonp"], ["jsonpath="], ":38", id="an unfinished format: no space follows"),
        pytest.param(["show", "--color", ""], ["auto", "always", "never"], ":4", id="a choice"),
        pytest.param(["explain", "x", "--type", "a"], ["A", "AAAA"], ":4", id="a type of record"),
        pytest.param(["explain", "x", "-o", "m"], ["mermaid"], ":36", id="a format of explain"),
        pytest.param(["explain", "x", "--exit"], ["--exit-code"], ":4", id="a flag of explain"),
        pytest.param(["show", "-f=%s", "-n=prod", "d"], ["db-0", "deployment/", "daemonset/"], ":4", id="= after shorthands"),
        pytest.param(["show", "--all-p"], ["--all-pods"], ":4", id="a flag"),
        pytest.param(["show", "--all-pods", "--all-p"], [], ":4", id="a flag that is there already"),
        pytest.param(["show", "-f", "%s", "--filen"], ["--filename"], ":4", id="a flag that may come again"),
        pytest.param(["show", "--cache"], [], ":4", id="a flag that does nothing"),
        pytest.param(["show", "--impersonate"], [], ":4", id="a flag that is none"),
        pytest.param(["show", "-f", "%s", "--", "-"], [], ":4", id="no flags after --"),
        pytest.param(["show", "-f", ""], [], ":0", id="files"),
        pytest.param(["show", "--kubeconfig="], [], ":0", id="files behind ="),
        pytest.param(["show", "--token", ""], [], ":4", id="a value that nobody knows"),
        pytest.param(["completion", ""], ["install", "uninstall", "bash", "zsh", "fish"], ":4", id="what completion takes"),
        pytest.param(["completion", "install", ""], [], ":0", id="a folder"),
        pytest.param(["version", ""], [], ":4", id="a verb without arguments"),
    ],
)  # fmt: skip
def test_what_can_stand_there(complete, words, values, directive):
    assert complete(*words) == (values, directive)


def test_verbs_say_what_they_do():
    assert "show\tShow each line of a pod's hosts file, and where it comes from\n" in printed([""])


def test_without_words_it_is_the_first_one():
    assert printed([]) == printed([""])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["show", "-f", "/nonexistent", ""], id="a file that is not there"),
        pytest.param(["show", "--kubeconfig", "/nonexistent", ""], id="no kubeconfig"),
        pytest.param(["show", "-s", "http://127.0.0.1:9", "-n", ""], id="nobody listens"),
        pytest.param(["show", "gone", "-f", "%s", "-c", ""], id="containers of a pod that is not there"),
    ],
)  # fmt: skip
def test_an_error_completes_nothing(complete, capsys, words):
    assert complete(*words) == ([], ":1")
    assert capsys.readouterr().err.count("\n") == 1


def test_a_context_that_would_break_the_protocols_lines_is_left_out(complete, tmp_path):
    broken = {"contexts": [{"name": "a\n:0", "context": {}}, {"name": "b", "context": {}}]}
    (tmp_path / "config").write_text(json.dumps(broken))
    assert complete("--context", "") == (["b"], ":4")
