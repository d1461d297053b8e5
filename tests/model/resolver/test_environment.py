import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver.environment import reads_all_lines


@pytest.mark.parametrize(
    ("text", "multi"),
    [
        pytest.param(b"multi on\n", True, id="Debian"),
        pytest.param(b"order hosts,bind\nmulti on\n", True, id="order has no say"),
        pytest.param(b"MULTI ON # x", True, id="case and comments"),
        pytest.param(b"multi on\nmulti off\n", False, id="the last counts"),
        pytest.param(b"", False, id="off by default"),
        pytest.param(b"multi yes\n#multi on\n", False, id="only on and off"),
    ],
)
def test_multi(text, multi):
    assert reads_all_lines(text) is multi


@given(st.binary())
def test_no_bytes_raise(data):
    reads_all_lines(data)
