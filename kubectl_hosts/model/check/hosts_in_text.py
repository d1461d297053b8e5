"""Host names in a text that a workload is started with: by form, and by the key above.

A *value* is one thing: a URL, `host:port`, a host, or a list of those. Everything else is a
*script*, or a configuration, with names inside. URLs (RFC 3986, several hosts as MongoDB, Kafka and
JDBC have them), data source names, and names below `svc` are known by their form; a bare word only
where its key says that it is a host, or where an object of that name exists.

The key, a variable's name, a flag or a setting, says of its value: a host, or surely none.
`REDIS_ADDR`, `--upstream-url`, `spring.datasource.hostName` are taken apart into words; the last
word decides, as it does for a reader (`DB_HOST` is a host, `DB_HOST_NAME_PREFIX` is not).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.addresses import inet_pton

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Says(Enum):
    """What a key says of its value."""

    HOST = "host"
    """It is a host, whether one of that name exists or not."""
    LOCATION = "location"
    """It holds a host, with a port or a path; a bare word may be the kind of it (`memory`)."""
    KIND = "kind"
    """It is the kind of a thing (`DB_CONNECTION=mysql`), or holds a host with a port."""
    SERVICE = "service"
    """It is a Service, or what is called service elsewhere: one of that name has to exist."""
    OPEN = "open"
    """Nothing: an object has to exist whose name is no plain word (`TRACER=zipkin`)."""
    OTHER = "other"
    """Something else: only a URL, or a name of the cluster by its form, counts."""
    PATTERN = "pattern"
    """What clients may say or what is left out: never looked up."""


_SAYS_HOST = frozenset(
    {"host", "hosts", "hostname", "hostnames", "addr", "addrs", "address", "addresses"}
    | {"server", "servers", "endpoint", "endpoints", "broker", "brokers", "seeds", "peers"}
    | {"upstream", "upstreams", "smarthost", "replicaof", "slaveof"}
)
# One word that ends so: `PGHOST`, `dbhost`; not `ghost`, `localhost`.
_ENDS_AS_HOST = re.compile(r"(?<!\Ag)(?<!local)(?:hosts?|hostname|addr)\Z")
# The same of what is none: `APPNAME`, `PGUSER`, `PGPASSWORD`; not `servername`.
_ENDS_AS_OTHER = re.compile(
    r"(?:(?<!host)(?<!server)(?<!service)name|user|passw(?:ord|d)|database)\Z"
)
_LOCATION = frozenset(
    {"url", "urls", "uri", "uris", "dsn", "proxy", "bootstrap", "connect"}
    | {"connection", "seed", "peer", "target", "targets", "nodes", "members", "voters", "points"}
    | {"sentinel", "sentinels", "join"}
)
# Laravel's DB_CONNECTION and QUEUE_CONNECTION (config/database.php).
_OF_A_KIND = frozenset({"connection"})
_KINDS = frozenset(
    {"db", "database", "queue", "cache", "session", "storage", "store", "auth", "state", "lock"}
    | {"metadata", "search", "vector", "result", "broadcast", "upload", "blob"}
)
_OTHER = frozenset(
    {"user", "username", "password", "passwd", "pass", "pwd", "secret", "token", "key", "keys"}
    | {"name", "names", "database", "db", "schema", "namespace", "namespaces", "image", "images"}
    | {"version", "tag", "level", "mode", "type", "class", "path", "paths", "dir", "directory"}
    | {"file", "files", "group", "groups", "role", "topic", "topics", "queue", "bucket", "index"}
    | {"env", "environment", "profile", "profiles", "id", "region", "zone", "label", "labels"}
    | {"port", "ports", "timeout", "interval", "size", "count", "protocol", "scheme", "driver"}
    | {"dialect", "format", "lang", "locale", "tz", "title", "description", "prefix", "suffix"}
    | {"method", "realm", "tenant", "application", "app", "job", "owner", "from", "interface"}
    | {"algorithm", "policy", "strategy", "release", "chart", "component", "tier", "kind", "uid"}
    | {"email", "mail", "subject", "issuer", "metric", "metrics", "selector", "text"}
    | {"threshold", "thresholds"}
    | {"annotation", "annotations", "tags", "enabled", "logger", "logging", "package", "plugin"}
    | {"process", "container", "account", "domain", "suffixes", "provider", "store", "storage"}
    | {"platform", "vendor", "engine", "client", "adapter", "active", "query", "datasource"}
    | {"scope", "expr", "flavor", "flavour"}
)
# Somewhere in the key: names that a server answers to, or that bypass a proxy; AMQP 0-9-1, 2.1:
# a virtual host is a namespace of one server.
_PATTERN = frozenset(
    {
        "allowed",
        "virtual",
        "trusted",
        "redirect",
        "cors",
        "origin",
        "origins",
        "cookie",
        "regex",
        "regexp",
    }
    | {"regx", "vhost", "vhosts", "registries", "allow", "deny"}
    | {"allowlist", "denylist", "whitelist", "blacklist"}
)
_IMAGE = frozenset({"image", "images", "registry", "repository"})
# A registry of schemas, services or other things is asked: `SCHEMA_REGISTRY_URL=registry:8081`.
_OF_REGISTRY = frozenset({("registry", "url"), ("registry", "uri"), ("registry", "urls")})
# Whose URL is no location. RFC 7519, 4.1.3: an audience identifies whom a token is meant for.
_NO_LOCATION = frozenset({"image", "images", "audience", "audiences"})
# Whose `service name` is what traces and metrics are told apart by.
_TELEMETRY = frozenset(
    {"otel", "tracing", "trace", "jaeger", "zipkin", "apm", "dd", "datadog", "telemetry"}
)
# RFC 6066, 3: the name that a server's certificate is checked for; nobody looks it up. Nor does
# one those that it is made for: `tls.hosts` of Ingresses, Vault's AGENT_INJECT_TLS_AUTO_HOSTS.
_OF_TLS = frozenset({"tls", "ssl", "sni", "grpc", "https"})
# Two last words that say another thing than the last alone. MySQL's options for the server:
# character-set-server, collation-server (server system variables). What a certificate is valid for.
_TWO_WORDS: Mapping[tuple[str, ...], Says] = {
    ("set", "server"): Says.OTHER,
    ("collation", "server"): Says.OTHER,
    ("dd", "service"): Says.OTHER,
    ("no", "proxy"): Says.PATTERN,
    ("dns", "names"): Says.PATTERN,
    ("common", "name"): Says.PATTERN,
    # kube-apiserver(1), --service-account-issuer: what it calls itself in its tokens.
    ("account", "issuer"): Says.PATTERN,
    # ingress-nginx, --publish-status-address: what Ingresses have in their status.
    ("status", "address"): Says.PATTERN,
    # Kyverno: `--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca`.
    ("secret", "name"): Says.PATTERN,
    ("host", "name"): Says.HOST,
    # HAProxy 4.2, `timeout server 4s`; initdb(1), `--auth-host=md5`; charts' own Ingress.
    ("timeout", "server"): Says.OTHER,
    ("timeout", "connect"): Says.OTHER,
    ("auth", "host"): Says.OTHER,
    ("ingress", "host"): Says.PATTERN,
    # Zabbix, fluentd's image for Papertrail: what it calls itself at the server.
    ("zbx", "hostname"): Says.OTHER,
    ("fluent", "hostname"): Says.OTHER,
}
# Alone it is the server: the database's name is `DB_NAME`, or has the product's before it. What
# a shell calls its own machine, bash(1). What mysql(1) and others ask.
_ALONE: Mapping[str, Says] = {"DB": Says.SERVICE, "HOSTNAME": Says.OTHER, "-h": Says.SERVICE}
# A digit or the kind of list behind the word that decides: `BROKER_LIST`, `peersList`.
_LIST = frozenset({"list", "string", "csv"})


def says_of_value(key: str) -> Says:
    """What KEY (`REDIS_ADDR`, `--db.hostName`, `servers`; "" for none) says of its value."""
    words = [each.lower() for each in _WORD.findall(key)]
    while words and words[-1] in _LIST:
        words.pop()
    if not words or key in _ALONE:
        return _ALONE.get(key, Says.OPEN)
    if _PATTERN.intersection(words) or (words[-1] == "hosts" and "tls" in words):
        return Says.PATTERN
    if (by_two := _by_last_two(words)) is not None:
        return by_two
    if words[-1] in _NO_LOCATION:
        return Says.PATTERN
    asked = 2 if tuple(words[-2:]) in _OF_REGISTRY else 0
    is_image = not _IMAGE.isdisjoint(words[: len(words) - asked])
    if is_image and words[-1] not in {"host", "addr", "address"}:
        return Says.OTHER
    return _by_last_word(words[-1])


# Whose host is asked, by whoever says it: `smtpHost`, `serverHost`.
_ROLES = _KINDS | {
    "server",
    "smtp",
    "mail",
    "ldap",
    "redis",
    "broker",
    "remote",
    "master",
    "primary",
}


def is_of_a_role(key: str) -> bool:
    """Whether KEY says of its value that it is the host of something that is asked."""
    words = [each.lower() for each in _WORD.findall(key)]
    return len(words) > 1 and words[-1] == "host" and words[-2] in _ROLES


def _by_last_two(words: list[str]) -> Says | None:
    """What the two last words say, where that is another thing than what the last says alone."""
    last = tuple(words[-2:])
    if last == ("server", "name") and (len(words) == 2 or not _OF_TLS.isdisjoint(words)):
        return Says.PATTERN
    if last == ("service", "name"):
        is_its_own = len(words) == 2 or not _TELEMETRY.isdisjoint(words)
        return Says.OTHER if is_its_own else Says.SERVICE
    if last[-1] in _OF_A_KIND and not _KINDS.isdisjoint(last[:-1]):
        return Says.KIND
    return _TWO_WORDS.get(last)


_BY_LAST_WORD: Mapping[Says, frozenset[str]] = {
    Says.OTHER: _OTHER,
    Says.KIND: frozenset({"backend", "backends"}),
    Says.LOCATION: _LOCATION,
    Says.HOST: _SAYS_HOST,
    Says.SERVICE: frozenset({"service", "services", "svc"}),
}


def _by_last_word(word: str) -> Says:
    for says, known in _BY_LAST_WORD.items():
        if word in known:
            return says
    if _ENDS_AS_OTHER.search(word):
        return Says.OTHER
    return Says.HOST if _ENDS_AS_HOST.search(word) else Says.OPEN


_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_HOST = re.compile(_NAME)
_LONGEST_NAME = 253
# Before a host: MongoDB's replica set, a user, an ID (Kafka's quorum voters), a protocol (Pulsar,
# SQL Server). Behind its port: ZooKeeper's further ports and its role.
_HOST_PORT = re.compile(
    rf"(?P<set>[A-Za-z0-9_.-]{{1,63}}/)?(?:[^\s@/]{{0,200}}@)?(?:(?:tcp|zk):)?(?P<host>{_NAME})"
    rf":(?P<port>[0-9]{{1,5}})(?P<more>(?::[0-9]{{1,5}}){{1,2}}(?::[a-z]+)?)?(?P<path>/\S*)?"
)
# ADO.NET's `Server=db`, ZooKeeper's `server.1=zk-0.zk:2888`, etcd's `etcd-0=etcd-0.etcd:2380`.
_ELEMENT_ASSIGNED = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9_.-]{0,100})=(?P<value>[^=]+)")
_HOST_PATH = re.compile(rf"(?P<host>{_NAME})[/?]\S*")
_WELL_KNOWN_LOW_PORTS = frozenset({22, 25, 53})
_LEAST_PORT = 80
# Schemes whose authority is no host: files, sockets, images, buckets, identities, vaults.
_NOT_HOSTS = frozenset(
    {"file", "unix", "npipe", "docker", "docker-image", "containerd", "cri-o", "oci", "s3", "s3a"}
    | {"gs", "gcs", "az", "abfs", "abfss", "wasb", "wasbs", "spiffe", "arn", "vault", "env", "data"}
    | {"k8s", "kubernetes", "secret", "secretref", "awssm", "classpath", "jar", "memory", "mem"}
    | {"urn", "mailto", "content", "resource", "registry", "inproc", "ipc", "sqlite", "sqlite3"}
    | {"awsssm", "gcpsecretmanager", "gcpkms", "awskms", "azurekms", "hashivault", "passthrough"}
    | {"ref+vault", "package", "plugin", "chrome-extension", "about", "javascript"}
    | {"github", "gitlab", "hf"}  # golang-migrate, Hugging Face: an owner and a repository
    | {"kernel", "memif", "vfio"}  # Network Service Mesh: a network service by its mechanism
    | {"lb"}  # Spring Cloud's load balancer: the ID of a service, which no resolver is asked for
)
# RFC 9110, RFC 6455: one host; what a comma follows is another thing.
_OF_ONE_HOST = frozenset({"http", "https", "ws", "wss", "ftp", "grpc", "grpcs"})
_SCHEME = r"[A-Za-z][A-Za-z0-9+._-]*(?::[A-Za-z][A-Za-z0-9+._-]*){0,3}"
# gRPC's naming: `dns:///host:port`, `dns://authority/host:port`.
_URL = re.compile(
    rf"(?<![A-Za-z0-9+._:-])(?P<scheme>{_SCHEME})://(?P<rest>(?:\$\{{[^\s{{}}]*\}}|\$\([^\s()]*\)|[^\s\"'`<>|\\(){{}}])+)"
)
_OPENS_A_TEMPLATE = frozenset("<{")
_OPENS = _OPENS_A_TEMPLATE | {"("}
_HASH_IN_HOST = re.compile(r"[^/?#;]*#")
_NEXT_URL = re.compile(rf"[,;]{_SCHEME}://")
_AUTHORITY = re.compile(r"[^/?#;]*")
_ORACLE = re.compile(rf"jdbc:oracle:[a-z]+:[^@\s]*@(?:ldap:)?/{{0,2}}(?P<host>{_NAME}):[0-9]+\S*")
_GO_DSN = re.compile(rf"@(?:tcp[46]?|udp)\((?P<host>{_NAME})(?::[0-9]+)?\)")
# ADO.NET's connection strings, in JSON as well: `Server=db,1433;Database=shop`.
_ADO = re.compile(
    r"(?i)(?<![A-Za-z0-9_.-])(?:server|data source|(?:network )?address|addr|host) ?= ?(?:tcp:)?"
    rf"(?P<host>{_NAME})(?:[,:][0-9]{{1,5}})?(?=;[ ]?[A-Za-z ]{{1,40}}=)"
)
# libpq, Connection Strings: `host=db port=5432 user=app`.
_LIBPQ = re.compile(
    rf"(?<![A-Za-z0-9_.-])host ?= ?'?(?P<host>{_NAME})'?(?=[ ]{{1,8}}[a-z_]{{2,30}} ?=)"
)
# socat(1): `OPENSSL:web:443,verify=0`.
_SOCAT = re.compile(
    r"(?i)(?<![A-Za-z0-9_.-])(?:(?:tcp|udp|sctp)[46]?|openssl|ssl)(?:-connect)?"
    rf":(?P<host>{_NAME}):[0-9]{{1,5}}(?![0-9])"
)
# Linkerd 1, namers: `dst: /$/inet/namerd.l5d.svc.cluster.local/4100`.
_FINAGLE = re.compile(rf"/\$/inet/(?P<host>{_NAME})/[0-9]{{1,5}}")
_BEFORE_GO_DSN = re.compile(r"\S*\Z")
# Thanos, DNS Service Discovery: how the name behind it is looked up; Loki, Mimir and Tempo too.
_DNS_DISCOVERY = re.compile(
    rf"(?<![A-Za-z0-9_.+-])dns(?:srv(?:noa)?)?\+(?P<host>{_NAME})(?::[0-9]{{1,5}})?(?![A-Za-z0-9_.<${{(-])"
)
_IS_OPEN = frozenset({Says.SERVICE, Says.OPEN})
_HOLDS_A_HOST = frozenset({Says.HOST, Says.LOCATION, Says.KIND})
# `HOST_IP`, `YOUR_DB_HOST`: somebody, or a script, puts a host there.
_PLACEHOLDER = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")
# No `db`, `config` and the like: Services and namespaces are called so.
_FILE_ENDINGS = frozenset(
    {"jar", "war", "py", "js", "mjs", "ts", "sh", "yaml", "yml", "json", "toml", "ini", "cnf"}
    | {"conf", "cfg", "xml", "properties", "sock", "pem", "crt", "cert", "log", "txt", "so"}
    | {"html", "htm", "php", "rb", "lua", "sql", "csv", "tmpl", "tpl", "pid", "md", "gz", "tar"}
    | {"zip", "jks", "p12"}
)
_WORDS_OF_SETTINGS = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "undefined", "auto", "any"}
    | {"all", "default", "enabled", "disabled", "dns", "file", "files", "tcp", "udp", "http"}
    | {"https", "memory", "static", "dynamic", "random", "hostname", "localhost.localdomain"}
    | {"stdin", "stdout", "stderr"}
    | {"dedicated", "shared", "pooled"}  # Oracle Net, SERVER= of CONNECT_DATA
    | {"require", "new", "self", "this"}  # an expression: `local server = require "a"`
)
# `4s`, `10m`: how long, or how much.
_AMOUNT = re.compile(r"[0-9]+[a-z]{1,2}")


# The Service that every cluster has, and a word for what the cluster is.
_PLATFORM = "kubernetes"


class Exists(NamedTuple):
    """What names lead to: tests of a name as the workload's pods would say it.

    service: there is such a Service (`redis`, `redis.bank`, a pod's `db-0.db`); own: the name is
    the workload's own, by which it may call itself; governs: it is a StatefulSet's serviceName;
    asks_node: its pods know no Service by name, so that a word is an object's (Calico's Typha);
    upstreams: groups of servers that the files of one configuration name, beside this text's own.
    """

    service: Callable[[str], bool]
    own: str = ""
    governs: str = ""
    asks_node: bool = False
    upstreams: frozenset[str] = frozenset()

    def is_meant(self, name: str) -> bool:
        """Whether a bare NAME under a key that says nothing is the Service of that name."""
        if name != name.lower() or name == _PLATFORM:
            return False
        return self.service(name) and (name != self.own or name == self.governs)


class Spot(NamedTuple):
    """A host name, and the part of the text, [start, end), that mentions it."""

    start: int
    end: int
    name: str


def is_host_name(name: str) -> bool:
    """Whether NAME can be a host's: labels with a letter somewhere, no address, no file's name."""
    if not _HOST.fullmatch(name) or len(name.rstrip(".")) > _LONGEST_NAME:
        return False
    # RFC 2782: an underscore begins a service and its protocol; Elasticsearch says `_site_`.
    if any(map(_PLACEHOLDER.fullmatch, name.split("."))):
        return False
    if name.startswith("_") and "." not in name:
        return False
    if _AMOUNT.fullmatch(name):
        return False
    last = name.rstrip(".").rpartition(".")[2]
    if inet_pton(name) is not None or not re.search(r"[A-Za-z]", last):
        return False
    return "." not in name.rstrip(".") or last.lower() not in _FILE_ENDINGS


def is_of_cluster(name: str) -> bool:
    """Whether NAME is one of the cluster DNS by its form: `x.y.svc`, `x.y.svc.cluster.local`.

    As people write it: `com.shop.Svc` is a class.
    """
    labels = name.rstrip(".").split(".")
    return len(labels) > 2 and "svc" in labels[2:5] and is_host_name(name)


def hosts_of_urls(text: str, is_told: Callable[[str], bool] = lambda _: True) -> Iterator[Spot]:
    """The hosts of the URLs in TEXT; of one with several hosts, each.

    `hf://owner/model`, `kernel://orders`: IS_TOLD says whether a word alone behind `://` is a host.
    """
    at = 0
    while found := _URL.search(text, at):
        following = _NEXT_URL.search(text, found.start("rest"), found.end())
        at = following.start() if following else found.end()
        end = found.start() + len(text[found.start() : at].rstrip(".,;:!?]"))
        scheme = found["scheme"].lower()
        if scheme.rpartition(":")[2] in _NOT_HOSTS or _is_namespace_of_xml(text, found.start()):
            continue
        rest = text[found.start("rest") : end]
        # `https://s3.<region>.example.com`, `http://db.#space:80`: the host is not written out.
        goes_on = "/" not in rest and text[found.end() : found.end() + 1] in _OPENS_A_TEMPLATE
        if goes_on or _HASH_IN_HOST.match(rest):
            continue
        if scheme in _OF_ONE_HOST and "," in rest:
            rest = rest.partition(",")[0]
            end = found.start("rest") + len(rest)
        if scheme == "dns":
            rest = rest.rpartition("/")[2]
        has_host = scheme in _OF_ONE_HOST or scheme == "dns" or ":" in scheme
        for name in _authority_hosts(rest):
            is_word = rest.partition("/")[0] == name and "." not in name
            if has_host or not is_word or is_told(name):
                yield Spot(found.start(), end, name)
    yield from _of_data_sources(text)


def _of_data_sources(text: str) -> Iterator[Spot]:
    """The hosts of what is no URL: drivers' own strings, Thanos's discovery, socat."""
    for form in (_ORACLE, _DNS_DISCOVERY, _ADO, _LIBPQ, _SOCAT, _FINAGLE):
        for found in form.finditer(text):
            if is_host_name(found["host"]) and found["host"] not in _WORDS_OF_SETTINGS:
                yield Spot(found.start(), found.end(), found["host"])
    for found in _GO_DSN.finditer(text):
        if is_host_name(found["host"]):
            before = _BEFORE_GO_DSN.search(text[max(0, found.start() - 200) : found.start()])
            start = found.start() - (len(before[0]) if before else 0)
            yield Spot(start, found.end(), found["host"])


def _is_namespace_of_xml(text: str, start: int) -> bool:
    """Whether a URL is but a name: of XML, a JSON schema, a doctype, an HTML item's type."""
    before = text[max(0, start - 60) : start].lower()
    return bool(
        re.search(
            r"(?:xmlns(?::[a-z0-9_.-]+)?|schemalocation|itemtype|\$schema|\$id)[\"']?\s*[=:]\s*[\"']?"
            r"(?:\S+\s+)?\Z|dtd[^\"]*(?:\"[^\"]*)?\"\s*\"\Z",
            before,
        )
    )


