"""Names predicted from files alone, before anything is applied, against what the pods see after.

`python -m tests.e2e.control_plane`. The files of a set are its manifests and the cluster's nodes;
`explain -f` has no cluster to ask. An address that nobody knows yet is compared by its words: "the
IP that pod shop/web-0 will get" is any IP of that family that the pod got.

No file tells which C library an image has. What glibc, musl and Go differ over is not known then;
everything else is compared in pods of each.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kubectl_hosts.model.control_plane import follow
from tests.e2e.control_plane.cluster import Namespace
from tests.e2e.control_plane.sets import SETS, Set
from tests.e2e.control_plane.slices import as_predicted
from tests.e2e.images import image
from tests.e2e.truth.ask import Truth, addresses_of, plain
from tests.e2e.truth.pods import Row
from tests.e2e.world import kubectl, wait_until

Json = dict[str, Any]
# Asked in every pod, beside the set's own names.
EVERYWHERE = (
    "localhost kubernetes.default.svc kubernetes.{ns}.svc.cluster.local. svc.cluster.local."
)
LEAST_PAIRS = 300
LEAST_SETS = 20
_REPLICA = re.compile(r"\bpod \d+ of \d+ of ")


@dataclass(frozen=True)
class Pair:
    """A name in a pod of a set: what is wrong in words, or that the files do not tell."""

    place: str
    name: str
    fault: str = ""
    unknown: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.name}: {self.fault or self.unknown}"


@dataclass(frozen=True)
class Seen:
    """What a program of that C library got for a name, in the pod that a prediction calls so."""

    pod: str
    libc: str
    name: str
    truth: Truth


class Run:
    """One run: every set in a namespace of its own."""

    def __init__(self, chosen: tuple[Set, ...] = SETS) -> None:
        tag = secrets.token_hex(2)
        self.namespaces = {
            each.name: Namespace(f"control-{tag}-{n}") for n, each in enumerate(chosen)
        }
        self.sets = chosen
        self.dns = [
            json.loads(kubectl("get", "-n", "kube-system", kind, name, "-o", "json"))
            for kind, name in (("service", "kube-dns"), ("configmap", "coredns"))
        ]
        self.nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
        self.folder = tempfile.TemporaryDirectory(prefix="control-plane-")

    def objects(self, each: Set) -> list[Json]:
        """The manifests of a set, with its namespace's name filled in where they name it."""
        text = json.dumps(each.objects).replace("{ns}", self.namespaces[each.name].name)
        return json.loads(text)

    def names(self, each: Set) -> list[str]:
        """The names that a set's pods ask for."""
        text = f"{each.names} {EVERYWHERE}".replace("{ns}", self.namespaces[each.name].name)
        return list(dict.fromkeys(text.split()))

    def predict(self, each: Set) -> dict[tuple[str, str], Json]:
        """What `explain -f` says of each name in each pod of a set."""
        namespace = self.namespaces[each.name].name
        file = Path(self.folder.name, f"{each.name}.json")
        items = [*self.objects(each), *self.nodes, *(self.dns if each.knows_dns else ())]
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        found = {}
        for pod in each.pods:
            documents = explain(pod, namespace, str(file), self.names(each))
            found |= {(pod, name): document for name, document in documents.items()}
        return found

    def table(self, each: Set) -> dict[str, str]:
        """The words of each placeholder, as the files give them."""
        namespace = self.namespaces[each.name].name
        placed = [
            {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}
            for obj in [*self.objects(each), *self.nodes]
        ]
        return dict(follow(placed).placeholders)

    def apply(self) -> None:
        """Apply every set, and wait for the pods that will be asked and those that will answer."""
        for each in self.sets:
            self.namespaces[each.name].build(self.objects(each))
        for each in self.sets:
            wait_until(f"pods of {each.name}", lambda each=each: self._is_ready(each))
        # CoreDNS learns of the last slice a moment later.
        time.sleep(3)

    def _is_ready(self, each: Set) -> bool:
        namespace = self.namespaces[each.name].name
        pods = json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        wanted = sum(map(_replicas, each.objects))
        return len([pod for pod in pods if _is_ready(pod)]) == wanted

    def observe(self, each: Set) -> list[Seen]:
        """What the C library of each pod of a set says to each name."""
        namespace = self.namespaces[each.name].name
        pods = json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        rows: list[Seen] = []
        for wanted in each.pods:
            pod = next(pod for pod in pods if as_predicted(pod) == wanted)
            row = Row(name=pod["metadata"]["name"], libc=_libc(pod))
            truths = addresses_of(row, namespace, self.names(each))
            rows += [Seen(wanted, row.libc, name, truths[name]) for name in self.names(each)]
        return rows

    def words(self, each: Set) -> dict[str, str]:
        """What stands for each real address in a prediction: the same words, said of what is there."""
        found: dict[str, str] = {}
        for obj in self.namespaces[each.name].objects():
            found |= _words(obj)
        kubernetes = kubectl("get", "service", "kubernetes", "-n", "default", "-o", "json")
        return found | _words(json.loads(kubernetes))

    def pairs(self) -> list[Pair]:
        """Predict all, apply all, compare all."""
        with ThreadPoolExecutor(3) as pool:
            predicted = list(pool.map(self.predict, self.sets))
            self.apply()
            seen = list(pool.map(self.observe, self.sets))
        return [
            pair
            for each, documents, rows in zip(self.sets, predicted, seen, strict=True)
            for pair in self._compared(each, documents, rows)
        ]

    def _compared(
        self, each: Set, documents: dict[tuple[str, str], Json], rows: list[Seen]
    ) -> list[Pair]:
        table, words = self.table(each), self.words(each)
        return [
            compare(each.name, seen, documents[seen.pod, seen.name], table, words) for seen in rows
        ]

    def close(self) -> None:
        """Delete everything."""
        self.folder.cleanup()
        for each in self.namespaces.values():
            each.close()


