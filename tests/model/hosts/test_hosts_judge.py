"""A pod's hosts files judged: evidence in, the whole report's verdict, lines and findings out."""

import json

import pytest

from kubectl_hosts.model.evidence import (
    ContainerEvidence,
    CouldNotLook,
    FileRead,
    NodeEvidence,
    NodePeer,
    PodEvidence,
    Template,
)
from kubectl_hosts.model.hosts.judge import judge_hosts, predict_hosts
from kubectl_hosts.model.hosts.kubelet import LastWritten, kubelet_hosts_file
from kubectl_hosts.model.hosts.report import VerdictKind
from kubectl_hosts.model.pod import HostAlias, parse_pod

UID = "0b6b4d5c-0000-4000-8000-000000000001"
NODE = NodeEvidence(name="node-1", kubelet_version="v1.34.4", operating_system="linux")
OWN_MOUNT = {"name": "hosts", "mountPath": "/etc/hosts", "subPath": "hosts"}
NODE_HOSTS = b"127.0.0.1 localhost\n192.0.2.1 node-1\n"


def mount_line(root, *, options="rw"):
    return f"812 790 8:1 {root} /etc/hosts {options} - ext4 /dev/sda1 rw\n".encode()


KUBELETS = mount_line(f"/var/lib/kubelet/pods/{UID}/etc-hosts")
CONFIG_MAPS = mount_line(
    f"/var/lib/kubelet/pods/{UID}/volumes/kubernetes.io~configmap/hosts/..2026/hosts", options="ro"
)


def make_pod(*, aliases=(), containers=("app",), status=None, annotations=None, **spec):
    items = [each if isinstance(each, dict) else {"name": each} for each in containers]
    return parse_pod(
        {
            "metadata": {
                "namespace": "shop",
                "name": spec.pop("name", "web"),
                "uid": UID,
                "creationTimestamp": "2026-11-21T10:00:00Z",
                "annotations": annotations or {},
            },
            "spec": {
                "hostAliases": [{"ip": ip, "hostnames": list(names)} for ip, *names in aliases],
                "containers": items,
                "volumes": [{"name": "hosts", "configMap": {"name": "hosts"}}],
                **spec,
            },
            "status": {"phase": "Running", "podIPs": [{"ip": "192.0.2.7"}], **(status or {})},
        }
    )


def looked(name, hosts, mountinfo=KUBELETS):
    return ContainerEvidence(
        name=name,
        files=(
            ("/etc/hosts", FileRead(hosts) if isinstance(hosts, bytes) else hosts),
            ("/proc/self/mountinfo", FileRead(mountinfo)),
        ),
        via="sh",
    )


def written(pod, *, version="v1.34.4"):
    file = kubelet_hosts_file(pod, kubelet_version=version)
    return file.to_bytes(node_hosts=NODE_HOSTS)


def judge(pod, *containers, node=NODE, **more):
    return judge_hosts(PodEvidence(pod=pod, node=node, containers=containers, **more))


def reasons(report):
    assert all(finding.evidence for finding in report.findings), "a finding names its place"
    return [finding.reason.value for finding in report.findings]


ALIASES = (("10.1.2.3", "foo.remote", "bar.remote"), ("10.0.0.5", "db"))


def test_an_untouched_file_matches_the_spec():
    pod = make_pod(aliases=ALIASES)
    report = judge(pod, looked("app", written(pod)))
    assert report.verdict.kind is VerdictKind.HOLDS
    assert report.verdict.sentence == ("matches the spec: 7 kubelet lines, 1 pod IP, 2 hostAliases")
    assert (report.findings, report.not_checked, report.assumptions) == ((), (), ())
    (container,) = report.containers
    assert not container.drift
    assert [line.number for line in container.lines] == list(range(1, 13))