def _authority_hosts(rest: str) -> Iterator[str]:
    authority = _AUTHORITY.match(rest)
    hosts = (authority[0] if authority else "").rpartition("@")[2]
    for each in hosts.split(","):
        name = re.sub(r":[0-9]*\Z", "", each)
        if is_host_name(name):
            yield name


def hosts_of_value(value: str, key: str, exists: Exists) -> Iterator[Spot]:
    """The hosts that VALUE, as a whole or element for element, names; KEY is what it stands under.

    Nothing where it is no list of such things: then it may be a script.
    """
    says = says_of_value(key)
    if says is Says.PATTERN:
        return
    if says is Says.OPEN and key.lower() == value:
        says = Says.SERVICE  # `ZIPKIN=zipkin`

    def is_told(name: str) -> bool:
        return says in _HOLDS_A_HOST or exists.service(name)

    found = [
        (start, each, tuple(hosts_of_urls(each, is_told)) or tuple(_of_element(each, says, exists)))
        for start, each in _elements(value)
    ]
    # `features: health,redis`, `tcp-listen:80,fork`: where not all of a list under any key are
    # hosts, a word of it is a kind, with or without a number.
    has_kinds = says in _IS_OPEN and not all(spots for _, _, spots in found)
    for start, element, spots in found:
        for each in spots:
            is_word = "." not in each.name and "://" not in element
            if not (has_kinds and is_word and (each.name == element or not is_told(each.name))):
                yield Spot(start + each.start, start + each.end, each.name)


