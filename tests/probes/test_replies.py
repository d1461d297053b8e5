"""What carries DNS messages out of a container: every carrier that this machine has, for real."""

import shutil
import socket
from contextlib import closing

import pytest
from dns_over_tcp import dns_server
from local_container import TARGET, LocalContainer

from kubectl_hosts.errors import ExecForbidden, Unreachable
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.probes.lookups import Tools
from kubectl_hosts.probes.replies import ask_dns, ask_dns_by_port_forward, read_output

# by: (what the container has, and this machine's program for it)
PROGRAMS = {
    "bash": {"bash": "bash", "sleep": "sleep"},
    "python3": {"python3": "python3"},
    "perl": {"perl": "perl"},
    "node": {"node": "node"},
    "nc": {"sh": "busybox", "nc": "busybox", "od": "busybox", "sleep": "busybox"},
}
CARRIERS = [
    pytest.param(
        by,
        marks=pytest.mark.skipif(
            not all(map(shutil.which, programs.values())), reason=f"no program for {by}"
        ),
    )
    for by, programs in PROGRAMS.items()
]
A, AAAA = Question("redis.cluster.local.", "A"), Question("redis.cluster.local.", "AAAA")
NOPE, BYTES = Question("nope.", "A"), Question("every-byte.", "TXT")
SILENT = Question("x.silent.", "A")
MANY = [Question(f"{'n' * 40}-{i}.cluster.local.", "A") for i in range(40)]


@pytest.fixture(scope="module")
def port():
    with dns_server() as listening:
        yield listening


@pytest.fixture
def closed_port():
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def container_with(tmp_path, by):
    container = LocalContainer(tmp_path)
    for name, program in PROGRAMS[by].items():
        container.install(name, program)
    return container


def ask(container, by, questions, port, deadline=30.0):
    (asked,) = ask_all(container, by, {"127.0.0.1": questions}, port, deadline)
    return asked


def ask_all(container, by, wanted, port, deadline=30.0):
    tools = Tools(("sh", "-c"), frozenset(PROGRAMS[by]))
    return ask_dns(container, TARGET, wanted, tools=tools, port=port, deadline=deadline)


@pytest.mark.parametrize("by", CARRIERS)
def test_every_question_has_its_reply_in_one_exec(tmp_path, port, by):
    container = container_with(tmp_path, by)
    asked = ask(container, by, [A, AAAA, NOPE], port)
    record = Record(name=A.name, type="A", data="192.0.2.1", ttl=30)
    assert dict(asked.answers) == {
        A: Reply(answer=(record,), recursion_available=False),
        AAAA: Reply(recursion_available=False),
        NOPE: Reply(rcode=Rcode.NXDOMAIN, recursion_available=False),
    }
    assert (asked.by, asked.failure, asked.vantage) == (by, None, "")
    assert len(container.execs) == 1


@pytest.mark.parametrize("by", CARRIERS)
@pytest.mark.parametrize("questions", [[A, NOPE], MANY], ids=["by argument", "by stdin"])
def test_several_servers_are_asked_in_one_exec(tmp_path, port, by, questions):
    """127.0.0.9 is this machine as well; ::1 has no server, and is told apart."""
    container = container_with(tmp_path, by)
    wanted = {"127.0.0.1": questions, "::1": [A], "127.0.0.9": questions[:1]}
    one, none, other = ask_all(container, by, wanted, port)
    assert [question for question, _ in one.answers] == questions
    assert all(isinstance(answer, Reply) for _, answer in (*one.answers, *other.answers))
    assert [question for question, _ in other.answers] == questions[:1]
    assert (one.failure, other.failure) == (None, None)
    assert none.failure
    assert none.failure.what == "DNS server ::1"
    assert len(container.execs) == 1


def test_a_server_that_is_no_address_keeps_no_other_from_being_asked(tmp_path, port):
    wanted = {"dns.example.org": [A], "127.0.0.1": [A]}
    named, asked = ask_all(container_with(tmp_path, "bash"), "bash", wanted, port)
    assert named.failure
    assert named.failure.why == "dns.example.org is not an IP address"
    assert isinstance(asked.answer(A), Reply)


@pytest.mark.parametrize("by", CARRIERS)
def test_every_byte_value_comes_back(tmp_path, port, by):
    asked = ask(container_with(tmp_path, by), by, [BYTES], port)
    reply = asked.answer(BYTES)
    assert isinstance(reply, Reply)
    assert reply.answer[0].data.startswith('"\\000\\001')
    assert reply.answer[0].data.endswith('\\254" "\\255"')


@pytest.mark.parametrize("by", CARRIERS)
def test_many_questions_go_by_stdin(tmp_path, port, by):
    container = container_with(tmp_path, by)
    asked = ask(container, by, MANY, port)
    assert all(isinstance(answer, Reply) for _, answer in asked.answers)
    assert [question for question, _ in asked.answers] == MANY
    assert container.stdins != [b""]
    assert sum(map(len, container.execs[0])) < 4096


