"""Resource quantities: what the API server takes them for."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.api.pod_spec import quantity


# Each held against an API server of 1.34 (`kubectl create --dry-run=server`).
@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("500m", 0.5),
        ("1.5k", 1500.0),
        (".5Gi", 2.0**29),
        ("1Ki", 1024.0),
        ("1Ei", 2.0**60),
        ("2E", 2e18),
        ("1E3", 1000.0),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (0, 0.0),
        ("+", 0.0),
        (".", 0.0),
        ("Ki", 0.0),
        ("e3", 0.0),
        ("1e400", 2.0**63),
        ("99999999999999999999", 2.0**63),
    ],
)
def test_a_quantity_is_worth_what_the_api_server_takes_it_for(text, worth):
    assert quantity(text) == pytest.approx(worth)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1K",
        "1ki",
        "1mi",
        "1e",
        "1e+",
        "1M5",
        "1kk",
        "1Gib",
        "1 Gi",
        "1.2.3",
        "--1",
        "0x1",
        "1_0",
    ],
)
def test_what_the_api_server_takes_for_no_quantity(text):
    assert quantity(text) is None
