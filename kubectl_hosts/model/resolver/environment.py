"""A resolver as it stands in one container: its row, its files and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.evidence import HOST_CONF, HOSTS, NSSWITCH_CONF, RESOLV_CONF
from kubectl_hosts.model.hosts import readers
from kubectl_hosts.model.hosts.file import HostsFile, parse_hosts_file
from kubectl_hosts.model.resolver.nsswitch import FILES_DNS, NssHosts, parse_nsswitch
from kubectl_hosts.model.resolver.resolv_conf import (
    ResolvConf,
    Setting,
    parse_resolv_conf,
    set_options,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.hosts.readers import HostsReader
    from kubectl_hosts.model.resolver.libc import StubResolver


_SWITCH = {"on": True, "off": False}


def reads_all_lines(data: bytes) -> bool:
    """What glibc's host.conf says of `multi`, which is off by default; of several the last counts.

    `order` is read and without effect since nsswitch.conf decides. Keywords and `on`/`off` are
    compared without regard to case: res_hconf.c.
    """
    multi = False
    for line in data.decode("utf-8", "replace").split("\n"):
        words = [each.lower() for each in line.partition("#")[0].split()]
        if words[:1] == ["multi"]:
            multi = _SWITCH.get("".join(words[1:2]), multi)
    return multi


class Families(Struct, frozen=True, kw_only=True):
    """What a program asks for, and what the pod has; getaddrinfo(3) AI_ADDRCONFIG.

    With addrconfig glibc asks only for families of which the pod has an address that is not a
    loopback one. getent ahosts sets it; a plain getaddrinfo call does not.
    """

    asked: Family = Family.UNSPEC
    addrconfig: bool = False
    has_ipv4: bool = True
    has_ipv6: bool = True

    @property
    def effective(self) -> Family:
        """The family that is looked up in the end."""
        if self.asked is Family.UNSPEC and self.addrconfig and self.has_ipv4 != self.has_ipv6:
            return Family.INET if self.has_ipv4 else Family.INET6
        return self.asked


class Resolver(Struct, frozen=True, kw_only=True):
    """Everything a lookup in one container depends on, the nameservers' answers apart."""

    stub: StubResolver
    hosts: HostsFile = field(default_factory=HostsFile)
    hosts_unknown: str = ""
    """What of the hosts file nobody read, in words: a name that is not in `hosts` may be there."""
    hosts_to_come: tuple[str, ...] = ()
    """The pod's own names, whose lines the kubelet writes once the pod has an address."""
    nss: NssHosts = FILES_DNS
    multi: bool = False
    """`multi` of host.conf: every line of a name counts."""
    resolv_conf: ResolvConf = field(default_factory=ResolvConf)
    host_aliases: tuple[tuple[str, str], ...] = ()
    """The pairs of the HOSTALIASES file: a name without dots, and what stands for it."""
    nss_libraries: frozenset[str] | None = None
    """Services whose libnss_*.so.2 is in the image; None where nobody looked."""
    hostname: str = ""
    families: Families = field(default_factory=Families)

    @property
    def hosts_reader(self) -> HostsReader:
        """How this resolver reads the hosts file, host.conf's `multi` included."""
        if self.stub.reads_host_conf and self.multi:
            return readers.GLIBC_MULTI
        return self.stub.hosts_reader


def hosts_gap(name: str, resolver: Resolver) -> str:
    """What has to be known to tell that the hosts file does not have NAME, "" for nothing."""
    key = resolver.hosts_reader.key
    asked = key(name.encode("utf-8", "surrogateescape"))
    if any(key(each.encode()) == asked for each in resolver.hosts_to_come):
        return "the pod's own IP, which it does not have yet"
    return resolver.hosts_unknown


def make_resolver(
    stub: StubResolver, files: Mapping[str, bytes], environment: Mapping[str, str] | None = None
) -> Resolver:
    """The resolver that STUB is with these files (path to bytes; absent is missing).

    The environment counts for glibc alone (resolv.conf(5), hostname(7)): LOCALDOMAIN replaces the
    search list, RES_OPTIONS adds options, RESOLV_MULTI overrides host.conf, HOSTALIASES names a
    file that FILES should hold under its path.
    """
    variables = environment if environment and stub.reads_environment else {}
    default = stub.nsswitch_default
    written = parse_nsswitch(files.get(NSSWITCH_CONF, b"")) if default else None
    host_conf = files.get(HOST_CONF, b"")
    if "RESOLV_MULTI" in variables:
        host_conf = f"multi {variables['RESOLV_MULTI']}".encode()
    return Resolver(
        stub=stub,
        hosts=parse_hosts_file(files.get(HOSTS, b"")),
        nss=written or default or FILES_DNS,
        multi=reads_all_lines(host_conf),
        resolv_conf=_resolv_conf(files.get(RESOLV_CONF, b""), stub, variables),
        host_aliases=_host_aliases(files.get(variables.get("HOSTALIASES", ""), b"")),
    )


def _resolv_conf(data: bytes, stub: StubResolver, variables: Mapping[str, str]) -> ResolvConf:
    conf = parse_resolv_conf(data, stub.resolv_conf_reader)
    if "LOCALDOMAIN" in variables:
        words = variables["LOCALDOMAIN"].split()
        conf = replace(conf, search=tuple(Setting(word) for word in words))
    options = tuple(Setting(word) for word in variables.get("RES_OPTIONS", "").split())
    return set_options(conf, options, stub.resolv_conf_reader)


def _host_aliases(data: bytes) -> tuple[tuple[str, str], ...]:
    """hostname(7), "HOSTALIASES": one alias and one name on a line."""
    lines = (line.split() for line in data.decode("utf-8", "replace").split("\n"))
    return tuple((words[0], words[1]) for words in lines if len(words) >= 2)