def test_an_edited_file_says_what_differs_and_how_long_it_lasts():
    pod = make_pod(aliases=ALIASES)
    hosts = written(pod).replace(b"127.0.0.1\tlocalhost\n", b"") + b"10.0.0.9 db\n"
    report = judge(pod, looked("app", hosts))
    assert report.verdict.kind is VerdictKind.DIFFERS
    assert report.verdict.sentence == (
        "differs from the spec: 127.0.0.1 localhost is missing, line 12 is extra (10.0.0.9 db); "
        "a manual edit, gone at the next container start"
    )
    assert reasons(report) == ["KubeletLinesMissing", "ForeignLines"]
    assert report.containers[0].drift


def test_an_own_mount_is_named_with_its_volume():
    pod = make_pod(aliases=ALIASES, containers=({"name": "app", "volumeMounts": [OWN_MOUNT]},))
    report = judge(pod, looked("app", b"192.0.2.9 api\n", CONFIG_MAPS))
    assert report.verdict.kind is VerdictKind.OWN_MOUNT
    assert report.verdict.sentence == (
        "is the container's own mount (volume hosts, ConfigMap shop/hosts): "
        "hostAliases and the pod's own name do not apply"
    )
    assert reasons(report) == ["OwnMountHidesHostAliases", "OwnNameMissing", "ReadOnlyHosts"]
    assert not report.containers[0].drift


def test_a_runtimes_file_is_not_the_kubelets():
    pod = make_pod(status={"podIPs": []})
    root = "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/0123abcd/hosts"
    report = judge(pod, looked("app", b"ff02::1 ip6-allnodes\n", mount_line(root)))
    assert report.verdict.kind is VerdictKind.NOT_THE_KUBELET
    assert report.verdict.sentence.startswith(f"was written by containerd ({root}), not by the")
    assert reasons(report) == ["NotTheKubeletsFile"]
    (container,) = report.containers
    assert container.drift, "the kubelet's file is due, and this is another"
    assert [line.origin.kind.value for line in container.lines] == ["Runtime"]


def test_a_file_that_nobody_can_name_is_still_compared():
    pod = make_pod()
    report = judge(pod, looked("app", b"127.0.0.1 localhost\n", mount_line("/some/where")))
    assert report.verdict.sentence == (
        "is not known to be the kubelet's: unknown (a mount of /some/where (ext4))"
    )
    assert report.containers[0].drift


def test_what_would_help_to_look_is_the_fix():
    hint = "Does your role allow get on pods/exec?"
    refused = CouldNotLook(what="the files of app", why="forbidden", hint=hint)
    report = judge(make_pod(), ContainerEvidence(name="app", failure=refused))
    assert report.verdict.fix == hint


NO_SHELL = CouldNotLook(what="the files of app", why="no cat in the image")


def test_where_nobody_could_look_the_prediction_is_shown():
    pod = make_pod(aliases=ALIASES)
    report = judge(pod, ContainerEvidence(name="app", failure=NO_SHELL))
    assert report.verdict.sentence == "could not look: no cat in the image; predicted only"
    assert report.not_checked == (NO_SHELL,)
    (container,) = report.containers
    assert (container.unreadable, container.observed) == ("no cat in the image", None)
    assert container.expected.to_bytes() == written(pod)
    assert [line.text for line in container.lines] == written(pod).decode().split("\n")[:-1]


def test_a_pod_without_an_address_has_no_file_yet():
    waiting = status_of("app", {"waiting": {"reason": "ContainerCreating"}})
    pod = make_pod(status={"phase": "Pending", "podIPs": [], **waiting})
    failure = CouldNotLook(what="the files of app", why="pod web does not have a host assigned")
    report = judge(pod, ContainerEvidence(name="app", failure=failure))
    assert report.verdict.kind is VerdictKind.NO_FILE
    assert report.verdict.sentence == (
        "has no hosts file yet: the pod has no address (Pending, ContainerCreating)"
    )


def test_a_siblings_file_tells_nothing_of_a_container_with_its_own_mount():
    pod = make_pod(containers=("app", {"name": "own", "volumeMounts": [OWN_MOUNT]}))
    report = judge(pod, looked("own", written(pod))._replace(read_from="app"))
    (container,) = report.containers
    assert report.verdict.kind is VerdictKind.OWN_MOUNT
    assert container.unreadable == (
        "container own mounts its own file there, and it could not be read"
    )
    assert report.verdict.sentence.endswith(f"; could not look: {container.unreadable}")