_ELEMENT = re.compile(
    rf"(?:{'|'.join(sorted(_OF_ONE_HOST))})://[^\s\"',;]+|{_SCHEME}://[^\s\"']+|[^\s,;\"'\[\]]+"
)


def _elements(value: str) -> Iterator[tuple[int, str]]:
    """The elements of a list: what stands between commas, semicolons and blanks."""
    for found in _ELEMENT.finditer(value):
        # The hosts of one URL stand between commas, too.
        if "://" in found[0]:
            yield from _urls_apart(found.start(), found[0])
        else:
            yield found.start(), found[0]


def _urls_apart(start: int, text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for found in re.finditer(rf"[,;](?={_SCHEME}://)", text):
        yield start + at, text[at : found.start()]
        at = found.end()
    yield start + at, text[at:]


def _of_element(element: str, says: Says, exists: Exists) -> Iterator[Spot]:
    assigned = _ELEMENT_ASSIGNED.fullmatch(element)
    if assigned and says in _HOLDS_A_HOST:
        inner = says_of_value(assigned["key"])
        element_said = assigned["value"]
        # A key that says nothing is the host's own name: only `name=host:port` is told apart.
        if inner in _IS_OPEN and not _HOST_PORT.fullmatch(element_said):
            return
        name = _name_of_element(element_said, says if inner in _IS_OPEN else inner, exists)
    else:
        name = _name_of_element(element, says, exists)
    if name:
        yield Spot(0, len(element), name)


def is_list_of_hosts(value: str, key: str, exists: Exists) -> bool:
    """Whether VALUE, words on one line, is a list with blanks between its hosts."""
    words = value.split()
    return (
        "\n" not in value.strip()
        and says_of_value(key) in _HOLDS_A_HOST
        and all(
            re.search(r"[.:]", each) and any(hosts_of_value(each, key, exists)) for each in words
        )
    )


def _name_of_element(element: str, says: Says, exists: Exists) -> str:
    """The host that one element of a list names, "" for none."""
    with_port = _HOST_PORT.fullmatch(element)
    if with_port:
        host = with_port["host"]
        if (with_port["set"] or with_port["more"]) and says not in _HOLDS_A_HOST:
            return ""
        return host if _is_host_with_port(host, int(with_port["port"]), says, exists) else ""
    with_path = _HOST_PATH.fullmatch(element)
    if with_path and says in _HOLDS_A_HOST:
        host = with_path["host"]
        is_known = "." in host or host == "localhost" or exists.service(host)
        return host if is_host_name(host) and is_known else ""
    if not is_host_name(element):
        return _of_account(element, exists)
    return element if _is_host_alone(element, says, exists) else ""


def _of_account(element: str, exists: Exists) -> str:
    """The host of `rabbit@mq-0.mq.shop.svc`, an Erlang node, or of ssh's `user@host`.

    An email looks like it: a host there is only one that the cluster has.
    """
    before, mark, host = element.rpartition("@")
    is_known = "." in host and (is_of_cluster(host) or exists.service(host))
    return host if mark and before and is_host_name(host) and is_known else ""


def _is_host_with_port(host: str, port: int, says: Says, exists: Exists) -> bool:
    if not is_host_name(host) or port > 65535:
        return False
    if says in _HOLDS_A_HOST or is_of_cluster(host) or host == "localhost":
        return True
    if says is Says.OTHER or not (port >= _LEAST_PORT or port in _WELL_KNOWN_LOW_PORTS):
        return False
    is_word = host in _WORDS_OF_SETTINGS
    return exists.service(host) or "." in host or "-" in host or (says in _IS_OPEN and not is_word)


def _is_host_alone(name: str, says: Says, exists: Exists) -> bool:
    if is_of_cluster(name):
        return True
    if says is Says.HOST:
        is_own = name == exists.own and not exists.service(name)
        return not is_own and name not in _WORDS_OF_SETTINGS and name == name.lower()
    if not exists.is_meant(name):
        return False
    # `-target=querier` of Deployment querier is a part of it; no kind of a thing has a hyphen.
    if says is Says.LOCATION:
        return name != exists.own
    is_name = says is Says.SERVICE or bool(re.search(r"[-.]", name))
    return is_name and (says is Says.KIND or (says in _IS_OPEN and not exists.asks_node))


_SETTING = re.compile(
    r"(?<![A-Za-z0-9_.$-])(?P<key>-{0,2}[A-Za-z_][A-Za-z0-9_.-]{0,100})[\"']?"
    r"[ \t]{0,8}(?:=>|[=:])[ \t]{0,8}[\"'\[]{0,2}(?P<value>[^\s\"'`|&<>(){}#]+)"
)
# Fluent Bit, rsyslog and others, one to a line: `Brokers  k-0.k:9092,k-1.k:9092`.
_SPACED = re.compile(
    r"(?m)^[ \t]*(?P<key>[A-Za-z_][A-Za-z0-9_.-]{0,100})[ \t]{1,40}"
    r"(?P<value>[A-Za-z0-9_.,:-]{1,2000}:[0-9]{2,5})[ \t]*$"
)
# TOML, JSON, Logstash: `brokers = [ "k-0.k:9092", "k-1.k:9092" ]`.
_ARRAY = re.compile(
    r"(?<![A-Za-z0-9_.$-])(?P<key>[A-Za-z_][A-Za-z0-9_.-]{0,100})[\"']?"
    r"[ \t]{0,8}(?:=>|[=:])[ \t]{0,8}\[(?P<items>[^\[\]{}]{1,20000})\]"
)
# YAML: a key alone on its line, and a list of scalars below it.
_BLOCK = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]+)?[\"']?(?P<key>[A-Za-z_][A-Za-z0-9_.-]{0,100})[\"']?:[ \t]*\n"
    r"(?P<items>(?:[ \t]*-[ \t]+[^\s:][^\s]*[ \t]*(?:\n|\Z))+)"
)
_ITEM = re.compile(r"(?m)(?:^[ \t]*-[ \t]+|(?<=[\[,])\s*)[\"']?(?P<value>[^\s\"',]+)")
# Hadoop's property files.
_PROPERTY = re.compile(
    r"<name>\s*(?P<key>[A-Za-z0-9_.-]{1,200})\s*</name>\s*<value>\s*(?P<value>[^<\s]{1,2000})"
)
# Prometheus, relabel_config: the address that is scraped in place of the target's own.
_ADDRESS_LABEL = r"target_?[Ll]abel[\"']?:[ \t]*[\"']?__address__[\"']?,?"
_REPLACEMENT = r"replacement[\"']?:[ \t]*[\"']?(?P<{}>[^\s\"',]+)"
_REST_OF_RULE = r"[ \t]*\n(?:[ \t]*(?![\s-])[^\n]*\n){0,4}?[ \t]*(?![\s-])[\"']?"
_SCRAPED = re.compile(
    f"{_ADDRESS_LABEL}{_REST_OF_RULE}{_REPLACEMENT.format('after')}"
    f"|{_REPLACEMENT.format('before')}[\"']?,?{_REST_OF_RULE}{_ADDRESS_LABEL}"
)
_DOTTED = re.compile(rf"(?<![A-Za-z0-9_./@$%{{-]){_LABEL}(?:\.{_LABEL})+(?![A-Za-z0-9_({{/$\\])")
_IN_HOST_PORT = re.compile(
    rf"(?<![A-Za-z0-9_./@:$%{{}}-])(?P<host>{_NAME}):(?P<port>[0-9]{{2,5}})(?![A-Za-z0-9_.-])"
)
_AFTER_FLAG = re.compile(
    rf"(?<![A-Za-z0-9_-])(?P<flag>--?[A-Za-z][A-Za-z0-9_-]*)[\"']?[\s=]{{1,8}}[\"']?"
    rf"(?P<host>{_NAME})(?P<port>:[0-9]+)?(?=[\s\"',;)&|]|\Z)"
)
_HOST_FLAGS = frozenset({"host", "hostname"})
# psql(1), mysql(1), createdb(1): a user, a database; kubectl's namespace, a password.
_OTHER_FLAGS = frozenset({"-U", "-u", "-d", "-n", "-p"})
# nginx, HAProxy, Redis, Caddy, Fluentd: a directive and its host.
_DIRECTIVE = re.compile(
    rf"(?m)^[ \t]*(?:server[ \t]+(?P<host>{_NAME})(?::[0-9]+)?(?=[ \t;])[^{{}}\n]*;"
    rf"|[a-z]+_pass[ \t]+(?P<passed>{_NAME})(?::[0-9]+)?(?=[ \t;])[^{{}}\n]*;"
    rf"|reverse_proxy[ \t]+(?:[/*@]\S*[ \t]+)?(?P<upstream>{_NAME}):[0-9]+"
    rf"|[Hh]ost[ \t]+(?P<told>{_NAME})[ \t]*$"
    rf"|server[ \t]+\S+[ \t]+(?P<proxied>{_NAME}):[0-9]+"
    rf"|(?:replicaof|slaveof)[ \t]+(?P<master>{_NAME})[ \t]+[0-9]+"
    rf"|sentinel[ \t]+monitor[ \t]+\S+[ \t]+(?P<watched>{_NAME})[ \t]+[0-9]+)"
)
_GROUPS = ("host", "passed", "upstream", "told", "proxied", "master", "watched")
# ngx_http_upstream_module: a name of the configuration's own, which no resolver is asked for.
_UPSTREAM = re.compile(rf"(?m)^[ \t]*upstream[ \t]+(?P<name>{_NAME})[ \t]*\{{")
# ngx_http_rewrite_module: where a client is sent to, which the server does not ask.
_REDIRECTS = re.compile(r"\b(?:return[ \t]+30[12378]|rewrite[ \t]+\S+)[ \t]+[\"']?\Z")
# grep(1): what is looked for, behind its flags.
_LOOKS_FOR = re.compile(r"(?<![\w./-])[a-z]?grep(?:[ \t]+-\S+)*[ \t]+\Z")
# Programs whose first word that is no flag is a host.
_ASKS = re.compile(
    r"(?<![A-Za-z0-9_./-])(?:/usr)?(?:/s?bin/)?(?P<program>nslookup|dig|drill|ping6?|telnet"
    r"|getent[ \t]+a?hosts(?:v4|v6)?|nc|ncat|netcat|wait-for(?:-it)?(?:\.sh)?)"
    r"(?P<words>(?:[ \t]+[^\s;|&><()`]+){1,8})"
)
# Words of plain English, too: then a flag, a dot or a Service tells.
_ENGLISH = frozenset({"dig", "drill", "ping", "ping6"})
_TAKES_PORT = frozenset({"nc", "ncat", "netcat", "telnet"})
_VALUE_FLAGS = frozenset({"-w", "-W", "-c", "-t", "-i", "-p", "-q", "-s", "-timeout", "--timeout"})
# Clients of databases: `-h HOST`, bash's own sockets.
_CLIENTS = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:mysql(?:admin|dump)?|mariadb(?:-admin|-dump)?|psql|pg_(?:isready|dump"
    rf"|restore|basebackup)|redis-cli)(?:[ \t]+[^\s;|&><()`]+){{0,12}}?[ \t]+-h[ \t]*[\"']?"
    rf"(?P<host>{_NAME})(?=[\s\"';|&)]|\Z)"
)
_SOCKET = re.compile(rf"/dev/(?:tcp|udp)/(?P<host>{_NAME})/[0-9$]")
_FETCHES = re.compile(r"(?<![A-Za-z0-9_./-])(?:curl|wget)(?P<words>(?:[ \t]+[^\s;|&><()`]+){1,12})")
_FETCHED = re.compile(rf"[\"']?(?P<host>{_NAME})(?P<port>:[0-9]{{2,5}})?(?:/[^\s\"']*)?[\"']?")
_TAKES_WORD = frozenset(
    {"-o", "-O", "-X", "-H", "-d", "-u", "-F", "-T", "-A", "-e", "-b", "-c", "-m", "-w", "--data"}
    | {"--header", "--output", "--user", "--request", "--max-time", "--retry", "--timeout"}
)


