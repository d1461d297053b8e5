"""The exec that reads files and looks names up: each shell and program of this machine, for real."""

import shutil
import time

import pytest
from local_container import TARGET, LocalContainer

from kubectl_hosts.errors import NoSuchExecutable
from kubectl_hosts.model.dns import LibcView, ViewOutcome
from kubectl_hosts.model.evidence import HOSTS_PATHS as PATHS
from kubectl_hosts.model.evidence import RESOLVER_PATHS as EXPLAIN_PATHS
from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.probes.files import read_files
from kubectl_hosts.probes.lookups import Tools, look_inside, parse_view, parse_views

FOUND, NOT_FOUND = ViewOutcome.FOUND, ViewOutcome.NOT_FOUND
COULD_NOT_LOOK = ViewOutcome.COULD_NOT_LOOK

SHELLS = [
    pytest.param(each, marks=pytest.mark.skipif(not shutil.which(each), reason=f"no {each}"))
    for each in ("dash", "bash", "busybox")
]
# What a C library says, for names of our own.
GETENT = """
case $2 in
127.0.0.1) ;;
redis) echo '10.96.0.77      STREAM redis.shop.svc.cluster.local'
       echo '10.96.0.77      DGRAM'
       echo 'fd00::77        STREAM' ;;
slow) exec sleep 30 ;;
*) echo 'Name does not resolve' >&2; exit 2 ;;
esac
"""


def container_with(tmp_path, shell, *programs):
    container = LocalContainer(tmp_path)
    container.install("sh", shell)
    for each in ("sleep", "head", "cat", *programs):
        container.install(each)
    return container


def views_of(container, *names, deadline=30.0):
    inside = look_inside(container, TARGET, names, deadline=deadline)
    return inside.views


@pytest.mark.parametrize("shell", SHELLS)
def test_one_exec_brings_files_and_views(tmp_path, shell):
    container = container_with(tmp_path, shell)
    container.write("getent", GETENT)
    inside = look_inside(container, TARGET, ("redis", "nope"))
    assert [(view.name, view.outcome, view.addresses, view.by) for view in inside.views] == [
        ("redis", FOUND, ("10.96.0.77", "fd00::77"), "getent ahosts"),
        ("nope", NOT_FOUND, (), "getent ahosts"),
    ]
    assert inside.views[0].canonical_name == "redis.shop.svc.cluster.local"
    assert inside.views[1].why == "Name does not resolve"
    files = dict(inside.read.files)
    assert tuple(files) == EXPLAIN_PATHS
    assert isinstance(files["/etc/hosts"], FileRead)
    assert len(container.execs) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_a_name_that_hangs_costs_the_others_nothing(tmp_path, shell):
    container = container_with(tmp_path, shell)
    container.write("getent", GETENT)
    begin = time.monotonic()
    slow, redis, nope = views_of(container, "slow", "redis", "nope", deadline=6.0)
    assert time.monotonic() - begin < 5
    assert (slow.outcome, slow.addresses) == (COULD_NOT_LOOK, ())
    assert slow.why.endswith("getent had not ended")
    assert (redis.outcome, nope.outcome) == (FOUND, NOT_FOUND)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_name_is_looked_up_for_as_long_as_nameservers_may_take(tmp_path, shell, monkeypatch):
    monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1 ndots:5")
    container = container_with(tmp_path, shell)
    container.write("getent", GETENT)
    began = time.monotonic()
    redis, slow = views_of(container, "redis", "slow")
    assert time.monotonic() - began < 12  # one to three nameservers, whoever tests this
    assert (redis.outcome, slow.outcome) == (FOUND, COULD_NOT_LOOK)
    assert slow.why.startswith("given up after")


