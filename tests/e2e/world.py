"""A namespace of the suite's own in the cluster of KUBECONFIG, made by an independent client."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubernetes import client, config, utils

from tests.e2e import pods

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.pods import Manifest

PATIENCE = 240.0


def wait_until(what: str, ready: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true value of READY, asked again and again; TimeoutError names WHAT."""
    deadline = time.monotonic() + seconds
    while not (value := ready()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} after {seconds:.0f} s")
        time.sleep(0.3)
    return value


def _states(pod: Manifest, key: str) -> list[Manifest]:
    return [status.get("state", {}) for status in pod["status"].get(key, [])]


def _conditions(pod: Manifest) -> set[tuple[str, str, str]]:
    listed = pod["status"].get("conditions", [])
    return {(each["type"], each["status"], each.get("reason", "")) for each in listed}


# What `until` in a pod's labels means.
SETTLED: dict[str, Callable[[Manifest], bool]] = {
    "Ready": lambda pod: ("Ready", "True", "") in _conditions(pod),
    "Succeeded": lambda pod: pod["status"].get("phase") == "Succeeded",
    "Unschedulable": lambda pod: ("PodScheduled", "False", "Unschedulable") in _conditions(pod),
    "ErrImageNeverPull": lambda pod: (
        "ErrImageNeverPull"
        in [state.get("waiting", {}).get("reason") for state in _states(pod, "containerStatuses")]
    ),
    "StartError": lambda pod: (
        "StartError"
        in [
            each.get("lastState", {}).get("terminated", {}).get("reason")
            for each in pod["status"].get("containerStatuses", [])
        ]
    ),
    "InitRunning": lambda pod: any(
        "running" in state for state in _states(pod, "initContainerStatuses")
    ),
}


def kubectl(*argv: str, stdin: bytes = b"") -> bytes:
    """What kubectl printed; CalledProcessError unless it ended with 0."""
    done = subprocess.run(["kubectl", *argv], input=stdin, capture_output=True, check=False)
    done.check_returncode()
    return done.stdout


