"""`explain -f MANIFEST`: what is asked of a pod that nobody runs, in the program's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import run

MANIFESTS = Path(__file__).parents[2] / "examples" / "manifests"
OWN_DNS = """\
apiVersion: v1
kind: Pod
metadata: {name: own-dns}
spec:
  dnsPolicy: None
  dnsConfig: {nameservers: [192.0.2.53], searches: [corp.example.com], options: [{name: ndots, value: "1"}]}
  containers: [{name: main, image: example.org/app}]
"""


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        pytest.param("alias", ["redis", "--from", "deploy/cart"], id="a hostAlias of the template"),
        pytest.param(
            "service", ["mysql", "--from", "deploy/cart"], id="a name that DNS would have"
        ),
    ],
)
def test_a_deployment_predicts_what_its_pods_would_resolve(capfd, golden, case, arguments):
    status, out, err = run(
        capfd, "explain", *arguments, "-f", str(MANIFESTS / "shadowed-service.yaml")
    )
    assert (status, err) == (0, "")
    assert out == golden(f"explain-manifest/{case}.txt", out)


def test_a_pod_that_does_not_run_can_be_predicted_from(capfd, golden):
    status, out, err = run(capfd, "explain", "redis", "-f", str(MANIFESTS / "default-pod.yaml"))
    assert status == 0
    assert err == "Asking from pod/default-pod in namespace default (--from chooses another)\n"
    assert out == golden("explain-manifest/default-pod.txt", out)


def test_nameservers_of_the_spec_are_known_without_a_cluster(capfd, golden, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(OWN_DNS)
    status, out, _ = run(capfd, "explain", "www.example.com", "-f", str(file))
    assert status == 0
    assert out == golden("explain-manifest/own-dns.txt", out)


def test_the_only_namespace_of_the_files_is_where_names_are_asked(capfd, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(OWN_DNS.replace("name: own-dns", "name: own-dns, namespace: shop"))
    for arguments in ([], ["--from", "own-dns"]):
        status, out, _ = run(capfd, "explain", "own-dns", *arguments, "-f", str(file))
        assert status == 0
        assert "in pod shop/own-dns" in out.splitlines()[0]
