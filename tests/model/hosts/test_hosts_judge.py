"""A pod's hosts files judged: evidence in, the whole report's verdict, lines and findings out."""

import json

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.evidence import (
    ContainerEvidence,
    CouldNotLook,
    FileRead,
    NodeEvidence,
    NodePeer,
    PodEvidence,
    ServiceAddresses,
    Template,
)
from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.hosts.hosts_report import VerdictKind
from kubectl_hosts.model.hosts.judge import (
    PredictedFile,
    judge_hosts,
    predict_file,
)
from kubectl_hosts.model.hosts.kubelet import LastWritten, kubelet_hosts_file
from kubectl_hosts.model.hosts.spec_rules import namesakes
from kubectl_hosts.model.objects import ConfigMap
from kubectl_hosts.model.pod import HostAlias, Owner, parse_pod

UID = "0b6b4d5c-0000-4000-8000-000000000001"
NODE = NodeEvidence(name="node-1", kubelet_version="v1.34.4", operating_system="linux")
OWN_MOUNT = {"name": "hosts", "mountPath": "/etc/hosts", "subPath": "hosts"}
NODE_HOSTS = b"127.0.0.1 localhost\n192.0.2.1 node-1\n"


def predict_hosts(pod, node=None):
    nobody = CouldNotLook(what="the node", why="only the manifest was read")
    return judge_hosts(PodEvidence(pod=pod, node=node or nobody))


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
        "in container side differs from the spec: line 9 is extra (10.0.0.9 db); "
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
            template(X_A, X_B),
            ["TemplateNotRolled"],
            id="the template has more",
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


MADE_FROM = (HostAlias("10.1.0.1", ("a",)),)


def changed(*aliases, kind="Deployment", **more):
    return template(*aliases, **more)._replace(kind=kind)


@pytest.mark.parametrize(
    ("own", "owner", "message", "fix"),
    [
        pytest.param(
            (X_A, ("10.9.9.9", "b")),
            changed(X_A, made_from=MADE_FROM),
            "this pod has 10.9.9.9 b more than its template: changed on its way in, as by an "
            "admission webhook",
            "kubectl get mutatingwebhookconfigurations shows what may change pods.",
            id="the ReplicaSet of its time has the template's: admission changed the pod",
        ),
        pytest.param(
            (X_A,),
            changed(X_A, ("10.9.9.9", "b"), made_from=MADE_FROM),
            "this pod lacks 10.9.9.9 b, which Deployment web has: the template was changed since",
            "kubectl -n shop rollout status deployment/web shows how far it is; else: kubectl -n "
            "shop delete pod web",
            id="the ReplicaSet of its time has the pod's: the template is newer",
        ),
        pytest.param(
            (X_A,),
            changed(("10.9.9.9", "b"), paused=True, made_from=MADE_FROM),
            "this pod has 10.1.0.1 a where Deployment web has 10.9.9.9 b: the template was changed "
            "since, and its rollout is paused",
            "kubectl -n shop rollout resume deployment/web",
            id="a rollout that is paused",
        ),
        pytest.param(
            (X_A,),
            changed(kind="StatefulSet", revision=("controller-revision-hash", "web-2")),
            "this pod has 10.1.0.1 a more than StatefulSet web: the template was changed since",
            "kubectl -n shop rollout status statefulset/web shows how far it is; else: kubectl -n "
            "shop delete pod web",
            id="a StatefulSet's revision that is not the pod's",
        ),
        pytest.param(
            (X_A,),
            changed(kind="StatefulSet", revision=("controller-revision-hash", "web-1")),
            "this pod has 10.1.0.1 a more than its template: changed on its way in, as by an "
            "admission webhook",
            "kubectl get mutatingwebhookconfigurations shows what may change pods.",
            id="a StatefulSet's revision that is the pod's",
        ),
        pytest.param(
            (X_A,),
            changed(kind="DaemonSet", replaces_on_delete=True),
            "this pod has 10.1.0.1 a more than DaemonSet web: the template was changed since",
            "kubectl -n shop delete pod web: its DaemonSet makes a new one from the template.",
            id="updateStrategy OnDelete",
        ),
        pytest.param(
            (X_A,),
            changed(kind="ReplicaSet"),
            "this pod has 10.1.0.1 a more than ReplicaSet web: the template was changed since",
            "kubectl -n shop delete pod web: its ReplicaSet makes a new one from the template.",
            id="a ReplicaSet replaces nothing by itself",
        ),
        pytest.param(
            (X_A,),
            changed(kind="Job"),
            "this pod has 10.1.0.1 a more than its template: changed on its way in, as by an "
            "admission webhook",
            "kubectl get mutatingwebhookconfigurations shows what may change pods.",
            id="a Job's template cannot change",
        ),
        pytest.param(
            (X_A,),
            changed(kind="CronJob", made_from=MADE_FROM),
            "this pod has 10.1.0.1 a more than CronJob web: the template was changed since",
            "The CronJob's next Job has the template as it is now.",
            id="a CronJob",
        ),
        pytest.param(
            (X_A, ("10.9.9.9", "b")),
            changed(("10.9.9.9", "b"), X_A, kind="ReplicaSet"),
            "this pod has its hostAliases in another order than ReplicaSet web: the template was "
            "changed since",
            "kubectl -n shop delete pod web: its ReplicaSet makes a new one from the template.",
            id="another order is another file",
        ),
    ],
)
def test_who_changed_the_aliases(own, owner, message, fix):
    pod = replace(
        make_pod(aliases=own), labels=(("controller-revision-hash", "web-1"), ("app", "web"))
    )
    (finding,) = judge(pod, looked("app", written(pod)), template=owner).findings
    assert (finding.message, finding.fix) == (message, fix)


