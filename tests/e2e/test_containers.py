"""Init, sidecar, app and ephemeral containers: one file, whichever of them is asked."""

from __future__ import annotations

import pytest

from tests.e2e.answers import complaint, container, report


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("app", id="an app container"),
        pytest.param("second", id="another app container"),
        pytest.param("side", id="a sidecar, an init container that stays"),
        pytest.param("dbg", id="an ephemeral container"),
    ],
)
def test_every_kind_of_container_can_be_asked(world, hosts, name):
    done = hosts("show", "kinds", "-c", name, "-o", "hosts")
    assert done.stdout == world.hosts("kinds", name)
    document = report(hosts("show", "kinds", "-c", name, "-o", "json"))
    assert container(document, name)["drift"] is False


def test_a_running_init_container_can_be_asked(world, hosts):
    done = hosts("show", "in-init", "-c", "setup", "-o", "hosts")
    assert done.stdout == world.hosts("in-init", "setup")


def test_all_containers_lists_each_of_them(hosts):
    document = report(hosts("show", "kinds", "--all-containers", "-o", "json"))
    names = [each["name"] for each in document["containers"]]
    assert sorted(names) == ["app", "dbg", "second", "setup", "side"]


def test_a_default_is_announced_as_kubectl_does(world, hosts):
    done = hosts("show", "kinds")
    assert b'Defaulted container "app" out of: app, second, ' in done.stderr


def test_a_container_that_is_not_there_is_an_error(hosts):
    done = hosts("show", "kinds", "-c", "nope")
    error, hint = complaint(done)
    assert "nope" in error
    assert "app" in error + hint
    assert done.returncode == 1


def test_a_container_without_shell_and_cat_is_read_through_its_sibling(world, hosts):
    document = report(hosts("show", "one-shell-less", "-c", "app", "-o", "json"))
    assert container(document)["drift"] is False
    assert container(document)["readFrom"] == "helper"
