"""The roles of docs/permissions.md and of README, applied as the pages have them, and tried."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.docs.sessions import ROOT
from tests.e2e.conftest import PROGRAM
from tests.e2e.images import image
from tests.e2e.world import World, kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.pods import Manifest

PERMISSIONS = ROOT / "docs" / "permissions.md"
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GROUP = "rbac.authorization.k8s.io"
# What the page says to replace.
PLACE, USER = "shop", "dev@example.org"
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "containers": [
                    {
                        "name": "main",
                        "image": image("glibc"),
                        "imagePullPolicy": "IfNotPresent",
                        "command": ["sleep", "infinity"],
                    }
                ],
            },
        },
    },
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
}


class Account(NamedTuple):
    """A ServiceAccount with roles of a page."""

    world: World
    kubeconfig: str

    def hosts(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """`kubectl-hosts ARGV` as the account."""
        env = os.environ | {"KUBECONFIG": self.kubeconfig}
        done = subprocess.run(
            [PROGRAM, *argv], env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert "Traceback" not in done.stderr
        return done

    def items(self, *argv: str) -> list[dict[str, Any]]:
        """The documents that it prints with `-o json`."""
        done = self.hosts(*argv, "-o", "json")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        return document.get("items", [document])


def on_the_page() -> dict[str, Manifest]:
    """The objects of docs/permissions.md by kind and name."""
    blocks = _YAML.findall(PERMISSIONS.read_text())
    listed = [each for block in blocks for each in yaml.safe_load_all(block)]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in listed}


def in_readme() -> Manifest:
    """README's rules, which are given without the object around them."""
    (block,) = _YAML.findall((ROOT / "README.md").read_text())
    metadata = {"name": "kubectl-hosts-readme"}
    head = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": metadata}
    return {**head, **yaml.safe_load(block)}