@pytest.mark.parametrize(
    ("spec", "owner", "found"),
    [
        pytest.param(
            {"hostname": "web-0", "subdomain": "nginx"},
            template(hostname="ad-member", subdomain="corp")._replace(kind="StatefulSet"),
            [
                (
                    "hostname ad-member and subdomain corp of the template have no effect: StatefulSet "
                    "web sets web-0.nginx, from the pod's name and its serviceName"
                )
            ],
            id="a StatefulSet overwrites both",
        ),
        pytest.param(
            {"hostname": "web-0", "subdomain": "nginx"},
            template(subdomain="nginx")._replace(kind="StatefulSet"),
            [],
            id="a subdomain that is the serviceName",
        ),
        pytest.param(
            {"hostname": "work-3"},
            template(hostname="node", is_indexed=True)._replace(kind="Job"),
            [
                (
                    "hostname node of the template has no effect: Job web sets work-3, from the pod's "
                    "name and its index"
                )
            ],
            id="an Indexed Job",
        ),
        pytest.param(
            {"hostname": "db"},
            template(hostname="db", pods=3),
            [
                (
                    "all pods of Deployment web have the host name db: their own lines differ in the "
                    "address alone"
                )
            ],
            id="several replicas",
        ),
        pytest.param({"hostname": "db"}, template(hostname="db"), [], id="one replica"),
        pytest.param({}, template(pods=3), [], id="no hostname"),
    ],
)
def test_host_names_of_a_template(spec, owner, found):
    pod = make_pod(**spec)
    report = judge(pod, looked("app", written(pod)), template=owner)
    assert [each.message for each in report.findings] == found


def services(*addresses, ranges=()):
    return ServiceAddresses(cluster_ips=addresses, ranges=ranges)


PEER = ("10.96.14.3", "shop/peer0")
KUBERNETES, LAST = ("10.96.0.1", "default/kubernetes"), ("10.96.250.9", "a/b")


@pytest.mark.parametrize(
    ("alias", "known", "found"),
    [
        pytest.param(
            ("10.96.250.250", "peer0.example.org"),
            services(PEER, ranges=("10.96.0.0/16",)),
            [
                (
                    "hostAliases[0] pins peer0.example.org to cluster IP 10.96.250.250, and no Service "
                    "has 10.96.250.250; Service shop/peer0 has 10.96.14.3"
                )
            ],
            id="a Service that was made anew",
        ),
        pytest.param(
            ("10.96.9.9", "gone"),
            services(KUBERNETES, LAST),
            ["hostAliases[0] pins gone to cluster IP 10.96.9.9, and no Service has 10.96.9.9"],
            id="without ranges: between two that are in use",
        ),
        pytest.param(
            ("10.96.251.1", "gone"), services(KUBERNETES, LAST), [], id="beyond those in use"
        ),
        pytest.param(
            ("10.96.14.3", "peer0"), services(PEER, ranges=("10.96.0.0/16",)), [], id="its own"
        ),
        pytest.param(
            ("192.0.2.1", "outside"), services(PEER, ranges=("10.96.0.0/16",)), [], id="outside"
        ),
        pytest.param(
            ("2001:db8::1", "six"), services(PEER, ranges=("10.96.0.0/16",)), [], id="IPv6"
        ),
        pytest.param(("10.96.9.9", "x"), None, [], id="nobody asked for Services"),
        pytest.param(
            ("10.96.9.9", "x"), CouldNotLook(what="Services", why="forbidden"), [], id="forbidden"
        ),
    ],
)
def test_an_alias_that_pins_a_cluster_ip(alias, known, found):
    pod = make_pod(aliases=(alias,))
    report = judge(pod, looked("app", written(pod)), services=known)
    assert [each.message for each in report.findings] == found


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        pytest.param(
            {"hostname": "a", "setHostnameAsFQDN": True},
            ["hostNetwork ignores hostname, setHostnameAsFQDN: the host name is the node's"],
            id="both",
        ),
        pytest.param({}, [], id="none"),
    ],
)
def test_host_names_with_host_network(spec, found):
    pod = make_pod(hostNetwork=True, **spec)
    report = judge(pod, looked("app", written(pod)))
    assert [each.message for each in report.findings] == found


