"""What keeps CoreDNS from loading a Corefile that can be taken apart: what its plugins refuse.

A CoreDNS that runs goes on with the older Corefile then, and one that starts ends. The rows and the
words are those of coredns plugin/*/setup.go, 1.2.0 to 1.14.7; what any of these releases takes is
not refused, unless the release is known and its row says otherwise. Plugins that are not listed
(those of other builds, and those that need files or a network) are taken as they stand. Held
against the real CoreDNS by tests/e2e/test_corefile_setup.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from kubectl_hosts.model.cluster_dns.corefile import (
    ONCE,
    CorefileError,
    PatternUnknown,
    Refused,
    compile_pattern,
)
from kubectl_hosts.model.cluster_dns.query_names import absolute, parse_address
from kubectl_hosts.model.cluster_dns.rewrite import parse_rewrite
from kubectl_hosts.model.dns import CLASSES, RCODES, TYPES
from kubectl_hosts.model.names import is_near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock, ServerKey
    from kubectl_hosts.model.cluster_dns.versions import Version

    Check = Callable[[str], str]
    """What is wrong with a word, "" where nothing is."""
    Said = Iterator[tuple[str, int]]
    """What a plugin says, and of which line."""


class Release(NamedTuple):
    """Which CoreDNS it is, None where that is not known, and whether it runs with the Corefile.

    Of one that runs, what should be too new is not refused: its builder may have taken it over.
    """

    version: Version | None
    is_running: bool

    def has(self, since: Version, until: Version) -> bool:
        """Whether it has what came SINCE and went with UNTIL, as far as anybody can tell."""
        if self.version is None:
            return True
        return (self.is_running or since <= self.version) and self.version < until


def find_refusal(blocks: tuple[ServerBlock, ...], release: Release) -> CorefileError | None:
    """The first line that keeps CoreDNS from loading these blocks, None where none is known."""
    unknown = (
        CorefileError(f"Unknown directive '{plugin.name}'", plugin.line, plugin.file)
        for block in blocks
        for plugin in block.plugins
        if _is_unknown(plugin.name, release)
    )
    refused = (
        CorefileError(f"plugin/{plugin.name}: {words}", line, plugin.file)
        for block in blocks
        for plugin in block.plugins
        for words, line in _refusals(plugin, block, release)
    )
    return next(
        (each for kind in (unknown, refused, _same_zone(blocks, release.version)) for each in kind),
        None,
    )


# --- which plugins there are -------------------------------------------------------------------

_FIRST, _NEVER = (0, 0, 0), (9999, 0, 0)
# coredns plugin.cfg, from 1.2.0 on: since when, and until when where it is gone.
PLUGINS: Mapping[str, tuple[Version, Version]] = {
    **dict.fromkeys(
        (
            *("auto", "autopath", "bind", "cache", "chaos", "debug", "dnssec", "dnstap"),
            *("erratic", "errors", "etcd", "file", "forward", "health", "hosts", "kubernetes"),
            *("loadbalance", "log", "metadata", "nsid", "on", "pprof", "prometheus", "reload"),
            *("rewrite", "root", "route53", "secondary", "template", "tls", "trace", "whoami"),
        ),
        (_FIRST, _NEVER),
    ),
    "proxy": (_FIRST, (1, 5, 0)),
    "federation": (_FIRST, (1, 7, 0)),
    "loop": ((1, 2, 1), _NEVER),
    "k8s_external": ((1, 3, 0), _NEVER),
    **dict.fromkeys(("cancel", "grpc", "ready"), ((1, 5, 0), _NEVER)),
    "any": ((1, 5, 1), _NEVER),
    "azure": ((1, 6, 2), _NEVER),
    **dict.fromkeys(("clouddns", "sign"), ((1, 6, 3), _NEVER)),
    "acl": ((1, 6, 4), _NEVER),
    "transfer": ((1, 6, 5), _NEVER),
    "bufsize": ((1, 6, 6), _NEVER),
    "dns64": ((1, 7, 0), _NEVER),
    "local": ((1, 8, 1), _NEVER),
    "minimal": ((1, 8, 4), _NEVER),
    **dict.fromkeys(("geoip", "header"), ((1, 8, 5), _NEVER)),
    "tsig": ((1, 9, 4), _NEVER),
    "view": ((1, 10, 0), _NEVER),
    "timeouts": ((1, 10, 1), _NEVER),
    "multisocket": ((1, 12, 0), _NEVER),
    "quic": ((1, 12, 2), _NEVER),
    "nomad": ((1, 13, 0), _NEVER),
    **dict.fromkeys(("grpc_server", "https", "https3"), ((1, 14, 0), _NEVER)),
    "proxyproto": ((1, 14, 3), _NEVER),
    "shed": ((1, 14, 7), _NEVER),
}


def _is_unknown(name: str, release: Release) -> bool:
    """Whether no build of that release has the plugin.

    Another build may have any plugin; none has one that is a slip away from CoreDNS's own, or is
    called as an option of these: a brace is missing or too much before it.
    """
    there = PLUGINS.get(name)
    if there is not None:
        return not release.has(*there)
    is_slip = any(is_near(name, each) for each in PLUGINS)
    return is_slip or name in _OPTION_NAMES or name.isdigit() or name == ""


# --- what stands behind a plugin or an option ---------------------------------------------------


class Arguments(Struct, frozen=True, kw_only=True):
    """How many words may stand there, and what the first ones have to be.

    one_by_one: setup.go takes no more than it needs (`NextArg`), so that another word is read as
    the next option.
    """

    least: int = 0
    most: int = 1 << 16
    checks: tuple[Check, ...] = ()
    every: Check | None = None
    one_by_one: bool = False

    def wrong(self, said: Directive) -> str:
        """What is wrong with the words of SAID, "" where nothing is."""
        if len(said.args) < self.least:
            return _count_after(said.args[-1] if said.args else said.name)
        for word, check in zip(said.args, self.checks, strict=False):
            if found := check(word):
                return found
        if len(said.args) > self.most:
            extra = said.args[self.most]
            return _unknown_option(extra) if self.one_by_one else _count_after(said.args[-1])
        return next(filter(None, map(self.every, said.args)), "") if self.every else ""


def _count_after(word: str) -> str:
    return f"Wrong argument count or unexpected line ending after '{word}'"


def _unknown_option(name: str) -> str:
    return f"unknown property '{name}'"


def _exactly(count: int, *checks: Check) -> Arguments:
    return Arguments(least=count, most=count, checks=checks)


def _at_least(count: int, every: Check | None = None) -> Arguments:
    return Arguments(least=count, every=every)


def _at_most(count: int, *checks: Check) -> Arguments:
    return Arguments(most=count, checks=checks)


def _next(*checks: Check) -> Arguments:
    """One word for each of CHECKS, as `NextArg` takes them."""
    return Arguments(least=len(checks), most=len(checks), checks=checks, one_by_one=True)


def _first(check: Check) -> Arguments:
    """At least one word, the first of which counts."""
    return Arguments(least=1, checks=(check,))


_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


def _number(low: int | None = None, high: int | None = None, said: str = "") -> Check:
    """strconv.Atoi, and the limits of the plugin."""

    def check(word: str) -> str:
        if not _INTEGER.fullmatch(word):
            return f'strconv.Atoi: parsing "{word}": invalid syntax'
        number = int(word)
        is_within = (low is None or number >= low) and (high is None or number <= high)
        return "" if is_within else (said or f"not in range [{low}, {high}]: {number}")

    return check


# time.ParseDuration; in nanoseconds.
_UNITS = {"ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 10**6, "s": 10**9}
_UNITS |= {"m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?P<unit>ns|us|µs|μs|ms|s|m|h)", re.ASCII)


def seconds_of(word: str) -> float | None:
    """A duration as Go reads it, in seconds; None where WORD is none."""
    sign, bare = (-1, word[1:]) if word[:1] == "-" else (1, word.removeprefix("+"))
    parts = list(_PART.finditer(bare))
    if bare == "0":
        return 0.0
    if not parts or "".join(each[0] for each in parts) != bare or len(bare) > 40:
        return None
    return sign * sum(float(each["number"]) * _UNITS[each["unit"]] for each in parts) / 10**9


def _duration(low: float | None = None, high: float | None = None) -> Check:
    def check(word: str) -> str:
        seconds = seconds_of(word)
        if seconds is None:
            what = "missing unit in duration" if _INTEGER.fullmatch(word) else "invalid duration"
            return f'time: {what} "{word}"'
        if (low is not None and seconds < low) or (high is not None and seconds > high):
            return f"invalid duration {word}"
        return ""

    return check


def _one_of(what: str, *words: str) -> Check:
    return lambda word: "" if word in words else f"{what} '{word}'"


def _host_port(word: str) -> str:
    """net.SplitHostPort."""
    host, colon, _ = word.rpartition(":")
    if not colon or (word.startswith("[") and word.endswith("]")):
        return f"address {word}: missing port in address"
    is_bracketed = host.startswith("[") and host.endswith("]")
    return f"address {word}: too many colons in address" if ":" in host and not is_bracketed else ""


def _is_expression(word: str) -> str:
    try:
        compile_pattern(word)
    except Refused as error:
        return str(error)
    except PatternUnknown:
        return ""
    return ""


def _address(word: str) -> str:
    return "" if parse_address(word) else f'not a valid IP address: "{word}"'


def _address_and_port(word: str) -> str:
    """pkg/parse HostPort, or `*`."""
    host = word.partition("%")[0]
    bare = host.rpartition(":")[0].strip("[]") if not _host_port(host) else host
    return "" if word == "*" or parse_address(bare) else f"must specify an IP address: `{word}'"


def _prefix(word: str) -> str:
    address, slash, length = word.partition("/")
    is_prefix = slash and ":" in address and parse_address(address) and length.isdigit()
    return "" if is_prefix else f"invalid CIDR address: {word}"


_ANY, _NONE, _SOME = Arguments(), Arguments(most=0), _at_least(1)
_ALONE = Arguments(most=0, one_by_one=True)


def _rcode(word: str) -> str:
    return "" if word.upper() in RCODES else f"unknown rcode {word}"


class Setup(Struct, frozen=True, kw_only=True):
    """What a plugin takes: words, and options in braces.

    options is None where its setup.go does not look into them, `other` what it says of one that it
    does not know; needs: it refuses to stand without any. Of several in a block it reads_first the
    first and no more, or takes none besides: is_alone.
    """

    words: Arguments = _ANY
    options: Mapping[str, Arguments] | None = None
    other: Callable[[str], str] = _unknown_option
    needs: str = ""
    reads_first: bool = False
    is_alone: bool = False


# What is no option is an entry: `_hosts`.
_HOSTS = {
    "fallthrough": _ANY,
    "fallthrough_unsupported": _ANY,
    "no_reverse": _ANY,
    "reload": _exactly(1, _duration(0)),
    "ttl": _first(_number(1, 65535, "ttl must be in range [1, 65535]")),
}
_KUBERNETES = {
    "apiserver_burst": _exactly(1, _number(0)),
    "apiserver_max_inflight": _exactly(1, _number(0)),
    "apiserver_qps": _exactly(1),
    "endpoint": _SOME,
    "endpoint_pod_names": _NONE,
    "fallthrough": _ANY,
    "ignore": Arguments(checks=(_one_of("unable to parse ignore value:", "empty_service"),)),
    "kubeconfig": Arguments(least=1, most=2),
    "labels": _SOME,
    "multicluster": _ANY,
    "namespace_labels": _SOME,
    "namespaces": _SOME,
    "noendpoints": _NONE,
    "pods": _exactly(1, _one_of("wrong value for pods:", "disabled", "insecure", "verified")),
    "resyncperiod": _ANY,
    "startup_timeout": _first(_duration()),
    "tls": _exactly(3),
    "transfer": _ANY,
    "ttl": _first(_number(0, 3600, "ttl must be in range [0, 3600]")),
    "upstream": _ANY,
    "zonal": _NONE,
}
_POLICY = _one_of("unknown policy", "random", "round_robin", "sequential")
_FORWARD = {
    "doh_method": _next(_one_of("doh_method must be either POST or GET, not", "GET", "POST")),
    "except": _SOME,
    "expire": _next(_duration(0)),
    "failfast_all_unhealthy_upstreams": _NONE,
    "failover": _at_least(1, _rcode),
    "force_tcp": _NONE,
    "health_check": _first(_duration(0)),
    "max_age": _next(_duration(0)),
    "max_concurrent": _next(_number(0)),
    "max_connect_attempts": _next(_number(0)),
    "max_fails": _next(_number(0)),
    "max_idle_conns": _next(_number(0)),
    "next": _at_least(1, _rcode),
    "next_on_nodata": _NONE,
    "policy": _next(_POLICY),
    "prefer_udp": _NONE,
    "read_timeout": _next(_duration(0)),
    "resolver": _SOME,
    "source_address": _next(_address),
    "tls": _at_most(3),
    "tls_servername": Arguments(least=1, most=1, one_by_one=True),
}
_TTL_OF_CACHE = _number(1, None, "cache TTL can not be zero or negative")
_CACHE_OF = Arguments(least=1, checks=(_number(), _TTL_OF_CACHE, _number(0)))
_CACHE = {
    "denial": _CACHE_OF,
    "disable": _first(
        _one_of("cache type for disable must be success or denial, not", "denial", "success")
    ),
    "keepttl": _NONE,
    "prefetch": Arguments(least=1, most=3, checks=(_number(0), _duration())),
    "serve_stale": _at_most(5, _duration(0)),
    "serve_stale_policy": _exactly(1),
    "servfail": _exactly(1, _duration(0, 300)),
    "success": _CACHE_OF,
}
_TEMPLATE = {
    **dict.fromkeys(("additional", "answer", "authority", "expr"), _SOME),
    "ederror": Arguments(least=1, most=2, checks=(_number(0, 65535),)),
    "fallthrough": _ANY,
    "match": _at_least(1, _is_expression),
    "rcode": _next(_rcode),
    "upstream": _ANY,
    "var": _at_least(2),
}
_SETUPS: Mapping[str, Setup] = {
    "acl": Setup(
        options=dict.fromkeys(("allow", "block", "drop", "filter"), _ANY),
        other="unexpected token \"{}\"; expect 'allow', 'block', 'filter' or 'drop'".format,
    ),
    "autopath": Setup(words=_SOME),
    "bind": Setup(words=_SOME, options={"except": _SOME}),
    "bufsize": Setup(words=_at_most(1, _number(512, 4096)), reads_first=True),
    "cache": Setup(options=_CACHE, other=_count_after),
    "cancel": Setup(words=_at_most(1, _duration(0))),
    "debug": Setup(words=_NONE, options={}),
    "dns64": Setup(
        words=_at_most(1, _prefix),
        options={"allow_ipv4": _ALONE, "prefix": _next(_prefix), "translate_all": _ALONE},
    ),
    "erratic": Setup(
        options={
            "delay": _at_most(2, _number(0), _duration()),
            "drop": _at_most(1, _number(0)),
            "large": _ALONE,
            "truncate": _at_most(1, _number(0)),
        }
    ),
    "errors": Setup(
        words=_at_most(1, _one_of("invalid log file:", "stdout")),
        options={
            "consolidate": Arguments(least=2, most=4, checks=(_duration(), _is_expression)),
            "stacktrace": _ALONE,
        },
        other="Unknown field {}".format,
    ),
    "file": Setup(
        words=_SOME,
        options={
            **dict.fromkeys(("fallthrough", "transfer", "upstream"), _ANY),
            **dict.fromkeys(("no_reload", "reload_by_mtime"), _ALONE),
            "reload": _first(_duration()),
        },
    ),
    "forward": Setup(words=_at_least(2), options=_FORWARD),
    "header": Setup(
        options=dict.fromkeys(("clear", "query", "response", "set"), _ANY),
        needs=_count_after("header"),
    ),
    "health": Setup(words=_at_most(1, _host_port), options={"lameduck": _exactly(1, _duration())}),
    "k8s_external": Setup(
        options={
            "apex": _SOME,
            "fallthrough": _ANY,
            "headless": _ALONE,
            "ttl": _first(_number(0, 3600, "ttl must be in range [0, 3600]")),
        }
    ),
    "kubernetes": Setup(options=_KUBERNETES),
    "loadbalance": Setup(words=_at_most(2, _one_of("unknown policy:", "round_robin", "weighted"))),
    "log": Setup(
        options={
            "class": _at_least(
                1, _one_of("not a valid class:", "all", "denial", "error", "success")
            )
        }
    ),
    "loop": Setup(words=_NONE, options={}),
    "metadata": Setup(options={}, other=_count_after, is_alone=True),
    "minimal": Setup(words=_NONE, reads_first=True),
    "multisocket": Setup(
        words=_at_most(1, _number(1, 1024)), options={}, other=_count_after, is_alone=True
    ),
    "nsid": Setup(options={}, other=lambda _: ONCE),
    "pprof": Setup(words=_at_most(1, _host_port), options={"block": _at_most(1, _number())}),
    "prometheus": Setup(
        words=_at_most(1, _host_port),
        options={"runtime_metrics": _NONE, "tls": _exactly(1)},
        other="unknown option: {}".format,
    ),
    "ready": Setup(
        words=_at_most(1, _host_port),
        options={
            "monitor": _exactly(
                1, _one_of("monitor type not supported:", "continuously", "until-ready")
            )
        },
    ),
    "reload": Setup(words=_at_most(2, _duration(2), _duration(0)), reads_first=True),
    "root": Setup(words=_exactly(1)),
    "template": Setup(
        words=Arguments(
            least=2,
            checks=(_one_of("invalid query class", *CLASSES), _one_of("invalid RR class", *TYPES)),
        ),
        options=_TEMPLATE,
        other=_count_after,
    ),
    "timeouts": Setup(
        words=_NONE,
        options={
            **dict.fromkeys(("idle", "read", "write"), _exactly(1)),
            "maxtcpqueries": _exactly(1, _number(-1)),
        },
        other="unknown option: '{}'".format,
        needs="timeouts block with no timeouts specified",
    ),
    "transfer": Setup(
        options={"source": _exactly(1, _address), "to": _at_least(1, _address_and_port)},
        needs="'to' is required",
    ),
    "view": Setup(words=_exactly(1), options={"expr": _SOME}),
    "whoami": Setup(words=_NONE, reads_first=True),
}
# Of what no release of the version has, or has not any more; coredns notes and plugin/*/setup.go.
_OPTIONS_SINCE: Mapping[tuple[str, str], Version] = {
    ("cache", "disable"): (1, 9, 4),
    ("cache", "keepttl"): (1, 10, 1),
    ("cache", "serve_stale"): (1, 6, 6),
    ("cache", "serve_stale_policy"): (1, 14, 7),
    ("cache", "servfail"): (1, 9, 4),
    ("forward", "doh_method"): (1, 14, 5),
    ("forward", "failfast_all_unhealthy_upstreams"): (1, 12, 1),
    ("forward", "failover"): (1, 13, 0),
    ("forward", "max_age"): (1, 14, 3),
    ("forward", "max_concurrent"): (1, 6, 8),
    ("forward", "max_connect_attempts"): (1, 13, 2),
    ("forward", "max_idle_conns"): (1, 14, 1),
    ("forward", "next"): (1, 11, 4),
    ("forward", "next_on_nodata"): (1, 14, 4),
    ("forward", "read_timeout"): (1, 14, 5),
    ("forward", "resolver"): (1, 14, 4),
    ("forward", "source_address"): (1, 14, 6),
    ("kubernetes", "apiserver_burst"): (1, 14, 0),
    ("kubernetes", "apiserver_max_inflight"): (1, 14, 0),
    ("kubernetes", "apiserver_qps"): (1, 14, 0),
    ("kubernetes", "multicluster"): (1, 12, 2),
    ("kubernetes", "namespace_labels"): (1, 5, 0),
    ("kubernetes", "startup_timeout"): (1, 12, 3),
    ("kubernetes", "zonal"): (1, 14, 7),
    ("prometheus", "runtime_metrics"): (1, 14, 3),
    ("prometheus", "tls"): (1, 14, 3),
    ("template", "ederror"): (1, 10, 1),
    ("template", "expr"): (1, 14, 8),
    ("template", "var"): (1, 14, 8),
    ("transfer", "source"): (1, 14, 5),
}
_OPTIONS_UNTIL: Mapping[tuple[str, str], Version] = {
    ("file", "transfer"): (1, 8, 0),
    ("kubernetes", "resyncperiod"): (1, 7, 0),
    ("kubernetes", "transfer"): (1, 8, 0),
    ("kubernetes", "upstream"): (1, 7, 0),
}


def options_of(plugin: str) -> tuple[str, ...]:
    """The options that some release of PLUGIN takes; none of one that is not listed."""
    setup = _SETUPS.get(plugin)
    return tuple(_HOSTS if plugin == "hosts" else (setup and setup.options) or ())


_OPTION_NAMES = {name for plugin in PLUGINS for name in options_of(plugin)} - {*PLUGINS}
# coredns.io/explugins: what other builds have as plugins.
_OPTION_NAMES -= {"block", "filter", "multicluster"}


def _refusals(plugin: Directive, block: ServerBlock, release: Release) -> Said:
    """What PLUGIN of BLOCK says when it is set up, each with the line that it is about."""
    yield from _repeated(plugin, block, release.version)
    setup = _SETUPS.get(plugin.name)
    is_first = plugin is block.first(plugin.name)
    if setup is not None and (is_first or not setup.reads_first):
        if setup.is_alone and not is_first:
            yield _count_after(plugin.name), plugin.line
        if wrong := setup.words.wrong(plugin):
            yield wrong, plugin.line
        if setup.needs and not plugin.body:
            yield setup.needs, plugin.line
        if setup.options is not None:
            yield from _of_options(plugin, setup, setup.options, release)
    if more := _MORE.get(plugin.name):
        yield from more(plugin, block)


def _of_options(
    plugin: Directive, setup: Setup, options: Mapping[str, Arguments], release: Release
) -> Said:
    for each in plugin.body:
        words, key = options.get(each.name), (plugin.name, each.name)
        since, until = _OPTIONS_SINCE.get(key, _FIRST), _OPTIONS_UNTIL.get(key, _NEVER)
        if words is None or not release.has(since, until):
            yield setup.other(each.name), each.line
        elif wrong := words.wrong(each):
            yield wrong, each.line
        elif each.body:
            yield setup.other("{"), each.line


# coredns plugin/*/setup.go, ErrOnce; from which release on a second one is taken (1.9.4: #5127).
_ONCE = {
    **dict.fromkeys(("cache", "dnssec", "errors", "grpc", "hosts", "kubernetes", "loop"), _NEVER),
    **dict.fromkeys(("nsid", "pprof", "prometheus", "ready", "tsig", "view"), _NEVER),
    "forward": (1, 9, 4),
}


def _repeated(plugin: Directive, block: ServerBlock, version: Version | None) -> Said:
    """That the plugin stands in its block a second time."""
    taken = _ONCE.get(plugin.name)
    if taken is None or (taken != _NEVER and (version is None or version >= taken)):
        return
    if any(each is plugin for each in block.all(plugin.name)[1:2]):
        yield ONCE, plugin.line


# --- what is more than words --------------------------------------------------------------------


def _hosts(plugin: Directive, _: ServerBlock) -> Said:
    """hosts/setup.go: what is no option is an entry, but not behind `fallthrough`."""
    is_behind = False
    for each in plugin.body:
        wrong = _HOSTS[each.name].wrong(each) if each.name in _HOSTS else ""
        if wrong:
            yield wrong, each.line
        elif each.name not in _HOSTS and is_behind:
            yield _unknown_option(each.name), each.line
        is_behind = is_behind or each.name == "fallthrough"


def _kubernetes(plugin: Directive, block: ServerBlock) -> Said:
    zones = tuple(absolute(each.lower()) for each in plugin.args) or block.zones
    if all(each.endswith((".in-addr.arpa.", ".ip6.arpa.")) for each in zones):
        yield "non-reverse zone name must be used", plugin.line
    if plugin.first("namespaces") and plugin.first("namespace_labels"):
        yield "namespaces and namespace_labels cannot both be set", plugin.line


_MOST_TARGETS = 15


def _forward(plugin: Directive, _: ServerBlock) -> Said:
    if not plugin.first("resolver"):
        yield from (
            (f'not an IP address or file: "{to}"', plugin.line) for to in _no_targets(plugin)
        )
    targets = plugin.args[1:]
    if len(targets) > _MOST_TARGETS and all("/" not in each for each in targets):
        yield f"more than {_MOST_TARGETS} TOs configured: {len(targets)}", plugin.line
    for each in plugin.all("health_check"):
        rest = list(each.args[1:])
        while rest:
            word = rest.pop(0)
            if word == "domain" and rest:
                rest.pop(0)
            elif word != "no_rec":
                yield f"health_check: unknown option {word}", each.line
                break


def _no_targets(forward: Directive) -> Iterator[str]:
    """The TOs that are neither addresses nor files; coredns plugin/pkg/parse/host.go."""
    for to in forward.args[1:]:
        host = to.rpartition("://")[2].partition("%")[0]
        bare = host.strip("[]") if host.count(":") != 1 else host.partition(":")[0]
        with_port = host.rpartition("]")[0].lstrip("[")
        is_file = "/" in host or "{" in to or host.strip(".") == ""
        if is_file or any(parse_address(each) for each in (bare, with_port)):
            continue
        yield to


def _rewrite(plugin: Directive, _: ServerBlock) -> Said:
    try:
        parse_rewrite(plugin)
    except Refused as error:
        yield str(error), plugin.line


def _k8s_external(plugin: Directive, block: ServerBlock) -> Said:
    if block.first("kubernetes") is None:
        yield "kubernetes plugin not loaded", plugin.line


def _acl(plugin: Directive, _: ServerBlock) -> Said:
    """acl/setup.go: `ACTION [type QTYPE...] [net SOURCE...]`."""
    for each in plugin.body:
        section, count = "", 0
        for word in (*each.args, "type"):
            if word.lower() in {"net", "type"}:
                if section and not count:
                    yield f'no token specified in "{section}" section', each.line
                section, count = word.lower(), 0
            elif not section:
                yield f"unexpected token \"{word}\"; expect 'type | net'", each.line
            else:
                count += 1


def _header(plugin: Directive, _: ServerBlock) -> Said:
    """header/header.go: `(query|response) (set|clear) FLAG...`; before 1.12.2 without the first."""
    for each in plugin.body:
        words = [word.lower() for word in (each.name, *each.args)]
        action, *flags = (words[1:] or [""]) if words[0] in {"query", "response"} else words
        if action not in {"clear", "set"}:
            yield f"unknown flag action={action}, should be set or clear", each.line
        elif strange := next((flag for flag in flags if flag not in {"aa", "ra", "rd"}), ""):
            yield f"unknown/unsupported flag={strange}", each.line
        elif not flags:
            yield "invalid length for flags, at least one should be provided", each.line


def _autopath(plugin: Directive, _: ServerBlock) -> Said:
    """autopath/setup.go: the last word is `@PLUGIN` or a resolv.conf(5)."""
    last = next(reversed(plugin.args), "@")
    if not last.startswith("@") and "/" not in last:
        yield f'failed to parse "{last}": no such file or directory', plugin.line


def _cache(plugin: Directive, _: ServerBlock) -> Said:
    """cache/setup.go: the first word is the TTL where it is a number, else a zone."""
    first = next(iter(plugin.args), "")
    if _INTEGER.fullmatch(first) and (wrong := _TTL_OF_CACHE(first)):
        yield wrong, plugin.line


_MORE: Mapping[str, Callable[[Directive, ServerBlock], Said]] = {
    "acl": _acl,
    "autopath": _autopath,
    "cache": _cache,
    "forward": _forward,
    "header": _header,
    "hosts": _hosts,
    "k8s_external": _k8s_external,
    "kubernetes": _kubernetes,
    "rewrite": _rewrite,
}


# --- what blocks refuse of each other -----------------------------------------------------------

_ANY_ORDER = (1, 14, 3)


def _same_zone(blocks: tuple[ServerBlock, ...], version: Version | None) -> Iterator[CorefileError]:
    """core/dnsserver/register.go: a zone is served once by an address, filters (`view`) apart.

    Before 1.14.3 (#8001) the block without a filter had to be the last.
    """
    seen: set[ServerKey] = set()
    for block in blocks:
        filters = block.first("view") is not None
        if block.first("bind") or (filters and (version or _ANY_ORDER) >= _ANY_ORDER):
            continue
        for key in block.keys:
            if key in seen:
                served = f"{key.transport}://{key.zone}:{key.port}"
                words = f"cannot serve {served} - it is already defined"
                yield CorefileError(words, block.line, block.file)
            if not filters:
                seen.add(key)