@pytest.mark.parametrize("shell", SHELLS)
def test_many_names_are_all_looked_up(tmp_path, shell):
    container = container_with(tmp_path, shell)
    container.write("getent", 'echo "10.0.0.${2#n} STREAM $2"')
    names = [f"n{number}" for number in range(40)]
    assert [(view.name, view.addresses) for view in views_of(container, *names)] == [
        (name, (f"10.0.0.{name[1:]}",)) for name in names
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_show_runs_no_lookup(tmp_path, shell):
    container = container_with(tmp_path, shell)
    container.write("getent", "kill $PPID")
    assert [path for path, _ in read_files(container, TARGET, deadline=10).files] == list(PATHS)


@pytest.mark.parametrize("shell", SHELLS)
def test_tools_and_variables_of_the_container_are_told(tmp_path, shell):
    container = container_with(tmp_path, shell, "bash")
    aliases = tmp_path / "aliases"
    aliases.write_text("db db.example.org\n")
    container.environment = {
        "LOCALDOMAIN": "",
        "RES_OPTIONS": "ndots:2\nx",
        "HOSTALIASES": str(aliases),
        "TOKEN": "secret",
    }
    inside = look_inside(container, TARGET, ())
    assert inside.libc.environment == (
        ("LOCALDOMAIN", ""),
        ("RES_OPTIONS", "ndots:2\nx"),
        ("HOSTALIASES", str(aliases)),
    )
    assert dict(inside.read.files)[str(aliases)] == FileRead(b"db db.example.org\n")
    assert inside.tools.shell == ("sh", "-c")
    assert "bash" in inside.tools.names
    assert "python3" not in inside.tools.names


PROGRAMS = [
    pytest.param(
        each, marks=pytest.mark.skipif(not shutil.which(each), reason=f"no {each}"), id=each
    )
    for each in ("getent", "python3", "perl", "node", "ruby")
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_shell_looks_up_with_what_there_is(tmp_path, program):
    container = container_with(tmp_path, "dash", program)
    literal, nope = views_of(container, "127.0.0.1", "no-such-name.invalid")
    by = "getent ahosts" if program == "getent" else program
    assert (literal.outcome, literal.addresses, literal.by) == (FOUND, ("127.0.0.1",), by)
    assert (nope.outcome, nope.addresses) == (NOT_FOUND, ())


@pytest.mark.parametrize("program", [each for each in PROGRAMS if each.id in "python3 perl node"])
def test_an_image_without_a_shell_looks_up_by_itself(tmp_path, program):
    container = LocalContainer(tmp_path)
    container.install(program)
    inside = look_inside(container, TARGET, ("127.0.0.1", "no-such-name.invalid"))
    literal, nope = inside.views
    assert (literal.outcome, literal.addresses, literal.by) == (FOUND, ("127.0.0.1",), program)
    assert nope.outcome is NOT_FOUND
    assert inside.tools == Tools((), frozenset({program}))
    assert isinstance(dict(inside.read.files)["/etc/hosts"], FileRead)


def test_old_getent_without_ahosts_is_no_way_to_look(tmp_path):
    container = container_with(tmp_path, "dash")
    container.write("getent", 'echo "Unknown database: $1" >&2; exit 1')
    container.write("ping", 'echo "PING $7 (192.0.2.7): 65535 data bytes"; exit 1')
    (view,) = views_of(container, "foo.local")
    assert (view.outcome, view.addresses, view.by) == (FOUND, ("192.0.2.7",), "ping")
    assert view.is_partial


def test_without_any_program_nobody_could_look(tmp_path):
    (view,) = views_of(container_with(tmp_path, "dash"), "redis")
    assert view == LibcView(
        name="redis",
        outcome=COULD_NOT_LOOK,
        why="the container has no getent, python3, node, perl, ruby or ping",
    )


def test_a_name_that_was_not_recorded_could_not_be_looked_up():
    sections = (("by", "getent", ""), ("view", "a = 2 1.00 1.00", ""), ("done", "", ""))
    assert parse_views(("a", "b"), sections, "sh")[1] == LibcView(
        name="b", outcome=COULD_NOT_LOOK, why="not looked up when this was recorded"
    )


def test_cat_alone_reads_files_and_looks_nothing_up(tmp_path):
    container = LocalContainer(tmp_path)
    container.install("cat")
    inside = look_inside(container, TARGET, ("redis",))
    assert inside.views[0].why == "the container has cat, but no shell to look names up with"
    assert isinstance(dict(inside.read.files)["/etc/hosts"], FileRead)
    assert isinstance(dict(inside.read.files)["/etc/nsswitch.conf"], CouldNotLook)


def test_an_empty_image_is_no_such_executable(tmp_path):
    with pytest.raises(NoSuchExecutable):
        look_inside(LocalContainer(tmp_path), TARGET, ("redis",))


@pytest.mark.parametrize(
    ("by", "lines", "outcome", "addresses", "why"),
    [
        pytest.param(
            "getent",
            ["192.0.2.1 STREAM db", "= 0 1.00 1.02"],
            FOUND,
            ("192.0.2.1",),
            "",
            id="found",
        ),
        pytest.param(
            "getent",
            ["fe80::1%eth0 STREAM db", "= 0 1.00 1.02"],
            FOUND,
            ("fe80::1%eth0",),
            "",
            id="an address with a zone",
        ),
        pytest.param("getent", ["", "= 2 1.00 1.02"], NOT_FOUND, (), "", id="musl says nothing"),
        pytest.param(
            "getent",
            ["192.0.2.1 STREAM db", "= 143 1.00 9.00"],
            COULD_NOT_LOOK,
            (),
            "given up after 8 s: getent had not ended",
            id="killed",
        ),
        pytest.param(
            "getent",
            ["192.0.2.1 STREAM db"],
            COULD_NOT_LOOK,
            (),
            "the output ended before it",
            id="cut short",
        ),
        pytest.param(
            "getent",
            ["sh: getent: Permission denied", "= 126 1.00 1.00"],
            COULD_NOT_LOOK,
            (),
            "sh: getent: Permission denied",
            id="not executable",
        ),
        pytest.param(
            "ping",
            ["PING db (192.0.2.1): 65535 data bytes", "ping: sendto: too long", "= 1 1.00 1.00"],
            FOUND,
            ("192.0.2.1",),
            "",
            id="busybox ping",
        ),
        pytest.param(
            "ping",
            ["PING db(db.example.org (2001:db8::1)) 56 data bytes", "= 1 1.00 2.00"],
            FOUND,
            ("2001:db8::1",),
            "",
            id="iputils ping",
        ),
        pytest.param(
            "ping",
            ["ping: bad address 'db'", "= 1 1.00 1.00"],
            NOT_FOUND,
            (),
            "ping: bad address 'db'",
            id="ping of no name",
        ),
    ],
)
def test_a_lookups_output_is_read(by, lines, outcome, addresses, why):
    view = parse_view("db", lines, by)
    assert (view.outcome, view.addresses, view.why) == (outcome, addresses, why)


@pytest.mark.parametrize("line", ["= 0 nan 1", "= 0 1 inf", "= 0 -inf inf", "= 2 NaN NaN"])
def test_a_time_that_is_no_number_is_no_end(line):
    view = parse_view("web", ["192.0.2.1 STREAM", line], "getent")
    assert (view.outcome, view.seconds) == (ViewOutcome.COULD_NOT_LOOK, None)