LONG = "platform-kube-scheduler-guard-ci-run-4hj6pnwf-4f6ab-lv57z-maste"


@pytest.mark.parametrize(
    ("pods", "found"),
    [
        pytest.param(
            [("a", f"{LONG}r-0", ""), ("a", f"{LONG}r-1", ""), ("a", "short", "")],
            {("a", f"{LONG}r-0"): (f"{LONG}r-1",), ("a", f"{LONG}r-1"): (f"{LONG}r-0",)},
            id="63 bytes in common",
        ),
        pytest.param([("a", f"{LONG}r-0", ""), ("b", f"{LONG}r-1", "")], {}, id="two namespaces"),
        pytest.param([("a", f"{LONG}r-0", "x"), ("a", f"{LONG}r-1", "")], {}, id="a hostname"),
        pytest.param([("a", "web-0", ""), ("a", "web-1", "")], {}, id="short names"),
    ],
)
def test_names_that_are_cut_to_the_same(pods, found):
    assert namesakes(pods) == found


def test_a_name_cut_to_anothers_is_said():
    pod = make_pod(name=f"{LONG}r-0")
    report = judge(pod, looked("app", written(pod)), namesakes=(f"{LONG}r-1",))
    assert reasons(report) == ["HostNamesCutAlike", "HostNameTruncated"]


THREE_NAMES = b"".join(b"203.0.113.%d h%d.example\n" % (each, each) for each in range(1, 5))


@pytest.mark.parametrize(
    ("edit", "sentence", "found"),
    [
        pytest.param(
            lambda text: text.replace(b"web.sub.shop.svc.cluster.local\tweb", b"web"),
            "lines 8-9 lack web.sub.shop.svc.cluster.local",
            ["OwnLineChanged"],
            id="the names of the own lines, said once",
        ),
        pytest.param(
            lambda text: text.replace(b"192.0.2.7", b"0.0.0.0"),
            "line 8 has 0.0.0.0 for web.sub.shop.svc.cluster.local, not 192.0.2.7",
            ["OwnLineChanged"],
            id="an address that no sandbox has",
        ),
        pytest.param(
            lambda text: text.replace(b"192.0.2.7", b"192.0.2.99"),
            "line 8 has 192.0.2.99 for web.sub.shop.svc.cluster.local, not 192.0.2.7",
            ["StalePodIP"],
            id="an address of another sandbox",
        ),
        pytest.param(
            lambda text: (
                b"0.0.0.0 web\n"
                + b"".join(each for each in text.splitlines(True) if b"\tweb" not in each)
            ),
            "web.sub.shop.svc.cluster.local is missing, line 1 is extra (0.0.0.0 web)",
            ["PodIPMissing", "ForeignLines"],
            id="the own lines replaced by another",
        ),
        pytest.param(
            lambda text: text + b"# begin\n" + THREE_NAMES + b"\n# end\n",
            "4 names are extra (lines 11-14)",
            ["ForeignLines"],
            id="comments and blank lines are no entries",
        ),
        pytest.param(
            lambda text: text + b"# a comment\n",
            "comments and blank lines alone, line 10",
            [],
            id="a comment alone",
        ),
        pytest.param(
            lambda text: text + b"10.0.0.1 a\n10.0.0.1 a\n",
            "lines 10-11 are extra (10.0.0.1 a)",
            ["ForeignLines"],
            id="one text twice is said once",
        ),
        pytest.param(
            lambda text: text.replace(b"::1\tlocalhost ip6-localhost", b"::1\tip6-localhost"),
            "line 3 lacks localhost",
            ["KubeletLinesMissing"],
            id="a name of the kubelet's line",
        ),
    ],
)
def test_an_edit_is_told_by_what_it_does(edit, sentence, found):
    ips = {"podIPs": [{"ip": "192.0.2.7"}, {"ip": "2001:db8::7"}]}
    pod = make_pod(hostname="web", subdomain="sub", status=ips)
    report = judge(pod, looked("app", edit(written(pod))))
    assert report.verdict.sentence == (
        f"differs from the spec: {sentence}; a manual edit, gone at the next container start"
    )
    assert reasons(report) == found


