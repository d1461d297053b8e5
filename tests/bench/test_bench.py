"""The benchmark itself needs a cluster; that its parts fit together does not."""

from __future__ import annotations

from tests.bench.__main__ import Figure


def test_a_figure_says_whether_its_target_is_met():
    assert str(Figure(what="--help", measured=1.31, at_most=1.3)).endswith(
        "1.31   target <= 1.3  MISSED"
    )
    assert str(Figure(what="a fleet", measured=2.0, at_least=2.0)).endswith(
        "2.00   target >= 2    ok"
    )
