"""Who supplied the file: lines of mountinfo as real nodes show them (hosts-file.md 2.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    Mount,
    NodeFile,
    NotStarted,
    OwnMount,
    Runtime,
    SupplierEvidence,
    UnknownSupplier,
    find_mount,
    find_supplier,
)
from kubectl_hosts.model.objects import ConfigMap
from kubectl_hosts.model.pod import parse_pod

UID = "0b6b4d5c-0000-4000-8000-000000000001"
STATIC_UID = "ff00000000000000000000000000aaaa"
UNREADABLE = CouldNotLook(what="/proc/self/mountinfo", why="no cat in the image")
POD = parse_pod(
    {
        "metadata": {
            "namespace": "shop",
            "name": "web",
            "uid": UID,
            "annotations": {"kubernetes.io/config.hash": STATIC_UID},
        },
        "spec": {
            "containers": [
                {"name": "app"},
                {
                    "name": "own",
                    "volumeMounts": [
                        {"name": "hosts", "mountPath": "/etc/hosts", "subPath": "hosts"}
                    ],
                },
                {"name": "beside", "volumeMounts": [{"name": "hosts", "mountPath": "/etc"}]},
            ],
            "volumes": [{"name": "hosts", "configMap": {"name": "hosts-map"}}],
        },
    }
)
OWN = OwnMount(
    volume="hosts", source="configMap", refers_to="hosts-map", read_only=True, sub_path="hosts"
)
VOLUMES = f"/var/lib/kubelet/pods/{UID}/volumes"


def line(root, *, options="rw,relatime", fs="ext4", point="/etc/hosts"):
    return f"812 790 8:1 {root} {point} {options} - {fs} /dev/sda1 rw\n".encode()


def supplier(mountinfo, *, container="app", hosts=b"127.0.0.1 localhost\n", kubelet_mounts=True):
    looked = SupplierEvidence(
        mountinfo=FileRead(mountinfo) if isinstance(mountinfo, bytes) else mountinfo,
        hosts=FileRead(hosts) if isinstance(hosts, bytes) else hosts,
        path="/etc/hosts",
        kubelet_mounts=kubelet_mounts,
    )
    return find_supplier(POD, container, looked)


@pytest.mark.parametrize(
    ("root", "found"),
    [
        (f"/var/lib/kubelet/pods/{UID}/etc-hosts", Kubelet(uid=UID)),
        (f"/pods/{UID}/etc-hosts", Kubelet(uid=UID)),
        (f"/k/pods/{UID}/etc-hosts//deleted", Kubelet(uid=UID, replaced=True)),
        (f"/var/lib/kubelet/pods/{STATIC_UID}/etc-hosts", Kubelet(uid=STATIC_UID)),
        (
            "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/0123abcd/hosts",
            Runtime(
                name="containerd",
                path="/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/0123abcd/hosts",
            ),
        ),
        (
            "/var/lib/docker/containers/0123abcd/hosts",
            Runtime(name="docker", path="/var/lib/docker/containers/0123abcd/hosts"),
        ),
        (
            "/containers/storage/overlay-containers/0123abcd/userdata/hosts",
            Runtime(
                name="podman or CRI-O",
                path="/containers/storage/overlay-containers/0123abcd/userdata/hosts",
            ),
        ),
        ("/etc/hosts", Runtime(name="CRI-O", path="/etc/hosts")),
        ("/some/where", UnknownSupplier("a mount of /some/where (ext4)")),
    ],
)
def test_the_root_of_the_mount_names_the_supplier(root, found):
    assert supplier(line(root)) == found


@pytest.mark.parametrize(
    ("mountinfo", "found"),
    [
        pytest.param(
            line(f"{VOLUMES}/kubernetes.io~configmap/hosts/..2026/hosts", options="ro"),
            OWN,
            id="ConfigMap with subPath",
        ),
        pytest.param(
            line(f"{VOLUMES}/kubernetes.io~configmap/hosts/..2026/hosts//deleted", options="ro"),
            OwnMount(
                volume="hosts",
                source="configMap",
                refers_to="hosts-map",
                read_only=True,
                outdated=True,
                sub_path="hosts",
            ),
            id="a ConfigMap that changed since",
        ),
        pytest.param(
            line("/..2026/hosts", options="ro", fs="tmpfs"),
            OWN,
            id="a tmpfs root names neither pod nor volume: spec does",
        ),
        pytest.param(
            line(f"{VOLUMES}/kubernetes.io~empty-dir/scratch/hosts"),
            OwnMount(
                volume="scratch",
                source="emptyDir",
                disagreement=(
                    "spec.volumeMounts puts volume hosts there; mountinfo shows volume scratch"
                ),
            ),
            id="another volume than the spec's",
        ),
        pytest.param(
            line(f"/k/pods/{UID}/etc-hosts"),
            Kubelet(
                uid=UID,
                disagreement=(
                    "spec.volumeMounts puts volume hosts there; mountinfo shows the kubelet's file"
                ),
            ),
            id="the kubelet's file where spec has a mount",
        ),
        pytest.param(
            UNREADABLE,
            replace(OWN, told_by="spec"),
            id="mountinfo was not read: spec says it",
        ),
    ],
)
def test_an_own_mount_and_its_volume(mountinfo, found):
    assert supplier(mountinfo, container="own") == found


def test_a_volume_that_spec_does_not_mount_there_is_a_disagreement():
    found = supplier(line(f"{VOLUMES}/kubernetes.io~nfs/share/hosts"))
    assert found == OwnMount(
        volume="share",
        source="nfs",
        disagreement="spec.volumeMounts puts no volume there; mountinfo shows volume share",
    )


def test_a_directory_at_the_path_is_said():
    why = "cat: read error: Is a directory"
    found = supplier(
        line(f"{VOLUMES}/kubernetes.io~configmap/hosts", options="ro"),
        container="own",
        hosts=CouldNotLook(what="/etc/hosts", why=why),
    )
    assert isinstance(found, OwnMount)
    assert found.is_directory


HEADED = b"# Kubernetes-managed hosts file.\n"


@pytest.mark.parametrize(
    ("mountinfo", "hosts", "kubelet_mounts", "found"),
    [
        pytest.param(b"", b"x", False, Image(), id="no line at all: the image's file"),
        pytest.param(
            b"", HEADED, True, Kubelet(told_by="header"), id="no line, but the kubelet's header"
        ),
        pytest.param(
            line("/x", fs="virtiofs"),
            HEADED,
            True,
            Kubelet(told_by="header"),
            id="a sandbox's own mount with the kubelet's header",
        ),
        pytest.param(UNREADABLE, b"x", True, Kubelet(told_by="spec"), id="the spec alone"),
        pytest.param(
            FileAbsent(),
            b"x",
            False,
            UnknownSupplier(
                "the spec asks for no file of the kubelet here, and the mounts could not be read"
            ),
            id="neither",
        ),
    ],
)
def test_without_a_telling_mount(mountinfo, hosts, kubelet_mounts, found):
    assert supplier(mountinfo, hosts=hosts, kubelet_mounts=kubelet_mounts) == found


TERMINATION_LOG = line(f"/k/pods/{UID}/containers/app/0a1b", point="/dev/termination-log")


@pytest.mark.parametrize(
    ("container", "mountinfo", "kubelet_mounts", "found"),
    [
        pytest.param(
            "app", TERMINATION_LOG, True, Image(unmounted=True), id="the kubelet's was taken away"
        ),
        pytest.param(
            "own", TERMINATION_LOG, False, Image(unmounted=True), id="an own mount was taken away"
        ),
        pytest.param(
            "app",
            line("/dev", point="/dev", fs="devtmpfs"),
            True,
            Kubelet(told_by="header"),
            id="a sandbox's list, which tells nothing of the node's",
        ),
        pytest.param("app", TERMINATION_LOG, False, Image(), id="none was due"),
    ],
)
def test_nothing_is_mounted_any_more(container, mountinfo, kubelet_mounts, found):
    """kubernetes-sigs/dra-driver-nvidia-gpu#537: the header stays, the kubelet's writes do not."""
    one = supplier(mountinfo, container=container, hosts=HEADED, kubelet_mounts=kubelet_mounts)
    assert one == found