@pytest.mark.parametrize(
    ("edit", "belongs"),
    [
        pytest.param(b"10.0.0.9 other\n", True, id="another name"),
        pytest.param(b"0.0.0.0 web\n", False, id="the pod's own name"),
    ],
)
def test_host_aliases_cannot_change_the_own_name(edit, belongs):
    pod = make_pod()
    report = judge(pod, looked("app", written(pod) + edit))
    assert ("belong in spec.hostAliases" in report.verdict.fix) is belongs
    (finding,) = report.findings
    assert ("belong in spec.hostAliases" in finding.fix) is belongs


HOSTS_MAP = ConfigMap(namespace="shop", name="hosts", data=(("hosts", "192.0.2.9 api\n"),))


def own_mount_pod(**more):
    return make_pod(containers=({"name": "app", "volumeMounts": [OWN_MOUNT]},), **more)


def test_an_own_mount_is_predicted_from_its_volume():
    pod = own_mount_pod()
    evidence = PodEvidence(pod=pod, node=NODE, config_maps=(("hosts", HOSTS_MAP),))
    (container,) = judge_hosts(evidence).containers
    assert container.verdict.sentence == (
        "is the container's own mount (volume hosts, ConfigMap shop/hosts): hostAliases and the "
        "pod's own name do not apply; 1 line"
    )
    assert [(line.text, line.origin.kind.value) for line in container.lines] == [
        ("192.0.2.9 api", "OwnMount")
    ]
    assert container.expected.to_bytes() == b"192.0.2.9 api\n"
    assert predict_file(evidence, "app") == PredictedFile(b"192.0.2.9 api\n")


def test_an_own_mount_of_unknown_content_is_said_to_be_unknown():
    pod = own_mount_pod()
    evidence = PodEvidence(pod=pod, node=NODE)
    (container,) = judge_hosts(evidence).containers
    assert container.verdict.sentence.endswith("; its content is not known")
    assert (container.lines, container.expected) == ((), None)
    why = "ConfigMap shop/hosts was not read"
    unknown = CouldNotLook(what="ConfigMap shop/hosts", why=why)
    assert predict_file(evidence, "app") == PredictedFile(b"", unknown)


@pytest.mark.parametrize(
    ("mount", "volume", "how"),
    [
        pytest.param({}, {"configMap": {"name": "hosts"}}, "without subPath", id="a ConfigMap"),
        pytest.param(
            {"subPath": "hostz"},
            {"configMap": {"name": "hosts"}},
            "with subPath hostz",
            id="a subPath that is no key",
        ),
        pytest.param({}, {"emptyDir": {}}, "without subPath", id="an emptyDir"),
        pytest.param({"subPath": "hosts"}, {"configMap": {"name": "hosts"}}, None, id="a file"),
        pytest.param({}, {"configMap": {"name": "other"}}, None, id="a ConfigMap nobody read"),
        pytest.param({}, {"hostPath": {"path": "/srv"}}, None, id="a path of the node"),
    ],
)
def test_a_directory_at_hosts_is_told_before_it_is_mounted(mount, volume, how):
    own = {"name": "hosts", "mountPath": "/etc/hosts", **mount}
    pod = make_pod(
        containers=({"name": "app", "volumeMounts": [own]},), volumes=[{"name": "hosts", **volume}]
    )
    evidence = PodEvidence(pod=pod, node=NODE, config_maps=(("hosts", HOSTS_MAP),))
    report = judge_hosts(evidence)
    assert ("DirectoryAtHosts" in reasons(report)) == (how is not None)
    is_told = report.verdict.sentence.startswith("is a directory, not a file: volume hosts")
    assert is_told == (how is not None)
    assert how is None or how in report.verdict.sentence


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        pytest.param(
            {"hostname": "a" * 40, "subdomain": "b" * 20, "setHostnameAsFQDN": True},
            "never starts: its FQDN has 84 characters, and the kernel takes 64",
            id="longer than the kernel takes",
        ),
        pytest.param(
            {"hostname": "a" * 40, "subdomain": "b" * 20},
            "will match the spec: 7 kubelet lines, 1 pod IP",
            id="not asked for",
        ),
        pytest.param(
            {"hostname": "a" * 14, "subdomain": "b" * 20, "setHostnameAsFQDN": True},
            "will match the spec: 7 kubelet lines, 1 pod IP",
            id="short enough",
        ),
    ],
)
def test_a_pod_whose_name_the_kernel_refuses_has_no_file(spec, sentence):
    report = predict_hosts(make_pod(status={"podIPs": []}, **spec))
    assert report.verdict.sentence == sentence
    assert bool(report.containers[0].lines) == sentence.startswith("will")


