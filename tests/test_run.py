"""The driver: what need not be read again, how many diagnoses of large files are under way."""

from __future__ import annotations

import threading

import pytest

from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.reads import Files, FilesGiven, Listed, Objects, PodRef
from kubectl_hosts.run import Answering, run_many

POD = PodRef("shop", "web-0")
FILES = Files(POD, "app", ("/etc/hosts",))
SERVICES = Objects("Service")


@pytest.mark.parametrize(
    ("size", "together"),
    [
        pytest.param(1 << 20, 2, id="two of large files, the others wait with what they read"),
        pytest.param(1 << 10, 8, id="files of the usual size are all judged as they come"),
    ],
)
def test_few_diagnoses_are_past_the_read_of_a_large_file(size, together):
    """Each reads its file, then something else: how many are in that second read at once?"""
    lock, inside, most = threading.Lock(), [], []
    full = threading.Event()

    def answering(reads):
        if reads == (FILES,):
            return {FILES: FilesGiven((("/etc/hosts", FileRead(b"#" * size)),))}
        with lock:
            inside.append(1)
            most.append(len(inside))
            if len(inside) == together:
                full.set()
        full.wait(10)
        with lock:
            inside.pop()
        return {SERVICES: CouldNotLook(what="Services", why="none")}

    def diagnosis(number):
        yield (FILES,)
        yield (SERVICES,)
        return number

    assert sorted(run_many(diagnosis, range(8), answering)) == [(each, each) for each in range(8)]
    assert max(most) == together


def service(namespace, name):
    return {"metadata": {"namespace": namespace, "name": name}, "spec": {}}


REDIS, WEB = service("shop", "redis"), service("shop", "web")
ELSEWHERE = service("bank", "redis")
CALLED_REDIS = Objects("Service", fields="metadata.name=redis")
OF_SHOP = Objects("Service", "shop")


@pytest.mark.parametrize(
    ("before", "listed", "read", "objects"),
    [
        pytest.param(
            CALLED_REDIS, (REDIS, ELSEWHERE), "shop/redis", (REDIS,), id="all that are called so"
        ),
        pytest.param(CALLED_REDIS, (ELSEWHERE,), "shop/redis", (), id="none of them is here"),
        pytest.param(OF_SHOP, (REDIS, WEB), "shop/redis", (REDIS,), id="all of the namespace"),
        pytest.param(OF_SHOP, (WEB,), "shop/redis", (), id="the namespace has none"),
        pytest.param(SERVICES, (ELSEWHERE, WEB), "shop/web", (WEB,), id="all there are"),
    ],
)
def test_one_object_of_a_list_is_not_read_again(before, listed, read, objects):
    answering = Answering(Backend({before: Listed(listed)}))
    answering((before,))
    wanted = Objects("Service", *read.split("/"))
    found = answering((wanted,))[wanted]
    assert [(each.namespace, each.name) for each in found.objects] == [
        (each["metadata"]["namespace"], each["metadata"]["name"]) for each in objects
    ]
    assert [each["metadata"] for each in found.raw] == [each["metadata"] for each in objects]


@pytest.mark.parametrize(
    ("before", "given"),
    [
        pytest.param(OF_SHOP, Listed((WEB,), complete=False), id="a page that was full"),
        pytest.param(OF_SHOP, CouldNotLook(what="Services", why="no"), id="nobody could look"),
        pytest.param(Objects("Service", "bank"), Listed((ELSEWHERE,)), id="another namespace"),
        pytest.param(Objects("Service", "shop", labels="a=b"), Listed(()), id="by labels"),
        pytest.param(Objects("Pod", "shop"), Listed(()), id="another kind"),
        pytest.param(Objects("Service", fields="metadata.name=web"), Listed(()), id="other names"),
    ],
)
def test_what_no_list_tells_is_read(before, given):
    wanted = Objects("Service", "shop", "redis")
    answering = Answering(Backend({before: given, wanted: Listed((REDIS,))}))
    answering((before,))
    assert [each.name for each in answering((wanted,))[wanted].objects] == ["redis"]


class Backend:
    """A dictionary as a backend: a read that it does not have is an error."""

    def __init__(self, answers):
        self._answers = answers

    def answer(self, reads):
        return {each: self._answers[each] for each in reads}
