"""What is recorded plays back: the same answers to the same reads, failures included."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.errors import BadInput, Forbidden, HostsError, NotFound, Unreachable
from kubectl_hosts.model.dns import (
    LibcView,
    NoReply,
    Question,
    Rcode,
    Record,
    Reply,
    ServerReplies,
    UnknownReply,
    ViewOutcome,
)
from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    LibcSeen,
    Listed,
    Lookups,
    LookupsGiven,
    Objects,
    PodRef,
    Replies,
    RepliesGiven,
)
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.offline.backend import load
from kubectl_hosts.offline.capture import (
    Capture,
    ContainerRecord,
    capture_document,
    parse_capture,
)
from kubectl_hosts.offline.recorder import Recorder

PODS, SERVICES = Resource("pods"), Resource("services")
CONFIG_MAPS = Resource("configmaps")
WEB, DONE = PodRef("shop", "web"), PodRef("shop", "done")
PATHS = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf")
REDIS = Question("redis.shop.svc.cluster.local.", "A")
GONE = Question("gone.shop.svc.cluster.local.", "A")
FORBIDDEN = CouldNotLook(what="Nodes", why="nodes is forbidden", hint="Ask.", reason="Forbidden")
ENDED = CouldNotLook(what="container app", why="it ended", reason="ContainerNotRunning")

ANSWERS = {
    Files(WEB, "app", PATHS): FilesGiven(
        (
            ("/etc/hosts", FileRead(b"127.0.0.1\tlocalhost\n")),
            ("/etc/nsswitch.conf", FileAbsent()),
            ("/etc/resolv.conf", CouldNotLook(what="/etc/resolv.conf", why="denied")),
        ),
        "head",
    ),
    Files(DONE, "app", PATHS): ENDED,
    Lookups(WEB, "app", ("redis", "slow")): LookupsGiven(
        (
            LibcView(
                name="redis",
                outcome=ViewOutcome.FOUND,
                addresses=("10.96.0.7",),
                by="getent ahosts",
                seconds=0.01,
            ),
            LibcView(name="slow", outcome=ViewOutcome.COULD_NOT_LOOK, why="given up"),
        ),
        LibcSeen(frozenset({"/lib/libc.so.6"}), "2.36", (("RES_OPTIONS", "ndots:1"),)),
    ),
    Lookups(DONE, "app", ()): ENDED,
    Replies(WEB, "app", (("10.96.0.10", REDIS), ("10.96.0.10", GONE))): RepliesGiven(
        (
            ServerReplies(
                server="10.96.0.10",
                by="bash",
                answers=(
                    (
                        REDIS,
                        Reply(
                            answer=(Record(name=REDIS.name, type="A", data="10.96.0.7", ttl=30),),
                            authoritative=True,
                        ),
                    ),
                    (GONE, NoReply(5.0)),
                ),
            ),
        )
    ),
    Objects("Node", name="node-1"): FORBIDDEN,
    Objects("Service", "shop"): Listed(),
    Objects("Service", fields="metadata.name=redis"): Listed(),
    Objects("Service"): Listed(complete=False),
}


def pod(name, **spec):
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": spec}


class Scripted:
    """A backend with two pods; ConfigMaps are forbidden, and ANSWERS are its answers."""

    namespace = "shop"

    def get(self, resource, name, *, namespace=""):
        if resource == CONFIG_MAPS:
            raise Forbidden("configmaps is forbidden", status=403, reason="Forbidden", hint="Ask.")
        for obj in self.list(resource, Selection(namespace=namespace)):
            if obj["metadata"]["name"] == name:
                return {**obj, "status": {"phase": "Running"}}
        raise NotFound(f'{resource.plural} "{name}" not found', status=404, reason="NotFound")

    def list(self, resource, selection):
        yield from (pod("web"), pod("done")) if resource == PODS else ()

    def answer(self, reads):
        return {each: ANSWERS[each] for each in reads}


def played(ask):
    """The backend that plays what ASK read from the scripted one, and what ASK got."""
    recorder = Recorder(Scripted())
    given = ask(recorder)
    text = json.dumps(capture_document(recorder.capture()))
    return load(["-"], namespace="", stdin=BytesIO(text.encode()).read), given


def outcome(ask):
    def tried(backend):
        try:
            return ask(backend)
        except HostsError as error:
            return error.message, error.hint, getattr(error, "reason", "")

    return tried


def typed(obj):
    return {**obj, "apiVersion": "v1", "kind": "Pod"}


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda backend: backend.namespace, id="the namespace"),
        pytest.param(
            lambda backend: typed(backend.get(PODS, "web", namespace="shop")), id="a pod by name"
        ),
        pytest.param(lambda backend: backend.get(PODS, "x", namespace="shop"), id="no such pod"),
        pytest.param(
            lambda backend: backend.get(CONFIG_MAPS, "c", namespace="shop"), id="forbidden"
        ),
        pytest.param(
            lambda backend: [
                each["metadata"]["name"] for each in backend.list(PODS, Selection("shop"))
            ],
            id="the pods of a namespace",
        ),
        pytest.param(
            lambda backend: list(backend.list(SERVICES, Selection(label_selector="a=b"))),
            id="no Services",
        ),
        *(
            pytest.param(lambda backend, read=read: backend.answer((read,)), id=type(read).__name__)
            for read in ANSWERS
        ),
    ],
)
def test_the_same_question_has_the_same_answer(ask):
    backend, given = played(outcome(ask))
    again = outcome(ask)(backend)
    assert comparable(again) == comparable(given)


def comparable(given):
    """Why an object could not be read names the read itself, whoever says so."""
    if isinstance(given, dict):
        return {
            read: (each.why, each.hint, each.reason)
            if isinstance(read, Objects) and isinstance(each, CouldNotLook)
            else each
            for read, each in given.items()
        }
    return given


def test_what_was_not_recorded_could_not_be_looked_at():
    backend, _ = played(lambda live: live.answer(tuple(ANSWERS)))
    unknown = Question("other.", "A")
    reads = (
        Files(WEB, "app", ("/etc/hosts", "/etc/host.conf")),
        Lookups(WEB, "app", ("other",)),
        Replies(WEB, "app", (("10.96.0.10", unknown), ("192.0.2.53", unknown))),
        Files(PodRef("shop", "other"), "app", PATHS),
    )
    given = backend.answer(reads)
    assert dict(given[reads[0]].files)["/etc/host.conf"] == CouldNotLook(
        what="/etc/host.conf", why="not recorded in STDIN"
    )
    assert given[reads[1]].views == (
        LibcView(
            name="other",
            outcome=ViewOutcome.COULD_NOT_LOOK,
            why="not recorded in STDIN",
        ),
    )
    assert given[reads[2]].asked[0].answers == ((unknown, UnknownReply("the reply to other.")),)
    assert given[reads[2]].asked[1].failure == CouldNotLook(
        what="nameserver 192.0.2.53", why="not recorded in STDIN"
    )
    assert given[reads[3]] == CouldNotLook(
        what="container app", why="STDIN has nothing of pod shop/other"
    )


def test_an_object_that_nobody_looked_for_is_not_absent():
    backend, _ = played(lambda live: live.answer((Objects("Service", "shop"),)))
    with pytest.raises(NotFound):
        backend.get(SERVICES, "redis", namespace="shop")
    with pytest.raises(Unreachable):
        backend.get(SERVICES, "redis", namespace="other")
    with pytest.raises(Unreachable):
        backend.list(CONFIG_MAPS, Selection("shop"))


@pytest.mark.parametrize(
    ("done", "absent"),
    [
        pytest.param(Objects("Service", "shop"), ["redis", "web"], id="all of its namespace"),
        pytest.param(
            Objects("Service", fields="metadata.name=redis"), ["redis"], id="all of its name"
        ),
        pytest.param(Objects("Service"), [], id="a page of all, which is not all"),
        pytest.param(Objects("Node", name="node-1"), [], id="another kind"),
    ],
)
def test_an_object_is_absent_where_a_whole_list_that_would_have_it_has_not(done, absent):
    backend, _ = played(lambda live: live.answer((done,)))
    reads = {name: Objects("Service", "shop", name) for name in ("redis", "web")}
    given = backend.answer(tuple(reads.values()))
    assert [name for name, read in reads.items() if given[read] == Listed()] == absent


def test_secrets_are_never_recorded():
    document = capture_document(Recorder(Scripted()).capture())
    assert document["objects"] == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(
            {"apiVersion": "kubectl-hosts/v1"},
            'no matches for kind "Capture" in version "kubectl-hosts/v1"',
            id="of the first release",
        ),
        pytest.param(
            {"apiVersion": "kubectl-hosts/v9"},
            'no matches for kind "Capture" in version "kubectl-hosts/v9"',
            id="of a later release",
        ),
        pytest.param(
            {"containers": [{"files": [{"path": "/etc/hosts", "base64": "?"}]}]},
            "/etc/hosts is not base64",
            id="damaged bytes",
        ),
        pytest.param({"reads": {}}, "reads: expected a list, found an object", id="another type"),
    ],
)
def test_a_capture_that_cannot_be_read_says_so(document, message):
    whole = {"apiVersion": "kubectl-hosts/v2", "kind": "Capture", **document}
    with pytest.raises(BadInput) as caught:
        parse_capture(whole)
    assert caught.value.message == message


TEXTS = st.text(max_size=8)
FILES = st.dictionaries(
    TEXTS,
    st.builds(FileRead, st.binary(max_size=20), st.booleans())
    | st.just(FileAbsent())
    | st.builds(CouldNotLook, what=TEXTS, why=TEXTS, hint=TEXTS, reason=TEXTS),
    max_size=3,
)
# Made from their fields' names: the annotations of these classes are there for type checkers alone,
# and `builds` would evaluate them.
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"name": TEXTS, "type": TEXTS, "data": TEXTS, "ttl": st.integers(0, 9)}
    ).map(lambda given: Record(**given)),
    max_size=2,
).map(tuple)
REPLIES = (
    st.fixed_dictionaries(
        {
            "rcode": st.sampled_from(Rcode),
            "answer": RECORDS,
            "authority": RECORDS,
            "additional": RECORDS,
            "authoritative": st.booleans(),
            "recursion_available": st.booleans(),
            "truncated": st.booleans(),
        }
    ).map(lambda given: Reply(**given))
    | st.floats(0, 9).map(NoReply)
    | TEXTS.filter(bool).map(UnknownReply)
)


@given(FILES, st.lists(st.tuples(st.builds(Question, TEXTS, TEXTS), REPLIES), max_size=3))
def test_a_container_survives_writing_and_reading(files, answers):
    record = ContainerRecord(
        files=files, via="sh", replies=(ServerReplies(server="192.0.2.1", answers=tuple(answers)),)
    )
    capture = Capture(namespace="shop", containers={(WEB, "app"): record})
    written = json.loads(json.dumps(capture_document(capture)))
    assert parse_capture(written) == capture


def test_the_pods_that_are_there_can_be_chosen_from_and_are_not_taken_for_all():
    backend, _ = played(lambda recorder: recorder.get(PODS, "web", namespace="shop"))
    assert [each["metadata"]["name"] for each in backend.list(PODS, Selection("shop"))] == ["web"]
    everything, selected = Objects("Pod", "shop"), Objects("Pod", "shop", labels="app=web")
    given = backend.answer((everything, selected))
    assert {read: type(answer) for read, answer in given.items()} == {
        everything: CouldNotLook,
        selected: CouldNotLook,
    }


def test_pods_that_were_listed_are_all_there_are():
    backend, _ = played(lambda recorder: list(recorder.list(PODS, Selection("shop"))))
    everything, selected = Objects("Pod", "shop"), Objects("Pod", "shop", labels="app=web")
    given = backend.answer((everything, selected))
    assert [len(given[everything].objects), len(given[selected].objects)] == [2, 0]