@pytest.mark.parametrize(
    ("hosts", "fix"),
    [
        pytest.param(b"10.0.0.9 db\n", "Entries that should last belong in", id="a line added"),
        pytest.param(b"", "Restart a container of the pod", id="a line removed"),
    ],
)
def test_the_fix_follows_what_differs(hosts, fix):
    pod = make_pod()
    data = written(pod).replace(b"fe00::1\tip6-allnodes\n", b"") + hosts
    assert judge(pod, looked("app", data)).verdict.fix.startswith(fix)


def test_containers_that_share_the_file_are_judged_once():
    pod = make_pod(containers=("app", "side", "bare"))
    hosts = written(pod) + b"10.0.0.9 db\n"
    report = judge(
        pod,
        looked("app", hosts),
        looked("side", hosts),
        ContainerEvidence(name="bare", failure=NO_SHELL),
    )
    assert [(each.name, each.same_as) for each in report.containers] == [
        ("app", ""),
        ("side", "app"),
        ("bare", "app"),
    ]
    assert report.containers[2].unreadable == "no cat in the image"
    assert reasons(report) == ["ForeignLines"]


def test_two_texts_of_one_file_are_a_finding():
    pod = make_pod(containers=("app", "side"))
    replaced = mount_line(f"/var/lib/kubelet/pods/{UID}/etc-hosts//deleted")
    report = judge(
        pod, looked("app", written(pod)), looked("side", written(pod) + b"10.0.0.9 db\n", replaced)
    )
    assert report.verdict.sentence == (
        "in container side: differs from the spec: line 9 is extra (10.0.0.9 db); "
        "the file was replaced on the node after this container started"
    )
    assert reasons(report) == ["ForeignLines", "ReplacedOnNode", "ContainersDiffer"]


def status_of(name, state, **more):
    return {"containerStatuses": [{"name": name, "state": state, **more}]}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(
            status_of("app", {"running": {"startedAt": "2026-11-21T10:00:05Z"}}),
            LastWritten(at="2026-11-21T10:00:05Z", by="app"),
            id="the newest start",
        ),
        pytest.param(
            status_of(
                "app",
                {
                    "waiting": {
                        "reason": "CreateContainerConfigError",
                        "message": "container has runAsNonRoot and image will run as root",
                    }
                },
            ),
            LastWritten(
                or_later="container app (CreateContainerConfigError) rewrites it at every try"
            ),
            id="a try that leaves no startedAt",
        ),
        pytest.param(
            status_of(
                "app",
                {"terminated": {"reason": "StartError", "startedAt": "1970-01-01T00:00:00Z"}},
            ),
            LastWritten(or_later="container app (StartError) rewrites it at every try"),
            id="a start that failed",
        ),
        pytest.param(
            status_of("app", {"waiting": {"reason": "ErrImageNeverPull"}}),
            LastWritten(),
            id="an image that never came rewrites nothing",
        ),
    ],
)
def test_when_the_kubelet_last_wrote(status, expected):
    pod = make_pod(status=status)
    assert judge(pod, looked("app", written(pod))).containers[0].last_written == expected