def hosts_in_script(text: str, exists: Exists) -> Iterator[Spot]:
    """The hosts inside TEXT, a script or a configuration whose comments are no mention."""
    if _is_dashboard(text):
        return
    # A shell, and curl's and redis-cli's users, go on behind a backslash.
    text = without_comments(text).replace("\\\n", "  ")
    # One text mentions a name once: where its form says most.
    seen: dict[str, Spot] = {}
    for each in _candidates(text, exists):
        seen.setdefault(each.name.rstrip("."), each)
    yield from sorted(seen.values())


def _is_dashboard(text: str) -> bool:
    """Whether TEXT is a Grafana dashboard (its JSON model): what it has are labels and links."""
    return text.lstrip()[:1] == "{" and '"panels"' in text and '"schemaVersion"' in text


def upstreams_in(text: str) -> frozenset[str]:
    """The names that TEXT, if it is nginx's, gives to groups of servers."""
    return frozenset(found["name"] for found in _UPSTREAM.finditer(text))


def _candidates(text: str, exists: Exists) -> Iterator[Spot]:
    """Those whose form says most come first."""
    own = exists.upstreams | upstreams_in(text)
    for url in hosts_of_urls(text, exists.service):
        is_told = _is_below_pattern(text, url.start) or _REDIRECTS.search(
            text, max(0, url.start - 200), url.start
        )
        if url.name not in own and not is_told:
            yield url
    yield from _of_settings(text, exists)
    yield from hosts_of_programs(text, exists)
    yield from _of_directives(text, own)
    yield from _of_flags(text, exists)
    for found in _IN_HOST_PORT.finditer(text):
        host = found["host"]
        is_known = is_of_cluster(host) or exists.service(host) or host == "localhost"
        if is_known and not _is_below_pattern(text, found.start()):
            yield Spot(found.start(), found.end(), host)
    for found in _DOTTED.finditer(text):
        is_known = is_of_cluster(found[0]) or (is_host_name(found[0]) and exists.service(found[0]))
        if is_known and not _is_below_pattern(text, found.start()):
            yield Spot(found.start(), found.end(), found[0])


