"""Makes the captures: the pods of a folder of manifests, recorded on KUBECONFIG's cluster.

    python -m examples.capture              examples/capture.json, the tour (README, `make demo`)
    python -m examples.capture questions    examples/questions.json, the pods of docs/faq.md
    python -m examples.capture corefile     examples/corefile.json, with a spoilt Corefile
    python -m examples.capture node-local   examples/node-local.json, with a cache on the node

The last two change the cluster's own DNS for as long as they record, and put it back.

Makes the namespace `shop`, applies the manifests, does what takes two steps or a hand, asks the
questions through the command line with a recorder in the place of the live cluster, and deletes the
namespace. Then `kubectl hosts show -f examples/capture.json` answers from the record alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import kubectl_hosts.cli.explain
import kubectl_hosts.cli.hosts
import kubectl_hosts.cli.session
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import LiveBackend, connect
from kubectl_hosts.offline.capture import capture_document
from kubectl_hosts.offline.recorder import Recorder
from tests.docs.sessions import sessions
from tests.e2e.coredns import corefile, served
from tests.e2e.images import image

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

HERE = Path(__file__).parent
NAMESPACE = "shop"
MORE = ("internal",)
"""Namespaces that manifests make."""
SYSTEM = "\n  namespace: kube-system\n"
IMAGES = {
    "docker.io/library/busybox:1.36": "busybox",
    "docker.io/library/debian:12-slim": "glibc",
    "docker.io/library/alpine:3.20": "musl",
    "registry.k8s.io/coredns/coredns:v1.12.1": "coredns",
}

# One line changed, one added; the file is a mount of its own, so it is written, never replaced.
EDIT = (
    "sed 's/^10.1.2.3/10.1.2.4/' /etc/hosts >/tmp/hosts"
    " && echo '203.0.113.7 metrics.example.net' >>/tmp/hosts && cat /tmp/hosts >/etc/hosts"
)

LOST = "lost.yaml"
LOST_ALIAS = """\
        - ip: "10.1.2.3"
          hostnames: ["queue.example.org"]
"""

HOSTS_BLOCK = """\
    hosts {
       192.0.2.101 harbor.example.org
    }
"""
FORWARD_BLOCK = """
example.org:53 {
    forward . /etc/resolv.conf
}
"""


def spoilt_corefile() -> AbstractContextManager[None]:
    """Cluster DNS with a `hosts` that lets nothing through, and a block that hides its name."""
    before, plugin = corefile(), "    kubernetes "
    return served(before.replace(plugin, HOSTS_BLOCK + plugin, 1).rstrip() + FORWARD_BLOCK)


class Recording(NamedTuple):
    """A capture: its file, its pods, what is asked while it is made, and in which surroundings."""

    file: str
    manifests: str
    """A pattern of files in this folder."""
    questions: tuple[tuple[str, ...], ...]
    surroundings: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext


def asked_on(page: str, file: str) -> tuple[tuple[str, ...], ...]:
    """The commands of a page that it answers from FILE, without `kubectl hosts` and `-f FILE`."""
    commands = (shlex.split(each.command) for each in sessions(HERE.parent / page))
    return tuple(
        tuple(word for word in argv[3:] if word not in {"-f", f"examples/{file}"})
        for argv in commands
        if f"examples/{file}" in argv
    )


def recordings() -> dict[str, Recording]:
    """The captures by name. A capture answers what was asked while it was made."""
    tour = (
        ("show", "--all-containers"),
        ("diff",),
        ("explain", "redis", "--from", "deploy/cart"),
        ("explain", "redis", "--from", "deploy/cart", "-o", "tree"),
        ("explain", "redis", "--from", "default-pod"),
        ("explain", "mysql", "--from", "default-pod"),
        ("explain", "redis.default", "--from", "default-pod"),
        ("explain", "www.example.com", "--from", "default-pod"),
        ("explain", "localhost", "--from", "own-mount"),
        ("explain", "foo.local", "--from", "hostaliases-pod"),
        ("explain", "bar.remote", "--from", "hostaliases-pod"),
        ("explain", "bar.remote", "--from", "default-pod"),
        ("explain", "redis", "--from", "host-network"),
        ("explain", "busybox-1.aaa.shop.svc.cluster.local", "--from", "busybox-1"),
        ("explain", "busybox-1.aaa.shop.svc.cluster.local", "--from", "default-pod"),
        ("explain", "busybox-1", "--from", "default-pod"),
        ("explain", "_redis._tcp.redis", "--from", "default-pod"),
        ("explain", "10.1.2.3", "--from", "deploy/cart"),
        ("explain", "redis", "-l", "app=cart"),
    )
    return {
        "tour": Recording("capture.json", "manifests/*.yaml", tour),
        "questions": asked_by_the_faq("questions", "questions/*.yaml"),
        "corefile": asked_by_the_faq("corefile", "questions/web.yaml", spoilt_corefile),
        "node-local": asked_by_the_faq("node-local", "node-local/*.yaml"),
    }


def asked_by_the_faq(
    name: str,
    manifests: str,
    surroundings: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> Recording:
    """The recording of what docs/faq.md answers from examples/NAME.json."""
    file = f"{name}.json"
    return Recording(file, manifests, asked_on("docs/faq.md", file), surroundings)


ANSWERED = (0, 1)
"""`diff` ends with 1 where there are differences, and there are."""


def kubectl(*argv: str, stdin: str = "") -> str:
    """What kubectl printed; ends the script with kubectl's own message when it fails."""
    done = subprocess.run(
        ["kubectl", *argv], input=stdin, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"kubectl {' '.join(argv)}: {done.stderr.strip()}")
    return done.stdout


