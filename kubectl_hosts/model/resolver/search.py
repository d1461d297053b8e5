"""The candidate names for a name, in the order they are asked; `search` in resolv.conf(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver.stub import Libc, SearchRule, StubResolver

if TYPE_CHECKING:
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConf, Setting


@dataclass(frozen=True, slots=True)
class Candidate:
    """An absolute name to ask; suffix is the search domain it was made with, None for the name."""

    name: str
    suffix: Setting | None = None

    @property
    def is_absolute(self) -> bool:
        """Whether it is the name as asked, be it by way of a search domain `.`."""
        is_root = self.suffix is not None and self.suffix.text == "."
        return self.suffix is None or (is_root and not self.name.endswith(".."))


# What the lookup commands ask; busybox networking/nslookup.c, bind's dig; cluster-dns.md 5.6.
# busybox up to 1.28 asks through its libc, and has that libc's row.
TOOL_SEARCH = {
    "dig": SearchRule.NO_LIST,
    "busybox nslookup 1.29": SearchRule.NO_LIST,
    "busybox nslookup": SearchRule.LIST_WITHOUT_DOTS,
}


def candidate_names(name: str, conf: ResolvConf, stub: StubResolver) -> tuple[Candidate, ...]:
    """The candidates STUB asks for NAME, in order; a final dot ends the search."""
    found = search_candidates(name, conf, stub.search_rule, joins_root=stub.joins_root)
    return tuple(each for each in found if _is_asked(each, name, stub))


def tool_candidates(name: str, conf: ResolvConf, tool: str) -> tuple[str, ...]:
    """The names a lookup command of TOOL_SEARCH asks for: the server's view, not the program's."""
    return tuple(each.name for each in search_candidates(name, conf, TOOL_SEARCH[tool]))


def search_candidates(
    name: str, conf: ResolvConf, rule: SearchRule, *, joins_root: bool = False
) -> tuple[Candidate, ...]:
    """The candidates by one rule of using the search list; see `ndots` in resolv.conf(5).

    joins_root: a search domain `.` is joined like any other, to a name that can't be sent (musl).
    """
    if name.endswith("."):
        return (Candidate(name),)
    absolute = Candidate(f"{name}.")
    searched = tuple(
        Candidate(f"{name}..", each)
        if joins_root and each.text == "."
        else Candidate(_join(name, each.text), each)
        for each in conf.search
    )
    has_ndots = name.count(".") >= conf.ndots
    match rule:
        case SearchRule.LIST_ALWAYS:
            ordered = (absolute, *searched) if has_ndots else (*searched, absolute)
        case SearchRule.LIST_BELOW_NDOTS:
            ordered = (absolute,) if has_ndots else (*searched, absolute)
        case SearchRule.LIST_WITHOUT_DOTS:
            ordered = searched if searched and "." not in name else (absolute,)
        case SearchRule.NO_LIST:
            ordered = (absolute,)
    return _without_repetition(ordered)


def _join(name: str, suffix: str) -> str:
    return f"{name}." if suffix == "." else f"{name}.{suffix.removesuffix('.')}."


def _without_repetition(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A search domain `.` asks the absolute name, but once: res_query.c root_on_list."""
    absolute = [each for each in candidates if each.is_absolute]
    return tuple(each for each in candidates if each not in absolute[1:])


def _is_asked(candidate: Candidate, name: str, stub: StubResolver) -> bool:
    """Go leaves out what is too long or `.onion` (nameList); musl a suffix that does not fit."""
    length = len(candidate.name.removesuffix(".").encode("utf-8", "surrogateescape"))
    if stub.libc is Libc.GO:
        return length <= stub.longest_name and not candidate.name.endswith(".onion.")
    if stub.libc is Libc.MUSL and candidate.suffix is not None:
        # name_from_dns_search: `z-p < 256 - l - 1`
        return len(candidate.suffix.text) < 255 - len(name.encode("utf-8", "surrogateescape"))
    return True
