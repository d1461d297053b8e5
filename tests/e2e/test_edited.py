"""Files that somebody edited in the running container: each difference, and nothing else."""

from __future__ import annotations

import difflib

import pytest

from tests.e2e.answers import container, differing_lines, report

# scenario: what `show` calls each line that is not as the spec asks, in order.
DIFFERENCES = {
    "appended": [("extra", "192.0.2.66\tintruder")],
    "loopback-removed": [
        ("missing", "127.0.0.1\tlocalhost"),
        ("missing", "::1\tlocalhost ip6-localhost ip6-loopback"),
    ],
    "alias-changed": [("changed", "10.1.2.4\tfoo.remote\tbar.remote")],
    "not-utf-8": [("extra", "192.0.2.66\tcaf\\xe9")],
    "no-final-newline": [("extra", "192.0.2.66\tlast")],
}
EDITED = [*DIFFERENCES, "escapes", "carriage-returns", "emptied"]


@pytest.mark.parametrize(("scenario", "differing"), DIFFERENCES.items())
def test_show_names_each_line_that_differs(hosts, scenario, differing):
    document = report(hosts("show", scenario, "-o", "json"))
    assert container(document)["drift"] is True
    assert differing_lines(document) == differing


def test_an_extra_line_is_foreign(hosts):
    lines = container(report(hosts("show", "appended", "-o", "json")))["lines"]
    assert [each["origin"]["kind"] for each in lines if each["status"] == "extra"] == ["Foreign"]


def test_a_changed_line_says_what_it_should_be(hosts):
    lines = container(report(hosts("show", "alias-changed", "-o", "json")))["lines"]
    changed = [each for each in lines if each["status"] == "changed"]
    assert [each["insteadOf"] for each in changed] == ["10.1.2.3\tfoo.remote\tbar.remote"]
    assert [each["origin"]["field"] for each in changed] == ["spec.hostAliases[1]"]


@pytest.mark.parametrize("scenario", EDITED)
def test_the_prediction_is_the_file_as_it_was_before_the_edit(world, hosts, scenario):
    done = hosts("show", scenario, "-o", "hosts", "--expected")
    assert done.stdout == world.before[scenario]


@pytest.mark.parametrize("scenario", EDITED)
def test_the_observed_file_passes_through_untouched(world, hosts, scenario):
    assert hosts("show", scenario, "-o", "hosts").stdout == world.hosts(scenario)


@pytest.mark.parametrize("scenario", ["appended", "loopback-removed", "alias-changed"])
def test_diff_is_the_unified_diff_from_expected_to_observed(world, hosts, scenario):
    done = hosts("diff", scenario)
    expected = difflib.unified_diff(
        world.before[scenario].decode().splitlines(keepends=True),
        world.hosts(scenario).decode().splitlines(keepends=True),
    )
    assert done.returncode == 1
    assert _changes(done.stdout.decode().splitlines(keepends=True)) == _changes(expected)


def _changes(diff) -> list[str]:
    """A unified diff without its two lines of file names."""
    return [line for line in diff if not line.startswith(("---", "+++", "diff "))]


@pytest.mark.parametrize("scenario", EDITED)
def test_diff_ends_with_1(hosts, scenario):
    assert hosts("diff", scenario).returncode == 1


def test_escape_sequences_never_reach_the_terminal(hosts):
    for argv in (["show", "escapes"], ["show", "escapes", "-o", "wide"], ["diff", "escapes"]):
        done = hosts(*argv)
        assert not {0x1B, 0x07} & set(done.stdout + done.stderr), argv
        assert b"^[" in done.stdout


def test_a_file_of_100_mb_is_cut_and_the_answer_says_so(hosts):
    done = hosts("show", "huge")
    assert b"cut after 1048576 bytes" in done.stdout
    assert len(done.stdout) < 8 << 20


def test_a_restart_of_the_container_writes_the_file_anew(world, hosts):
    document = container(report(hosts("show", "restarted", "-o", "json")))
    status = world.pod("restarted")["status"]["containerStatuses"][0]
    assert document["drift"] is False
    assert document["lastWritten"]["at"] == status["state"]["running"]["startedAt"]