def test_the_kubelets_file_lies_where_the_link_of_a_config_map_leads():
    """Measured: a ConfigMap on /etc that has a key hosts."""
    above = line(f"{VOLUMES}/kubernetes.io~configmap/hosts", point="/etc", options="ro")
    target = line(f"/k/pods/{UID}/etc-hosts", point="/etc/..2026_11_25_21_32_22.26/hosts")
    assert supplier(above + target, container="beside") == Kubelet(uid=UID)


# As containerd 1.6.20 with runc says it of a Secret on /etc.
REFUSED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable to start container process: error during container init: error mounting "
    f'"/var/lib/kubelet/pods/{UID}/etc-hosts" to rootfs at "/etc/hosts": open /run/rootfs/etc/hosts'
    ": read-only file system: unknown"
)
NOT_A_DIRECTORY = (
    'error mounting "/k/volume-subpaths/v/main/0" to rootfs at "/etc/hosts": mount /k/v/main/0:'
    "/etc/hosts (via /proc/self/fd/6), flags: 0x5001: not a directory: unknown"
)


def pod_on_etc(source, *, last="", state="waiting"):
    status = (
        {"lastState": {"terminated": {"reason": "StartError", "message": last}}} if last else {}
    )
    return parse_pod(
        {
            "metadata": {"namespace": "shop", "name": "front", "uid": UID},
            "spec": {
                "containers": [
                    {
                        "name": "app",
                        "volumeMounts": [{"name": "v", "mountPath": "/etc", "readOnly": True}],
                    }
                ],
                "volumes": [{"name": "v", **source}],
            },
            "status": {
                "containerStatuses": [{"name": "app", "state": {state: {}}, **status}],
            },
        }
    )


