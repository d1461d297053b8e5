"""What is read for a pod's hosts files, batch by batch: a dictionary stands for the cluster."""

import pytest

from kubectl_hosts.model.evidence import HOSTS, HOSTS_PATHS, MOUNTINFO, CouldNotLook, FileRead
from kubectl_hosts.model.hosts.diagnosis import PodLook, read_evidence
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import Files, FilesGiven, Found, Objects, PodRef

REF = PodRef("shop", "web")
APP, SIDE = Files(REF, "app", HOSTS_PATHS), Files(REF, "side", HOSTS_PATHS)
NODE = Objects("Node", name="node-1")
MAP = Objects("ConfigMap", "shop", "hosts")
RANGES = Objects("ServiceCIDR")
PINNED, PEER = Objects("IPAddress", name="10.96.9.9"), Objects("Service", "shop", "peer")
SEEN = FilesGiven(((HOSTS, FileRead(b"127.0.0.1 localhost\n")), (MOUNTINFO, FileRead(b""))), "sh")
OWN_MOUNT = {"name": "v", "mountPath": HOSTS, "subPath": "hosts"}


ANY = PodLook()


def found(kind, **obj):
    return Found((parse_object(kind, {"kind": kind, **obj}),))


WORLD = {
    APP: SEEN,
    SIDE: SEEN,
    NODE: found("Node", metadata={"name": "node-1"}),
    MAP: found("ConfigMap", metadata={"namespace": "shop", "name": "hosts"}, data={"hosts": "x"}),
    RANGES: found("ServiceCIDR", metadata={"name": "kubernetes"}, spec={"cidrs": ["10.96.0.0/16"]}),
    PINNED: Found(),
    PEER: found(
        "Service",
        metadata={"namespace": "shop", "name": "peer"},
        spec={"clusterIPs": ["10.96.1.1"]},
    ),
}


def pod(*containers, states=None, **spec):
    states = states or {}
    named = [each if isinstance(each, dict) else {"name": each} for each in containers or ("app",)]
    return parse_pod(
        {
            "metadata": {"namespace": "shop", "name": "web", "uid": "u1"},
            "spec": {
                "nodeName": "node-1",
                "containers": named,
                "volumes": [{"name": "v", "configMap": {"name": "hosts"}}],
                **spec,
            },
            "status": {
                "phase": "Running",
                "podIPs": [{"ip": "192.0.2.7"}],
                "containerStatuses": [
                    {"name": each["name"], "state": states.get(each["name"], {"running": {}})}
                    for each in named
                ],
            },
        }
    )


def drive(one, look=ANY, world=WORLD):
    """The batches that were asked for, and the evidence."""
    diagnosis = read_evidence(one, look)
    batches = []
    batch = next(diagnosis)
    while True:
        batches.append(batch)
        try:
            batch = diagnosis.send({read: world[read] for read in batch})
        except StopIteration as ended:
            return batches, ended.value


ALIAS = {"hostAliases": [{"ip": "10.96.9.9", "hostnames": ["peer"]}]}
WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}
NO_CAT = CouldNotLook(what="files", why="no cat in the image", reason="NoSuchExecutable")


@pytest.mark.parametrize(
    ("one", "look", "batches"),
    [
        pytest.param(pod(), PodLook(), [(APP, NODE)], id="a plain pod: one batch"),
        pytest.param(
            pod({"name": "app", "volumeMounts": [OWN_MOUNT]}),
            PodLook(),
            [(APP, MAP, NODE)],
            id="an own mount: its ConfigMap at the same time",
        ),
        pytest.param(
            pod("app", {"name": "side", "volumeMounts": [OWN_MOUNT]}),
            PodLook(),
            [(APP, NODE)],
            id="a mount of a container that was not chosen",
        ),
        pytest.param(
            pod("app", {"name": "side", "volumeMounts": [OWN_MOUNT]}),
            PodLook(predict_only=True),
            [(MAP, NODE)],
            id="a prediction is of all containers",
        ),
        pytest.param(
            pod("app", {"name": "side", "volumeMounts": [OWN_MOUNT]}),
            PodLook("app", predict_only=True),
            [(NODE,)],
            id="or of the one that was chosen",
        ),
        pytest.param(
            pod("app", "side", states={"app": WAITING}),
            PodLook("app"),
            [(NODE,), (SIDE,)],
            id="a container that waits is read through its sibling",
        ),
        pytest.param(
            pod("app", {"name": "side", "volumeMounts": [OWN_MOUNT]}, states={"app": WAITING}),
            PodLook("app"),
            [(NODE,)],
            id="and not through one with a file of its own",
        ),
        pytest.param(
            pod(**ALIAS),
            PodLook(),
            [(APP, RANGES, NODE), (PINNED, PEER)],
            id="an alias of the range of cluster IPs: the Services it may mean",
        ),
        pytest.param(
            pod(hostAliases=[{"ip": "192.0.2.1", "hostnames": ["peer"]}]),
            PodLook(),
            [(APP, RANGES, NODE)],
            id="an alias of another range",
        ),
        pytest.param(
            pod(os={"name": "windows"}), PodLook(), [(NODE,)], id="nothing is read on Windows"
        ),
    ],
)
def test_what_is_read(one, look, batches):
    assert drive(one, look)[0] == batches


def test_a_container_without_a_reader_is_read_through_its_sibling():
    batches, evidence = drive(pod("app", "side"), world={**WORLD, APP: NO_CAT})
    assert batches == [(APP, NODE), (SIDE,)]
    (container,) = evidence.containers
    assert (container.name, container.read_from) == ("app", "side")


def test_what_was_read_is_the_evidence():
    _, evidence = drive(pod({"name": "app", "volumeMounts": [OWN_MOUNT]}, **ALIAS))
    ((name, config_map),) = evidence.config_maps
    assert (name, config_map.data) == ("hosts", (("hosts", "x"),))
    assert evidence.services.cluster_ips == (("10.96.1.1", "shop/peer"),)
    assert evidence.services.ranges == ("10.96.0.0/16",)


@pytest.mark.parametrize(
    ("given", "config_map"),
    [
        pytest.param(Found(), None, id="there is none"),
        pytest.param(NO_CAT, NO_CAT, id="it could not be read"),
    ],
)
def test_a_config_map_that_is_not_there_is_told_from_one_unread(given, config_map):
    one = pod({"name": "app", "volumeMounts": [OWN_MOUNT]})
    _, evidence = drive(one, world={**WORLD, MAP: given})
    assert evidence.config_maps == (("hosts", config_map),)


def test_ranges_that_may_not_be_read_say_nothing_of_services():
    refused = CouldNotLook(what="ServiceCIDRs", why="forbidden")
    batches, evidence = drive(pod(**ALIAS), world={**WORLD, RANGES: refused})
    assert batches == [(APP, RANGES, NODE)]
    assert evidence.services == refused