def test_a_config_map_that_may_not_be_read_was_not_checked():
    refused = CouldNotLook(what="ConfigMap shop/hosts", why="forbidden")
    report = judge(
        own_mount_pod(name="api"),
        looked("app", b"192.0.2.9 api\n", CONFIG_MAPS),
        config_maps=(("hosts", refused),),
        refused=(refused,),
    )
    assert report.not_checked == (refused,)
    assert not report.containers[0].drift


@pytest.mark.parametrize(
    ("data", "mountinfo", "found"),
    [
        pytest.param(b"192.0.2.9 api\n", CONFIG_MAPS, [], id="as the volume has it"),
        pytest.param(b"192.0.2.8 api\n", CONFIG_MAPS, ["OutdatedVolume"], id="another text"),
        pytest.param(
            b"192.0.2.9 api\n",
            CONFIG_MAPS.replace(b"/..2026/hosts", b"/..2026/hosts//deleted"),
            ["OutdatedVolume"],
            id="the volume changed since",
        ),
    ],
)
def test_an_own_mount_is_compared_with_its_volume(data, mountinfo, found):
    pod = own_mount_pod(name="api")
    report = judge(pod, looked("app", data, mountinfo), config_maps=(("hosts", HOSTS_MAP),))
    assert reasons(report) == [*found, "ReadOnlyHosts"]
    assert report.containers[0].drift is (data != b"192.0.2.9 api\n")
    assert report.verdict.sentence.endswith("; the volume has newer content") is bool(found)


@pytest.mark.parametrize(
    ("owner", "fix"),
    [
        pytest.param(
            {"kind": "ReplicaSet", "name": "mapped-5d4f"},
            "kubectl -n shop rollout restart deployment/mapped",
            id="a Deployment's",
        ),
        pytest.param(
            {"kind": "StatefulSet", "name": "db"},
            "kubectl -n shop rollout restart statefulset/db",
            id="a StatefulSet's",
        ),
        pytest.param(
            {"kind": "Job", "name": "once"},
            "Restart the container, or recreate the pod.",
            id="a Job's",
        ),
        pytest.param(None, "Restart the container, or recreate the pod.", id="nobody's"),
    ],
)
def test_a_sub_path_copy_is_renewed_as_its_owner_does_it(owner, fix):
    pod = replace(
        own_mount_pod(name="api"),
        owner=Owner(**owner) if owner else None,
        labels=(("pod-template-hash", "5d4f"),),
    )
    report = judge(
        pod, looked("app", b"192.0.2.8 api\n", CONFIG_MAPS), config_maps=(("hosts", HOSTS_MAP),)
    )
    assert report.findings[0].fix == fix


def test_the_parts_that_nobody_read_are_named():
    on_node = make_pod(hostNetwork=True, aliases=(("10.0.0.5", "db"),))
    assert predict_file(PodEvidence(pod=on_node, node=NODE), "app") == PredictedFile(
        b"# Kubernetes-managed hosts file (host network).\n\n# Entries added by HostAliases.\n"
        b"10.0.0.5\tdb\n",
        CouldNotLook(what="the node's /etc/hosts", why="the node's /etc/hosts was not read"),
        lacks_node_part=True,
    )
    waiting = make_pod(subdomain="sub", status={"podIPs": []})
    found = predict_file(PodEvidence(pod=waiting, node=NODE), "app")
    assert (found.unknown, found.to_come) == (None, ("web.sub.shop.svc.cluster.local", "web"))


