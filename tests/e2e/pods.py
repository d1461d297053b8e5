"""The pods of the suite, one a situation that a hosts file can be in; all made at once.

`scenario` in the labels is how a test finds its pod, `until` what the suite waits for before it looks.
"""

from __future__ import annotations

from typing import Any

from tests.e2e.images import image

Manifest = dict[str, Any]

# Ends when told to (`touch /tmp/end`), so that a restart needs no signal.
RUN = ["sh", "-c", "while [ ! -e /tmp/end ]; do sleep 0.2; done"]

LONG_NAME = "a-pod-whose-name-is-longer-than-the-63-bytes-that-a-dns-label-may-have"
# The 63rd byte is a "-": the kubelet strips what is left hanging (kubelet util truncatePodHostname).
LONG_NAME_CUT_AT_A_DASH = "x" * 62 + "-and-the-rest-of-it"


def container(name: str = "main", **fields: Any) -> Manifest:
    """A busybox that runs until it is told to end."""
    return {
        "name": name,
        "image": image("busybox"),
        "imagePullPolicy": "IfNotPresent",
        "command": RUN,
    } | fields


def template(scenario: str, until: str = "Ready", **spec: Any) -> Manifest:
    """metadata and spec of a pod, as a workload's template has them."""
    return {
        "metadata": {"labels": {"scenario": scenario, "until": until}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [container()],
        }
        | spec,
    }


def pod(scenario: str, until: str = "Ready", *, name: str = "", **spec: Any) -> Manifest:
    """A Pod; its name is the scenario's unless given."""
    body = template(scenario, until, **spec)
    body["metadata"]["name"] = name or scenario
    return {"apiVersion": "v1", "kind": "Pod"} | body


def aliases(*rows: str) -> list[Manifest]:
    """hostAliases from "IP NAME..." rows."""
    return [{"ip": ip, "hostnames": names} for ip, *names in map(str.split, rows)]


def mounted(path: str, volume: Manifest, **mount: Any) -> Manifest:
    """Spec fields of one container that mounts VOLUME at PATH."""
    return {
        "containers": [
            container(volumeMounts=[{"name": "own", "mountPath": path} | mount]),
        ],
        "volumes": [{"name": "own"} | volume],
    }


CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "own-hosts"},
    "data": {"hosts": "127.0.0.1 localhost\n192.0.2.53 mine.example.org\n"},
}
FROM_CONFIG_MAP = {"configMap": {"name": "own-hosts"}}
# All three files that are mounted into a container, so that it starts with this volume on /etc.
ETC_FILES = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "etc-files"},
    "data": {"hosts": "192.0.2.1 hidden\n", "hostname": "hidden\n", "resolv.conf": "# hidden\n"},
}
PROJECTED = {
    "projected": {
        "sources": [{"configMap": {"name": "own-hosts"}}, {"configMap": {"name": "etc-files"}}]
    }
}
FROM_ANNOTATION = {
    "downwardAPI": {
        "items": [
            {"path": "hosts", "fieldRef": {"fieldPath": "metadata.labels['scenario']"}},
        ]
    }
}

TWO_ALIASES = aliases("127.0.0.1 foo.local bar.local", "10.1.2.3 foo.remote bar.remote")


def plain_pods() -> list[Manifest]:
    """Pods whose file is the kubelet's, untouched: predicted bytes = observed bytes."""
    return [
        pod("default"),
        pod("glibc", containers=[container(image=image("glibc"))]),
        pod("musl", containers=[container(image=image("musl"))]),
        pod("aliases", hostAliases=TWO_ALIASES),
        pod("aliases-shared-ip", hostAliases=aliases("192.0.2.1 a.local", "192.0.2.1 b.local")),
        pod("aliases-ipv6", hostAliases=aliases("2001:db8::1 six.local", "2001:db8:0:0::1 six")),
        pod(
            "aliases-same-name-twice",
            hostAliases=aliases("192.0.2.1 db.local", "192.0.2.2 db.local"),
        ),
        pod("aliases-without-names", hostAliases=[{"ip": "192.0.2.9"}]),
        pod("subdomain", hostname="busybox-1", subdomain="busybox-subdomain"),
        pod(
            "aliases-and-subdomain",
            hostname="busybox-2",
            subdomain="busybox-subdomain",
            hostAliases=TWO_ALIASES,
        ),
        pod("fqdn", hostname="fqdn", subdomain="sub", setHostnameAsFQDN=True),
        pod("long-name", name=LONG_NAME),
        pod("long-name-cut-at-a-dash", name=LONG_NAME_CUT_AT_A_DASH),
        pod("dotted-name", name="dotted.name"),
        pod(
            "read-only-root",
            containers=[container(securityContext={"readOnlyRootFilesystem": True})],
        ),
        pod(
            "non-root",
            containers=[container(securityContext={"runAsNonRoot": True, "runAsUser": 65534})],
        ),
        pod("volume-on-etc", **mounted("/etc", {"emptyDir": {}})),
        pod("config-map-on-etc", **mounted("/etc", {"configMap": {"name": "etc-files"}})),
        pod(
            "dns-policy-none",
            dnsPolicy="None",
            dnsConfig={"nameservers": ["192.0.2.53"]},
        ),
    ]


def workloads() -> list[Manifest]:
    """Controllers whose pods' names and host names differ from a bare pod's."""
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "web"},
            "spec": {
                "serviceName": "nginx",
                "selector": {"matchLabels": {"scenario": "statefulset"}},
                "template": template("statefulset", hostAliases=TWO_ALIASES),
            },
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "app"},
            "spec": {
                "selector": {"matchLabels": {"scenario": "deployment"}},
                "template": template("deployment"),
            },
        },
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "indexed"},
            "spec": {
                "completionMode": "Indexed",
                "completions": 1,
                "template": template("indexed-job", restartPolicy="Never"),
            },
        },
    ]