def told_by_spec(one, *, os_name="", config_maps=(), kubelet_mounts=True):
    looked = SupplierEvidence(
        mountinfo=UNREADABLE,
        hosts=UNREADABLE,
        path="/etc/hosts",
        kubelet_mounts=kubelet_mounts,
        config_maps=config_maps,
        operating_system=os_name,
    )
    return find_supplier(one, one.containers[0].name, looked)


ON_ETC = NotStarted(
    volume="v",
    source="secret",
    refers_to="certs",
    mount_path="/etc",
    why="it is read-only",
    said="cannot mount /etc/hosts: read-only file system",
)
NSS = ConfigMap(namespace="shop", name="nss", data=(("nsswitch.conf", "hosts: files\n"),))


@pytest.mark.parametrize(
    ("one", "config_maps", "found"),
    [
        pytest.param(
            pod_on_etc({"secret": {"secretName": "certs"}}, last=REFUSED),
            (),
            ON_ETC,
            id="the runtime's own message",
        ),
        pytest.param(
            pod_on_etc({"secret": {"secretName": "certs"}}, last=NOT_A_DIRECTORY),
            (),
            replace(ON_ETC, said="cannot mount /etc/hosts: not a directory"),
            id="another reason of the runtime",
        ),
        pytest.param(
            pod_on_etc({"configMap": {"name": "nss"}}),
            (("nss", NSS),),
            NotStarted(
                volume="v",
                source="configMap",
                refers_to="nss",
                mount_path="/etc",
                why="it is read-only and has no hosts, hostname, resolv.conf to mount over",
                paths=("nsswitch.conf",),
            ),
            id="the spec, before anything was tried",
        ),
    ],
)
def test_a_container_that_does_not_start_has_no_file(one, config_maps, found):
    assert told_by_spec(one, config_maps=config_maps) == found


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(pod_on_etc({"secret": {"secretName": "certs"}}), id="a Secret may have them"),
        pytest.param(
            pod_on_etc({"secret": {"secretName": "certs"}}, last=REFUSED, state="running"),
            id="one that runs now",
        ),
        pytest.param(
            pod_on_etc({"secret": {"secretName": "certs"}}, last='exec: "x": not found: unknown'),
            id="another failure",
        ),
        pytest.param(
            pod_on_etc(
                {"secret": {"secretName": "certs"}},
                last=REFUSED.replace('"/etc/hosts"', '"/etc/ssl"'),
            ),
            id="another mount",
        ),
    ],
)
def test_what_does_not_tell_that_a_container_cannot_start(one):
    assert told_by_spec(one) == Kubelet(told_by="spec")


@pytest.mark.parametrize(
    ("mount", "path", "writes"),
    [
        ({"mountPath": "/etc/hosts"}, "/etc/hosts", True),
        ({"mountPath": "/etc/hosts", "subPath": "hosts"}, "/etc", True),
        ({"mountPath": "/etc/hosts", "readOnly": True}, "/etc/hosts", False),
        ({"mountPath": "/etc/hosts"}, "/srv/hosts", False),
    ],
)
def test_a_writable_host_path_of_the_nodes_file(mount, path, writes):
    one = parse_pod(
        {
            "metadata": {"namespace": "shop", "name": "agent"},
            "spec": {
                "containers": [{"name": "app", "volumeMounts": [{"name": "n", **mount}]}],
                "volumes": [{"name": "n", "hostPath": {"path": path}}],
            },
        }
    )
    assert told_by_spec(one).writes_node is writes


def test_a_host_process_container_has_the_nodes_file():
    options = {"windowsOptions": {"hostProcess": True}}
    one = parse_pod(
        {"spec": {"securityContext": options, "containers": [{"name": "app"}], "volumes": []}}
    )
    found = told_by_spec(one, os_name="windows", kubelet_mounts=False)
    assert found == NodeFile(path="/etc/hosts")


def test_the_last_line_lies_on_top():
    below = line(f"{VOLUMES}/kubernetes.io~configmap/hosts/..2026/hosts")
    assert supplier(below + line(f"/k/pods/{UID}/etc-hosts"), container="beside") == Kubelet(
        uid=UID
    )


@pytest.mark.parametrize(
    ("mountinfo", "mount"),
    [
        pytest.param(
            rb"1 2 8:1 /with\040blank /etc/hosts ro,noatime shared:1 master:2 - ext4 /dev/x rw",
            Mount(root="/with blank", deleted=False, read_only=True, fs_type="ext4"),
            id="escapes and optional fields",
        ),
        pytest.param(line("/a", point="/etc/hosts/"), None, id="another mount point"),
        pytest.param(line("/a", point="/etc"), None, id="a mount above"),
        pytest.param(b"1 2 8:1 /a /etc/hosts rw\n", None, id="a line cut short"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_a_line_of_mountinfo(mountinfo, mount):
    assert find_mount(mountinfo, "/etc/hosts") == mount


@given(st.binary())
def test_any_bytes_are_read(data):
    find_mount(data, "/etc/hosts")
    find_mount(b"1 2 8:1 / /etc/hosts " + data, "/etc/hosts")
