"""Makes examples/capture.json: the pods of examples/manifests, recorded on KUBECONFIG's cluster.

    python -m examples.capture

Makes the namespace `shop`, applies the manifests, edits one pod's file by hand, runs the questions
below through the command line with a recorder in the place of the live cluster, and deletes the
namespace. Then `kubectl hosts show -f examples/capture.json` answers from the record alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import kubectl_hosts.cluster.connect
from kubectl_hosts.cluster.flags import ConnectionFlags
from kubectl_hosts.offline.capture_json import capture_document
from kubectl_hosts.offline.record import RecordingCluster
from tests.e2e.images import image

HERE = Path(__file__).parent
NAMESPACE = "shop"
IMAGES = {
    "docker.io/library/busybox:1.36": "busybox",
    "docker.io/library/debian:12-slim": "glibc",
}

# One line changed, one added; the file is a mount of its own, so it is written, never replaced.
EDIT = (
    "sed 's/^10.1.2.3/10.1.2.4/' /etc/hosts >/tmp/hosts"
    " && echo '203.0.113.7 metrics.example.net' >>/tmp/hosts && cat /tmp/hosts >/etc/hosts"
)

# What README and `make demo` ask; a capture answers what was asked while it was made.
QUESTIONS = (
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


def manifests() -> str:
    """The manifests as one, with the images that this cluster has."""
    text = "---\n".join(path.read_text() for path in sorted((HERE / "manifests").glob("*.yaml")))
    for public, name in IMAGES.items():
        text = text.replace(public, image(name))
    return text


def build() -> None:
    """The pods, ready, and one of them edited."""
    kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=manifests())
    kubectl("rollout", "status", "-n", NAMESPACE, "deployment/cart", "--timeout=120s")
    kubectl("wait", "-n", NAMESPACE, "--for=condition=Ready", "pod", "--all", "--timeout=120s")
    kubectl("exec", "-n", NAMESPACE, "edited", "--", "sh", "-c", EDIT)


def record() -> RecordingCluster:
    """The recorder after all questions were asked through it."""
    from kubectl_hosts.cli.main import main  # noqa: PLC0415  kubectl alone is needed until here

    recorder = RecordingCluster(
        kubectl_hosts.cluster.connect.connect(ConnectionFlags(namespace=NAMESPACE))
    )
    kubectl_hosts.cluster.connect.connect = lambda *_, **__: recorder
    for question in QUESTIONS:
        with contextlib.redirect_stdout(io.StringIO()):
            status = main(question)
        if status not in ANSWERED:
            sys.exit(f"kubectl hosts {' '.join(question)}: exit status {status}")
    return recorder


def make_capture() -> None:
    """Build, record, write, clean up."""
    kubectl("create", "namespace", NAMESPACE)
    try:
        build()
        capture = record().capture()
    finally:
        kubectl("delete", "namespace", NAMESPACE)
    if not capture.execs:
        sys.exit("no exec was recorded: does the command line still ask connect() for its cluster?")
    text = json.dumps(capture_document(capture), indent=1, ensure_ascii=False)
    (HERE / "capture.json").write_text(text + "\n")
    print(f"examples/capture.json: {len(capture.execs)} execs, {len(capture.reads)} reads")


if __name__ == "__main__":
    make_capture()
