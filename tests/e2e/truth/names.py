"""The names of the matrix, and the kind of source that each has where cluster DNS answers it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A name as typed, and the kind of origin when DNS gives it addresses ("" for never).

    few: asked even where a name takes seconds; core: in every pod; else in the plainest alone.
    """

    text: str
    kind: str = ""
    asked: str = "all"


def _rows(kind: str, asked: str, texts: str) -> tuple[Name, ...]:
    return tuple(Name(text, kind, asked) for text in texts.split())


_LONG = ".".join(["x" * 49] * 5)  # 249 bytes: a name, but with no search domain behind it

NAMES: tuple[Name, ...] = (
    *_rows("Service", "few", "redis redis.{ns}.svc.cluster.local."),
    *_rows(
        "Service",
        "core",
        "redis.{ns} redis.{ns}.svc redis.{ns}.svc.cluster.local REDIS Redis.{NS}.Svc shadowed "
        "kubernetes.default node-port balanced dual only-six by-hand nobody {other} cache.{other}",
    ),
    *_rows(
        "Service",
        "all",
        "shadowed.{ns} kubernetes.default.svc kubernetes.default.svc.cluster.local. dual.{ns}.svc "
        "node-port.{ns}.svc.cluster.local balanced.{ns} only-six.{ns}.svc by-hand.{ns}.svc.cluster.local "
        "nobody.{ns} cache.{other}.svc cache.{other}.svc.cluster.local. REDIS.{NS}.SVC.CLUSTER.LOCAL. "
        "http.tcp.redis.{ns}.svc "
        "kube-dns.kube-system kube-dns.kube-system.svc.cluster.local",
    ),
    *_rows("HeadlessService", "few", "db"),
    *_rows("HeadlessService", "core", "db.{ns}.svc by-hand-headless dash.{ns}.svc.cluster.local."),
    *_rows("HeadlessService", "all", "DB.{ns} db.{ns}.svc.cluster.local dash dash.{ns}"),
    *_rows("Endpoint", "core", "member-0.db member-1.db.{ns}.svc.cluster.local {dashed}.dash"),
    *_rows(
        "Endpoint",
        "all",
        "member-0.db.{ns} member-1.db.{ns} member-0.db.{ns}.svc member-0.db.{ns}.svc.cluster.local. Member-1.db hand.by-hand-headless "
        "{dashed}.redis {dashed}.redis.{ns}.svc.cluster.local. {dashed6}.dash {dashed6}.dash.{ns}.svc "
        "192-0-2-77.by-hand",
    ),
    *_rows("ExternalName", "few", "mysql"),
    *_rows("ExternalName", "core", "mysql.{ns}.svc ext-alias ext-in ext-chain ext-six"),
    *_rows(
        "ExternalName",
        "all",
        "mysql.{ns} mysql.{ns}.svc.cluster.local. MySQL ext-alias.{ns} ext-in.{ns}.svc ext-headless "
        "ext-chain.{ns}.svc.cluster.local.",
    ),
    *_rows("", "core", "ext-dangling ext-loop ext-absent ext-gone ext-short"),
    *_rows(
        "",
        "all",
        "ext-dangling.{ns}.svc.cluster.local. ext-loop.{ns}.svc ext-absent.{ns}.svc.cluster.local. "
        "ext-gone.{ns} x.mysql.{ns}.svc x.mysql ext-short.{ns}.svc",
    ),
    *_rows("PodRecord", "core", "{dashed}.{ns}.pod 1-2-3-4.{ns}.pod.cluster.local."),
    *_rows(
        "PodRecord",
        "all",
        "{dashed}.{ns}.pod.cluster.local 1-2-3-4.default.pod x.1-2-3-4.{ns}.pod.cluster.local. "
        "{dashed6}.{ns}.pod.cluster.local",
    ),
    *_rows(
        "",
        "all",
        "1-2-3-400.{ns}.pod 1-2-3-4.no-such-namespace.pod.cluster.local. busybox.{ns}.pod "
        "a.b.c.1-2-3-4.{ns}.pod.cluster.local. 01-2-3-4.{ns}.pod.cluster.local.",
    ),
    *_rows("Upstream", "few", "www.example.com www.example.com."),
    *_rows("Upstream", "core", "www alias.example.com six.example.com x.wild.example.com api"),
    *_rows(
        "Upstream",
        "all",
        "WWW.Example.COM alias alias.example.com. a.b.wild.example.com my.database.example.com database "
        "api.corp api.corp.example.com x.wild six.example.com. ns.example.com",
    ),
    *_rows(
        "",
        "core",
        "dangling.example.com text.example.com nope nope.{ns} a.b.c {ns} svc example.com localhost. "
        "x.servfail.example.net x.refused.example.net {other}.svc db-0.db",
    ),
    *_rows(
        "",
        "all",
        "nope.{ns}.svc nope.{ns}.svc.cluster.local nope.{ns}.svc.cluster.local. nope. redis. "
        "a.b a.b.c.d a.b.c.d.e a.b.c.d.e.f a.b.c.d.e.f.g redis.svc redis.cluster.local "
        "redis.default cache nobody-headless nobody-headless.{ns}.svc pod cluster.local "
        "cluster.local. svc.cluster.local {ns}.svc {ns}.svc.cluster.local. {ns}.pod default "
        "kube-system wild wild.example.com corp text dangling gone.example.com absent.example.org. "
        "xn--bcher-kva.example.com xn--bcher-kva _http.redis a.b.redis.{ns}.svc _http._udp.redis "
        "nope.db {dashed}.db busybox go musl dns-version.cluster.local. foo.localhost local "
        "x.servfail.example.net. x.refused.example.net. nope- under_score *.{ns}.svc any.db "
        "mine.example.org. FOO.local. foo.local. 1.2.3.4.5 999.1.1.1 " + _LONG,
    ),
    *_rows("Literal", "core", "10.1"),
    *_rows("Literal", "all", "1 0x7f.1 010.1.2.3 127.1"),
    *_rows("", "few", "no-such-name localhost"),
    *_rows(
        "", "core", "foo.local shadowed pair.local mixed.local sixth.local FOO.LOCAL mine redis"
    ),
    *_rows(
        "", "all", "foo.remote bar.remote bar.local mine.example.org ip6-localhost ip6-allnodes"
    ),
    *_rows("", "core", "member-0 member-1 {pod} {pod}.{ns}.svc.cluster.local"),
    *_rows("", "all", "LOCALHOST"),
)

