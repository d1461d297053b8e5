"""README and docs show what the program prints, to the letter."""

from __future__ import annotations

import pytest

from tests.docs.sessions import PAGES, run, sessions

SHOWN = [each for page in PAGES for each in sessions(page)]


def test_the_readme_shows_sessions():
    assert any(each.page.name == "README.md" for each in SHOWN)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda each: f"{each.page.name}: {each.command}")
def test_a_page_shows_what_the_command_prints(shown):
    assert run(shown.command) == shown.output, "python -m tests.docs.sessions writes it anew"