class Roles:
    """Makes accounts with roles, and takes away what it made outside the namespace."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._made: list[Manifest] = []

    def account(self, name: str, *roles: Manifest) -> Account:
        """A new ServiceAccount that these roles are bound to."""
        kubectl("create", "serviceaccount", name, "-n", self.world.namespace)
        for role in roles:
            self._apply(name, role)
        issued = self.world.core.create_namespaced_service_account_token(
            name, self.world.namespace, {}
        )
        kubeconfig = self.world.write_kubeconfig(name, token=issued.status.token)
        return Account(self.world, kubeconfig)

    def _apply(self, account: str, role: Manifest) -> None:
        """The role with its place and name filled in, and its binding as the page has one."""
        metadata = {"name": f"{role['metadata']['name']}-{self.world.namespace}-{account}"}
        if "namespace" in role["metadata"]:
            place = role["metadata"]["namespace"]
            metadata["namespace"] = self.world.namespace if place == PLACE else place
        subject = {"kind": "ServiceAccount", "name": account, "namespace": self.world.namespace}
        binding = {
            "apiVersion": f"{GROUP}/v1",
            "kind": f"{role['kind']}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": GROUP, "kind": role["kind"], "name": metadata["name"]},
            "subjects": [subject],
        }
        for each in ({**role, "metadata": metadata}, binding):
            self._made.append(each)
            kubectl("create", "-f", "-", stdin=json.dumps(each).encode())

    def close(self) -> None:
        """Delete the roles and bindings."""
        for each in self._made:
            text = json.dumps(each).encode()
            kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text)


@pytest.fixture(scope="module")
def roles() -> Iterator[Roles]:
    """A namespace with a Deployment `web` and its Service, where accounts can be made."""
    world = World(f"hosts-e2e-roles-{secrets.token_hex(2)}")
    made = Roles(world)
    try:
        kubectl("create", "namespace", world.namespace)
        listed = {"apiVersion": "v1", "kind": "List", "items": [DEPLOYMENT, SERVICE]}
        kubectl("create", "-n", world.namespace, "-f", "-", stdin=json.dumps(listed).encode())
        accounts = world.core.list_namespaced_service_account
        wait_until("the service account", lambda: accounts(world.namespace).items)
        kubectl("rollout", "status", "-n", world.namespace, "deployment/web", "--timeout=120s")
        yield made
    finally:
        made.close()
        world.close()


def test_the_page_has_the_roles_that_are_tried_here():
    assert sorted(on_the_page()) == [
        "ClusterRole/kubectl-hosts-check",
        "ClusterRole/kubectl-hosts-explain",
        "ClusterRole/kubectl-hosts-nodes",
        "Role/kubectl-hosts-corefile",
        "Role/kubectl-hosts-show",
        "RoleBinding/kubectl-hosts-show",
    ]


def test_the_binding_of_the_page_gives_the_role_to_the_user_that_it_names(roles):
    """As it stands, but for the namespace: the user is one that nobody has to make."""
    page = on_the_page()
    for kind in ("Role", "RoleBinding"):
        text = json.dumps(page[f"{kind}/kubectl-hosts-show"]).replace(
            f'"namespace": "{PLACE}"', f'"namespace": "{roles.world.namespace}"'
        )
        kubectl("create", "-f", "-", stdin=text.encode())
    asked = ["auth", "can-i", "create", "pods", "--subresource=exec", "--as", USER]
    assert kubectl(*asked, "-n", roles.world.namespace).strip() == b"yes"


@pytest.mark.parametrize("target", ["deploy/web", "svc/web", "-lapp=web"])
def test_the_role_for_a_namespace_lets_show_see_everything_but_the_kubelets_version(roles, target):
    name = f"show-{re.sub(r'[^a-z]', '', target)}"
    account = roles.account(name, on_the_page()["Role/kubectl-hosts-show"])
    (document,) = account.items("show", target)
    (container,) = document["containers"]
    assert (container["unreadable"], container["drift"]) == (None, False)
    assert "nodes" in json.dumps(document["notChecked"])
    assert [each for each in document["notChecked"] if "nodes" not in json.dumps(each)] == []
    assert account.hosts("diff", target).returncode == 0


def test_with_the_role_for_nodes_nothing_is_left_unseen(roles):
    page = on_the_page()
    both = page["Role/kubectl-hosts-show"], page["ClusterRole/kubectl-hosts-nodes"]
    (document,) = roles.account("show-nodes", *both).items("show", "deploy/web")
    assert document["notChecked"] == []


@pytest.mark.parametrize("name", ["web", "kubernetes.default", "www.example.com", "10.96.0.1"])
def test_the_roles_for_explain_allow_every_request(roles, name):
    page = on_the_page()
    both = page["ClusterRole/kubectl-hosts-explain"], page["Role/kubectl-hosts-corefile"]
    account = roles.account(f"explain-{name.replace('.', '-')}", *both)
    (document,) = account.items("explain", name, "--from", "deploy/web")
    assert (document["verdict"], document["notChecked"]) == ("agree", [])
    (document,) = account.items("explain", name)
    assert document["notChecked"] == []


@pytest.mark.parametrize("flag", ["--no-exec", "--fail-on=error"])
def test_the_roles_for_check_allow_every_request(roles, flag):
    page = on_the_page()
    names = "ClusterRole/kubectl-hosts-check", "ClusterRole/kubectl-hosts-explain"
    account = roles.account(
        f"check{flag.replace('=', '-')}".replace("--", "-"),
        *(page[each] for each in names),
        page["Role/kubectl-hosts-corefile"],
    )
    done = account.hosts("check", "-n", roles.world.namespace, flag, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["notChecked"] == []


def test_the_rules_of_readme_are_enough_for_show_and_diff_of_pods(roles):
    account = roles.account("readme", in_readme())
    (document,) = account.items("show", "-l", "app=web")
    (container,) = document["containers"]
    assert (container["unreadable"], container["drift"]) == (None, False)
    assert account.hosts("diff", "-l", "app=web").returncode == 0