@pytest.mark.parametrize(
    ("edit", "truncated", "verdict", "found"),
    [
        pytest.param(lambda f: f[: f.index(b"10.0.0.5")], True, "could not look: the rest of /etc/hosts was not read: cut after {} bytes", [], id="a line that was not read is not missing"),
        pytest.param(lambda f: f[: f.index(b"10.0.0.5")], False, "differs from the spec: db is missing; a manual edit, gone at the next container start", ["HostAliasesMissing"], id="of a whole file it is"),
        pytest.param(lambda f: f[: f.index(b"5\tdb")], True, "could not look: the rest of /etc/hosts was not read: cut after {} bytes", [], id="what the cut left of a line is no change of it"),
        pytest.param(lambda f: f[: f.index(b"10.0.0.5")] + b"10.0.0.6\tdb\n", True, "differs from the spec: line 12 is extra (10.0.0.6 db); a manual edit, gone at the next container start", ["ForeignLines"], id="a line that is there is extra: the expected one may follow"),
        pytest.param(lambda f: f[: f.index(b"10.0.0.5")] + b"10.0.0.6\tdb\n", False, "differs from the spec: line 12 has 10.0.0.6 for db, not 10.0.0.5; a manual edit, gone at the next container start", ["HostAliasesMissing"], id="of a whole file it is a change"),
    ],
)  # fmt: skip
def test_what_nobody_read_of_a_file_is_neither_missing_nor_changed(edit, truncated, verdict, found):
    pod = make_pod(aliases=ALIASES)
    data = edit(written(pod))
    report = judge(pod, looked("app", FileRead(data, truncated=truncated)))
    assert (report.verdict.sentence, reasons(report)) == (verdict.format(len(data)), found)
    rest = CouldNotLook(what="the rest of /etc/hosts in app", why=f"cut after {len(data)} bytes")
    assert report.not_checked == ((rest,) if truncated else ())


def test_a_file_that_was_unmounted_is_not_the_kubelets():
    pod = make_pod()
    beside = f"1 2 8:1 /pods/{UID}/containers/app/1 /dev/termination-log rw - ext4 /dev/x rw\n"
    report = judge(pod, looked("app", written(pod) + b"10.77.0.5 daemon\n", beside.encode()))
    assert report.verdict.kind is VerdictKind.NOT_THE_KUBELET
    assert report.verdict.sentence == (
        "is the container's own file: what was mounted there was unmounted, and no container start "
        "rewrites it"
    )
    assert reasons(report) == ["HostsUnmounted"]
    assert report.containers[0].lines[-1].text == "10.77.0.5 daemon"


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"os": {"name": "windows"}}, id="spec.os"),
        pytest.param({"nodeSelector": {"kubernetes.io/os": "windows"}}, id="nodeSelector"),
        pytest.param(
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {
                                    "matchExpressions": [
                                        {
                                            "key": "kubernetes.io/os",
                                            "operator": "In",
                                            "values": ["windows"],
                                        }
                                    ]
                                }
                            ]
                        }
                    }
                }
            },
            id="required node affinity",
        ),
    ],
)
def test_a_windows_pods_file_has_a_windows_path(spec):
    report = predict_hosts(make_pod(**spec))
    assert report.path == "C:\\Windows\\System32\\drivers\\etc\\hosts"


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="nothing tells"),
        pytest.param({"nodeSelector": {"disktype": "ssd"}}, id="another label"),
        pytest.param({"nodeSelector": {"kubernetes.io/os": "linux"}}, id="Linux"),
        pytest.param(
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {
                                    "matchExpressions": [
                                        {
                                            "key": "kubernetes.io/os",
                                            "operator": "In",
                                            "values": ["windows"],
                                        }
                                    ]
                                },
                                {"matchExpressions": []},
                            ]
                        }
                    }
                }
            },
            id="one of two alternatives",
        ),
    ],
)
def test_any_other_pods_file_has_the_usual_path(spec):
    assert predict_hosts(make_pod(**spec)).path == "/etc/hosts"


def test_the_node_tells_before_the_spec():
    node = NODE._replace(operating_system="windows")
    pod = make_pod(nodeSelector={"kubernetes.io/os": "linux"})
    assert predict_hosts(pod, node=node).path.startswith("C:")


def test_only_the_containers_that_were_chosen_are_predicted():
    pod = make_pod(containers=("app", "side"))
    evidence = PodEvidence(pod=pod, node=NODE, chosen=("side",))
    assert [each.name for each in judge_hosts(evidence).containers] == ["side"]


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


# Reasons that the tables above tell by their words, each beside the nearest that is none of it.

