"""A namespace of the comparison's own: its objects made at once, and waited for once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.e2e.control_plane import manifests
from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
_KINDS = "pods,services,endpoints,endpointslices,replicasets,deployments,statefulsets,daemonsets,jobs,cronjobs"


class Namespace:
    """A namespace, and the objects of the manifests in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def build(self, objects: Iterable[Json]) -> None:
        """Make the namespace, and all OBJECTS in one request of kubectl."""
        kubectl("create", "namespace", self.name)
        wait_until("the default service account", self._default_service_account)
        made = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        # kubectl's schema before 1.33 wants serviceName of a StatefulSet; the server never did.
        kubectl(
            "apply",
            "--validate=ignore",
            "-n",
            self.name,
            "-f",
            "-",
            stdin=json.dumps(made).encode(),
        )

    def _default_service_account(self) -> bool:
        return b"/default" in kubectl("get", "serviceaccounts", "-n", self.name, "-o", "name")

    def objects(self) -> list[Json]:
        """Everything that is there now, with the nodes."""
        listed = json.loads(kubectl("get", "-n", self.name, "-o", "json", _KINDS))["items"]
        return [*listed, *json.loads(kubectl("get", "nodes", "-o", "json"))["items"]]

    def wait_for_pods(self, delete: Iterable[str] = manifests.DELETED) -> None:
        """Wait until every pod is as its manifest lets it be, then delete those that are to go."""
        wait_until(
            "pods that stand still",
            lambda: (
                not [each for each in self._pods() if not _stands_still(each)]
                and self._missing() == []
            ),
        )
        for name in delete:
            kubectl("delete", "pod", "-n", self.name, name, "--wait=false")
        # The controller looks again when a pod's readiness changes, not when its phase does
        # (endpointslice/util/controller_utils.go podEndpointsChanged): a pod that has ended stays
        # an endpoint until its Service is synced for another reason, as it is here.
        kubectl("annotate", "services", "-n", self.name, "--all", "example.org/synced=1")

    def _pods(self) -> list[Json]:
        return json.loads(kubectl("get", "pods", "-n", self.name, "-o", "json"))["items"]

    def _missing(self) -> list[str]:
        """Workloads with fewer pods than they want."""
        kinds = "deployments,replicasets,statefulsets,daemonsets,jobs"
        listed = json.loads(kubectl("get", "-n", self.name, "-o", "json", kinds))["items"]
        owned: dict[str, int] = {}
        for pod in self._pods():
            for owner in pod["metadata"].get("ownerReferences", []):
                owned[owner["uid"]] = owned.get(owner["uid"], 0) + 1
        return [
            each["metadata"]["name"]
            for each in listed
            if each["kind"] != "Deployment"
            and owned.get(each["metadata"]["uid"], 0) < _wanted(each)
        ]

    def close(self) -> None:
        """Delete it, without waiting, if it was made; pods that take their time are forced."""
        gone = ("--ignore-not-found", "--wait=false")
        at_once = ("--force", "--grace-period=0", "--wait=false")
        kubectl("delete", "pods", "-n", self.name, "--all", *at_once)
        kubectl("delete", "namespace", self.name, *gone)


def _wanted(workload: Json) -> int:
    spec, name = workload["spec"], workload["metadata"]["name"]
    match workload["kind"]:
        case "ReplicaSet":
            return spec["replicas"]
        case "StatefulSet":
            # Its pods are refused, or come one after the other.
            is_short = len(name) > 52 or name == "halting"
            return int(not len(name) > 52) if is_short else spec["replicas"]
        case "Job":
            return 0 if spec.get("suspend") else spec["parallelism"]
        case _:
            return 1


def _stands_still(pod: Json) -> bool:
    """Ready; or known never to be: by its probe, its gate, its node selector, its end."""
    status, spec = pod["status"], pod["spec"]
    conditions = {each["type"]: each["status"] for each in status.get("conditions", [])}
    if conditions.get("Ready") == "True":
        return True
    if (
        spec.get("restartPolicy") == "Never"
        and spec["containers"][0]["command"] != manifests.FOREVER
    ):
        return status.get("phase") in {"Succeeded", "Failed"}
    if spec.get("nodeSelector"):
        return conditions.get("PodScheduled") == "False"
    has_probe = "readinessProbe" in spec["containers"][0] or "readinessGates" in spec
    return has_probe and status.get("phase") == "Running" and bool(status.get("podIPs"))


def settled(compare: Any, seconds: float = 30.0) -> Any:
    """What COMPARE gives once it finds no difference; its last word where it always finds one.

    Controllers follow a change when they get to it.
    """
    deadline = time.monotonic() + seconds
    while (found := compare()) and time.monotonic() < deadline:
        time.sleep(1)
    return found
