"""What a container's own volumes make of a path: each row as measured on a kubelet 1.34.4."""

import pytest

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.model.hosts.volumes import (
    Directory,
    NeverMounted,
    blocked_by,
    config_maps_for,
    covering_mount,
    file_at,
    file_by_mounts,
    siblings,
)
from kubectl_hosts.model.objects import ConfigMap
from kubectl_hosts.model.pod import parse_pod

HOSTS, RESOLV_CONF, NSSWITCH = "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf"
THREE = ConfigMap(
    namespace="shop",
    name="three",
    data=(("hosts", "10.7.7.7 cm.example\n"), ("hostname", "x\n"), ("resolv.conf", "search a\n")),
)
ONE = ConfigMap(namespace="shop", name="one", data=(("nsswitch.conf", "hosts: files\n"),))
BYTES = ConfigMap(
    namespace="shop",
    name="bytes",
    data=(("a", "10.7.7.8 no.newline"),),
    binary_data=(("hosts", b"10.7.7.9 caf\xe9\n"),),
)
CONFIG_MAPS = (("three", THREE), ("one", ONE), ("bytes", BYTES), ("none", None))


def config_map(name, **more):
    return {"configMap": {"name": name, **more}}


def pod(mount, source, *, uid="u1", **more):
    """A pod whose container `app` has MOUNT of a volume v with SOURCE."""
    mounts = [{"name": "v", **each} for each in (mount if isinstance(mount, list) else [mount])]
    metadata = {"namespace": "shop", "name": "web", "uid": uid, **more.pop("metadata", {})}
    return parse_pod(
        {
            "metadata": metadata,
            "spec": {
                "containers": [{"name": "app", "volumeMounts": mounts, **more.pop("app", {})}],
                "volumes": [{"name": "v", **source}],
                **more,
            },
        }
    )


AT_HOSTS = {"mountPath": HOSTS, "subPath": "hosts"}
SECRET = {"secret": {"secretName": "certs"}}


@pytest.mark.parametrize(
    ("mount", "source", "found"),
    [
        pytest.param(
            AT_HOSTS, config_map("three"), FileRead(b"10.7.7.7 cm.example\n"), id="subPath: a key"
        ),
        pytest.param(
            {"mountPath": HOSTS, "subPath": "d/h"},
            config_map("three", items=[{"key": "hosts", "path": "d/h"}]),
            FileRead(b"10.7.7.7 cm.example\n"),
            id="items put a key at a path",
        ),
        pytest.param(
            {"mountPath": HOSTS, "subPath": "d"},
            config_map("three", items=[{"key": "hosts", "path": "d/h"}]),
            Directory(),
            id="a directory of items",
        ),
        pytest.param({"mountPath": HOSTS}, config_map("three"), Directory(), id="no subPath"),
        pytest.param(
            {"mountPath": HOSTS, "subPath": "nokey"},
            config_map("three"),
            Directory(),
            id="a subPath that is no key: the kubelet makes a directory",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("three", items=[{"key": "nokey", "path": "hosts"}]),
            NeverMounted("ConfigMap shop/three has no key nokey"),
            id="an item whose key is missing: the volume is never mounted",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("three", items=[{"key": "nokey", "path": "hosts"}], optional=True),
            Directory(),
            id="and optional: a directory",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("none"),
            NeverMounted("there is no ConfigMap shop/none"),
            id="no such ConfigMap",
        ),
        pytest.param(
            AT_HOSTS, config_map("none", optional=True), Directory(), id="none, and optional"
        ),
        pytest.param(
            AT_HOSTS, config_map("bytes"), FileRead(b"10.7.7.9 caf\xe9\n"), id="binaryData"
        ),
        pytest.param(
            {"mountPath": HOSTS, "subPath": "a"},
            config_map("bytes"),
            FileRead(b"10.7.7.8 no.newline"),
            id="no final newline",
        ),
        pytest.param(
            AT_HOSTS,
            {"projected": {"sources": [config_map("three"), config_map("bytes")]}},
            FileRead(b"10.7.7.9 caf\xe9\n"),
            id="projected: the later source wins",
        ),
        pytest.param(
            AT_HOSTS,
            {"projected": {"sources": [{"secret": {"name": "certs"}}, config_map("three")]}},
            FileRead(b"10.7.7.7 cm.example\n"),
            id="projected: a Secret before it decides nothing",
        ),
        pytest.param(
            AT_HOSTS,
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "hosts",
                            "fieldRef": {"fieldPath": "metadata.annotations['hosts']"},
                        }
                    ]
                }
            },
            FileRead(b"10.5.5.5 da.example"),
            id="the downward API's text",
        ),
        pytest.param(
            {"mountPath": HOSTS, "subPathExpr": "$(KEY)"},
            config_map("three"),
            FileRead(b"10.7.7.7 cm.example\n"),
            id="subPathExpr of a literal variable",
        ),
        pytest.param(
            {"mountPath": "/etc"},
            config_map("three"),
            FileRead(b"10.7.7.7 cm.example\n"),
            id="a mount above",
        ),
        pytest.param(
            {"mountPath": "/etc"}, config_map("one"), FileAbsent(), id="a mount above, without it"
        ),
        pytest.param({"mountPath": HOSTS}, {"emptyDir": {}}, Directory(), id="emptyDir"),
        pytest.param(AT_HOSTS, {"emptyDir": {}}, Directory(), id="emptyDir that nobody fills"),
    ],
)
def test_what_a_volume_is_known_to_hold(mount, source, found):
    annotations = {"annotations": {"hosts": "10.5.5.5 da.example"}}
    app = {"env": [{"name": "KEY", "value": "hosts"}]}
    one = pod(mount, source, metadata=annotations, app=app)
    assert file_at(one, covering_mount(one, one.containers[0], HOSTS), CONFIG_MAPS) == found


