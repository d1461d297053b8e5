"""The live backend: reads answered by the API server and by commands that run in containers.

How a container is read (which program, what script, what parts its output) is this side's business
alone. A batch's files and lookups of one container are one exec; the objects of the batch are read
while it runs. `connect` turns flags into the Cluster that answers; what talks to the network is
imported when it is called.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.background import Background
from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.evidence import RESOLV_CONF, FileRead
from kubectl_hosts.model.reads import Files, FilesGiven, Lookups, LookupsGiven, Objects, Replies
from kubectl_hosts.probes.ports import ExecTarget, could_not_look, read_objects
from kubectl_hosts.waiting import waiting_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.cluster.access import Access, NotUnderstood, Proxy, ServerAddress
    from kubectl_hosts.cluster.connection_flags import ConnectionFlags
    from kubectl_hosts.cluster.http_requests import Requests
    from kubectl_hosts.cluster.streams import PodConnection
    from kubectl_hosts.model.dns import Question
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import PodRef, RawGiven, Read, RepliesGiven
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.lookups import LookupsRead, Tools
    from kubectl_hosts.probes.ports import Cluster, CompletedExec

    Answers = dict[Read, RawGiven]


class ApiCluster:
    """The Cluster protocol of `probes/ports.py` over the live API; made by `connect`."""

    def __init__(
        self, namespace: str, seconds: float | None, requests: Requests, flags: ConnectionFlags
    ) -> None:
        self.namespace = namespace
        """`--namespace`, else the current context's, else `default`."""
        self._seconds = seconds
        self._requests = requests
        self._flags = flags

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
        from kubectl_hosts.cluster.http_requests import get_object  # noqa: PLC0415

        return get_object(self._requests, resource, name, namespace, self._seconds)

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected, a page of 500 at a time. Raises as `get` does."""
        from kubectl_hosts.cluster.http_requests import list_objects  # noqa: PLC0415

        return list_objects(self._requests, resource, selection, self._seconds)

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,
        last: bytes = b"",
    ) -> CompletedExec:
        """Run a command in a container, over the transport that `--transport` chose; see ports.py.

        Raises NotFound for a pod that is gone, a child of ExecFailed, or Unreachable.
        """
        from kubectl_hosts.cluster.exec import ExecCommand, run_exec  # noqa: PLC0415

        command = ExecCommand(target, tuple(argv), stdin, limit, deadline, last)
        return run_exec(self._requests, self._flags, command)

    def forward(
        self, namespace: str, pod: str, port: int, *, deadline: float = 10.0
    ) -> PodConnection:
        """A byte stream to TCP PORT of a pod, for DEADLINE seconds in all.

        Raises NotFound, Forbidden, another ServerRefused, or Unreachable.
        """
        from kubectl_hosts.cluster.streams import forward  # noqa: PLC0415

        return forward(self._requests, namespace, pod, port, deadline)

    def close(self) -> None:
        """Close the idle connections; the next call opens new ones."""
        self._requests.close()


def connect(flags: ConnectionFlags, environ: Mapping[str, str] | None = None) -> ApiCluster:
    """The cluster that kubectl would talk to with these flags; sends nothing yet.

    Raises HostsError with kubectl's words for a kubeconfig, a flag or a certificate that cannot
    be used.
    """
    from kubectl_hosts.cluster.access import NotUnderstood, choose_access  # noqa: PLC0415

    environ = os.environ if environ is None else environ
    try:
        access = choose_access(flags, environ)
    except NotUnderstood as error:
        return _connect_with_kubectl_alone(flags, environ, error)
    return _connect_with(access, flags)


def _connect_with(access: Access, flags: ConnectionFlags) -> ApiCluster:
    from kubectl_hosts.cluster.access import choose_proxy, parse_server  # noqa: PLC0415
    from kubectl_hosts.cluster.connection import Dialer, data_or_file  # noqa: PLC0415
    from kubectl_hosts.cluster.credentials import impersonation_headers, log_in  # noqa: PLC0415
    from kubectl_hosts.cluster.http_requests import Requests  # noqa: PLC0415

    cluster = access.cluster
    endpoint = parse_server(str(cluster["server"]))
    is_tls = endpoint.scheme == "https"
    proxy = choose_proxy(endpoint, str(cluster.get("proxy-url") or ""), access.environ)
    foreign = _what_only_kubectl_speaks(access, endpoint, proxy)
    if foreign:
        # kubectl proxy dials an upgrade directly, past any proxy: kubectl execs itself.
        by_kubectl = proxy is not None and flags.transport == "auto"
        exec_flags = flags._replace(transport="kubectl") if by_kubectl else flags
        requests = _through_kubectl(flags, access.environ, foreign)
        return ApiCluster(access.namespace, access.timeout, requests, exec_flags)
    if is_tls and access.timeout:  # its file may be a pipe
        authority = data_or_file(cluster, "certificate-authority", access.timeout)
        cluster = {**cluster, "certificate-authority-data": authority}
    requests = Requests(
        endpoint,
        Dialer(endpoint, proxy, server_name=str(cluster.get("tls-server-name") or "")),
        # client_config.go ClientConfig: without TLS no credentials are read, none are sent.
        log_in(access) if is_tls else None,
        cluster=cluster,
        headers=tuple(impersonation_headers(access.user)),
        target_prefix=f"http://{endpoint.authority}" if proxy and not is_tls else "",
    )
    return ApiCluster(access.namespace, access.timeout, requests, flags)


def _what_only_kubectl_speaks(access: Access, endpoint: ServerAddress, proxy: Proxy | None) -> str:
    """What goes through kubectl proxy, in words; "" where the thin client can do it all."""
    from kubectl_hosts.cluster.credentials import oidc_token  # noqa: PLC0415

    if proxy is not None and proxy.scheme != "http":
        return f"a proxy of the kind {proxy.scheme}://"
    if endpoint.scheme == "https" and access.user.get("auth-provider"):
        return "" if oidc_token(access.user) else "auth-provider"
    return ""


def _through_kubectl(flags: ConnectionFlags, environ: Mapping[str, str], foreign: str) -> Requests:
    from kubectl_hosts.cluster.access import ServerAddress  # noqa: PLC0415
    from kubectl_hosts.cluster.http_requests import Requests  # noqa: PLC0415
    from kubectl_hosts.cluster.kubectl import KubectlProxy  # noqa: PLC0415

    proxy = KubectlProxy(flags, environ, foreign)
    endpoint = ServerAddress("http", "localhost", 80, authority="localhost")
    return Requests(endpoint, proxy, None, cluster={})


def _connect_with_kubectl_alone(
    flags: ConnectionFlags, environ: Mapping[str, str], error: NotUnderstood
) -> ApiCluster:
    """A kubeconfig that only kubectl may understand; where it does not, the words are its own."""
    from kubectl_hosts.cluster.connection_flags import parse_request_timeout  # noqa: PLC0415
    from kubectl_hosts.cluster.kubectl import ask_kubectl, find_kubectl  # noqa: PLC0415

    if not find_kubectl():
        raise error
    view = ("config", "view", "--minify", "--output=jsonpath={.contexts[0].context.namespace}")
    namespace = flags.namespace or ask_kubectl(flags, environ, *view) or "default"
    requests = _through_kubectl(flags, environ, "this kubeconfig")
    return ApiCluster(namespace, parse_request_timeout(flags.request_timeout), requests, flags)


class LiveBackend:
    """A cluster as a backend; see ports.Backend. DEADLINE is in seconds, for each exec."""

    def __init__(self, cluster: Cluster, *, deadline: float = 30.0) -> None:
        self.namespace = cluster.namespace
        self._cluster = cluster
        self._deadline = deadline
        self._lock = threading.Lock()
        self._known: dict[ExecTarget, _Known] = {}
        self._silent: set[tuple[ExecTarget, str]] = set()

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """As the cluster's `get`."""
        with waiting_for("waiting for the API server"):
            return self._cluster.get(resource, name, namespace=namespace)

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """As the cluster's `list`."""
        return self._cluster.list(resource, selection)

    def answer(self, reads: Sequence[Read]) -> Mapping[Read, RawGiven]:
        """What each of READS gave: an exec for each container, one request for each other read.

        The first exec is sent before anything else, so that it gets the connection that the pod
        came over; it takes 50 ms of the node's time.
        """
        execs = tuple(self._execs(reads))
        objects = [each for each in reads if isinstance(each, Objects)]
        if len(execs) == 1 and not objects:  # most pods of a fleet: no thread is made for it
            return execs[0]()
        running = [Background(each) for each in execs]
        answers: Answers = {}
        for read in objects:
            with waiting_for("waiting for the API server"):
                answers[read] = read_objects(self._cluster, read)
        for each in running:
            answers |= each.result()
        return answers

    def _execs(self, reads: Sequence[Read]) -> Iterator[Callable[[], Answers]]:
        in_containers: dict[ExecTarget, list[Files | Lookups]] = {}
        for read in reads:
            if isinstance(read, (Files, Lookups)):
                in_containers.setdefault(_target(read.pod, read.container), []).append(read)
        for target, of_target in in_containers.items():
            yield partial(self._look, target, tuple(of_target))
        for read in reads:
            if isinstance(read, Replies):
                yield partial(self._hear, read)

    def _hear(self, read: Replies) -> Answers:
        return {read: self._replies(read)}

    def _look(self, target: ExecTarget, reads: tuple[Files | Lookups, ...]) -> Answers:
        """Files and lookups of one container; why they could not be had is the value of each."""
        lookups = [each for each in reads if isinstance(each, Lookups)]
        place = f"{target.namespace}/{target.pod}, container {target.container}"
        what = f"looking names up in {place}" if lookups else f"reading the files of {place}"
        try:
            with waiting_for(f"{what}, up to {self._deadline:.0f} s"):
                if lookups:
                    return self._look_inside(target, reads, lookups)
                return {
                    each: self._files(target, each) for each in reads if isinstance(each, Files)
                }
        except HostsError as error:
            failure = could_not_look(f"container {target.container}", error)
            return dict.fromkeys(reads, failure)

    def _files(self, target: ExecTarget, read: Files) -> FilesGiven:
        from kubectl_hosts.probes.files import read_files  # noqa: PLC0415

        found = read_files(self._cluster, target, read.paths, deadline=self._deadline)
        return FilesGiven(found.files, found.via)

    def _look_inside(
        self, target: ExecTarget, reads: tuple[Files | Lookups, ...], lookups: Sequence[Lookups]
    ) -> Answers:
        names = tuple(dict.fromkeys(name for each in lookups for name in each.names))
        paths = tuple(
            dict.fromkeys(path for each in reads if isinstance(each, Files) for path in each.paths)
        )
        inside = self._inside(target, names, paths)
        views = {view.name: view for view in inside.views}
        return {
            each: LookupsGiven(tuple(views[name] for name in each.names), inside.libc)
            if isinstance(each, Lookups)
            else FilesGiven(inside.read.files, inside.read.via)
            for each in reads
        }

    def _inside(
        self, target: ExecTarget, names: tuple[str, ...], paths: tuple[str, ...]
    ) -> LookupsRead:
        from kubectl_hosts.probes.lookups import look_inside  # noqa: PLC0415

        inside = look_inside(self._cluster, target, names, paths, deadline=self._deadline)
        with self._lock:
            self._known[target] = _known(inside)
        return inside

    def _replies(self, read: Replies) -> RepliesGiven | CouldNotLook:
        # dnspython takes 60 ms to import, and most names need no question.
        from kubectl_hosts.model.reads import RepliesGiven  # noqa: PLC0415
        from kubectl_hosts.probes.replies import ask_dns, ask_dns_by_port_forward  # noqa: PLC0415

        if not read.container:
            questions = tuple(question for _, question in read.questions)
            told = ask_dns_by_port_forward(self._cluster, read.pod, questions, zone=read.zone)
            return RepliesGiven((told,))
        target = _target(read.pod, read.container)
        try:
            known = self._known_of(target)
        except HostsError as error:
            return could_not_look(f"container {read.container}", error)
        wanted: dict[str, list[Question]] = {}
        for server, question in read.questions:
            wanted.setdefault(server, []).append(question)
        seconds, is_late = self._patience_with(target, wanted, known)
        with waiting_for(f"asking {', '.join(wanted)}, up to {seconds} s"):
            asked = ask_dns(
                self._cluster,
                target,
                wanted,
                tools=known.tools,
                zone=read.zone,
                deadline=self._deadline,
                seconds=seconds,
            )
        with self._lock:
            self._silent.update((target, each.server) for each in asked if each.is_silent)
        return RepliesGiven(tuple(each.if_late() for each in asked) if is_late else asked)

    def _patience_with(
        self, target: ExecTarget, servers: Iterable[str], known: _Known
    ) -> _Patience:
        """How long SERVERS are listened to: one that was silent once has cost its timeouts."""
        with self._lock:
            silent = all((target, each) in self._silent for each in servers)
        return _Patience(MORE_SECONDS) if silent else _patience(known)

    def _known_of(self, target: ExecTarget) -> _Known:
        with self._lock:
            known = self._known.get(target)
        if known is None:
            self._inside(target, (), (RESOLV_CONF,))
            with self._lock:
                known = self._known[target]
        return known