def host_network_pods() -> list[Manifest]:
    """Pods whose file is a copy of the node's, under the kubelet's header."""
    return [
        pod("host-network", hostNetwork=True),
        pod("host-network-aliases", hostNetwork=True, hostAliases=TWO_ALIASES),
    ]


def own_mount_pods() -> list[Manifest]:
    """Containers that bring their own file: the kubelet's does not reach them."""
    return [
        pod("own-config-map", **mounted("/etc/hosts", FROM_CONFIG_MAP, subPath="hosts")),
        pod("own-projected", **mounted("/etc/hosts", PROJECTED, subPath="hosts")),
        pod("own-field", **mounted("/etc/hosts", FROM_ANNOTATION, subPath="hosts")),
        pod(
            "own-host-path",
            **mounted(
                "/etc/hosts", {"hostPath": {"path": "/etc/hosts", "type": "File"}}, readOnly=True
            ),
        ),
        pod(
            "own-with-aliases",
            hostAliases=TWO_ALIASES,
            **mounted("/etc/hosts", FROM_CONFIG_MAP, subPath="hosts"),
        ),
    ]


def pods_that_do_not_start() -> list[Manifest]:
    """Containers whose volumes leave no place for the files that must be mounted."""
    return [pod("read-only-etc", "StartError", **mounted("/etc", FROM_CONFIG_MAP))]


def fifo_for_hosts() -> Manifest:
    """Spec fields of a container whose /etc/hosts is a pipe without a writer: `cat` never ends."""
    make = container(
        "fifo",
        command=["mkfifo", "/own/hosts"],
        volumeMounts=[{"name": "own", "mountPath": "/own"}],
    )
    return {"initContainers": [make]} | mounted("/etc/hosts", {"emptyDir": {}}, subPath="hosts")


def unreadable_pods() -> list[Manifest]:
    """Pods where no command can look, each for a reason of its own."""
    return [
        pod("shell-less", containers=[container(image=image("shell-less"), command=None)]),
        pod("own-directory", **mounted("/etc/hosts", FROM_CONFIG_MAP, subPath="no-such-key")),
        pod(
            "finished",
            "Succeeded",
            restartPolicy="Never",
            containers=[container(command=["true"])],
        ),
        pod("unscheduled", "Unschedulable", nodeSelector={"e2e": "no-such-node"}),
        pod(
            "never-pulled",
            "ErrImageNeverPull",
            containers=[container(image=image("missing"), imagePullPolicy="Never")],
        ),
        pod("hangs", **fifo_for_hosts()),
        pod("deleted-half-way", **fifo_for_hosts()),
    ]


def pods_of_several_containers() -> list[Manifest]:
    """Init, sidecar and app containers: one file for all of them, whichever is asked."""
    return [
        pod(
            "kinds",
            initContainers=[
                container("setup", command=["true"]),
                container("side", restartPolicy="Always"),
            ],
            containers=[container("app"), container("second")],
        ),
        pod(
            "one-shell-less",
            containers=[
                container("app", image=image("shell-less"), command=None),
                container("helper"),
            ],
        ),
        pod("in-init", "InitRunning", initContainers=[container("setup")]),
        pod(
            "one-own-mount",
            containers=[
                container(
                    "own",
                    volumeMounts=[{"name": "own", "mountPath": "/etc/hosts", "subPath": "hosts"}],
                ),
                container("plain"),
            ],
            volumes=[{"name": "own"} | FROM_CONFIG_MAP],
        ),
    ]


# scenario: the script that edits the file, as someone with `kubectl exec` would.
EDITS = {
    "appended": r'printf "192.0.2.66\tintruder\n" >>/etc/hosts',
    "loopback-removed": "grep -v localhost /etc/hosts >/tmp/h; cat /tmp/h >/etc/hosts",
    "alias-changed": "sed s/10.1.2.3/10.1.2.4/ /etc/hosts >/tmp/h; cat /tmp/h >/etc/hosts",
    "restarted": r'printf "192.0.2.66\tintruder\n" >>/etc/hosts; touch /tmp/end',
    "escapes": r'printf "192.0.2.66\t\033[31mred\033[0m\007\n" >>/etc/hosts',
    "not-utf-8": r'printf "192.0.2.66\tcaf\351\n" >>/etc/hosts',
    "huge": "yes '192.0.2.66 filler.example.org' | head -c 104857600 >>/etc/hosts",
    "no-final-newline": r'printf "192.0.2.66\tlast" >>/etc/hosts',
    "carriage-returns": r"sed 's/$/\r/' /etc/hosts >/tmp/h; cat /tmp/h >/etc/hosts",
    "emptied": ": >/etc/hosts",
}


def edited_pods() -> list[Manifest]:
    """Pods whose file is edited by hand once they run."""
    return [pod(scenario, hostAliases=TWO_ALIASES) for scenario in EDITS]


def everything() -> list[Manifest]:
    """All objects of the suite's namespace, those that others refer to first."""
    return [
        CONFIG_MAP,
        ETC_FILES,
        *workloads(),
        *plain_pods(),
        *host_network_pods(),
        *own_mount_pods(),
        *pods_that_do_not_start(),
        *unreadable_pods(),
        *pods_of_several_containers(),
        *edited_pods(),
    ]