@pytest.mark.parametrize(
    ("mount", "source", "why"),
    [
        pytest.param(
            AT_HOSTS, SECRET, "the content of Secret shop/certs is not read", id="a Secret"
        ),
        pytest.param(
            AT_HOSTS,
            {"projected": {"sources": [config_map("three"), {"secret": {"name": "certs"}}]}},
            "the content of Secret shop/certs is not read",
            id="a Secret that may win the path",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("unread"),
            "ConfigMap shop/unread was not read",
            id="a ConfigMap that nobody read",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("refused"),
            "ConfigMap shop/refused could not be read: forbidden",
            id="a ConfigMap that may not be read",
        ),
        pytest.param(
            {"mountPath": HOSTS},
            {"hostPath": {"path": "/etc/hosts"}},
            "the node's /etc/hosts was not read",
            id="the node's own file",
        ),
        pytest.param(
            AT_HOSTS,
            {"hostPath": {"path": "/etc"}},
            "the node's /etc/hosts was not read",
            id="the node's own file by subPath",
        ),
        pytest.param(
            {"mountPath": HOSTS},
            {"hostPath": {"path": "/srv/hosts"}},
            "what volume v, hostPath /srv/hosts of the node holds is not known",
            id="another file of the node",
        ),
        pytest.param(
            AT_HOSTS,
            {"persistentVolumeClaim": {"claimName": "data"}},
            "what volume v, PersistentVolumeClaim shop/data holds is not known",
            id="a claim",
        ),
        pytest.param(
            {"mountPath": HOSTS, "subPathExpr": "$(UNSET)"},
            config_map("three"),
            "what volume v, ConfigMap shop/three holds is not known",
            id="subPathExpr of what is not in the spec",
        ),
        pytest.param(
            AT_HOSTS,
            {
                "downwardAPI": {
                    "items": [{"path": "hosts", "resourceFieldRef": {"resource": "limits.cpu"}}]
                }
            },
            "a resource of a container is not worked out",
            id="a resource field",
        ),
    ],
)
def test_what_is_not_known_is_said_by_its_name(mount, source, why):
    one = pod(mount, source)
    refused = CouldNotLook(what="configmaps", why="forbidden")
    found = file_at(
        one,
        covering_mount(one, one.containers[0], HOSTS),
        (*CONFIG_MAPS, ("refused", refused)),
    )
    assert isinstance(found, CouldNotLook)
    assert found.why == why


def test_a_manifests_config_map_may_be_elsewhere():
    one = pod(AT_HOSTS, config_map("none"), uid="")
    found = file_at(one, covering_mount(one, one.containers[0], HOSTS), CONFIG_MAPS)
    assert isinstance(found, CouldNotLook)
    assert found.why == "ConfigMap shop/none is in none of the files"


