"""A cluster at our own port: objects as JSON, containers as files; and pods to put into it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubectl_hosts.cli.main import main
from kubectl_hosts.cluster.live import LiveBackend
from kubectl_hosts.errors import HostsError, NoSuchExecutable, NotFound
from kubectl_hosts.model.hosts.diagnosis import PodLook, read_evidence
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.resources import DEPLOYMENTS, Resource, Selection
from kubectl_hosts.model.selectors import field_selector, label_selector
from kubectl_hosts.offline.capture import capture_document
from kubectl_hosts.offline.recorder import Recorder
from kubectl_hosts.probes.files import root_of
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget
from kubectl_hosts.run import Answering
from kubectl_hosts.run import run as run_diagnosis

if TYPE_CHECKING:
    from pathlib import Path

UID = "0b6b4d5c-0000-4000-8000-000000000001"
PODS = Resource("pods")
EVERYTHING = frozenset({"head", "sh", "cat", "python3"})
KUBELETS = "7 1 8:1 /var/lib/kubelet/pods/{uid}/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
RESOLV_CONF = (
    "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\n"
)
OWN_VOLUME = (
    "7 1 8:1 /var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~configmap/own/hosts /etc/hosts "
    "ro - ext4 /dev/sda1 rw\n"
)


@dataclass
class FakeCluster:
    """What it holds is what it answers; `asked` keeps each read and each exec in order."""

    objects: list[dict] = field(default_factory=list)
    files: dict = field(default_factory=dict)
    """(pod, container) -> {path: bytes, None for a directory, or a complaint}."""
    programs: dict = field(default_factory=dict)
    """(pod, container) -> the programs of its image; everything where it is not said."""
    failures: dict = field(default_factory=dict)
    """(pod, container) or (plural, name) -> the error that is raised."""
    namespace: str = "shop"
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def get(self, resource, name, *, namespace=""):
        self.asked.append(("get", resource.plural, name))
        self._fail(resource.plural, name)
        for each in self._of(resource, namespace):
            if each["metadata"]["name"] == name:
                return each
        message = f'Error from server (NotFound): {resource.plural} "{name}" not found'
        raise NotFound(message, status=404, reason="NotFound")

    def list(self, resource, selection):
        self.asked.append(("list", resource.plural, selection.label_selector))
        has_labels = label_selector(selection.label_selector)
        has_fields = field_selector(selection.field_selector)
        for each in self._of(resource, selection.namespace):
            if has_labels(each) and has_fields(each):
                yield each

    def exec(self, target: ExecTarget, argv, *, stdin=b"", limit=1 << 20, deadline=30.0, last=b""):
        place = target.pod, target.container
        self.asked.append(("exec", target.container, argv[0]))
        self._fail(*place)
        if argv[0] not in self.programs.get(place, EVERYTHING):
            raise NoSuchExecutable(f'exec: "{argv[0]}": executable file not found in $PATH')
        files = self.files.get(place, {})
        if argv[0] == "cat":
            return cat(files.get(argv[1], ""), limit)
        if argv[5:6] == ("head",):  # in a shell that ends it
            if "head" not in self.programs.get(place, EVERYTHING):
                return CompletedExec(b"", b"sh: head: not found\n", 127)
            argv = argv[5:]
        if argv[0] == "head":
            return head(argv[4:-1], files, argv[-1].removesuffix("/dev/null"))
        marker = next(each for each in argv if each.startswith("=="))
        paths = [each for each in argv[argv.index(marker) + 1 :] if each != root_of(marker)]
        stdout = b"".join(section(marker, path, files.get(path, "absent")) for path in paths)
        return CompletedExec(
            stdout=stdout + f"{marker} done\n".encode(), stderr=b"", exit_code=0, truncated=False
        )

    def _fail(self, *place):
        if place in self.failures:
            raise self.failures[place]

    def _of(self, resource, namespace):
        kinds = {"pods": "Pod", "nodes": "Node", "jobs": "Job", "cronjobs": "CronJob"}
        kind = kinds.get(resource.plural)
        for each in self.objects:
            matches = each["kind"] == kind or f"{each['kind'].lower()}s" == resource.plural
            if matches and namespace in ("", each["metadata"].get("namespace")):
                yield each


def section(marker, path, content):
    """What a reader prints of one file; content is bytes, None, `absent`, or a complaint."""
    match content:
        case "absent":
            return f"{marker} absent {path}\n".encode()
        case None:
            return f"{marker} directory {path}\n".encode()
        case bytes():
            head = f"{marker} file {path}\n".encode()
            return head + content + f"{marker} end 0\n".encode()
        case _:
            return f"{marker} file {path}\n{content}{marker} end 1\n".encode()


def head(paths, files, root):
    """What `head -c` says of files behind a root: a heading for each, complaints on stderr."""
    stdout, stderr = b"==> /dev/null <==\n", b""
    for path in paths:
        heading = f"\n==> {path} <==\n".encode()
        match files.get(path.removeprefix(root), "absent"):
            case bytes() as content:
                stdout += heading + content
            case None:
                stdout += heading
                stderr += f"head: error reading '{path}': Is a directory\n".encode()
            case "absent":
                stderr += (
                    f"head: cannot open '{path}' for reading: No such file or directory\n".encode()
                )
            case complaint:
                stderr += f"head: {path}: {complaint}".encode()
    stdout += f"\n==> {root}/dev/null <==\n".encode()
    return CompletedExec(stdout=stdout, stderr=stderr, exit_code=int(bool(stderr)))


def cat(content, limit):
    """What `cat` says of the same contents."""
    match content:
        case bytes():
            cut = len(content) > limit
            return CompletedExec(stdout=content[:limit], stderr=b"", exit_code=0, truncated=cut)
        case None:
            complaint = "cat: read error: Is a directory\n"
        case _:
            complaint = content or "cat: can't open: No such file or directory\n"
    return CompletedExec(stdout=b"", stderr=complaint.encode(), exit_code=1)


def a_pod(name, *, aliases=(), containers=("main",), ips=("10.244.1.5",), status=None, **more):
    """A running Pod of namespace shop on node-1."""
    spec = {
        "nodeName": "node-1",
        "containers": [{"name": each, "image": "example.org/app"} for each in containers],
        "hostAliases": [{"ip": ip, "hostnames": list(names)} for ip, *names in aliases],
        **more.pop("spec", {}),
    }
    started = {"running": {"startedAt": "2026-01-02T03:04:05Z"}}
    metadata = {"name": name, "namespace": more.pop("namespace", "shop"), "uid": UID, **more}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": status
        or {
            "phase": "Running",
            "podIPs": [{"ip": each} for each in ips],
            "containerStatuses": [{"name": each, "state": started} for each in containers],
        },
    }


def a_node(name="node-1", *, operating_system="linux"):
    """A Node of the release that the house tests on."""
    info = {"kubeletVersion": "v1.34.4", "operatingSystem": operating_system}
    return {"kind": "Node", "metadata": {"name": name}, "status": {"nodeInfo": info}}


def hosts_text(pod, *, extra=""):
    """The kubelet's file for a pod without subdomain, as hosts-file.md 1.2 shows it."""
    name = pod["metadata"]["name"]
    addresses = [each["ip"] for each in pod["status"]["podIPs"]]
    text = (
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
    )
    text += "".join(f"{each}\t{name}\n" for each in addresses)
    aliases = pod["spec"]["hostAliases"]
    if aliases:
        lines = ("\t".join((each["ip"], *each["hostnames"])) for each in aliases)
        text += "\n# Entries added by HostAliases.\n" + "".join(f"{each}\n" for each in lines)
    return (text + extra).encode()


