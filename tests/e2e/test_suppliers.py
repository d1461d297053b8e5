"""Who supplied the file: the kubelet, or a volume of the container's own."""

from __future__ import annotations

import pytest

from tests.e2e.answers import container, origin_kinds, report


@pytest.mark.parametrize(
    ("scenario", "volume_source"),
    [
        pytest.param("own-config-map", "configMap", id="one key of a ConfigMap"),
        pytest.param("own-with-aliases", "configMap", id="hostAliases that never arrive"),
        pytest.param("own-host-path", "hostPath", id="the node's own file"),
    ],
)
def test_an_own_mount_is_named_with_its_volume(hosts, scenario, volume_source):
    document = report(hosts("show", scenario, "-o", "json"))
    supplier = container(document)["managedBy"]
    assert (supplier["kind"], supplier["volume"], supplier["source"]) == (
        "OwnMount",
        "own",
        volume_source,
    )
    assert set(origin_kinds(document)) == {"OwnMount"}


def test_the_bytes_of_an_own_mount_are_printed_as_they_are(world, hosts):
    done = hosts("show", "own-config-map", "-o", "hosts")
    assert done.stdout == world.hosts("own-config-map")


@pytest.mark.parametrize("scenario", ["own-config-map", "own-projected", "own-field"])
def test_an_own_mount_is_predicted_byte_for_byte(world, hosts, scenario):
    """A ConfigMap's key, the later of two projected sources, the downward API's text."""
    done = hosts("show", scenario, "-o", "hosts", "--expected")
    assert done.stdout == world.hosts(scenario)


def test_a_read_only_volume_on_etc_keeps_the_container_from_starting(hosts):
    done = hosts("show", "read-only-etc")
    first, hint, *_ = done.stdout.decode().splitlines()
    assert "read-only-etc: does not start: volume own, ConfigMap " in first
    assert "it is read-only and has no hostname, resolv.conf to mount over" in first
    assert "the runtime cannot mount /etc/hostname: read-only file system" in first
    assert (
        hint
        == "hint: Mount single files with subPath, not the volume on /etc: hosts at /etc/hosts."
    )


def test_the_kubelets_file_lies_on_top_of_a_config_map_that_has_its_place(hosts):
    supplier = container(report(hosts("show", "config-map-on-etc", "-o", "json")))["managedBy"]
    assert supplier["kind"] == "Kubelet"


def test_aliases_that_an_own_mount_hides_are_said_in_the_first_line(hosts):
    first = hosts("show", "own-with-aliases").stdout.decode().splitlines()[0]
    assert "hostAliases" in first or "own" in first


def test_a_volume_on_etc_leaves_the_kubelets_file_on_top(hosts):
    supplier = container(report(hosts("show", "volume-on-etc", "-o", "json")))["managedBy"]
    assert supplier["kind"] == "Kubelet"


def test_the_supplier_is_a_matter_of_the_container(hosts):
    document = report(hosts("show", "one-own-mount", "--all-containers", "-o", "json"))
    suppliers = {each["name"]: each["managedBy"]["kind"] for each in document["containers"]}
    assert suppliers == {"own": "OwnMount", "plain": "Kubelet"}