@pytest.mark.parametrize(
    ("mounts", "path", "covering"),
    [
        pytest.param([AT_HOSTS], HOSTS, ("hosts", False), id="at the path"),
        pytest.param([{"mountPath": "//etc/hosts/"}], HOSTS, ("", False), id="in other words"),
        pytest.param([{"mountPath": "etc/hosts"}], HOSTS, ("", False), id="a relative path"),
        pytest.param([{"mountPath": "/etc"}], NSSWITCH, ("nsswitch.conf", True), id="above"),
        pytest.param(
            [{"mountPath": "/", "subPath": "root"}],
            NSSWITCH,
            ("root/etc/nsswitch.conf", True),
            id="the root",
        ),
        pytest.param(
            [AT_HOSTS, {"mountPath": "/etc"}],
            HOSTS,
            ("hosts", False),
            id="the nearest decides, in whatever order",
        ),
        pytest.param(
            [{"mountPath": "/etc", "subPath": "a"}, {"mountPath": "/etc/", "subPath": "b"}],
            NSSWITCH,
            ("b/nsswitch.conf", True),
            id="of two alike the later",
        ),
        pytest.param([{"mountPath": "/etc/hosts.d"}], HOSTS, None, id="a name that begins alike"),
        pytest.param([{"mountPath": "/etc/ssl"}], HOSTS, None, id="a directory beside"),
        pytest.param([], HOSTS, None, id="no mount"),
    ],
)
def test_the_mount_that_decides(mounts, path, covering):
    one = pod(mounts, config_map("three"))
    found = covering_mount(one, one.containers[0], path)
    assert (found and (found.inside, found.is_above)) == covering


@pytest.mark.parametrize(
    ("mount", "path", "found"),
    [
        pytest.param(AT_HOSTS, HOSTS, FileRead(b"10.7.7.7 cm.example\n"), id="an own hosts file"),
        pytest.param(
            {"mountPath": RESOLV_CONF, "subPath": "resolv.conf"},
            RESOLV_CONF,
            FileRead(b"search a\n"),
            id="an own resolv.conf",
        ),
        pytest.param(
            {"mountPath": "/etc"}, NSSWITCH, FileAbsent(), id="the image's is hidden by a mount"
        ),
        pytest.param({"mountPath": "/etc"}, HOSTS, None, id="the kubelet's lies on top"),
        pytest.param({"mountPath": "/etc"}, RESOLV_CONF, None, id="the runtime's lies on top"),
        pytest.param(AT_HOSTS, NSSWITCH, None, id="another path"),
        pytest.param(
            {"mountPath": HOSTS},
            HOSTS,
            CouldNotLook(what=HOSTS, why="/etc/hosts is a directory"),
            id="a directory",
        ),
    ],
)
def test_what_a_container_has_by_its_mounts(mount, path, found):
    one = pod(mount, config_map("three"))
    assert file_by_mounts(one, one.containers[0], path, CONFIG_MAPS) == found


@pytest.mark.parametrize(
    ("mount", "source", "names"),
    [
        (AT_HOSTS, config_map("three"), ("three",)),
        ({"mountPath": "/etc"}, config_map("one"), ("one",)),
        (
            AT_HOSTS,
            {"projected": {"sources": [config_map("one"), SECRET, config_map("three")]}},
            ("one", "three"),
        ),
        (AT_HOSTS, SECRET, ()),
        ({"mountPath": "/srv"}, config_map("three"), ()),
    ],
)
def test_only_the_config_maps_that_decide_are_wanted(mount, source, names):
    one = pod(mount, source)
    assert config_maps_for(one, one.containers[0], HOSTS, "/etc") == names


ETC = {"mountPath": "/etc"}
READ_ONLY = {"mountPath": "/etc", "readOnly": True}
LACKS_ALL = "it is read-only and has no hosts, hostname, resolv.conf to mount over"
MAY_LACK = "it is read-only and may have no hosts, hostname, resolv.conf to mount over"


