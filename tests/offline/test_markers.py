"""Which recorded probe answers for which: paths and names may be more or fewer."""

import pytest
from kubectl_hosts.offline.cluster import OfflineCluster

from kubectl_hosts.errors import ExecFailed
from kubectl_hosts.offline.capture import Capture, ExecKey
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

MARKER = f"=={'0' * 32}=="
SHOW = ("sh", "-c", "files", "sh", MARKER, "/etc/hosts", "/etc/resolv.conf")
EXPLAIN = ("sh", "-c", "files and names", "sh", MARKER, "/etc/hosts", "/etc/resolv.conf", "redis")


def play(recorded, wanted):
    """What WANTED gives in a capture that holds the probes RECORDED."""
    where = {"namespace": "shop", "pod": "web-0", "container": "app"}
    execs = {
        ExecKey(**where, argv=argv): CompletedExec(stdout=name.encode(), stderr=b"", exit_code=0)
        for name, argv in recorded.items()
    }
    capture = Capture(namespace="shop", marker=MARKER, objects={}, reads={}, execs=execs)
    cluster = OfflineCluster(namespace="shop", objects={}, captures=(capture,))
    return cluster.exec(ExecTarget(**where), wanted).stdout


@pytest.mark.parametrize(
    ("wanted", "played"),
    [
        pytest.param(SHOW, b"show", id="the same"),
        pytest.param(EXPLAIN, b"explain", id="the same, with a name"),
        pytest.param((*SHOW[:2], "newer", *SHOW[3:]), b"show", id="another release of show"),
        pytest.param((*EXPLAIN, "db"), b"explain", id="one more name"),
        pytest.param((*EXPLAIN[:-1], "db"), b"show", id="another name: any files will do"),
    ],
)
def test_the_nearest_probe_is_played(wanted, played):
    assert play({"show": SHOW, "explain": EXPLAIN}, wanted) == played


ASK = ("bash", "-c", "carry", "bash", "10.96.0.10", "53", "20", "1", "\\000")


def test_questions_of_another_release_are_answered():
    assert play({"ask": ASK}, (*ASK[:2], "carry faster", *ASK[3:])) == b"ask"


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param((*ASK[:4], "10.96.0.11", *ASK[5:]), id="another server"),
        pytest.param((*ASK[:-1], "\\001"), id="another question"),
        pytest.param(("perl", "-e", *ASK[2:]), id="another carrier"),
    ],
)
def test_other_questions_are_not_answered(wanted):
    with pytest.raises(ExecFailed):
        play({"ask": ASK}, wanted)


def test_files_that_show_recorded_are_there_for_explain():
    assert play({"show": SHOW}, EXPLAIN) == b"show"


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(("python3", *EXPLAIN[1:]), id="another program"),
        pytest.param((*EXPLAIN[:5], "redis"), id="a name alone"),
        pytest.param((*EXPLAIN[:5], "/etc/motd"), id="another file"),
        pytest.param(("cat", "/etc/hosts"), id="no probe"),
    ],
)
def test_another_command_is_not_answered(wanted):
    with pytest.raises(ExecFailed):
        play({"show": SHOW, "explain": EXPLAIN}, wanted)
