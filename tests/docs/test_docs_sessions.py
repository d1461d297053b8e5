"""README and docs show what the program prints, to the letter."""

from __future__ import annotations

import re

import pytest

from tests.docs.sessions import PAGES, ROOT, run, sessions

SHOWN = [each for page in PAGES for each in sessions(page)]


def test_the_readme_shows_sessions():
    assert any(each.page.name == "README.md" for each in SHOWN)


def test_each_of_the_25_questions_has_a_command_with_its_output():
    _, *questions = re.split(r"^## ", (ROOT / "docs" / "faq.md").read_text(), flags=re.MULTILINE)
    assert [each.partition(".")[0] for each in questions] == [str(n + 1) for n in range(25)]
    assert [each for each in questions if "\n```console\n$ kubectl hosts " not in each] == []


@pytest.mark.parametrize("shown", SHOWN, ids=lambda each: f"{each.page.name}: {each.command}")
def test_a_page_shows_what_the_command_prints(shown):
    assert run(shown.command) == shown.output, "python -m tests.docs.sessions writes it anew"