@pytest.mark.parametrize(
    ("aliases", "found"),
    [
        pytest.param(ALIASES, [], id="nothing to say"),
        pytest.param(
            (("10.0.0.5", "a"), ("10.0.0.5", "b")), ["HostAliasIPDuplicate"], id="one ip twice"
        ),
        pytest.param((("10.0.0.5",),), ["HostAliasWithoutNames"], id="no names"),
        pytest.param(
            (("10.0.0.5", "a"), ("10.0.0.6", "a")), ["ConflictingHostAliases"], id="two addresses"
        ),
        pytest.param((("10.0.0.5", "a"), ("2001:db8::5", "a")), [], id="one of each family"),
        pytest.param((("10.0.0.5", "localhost"),), ["ShadowedHostAlias"], id="localhost"),
        pytest.param((("10.0.0.5", "web"),), ["ShadowedHostAlias"], id="the pod's own name"),
        pytest.param((("010.0.0.5", "a"),), ["AmbiguousHostAliasIP"], id="leading zeros"),
        pytest.param(
            (("10.0.0.5", *(f"name-{number:04}.example.org" for number in range(30))),),
            ["HostAliasPastBuffer"],
            id="a long line",
        ),
    ],
)
def test_what_is_wrong_with_host_aliases(aliases, found):
    pod = make_pod(aliases=aliases)
    assert reasons(judge(pod, looked("app", written(pod)))) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param(b"192.0.2.7", b"192.0.2.6", ["StalePodIP"], id="another address"),
        pytest.param(b"192.0.2.7\tweb\n", b"", ["PodIPMissing"], id="no own line"),
        pytest.param(
            b"10.0.0.5\tdb\n", b"", ["HostAliasesMissing"], id="an alias that is not there"
        ),
        pytest.param(b"# Kubernetes-managed hosts file.", b"# x", [], id="a comment tells nothing"),
    ],
)
def test_what_is_wrong_with_the_file(before, after, found):
    pod = make_pod(aliases=ALIASES)
    report = judge(pod, looked("app", written(pod).replace(before, after)))
    assert report.verdict.kind is VerdictKind.DIFFERS
    assert reasons(report) == found


def test_an_empty_file_is_one_finding():
    pod = make_pod(aliases=ALIASES)
    report = judge(pod, looked("app", b""))
    assert reasons(report) == ["EmptyFile"]
    assert "the file is empty" in report.verdict.sentence


@pytest.mark.parametrize(
    ("version", "spec", "found"),
    [
        pytest.param("v1.6.13", {}, ["HostAliasesUnsupported"], id="1.6"),
        pytest.param("v1.7.16", {"hostNetwork": True}, ["HostAliasesUnsupported"], id="1.7"),
        pytest.param(
            "v1.23.15-kubeedge-v1.13.0",
            {"hostNetwork": True},
            ["HostAliasesUnsupported"],
            id="KubeEdge",
        ),
    ],
)
def test_kubelets_that_ignore_host_aliases(version, spec, found):
    pod = make_pod(aliases=ALIASES, **spec)
    assert reasons(predict_hosts(pod, node=NODE._replace(kubelet_version=version))) == found


def peer(*, hosts=NODE_HOSTS, written_at="2026-11-21T09:00:00Z"):
    header = b"# Kubernetes-managed hosts file (host network).\n"
    return NodePeer(
        pod="kube-system/agent",
        host_aliases=(),
        written_at=written_at,
        file=FileRead(header + hosts),
    )


STARTED = status_of("app", {"running": {"startedAt": "2026-11-21T10:00:05Z"}})


@pytest.mark.parametrize(
    ("other", "severities"),
    [
        pytest.param(peer(), [], id="the same copy"),
        pytest.param(peer(hosts=b"127.0.0.1 localhost\n"), ["info"], id="theirs is older"),
        pytest.param(
            peer(hosts=NODE_HOSTS + b"192.0.2.5 new\n", written_at="2026-11-21T11:00:00Z"),
            ["warning"],
            id="ours is older",
        ),
    ],
)
def test_copies_of_the_nodes_file_are_compared(other, severities):
    pod = make_pod(hostNetwork=True, aliases=(("10.0.0.5", "db"),), status=STARTED)
    report = judge(pod, looked("app", written(pod)), peers=(other,))
    assert report.verdict.sentence == (
        "matches the spec: 1 kubelet line, 2 lines of node node-1, 1 hostAlias"
    )
    assert [finding.severity.value for finding in report.findings] == severities


def template(*aliases, applied=None, **more):
    return Template(
        kind="Deployment",
        name="web",
        host_aliases=tuple(HostAlias(ip, tuple(names)) for ip, *names in aliases),
        last_applied=json.dumps(applied) if applied else "",
        **more,
    )