# `server_name: db.shop.svc`, nginx's `server_name db.shop.svc;`, `origins=http://a,http://b`.
_KEY_BEFORE = re.compile(
    r"([A-Za-z_][\w.-]*)[\"']?[ \t]*(?:=>|[=: ])[ \t]*[\"'\[]{0,2}(?:[^\s=,;]+[,;][ \t]*){0,20}\Z"
)


def _is_below_pattern(text: str, start: int) -> bool:
    """Whether what begins at START stands under a key whose values nobody looks up."""
    before = _KEY_BEFORE.search(text, max(0, start - 200), start)
    return before is not None and says_of_value(before[1]) is Says.PATTERN


def _of_directives(text: str, own: frozenset[str]) -> Iterator[Spot]:
    """The hosts of directives; OWN are names that the configuration gives to groups of servers."""
    for found in _DIRECTIVE.finditer(text):
        group = next(each for each in _GROUPS if found[each])
        if is_host_name(found[group]) and not (group == "passed" and found[group] in own):
            yield Spot(found.start(group), found.end(), found[group])


def _of_flags(text: str, exists: Exists) -> Iterator[Spot]:
    """The hosts behind a flag: `--join db`, a Service; `--broker k:9092` and `--host x`, any."""
    for found in _AFTER_FLAG.finditer(text):
        says = says_of_value(found["flag"])
        host = found["host"]
        is_other = found["flag"] in _OTHER_FLAGS or says in {Says.OTHER, Says.PATTERN}
        looked_for = _LOOKS_FOR.search(text, max(0, found.start() - 60), found.start())
        if is_other or looked_for or not is_host_name(host):
            continue
        is_told = found["flag"].lstrip("-") in _HOST_FLAGS and _is_host_alone(
            host, Says.HOST, exists
        )
        is_meant = exists.service(host) if found["port"] else _is_host_alone(host, says, exists)
        if is_meant or is_told or (found["port"] and says in _HOLDS_A_HOST):
            yield Spot(*_with_quotes(text, found.start(), found.end()), host)


