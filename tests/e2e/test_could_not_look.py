"""Pods that no command can look into: the reason, and the prediction alone."""

from __future__ import annotations

import signal
import time

import pytest

from tests.e2e.answers import container, report
from tests.e2e.world import wait_until

# scenario, words of the reason
UNREADABLE = [
    pytest.param("shell-less", "no shell", id="an image without shell and cat"),
    pytest.param("own-directory", "directory", id="a directory stands at /etc/hosts"),
    pytest.param("finished", "completed pod; current phase is Succeeded", id="a finished pod"),
    pytest.param("unscheduled", "", id="a pod that no node takes"),
    pytest.param("never-pulled", "ErrImageNeverPull", id="an image that is never pulled"),
]


@pytest.mark.parametrize(("scenario", "reason"), UNREADABLE)
def test_the_reason_is_given(hosts, scenario, reason):
    document = container(report(hosts("show", scenario, "-o", "json")))
    assert reason in document["unreadable"]
    assert document["drift"] is False


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        pytest.param("shell-less", "could not look: container main has no shell", id="no shell"),
        pytest.param("finished", "could not look: cannot exec into a container", id="finished"),
        pytest.param("never-pulled", "could not look: container", id="never pulled"),
        pytest.param("own-directory", "is a directory, not a file", id="a directory"),
        pytest.param("unscheduled", "has no hosts file yet", id="no node"),
    ],
)
def test_the_first_line_says_that_nobody_looked(hosts, scenario, verdict):
    assert verdict in hosts("show", scenario).stdout.decode().splitlines()[0]


def test_a_container_that_waits_is_read_through_the_init_container_that_runs(hosts):
    document = container(report(hosts("show", "in-init", "-o", "json")))
    assert document["unreadable"] is None
    assert document["readFrom"]


def test_a_pod_without_shell_still_has_its_prediction(world, hosts):
    lines = container(report(hosts("show", "shell-less", "-o", "json")))["lines"]
    ips = {each["ip"] for each in world.pod("shell-less")["status"]["podIPs"]}
    assert ips <= {each["address"] for each in lines}


@pytest.mark.parametrize("scenario", ["shell-less", "finished", "unscheduled", "never-pulled"])
def test_diff_that_could_not_look_is_trouble(hosts, scenario):
    done = hosts("diff", scenario)
    assert (done.returncode, done.stdout) == (2, b"")


def test_an_exec_that_hangs_ends_at_the_deadline(hosts):
    done = hosts("show", "hangs", "-c", "main", "--request-timeout", "3s", "-o", "json")
    assert container(report(done))["unreadable"]


def test_a_pod_that_is_deleted_half_way_is_a_reason_not_a_traceback(world, start):
    before = world.execs("deleted-half-way", "main")
    running = start("show", "deleted-half-way", "-c", "main", "--request-timeout", "20s")
    wait_until("the exec", lambda: world.execs("deleted-half-way", "main") > before, 20.0)
    world.delete("deleted-half-way")
    stdout, stderr = running.communicate(timeout=60)
    assert b"Traceback" not in stderr
    assert b"could not look" in stdout.splitlines()[0]


def test_an_interrupt_prints_what_is_known(world, start):
    before = world.execs("hangs", "main")
    running = start("show", "-l", "scenario in (default,hangs)", "--request-timeout", "60s")
    wait_until("the exec", lambda: world.execs("hangs", "main") > before, 20.0)
    time.sleep(1.0)
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=20)
    assert b"Traceback" not in stderr
    assert b"default" in stdout
    assert running.returncode == 130


def test_one_pod_that_cannot_be_read_leaves_the_others_alone(hosts):
    selector = "scenario in (default,finished,shell-less,aliases)"
    done = hosts("show", "-l", selector, "-o", "json")
    outcomes = {
        each["pod"]["name"]: container(each)["unreadable"] is None for each in report(done)["items"]
    }
    assert outcomes == {"default": True, "aliases": True, "finished": False, "shell-less": False}