@pytest.mark.parametrize("by", CARRIERS)
def test_a_silent_name_holds_up_no_other_connection(tmp_path, port, by):
    asked = ask(container_with(tmp_path, by), by, [SILENT, A, NOPE], port, deadline=5.0)
    assert asked.answer(SILENT) == NoReply(1.0)
    assert isinstance(asked.answer(A), Reply)
    assert isinstance(asked.answer(NOPE), Reply)


def test_what_waits_behind_a_silent_name_is_unknown(tmp_path, port):
    questions = [SILENT, *(Question(f"n{i}.", "A") for i in range(15)), NOPE]
    asked = ask(container_with(tmp_path, "bash"), "bash", questions, port, deadline=5.0)
    assert asked.answer(NOPE) == UnknownReply(
        "a reply behind the one about x.silent., which did not come in time"
    )
    assert not asked.is_silent


def test_a_server_that_is_silent_about_everything_gives_no_reply(tmp_path, port):
    questions = [Question(f"{label}.silent.", "A") for label in "ab"]
    asked = ask(container_with(tmp_path, "bash"), "bash", questions, port, deadline=5.0)
    assert [answer for _, answer in asked.answers] == [NoReply(1.0), NoReply(1.0)]
    assert asked.is_silent


@pytest.mark.parametrize("by", CARRIERS)
def test_a_closed_port_is_a_failure_with_its_words(tmp_path, closed_port, by):
    asked = ask(container_with(tmp_path, by), by, [A], closed_port)
    assert asked.failure
    assert asked.failure.what == "DNS server 127.0.0.1"
    assert "refused" in asked.failure.why.lower()
    assert isinstance(asked.answer(A), UnknownReply)


@pytest.mark.parametrize(
    ("server", "has", "why"),
    [
        pytest.param(
            "127.0.0.1",
            (),
            "the container has no bash, python3, perl, node, nc or socat",
            id="an image without programs",
        ),
        pytest.param(
            "127.0.0.1",
            ("nc",),
            "the container has no bash, python3, perl, node, nc or socat",
            id="nc without od",
        ),
        pytest.param(
            "../../etc/passwd", ("bash",), "../../etc/passwd is not an IP address", id="no address"
        ),
    ],
)
def test_nothing_runs_where_nothing_can(tmp_path, server, has, why):
    container = LocalContainer(tmp_path)
    tools = Tools(("sh", "-c"), frozenset(has))
    (asked,) = ask_dns(container, TARGET, {server: [A]}, tools=tools)
    assert asked.failure
    assert asked.failure.why == why
    assert asked.answer(A) == UnknownReply(f"what {server} says to {A.name} A ({why})")
    assert container.execs == []


def test_a_carrier_that_breaks_is_a_failure_and_no_silence(tmp_path):
    container = LocalContainer(tmp_path)
    container.write("python3", "echo libpython is missing >&2; exit 127")
    asked = ask(container, "python3", [A], 53)
    assert asked.failure
    assert asked.failure.why == "python3 ended with exit code 127: libpython is missing"
    assert not asked.is_silent


def test_an_exec_that_is_refused_is_a_failure(tmp_path, mocker):
    container = LocalContainer(tmp_path)
    mocker.patch.object(container, "exec", side_effect=ExecForbidden("no", hint="ask for create"))
    asked = ask(container, "bash", [A], 53)
    assert asked.failure
    assert (asked.failure.why, asked.failure.hint) == ("no", "ask for create")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"1 0a", id="a connection that was not opened"),
        pytest.param(b"\xb2 0a", id="another digit"),
        pytest.param(b"hello", id="no number"),
        pytest.param(b"99999999999999999999 aa", id="a long number"),
    ],
)
def test_lines_of_no_connection_are_passed_over(line):
    (heard,) = read_output(line + b"\n0 00\n0 1\n0 oops\n", 1)
    assert heard == (b"\x00", "oops")


class Forwarder:
    """A Cluster with a port-forward to this machine."""

    def __init__(self, port):
        self.port = port

    def forward(self, namespace, pod, port, *, deadline):
        if pod != "coredns-1":
            raise Unreachable("gone")
        return ForwardedSocket(socket.create_connection(("127.0.0.1", self.port), deadline))


class ForwardedSocket:
    def __init__(self, connection):
        self.connection = connection
        self.send, self.close = connection.sendall, connection.close

    def recv(self, size):
        try:
            return self.connection.recv(size)
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error


def test_a_port_forward_names_its_vantage(port):
    pod = ("kube-system", "coredns-1")
    asked = ask_dns_by_port_forward(Forwarder(port), pod, [A, NOPE, SILENT], deadline=0.5)
    assert isinstance(asked.answer(A), Reply)
    assert isinstance(asked.answer(NOPE), Reply)
    assert asked.by == "port-forward to kube-system/coredns-1"
    assert asked.vantage == "pod kube-system/coredns-1 itself, not the pod that was asked about"
    assert asked.answer(SILENT) == NoReply(0.5)


def test_a_port_forward_that_fails_says_why(port):
    asked = ask_dns_by_port_forward(Forwarder(port), ("kube-system", "nope"), [A])
    assert asked.failure
    assert asked.failure.why == "gone"
    assert asked.answer(A) == UnknownReply("a reply over TCP (gone)")
