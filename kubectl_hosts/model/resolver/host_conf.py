"""host.conf(5): the one setting that still changes an answer is `multi`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConf:
    """glibc's host.conf; line is where `multi` was set, None for the default (off)."""

    multi: bool = False
    line: int | None = None


_SWITCH = {"on": True, "off": False}


def parse_host_conf(data: bytes) -> HostConf:
    """The settings in DATA. `order` is read and without effect since nsswitch.conf decides.

    Keywords and `on`/`off` are compared without regard to case: res_hconf.c.
    """
    conf = HostConf()
    for number, raw in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        words = raw.partition("#")[0].split()
        if len(words) >= 2 and words[0].lower() == "multi" and words[1].lower() in _SWITCH:
            conf = HostConf(multi=_SWITCH[words[1].lower()], line=number)
    return conf