def deployment(*aliases, **elsewhere):
    spec = {"hostAliases": [{"ip": ip, "hostnames": list(names)} for ip, *names in aliases]}
    return {
        "kind": "Deployment",
        "spec": {"template": {"spec": spec}, **elsewhere.get("spec", {})},
    }


X_A, X_B = ("10.1.0.1", "a"), ("10.1.0.1", "b")


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        pytest.param(template(X_A, applied=deployment(X_A)), [], id="all the same"),
        pytest.param(
            template(X_A, applied=deployment(X_A, X_B)),
            ["HostAliasesLostByApply"],
            id="b never arrived",
        ),
        pytest.param(
            template(X_A, X_B, revised_at="2026-11-21T11:00:00Z"),
            ["TemplateNotRolled"],
            id="the template is newer",
        ),
        pytest.param(
            template(X_A, applied=deployment(X_A, spec={"hostAliases": []})),
            ["HostAliasesMisplaced"],
            id="hostAliases beside the template",
        ),
        pytest.param(
            template(
                X_A,
                applied={
                    "kind": "Deployment",
                    "spec": {
                        "template": {
                            "spec": {
                                "hostnameOverride": "x.example.org",
                                "hostAliases": [{"ip": "10.1.0.1", "hostname": "a"}],
                            }
                        }
                    },
                },
            ),
            ["HostAliasFieldUnknown", "HostnameOverrideDropped"],
            id="hostname for hostnames, and a field behind a gate",
        ),
        pytest.param(
            template(X_A, managers=("kubectl-client-side-apply", "clustermesh")),
            ["HostAliasesManagedElsewhere"],
            id="a controller writes them",
        ),
        pytest.param(template(X_A)._replace(last_applied="{"), [], id="an annotation cut short"),
        pytest.param(
            template(X_A, applied={"kind": "Deployment", "spec": {"template": []}}),
            [],
            id="an annotation of another shape",
        ),
    ],
)
def test_what_was_lost_between_manifest_and_pod(owner, found):
    pod = make_pod(aliases=(X_A,))
    assert reasons(judge(pod, looked("app", written(pod)), template=owner)) == found


def test_a_prediction_reports_each_container_and_says_what_it_assumed():
    pod = make_pod(
        aliases=ALIASES,
        subdomain="sub",
        containers=("app", "side", {"name": "own", "volumeMounts": [OWN_MOUNT]}),
        status={"phase": "", "podIPs": []},
    )
    report = predict_hosts(pod)
    assert [(each.name, each.same_as) for each in report.containers] == [
        ("app", ""),
        ("side", "app"),
        ("own", ""),
    ]
    assert report.containers[0].verdict.sentence == (
        "will match the spec: 7 kubelet lines, 1 pod IP, 2 hostAliases"
    )
    assert report.containers[0].lines[7].address == "<pod IP>"
    assert report.containers[0].lines[7].names == ("web.sub.shop.svc.cluster.local", "web")
    assert report.assumptions == (
        "the kubelet's version is current (it is not known)",
        "the cluster domain is cluster.local",
    )
    assert report.not_checked == ()


def test_an_fqdn_that_does_not_fit_is_found_before_the_pod_is_made():
    pod = make_pod(name="w" * 60, subdomain="sub", setHostnameAsFQDN=True)
    assert "FQDNTooLong" in reasons(predict_hosts(pod, node=NODE))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/etc/hosts/", ["HiddenVolumeMount"]),
        ("//etc/hosts", ["HiddenVolumeMount"]),
        ("etc/hosts", ["HiddenVolumeMount"]),
        ("/etc", []),
        ("/etc/hosts.d", []),
    ],
)
def test_a_mount_path_in_other_words_is_hidden_by_the_kubelets_file(path, found):
    mount = {"name": "hosts", "mountPath": path}
    pod = make_pod(containers=({"name": "app", "volumeMounts": [mount]},))
    assert reasons(judge(pod, looked("app", written(pod)))) == found
