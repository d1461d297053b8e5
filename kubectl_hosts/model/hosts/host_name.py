"""A pod's own name and domain: pkg/kubelet/kubelet_pods.go GeneratePodHostNameAndDomain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import BadInput

if TYPE_CHECKING:
    from kubectl_hosts.model.hosts.file import HostsFile
    from kubectl_hosts.model.pod import Pod

HOSTNAME_LIMIT = 63  # pkg/kubelet/util/util.go truncatePodHostnameIfNeeded
UTS_LIMIT = 64  # the kernel's __NEW_UTS_LEN; pkg/kubelet/util/util.go GetNodenameForKernel
DEFAULT_CLUSTER_DOMAIN = "cluster.local"

# k8s.io/apimachinery/pkg/util/validation: IsDNS1123Label, IsDNS1123Subdomain
_DNS1123_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS1123_SUBDOMAIN = rf"{_DNS1123_LABEL}(\.{_DNS1123_LABEL})*"


class HostName(NamedTuple):
    """The name that the kubelet writes for the pod; domain is "" without a subdomain."""

    name: str
    domain: str = ""

    @property
    def fqdn(self) -> str:
        """`name.domain`, or the name alone."""
        return f"{self.name}.{self.domain}" if self.domain else self.name


class ClusterDomain(NamedTuple):
    """The cluster domain without its final dot."""

    text: str
    assumed: bool = False


class FQDNTooLong(NamedTuple):
    """setHostnameAsFQDN asks for a host name that the kernel cannot hold: the pod never starts."""

    fqdn: str


def truncate_host_name(name: str) -> str:
    """At most 63 characters of NAME, without the `-` and `.` that the cut leaves at the end."""
    return name if len(name) <= HOSTNAME_LIMIT else name[:HOSTNAME_LIMIT].rstrip("-.")


def pod_host_name(pod: Pod, *, cluster_domain: str, hostname_override: bool) -> HostName:
    """The pod's host name and domain; HOSTNAME_OVERRIDE is the gate HostnameOverride.

    Raises BadInput where the kubelet refuses the pod for its hostname, subdomain or override.
    """
    if hostname_override and pod.hostname_override is not None:
        _require_valid("HostnameOverride", pod.hostname_override, _DNS1123_SUBDOMAIN)
        return HostName(truncate_host_name(pod.hostname_override))
    if pod.hostname:
        _require_valid("Hostname", pod.hostname, _DNS1123_LABEL)
    if not pod.subdomain:
        return HostName(truncate_host_name(pod.hostname or pod.name))
    _require_valid("Subdomain", pod.subdomain, _DNS1123_LABEL)
    domain = f"{pod.subdomain}.{pod.namespace}.svc.{cluster_domain}"
    return HostName(truncate_host_name(pod.hostname or pod.name), domain)


def _require_valid(field: str, value: str, form: str) -> None:
    what = "label" if form == _DNS1123_LABEL else "subdomain"
    problem = ""
    if form == _DNS1123_LABEL and len(value) > HOSTNAME_LIMIT:
        problem = f": must be no more than {HOSTNAME_LIMIT} characters"
    elif re.fullmatch(form, value) is None:
        problem = ": lower case letters, digits and '-' only, a letter or digit at both ends"
    if problem:
        raise BadInput(
            f'pod {field} "{value}" is not a valid DNS {what}{problem}',
            hint="The API server refuses such a pod, and the kubelet does not start it.",
        )


def uts_hostname(host_name: HostName, *, set_hostname_as_fqdn: bool) -> str | FQDNTooLong:
    """What `hostname` prints in the pod (not with hostNetwork): GetNodenameForKernel."""
    if not set_hostname_as_fqdn or not host_name.domain:
        return host_name.name
    fqdn = host_name.fqdn
    return FQDNTooLong(fqdn) if len(fqdn) > UTS_LIMIT else fqdn


def learn_cluster_domain(
    pod: Pod, *, resolv_conf: bytes = b"", observed: HostsFile | None = None
) -> ClusterDomain:
    """The cluster domain from the pod's own files, in order of trust, else the usual one.

    cluster-dns.md section 4: the kubelet puts `NAMESPACE.svc.DOMAIN` in the search list; then the
    own line of the hosts file (hosts-file.md 7.2), which someone in the pod may have edited.
    """
    searched = _domain_searched(resolv_conf, pod.namespace)
    if searched:
        return ClusterDomain(searched)
    written = _domain_written(observed, pod) if observed is not None else ""
    if written:
        return ClusterDomain(written)
    return ClusterDomain(DEFAULT_CLUSTER_DOMAIN, assumed=True)


def _domain_searched(resolv_conf: bytes, namespace: str) -> str:
    searches = [
        line.split()[1:]
        for line in resolv_conf.decode("utf-8", "replace").splitlines()
        if line.startswith(("search ", "search\t"))
    ]
    prefix = f"{namespace}.svc."
    return next(
        (
            entry[len(prefix) :].rstrip(".")
            for entry in (searches[-1] if searches else ())  # resolv.conf(5): the last one wins
            if entry.startswith(prefix)
        ),
        "",
    )


def _domain_written(observed: HostsFile, pod: Pod) -> str:
    if not pod.subdomain:
        return ""
    own = truncate_host_name(pod.hostname or pod.name)
    prefix = f"{own}.{pod.subdomain}.{pod.namespace}.svc."
    entries = (line.entry for line in observed.lines)
    return next(
        (
            entry.names[0][len(prefix) :]
            for entry in entries
            if entry is not None and entry.names[1:] == (own,) and entry.names[0].startswith(prefix)
        ),
        "",
    )
