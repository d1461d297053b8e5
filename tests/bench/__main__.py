"""`make bench`: each figure of the design as a ratio to kubectl, measured side by side in one run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from krew.build_archive import archive_name
from krew.try_archive import unpack
from kubectl_hosts.model.evidence import HOSTS_PATHS
from kubectl_hosts.probes.files import head_of, limited, new_marker, root_of
from tests.bench import workloads
from tests.bench.fleet import REALCLUSTER, fleet, simulated_nodes
from tests.bench.stopwatch import medians, peak_memory
from tests.e2e.world import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = str(Path(sys.executable).with_name("kubectl-hosts"))
REAL_PODS = int(os.environ.get("BENCH_PODS", "100"))
DIST = Path(__file__).parents[2] / "dist"
SIMULATED_PODS = int(os.environ.get("BENCH_SIMULATED_PODS", "300"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One ratio and its target: `at_most` or, where larger is better, `at_least`."""

    what: str
    measured: float
    at_most: float = float("inf")
    at_least: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.at_least <= self.measured <= self.at_most

    def __str__(self) -> str:
        target = f">= {self.at_least:g}" if self.at_least else f"<= {self.at_most:g}"
        ended = "ok" if self.holds else "MISSED"
        return f"{self.what:<72} {self.measured:6.2f}   target {target:<7} {ended}"


def the_exec() -> list[str]:
    """The argv that the program runs in a container."""
    marker = new_marker()
    return [*limited(marker, head_of(HOSTS_PATHS, root_of(marker)))]


# A name that every cluster has, absolute: both ask one name. (By its short name a program asks more
# than nslookup, which reads no ndots, and `explain` explains them all.)
DNS_NAME = "kube-dns.kube-system.svc.cluster.local."
# Its Service by the name that fails elsewhere: the cause is found, and what helps is proved.
FAILING_NAME = "kube-dns"


def start_up() -> Iterator[Figure]:
    """What it costs to say nothing but help."""
    took = medians({"kubectl": [["kubectl", "--help"]], "ours": [[PROGRAM, "--help"]]}, rounds=25)
    yield Figure(
        what="--help, to kubectl --help", measured=took["ours"] / took["kubectl"], at_most=1.3
    )


def one_pod() -> Iterator[Figure]:
    """`show POD` against the two kubectl commands that fetch the same."""
    with fleet(1) as namespace:
        pod = kubectl("get", "pods", "-n", namespace, "-o", "name").decode().strip()
        here = ["-n", namespace]
        took = medians(
            {
                "kubectl": [
                    ["kubectl", "get", pod, *here, "-o", "json"],
                    ["kubectl", "exec", pod, *here, "--", "cat", "/etc/hosts"],
                ],
                "ours": [[PROGRAM, "show", pod, *here]],
                "plugin": [["kubectl", "hosts", "show", pod, *here]],
                "by hand": [
                    ["kubectl", "exec", pod, *here, "--", "nslookup", DNS_NAME],
                    ["kubectl", "get", "service,endpointslices", "-n", "kube-system"],
                ],
                "explain": [[PROGRAM, "explain", DNS_NAME, "--from", pod, *here]],
                "fails by hand": [
                    ["kubectl", "exec", pod, *here, "--", "nslookup", FAILING_NAME],
                    ["kubectl", "get", "service,endpointslices", "-n", "kube-system"],
                ],
                "fails": [[PROGRAM, "explain", FAILING_NAME, "--from", pod, *here]],
            },
            rounds=25,
        )
    pair = "kubectl get pod -o json, then exec -- cat"
    for name, at_most in (("ours", 1.2), ("plugin", 1.4)):
        command = "kubectl-hosts show POD" if name == "ours" else "kubectl hosts show POD"
        yield Figure(
            what=f"{command}, to {pair}", measured=took[name] / took["kubectl"], at_most=at_most
        )
    for name, hand, which in (
        ("explain", "by hand", "NAME"),
        ("fails", "fails by hand", "NAME that fails, with proofs"),
    ):
        yield Figure(
            what=f"explain {which}, to nslookup, then get service,endpointslices",
            measured=took[name] / took[hand],
            at_most=1.4,
        )


