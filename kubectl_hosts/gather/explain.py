"""Why names resolve to that in a pod: two execs at most, and the objects that the names touch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kubectl_hosts.gather.background import Background
from kubectl_hosts.gather.explain_probe import Probe, probe_container
from kubectl_hosts.gather.hosts import chosen_containers
from kubectl_hosts.gather.owners import Owners
from kubectl_hosts.model.evidence import ContainerEvidence, CouldNotLook
from kubectl_hosts.model.names import is_for_libc
from kubectl_hosts.model.pod import parse_pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.gather.hosts import Look
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.gather.stage import Stage
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.names import Asked
    from kubectl_hosts.model.pod import Container, Pod

_NO_CLUSTER = CouldNotLook(what="the container", why="only manifests were read, no cluster")


def _nothing() -> None:
    pass


class Explainer:
    """Explains names in pods; what several pods or names need is read once."""

    def __init__(
        self, cluster: Cluster, look: Look, *, meanwhile: Callable[[], None] = _nothing
    ) -> None:
        self._cluster = cluster
        self._look = look
        self._meanwhile = meanwhile
        self._owners = Owners(cluster)
        self._lock = threading.Lock()
        self._made: Stage | None = None

    def explain(self, obj: Json, asked: Asked) -> tuple[Explanation, ...]:
        """An explanation for each name in one pod. Raises BadInput for a container not there.

        The model takes as long to import as a container to answer: that is done meanwhile, and so
        is what MEANWHILE does.
        """
        pod = parse_pod(obj)
        container = chosen_containers(pod, self._look)[0]
        names = tuple(each for each in asked.names if is_for_libc(each, asked.type))
        probing = Background(lambda: self._probe(pod, container, names))
        around = Background(lambda: (self._owners.node(pod), self._owners.template(pod)))
        from kubectl_hosts.gather.stage import Probed  # noqa: PLC0415

        stage = self._stage()
        self._meanwhile()
        node, template = around.result()
        probed = Probed(pod, container, probing.result(), node, template)
        return stage.explain(probed, asked)

    def _probe(self, pod: Pod, container: Container, names: tuple[str, ...]) -> Probe:
        if self._look.predict_only:
            return Probe(ContainerEvidence(name=container.name, failure=_NO_CLUSTER))
        return probe_container(self._cluster, pod, container, names, self._look.deadline)

    def _stage(self) -> Stage:
        from kubectl_hosts.gather.stage import Stage  # noqa: PLC0415

        with self._lock:
            self._made = self._made or Stage(self._cluster, self._look)
            return self._made
