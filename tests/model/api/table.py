"""Manifests, each with one thing to see: what the API server says of them is in server-*.json.

`tests/model/api/test_api_verdicts.py` holds the model against what was recorded, without a
cluster; `tests/e2e/test_api.py` holds both against the API server of the day, and records anew
with `API_RECORD=1`.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One manifest, and the sentence that says what it is there for."""

    id: str
    text: str


ALIAS = "{ip: 10.1.2.3, hostnames: [db.example]}"
MAIN = "containers: [{name: main, image: nginx}]"


def pod(spec: str, *, name: str = "web", more: str = MAIN, top: str = "") -> str:
    """A Pod whose spec has the lines of SPEC and one container (MORE)."""
    lines = "".join(f"  {line}\n" for line in (*spec.splitlines(), *more.splitlines()))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n{top}spec:\n{lines}"


def workload(  # the manifest's parts, each under its name
    spec: str = "",
    *,
    kind: str = "Deployment",
    api: str = "apps/v1",
    name: str = "web",
    above: str = "",
    labels: str = "{app: web}",
    selector: str = "selector: {matchLabels: {app: web}}",
    more: str = MAIN,
) -> str:
    """A workload whose pod spec has the lines of SPEC; ABOVE are lines of its own spec."""
    own = "".join(f"  {line}\n" for line in (*above.splitlines(), *selector.splitlines()))
    lines = "".join(f"      {line}\n" for line in (*spec.splitlines(), *more.splitlines()))
    return (
        f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{own}"
        f"  template:\n    metadata: {{labels: {labels}}}\n    spec:\n{lines}"
    )


def job(spec: str = "restartPolicy: Never", *, above: str = "", name: str = "web") -> str:
    """A Job."""
    return workload(spec, kind="Job", api="batch/v1", above=above, selector="", name=name)


def cron_job(
    spec: str = "restartPolicy: Never",
    *,
    above: str = 'schedule: "*/5 * * * *"',
    job_above: str = "",
    name: str = "web",
) -> str:
    """A CronJob; JOB_ABOVE are lines of its Job's spec."""
    own = "".join(f"  {line}\n" for line in above.splitlines())
    of_job = "".join(f"      {line}\n" for line in job_above.splitlines())
    lines = "".join(f"          {line}\n" for line in (*spec.splitlines(), MAIN))
    return (
        f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: {name}}}\nspec:\n{own}"
        f"  jobTemplate:\n    spec:\n{of_job}      template:\n        spec:\n{lines}"
    )