def explain(pod: str, namespace: str, file: str, names: list[str]) -> dict[str, Json]:
    """The explanation of each name, from the file alone."""
    place = ["-n", namespace, "--from", f"pod/{pod}", "-f", file, "-o", "json"]
    command = [sys.executable, "-m", "kubectl_hosts", "explain", *place, "--", *names]
    environment = os.environ | {"KUBECONFIG": os.devnull}
    done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=200)
    if not done.stdout:
        raise RuntimeError(f"{pod}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    document = json.loads(done.stdout)
    listed = document["items"] if document["kind"] == "ExplanationList" else [document]
    return {each["name"]: each for each in listed}


def compare(
    place: str, seen: Seen, document: Json, placeholders: dict[str, str], words: dict[str, str]
) -> Pair:
    """One pair; both sides in the words of the placeholders, as often as they come."""
    predicted = document["predicted"]
    pair = Pair(f"{place}: {seen.pod}", seen.name)
    if predicted["outcome"] == "unknown":
        return replace(pair, unknown=", ".join(predicted.get("unknown", ())) or "no reason")
    expected = Counter(
        _plain(_one_of_many(placeholders.get(each, each)))
        for each in predicted.get("addresses", ())
    )
    found = Counter(_one_of_many(words.get(each, each)) for each in seen.truth.answers)
    if expected == found or (_is_localhost(expected) and _is_localhost(found)):
        return pair
    said = dict(expected) or predicted["outcome"]
    truth = dict(found) or seen.truth.said
    return replace(pair, fault=f"predicted {said}, the pod sees {truth!r}")


def _is_localhost(answers: Counter[str]) -> bool:
    """Loopback addresses alone: glibc takes the first line of the name, musl and Go take both."""
    return bool(answers) and answers.keys() <= {"127.0.0.1", "::1"}


def _one_of_many(said: str) -> str:
    return _REPLICA.sub("the pod of ", said)


def _plain(said: str) -> str:
    return said if said.startswith("the ") else plain(said)


def _words(obj: Json) -> dict[str, str]:
    meta = obj["metadata"]
    if obj["kind"] == "Service":
        what = f"Service {meta['namespace']}/{meta['name']}"
        ips = [each for each in obj["spec"].get("clusterIPs", []) if each != "None"]
        nouns = "cluster IP", "IPv6 cluster IP"
    elif obj["kind"] == "Pod" and not obj["spec"].get("hostNetwork"):
        what = _pod_words(obj)
        ips = [each["ip"] for each in obj["status"].get("podIPs", [])]
        nouns = "IP", "IPv6 address"
    else:
        return {}
    return {ip: f"the {nouns[':' in ip]} that {what} will get" for ip in ips}


def _pod_words(pod: Json) -> str:
    """What a prediction calls a pod: by its name where a file tells it, else by its workload."""
    meta = pod["metadata"]
    owner = next(iter(meta.get("ownerReferences", [])), {"kind": "StatefulSet"})
    index = meta["labels"].get("batch.kubernetes.io/job-completion-index")
    match owner["kind"]:
        case "StatefulSet":
            return f"pod {meta['namespace']}/{meta['name']}"
        case "ReplicaSet":
            of = f"Deployment {meta['namespace']}/{owner['name'].rpartition('-')[0]}"
        case kind:
            of = f"{kind} {meta['namespace']}/{owner['name']}"
    return f"the pod of {of}" if index is None else f"the pod of index {index} of {of}"


def _is_ready(pod: Json) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _replicas(obj: Json) -> int:
    """How many pods come of a manifest of the sets."""
    spec = obj.get("spec", {})
    match obj["kind"]:
        case "Deployment" | "StatefulSet":
            return spec.get("replicas", 1)
        case "Job":
            return spec.get("parallelism", 1)
        case "Pod" | "DaemonSet":
            return 1
        case _:
            return 0


def _libc(pod: Json) -> Any:
    used = pod["spec"]["containers"][0]["image"]
    return next(name for name in ("glibc", "musl", "shell-less") if image(name) == used)


def summary(pairs: list[Pair], sets: int, seconds: float) -> str:
    """One line."""
    unknown = sum(bool(pair.unknown) for pair in pairs)
    wrong = sum(bool(pair.fault) for pair in pairs)
    return (
        f"{len(pairs)} pairs of {sets} sets: {len(pairs) - unknown - wrong} as predicted from the "
        f"files, {wrong} differ, {unknown} that the files do not tell, in {seconds:.0f} s"
    )


def run() -> tuple[list[Pair], str]:
    """The pairs of all sets, and the line that sums them up."""
    began = time.monotonic()
    made = Run()
    try:
        pairs = made.pairs()
    finally:
        if not os.environ.get("E2E_KEEP"):
            made.close()
    return pairs, summary(pairs, len(made.sets), time.monotonic() - began)


def holds(pairs: list[Pair]) -> bool:
    """Whether enough is told from the files, and nothing otherwise than it turns out."""
    told = [pair for pair in pairs if not pair.unknown]
    return len(told) >= LEAST_PAIRS and not any(pair.fault for pair in pairs)
