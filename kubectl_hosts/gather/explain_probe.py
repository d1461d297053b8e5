"""What `explain` sees in a pod: one exec for files and the C library, one for the nameservers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, NoSuchExecutable
from kubectl_hosts.gather.containers import siblings, why_not_running
from kubectl_hosts.gather.files import why
from kubectl_hosts.gather.inside import Inside, look_inside
from kubectl_hosts.gather.ports import ExecTarget
from kubectl_hosts.gather.resolver import LibcSeen
from kubectl_hosts.model.evidence import ContainerEvidence, CouldNotLook
from kubectl_hosts.model.explanation import Observation, Observed
from kubectl_hosts.model.fields import text
from kubectl_hosts.model.hosts.kubelet import LINUX_HOSTS_PATH
from kubectl_hosts.model.observation import Asked, LibcView, ViewOutcome
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.gather.inside import Tools
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.gather.scene import Scene
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.pod import Container, Pod

# EAI_AGAIN in the words of glibc, musl (gai_strerror) and libuv.
_MAY_PASS = ("Temporary failure in name resolution", "Try again", "EAI_AGAIN")
_PREDICTED_ONLY = CouldNotLook(what="the C library's own answer", why="nobody looked into the pod")


class Probe(NamedTuple):
    """What one exec told about a container.

    target is the container that can be asked again (a sibling where this one has no tools), None
    where none can; tools are what it can carry DNS messages with.
    """

    evidence: ContainerEvidence
    libc: LibcSeen = LibcSeen()
    views: tuple[tuple[str, Observation], ...] = ()
    target: ExecTarget | None = None
    tools: Tools | None = None

    def view(self, name: str) -> Observation:
        """The C library's own answer for NAME, or why there is none."""
        return dict(self.views).get(name) or self.evidence.failure or _PREDICTED_ONLY


def probe_container(
    cluster: Cluster, pod: Pod, container: Container, names: tuple[str, ...], deadline: float
) -> Probe:
    """Files, C library and its view of NAMES; DEADLINE is in seconds, for each exec."""
    stopped = why_not_running(pod, container)
    if stopped:
        return _unread(container, stopped)
    target = ExecTarget(namespace=pod.namespace, pod=pod.name, container=container.name)
    try:
        return _probe(container, target, look_inside(cluster, target, names, deadline=deadline))
    except NoSuchExecutable as error:
        return _through_sibling(cluster, pod, container, deadline) or _unread(
            container, why(error), error.hint
        )
    except HostsError as error:
        return _unread(container, why(error), error.hint)


def _unread(container: Container, reason: str, hint: str = "") -> Probe:
    failure = CouldNotLook(what=f"container {container.name}", why=reason, hint=hint)
    return Probe(ContainerEvidence(name=container.name, failure=failure))


def _probe(container: Container, target: ExecTarget, inside: Inside) -> Probe:
    return Probe(
        ContainerEvidence(name=container.name, files=inside.read.files, via=inside.read.via),
        LibcSeen(inside.read.libraries, inside.version, inside.variables),
        tuple((view.name, observation(view)) for view in inside.views),
        target,
        inside.tools,
    )


def _through_sibling(
    cluster: Cluster, pod: Pod, container: Container, deadline: float
) -> Probe | None:
    """The same files through another container; its C library is not this one's and isn't asked."""
    for sibling in siblings(pod, container, LINUX_HOSTS_PATH):
        target = ExecTarget(namespace=pod.namespace, pod=pod.name, container=sibling.name)
        try:
            inside = look_inside(cluster, target, (), deadline=deadline)
        except HostsError:
            continue
        evidence = ContainerEvidence(
            name=container.name,
            files=tuple(_shared(inside)),
            via=inside.read.via,
            read_from=sibling.name,
        )
        return Probe(evidence, LibcSeen(), (), target, inside.tools)
    return None


