import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver.environment import HostConf, parse_host_conf


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        pytest.param(b"multi on\n", HostConf(multi=True, line=1), id="Debian"),
        pytest.param(
            b"order hosts,bind\nmulti on\n", HostConf(multi=True, line=2), id="order has no say"
        ),
        pytest.param(b"MULTI ON # x", HostConf(multi=True, line=1), id="case and comments"),
        pytest.param(b"multi on\nmulti off\n", HostConf(multi=False, line=2), id="the last counts"),
        pytest.param(b"", HostConf(), id="off by default"),
        pytest.param(b"multi yes\n#multi on\n", HostConf(), id="only on and off"),
    ],
)
def test_multi(text, conf):
    assert parse_host_conf(text) == conf


@given(st.binary())
def test_no_bytes_raise(data):
    parse_host_conf(data)