def service(spec: str, *, name: str = "web") -> str:
    """A Service whose spec is the flow mapping SPEC."""
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def config_map(body: str, *, name: str = "web") -> str:
    """A ConfigMap with BODY beside its metadata."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n{body}\n"


def slices(body: str, *, name: str = "web") -> str:
    """An EndpointSlice."""
    return f"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: {name}}}\n{body}\n"


def endpoints(body: str, *, name: str = "web") -> str:
    """An Endpoints object."""
    return f"apiVersion: v1\nkind: Endpoints\nmetadata: {{name: {name}}}\n{body}\n"


UNKNOWN_FIELDS = (
    Row("host_aliases is no field of a Pod", pod(f"host_aliases: [{ALIAS}]")),
    Row("HostNetwork of a Job has another case", job("HostNetwork: true\nrestartPolicy: Never")),
    Row(
        "hostames of the second item",
        pod(f"hostAliases:\n- {ALIAS}\n- {{ip: '::1', hostames: [b]}}"),
    ),
    Row("hostname of an item is not hostnames", pod("hostAliases: [{ip: 10.1.2.3, hostname: b}]")),
    Row("hostAlias without the plural", pod(f"hostAlias: [{ALIAS}]")),
    Row("hostAliases beside spec", pod("", top=f"hostAliases: [{ALIAS}]\n")),
    Row("hostAliases of a container", pod("", more=f"{MAIN[:-2]}, hostAliases: [{ALIAS}]}}]")),
    Row("hostAliases at the spec of a Deployment", workload(above=f"hostAliases: [{ALIAS}]")),
    Row("hostAliases at the Job of a CronJob", cron_job(job_above=f"hostAliases: [{ALIAS}]")),
    Row("hostNetwork at the spec of a Deployment", workload(above="hostNetwork: true")),
    Row("dnspolicy in lower case", pod("dnspolicy: None")),
    Row("dnsConfig with nameserver", pod("dnsConfig: {nameserver: [10.0.0.1]}")),
    Row("dnsConfig with search", workload("dnsConfig: {search: [example.com]}")),
    Row("an option with key", pod("dnsConfig: {options: [{key: ndots, value: '1'}]}")),
    Row("hostName with a capital letter", pod("hostName: web")),
    Row("subDomain with a capital letter", pod("hostname: web\nsubDomain: team")),
    Row("setHostnameAsFqdn", pod("setHostnameAsFqdn: true")),
    Row("several unknown fields", pod("a: 1\nb: 2\nhost_network: true")),
    Row("a label beside metadata.labels", pod("", name="web, label: {a: b}")),
    Row("servicename of a StatefulSet", workload(kind="StatefulSet", above="servicename: web")),
    Row("replica of a Deployment", workload(above="replica: 2")),
    Row("env of a pod spec", pod("env: [{name: A, value: b}]")),
    Row("volumeMount of a container", pod("", more=f"{MAIN[:-2]}, volumeMount: []}}]")),
    Row("clusterIp of a Service", service("{clusterIp: None, selector: {app: web}}")),
    Row("selectors of a Service", service("{selectors: {app: web}, ports: [{port: 80}]}")),
    Row("target_port of a Service", service("{ports: [{port: 80, target_port: 8080}]}")),
    Row(
        "publishNotReadyAddress of a Service",
        service("{clusterIP: None, publishNotReadyAddress: true}"),
    ),
    Row("external_name of a Service", service("{type: ExternalName, external_name: example.com}")),
    Row("Data of a ConfigMap", config_map("Data: {a: b}")),
    Row(
        "address of an EndpointSlice's endpoint",
        slices("addressType: IPv4\nendpoints: [{address: [10.1.2.3]}]"),
    ),
    Row("subset of an Endpoints object", endpoints("subset: [{addresses: [{ip: 10.1.2.3}]}]")),
    Row(
        "an unknown field in the status of a Pod",
        pod("", top="status: {podIp: 10.1.2.3}\n"),
    ),
    Row(
        "a Secret with strngData",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstrngData: {a: b}\n",
    ),
    Row(
        "a Namespace with a field too many",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: api-x-1}\nspecs: {}\n",
    ),
    Row(
        "an Ingress with service.port as a number",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n"
        "  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend:"
        " {serviceName: web, servicePort: 80}}]}}]\n",
    ),
    Row(
        "ephemeral fields of a probe",
        pod("", more=f"{MAIN[:-2]}, livenessProbe: {{httpget: {{port: 80}}}}}}]"),
    ),
)

WRONG_TYPES = (
    Row("hostnames as text", pod("hostAliases: [{ip: 10.1.2.3, hostnames: db.example}]")),
    Row(
        "hostnames as text in a Deployment", workload("hostAliases: [{ip: 10.1.2.3, hostnames: a}]")
    ),
    Row("hostAliases as a mapping", pod("hostAliases: {ip: 10.1.2.3, hostnames: [a]}")),
    Row("an item of hostAliases as text", pod("hostAliases: [10.1.2.3 a]")),
    Row("a host name that is a number", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [1234]}]")),
    Row(
        "a host name that YAML takes for true",
        pod("hostAliases: [{ip: 10.1.2.3, hostnames: [on]}]"),
    ),
    Row("an ip that is a number", pod("hostAliases: [{ip: 10.1, hostnames: [a]}]")),
    Row("a hostname that is a number", pod("hostname: 42")),
    Row("hostNetwork in quotes", pod('hostNetwork: "true"')),
    Row("hostNetwork: yes is true", pod("hostNetwork: yes")),
    Row("nameservers as text", pod("dnsPolicy: None\ndnsConfig: {nameservers: 10.0.0.1}")),
    Row(
        "the value of an option as a number", pod("dnsConfig: {options: [{name: ndots, value: 1}]}")
    ),
    Row("containers as a mapping", pod("", more="containers: {name: main, image: nginx}")),
    Row(
        "the value of an environment variable as a number",
        pod("", more=f"{MAIN[:-2]}, env: [{{name: A, value: 1}}]}}]"),
    ),
    Row("replicas in quotes", workload(above='replicas: "2"')),
    Row("replicas as a fraction", workload(above="replicas: 1.5")),
    Row("a label that is a number", pod("", name="web, labels: {a: 1}")),
    Row("an annotation that is true", pod("", name="web, annotations: {a: true}")),
    Row("a selector that is a number", service("{selector: {app: 1}, ports: [{port: 80}]}")),
    Row("the port of a Service in quotes", service('{ports: [{port: "80"}]}')),
    Row(
        "the targetPort of a Service in quotes",
        service('{ports: [{port: 80, targetPort: "http"}]}'),
    ),
    Row("a targetPort that is a list", service("{ports: [{port: 80, targetPort: [80]}]}")),
    Row("ports of a Service as a mapping", service("{ports: {port: 80}}")),
    Row("a ConfigMap with a number", config_map("data: {a: 1}")),
    Row("a ConfigMap with null", config_map("data: {a: null}")),
    Row("binaryData that is no base64", config_map("binaryData: {a: '*'}")),
    Row(
        "an Endpoints object with addresses as text",
        endpoints("subsets: [{addresses: [10.1.2.3]}]"),
    ),
    Row(
        "addresses of an EndpointSlice as text",
        slices("addressType: IPv4\nendpoints: [{addresses: 10.1.2.3}]"),
    ),
    Row("spec as a list", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: []\n"),
    Row(
        "limits as numbers",
        pod("", more=f"{MAIN[:-2]}, resources: {{limits: {{cpu: 1, memory: 1Gi}}}}}}]"),
    ),
    Row(
        "a quantity that is none",
        pod("", more=f"{MAIN[:-2]}, resources: {{limits: {{memory: 1 Gi}}}}}}]"),
    ),
    Row("creationTimestamp null", pod("", name="web, creationTimestamp: null")),
    Row("creationTimestamp that is no time", pod("", name="web, creationTimestamp: today")),
    Row("hostAliases null", pod("hostAliases: null")),
    Row("hostnames null", pod("hostAliases: [{ip: 10.1.2.3, hostnames: null}]")),
    Row("an item of hostAliases null", pod("hostAliases: [null]")),
    Row("a host name null", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [null]}]")),
    Row("a number beyond 32 bits", workload(above="replicas: 9999999999")),
)

TWICE = (
    Row(
        "hostAliases twice in a Deployment",
        workload(
            f"hostAliases: [{ALIAS}]", more=f"{MAIN}\nhostAliases: [{{ip: '::1', hostnames: [b]}}]"
        ),
    ),
    Row("hostname twice with one value", pod("hostname: a\nhostname: a")),
    Row("metadata twice", pod("", top="metadata: {name: other}\n")),
    Row("ip twice in an item", pod("hostAliases: [{ip: 10.1.2.3, ip: 10.1.2.4, hostnames: [a]}]")),
    Row("a key of a ConfigMap twice", config_map("data: {a: b, a: c}")),
)

HOST_ALIASES = (
    Row("two items", pod(f"hostAliases: [{ALIAS}, {{ip: '2001:db8::1', hostnames: [a, b.c]}}]")),
    Row("no ip", pod("hostAliases: [{hostnames: [a]}]")),
    Row("an ip with a final dot", pod("hostAliases: [{ip: 1.2.3.4., hostnames: [a]}]")),
    Row("an ip of five numbers", pod("hostAliases: [{ip: 1.1.1.1.1, hostnames: [a]}]")),
    Row("a name as ip", workload("hostAliases: [{ip: webserver, hostnames: [a]}]")),
    Row("an ip with a length", pod("hostAliases: [{ip: 10.1.2.0/24, hostnames: [a]}]")),
    Row("an ip with a zone", pod("hostAliases: [{ip: 'fe80::1%eth0', hostnames: [a]}]")),
    Row("an ip with leading zeros", pod("hostAliases: [{ip: 010.1.2.3, hostnames: [a]}]")),
    Row("an ip with too large a number", pod("hostAliases: [{ip: 10.1.2.300, hostnames: [a]}]")),
    Row("a mapped ip", pod("hostAliases: [{ip: '::ffff:10.1.2.3', hostnames: [a]}]")),
    Row("an IPv6 ip in capitals", pod("hostAliases: [{ip: '2001:DB8::1', hostnames: [a]}]")),
    Row("an ip twice", pod(f"hostAliases: [{ALIAS}, {ALIAS}]")),
    Row("upper case", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [Job-Peer]}]")),
    Row("an underscore", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [a_b]}]")),
    Row("a wildcard", workload("hostAliases: [{ip: 10.1.2.3, hostnames: ['*.example']}]")),
    Row(
        "a URL",
        cron_job(
            'restartPolicy: Never\nhostAliases: [{ip: 10.1.2.3, hostnames: ["https://x.example"]}]'
        ),
    ),
    Row("a final dot", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [a.example.]}]")),
    Row("an empty name", pod("hostAliases: [{ip: 10.1.2.3, hostnames: ['']}]")),
    Row("254 characters", pod(f"hostAliases: [{{ip: 10.1.2.3, hostnames: [{'a.' * 126}ab]}}]")),
    Row(
        "a label of 64 characters",
        pod(f"hostAliases: [{{ip: 10.1.2.3, hostnames: [{'a' * 64}.example]}}]"),
    ),
    Row("no names", pod("hostAliases: [{ip: 10.1.2.3}]")),
    Row("empty names", pod("hostAliases: [{ip: 10.1.2.3, hostnames: []}]")),
    Row("an address as name", pod("hostAliases: [{ip: 10.1.2.3, hostnames: [10.9.8.7]}]")),
    Row("with hostNetwork", pod(f"hostNetwork: true\nhostAliases: [{ALIAS}]")),
)

POD_NAMES = (
    Row("a hostname with a dot", pod("hostname: acme.example")),
    Row("a hostname in upper case", workload("hostname: Web")),
    Row("a hostname of 64 characters", pod(f"hostname: {'a' * 64}")),
    Row("a hostname of 63 characters", pod(f"hostname: {'a' * 63}")),
    Row("a subdomain with a dot", pod("hostname: a\nsubdomain: team.example")),
    Row("a subdomain with an underscore", pod("hostname: a\nsubdomain: my_team")),
    Row("a subdomain alone", pod("subdomain: team")),
    Row(
        "an FQDN too long for the kernel",
        pod(f"hostname: {'a' * 40}\nsubdomain: {'b' * 40}\nsetHostnameAsFQDN: true"),
    ),
    Row(
        "setHostnameAsFQDN with hostNetwork",
        pod("hostname: a\nsubdomain: b\nsetHostnameAsFQDN: true\nhostNetwork: true"),
    ),
    Row(
        "setHostnameAsFQDN as the server takes it",
        pod("hostname: a\nsubdomain: b\nsetHostnameAsFQDN: true"),
    ),
    Row("hostnameOverride", pod("hostnameOverride: a.example.com")),
    Row("a Pod name in upper case", pod("", name="Web")),
    Row("a Pod name with an underscore", pod("", name="my_web")),
    Row("a Pod name with a dot", pod("", name="web.1")),
    Row("a Pod name of 66 characters", pod("", name="a" * 66)),
    Row("a Pod name of 254 characters", pod("", name="a" * 254)),
    Row(
        "a StatefulSet name with a dot",
        workload(kind="StatefulSet", name="vol.1", above="serviceName: vol"),
    ),
    Row(
        "a StatefulSet name in upper case",
        workload(kind="StatefulSet", name="Vol", above="serviceName: vol"),
    ),
    Row("a StatefulSet without serviceName", workload(kind="StatefulSet")),
    Row(
        "a StatefulSet with an empty serviceName",
        workload(kind="StatefulSet", above='serviceName: ""'),
    ),
    Row(
        "a StatefulSet whose serviceName has an underscore",
        workload(kind="StatefulSet", above="serviceName: my_web"),
    ),
    Row(
        "a StatefulSet whose serviceName has a dot",
        workload(kind="StatefulSet", above="serviceName: my.web"),
    ),
    Row(
        "a hostname in the template of a StatefulSet",
        workload("hostname: a", kind="StatefulSet", above="serviceName: w"),
    ),
    Row("a Deployment name with an underscore", workload(name="my_web")),
    Row("a Job name with a dot", job(name="web.1")),
    Row("a Job name of 64 characters", job(name="a" * 64)),
    Row("a CronJob name of 53 characters", cron_job(name="a" * 53)),
    Row("a CronJob name of 52 characters", cron_job(name="a" * 52)),
    Row("no name", pod("", name='""')),
    Row("a DaemonSet as the server takes it", workload(kind="DaemonSet")),
)

DNS = (
    Row("dnsPolicy None without dnsConfig", pod("dnsPolicy: None")),
    Row(
        "a nameserver with leading zeros",
        pod("dnsPolicy: None\ndnsConfig: {nameservers: [010.1.2.3]}"),
    ),
    Row("dnsPolicy None without nameservers", pod("dnsPolicy: None\ndnsConfig: {searches: [a]}")),
    Row(
        "dnsPolicy None with a nameserver",
        pod("dnsPolicy: None\ndnsConfig: {nameservers: [10.0.0.1]}"),
    ),
    Row("dnsPolicy clusterFirst", workload("dnsPolicy: clusterFirst")),
    Row("dnsPolicy empty", pod('dnsPolicy: ""')),
    Row(
        "four nameservers",
        pod("dnsConfig: {nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4]}"),
    ),
    Row("three nameservers", pod("dnsConfig: {nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3]}")),
    Row("a nameserver by name", pod("dnsConfig: {nameservers: [dns.example]}")),
    Row(
        "33 search domains",
        pod(f"dnsConfig: {{searches: [{', '.join(f'd{n}' for n in range(33))}]}}"),
    ),
    Row(
        "32 search domains",
        pod(f"dnsConfig: {{searches: [{', '.join(f'd{n}' for n in range(32))}]}}"),
    ),
    Row(
        "2049 characters of search domains",
        pod(f"dnsConfig: {{searches: [{', '.join(c * 227 for c in 'abcdefghi')}]}}"),
    ),
    Row("a search domain in upper case", pod("dnsConfig: {searches: [Example.com]}")),
    Row(
        "a search domain with an underscore", pod("dnsConfig: {searches: [_sip._tcp.example.com]}")
    ),
    Row("the root as search domain", pod("dnsConfig: {searches: [.]}")),
    Row("a search domain with a final dot", pod("dnsConfig: {searches: [example.com.]}")),
    Row("an option without a name", pod("dnsConfig: {options: [{value: '1'}]}")),
    Row("an option that nobody knows", pod("dnsConfig: {options: [{name: whatever, value: x}]}")),
    Row("hostNetwork with ClusterFirst", pod("hostNetwork: true\ndnsPolicy: ClusterFirst")),
    Row(
        "a hostPort that differs, with hostNetwork",
        pod(
            "hostNetwork: true",
            more=f"{MAIN[:-2]}, ports: [{{containerPort: 80, hostPort: 81}}]}}]",
        ),
    ),
    Row(
        "a containerPort with hostNetwork",
        pod("hostNetwork: true", more=f"{MAIN[:-2]}, ports: [{{containerPort: 80}}]}}]"),
    ),
)

PODS = (
    Row("no containers", pod("", more="hostname: a")),
    Row("an empty list of containers", pod("", more="containers: []")),
    Row("a container without a name", pod("", more="containers: [{image: nginx}]")),
    Row("a container without an image", pod("", more="containers: [{name: main}]")),
    Row("a container in upper case", pod("", more="containers: [{name: Main, image: nginx}]")),
    Row(
        "two containers of one name",
        pod("", more="containers: [{name: a, image: b}, {name: a, image: b}]"),
    ),
    Row(
        "a mount of no volume",
        pod("", more=f"{MAIN[:-2]}, volumeMounts: [{{name: h, mountPath: /etc/hosts}}]}}]"),
    ),
    Row(
        "a mount without a path",
        pod(
            "volumes: [{name: h, emptyDir: {}}]",
            more=f"{MAIN[:-2]}, volumeMounts: [{{name: h}}]}}]",
        ),
    ),
    Row("a volume twice", pod("volumes: [{name: h, emptyDir: {}}, {name: h, emptyDir: {}}]")),
    Row(
        "two mounts at one path",
        pod(
            "volumes: [{name: h, emptyDir: {}}, {name: i, emptyDir: {}}]",
            more=f"{MAIN[:-2]}, volumeMounts: [{{name: h, mountPath: /a}}, {{name: i, mountPath: /a}}]}}]",
        ),
    ),
    Row(
        "a volume with two sources", pod("volumes: [{name: h, emptyDir: {}, hostPath: {path: /a}}]")
    ),
    Row("a volume without a source", pod("volumes: [{name: h}]")),
    Row("a hostPath with ..", pod("volumes: [{name: h, hostPath: {path: /etc/../hosts}}]")),
    Row(
        "a mount of a ConfigMap at /etc/hosts",
        pod(
            "volumes: [{name: h, configMap: {name: hosts}}]",
            more=f"{MAIN[:-2]}, volumeMounts: [{{name: h, mountPath: /etc/hosts, subPath: hosts}}]}}]",
        ),
    ),
    Row(
        "a subPath that is absolute",
        pod(
            "volumes: [{name: h, emptyDir: {}}]",
            more=f"{MAIN[:-2]}, volumeMounts: [{{name: h, mountPath: /etc/hosts, subPath: /hosts}}]}}]",
        ),
    ),
    Row("a restartPolicy that nobody knows", pod("restartPolicy: Sometimes")),
    Row("a port of 0", pod("", more=f"{MAIN[:-2]}, ports: [{{containerPort: 0}}]}}]")),
    Row("a port without a number", pod("", more=f"{MAIN[:-2]}, ports: [{{name: http}}]}}]")),
    Row(
        "a port name of 16 characters",
        pod("", more=f"{MAIN[:-2]}, ports: [{{name: aaaaaaaaaaaaaaaa, containerPort: 80}}]}}]"),
    ),
    Row(
        "a port name twice",
        pod(
            "",
            more=f"{MAIN[:-2]}, ports: [{{name: a, containerPort: 80}}, {{name: a, containerPort: 81}}]}}]",
        ),
    ),
    Row(
        "a protocol in lower case",
        pod("", more=f"{MAIN[:-2]}, ports: [{{containerPort: 80, protocol: tcp}}]}}]"),
    ),
    Row(
        "an environment variable without a name",
        pod("", more=f"{MAIN[:-2]}, env: [{{value: a}}]}}]"),
    ),
    Row(
        "an environment variable with = in its name",
        pod("", more=f"{MAIN[:-2]}, env: [{{name: a=b, value: a}}]}}]"),
    ),
    Row(
        "an environment variable with value and valueFrom",
        pod(
            "",
            more=f"{MAIN[:-2]}, env: [{{name: A, value: a, valueFrom: {{fieldRef: {{fieldPath: status.podIP}}}}}}]}}]",
        ),
    ),
    Row(
        "a field reference that nobody knows",
        pod(
            "",
            more=f"{MAIN[:-2]}, env: [{{name: A, valueFrom: {{fieldRef: {{fieldPath: status.podIp}}}}}}]}}]",
        ),
    ),
    Row("a label value with a blank", pod("", name="web, labels: {a: b c}")),
    Row("a label key with two slashes", pod("", name="web, labels: {a/b/c: d}")),
    Row("the operating system macos", pod("os: {name: macos}")),
    Row("hostNetwork on Windows", pod("os: {name: windows}\nhostNetwork: true")),
)

WORKLOADS = (
    Row(
        "a Deployment as the server takes it",
        workload(f"hostAliases: [{ALIAS}]", above="replicas: 2"),
    ),
    Row("a Deployment without a selector", workload(selector="")),
    Row("a Deployment whose selector is empty", workload(selector="selector: {}")),
    Row("a selector that does not match the labels", workload(labels="{app: api}")),
    Row(
        "a selector by expression that does not match",
        workload(
            selector="selector: {matchExpressions: [{key: app, operator: In, values: [api]}]}"
        ),
    ),
    Row(
        "a selector by expression",
        workload(selector="selector: {matchExpressions: [{key: app, operator: Exists}]}"),
    ),
    Row(
        "an operator that nobody knows",
        workload(
            selector="selector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: Is}]}"
        ),
    ),
    Row("negative replicas", workload(above="replicas: -1")),
    Row("a Deployment with restartPolicy Never", workload("restartPolicy: Never")),
    Row(
        "a Deployment without a template",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {selector: {matchLabels: {a: b}}}\n",
    ),
    Row(
        "a Deployment without a spec",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
    ),
    Row("a strategy that nobody knows", workload(above="strategy: {type: BlueGreen}")),
    Row("a Job without restartPolicy", job("")),
    Row("a Job with restartPolicy Always", job("restartPolicy: Always")),
    Row("a Job as the server takes it", job()),
    Row("an Indexed Job without completions", job(above="completionMode: Indexed")),
    Row("an Indexed Job", job(above="completionMode: Indexed\ncompletions: 2")),
    Row("a CronJob as the server takes it", cron_job()),
    Row("a CronJob with a schedule that is none", cron_job(above="schedule: every day")),
    Row("a CronJob without a schedule", cron_job(above="suspend: true")),
    Row("a ReplicaSet as the server takes it", workload(kind="ReplicaSet")),
    Row("a Deployment of extensions/v1beta1", workload(api="extensions/v1beta1")),
    Row("a Pod of apps/v1", pod("").replace("v1", "apps/v1", 1)),
    Row("a CronJob of batch/v1beta1", cron_job().replace("batch/v1", "batch/v1beta1", 1)),
    Row("a kind in lower case", pod("").replace("Pod", "pod", 1)),
    Row(
        "a PodTemplate with aliases",
        "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: web}\ntemplate: {metadata: {labels: {a: b}}, spec: {hostAliases: [{ip: x}], containers: [{name: a, image: b}]}}\n",
    ),
    Row(
        "a ReplicationController as the server takes it",
        workload(kind="ReplicationController", api="v1", selector="selector: {app: web}"),
    ),
    Row(
        "a ReplicationController that selects others",
        workload(kind="ReplicationController", api="v1", selector="selector: {app: api}"),
    ),
)

SERVICES = (
    Row("a Service as the server takes it", service("{selector: {app: web}, ports: [{port: 80}]}")),
    Row("a headless Service without ports", service("{clusterIP: None, selector: {app: web}}")),
    Row("a Service without ports", service("{selector: {app: web}}")),
    Row("a Service without a spec", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"),
    Row("a Service name with a dot", service("{ports: [{port: 80}]}", name="web.1")),
    Row("a Service name that starts with a digit", service("{ports: [{port: 80}]}", name="1web")),
    Row("a Service name of 64 characters", service("{ports: [{port: 80}]}", name="a" * 64)),
    Row("a Service name with an underscore", service("{ports: [{port: 80}]}", name="my_web")),
    Row("clusterIP none", service("{clusterIP: none, ports: [{port: 80}]}")),
    Row("clusterIP that is no address", service("{clusterIP: headless, ports: [{port: 80}]}")),
    Row("type clusterIP", service("{type: clusterIP, ports: [{port: 80}]}")),
    Row("type Headless", service("{type: Headless, ports: [{port: 80}]}")),
    Row("an ExternalName", service("{type: ExternalName, externalName: example.com}")),
    Row(
        "an ExternalName with a final dot",
        service("{type: ExternalName, externalName: example.com.}"),
    ),
    Row("an ExternalName without externalName", service("{type: ExternalName}")),
    Row(
        "an ExternalName that is a URL",
        service('{type: ExternalName, externalName: "https://example.com"}'),
    ),
    Row(
        "an ExternalName in upper case", service("{type: ExternalName, externalName: Example.com}")
    ),
    Row(
        "an ExternalName with an underscore",
        service("{type: ExternalName, externalName: a_b.example.com}"),
    ),
    Row(
        "an ExternalName that is an address",
        service("{type: ExternalName, externalName: 10.1.2.3}"),
    ),
    Row(
        "an ExternalName with clusterIP None",
        service("{type: ExternalName, externalName: example.com, clusterIP: None}"),
    ),
    Row(
        "an externalName without its type",
        service("{externalName: example.com, ports: [{port: 80}]}"),
    ),
    Row("two ports without names", service("{ports: [{port: 80}, {port: 81}]}")),
    Row("two ports of one name", service("{ports: [{name: a, port: 80}, {name: a, port: 81}]}")),
    Row("one port number twice", service("{ports: [{name: a, port: 80}, {name: b, port: 80}]}")),
    Row(
        "one port number with two protocols",
        service("{ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}"),
    ),
    Row("a port without a number in a Service", service("{ports: [{name: a}]}")),
    Row("a port above 65535", service("{ports: [{port: 65536}]}")),
    Row("a port name in upper case", service("{ports: [{name: HTTP, port: 80}]}")),
    Row("a port name with an underscore", service("{ports: [{name: a_b, port: 80}]}")),
    Row("a protocol of a Service in lower case", service("{ports: [{port: 80, protocol: udp}]}")),
    Row("a targetPort that is no name", service("{ports: [{port: 80, targetPort: a_b}]}")),
    Row("a targetPort of 0", service("{ports: [{port: 80, targetPort: 0}]}")),
    Row(
        "clusterIP None of a NodePort",
        service("{type: NodePort, clusterIP: None, ports: [{port: 80}]}"),
    ),
    Row(
        "clusterIP None of a LoadBalancer",
        service("{type: LoadBalancer, clusterIP: None, ports: [{port: 80}]}"),
    ),
    Row("an external IP that is none", service("{ports: [{port: 80}], externalIPs: [a.example]}")),
    Row("a selector with a blank", service("{selector: {app: a b}, ports: [{port: 80}]}")),
    Row(
        "sessionAffinity that nobody knows",
        service("{ports: [{port: 80}], sessionAffinity: Cookie}"),
    ),
    Row(
        "an ipFamilyPolicy that nobody knows",
        service("{ports: [{port: 80}], ipFamilyPolicy: Dual}"),
    ),
)

OTHERS = (
    Row("a ConfigMap as the server takes it", config_map("data: {hosts: a}")),
    Row("a ConfigMap with a key that has a slash", config_map("data: {etc/hosts: a}")),
    Row("a ConfigMap with a key of two dots", config_map("data: {..: a}")),
    Row("one key in data and in binaryData", config_map("data: {a: b}\nbinaryData: {a: YQ==}")),
    Row(
        "an EndpointSlice as the server takes it",
        slices("addressType: IPv4\nendpoints: [{addresses: [10.1.2.3]}]\nports: [{port: 80}]"),
    ),
    Row("an EndpointSlice without an addressType", slices("endpoints: [{addresses: [10.1.2.3]}]")),
    Row("an EndpointSlice without endpoints", slices("addressType: IPv4")),
    Row(
        "an EndpointSlice of another family",
        slices("addressType: IPv4\nendpoints: [{addresses: ['2001:db8::1']}]"),
    ),
    Row(
        "an EndpointSlice with a loopback address",
        slices("addressType: IPv4\nendpoints: [{addresses: [127.0.0.1]}]"),
    ),
    Row(
        "an EndpointSlice with a name as address",
        slices("addressType: IPv4\nendpoints: [{addresses: [a.example]}]"),
    ),
    Row(
        "an EndpointSlice with FQDN",
        slices("addressType: FQDN\nendpoints: [{addresses: [a.example]}]"),
    ),
    Row("an endpoint without addresses", slices("addressType: IPv4\nendpoints: [{addresses: []}]")),
    Row(
        "an endpoint with a hostname that has a dot",
        slices("addressType: IPv4\nendpoints: [{addresses: [10.1.2.3], hostname: a.b}]"),
    ),
    Row(
        "an EndpointSlice with a port name in upper case",
        slices("addressType: IPv4\nports: [{name: HTTP, port: 80}]\nendpoints: []"),
    ),
    Row(
        "an Endpoints object as the server takes it",
        endpoints("subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80}]}]"),
    ),
    Row(
        "an Endpoints address that is a name",
        endpoints("subsets: [{addresses: [{ip: a.example}]}]"),
    ),
    Row(
        "an Endpoints address that is loopback",
        endpoints("subsets: [{addresses: [{ip: 127.0.0.1}]}]"),
    ),
    Row("an Endpoints subset without addresses", endpoints("subsets: [{ports: [{port: 80}]}]")),
    Row(
        "an Endpoints address with a hostname that has a dot",
        endpoints("subsets: [{addresses: [{ip: 10.1.2.3, hostname: a.b}]}]"),
    ),
    Row("a Namespace with a dot", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}\n"),
    Row(
        "a Secret as the server takes it",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {a: b}\n",
    ),
    Row(
        "a ServiceAccount with a dot",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a.b}\n",
    ),
    Row("an object without a name", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"),
    Row("an object without metadata", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n"),
)

SET = {"kind": "StatefulSet", "above": "serviceName: web"}
OF_DISK = f"{MAIN[:-2]}, volumeMounts: [{{name: disk, mountPath: /a}}]}}]"
CLAIMED = (
    "serviceName: web\nvolumeClaimTemplates: [{metadata: {name: disk}, spec: {accessModes: "
    "[ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]"
)


def with_probe(probe: str) -> str:
    """A Pod whose container has a livenessProbe."""
    return pod("", more=f"{MAIN[:-2]}, livenessProbe: {probe}}}]")


def with_port(port: str) -> str:
    """A Pod whose container has one port, or several."""
    return pod("", more=f"{MAIN[:-2]}, ports: [{port}]}}]")


EVERY_WORKLOAD = (
    Row(
        "the aliases of a StatefulSet", workload("hostAliases: [{ip: x, hostnames: [A_B]}]", **SET)
    ),
    Row(
        "a StatefulSet without containers", workload("hostname: a", more="hostNetwork: true", **SET)
    ),
    Row("a StatefulSet whose mount has no volume", workload(more=OF_DISK, **SET)),
    Row(
        "a mount of a volumeClaimTemplate",
        workload(kind="StatefulSet", above=CLAIMED, more=OF_DISK),
    ),
    Row("a StatefulSet with restartPolicy Never", workload("restartPolicy: Never", **SET)),
    Row("a StatefulSet without a selector", workload(selector="", **SET)),
    Row(
        "a StatefulSet whose selector is empty",
        workload(kind="StatefulSet", selector="selector: {}"),
    ),
    Row(
        "the updateStrategy of a StatefulSet",
        workload(kind="StatefulSet", above="updateStrategy: {type: X}"),
    ),
    Row(
        "the podManagementPolicy of a StatefulSet",
        workload(kind="StatefulSet", above="podManagementPolicy: X"),
    ),
    Row(
        "the aliases of a DaemonSet",
        workload("hostAliases: [{ip: x, hostnames: [a]}]", kind="DaemonSet"),
    ),
    Row("a DaemonSet without a selector", workload(selector="", kind="DaemonSet")),
    Row(
        "the updateStrategy of a DaemonSet",
        workload(above="updateStrategy: {type: X}", kind="DaemonSet"),
    ),
    Row("the aliases of a ReplicaSet", workload("hostAliases: [{ip: x}]", kind="ReplicaSet")),
    Row("a ReplicaSet without a selector", workload(selector="", kind="ReplicaSet")),
    Row(
        "the aliases of a ReplicationController",
        workload("hostAliases: [{ip: x}]", kind="ReplicationController", api="v1", selector=""),
    ),
    Row(
        "a Job with a selector of its own",
        workload("restartPolicy: Never", kind="Job", api="batch/v1"),
    ),
    Row("a completionMode that nobody knows", job(above="completionMode: X")),
    Row("a Job with a negative parallelism", job(above="parallelism: -1")),
    Row("a CronJob with @daily", cron_job(above='schedule: "@daily"')),
    Row("a CronJob at minute 61", cron_job(above='schedule: "61 * * * *"')),
    Row("a CronJob with steps and ranges", cron_job(above='schedule: "*/15 1-5 1,15 * 0-6/2"')),
    Row(
        "a concurrencyPolicy that nobody knows",
        cron_job(above='schedule: "1 * * * *"\nconcurrencyPolicy: X'),
    ),
    Row("the aliases of a CronJob", cron_job("restartPolicy: Never\nhostAliases: [{ip: x}]")),
    Row("a label of a template with a blank", workload(labels="{app: 'a b'}")),
)

MORE_OF_PODS = (
    Row(
        "ephemeral containers of a template", workload("ephemeralContainers: [{name: e, image: a}]")
    ),
    Row("ephemeral containers of a Pod", pod("ephemeralContainers: [{name: e, image: a}]")),
    Row(
        "a Secret and a ConfigMap without names",
        pod("volumes: [{name: h, secret: {}}, {name: c, configMap: {}}]"),
    ),
    Row("a hostPath without a path", pod("volumes: [{name: h, hostPath: {}}]")),
    Row(
        "a hostPath type in lower case",
        pod("volumes: [{name: h, hostPath: {path: /etc/hosts, type: file}}]"),
    ),
    Row(
        "a hostPath of the node's hosts file",
        pod("volumes: [{name: h, hostPath: {path: /etc/hosts, type: File}}]"),
    ),
    Row(
        "a projected ConfigMap without a name",
        pod("volumes: [{name: h, projected: {sources: [{configMap: {items: []}}]}}]"),
    ),
    Row(
        "two files of one path in a projected volume",
        pod(
            "volumes: [{name: h, projected: {sources: [{configMap: {name: a, items: [{key: k, "
            "path: f}]}}, {secret: {name: b, items: [{key: k, path: f}]}}]}}]"
        ),
    ),
    Row(
        "two files of two paths in a projected volume",
        pod(
            "volumes: [{name: h, projected: {sources: [{configMap: {name: a, items: [{key: k, "
            "path: f}]}}, {secret: {name: b, items: [{key: k, path: g}]}}]}}]"
        ),
    ),
    Row(
        "a token in place of a file of the downward API",
        pod(
            "volumes: [{name: h, projected: {sources: [{downwardAPI: {items: [{path: f, fieldRef: "
            "{fieldPath: metadata.name}}]}}, {serviceAccountToken: {path: f}}]}}]"
        ),
    ),
    Row(
        "two projections of one path in one ConfigMap",
        pod(
            "volumes: [{name: h, projected: {sources: [{configMap: {name: a, items: [{key: k, "
            "path: f}, {key: l, path: f}]}}]}}]"
        ),
    ),
    Row(
        "two projections of one path, none of them projected",
        pod(
            "volumes: [{name: h, configMap: {name: a, items: [{key: k, path: f}, "
            "{key: l, path: f}]}}]"
        ),
    ),
    Row(
        "binaryData as numbers",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {b: [104, null, 255]}\n",
    ),
    Row(
        "binaryData as truth values",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {b: [true]}\n",
    ),
    Row(
        "binaryData that is a list",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: [a]\n",
    ),
    Row(
        "an item with an absolute path",
        pod("volumes: [{name: h, configMap: {name: a, items: [{key: a, path: /b}]}}]"),
    ),
    Row("an init container of the same name", pod("initContainers: [{name: main, image: a}]")),
    Row(
        "subPath beside subPathExpr",
        pod(
            "volumes: [{name: disk, emptyDir: {}}]",
            more=OF_DISK.replace("/a", "/a, subPath: a, subPathExpr: b"),
        ),
    ),
    Row(
        "a subPath that climbs",
        pod(
            "volumes: [{name: disk, emptyDir: {}}]",
            more=OF_DISK.replace("/a", "/a, subPath: a/../b"),
        ),
    ),
    Row("a probe without a port", with_probe("{httpGet: {path: /}}")),
    Row("a probe with two handlers", with_probe("{httpGet: {port: 1}, tcpSocket: {port: 2}}")),
    Row("a probe without a handler", with_probe("{periodSeconds: 1}")),
    Row("a probe by the port's name", with_probe("{httpGet: {port: http}}")),
    Row("a probe by command", with_probe("{exec: {command: ['true']}}")),
    Row("imagePullPolicy in lower case", pod("", more=f"{MAIN[:-2]}, imagePullPolicy: always}}]")),
    Row("envFrom without a source", pod("", more=f"{MAIN[:-2]}, envFrom: [{{prefix: a}}]}}]")),
    Row(
        "requests above the limits",
        pod("", more=f"{MAIN[:-2]}, resources: {{limits: {{cpu: 500m}}, requests: {{cpu: 1}}}}}}]"),
    ),
    Row(
        "requests as the limits",
        pod(
            "",
            more=f"{MAIN[:-2]}, resources: {{limits: {{memory: 1Gi}}, requests: {{memory: 1024Mi}}}}}}]",
        ),
    ),
    Row("a nodeName in upper case", pod("nodeName: Node-1")),
    Row("a toleration whose operator nobody knows", pod("tolerations: [{key: a, operator: X}]")),
    Row("a nodeSelector with a blank", pod("nodeSelector: {a: 'b c'}")),
    Row("a hostPort above 65535", with_port("{containerPort: 80, hostPort: 99999}")),
    Row(
        "a hostPort twice",
        with_port("{containerPort: 80, hostPort: 81}, {containerPort: 82, hostPort: 81}"),
    ),
    Row("a Job with an empty selector", job(above="selector: {}")),
    Row("a Job with a selector", job(above="selector: {matchLabels: {app: web}}")),
    Row(
        "a Job with an expression",
        job(above="selector: {matchExpressions: [{key: a, operator: Exists}]}"),
    ),
    Row(
        "a label's value with a dollar",
        pod("", top="").replace("{name: web}", '{name: web, labels: {a: "$HOST"}}', 1),
    ),
    Row("a generated name", pod("", name="web").replace("name: web", "generateName: web-", 1)),
    Row(
        "a generated name in upper case",
        pod("", name="web").replace("name: web", "generateName: Web-", 1),
    ),
    Row("no apiVersion", "kind: Pod\nmetadata: {name: a}\n"),
)

MORE_OF_SERVICES = (
    Row(
        "externalTrafficPolicy of a ClusterIP",
        service("{ports: [{port: 80}], externalTrafficPolicy: Local}"),
    ),
    Row("a nodePort of a ClusterIP", service("{ports: [{port: 80, nodePort: 30080}]}")),
    Row(
        "clusterIPs that contradict clusterIP",
        service("{clusterIP: None, clusterIPs: ['10.1.2.3'], ports: [{port: 80}]}"),
    ),
    Row(
        "None beside an address",
        service("{clusterIP: None, clusterIPs: [None, 10.1.2.3], ports: [{port: 80}]}"),
    ),
    Row("an IP family given twice", service("{ipFamilies: [IPv4, IPv4], ports: [{port: 80}]}")),
    Row("both IP families", service("{ipFamilies: [IPv6, IPv4], ports: [{port: 80}]}")),
    Row(
        "both IP families of a policy for two",
        service("{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6, IPv4], ports: [{port: 80}]}"),
    ),
    Row(
        "both IP families of a headless Service",
        service("{clusterIP: None, selector: {a: b}, ipFamilies: [IPv6, IPv4]}"),
    ),
    Row(
        "both IP families of a headless Service without a selector",
        service("{clusterIP: None, ipFamilies: [IPv6, IPv4]}"),
    ),
    Row("an IP family that nobody knows", service("{ipFamilies: [IPv5], ports: [{port: 80}]}")),
    Row(
        "an external IP that is loopback",
        service("{ports: [{port: 80}], externalIPs: [127.0.0.1]}"),
    ),
    Row("an endpoint of 0.0.0.0", slices("addressType: IPv4\nendpoints: [{addresses: [0.0.0.0]}]")),
    Row(
        "an endpoint of a link's own",
        slices("addressType: IPv4\nendpoints: [{addresses: [169.254.1.1]}]"),
    ),
    Row(
        "an endpoint of multicast",
        slices("addressType: IPv4\nendpoints: [{addresses: [224.0.0.5]}]"),
    ),
    Row(
        "an endpoint with leading zeros",
        slices("addressType: IPv4\nendpoints: [{addresses: [010.1.2.3]}]"),
    ),
    Row("an Endpoints address of 0.0.0.0", endpoints("subsets: [{addresses: [{ip: 0.0.0.0}]}]")),
    Row(
        "ports of Endpoints without names",
        endpoints("subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80}, {port: 81}]}]"),
    ),
    Row(
        "a port of Endpoints in upper case",
        endpoints("subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80, name: A}]}]"),
    ),
    Row(
        "a Role with a colon",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: 'a:B_c'}\nrules: []\n",
    ),
    Row(
        "a ServiceAccount in upper case",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: A}\n",
    ),
    Row(
        "an Ingress without pathType",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: a, http:"
        " {paths: [{path: /, backend: {service: {name: a, port: {number: 80}}}}]}}]}\n",
    ),
    Row(
        "an annotation's key with an upper case prefix",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {'A/B': c}}\n",
    ),
    Row(
        "a PersistentVolumeClaim",
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
    ),
)


def inside(text: str) -> str:
    """A Pod whose container has TEXT, too."""
    return pod("", more=f"containers: [{{name: main, image: nginx, {text}}}]")


def affinity(terms: str) -> str:
    """A Pod with these terms of required node affinity."""
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    return pod(f"affinity: {{nodeAffinity: {{{required}: {{nodeSelectorTerms: [{terms}]}}}}}}")


def claims(spec: str) -> str:
    """A StatefulSet with a claim of this SPEC."""
    return workload(
        kind="StatefulSet",
        above=f"serviceName: web\nvolumeClaimTemplates: [{{metadata: {{name: a}}, {spec}}}]",
    )


# What mutations of manifests had another verdict for: values wherever they stand (values.py).
VALUES = (
    Row("no such terminationMessagePolicy", inside("terminationMessagePolicy: file")),
    Row("a terminationMessagePolicy", inside("terminationMessagePolicy: File")),
    Row(
        "a probe's scheme in lower case",
        inside("livenessProbe: {httpGet: {port: 80, scheme: http}}"),
    ),
    Row(
        "a header's name with a blank",
        inside("livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: a b, value: c}]}}"),
    ),
    Row(
        "a negative period of a probe",
        inside("livenessProbe: {httpGet: {port: 80}, periodSeconds: -1}"),
    ),
    Row("an exec probe without command", inside("livenessProbe: {exec: {}}")),
    Row("a hook without a handler", inside("lifecycle: {preStop: {}}")),
    Row(
        "a hook with a port in upper case", inside("lifecycle: {preStop: {httpGet: {port: HTTP}}}")
    ),
    Row("a hook without a port", inside("lifecycle: {preStop: {httpGet: {path: /a}}}")),
    Row("a hook", inside("lifecycle: {preStop: {httpGet: {port: http}}}")),
    Row("valueFrom nothing", inside("env: [{name: A, valueFrom: {}}]")),
    Row(
        "valueFrom two sources",
        inside(
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}, configMapKeyRef: {name: a, key: b}}}]"
        ),
    ),
    Row(
        "a key of a ConfigMap without its name",
        inside("env: [{name: A, valueFrom: {configMapKeyRef: {key: b}}}]"),
    ),
    Row(
        "a key that no ConfigMap has",
        inside("env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: 5%}}}]"),
    ),
    Row(
        "no such resource of a container",
        inside("env: [{name: A, valueFrom: {resourceFieldRef: {resource: cpu}}}]"),
    ),
    Row(
        "a resource of a container",
        inside("env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]"),
    ),
    Row(
        "envFrom a ConfigMap without a name", inside("envFrom: [{configMapRef: {optional: true}}]")
    ),
    Row("a prefix beyond ASCII", inside("envFrom: [{prefix: '\u00e9', configMapRef: {name: a}}]")),
    Row("a resource in another case", inside("resources: {limits: {Cpu: 1}}")),
    Row("a resource of somebody else's", inside("resources: {limits: {example.com/gpu: 1}}")),
    Row("a negative request", inside("resources: {requests: {cpu: -1}}")),
    Row(
        "a limit of null below its request",
        inside("resources: {requests: {cpu: 1}, limits: {cpu: null}}"),
    ),
    Row("a quantity with two dots", inside("resources: {limits: {cpu: 1.2.3}}")),
    Row("a toleration of nothing", pod("tolerations: [{operator: Equal, value: a}]")),
    Row("a toleration of everything", pod("tolerations: [{operator: Exists}]")),
    Row(
        "a toleration's seconds without NoExecute",
        pod("tolerations: [{key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 5}]"),
    ),
    Row("a value beside Exists", pod("tolerations: [{key: a, operator: Exists, value: b}]")),
    Row("In without values", affinity("{matchExpressions: [{key: a, operator: In}]}")),
    Row(
        "Exists with values",
        affinity("{matchExpressions: [{key: a, operator: Exists, values: [b]}]}"),
    ),
    Row(
        "Gt with two values",
        affinity("{matchExpressions: [{key: a, operator: Gt, values: ['1', '2']}]}"),
    ),
    Row(
        "an operator in another case",
        affinity("{matchExpressions: [{key: a, operator: in, values: [b]}]}"),
    ),
    Row(
        "a term of node affinity",
        affinity("{matchExpressions: [{key: a, operator: In, values: [b]}]}"),
    ),
    Row(
        "no such whenUnsatisfiable",
        pod("topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: Never}]"),
    ),
    Row(
        "a skew of 0",
        pod(
            "topologySpreadConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]"
        ),
    ),
    Row(
        "a spread by any text",
        pod(
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: 5%, whenUnsatisfiable: DoNotSchedule}]"
        ),
    ),
    Row(
        "two spreads that nothing tells apart",
        pod(
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: "
            "DoNotSchedule}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]"
        ),
    ),
    Row(
        "two spreads of one topology",
        pod(
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: "
            "DoNotSchedule}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]"
        ),
    ),
    Row(
        "a sysctl given twice",
        pod(
            "securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}, "
            "{name: net.core.somaxconn, value: '2'}]}"
        ),
    ),
    Row("a sysctl with a blank", pod("securityContext: {sysctls: [{name: a b, value: c}]}")),
    Row("a sysctl without value", pod("securityContext: {sysctls: [{name: net.core.somaxconn}]}")),
    Row("a negative fsGroup", pod("securityContext: {fsGroup: -1}")),
    Row("a node's label in upper case before its slash", pod("nodeSelector: {A/b: c}")),
    Row("a mode beyond 0777", pod("volumes: [{name: a, configMap: {name: b, defaultMode: 777}}]")),
    Row("a mode in octal", pod("volumes: [{name: a, configMap: {name: b, defaultMode: 0777}}]")),
    Row("a file of no field", pod("volumes: [{name: a, downwardAPI: {items: [{path: b}]}}]")),
    Row(
        "a file of a field that files cannot have",
        pod(
            "volumes: [{name: a, downwardAPI: {items: [{path: b, fieldRef: {fieldPath: status.podIP}}]}}]"
        ),
    ),
    Row(
        "a file outside its volume",
        pod(
            "volumes: [{name: a, downwardAPI: {items: [{path: /b, fieldRef: {fieldPath: metadata.name}}]}}]"
        ),
    ),
    Row(
        "a token of a second",
        pod(
            "volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: b, expirationSeconds: 1}}]}}]"
        ),
    ),
    Row("an emptyDir of less than nothing", pod("volumes: [{name: a, emptyDir: {sizeLimit: -1}}]")),
    Row(
        "a share without a percent sign",
        workload(above="strategy: {rollingUpdate: {maxSurge: '25'}}"),
    ),
    Row("a share", workload(above="strategy: {rollingUpdate: {maxSurge: 25%}}")),
    Row(
        "a rollout that may change nothing",
        workload(above="strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}"),
    ),
    Row(
        "a deadline before a pod can be ready",
        workload(above="minReadySeconds: 9\nprogressDeadlineSeconds: 9"),
    ),
    Row("a claim without a mode", claims("spec: {resources: {requests: {storage: 1Gi}}}")),
    Row("a claim of no size", claims("spec: {accessModes: [ReadWriteOnce]}")),
    Row(
        "a claim of size 0",
        claims("spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}"),
    ),
    Row(
        "a claim of no such mode",
        claims("spec: {accessModes: [RWO], resources: {requests: {storage: 1Gi}}}"),
    ),
    Row(
        "a claim",
        claims("spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"),
    ),
    Row(
        "an Indexed Job of some pods at once", job(above="completionMode: Indexed\nparallelism: 2")
    ),
    Row("a negative backoffLimit", job(above="backoffLimit: -1")),
    Row("a rule of no condition", job(above="podFailurePolicy: {rules: [{action: Ignore}]}")),
    Row("no such time zone", cron_job(above='schedule: "*/5 * * * *"\ntimeZone: Mars/Olympus')),
    Row("a time zone", cron_job(above='schedule: "*/5 * * * *"\ntimeZone: Europe/Berlin')),
    Row("a Service's appProtocol with a blank", service("{ports: [{port: 80, appProtocol: a b}]}")),
    Row(
        "an empty internalTrafficPolicy",
        service("{internalTrafficPolicy: '', ports: [{port: 80}]}"),
    ),
    Row(
        "a client's hour of none",
        service(
            "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}, ports: [{port: 80}]}"
        ),
    ),
    Row(
        "an endpoint on a node in upper case",
        slices("addressType: IPv4\nendpoints: [{addresses: [10.1.2.3], nodeName: A}]"),
    ),
    Row("bytes as a list", config_map("binaryData: {a: [1, 2]}")),
)

TABLE: tuple[Row, ...] = (
    *EVERY_WORKLOAD,
    *MORE_OF_PODS,
    *MORE_OF_SERVICES,
    *UNKNOWN_FIELDS,
    *WRONG_TYPES,
    *TWICE,
    *HOST_ALIASES,
    *POD_NAMES,
    *DNS,
    *PODS,
    *WORKLOADS,
    *SERVICES,
    *OTHERS,
    *VALUES,
)
