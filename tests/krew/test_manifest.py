"""krew/hosts.yaml against krew's documented rules, filled in as a release fills it in.

The rules: krew's internal/index/validation/validate.go and its developer guide (plugin manifest,
submission checklist).
"""

from __future__ import annotations

import re
from itertools import combinations

import pytest
import yaml

from krew.build_archive import archive_name
from krew.manifest import TEMPLATE, Release, fill_template, manifest

TEXT = TEMPLATE.read_text(encoding="utf-8")
RELEASE = Release("v1.2.3", "example/hosts")
ARCHIVES = {
    f"kubectl-hosts_v1.2.3_{platform}": digit * 64
    for platform, digit in (
        ("linux_amd64.tar.gz", "1"),
        ("linux_arm64.tar.gz", "2"),
        ("darwin_amd64.tar.gz", "3"),
        ("darwin_arm64.tar.gz", "4"),
        ("windows_amd64.zip", "5"),
    )
}
DOCUMENT = yaml.safe_load(fill_template(TEXT, RELEASE, ARCHIVES))
SPEC = DOCUMENT["spec"]
PLATFORMS = SPEC["platforms"]
FORBIDDEN_ON_WINDOWS = {"CON", "PRN", "AUX", "NUL"}


def test_the_head_is_what_krew_reads():
    assert DOCUMENT["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2"
    assert DOCUMENT["kind"] == "Plugin"
    assert set(DOCUMENT) == {"apiVersion", "kind", "metadata", "spec"}


def test_the_name_is_the_files_and_safe():
    name = DOCUMENT["metadata"]["name"]
    assert name == TEMPLATE.stem
    assert re.fullmatch(r"[\w-]+", name)
    assert name.upper() not in FORBIDDEN_ON_WINDOWS


def test_the_version_is_semver_with_a_v():
    assert re.fullmatch(r"v\d+\.\d+\.\d+", SPEC["version"])


def test_the_short_description_is_one_line_of_at_most_50_characters():
    assert 0 < len(SPEC["shortDescription"]) <= 50
    assert SPEC["shortDescription"].isprintable()


def test_the_description_is_wrapped_at_80():
    assert max(map(len, SPEC["description"].splitlines())) <= 80


@pytest.mark.parametrize(
    "unwanted",
    [
        pytest.param(r"(?<!\w)--?\w", id="a flag"),
        pytest.param(r"\bkubectl \w", id="a command line"),
        pytest.param(r"(?i)\b(usage|examples?|options|flags):", id="a usage section"),
    ],
)
def test_the_description_has_no_usage(unwanted):
    assert re.search(unwanted, SPEC["description"]) is None


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: each["uri"].rpartition("_v")[2])
def test_a_platform_says_where_its_archive_is_and_what_it_holds(platform):
    name = platform["uri"].rpartition("/")[2]
    base = "https://github.com/example/hosts/releases/download/v1.2.3/"
    assert set(platform) == {"selector", "uri", "sha256", "bin"}
    assert platform["uri"] == base + name
    assert platform["sha256"] == ARCHIVES[name]
    system = platform["selector"]["matchLabels"]["os"]
    assert platform["bin"] == ("kubectl-hosts.exe" if system == "windows" else "kubectl-hosts")
    assert f"_{system}_{platform['selector']['matchLabels']['arch']}." in name


def test_selectors_know_os_and_arch_alone():
    assert {tuple(each["selector"]) for each in PLATFORMS} == {("matchLabels",)}
    assert {tuple(each["selector"]["matchLabels"]) for each in PLATFORMS} == {("os", "arch")}


def test_no_two_selectors_overlap():
    pairs = combinations([each["selector"]["matchLabels"] for each in PLATFORMS], 2)
    assert [pair for pair in pairs if pair[0] == pair[1]] == []


def test_nothing_is_left_to_fill_in():
    filled = fill_template(TEXT, RELEASE, ARCHIVES)
    assert "{{" not in filled
    assert not filled.startswith("#")


def test_a_platform_that_was_not_built_is_left_out():
    name = "kubectl-hosts_v1.2.3_darwin_arm64.tar.gz"
    filled = yaml.safe_load(fill_template(TEXT, RELEASE, {name: ARCHIVES[name]}))
    assert [each["uri"].rpartition("/")[2] for each in filled["spec"]["platforms"]] == [name]


def test_an_archive_that_no_platform_means_is_an_error():
    with pytest.raises(ValueError, match=r"no platform .* kubectl-hosts_v1.2.2_linux_amd64.tar.gz"):
        fill_template(TEXT, RELEASE, {"kubectl-hosts_v1.2.2_linux_amd64.tar.gz": "0" * 64})


def test_the_digest_is_the_files(tmp_path):
    archive = tmp_path / "kubectl-hosts_v1.2.3_linux_amd64.tar.gz"
    archive.write_bytes(b"abc")
    (platform,) = yaml.safe_load(manifest([archive], RELEASE))["spec"]["platforms"]
    # FIPS 180-2, appendix B.1
    of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert platform["sha256"] == of_abc


def test_this_machines_archive_is_a_platform_of_the_template():
    endings = {name.partition("_v1.2.3_")[2] for name in ARCHIVES}
    assert archive_name().partition(f"_{Release().tag}_")[2] in endings