def completion() -> Iterator[Figure]:
    """What <tab> costs, by the protocol of the real kubectl."""
    for what, words in (("pods", ["show", ""]), ("names to explain", ["explain", ""])):
        command = ["kubectl", "__complete", "hosts", words[0], "-n", "kube-system", words[1]]
        took = medians({"complete": [command]}, rounds=15)
        yield Figure(
            what=f"kubectl __complete hosts {words[0]}: {what}, in milliseconds",
            measured=took["complete"] * 1000,
            at_most=200,
        )


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{0}, labels: {{app: web-{0}}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web-{0}}}}}
  template:
    metadata: {{labels: {{app: web-{0}}}}}
    spec:
      hostAliases:
      - {{ip: 10.1.2.3, hostnames: [db.example, cache.example]}}
      containers:
      - name: main
        image: nginx
        env:
        - {{name: DB, value: db.example}}
        - {{name: POD_IP, valueFrom: {{fieldRef: {{fieldPath: status.podIP}}}}}}
        ports: [{{containerPort: 80, name: http}}]
        resources: {{limits: {{cpu: 500m, memory: 1Gi}}}}
        readinessProbe: {{httpGet: {{path: /, port: http}}}}
        volumeMounts: [{{name: config, mountPath: /etc/config}}]
      volumes: [{{name: config, configMap: {{name: web-{0}}}}}]
"""


def manifests(documents: int = 1000) -> Iterator[Figure]:
    """`show -f` of many manifests against what kubectl itself makes of them."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "manifests.yaml")
        file.write_text("---\n".join(DEPLOYMENT.format(each) for each in range(documents)))
        ours = [PROGRAM, "show", "-f", str(file)]
        theirs = ["kubectl", "apply", "--dry-run=client", "-f", str(file)]
        took = medians({"ours": [ours], "kubectl": [theirs]}, rounds=3)
        yield Figure(
            what=f"show -f of {documents} Deployments, to kubectl apply --dry-run=client",
            measured=took["ours"] / took["kubectl"],
            at_most=3,
        )
        yield Figure(
            what=f"show -f of {documents} Deployments: peak memory, to the same",
            measured=peak_memory(ours) / peak_memory(theirs),
            at_most=1.5,
        )