class World:
    """The namespace, its pods by scenario, and identities with chosen rights."""

    def __init__(self, namespace: str) -> None:
        config.load_kube_config()
        self.namespace = namespace
        self.folder = tempfile.TemporaryDirectory(prefix="hosts-e2e-")
        self.kubeconfig = self.write_kubeconfig("admin")
        self.before: dict[str, bytes] = {}
        """The file of each pod that is edited by hand, as it was before the edit."""
        self._names: dict[str, str] = {}
        self.core = client.CoreV1Api()
        self.rbac = client.RbacAuthorizationV1Api()

    def build(self) -> None:
        """Make every object at once, edit what is to be edited, wait until all stand still."""
        self.core.create_namespace({"metadata": {"name": self.namespace}})
        wait_until("the default service account", self._default_service_account)
        for manifest in pods.everything():
            utils.create_from_dict(client.ApiClient(), manifest, namespace=self.namespace)
        wait_until("pods that did not settle", lambda: not self.unsettled())
        for scenario, script in pods.EDITS.items():
            self.before[scenario] = self.hosts(scenario)
            self.run(scenario, "sh", "-c", script)
        self._attach_an_ephemeral_container()
        wait_until("the restart", lambda: self._restarts("restarted") and not self.unsettled())

    def close(self) -> None:
        """Delete the namespace; its pods have no grace period."""
        self.folder.cleanup()
        self.core.delete_namespace(self.namespace, propagation_policy="Background")

    def write_kubeconfig(self, name: str, *, token: str = "", server: str = "") -> str:
        """A file that is KUBECONFIG in the suite's namespace, with another user or server."""
        view = json.loads(kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json"))
        view["contexts"][0]["context"]["namespace"] = self.namespace
        if token:
            view["users"][0]["user"] = {"token": token}
        if server:
            view["clusters"][0]["cluster"] = {"server": server}
        file = Path(self.folder.name, f"{name}.kubeconfig")
        file.write_text(json.dumps(view))
        return str(file)

    def pods(self) -> list[Manifest]:
        """Every pod of the namespace, as JSON."""
        answer = self.core.list_namespaced_pod(self.namespace, _preload_content=False)
        return json.loads(answer.data)["items"]

    def unsettled(self) -> list[str]:
        """The scenarios whose pod is missing, or not yet as its label `until` asks."""
        wanted = {_scenario(manifest) for manifest in pods.everything()} - {""}
        settled = {
            _scenario(pod)
            for pod in self.pods()
            if SETTLED[pod["metadata"]["labels"]["until"]](pod)
        }
        return sorted(wanted - settled)

    def pod(self, scenario: str) -> Manifest:
        """The scenario's pod as the API server has it now."""
        return next(pod for pod in self.pods() if _scenario(pod) == scenario)

    def name(self, scenario: str) -> str:
        """The name of the scenario's pod; no pod of the suite is replaced by another."""
        if scenario not in self._names:
            self._names = {_scenario(pod): pod["metadata"]["name"] for pod in self.pods()}
        return self._names[scenario]

    def run(self, scenario: str, *argv: str, container: str = "") -> bytes:
        """What a command in the container printed, by `kubectl exec`."""
        chosen = ["-c", container] if container else []
        name = self.name(scenario)
        return kubectl("exec", "-n", self.namespace, name, *chosen, "--", *argv)

    def hosts(self, scenario: str, container: str = "") -> bytes:
        """The observed file, by `kubectl exec`, asked again when it comes back empty.

        kubectl 1.32 loses an exec's output now and then (client-cost.md).
        """
        reads = (self.run(scenario, "cat", "/etc/hosts", container=container) for _ in range(3))
        return next((data for data in reads if data), b"")

    def execs(self, scenario: str, container: str) -> int:
        """How many processes of the container read a file now: an exec that hangs is one more."""
        return len(re.findall(rb"\b(?:cat|head)\b", self.run(scenario, "ps", container=container)))

    def delete(self, scenario: str) -> None:
        """Delete the pod at once."""
        self.core.delete_namespaced_pod(self.name(scenario), self.namespace, grace_period_seconds=0)

    def user(self, name: str, *rules: tuple[str, str]) -> str:
        """A token of a new service account that may do RULES: ("get list", "pods pods/exec")."""
        metadata = {"name": name}
        self.core.create_namespaced_service_account(self.namespace, {"metadata": metadata})
        role = [
            {"apiGroups": [""], "verbs": verbs.split(), "resources": resources.split()}
            for verbs, resources in rules
        ]
        self.rbac.create_namespaced_role(self.namespace, {"metadata": metadata, "rules": role})
        self.rbac.create_namespaced_role_binding(
            self.namespace,
            {
                "metadata": metadata,
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": self.namespace}],
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            },
        )
        issued = self.core.create_namespaced_service_account_token(name, self.namespace, {})
        return issued.status.token

    def _default_service_account(self) -> bool:
        listed = self.core.list_namespaced_service_account(self.namespace).items
        return any(account.metadata.name == "default" for account in listed)

    def _restarts(self, scenario: str) -> int:
        return self.pod(scenario)["status"]["containerStatuses"][0]["restartCount"]

    def _attach_an_ephemeral_container(self) -> None:
        debugger = pods.container("dbg")
        self.core.patch_namespaced_pod_ephemeralcontainers(
            self.name("kinds"), self.namespace, {"spec": {"ephemeralContainers": [debugger]}}
        )
        wait_until(
            "the ephemeral container",
            lambda: any(
                "running" in state
                for state in _states(self.pod("kinds"), "ephemeralContainerStatuses")
            ),
        )


def _scenario(manifest: Manifest) -> str:
    """The scenario of a pod, or of the template of a workload."""
    template = manifest.get("spec", {}).get("template", manifest)
    return template["metadata"].get("labels", {}).get("scenario", "")


def reachable() -> bool:
    """Whether KUBECONFIG leads to a cluster that answers."""
    if not os.environ.get("KUBECONFIG"):
        return False
    asked = ["kubectl", "get", "--raw", "/readyz", "--request-timeout=10s"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
