"""Each seed, and each thing that fuzzing found once, is taken by its target: without atheris."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.fuzz.targets import TARGETS

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*/*"))


@pytest.mark.parametrize("seed", CORPUS, ids=lambda each: f"{each.parent.name}: {each.name}")
def test_a_seed_is_taken(seed):
    TARGETS[seed.parent.name](seed.read_bytes())


def test_every_target_has_seeds():
    assert {each.parent.name for each in CORPUS} == set(TARGETS)


def test_every_target_has_its_hour_once_a_week():
    workflow = Path(__file__).parents[2] / ".github" / "workflows" / "fuzz.yml"
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    assert jobs["fuzz"]["strategy"]["matrix"]["target"] == list(TARGETS)
