"""One Chromium for all tests of a run; none where it is not installed."""

from __future__ import annotations

import pytest

from tests.browser.chromium import NAMES, browser, program


@pytest.fixture(scope="session")
def tab():
    """The one tab."""
    if program() is None:
        pytest.skip(f"no {NAMES[0]}: apt-get install chromium")
    with browser() as opened:
        yield opened