# Addresses, by name: asked in the pod `glibc`, whose own file has some of them.
ADDRESSES: tuple[Name, ...] = (
    *_rows("Service", "core", "{ip:redis} {ip:kubernetes} {ip:dual} {ip6:dual} 10.96.0.10"),
    *_rows(
        "Endpoint", "core", "{ip:pod:musl} {ip6:pod:musl} {ip:pod:busybox} 192.0.2.77 192.0.2.78"
    ),
    *_rows("PodIP", "core", "{ip:pod:glibc} {ip6:pod:glibc}"),
    *_rows("KubeletBoilerplate", "core", "127.0.0.1 ::1"),
    *_rows("HostAlias", "core", "10.1.2.3 192.0.2.1 2001:db8::3"),
    *_rows("", "core", "{ip:pod:go} 203.0.113.20 2001:db8::20 10.96.255.254"),
)

# Asked of DNS itself, by type SRV; names are absolute, for no C library searches for them.
SERVICE_RECORDS: tuple[Name, ...] = (
    *_rows(
        "Service",
        "core",
        "_http._tcp.redis.{ns}.svc.cluster.local. http.tcp.redis.{ns}.svc.cluster.local. "
        "redis.{ns}.svc.cluster.local. _https._tcp.kubernetes.default.svc.cluster.local. "
        "_dns._udp.kube-dns.kube-system.svc.cluster.local. _http._tcp.by-hand.{ns}.svc.cluster.local. "
        "_http._tcp.dual.{ns}.svc.cluster.local. _http._tcp.nobody.{ns}.svc.cluster.local.",
    ),
    *_rows(
        "HeadlessService",
        "core",
        "_http._tcp.db.{ns}.svc.cluster.local. _http._tcp.dash.{ns}.svc.cluster.local. "
        "db.{ns}.svc.cluster.local.",
    ),
    *_rows("Endpoint", "core", "member-0.db.{ns}.svc.cluster.local."),
    *_rows(
        "",
        "core",
        "_http._udp.redis.{ns}.svc.cluster.local. _nope._tcp.redis.{ns}.svc.cluster.local. "
        "mysql.{ns}.svc.cluster.local. _http._tcp.nope.{ns}.svc.cluster.local. "
        "_http._tcp.nobody-headless.{ns}.svc.cluster.local. www.example.com.",
    ),
)

# What explain refuses before it looks anywhere; no C library finds an address for it either.
REFUSED: tuple[str, ...] = (
    "bücher.example.com",
    ".".join(["x" * 63] * 4),
    "a..b",
    "redis db",
    "-nope",
)
