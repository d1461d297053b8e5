"""What the nameservers of a pod say when they are asked from it, in one exec for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.gather.observed import PREDICTED_ONLY
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.observation import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.gather.scene import Scene
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.observation import LibcView
    from kubectl_hosts.model.pod import Pod

# Clocks of a shell count in hundredths, and a timer may fire early by as much.
_ALMOST = 0.9


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
    told = [_believed(each, scene) for each in _ask(cluster, scene, wanted, deadline)]
    return Told(
        tuple(
            ((address, question), answer)
            for address, asked in zip(wanted, told, strict=True)
            for question, answer in asked.answers
        ),
        ", ".join(dict.fromkeys(each.by for each in told if each.by)),
        tuple(
            missed
            for address, asked in zip(wanted, told, strict=True)
            for missed in (asked.failure, _elsewhere(address, asked))
            if missed
        ),
    )


def _elsewhere(address: str, asked: Asked) -> CouldNotLook | None:
    """Answers of another vantage: what the pod itself would be told, nobody saw."""
    if not (asked.vantage and asked.answers):
        return None
    why = f"it was asked by {asked.by}: {asked.vantage}"
    return CouldNotLook(what=f"nameserver {address} as the pod reaches it", why=why)


def _believed(asked: Asked, scene: Scene) -> Asked:
    """Silence is no answer where the C library got one: then what carried the questions failed.

    Unless that waited for one nameserver to give up, and had the answer from the next.
    """
    heard = [view for view in scene.probe.views if view.addresses]
    if not (asked.is_silent and heard) or _waited_for_a_server(scene, heard):
        return asked
    failure = CouldNotLook(
        what=f"nameserver {asked.server}",
        why=f"{asked.by} brought no reply, while the C library got answers",
    )
    return replace(asked, answers=(), failure=failure)


def _waited_for_a_server(scene: Scene, heard: Sequence[LibcView]) -> bool:
    """resolv.conf(5), `timeout`: how long a resolver waits before it asks the next nameserver."""
    timeout = scene.seen.resolver.resolv_conf.timeout
    times = [view.seconds or 0.0 for view in heard]
    return len(scene.servers) > 1 and max(times) >= _ALMOST * timeout


def _ask(
    cluster: Cluster, scene: Scene, wanted: Mapping[str, Sequence[Question]], deadline: float
) -> list[Asked]:
    """What each server (by address) says, from the pod; by port-forward where nothing there can."""
    # dnspython takes 60 ms to import, and most names need no question.
    from kubectl_hosts.gather.dns_carriers import ask_dns  # noqa: PLC0415

    probe = scene.probe
    zone = f"{scene.seen.domain.text}."
    if probe.target is None or probe.tools is None:
        failure = probe.evidence.failure or PREDICTED_ONLY
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


def _forwarded(cluster: Cluster, pod: Pod, questions: Sequence[Question], zone: str) -> Asked:
    from kubectl_hosts.gather.dns_forward import ask_dns_by_port_forward  # noqa: PLC0415

    name = pod.namespace, pod.name
    return ask_dns_by_port_forward(cluster, name, questions, zone=zone)
