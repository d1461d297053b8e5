"""Command lines: complete, and safe to paste whatever an object is called."""

from __future__ import annotations

import shlex

import pytest
import yaml

from kubectl_hosts.model.change import (
    AskName,
    Create,
    Delete,
    EditCorefile,
    Patch,
    Restart,
    as_yaml,
    commands_of,
)

SELECTOR = {"spec": {"selector": {"app": "web"}}}


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        pytest.param(AskName("redis.bank"), (), id="another name needs no command"),
        pytest.param(Patch("Service", "shop", "web", SELECTOR, "merge"), ("kubectl patch service web -n shop --type merge -p '{\"spec\":{\"selector\":{\"app\":\"web\"}}}'",), id="a patch"),
        pytest.param(Patch("EndpointSlice", "shop", "db-1", {"metadata": {"labels": {"a/b": "c"}}}, "merge"), ("kubectl label --overwrite endpointslice db-1 -n shop a/b=c",), id="labels alone"),
        pytest.param(Patch("StatefulSet", "shop", "pg", {"spec": {"replicas": 3}}), ("kubectl scale statefulset pg -n shop --replicas=3",), id="replicas alone"),
        pytest.param(Patch("Pod", "shop", "a", {"spec": {"hostname": "a"}}), ("kubectl get pod a -n shop -o yaml | kubectl patch --local -f - --type strategic -p '{\"spec\":{\"hostname\":\"a\"}}' -o yaml | kubectl replace --force -f -",), id="a pod is made anew"),
        pytest.param(Patch("Pod", "shop", "a", {"metadata": {"labels": {"a": "b"}}}, "merge"), ("kubectl label --overwrite pod a -n shop a=b",), id="a pod's labels are changed in place"),
        pytest.param(Patch("StatefulSet", "shop", "pg", {"spec": {"serviceName": "pg"}}), ("kubectl get statefulset pg -n shop -o yaml | kubectl patch --local -f - --type strategic -p '{\"spec\":{\"serviceName\":\"pg\"}}' -o yaml | kubectl replace --force -f -",), id="a StatefulSet with another serviceName is made anew"),
        pytest.param(Restart("Deployment", "shop", "web"), ("kubectl rollout restart deployment web -n shop",), id="a restart"),
        pytest.param(Restart("Pod", "shop", "a"), ("kubectl get pod a -n shop -o yaml | kubectl replace --force -f -",), id="a bare pod is made anew to restart it"),
        pytest.param(Delete("Service", "shop", "web"), ("kubectl delete service web -n shop",), id="a deletion"),
        pytest.param(EditCorefile("kube-system", "coredns", "Corefile", "", "a'b\n"), ("kubectl patch configmap coredns -n kube-system --type merge -p '{\"data\":{\"Corefile\":\"a'\"'\"'b\\n\"}}'",), id="the Corefile"),
    ],
)  # fmt: skip
def test_a_change_as_command_lines(change, lines):
    assert commands_of(change) == lines


HOSTILE = "a'; rm -rf / #$(id)`id`\n\x1b[31m"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Patch("Service", HOSTILE, HOSTILE, {"spec": {"x": HOSTILE}}), id="a patch"),
        pytest.param(Patch("Pod", HOSTILE, HOSTILE, {"metadata": {"labels": {HOSTILE: HOSTILE}}}), id="labels"),
        pytest.param(Restart("Deployment", HOSTILE, HOSTILE), id="a restart"),
        pytest.param(EditCorefile(HOSTILE, HOSTILE, HOSTILE, "", HOSTILE), id="the Corefile"),
    ],
)  # fmt: skip
def test_hostile_text_stays_within_one_word(change):
    (line,) = commands_of(change)
    words = shlex.split(line)
    assert words[0] == "kubectl"
    assert HOSTILE in words
    assert not {"rm", "-rf", "#$(id)`id`"} & set(words)


MANIFEST = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "no",
        "namespace": "0x1f",
        "labels": {"a": "true", "b": "1e3", "c'": "x y"},
    },
    "spec": {"clusterIP": "None", "ports": [{"port": 80, "name": "y"}], "empty": [], "on": True},
}


def test_yaml_means_what_the_object_says():
    assert yaml.safe_load(as_yaml(MANIFEST)) == MANIFEST


def test_a_here_document_ends_where_it_should():
    """No line of an object can be its end: strings that are no plain words are quoted."""
    (line,) = commands_of(Create({**MANIFEST, "metadata": {"name": "x\nEOF\nid"}}))
    head, *body, end = line.split("\n")
    assert (head, end) == ("kubectl apply -f - <<'EOF'", "EOF")
    assert "EOF" not in body