MORE_SECONDS = 2
"""What asking may take beyond the resolver's own timeouts."""


class _Known(NamedTuple):
    """What an earlier exec told about a container."""

    tools: Tools
    resolv_conf: bytes
    waited: float
    """The longest that the C library looked for a name in vain, in seconds."""


def _known(inside: LookupsRead) -> _Known:
    found = dict(inside.read.files).get(RESOLV_CONF)
    waited = (each.seconds or 0.0 for each in inside.views if not each.addresses)
    data = found.data if isinstance(found, FileRead) else b""
    return _Known(inside.tools, data, max(waited, default=0.0))


class _Patience(NamedTuple):
    """How many seconds servers are listened to, and whether they are known to answer late."""

    seconds: int
    is_late: bool = False


def _patience(known: _Known) -> _Patience:
    """What resolv.conf(5) gives a nameserver (timeout, attempts), and MORE_SECONDS.

    What the C library has waited in vain is taken off what it gives all of them, MORE_SECONDS stay:
    glibc waits for all of it, musl for one `timeout`. A lookup that took another time had an answer
    of some kind: nothing is taken off.
    """
    from kubectl_hosts.model.resolver.resolv_conf import GLIBC, parse_resolv_conf  # noqa: PLC0415
    from kubectl_hosts.probes.replies import SECONDS  # noqa: PLC0415  few names are asked

    conf = parse_resolv_conf(known.resolv_conf, GLIBC)
    timeout = max(1, conf.timeout)
    timeouts = timeout * max(1, conf.attempts)
    of_all = timeouts * max(1, len(conf.nameservers))
    is_silence = known.waited >= of_all - _NEARLY or abs(known.waited - timeout) < _NEARLY
    left = min(timeouts, round(of_all - known.waited)) if is_silence else timeouts
    seconds = max(0, min(SECONDS - MORE_SECONDS, left)) + MORE_SECONDS
    return _Patience(seconds, is_late=not is_silence and known.waited > timeout)


_NEARLY = 0.5
"""A clock of hundredths, and a process that starts, in seconds."""


def _target(pod: PodRef, container: str) -> ExecTarget:
    return ExecTarget(namespace=pod.namespace, pod=pod.name, container=container)