OTHER_UID = KUBELETS.replace(UID.encode(), b"0b6b4d5c-0000-4000-8000-000000000002")
NO_MOUNT = b"812 790 8:1 / / rw - overlay overlay rw\n"
ROOT_REFUSED = {"waiting": {"reason": "CreateContainerConfigError", "message": "runAsNonRoot"}}
WRITE = ["sh", "-c", "echo 10.1.2.3 db >> /etc/hosts; exec run"]


def writing(name, **more):
    return make_pod(containers=({"name": name, "command": WRITE, **more},))


@pytest.mark.parametrize(
    ("container", "writes"),
    [
        pytest.param({"command": WRITE}, True, id="a redirection"),
        pytest.param({"args": ["echo a | tee -a /etc/hosts"]}, True, id="tee, in the arguments"),
        pytest.param({"args": ["cp /c/hosts /etc/hosts && run"]}, True, id="a copy onto it"),
        pytest.param({"args": ['cat x >"/etc/hosts"']}, True, id="in quotes"),
        pytest.param({"lifecycle": {"postStart": {"exec": {"command": WRITE}}}}, True, id="a hook"),
        pytest.param({"args": ["cat /etc/hosts > /tmp/x"]}, False, id="it reads"),
        pytest.param({"args": ["cp /etc/hosts /tmp/hosts"]}, False, id="it copies from there"),
        pytest.param({"args": ["cp a b; cat /etc/hosts"]}, False, id="it copies, then reads"),
        pytest.param({"args": ["(cp a /etc/hosts)"]}, True, id="in a subshell"),
        pytest.param({"args": ["echo a | dd of=/etc/hosts"]}, True, id="dd"),
        pytest.param({"args": ["F=/etc/hosts; echo a >>$F"]}, True, id="a variable"),
        pytest.param(
            {"args": ['F="/etc/hosts"\ncp -f t "${F}"']}, True, id="a copy onto a variable"
        ),
        pytest.param({"args": ["echo a >> ${F:-/etc/hosts}"]}, True, id="a default"),
        pytest.param({"args": [": ${F:=/etc/hosts}; tee -a $F"]}, True, id="a default that is set"),
        pytest.param(
            {"env": [{"name": "F", "value": "/etc/hosts"}], "args": ["echo a >> $F"]},
            True,
            id="the container's variable",
        ),
        pytest.param(
            {"env": [{"name": "F", "value": "/etc/hosts"}], "args": ["tee", "$(F)"]},
            True,
            id="the kubelet's reference",
        ),
        pytest.param({"args": ["F=/etc/hosts; cat $F > $G"]}, False, id="a variable, read"),
        pytest.param({"args": ["F=/etc/hosts; cp $F $F.old"]}, False, id="beside the variable"),
        pytest.param({"args": ["F=/etc/hosts.d; echo a > $F"]}, False, id="another path"),
        pytest.param({"args": ["echo a >> $F"]}, False, id="nobody says what it is"),
        pytest.param({"args": ["dd if=/etc/hosts of=/tmp/hosts"]}, False, id="dd reads it"),
        pytest.param({"args": ["echo a > /etc/hosts.allow"]}, False, id="another file"),
        pytest.param({"args": ["echo a > /host/etc/hosts"]}, False, id="another directory"),
        pytest.param({"args": ["sed -i s/a/b/ /etc/hosts"]}, False, id="what fails on a mount"),
        pytest.param({}, False, id="nothing"),
    ],
)
def test_a_command_that_writes_to_the_file(container, writes):
    (found,) = make_pod(containers=({"name": "app", **container},)).containers
    assert found.writes_hosts is writes


@pytest.mark.parametrize(
    ("containers", "init", "said", "severity"),
    [
        pytest.param(
            ({"name": "app", "command": WRITE},),
            (),
            "container app writes to /etc/hosts by its own command: no spec has those lines",
            Severity.INFO,
            id="alone",
        ),
        pytest.param(
            ({"name": "app", "command": WRITE}, {"name": "side"}),
            (),
            "container app writes to /etc/hosts by its own command: "
            "any container's start undoes it",
            Severity.WARNING,
            id="beside another",
        ),
        pytest.param(
            ({"name": "app"},),
            ({"name": "edit", "command": WRITE},),
            "what init container edit writes to /etc/hosts is lost: "
            "the next container's start writes it anew",
            Severity.WARNING,
            id="an init container",
        ),
    ],
)
def test_what_becomes_of_what_a_command_writes(containers, init, said, severity):
    pod = make_pod(containers=containers, initContainers=list(init))
    (found,) = predict_hosts(pod).findings
    assert (found.message, found.severity) == (said, severity)