def _with_quotes(text: str, start: int, end: int) -> tuple[int, int]:
    """[START, END) with the quotes around what stands at either end of it."""
    before = start - 1 if text[start - 1 : start] in {"'", '"'} and start else start
    return before, end + 1 if text[end : end + 1] in {"'", '"'} else end


def _of_settings(text: str, exists: Exists) -> Iterator[Spot]:
    """`key=value`, `key: value` and `"key": "value"`, where the key says that it is a host."""
    sections = {found["name"] for found in _SECTION.finditer(text)}
    for form in (_SETTING, _PROPERTY, _SPACED):
        for found in form.finditer(text):
            is_item = "[" in text[found.end("key") : found.start("value")]
            is_of_section = is_item and _is_section(found["value"], sections, exists)
            if is_of_section or (form is _SETTING and _is_none(found, text)):
                continue
            value = found["value"].rstrip(".,;]")
            for each in _of_setting(found["key"], value, exists, of_list=is_item):
                yield Spot(*_with_quotes(text, found.start(), found.end()), each.name)
    for found in _SCRAPED.finditer(text):
        group = "after" if found["after"] else "before"
        for each in _of_setting("__address__", found[group], exists):
            yield Spot(found.start(group), found.end(group), each.name)
    yield from _of_lists(text, sections, exists)