def _shared(inside: Inside) -> Iterator[tuple[str, CouldNotLook]]:
    """The files that all containers of a pod share; the others are the sibling image's own."""
    for path, found in inside.read.files:
        if path in {LINUX_HOSTS_PATH, "/etc/resolv.conf"}:
            yield path, found  # type: ignore[misc]
        else:
            yield path, CouldNotLook(what=path, why="it is the sibling image's own file")


def observation(view: LibcView) -> Observation:
    """A view of the C library as an observation."""
    match view.outcome:
        case ViewOutcome.COULD_NOT_LOOK:
            return CouldNotLook(what="the C library's own answer", why=view.why)
        case ViewOutcome.FOUND:
            outcome = Outcome.FOUND
        case _:
            may_pass = any(words in view.why for words in _MAY_PASS)
            outcome = Outcome.SERVFAIL if may_pass else Outcome.NXDOMAIN
    return Observed(
        outcome=outcome,
        by=view.by,
        addresses=view.addresses,
        canonical_name=view.canonical_name,
        addrconfig=view.by != "ping",
        error=view.why,
        seconds=view.seconds,
    )


class Told(NamedTuple):
    """What the nameservers said when asked, by (address, question), and what carried it."""

    replies: tuple[tuple[tuple[str, Question], Answer], ...] = ()
    by: str = ""
    not_asked: tuple[CouldNotLook, ...] = ()


def ask_nameservers(
    cluster: Cluster,
    scene: Scene,
    questions: tuple[tuple[str, Question], ...],
    deadline: float,
) -> Told:
    """What the nameservers say to QUESTIONS (address, question): one exec for all of them.

    Where nothing in the pod can ask, a port-forward to a pod of the server does; the answers then
    are those of another vantage, and `by` says so.
    """
    wanted: dict[str, list[Question]] = {}
    for address, question in questions:
        wanted.setdefault(address, []).append(question)
    told = [_believed(each, scene.probe) for each in _ask(cluster, scene, wanted, deadline)]
    return Told(
        tuple(
            ((address, question), answer)
            for address, asked in zip(wanted, told, strict=True)
            for question, answer in asked.answers
        ),
        ", ".join(dict.fromkeys(each.by for each in told if each.by)),
        tuple(each.failure for each in told if each.failure),
    )


def _believed(asked: Asked, probe: Probe) -> Asked:
    """Silence is no answer where the C library got one: then what carried the questions failed."""
    heard = any(isinstance(each, Observed) and each.addresses for _, each in probe.views)
    if not (asked.is_silent and heard):
        return asked
    failure = CouldNotLook(
        what=f"nameserver {asked.server}",
        why=f"{asked.by} brought no reply, while the C library got answers",
    )
    return replace(asked, answers=(), failure=failure)


def _ask(
    cluster: Cluster, scene: Scene, wanted: Mapping[str, Sequence[Question]], deadline: float
) -> list[Asked]:
    """What each server (by address) says, from the pod; by port-forward where nothing there can."""
    # dnspython takes 60 ms to import, and most names need no question.
    from kubectl_hosts.gather.dns_carriers import ask_dns  # noqa: PLC0415

    probe = scene.probe
    zone = f"{scene.seen.domain.text}."
    if probe.target is None or probe.tools is None:
        failure = probe.evidence.failure or _PREDICTED_ONLY
        asked = tuple(Asked(server=address, failure=failure) for address in wanted)
    else:
        asked = ask_dns(
            cluster, probe.target, wanted, tools=probe.tools, zone=zone, deadline=deadline
        )
    pods = {server.address: server.pods for server in scene.servers}
    return [
        each
        if each.answers or not pods[address]
        else _forwarded(cluster, pods[address][0], wanted[address], zone)
        for address, each in zip(wanted, asked, strict=True)
    ]


def _forwarded(cluster: Cluster, pod: Json, questions: Sequence[Question], zone: str) -> Asked:
    from kubectl_hosts.gather.dns_forward import ask_dns_by_port_forward  # noqa: PLC0415

    name = text(pod, "metadata", "namespace"), text(pod, "metadata", "name")
    return ask_dns_by_port_forward(cluster, name, questions, zone=zone)