def apply(path: Path) -> None:
    """Apply a file with the images that this cluster has; an object's own namespace counts."""
    text = path.read_text()
    for public, name in IMAGES.items():
        text = text.replace(public, image(name))
    place = () if "\n  namespace: " in text else ("-n", NAMESPACE)
    if path.name == LOST:
        # Without its last alias first: the second apply merges the two items of one ip into one.
        first = text.replace(LOST_ALIAS, "")
        kubectl("apply", *place, "-f", "-", stdin=first)
    kubectl("apply", *place, "-f", "-", stdin=text)


def build(manifests: tuple[Path, ...]) -> None:
    """The pods of these files, running, and one of them edited."""
    for path in manifests:
        apply(path)
    running = "--for=jsonpath={.status.phase}=Running"
    for name in kubectl("get", "deployments", "-n", NAMESPACE, "-o", "name").split():
        kubectl("rollout", "status", "-n", NAMESPACE, name, "--timeout=120s")
    if any(SYSTEM in path.read_text() for path in manifests):
        kubectl("rollout", "status", "-n", "kube-system", "daemonset/node-local-dns")
    kubectl("wait", "-n", NAMESPACE, running, "pod", "--all", "--timeout=120s")
    if any(path.name == "edited.yaml" for path in manifests):
        kubectl("exec", "-n", NAMESPACE, "edited", "--", "sh", "-c", EDIT)


def record(questions: tuple[tuple[str, ...], ...]) -> Recorder:
    """The recorder after all questions were asked through it."""
    from kubectl_hosts.cli.main import main  # noqa: PLC0415  kubectl alone is needed until here

    recorder = Recorder(LiveBackend(connect(ConnectionFlags(namespace=NAMESPACE))))
    opened = kubectl_hosts.cli.session.Opened(recorder)
    kubectl_hosts.cli.hosts.open_backend = lambda *_: opened
    kubectl_hosts.cli.explain.open_backend = lambda *_: opened
    for question in questions:
        with contextlib.redirect_stdout(io.StringIO()):
            status = main(question)
        if status not in ANSWERED:
            sys.exit(f"kubectl hosts {' '.join(question)}: exit status {status}")
    return recorder


def clean_up(manifests: tuple[Path, ...]) -> None:
    """Delete the namespaces, and what manifests made in the cluster's own."""
    kubectl("delete", "namespace", NAMESPACE, *MORE, "--ignore-not-found")
    for path in manifests:
        if SYSTEM in path.read_text():
            kubectl("delete", "-f", str(path), "--ignore-not-found")
            kubectl(
                "wait", "-n", "kube-system", "--for=delete", "pod", "-l", f"k8s-app={path.stem}"
            )


OURS = frozenset({NAMESPACE, *MORE, "default", "kube-system", ""})


def without_others(document: dict[str, Any]) -> dict[str, Any]:
    """DOCUMENT without the objects of namespaces that somebody else has in the cluster."""
    kept = [each for each in document["objects"] if each["metadata"].get("namespace", "") in OURS]
    return {**document, "objects": kept}


def make_capture(recording: Recording) -> None:
    """Build, record, write, clean up."""
    manifests = tuple(sorted(HERE.glob(recording.manifests)))
    kubectl("create", "namespace", NAMESPACE)
    try:
        build(manifests)
        with recording.surroundings():
            capture = record(recording.questions).capture()
    finally:
        clean_up(manifests)
    if not capture.containers:
        sys.exit("no container was recorded: does the command line still open its backend there?")
    document = without_others(capture_document(capture))
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (HERE / recording.file).write_text(text + "\n")
    containers, reads = len(capture.containers), len(capture.reads)
    print(f"examples/{recording.file}: {containers} containers, {reads} reads of objects")


if __name__ == "__main__":
    make_capture(recordings()[sys.argv[1] if len(sys.argv) > 1 else "tour"])