# cloudflared's ingress rules: what the tunnel answers to, and what it asks.
_ANSWERED = re.compile(r"[\"']?[ \t]*\n[ \t]+(?:path:[^\n]*\n[ \t]+)?service:")


def _is_none(found: re.Match[str], text: str) -> bool:
    """Whether what looks like a setting is none: `host = getenv("A")`, `endpoint: s3.<REGION>`."""
    if text[found.end() : found.end() + 1] in _OPENS:
        return True
    return found["key"] == "hostname" and bool(_ANSWERED.match(text, found.end()))


# What a configuration has a section for: `"peers": ["east"]` names that one.
_SECTION = re.compile(rf"(?m)(?:^|[\s\"'{{,])(?P<name>{_LABEL})[\"']?[ \t]*:[ \t]*(?:\{{|$)")


def _is_section(value: str, sections: set[str], exists: Exists) -> bool:
    return value in sections and not exists.service(value)


def _of_lists(text: str, sections: set[str], exists: Exists) -> Iterator[Spot]:
    """The hosts in a list under a key, in brackets or in lines of their own.

    What names one of the configuration's SECTIONS is none.
    """
    for form in (_ARRAY, _BLOCK):
        for found in form.finditer(text):
            for item in _ITEM.finditer(text, found.start("items"), found.end("items")):
                value = item["value"]
                if _is_section(value, sections, exists):
                    continue
                for each in _of_setting(found["key"], value, exists, of_list=True):
                    yield Spot(item.start("value"), item.end("value"), each.name)


