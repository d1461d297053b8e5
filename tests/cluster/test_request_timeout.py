"""--request-timeout: kubectl's values and its one error line."""

import pytest

from kubectl_hosts.cluster.connection_flags import parse_request_timeout
from kubectl_hosts.errors import BadInput


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("5", 5.0, id="a bare number is seconds"),
        pytest.param("5s", 5.0, id="seconds"),
        pytest.param("2m", 120.0, id="minutes"),
        pytest.param("1h30m", 5400.0, id="parts add up"),
        pytest.param("1.5s", 1.5, id="fractions need a unit"),
        pytest.param(".5s", 0.5, id="no digit before the point"),
        pytest.param("250ms", 0.25, id="milliseconds are not minutes"),
        pytest.param("0", None, id="zero is no limit"),
        pytest.param("0s", None, id="zero seconds is no limit"),
    ],
)
def test_a_timeout_reads_as_seconds(text, seconds):
    assert parse_request_timeout(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "5x",
        "",
        "1.5",
        "s",
        "5 s",
        "-5",
        "5s-",
        "ten",
        "9" * 400,
        "9" * 400 + "h",
        "9" * 99_999,
        "٣s",
    ],
)
def test_anything_else_is_refused_in_kubectls_words(text):
    with pytest.raises(BadInput) as error:
        parse_request_timeout(text)
    assert error.value.message == (
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer "
        "followed by a corresponding time unit (e.g. 1s | 2m | 3h)"
    )