def container_files(hosts, *, mountinfo=KUBELETS):
    """The files of a container whose hosts file is HOSTS."""
    return {
        "/proc/self/mountinfo": mountinfo.format(uid=UID).encode(),
        "/etc/resolv.conf": RESOLV_CONF.encode(),
        "/etc/hosts": hosts,
    }


def capture_of(cluster, tmp_path: Path, *, workloads=(), **look):
    """The path of a capture of all pods of CLUSTER, and of the Deployments of namespace shop."""
    recorder = Recorder(LiveBackend(cluster))
    for each in workloads:
        recorder.get(DEPLOYMENTS, each, namespace="shop")
    answering, look = Answering(recorder), PodLook(**look, one_of_many=True)
    for each in list(recorder.list(PODS, Selection())):
        run_diagnosis(read_evidence(parse_pod(each), look), answering)
    file = tmp_path / "capture.json"
    file.write_text(json.dumps(capture_document(recorder.capture())))
    return str(file)


def run(capfd, *argv):
    """(exit status, stdout, stderr) of a command line, in this process."""
    status = main(argv)
    out, err = capfd.readouterr()
    return status, out, err


def failing(kind=HostsError, message="no", **more):
    """An error with a hint, as cluster/ raises it."""
    return kind(message, hint="Ask.", **more)
