"""Every command line of the pages, typed into a shell with `kubectl hosts` as kubectl finds it.

The sessions (`console` blocks) are run by tests/docs; what is here is all the rest.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kubectl_hosts.cli.main import COMMANDS
from tests.docs.command_lines import command_lines
from tests.docs.sessions import ROOT
from tests.e2e.conftest import PROGRAM
from tests.e2e.images import image
from tests.e2e.world import World, kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

WEB = """\
apiVersion: apps/v1
kind: {kind}
metadata:
  name: web
spec:
  replicas: {replicas}
  selector: &labels
    matchLabels: {{app: {app}}}
  {more}
  template:
    metadata:
      labels: {{app: {app}, team: {team}}}
    spec:
      terminationGracePeriodSeconds: 0
      hostAliases:
        - {{ip: "10.1.2.3", hostnames: [db.example.org]}}
      containers:
        - {{name: main, image: "{image}", imagePullPolicy: IfNotPresent, command: [sleep, infinity]}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
EDIT = "echo '203.0.113.7 metrics.example.net' >>/etc/hosts"
ANY = (0, 1, 2)
"""`diff -A` on a cluster that others use, or that this suite fills with broken pods."""


class Run(NamedTuple):
    """How a line is run, and what it does. `{ns}` stands for the suite's namespace."""

    first: str
    """The first line of its output, as a regular expression."""
    status: tuple[int, ...] = (0,)
    typed: str = ""
    """The line with its words in capitals, or its `…`, filled in; "" where it is as on the page."""


DEPLOYED = r"pod default/web-x+-x+: /etc/hosts will match the spec: .* 1 hostAlias"
PREDICTED = DEPLOYED.replace("default", "[a-z0-9-]+")
ON_THE_CLUSTER = {
    "kubectl hosts show web-0": Run(
        r"pod {ns}/web-0: /etc/hosts differs from the spec: line 13 .*"
    ),
    "kubectl hosts show -A": Run(r"(all )?\d+ (of \d+ )?pods match their specs.*"),
    "kubectl hosts diff deploy/web": Run(""),
    "kubectl hosts explain redis --from deploy/web": Run(
        r"redis does not resolve in pod {ns}/web-.*: no Service redis in namespace {ns}.*"
    ),
    "kubectl hosts capture deploy/web redis -o ticket.json": Run(".*"),
    "kubectl hosts explain redis --from deploy/web -f ticket.json": Run(
        r"redis does not resolve in pod {ns}/web-.*: no Service redis in namespace {ns}.*",
        typed="kubectl hosts capture deploy/web redis -o ticket.json >&2"
        " && kubectl hosts explain redis --from deploy/web -f ticket.json",
    ),
    "kubectl hosts diff -A -l team=shop || status=$?": Run(
        r"--- .*: expected",
        typed='kubectl hosts diff -A -l team=shop || status=$?; test "$status" -gt 0',
    ),
    "kubectl hosts diff -A": Run("(--- .*|)", ANY),
    "kubectl-hosts diff -A": Run("(--- .*|)", ANY),
    "kubectl get deploy web -o yaml | kubectl hosts show -f -": Run(PREDICTED),
    "kubectl hosts show POD -o json": Run("{{", typed="kubectl hosts show web-0 -o json"),
    "kubectl exec POD -- cat /etc/hosts": Run(
        "# Kubernetes-managed hosts file.", typed="kubectl exec web-0 -- cat /etc/hosts"
    ),
    "getent ahosts NAME": Run(
        r"10\.1\.2\.3 .*", typed="kubectl exec deploy/web -- getent ahosts db.example.org"
    ),
    "getent -s files hosts NAME": Run(
        r"10\.1\.2\.3 .*", typed="kubectl exec deploy/web -- getent -s files hosts db.example.org"
    ),
    "getent ahosts …": Run(
        r"10\.1\.2\.3 .*", typed="kubectl exec deploy/web -- getent ahosts db.example.org"
    ),
    "kubectl get endpointslices -n … -l kubernetes.io/service-name=…": Run(
        r"NAME +ADDRESSTYPE .*",
        typed="kubectl get endpointslices -n {ns} -l kubernetes.io/service-name=web",
    ),
    "kubectl hosts check -n shop": Run(".*", ANY, typed="kubectl hosts check"),
    "kubectl hosts check deploy/web": Run(".*", ANY),
    "kubectl hosts check -A --no-exec": Run(".*", ANY),
    "kubectl hosts version": Run(r".*\d+\.\d+.*"),
    "kubectl hosts options": Run(r"The following options .*"),
    "kubectl hosts COMMAND --help": Run(
        r".+", typed=" && ".join(f"kubectl hosts {each} --help" for each in COMMANDS)
    ),
}
BEFORE_A_DEPLOY = {
    "kubectl hosts explain redis --from deploy/web --with deployment.yaml": Run(
        r"redis: NXDOMAIN now, and the same with deployment\.yaml"
    ),
    "kubectl hosts check --with deployment.yaml": Run(
        ".*", ANY, typed="kubectl hosts check deploy/web --with deployment.yaml"
    ),
    "kubectl hosts check --with release.yaml": Run(
        ".*", ANY, typed="kubectl hosts check deploy/web --with deployment.yaml"
    ),
    "kubectl hosts check -f manifests/": Run(".*", ANY, typed="kubectl hosts check -f deploy/"),
    "kubectl kustomize . | kubectl hosts show -f -": Run(DEPLOYED),
    "kubectl hosts show -f deploy/": Run(DEPLOYED),
    "kubectl hosts check -f deploy/": Run("no problem found; .*"),
    "kubectl hosts check -f deploy/ --fail-on warning": Run("no problem found; .*"),
    "kubectl hosts show -f deploy/ -o json | jq -e "
    """'[.. | objects | select(.severity? == "error")] | length == 0'""": Run("true"),
}
IN_THE_REPOSITORY = {
    "python -m tests.docs.sessions": Run(""),
    "python -m tests.docs.reasons": Run(""),
}
NOT_RUN_HERE = {
    "make demo": ".ci/run does",
    "make test": ".ci/run does",
    "make e2e-releases": "it takes the cluster down",
    "kubectl krew install hosts": "`make krew-test` does it, from an index of its own",
    "pipx install kubectl-hosts": "the package is not on PyPI before the first release",
}
NAMES = {
    *("kubectl hosts", "kubectl hosts show", "kubectl hosts diff", "kubectl diff"),
    *("kubectl hosts explain", "kubectl hosts check", "kubectl hosts names"),
    *("kubectl hosts capture", "kubectl hosts completion", "kubectl apply", "kubectl debug"),
    *("kubectl describe pod", "kubectl proxy", "kubectl apply --dry-run=server"),
    *("getent ahosts", "getent hosts", "helm template"),
}
"""A command that is spoken of, not a line to type."""
RUN = {**ON_THE_CLUSTER, **BEFORE_A_DEPLOY, **IN_THE_REPOSITORY}


def test_no_line_of_the_pages_is_left_out():
    lines = {each.line for each in command_lines()}
    assert lines == {*RUN, *NOT_RUN_HERE, *NAMES}


@pytest.fixture(scope="module")
def shop() -> Iterator[World]:
    """A namespace with what the lines are about: Deployment, StatefulSet and Service `web`."""
    made = World(f"hosts-e2e-docs-{secrets.token_hex(2)}")
    place = ("-n", made.namespace)
    try:
        kubectl("create", "namespace", made.namespace)
        wait_until(
            "the service account",
            lambda: made.core.list_namespaced_service_account(made.namespace).items,
        )
        for text in (a_web("Deployment", 2), a_web("StatefulSet", 1), SERVICE):
            kubectl("create", *place, "-f", "-", stdin=text.encode())
        for each in ("deployment/web", "statefulset/web"):
            kubectl("rollout", "status", *place, each, "--timeout=120s")
        kubectl("exec", *place, "web-0", "--", "sh", "-c", EDIT)
        yield made
    finally:
        if not os.environ.get("E2E_KEEP"):
            made.close()


def a_web(kind: str, replicas: int) -> str:
    """A workload `web`; the StatefulSet's pods are another team's."""
    is_set = kind == "StatefulSet"
    return WEB.format(
        kind=kind,
        replicas=replicas,
        app="web-set" if is_set else "web",
        team="shop" if is_set else "front",
        more="serviceName: web" if is_set else "",
        image=image("glibc"),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as somebody has it who is about to deploy."""
    (tmp_path / "deploy").mkdir()
    for name in ("deployment.yaml", "deploy/web.yaml"):
        (tmp_path / name).write_text(a_web("Deployment", 2))
    (tmp_path / "kustomization.yaml").write_text("resources: [deployment.yaml]\n")
    return tmp_path


def in_a_shell(line: str, folder: Path, kubeconfig: str) -> subprocess.CompletedProcess[str]:
    """LINE as bash runs it in FOLDER, a pipe's status that of the first command that failed."""
    places = [str(PROGRAM.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    env = os.environ | {"PATH": os.pathsep.join(places), "KUBECONFIG": kubeconfig}
    env.pop("PYTHONPATH", None)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def does(line: str, run: Run, folder: Path, shop: World, kubeconfig: str = "") -> None:
    """Assert that the line ends as it should, and begins its output with that line."""
    typed = (run.typed or line).replace("{ns}", shop.namespace)
    done = in_a_shell(typed, folder, kubeconfig or shop.kubeconfig)
    first = (done.stdout.splitlines() or [""])[0]
    expected = run.first.replace("{ns}", shop.namespace).replace("{{", r"\{")
    assert "Traceback" not in done.stderr
    assert done.returncode in run.status, done.stderr
    assert re.fullmatch(expected, first), f"{first}\n{done.stderr}"


@pytest.mark.parametrize("line", ON_THE_CLUSTER)
def test_a_line_for_the_cluster_runs_as_it_stands(shop, folder, line):
    does(line, ON_THE_CLUSTER[line], folder, shop)


@pytest.mark.parametrize("line", BEFORE_A_DEPLOY)
def test_a_line_for_manifests_runs_as_it_stands(shop, folder, line):
    does(line, BEFORE_A_DEPLOY[line], folder, shop)


def test_the_step_of_a_pipeline_fails_on_errors_in_manifests(shop, folder):
    shutil.copy(ROOT / "examples" / "mistakes" / "wrong-level.yaml", folder / "deploy")
    (line,) = [each for each in BEFORE_A_DEPLOY if "| jq" in each]
    does(line, Run("false", (1,)), folder, shop)


@pytest.mark.parametrize("line", IN_THE_REPOSITORY)
def test_a_line_for_the_repository_runs_as_it_stands(shop, tmp_path, line):
    copy = tmp_path / "repository"
    for name in ("kubectl_hosts", "tests", "examples", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for each in (*ROOT.glob("*.md"), ROOT / "pyproject.toml"):
        shutil.copy(each, copy)
    does(line, IN_THE_REPOSITORY[line], copy, shop, os.environ["KUBECONFIG"])
    if "tests.docs" in line:
        pages = [path.relative_to(copy) for path in (copy / "docs").glob("*.md")]
        assert [str(each) for each in pages if changed(each, copy)] == []


def changed(page: Path, copy: Path) -> bool:
    """Whether the copy of a page is another than the repository's."""
    return (copy / page).read_bytes() != (ROOT / page).read_bytes()