def _of_setting(key: str, value: str, exists: Exists, *, of_list: bool = False) -> Iterator[Spot]:
    says = says_of_value(key)
    if says in {Says.OTHER, Says.PATTERN}:
        return
    for each in hosts_of_value(value, key, exists):
        # A list under any key may be one of kinds, a word a label's value: `service: gateway`.
        is_word = each.name == value and "." not in value and (of_list or "-" not in value)
        is_sure = says in _HOLDS_A_HOST or is_of_cluster(each.name)
        if is_sure or (exists.is_meant(each.name) and not is_word):
            yield each


def hosts_of_programs(text: str, exists: Exists) -> Iterator[Spot]:
    """The host that `nslookup redis` or `nc -z db 5432` is told, in a command line."""
    for found in _ASKS.finditer(text):
        program = found["program"].split()[0]
        words = tuple(re.finditer(r"\S+", found["words"]))
        word = _first_operand(words, needs_port=program in _TAKES_PORT)
        if word is None:
            continue
        name = re.sub(r":[0-9]+\Z", "", word[0].strip("\"'"))
        is_sure = program not in _ENGLISH or "." in name or words[0][0].startswith("-")
        if is_host_name(name) and (is_sure or exists.service(name)):
            start = found.start("words") + word.start()
            yield Spot(start, start + len(word[0]), name)
    for form in (_CLIENTS, _SOCKET):
        for told in form.finditer(text):
            if is_host_name(told["host"]):
                yield Spot(told.start("host"), told.end("host"), told["host"])
    yield from _of_fetches(text, exists)


def _of_fetches(text: str, exists: Exists) -> Iterator[Spot]:
    """What curl and wget are told without a scheme: `curl db:9200/_cat`, `wget -qO- web`."""
    for found in _FETCHES.finditer(text):
        before = ""
        for word in re.finditer(r"\S+", found["words"]):
            told = _FETCHED.fullmatch(word[0])
            is_host = told and before not in _TAKES_WORD and is_host_name(told["host"])
            if told and is_host and (told["port"] or exists.service(told["host"])):
                start = found.start("words") + word.start()
                yield Spot(start, start + len(word[0]), told["host"])
            before = word[0]


def _first_operand(words: tuple[re.Match[str], ...], *, needs_port: bool) -> re.Match[str] | None:
    skips = False
    for at, word in enumerate(words):
        if skips or word[0].startswith(("-", "+", "@")):
            skips = not skips and word[0] in _VALUE_FLAGS
            continue
        following = words[at + 1][0] if at + 1 < len(words) else ""
        if needs_port and not following.strip("\"'$({})").lstrip("$").isdigit():
            return None
        return word
    return None


_COMMENTS = re.compile(
    r"(?m)(?:^|(?<=\s))(?:#|//)(?!!/).*$|^[ \t]*(?:;|--\s).*$"
    r"|<!--[\s\S]*?(?:-->|\Z)"
)


def without_comments(text: str) -> str:
    """TEXT with its comments blank, as long as before."""
    return _COMMENTS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def is_script(value: str) -> bool:
    """Whether VALUE is more than a value or a list of them: it has lines, or words with blanks."""
    return "\n" in value.strip() or bool(re.search(r"\S\s+\S", value.strip()))