def check_manifests(documents: int = 1000) -> Iterator[Figure]:
    """`check -f` of many documents against kubectl, and of twice as many."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{each}.yaml") for each in (documents, 2 * documents)]
        for file, times in zip(files, (1, 2), strict=True):
            file.write_text(workloads.manifests(times * documents // 2))
        few, many = ([PROGRAM, "check", "-f", str(each)] for each in files)
        theirs = ["kubectl", "apply", "--dry-run=client", "-f", str(files[0])]
        took = medians({"few": [few], "many": [many], "kubectl": [theirs]}, rounds=3)
        yield Figure(
            what=f"check -f of {documents} documents, to kubectl apply --dry-run=client",
            measured=took["few"] / took["kubectl"],
            at_most=3,
        )
        yield Figure(
            what=f"check -f: time of {2 * documents} documents to twice that of {documents}",
            measured=took["many"] / took["few"] / 2,
            at_most=1.3,
        )
        yield Figure(
            what=f"check -f of {documents} documents: peak memory, to kubectl's",
            measured=peak_memory(few) / peak_memory(theirs),
            at_most=1.5,
        )


# What `check` lists, one request a kind and page.
_LISTED = (
    "pods,services,endpointslices,deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,"
    "replicationcontrollers,namespaces,nodes,configmaps,ingresses,validatingwebhookconfigurations,"
    "mutatingwebhookconfigurations,apiservices"
)


def check_cluster(count: int = 1000) -> Iterator[Figure]:
    """`check -A` of workloads with three names each against a list of the same objects."""
    arguments = ["check", "-A", "--no-exec"]
    ours = [PROGRAM, *arguments]
    theirs = ["kubectl", "get", _LISTED, "-A", "-o", "json"]
    took = {}
    for size in (count // 2, count):
        with workloads.deployed(size):
            took |= {
                (what, size): seconds
                for what, seconds in medians({"ours": [ours], "theirs": [theirs]}, rounds=3).items()
            }
            counted = [sys.executable, "-m", "tests.bench.requests_sent", *arguments]
            sent = int(subprocess.check_output(counted))
    yield Figure(
        what=f"check -A of {count} workloads with {3 * count} names, to kubectl get -A -o json",
        measured=took["ours", count] / took["theirs", count],
        at_most=2,
    )
    yield Figure(
        what=f"check -A: time of {count} workloads to twice that of {count // 2}",
        measured=took["ours", count] / took["ours", count // 2] / 2,
        at_most=1.3,
    )
    yield Figure(
        what=f"check -A of {count} workloads in {workloads.SPACES} namespaces: requests",
        measured=sent,
        at_most=3 * workloads.SPACES + len(_LISTED.split(",")),
    )


def archive() -> Iterator[Figure]:
    """The archive of `make dist` against this installation."""
    packed = DIST / archive_name()
    if not packed.exists():
        print(f"not measured: the archive, there is no {packed}; make dist")
        return
    with TemporaryDirectory() as scratch, fleet(1) as namespace:
        program = str(unpack(packed, Path(scratch)))
        pod = kubectl("get", "pods", "-n", namespace, "-o", "name").decode().strip()
        show = ["show", pod, "-n", namespace]
        if subprocess.check_output([program, *show]) != subprocess.check_output([PROGRAM, *show]):
            raise RuntimeError(f"{packed} prints something else: make dist")
        took = medians(
            {
                "kubectl": [["kubectl", "--help"]],
                "help": [[program, "--help"]],
                "ours": [[PROGRAM, *show]],
                "show": [[program, *show]],
            },
            rounds=25,
        )
    yield Figure(
        what="archive: --help, to kubectl --help",
        measured=took["help"] / took["kubectl"],
        at_most=1.3,
    )
    # Two programs that take the same time differ by a hundredth or two from run to run.
    yield Figure(
        what="archive: show POD, to the wheel's", measured=took["show"] / took["ours"], at_most=1.02
    )


def many_pods(
    pods: int, *, simulated: bool, faster_than_xargs: float, to_bare_execs: float
) -> Iterator[Figure]:
    """`show -l` of a fleet against xargs, and against the same execs without anything around."""
    with fleet(pods, simulated=simulated) as namespace:
        xargs = (
            f"kubectl get pods -n {namespace} -o name"
            f" | xargs -P8 -I% kubectl exec -n {namespace} % -- cat /etc/hosts"
        )
        bare = [
            sys.executable,
            "-m",
            "tests.bench.bare_execs",
            namespace,
            *the_exec(),
        ]
        took = medians(
            {
                "xargs": [["sh", "-c", xargs]],
                "bare": [bare],
                "ours": [[PROGRAM, "show", "-l", "scenario=bench", "-n", namespace]],
            },
            rounds=5,
        )
    kind = "simulated" if simulated else "real"
    yield Figure(
        what=f"{pods} {kind} pods: times faster than xargs -P8 kubectl exec",
        measured=took["xargs"] / took["ours"],
        at_least=faster_than_xargs,
    )
    yield Figure(
        what=f"{pods} {kind} pods: to a bare loop of the same execs on 32 threads",
        measured=took["ours"] / took["bare"],
        at_most=to_bare_execs,
    )


def memory(few: int = 1500, many: int = 4500) -> Iterator[Figure]:
    """What a pod costs in a fleet that is printed at once: KiB, and time that grows no faster."""
    for output, at_most in (((), 8), (("-o", "json"), 25)):
        (small, took), (large, longer) = (_fleet_of(each, *output) for each in (few, many))
        what = " ".join(("show -A", *output))
        yield Figure(
            what=f"{what} of {many} pods that all differ: KiB more for each than of {few}",
            measured=(large - small) / (many - few),
            at_most=at_most,
        )
        yield Figure(
            what=f"{what}: time of {many} pods to {many // few} times that of {few}",
            measured=longer / took / (many / few),
            at_most=1.3,
        )


def _fleet_of(pods: int, *output: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench.memory", str(pods), *output]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    memory, seconds = map(float, done.stdout.split())
    return memory, seconds


def figures() -> Iterator[Figure]:
    """All of them, the quick ones first."""
    yield from start_up()
    yield from one_pod()
    yield from completion()
    yield from manifests()
    yield from check_manifests()
    yield from memory()
    yield from archive()
    yield from check_cluster()
    yield from many_pods(REAL_PODS, simulated=False, faster_than_xargs=2, to_bare_execs=1.2)
    if REALCLUSTER.exists():
        with simulated_nodes(3):
            yield from many_pods(
                SIMULATED_PODS, simulated=True, faster_than_xargs=6, to_bare_execs=1.2
            )
    else:
        print(f"not measured: simulated pods, there is no {shlex.quote(str(REALCLUSTER))}")


def main() -> int:
    """Print each figure as it comes; 1 when one misses its target."""
    os.environ["PATH"] = f"{Path(PROGRAM).parent}:{os.environ['PATH']}"
    missed = 0
    for figure in figures():
        print(figure, flush=True)
        missed += not figure.holds
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