def test_lines_that_a_command_may_have_written_are_no_manual_edit():
    pod = writing("app")
    report = read(pod, hosts=written(pod) + b"10.1.2.3 db\n")
    assert report.verdict.sentence.endswith("; container app writes to it by its own command")
    assert [e.origin.object for e in report.containers[0].lines if e.status.value == "extra"] == [
        "app"
    ]


NODES_FILE = {"name": "hosts", "hostPath": {"path": "/etc/hosts"}}


def mounting(*, volume=None, **mount):
    """A pod whose container mounts volume `hosts`, and the volume."""
    mounts = [{"name": "hosts", **mount}]
    volumes = {"volumes": [volume]} if volume else {}
    return make_pod(containers=({"name": "app", "volumeMounts": mounts},), **volumes)


def read(pod, *, mountinfo=KUBELETS, hosts=None, **more):
    return judge(pod, looked("app", written(pod) if hosts is None else hosts, mountinfo), **more)


def refused(why):
    return CouldNotLook(what="/etc/hosts", why=why)


@pytest.mark.parametrize(
    ("reason", "found", "near"),
    [
        ("StaleNodeHosts", lambda: read(make_pod(hostNetwork=True), peers=(peer(hosts=b"127.0.0.1 localhost\n"),)), lambda: read(make_pod(hostNetwork=True), peers=(peer(),))),
        ("RewrittenByFailingContainer", lambda: read(make_pod(status=status_of("app", ROOT_REFUSED))), lambda: read(make_pod(status=status_of("app", {"waiting": {"reason": "ErrImageNeverPull"}})))),
        ("WritesNodeHosts", lambda: predict_hosts(mounting(volume=NODES_FILE, mountPath="/etc/hosts")), lambda: predict_hosts(mounting(volume=NODES_FILE, mountPath="/etc/hosts", readOnly=True))),
        ("VolumePreventsStart", lambda: predict_hosts(mounting(mountPath="/etc")), lambda: predict_hosts(mounting(mountPath="/etc/app"))),
        ("MountDisagreement", lambda: read(mounting(mountPath="/etc/hosts", subPath="hosts")), lambda: read(mounting(mountPath="/etc/hosts", subPath="hosts"), mountinfo=CONFIG_MAPS)),
        ("StartedWithoutAddress", lambda: read(make_pod(hostNetwork=True), hosts=NODE_HOSTS, mountinfo=NO_MOUNT, node=NODE._replace(kubelet_version="v1.31.0")), lambda: read(make_pod(hostNetwork=True), hosts=NODE_HOSTS, mountinfo=NO_MOUNT)),
        ("FileOfAnotherPod", lambda: read(make_pod(), mountinfo=OTHER_UID), lambda: read(make_pod())),
        ("UnreadableByThisUser", lambda: read(make_pod(), hosts=refused("cat: /etc/hosts: Permission denied")), lambda: read(make_pod(), hosts=refused("cat: not found"))),
        ("VirtualNode", lambda: read(make_pod(aliases=ALIASES, nodeSelector={"type": "virtual-kubelet"})), lambda: read(make_pod(nodeSelector={"type": "virtual-kubelet"}))),
        ("CommandWritesHosts", lambda: predict_hosts(writing("main")), lambda: predict_hosts(make_pod())),
        ("CommandWritesHosts", lambda: predict_hosts(writing("main")), lambda: predict_hosts(writing("main", volumeMounts=[{"name": "hosts", "mountPath": "/etc/hosts", "subPath": "hosts"}]))),
        ("VirtualNode", lambda: read(make_pod(aliases=ALIASES), node=NODE._replace(labels=(("type", "virtual-kubelet"),))), lambda: read(make_pod(aliases=ALIASES))),
        ("HostAliasWithoutService", lambda: read(make_pod(aliases=[("10.96.9.9", "gone")]), services=services(KUBERNETES, LAST)), lambda: read(make_pod(aliases=[("10.96.0.1", "gone")]), services=services(KUBERNETES, LAST))),
        ("PodChangedAtAdmission", lambda: read(make_pod(aliases=[X_A]), template=changed(kind="Job")), lambda: read(make_pod(aliases=[X_A]), template=changed(X_A, kind="Job"))),
    ],
)  # fmt: skip
def test_a_reason_is_found_and_its_near_miss_is_not(reason, found, near):
    assert reason in [each.reason.value for each in found().findings]
    assert reason not in [each.reason.value for each in near().findings]
