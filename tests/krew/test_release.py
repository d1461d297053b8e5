"""What a release publishes beside its archives: notes, addresses, the Homebrew formula; and how."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from krew.formula import TEMPLATE, fill_formula
from krew.manifest import Release
from krew.release import SITE, SOURCE, notes, with_addresses

ROOT = Path(__file__).parents[2]
RELEASE = Release("v1.2.3", "example/hosts")
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-25

### Added

- One thing.

## [1.2.2] - 2026-11-01

- Another.
"""
DIGESTS = {
    f"kubectl-hosts_v1.2.3_{platform}.tar.gz": digit * 64
    for platform, digit in (
        ("linux_amd64", "1"),
        ("linux_arm64", "2"),
        ("darwin_amd64", "3"),
        ("darwin_arm64", "4"),
    )
}


def test_the_notes_are_the_section_of_the_version_and_how_to_install_it():
    text = notes(CHANGELOG, RELEASE)
    assert text.startswith("### Added\n\n- One thing.\n\n## Install\n")
    assert "Another" not in text
    assert "example/hosts/releases/download/v1.2.3/hosts.yaml" in text


@pytest.mark.parametrize(
    "changelog",
    [
        pytest.param("## [Unreleased]\n\n- One thing.\n", id="nothing but what is to come"),
        pytest.param("## [1.2.3]\n\n- One thing.\n", id="no date"),
        pytest.param("## [1.2.3] - 2026-11-25\n\n## [1.2.2] - 2026-11-01\n- x\n", id="empty"),
        pytest.param("## [1x2.3] - 2026-11-25\n\n- One thing.\n", id="a dot is a dot"),
    ],
)
def test_a_version_without_a_section_is_no_release(changelog):
    with pytest.raises(ValueError, match=r"no section `## \[1\.2\.3\] - YYYY-MM-DD`"):
        notes(changelog, RELEASE)


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        pytest.param(
            "[FAQ](docs/faq.md)",
            "[FAQ](https://github.com/example/hosts/blob/v1.2.3/docs/faq.md)",
            id="a page",
        ),
        pytest.param(
            "![x](docs/explain.svg)",
            "![x](https://github.com/example/hosts/raw/v1.2.3/docs/explain.svg)",
            id="a picture",
        ),
        pytest.param(
            "[![a][badge]](LICENSE)",
            "[![a][badge]](https://github.com/example/hosts/blob/v1.2.3/LICENSE)",
            id="a badge",
        ),
        pytest.param(
            f"[ci](https://github.com/{SOURCE}/actions)",
            "[ci](https://github.com/example/hosts/actions)",
            id="this repository",
        ),
        pytest.param(f"https://{SITE}/", "https://example.github.io/hosts/", id="its site"),
        pytest.param("[a](https://krew.sigs.k8s.io)", "[a](https://krew.sigs.k8s.io)", id="others"),
        pytest.param("[below](#install)", "[below](#install)", id="a place on the page"),
    ],
)
def test_addresses(text, rewritten):
    assert with_addresses(text, RELEASE) == rewritten


def test_the_formula_has_each_archive_with_its_sum():
    text = fill_formula(TEMPLATE.read_text(encoding="utf-8"), RELEASE, DIGESTS)
    pairs = re.findall(r'url "[^"]*/(\S+)"\n +sha256 "(\S+)"', text)
    assert dict(pairs) == DIGESTS
    assert "{{" not in text
    assert 'version "1.2.3"' in text


def test_a_formula_without_an_archive_is_none():
    some = dict(list(DIGESTS.items())[:3])
    with pytest.raises(ValueError, match=r"the formula needs kubectl-hosts_v1\.2\.3_darwin_arm64"):
        fill_formula(TEMPLATE.read_text(encoding="utf-8"), RELEASE, some)


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITHUB = sorted((ROOT / ".github").rglob("*.yml"))


@pytest.mark.parametrize("file", GITHUB, ids=lambda path: path.name)
def test_a_file_of_github_is_yaml(file):
    assert isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_digest_with_their_version_beside_it(workflow):
    uses = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
    assert [each for each in uses if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", each)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_a_job_says_what_more_it_needs(workflow):
    text = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert text["permissions"] == {"contents": "read"}
    assert [name for name, job in text["jobs"].items() if "timeout-minutes" not in job] == []


def needed(jobs: dict, name: str) -> set[str]:
    """The jobs that NAME waits for, and those that they wait for."""
    before = jobs[name].get("needs", [])
    names = {before} if isinstance(before, str) else set(before)
    return names.union(*(needed(jobs, each) for each in names))


def test_nothing_is_published_before_everything_is_built():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    built = {"ready", "archive", "python"}
    publishing = jobs.keys() - built
    assert publishing == {"release", "pypi", "image", "krew"}
    assert [each for each in publishing if not built <= needed(jobs, each)] == []


@pytest.mark.parametrize(
    "file",
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "krew").glob("*"), *GITHUB],
    ids=lambda path: path.name,
)
def test_no_owner_is_left_to_fill_in(file):
    if file.is_file():
        assert "OWNER" not in file.read_text(encoding="utf-8").replace("OWNER/NAME", "")