@pytest.mark.parametrize(
    ("mount", "source", "blocked"),
    [
        pytest.param(ETC, config_map("one"), (LACKS_ALL, True), id="a ConfigMap without them"),
        pytest.param(READ_ONLY, {"emptyDir": {}}, (LACKS_ALL, True), id="a read-only emptyDir"),
        pytest.param(READ_ONLY, SECRET, (MAY_LACK, False), id="a Secret: nobody reads it"),
        pytest.param(
            READ_ONLY,
            {"persistentVolumeClaim": {"claimName": "c"}},
            (MAY_LACK, False),
            id="a read-only claim",
        ),
        pytest.param(
            ETC,
            {"persistentVolumeClaim": {"claimName": "c", "readOnly": True}},
            (MAY_LACK, False),
            id="a claim that is read-only by its source",
        ),
        pytest.param(
            [AT_HOSTS, ETC],
            config_map("one"),
            (LACKS_ALL, True),
            id="an own hosts file on top of it needs its place, too",
        ),
        pytest.param(
            {"mountPath": "/"},
            {"emptyDir": {}},
            ("it hides all of the image", True),
            id="a volume on /",
        ),
        pytest.param(
            AT_HOSTS,
            config_map("none"),
            ("there is no ConfigMap shop/none", True),
            id="a volume that is never made",
        ),
    ],
)
def test_a_volume_that_keeps_a_container_from_starting(mount, source, blocked):
    one = pod(mount, source)
    found = blocked_by(one, one.containers[0], CONFIG_MAPS)
    assert (found.why, found.is_certain) == blocked


@pytest.mark.parametrize(
    ("mount", "source"),
    [
        pytest.param(ETC, config_map("three"), id="a ConfigMap that has all three files"),
        pytest.param(ETC, {"emptyDir": {}}, id="a volume that can be written"),
        pytest.param({"mountPath": "/etc/ssl", "readOnly": True}, SECRET, id="a directory beside"),
        pytest.param(AT_HOSTS, config_map("three"), id="one file"),
        pytest.param([], config_map("one"), id="a volume that is not mounted"),
    ],
)
def test_a_volume_that_a_container_starts_with(mount, source):
    one = pod(mount, source)
    assert blocked_by(one, one.containers[0], CONFIG_MAPS) is None


def with_containers(*containers):
    """A pod of (name, state, mounts); all mounts are of one volume."""
    return parse_pod(
        {
            "metadata": {"namespace": "shop", "name": "web"},
            "spec": {
                "containers": [
                    {"name": name, "volumeMounts": [{"name": "v", **each} for each in mounts]}
                    for name, _, mounts in containers
                ],
                "volumes": [{"name": "v", **config_map("three")}],
            },
            "status": {
                "containerStatuses": [
                    {"name": name, "state": {state: {}}} for name, state, _ in containers
                ]
            },
        }
    )


@pytest.mark.parametrize(
    ("own", "others", "path", "found"),
    [
        pytest.param([], [("b", "running", [])], HOSTS, ["b"], id="the kubelet's is one"),
        pytest.param([], [("b", "waiting", [])], HOSTS, [], id="one that does not run"),
        pytest.param([], [("b", "running", [AT_HOSTS])], HOSTS, [], id="a mount in the other"),
        pytest.param([AT_HOSTS], [("b", "running", [])], HOSTS, [], id="a mount in this one"),
        pytest.param(
            [AT_HOSTS], [("b", "running", [AT_HOSTS])], HOSTS, ["b"], id="both mount one file"
        ),
        pytest.param(
            [AT_HOSTS],
            [("b", "running", [{"mountPath": HOSTS, "subPath": "a"}])],
            HOSTS,
            [],
            id="another file of the volume",
        ),
        pytest.param([ETC], [("b", "running", [])], HOSTS, ["b"], id="the kubelet's on top of it"),
        pytest.param([], [("b", "running", [])], NSSWITCH, [], id="a file of the image"),
        pytest.param([ETC], [("b", "running", [ETC])], NSSWITCH, ["b"], id="a file of a volume"),
        pytest.param([], [("b", "running", [])], RESOLV_CONF, ["b"], id="the runtime's is one"),
    ],
)
def test_who_shows_the_same_file(own, others, path, found):
    one = with_containers(("a", "terminated", own), *others)
    assert [each.name for each in siblings(one, one.containers[0], path)] == found
