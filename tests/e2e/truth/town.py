"""The namespaces of the matrix: made, waited for, named, and taken away."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from tests.e2e.truth.names import NAMES
from tests.e2e.truth.objects import LOAD_BALANCER, config_map, services
from tests.e2e.truth.pods import ROWS
from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.truth.names import Name
    from tests.e2e.truth.pods import Row

Manifest = dict[str, Any]


class Town:
    """Two namespaces with every kind of Service, and a pod for each row."""

    def __init__(self, rows: tuple[Row, ...] = ROWS) -> None:
        self.rows = rows
        self.namespace = f"truth-{secrets.token_hex(2)}"
        self.other = f"{self.namespace}-other"
        self._words: dict[str, str] = {}

    def build(self) -> None:
        """Make everything at once, and wait until all pods are ready and all slices are filled."""
        _create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": each}}
            for each in (self.namespace, self.other)
        )
        pods = [row.manifest(self.namespace) for row in self.rows]
        manifests = [config_map(self.namespace), *services(self.namespace, self.other), *pods]
        wait_until("the default service account", self._default_service_account)
        _create(json.loads(json.dumps(each).replace("{ns}", self.namespace)) for each in manifests)
        status = {"loadBalancer": {"ingress": [{"ip": LOAD_BALANCER}]}}
        patch = json.dumps({"status": status})
        kubectl(
            "patch",
            "-n",
            self.namespace,
            "service",
            "balanced",
            "--subresource=status",
            "-p",
            patch,
        )
        wait_until("pods that did not get ready", self._stands)
        self._words = self._read_words()

    def close(self) -> None:
        """Delete the namespaces; nobody waits for it."""
        kubectl(
            "delete", "namespace", self.namespace, self.other, "--wait=false", "--ignore-not-found"
        )

    def names(self, row: Row, table: tuple[Name, ...] = NAMES) -> dict[str, Name]:
        """The names of the table that the row asks, as typed, each once."""
        wanted = {"few": {"few"}, "core": {"few", "core"}, "all": {"few", "core", "all"}}[row.asks]
        asked: dict[str, Name] = {}
        for name in table:
            if name.asked in wanted:
                asked.setdefault(self.fill(name.text, row), name)
        return asked

    def fill(self, text: str, row: Row) -> str:
        """The text with what stands for its `{words}` here."""
        filled = text.replace("{pod}", row.spec.get("hostname", row.name))
        for word, value in self._words.items():
            filled = filled.replace(f"{{{word}}}", value)
        return filled

    def pod_ips(self, row: Row) -> frozenset[str]:
        """The addresses of the row's pod."""
        texts = (self._words.get(f"{word}:pod:{row.name}", "") for word in ("ip", "ip6"))
        return frozenset(filter(None, texts))

    def _default_service_account(self) -> bool:
        return bool(_read("serviceaccount", "-n", self.namespace)["items"])

    def _stands(self) -> bool:
        pods = _read("pods", "-n", self.namespace)["items"]
        ready = [
            pod
            for pod in pods
            if any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in pod["status"].get("conditions", [])
            )
        ]
        return len(ready) == len(self.rows) and self._slices_are_filled()

    def _slices_are_filled(self) -> bool:
        """Every Service that selects a pod has its endpoint, in each family; mirrored ones too."""
        slices = _read("endpointslices", "-n", self.namespace)["items"]
        filled = {
            (each["metadata"]["labels"]["kubernetes.io/service-name"], each["addressType"])
            for each in slices
            if each.get("endpoints")
            and all(e["conditions"].get("ready") for e in each["endpoints"])
        }
        wanted = {("by-hand", "IPv4"), ("by-hand-headless", "IPv4"), ("only-six", "IPv6")}
        both = {(name, family) for name in ("db", "dash", "dual") for family in ("IPv4", "IPv6")}
        return wanted | both | {("redis", "IPv4")} <= filled

    def _read_words(self) -> dict[str, str]:
        words = {"ns": self.namespace, "NS": self.namespace.upper(), "other": self.other}
        for pod in _read("pods", "-n", self.namespace)["items"]:
            words |= _families(
                "pod:" + pod["metadata"]["name"], [e["ip"] for e in pod["status"]["podIPs"]]
            )
        for service in _read("services", "-A")["items"]:
            if service["metadata"]["namespace"] in {self.namespace, "default"}:
                words |= _families(
                    service["metadata"]["name"], service["spec"].get("clusterIPs", [])
                )
        dashed, dashed6 = (words.get(f"{word}:pod:busybox", "") for word in ("ip", "ip6"))
        return words | {"dashed": dashed.replace(".", "-"), "dashed6": dashed6.replace(":", "-")}


def _families(what: str, addresses: Iterable[str]) -> dict[str, str]:
    return {f"{'ip6' if ':' in each else 'ip'}:{what}": each for each in addresses}


def _read(*argv: str) -> Manifest:
    return json.loads(kubectl("get", *argv, "-o", "json"))


def _create(manifests: Iterable[Manifest]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    kubectl("create", "-f", "-", stdin=json.dumps(listed).encode())
