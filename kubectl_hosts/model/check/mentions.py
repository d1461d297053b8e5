"""Every place in which a workload, or another object, mentions a host name.

Environment values (with what ConfigMaps give), commands and arguments, the hosts of probes and
hooks, the data of ConfigMaps and Secrets that pods read, ExternalNames, and references to Services
in Ingresses, webhooks, APIServices and custom resources. A Secret is read from manifests alone, in
which it is plain text; nobody asks the API for one.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.check.expansion import as_it_is, expand, expand_everywhere
from kubectl_hosts.model.check.hosts_in_text import (
    Exists,
    Spot,
    hosts_in_script,
    hosts_of_programs,
    hosts_of_value,
    is_host_name,
    is_script,
)
from kubectl_hosts.model.check.keys import Says, says_of_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.check.expansion import Expanded
    from kubectl_hosts.model.check.workloads import KeyRef, StartedContainer, Words, Workload


class Form(Enum):
    """How a place mentions a name; the value is what JSON prints."""

    VALUE = "value"
    INSIDE = "inside"
    REFERENCE = "reference"
    CUSTOM_RESOURCE = "custom resource"


class Mention(NamedTuple):
    """A place that mentions a host name.

    where: `env NAME`, `args`, `configmap N key K`, a field's path; text as it is written there;
    name with its variables filled in. container "" where it is the whole pod's, or no pod's.
    """

    container: str
    where: str
    text: str
    name: str
    form: Form = Form.VALUE


class Surroundings(NamedTuple):
    """What a workload's texts are read with.

    data gives the keys of a ConfigMap or Secret of its namespace, None where it is not there or
    nobody reads it; service_variables are those that the kubelet sets for Services; mounted says
    whether data that is mounted is read, too.
    """

    exists: Exists
    data: Callable[[KeyRef], Mapping[str, str] | None] = lambda _: None
    service_variables: Mapping[str, str] = {}
    mounted: bool = True


def mentions_of(workload: Workload, around: Surroundings) -> tuple[Mention, ...]:
    """Every place of WORKLOAD that mentions a host name, each once, in the order of its fields."""
    found: dict[Mention, None] = {}
    for each in workload.started.containers:
        found |= dict.fromkeys(_of_container(workload, each, around))
    if around.mounted:
        found |= dict.fromkeys(_of_volumes(workload, around))
    return tuple(found)


def _of_container(
    workload: Workload, container: StartedContainer, around: Surroundings
) -> Iterator[Mention]:
    variables: dict[str, str] = {}
    if workload.started.service_links:
        variables |= around.service_variables
    for reference in container.env_from:
        for key, value in (around.data(reference) or {}).items():
            name = f"{reference.prefix}{key}"
            variables[name] = value
            where = f"env {name} from {reference.kind.lower()} {reference.name} key {key}"
            yield from _of_value(container.name, where, name, as_it_is(value), around.exists)
    for each in container.env:
        value = each.value
        where = f"env {each.name}"
        if each.reference is not None:
            data = around.data(each.reference)
            if data is None or each.reference.key not in data:
                continue
            value = data[each.reference.key]
            where += f" from {each.reference.kind.lower()} {each.reference.name}"
            where += f" key {each.reference.key}"
            variables[each.name] = value
        elif each.field:
            known = _field_value(workload, each.field)
            if known:
                variables[each.name] = known
            continue
        else:
            variables[each.name] = expand(value, variables)
        text = expand_everywhere(value, variables)
        yield from _of_value(container.name, where, each.name, text, around.exists)
    for words in container.commands:
        yield from _of_words(container.name, words, variables, around.exists)
    for where, host in container.hosts:
        if is_host_name(host):
            yield Mention(container.name, where, host, host)


def _field_value(workload: Workload, path: str) -> str:
    """What fieldRef gives, where the template tells; a pod's own name and IP it does not."""
    labels = dict(workload.pod_labels)
    label = re.fullmatch(r"metadata\.labels\['(.+)'\]", path)
    if label:
        return labels.get(label[1], "")
    known = {
        "metadata.namespace": workload.namespace,
        "spec.serviceAccountName": workload.started.service_account,
    }
    return known.get(path, "")


def _of_value(
    container: str, where: str, key: str, value: Expanded, exists: Exists
) -> Iterator[Mention]:
    """The mentions in the value of a variable or a setting."""
    if says_of_value(key) is Says.PATTERN:
        return
    if is_script(value.text):
        yield from _mentions(
            container, where, value, hosts_in_script(value.text, exists), Form.INSIDE
        )
        return
    spots = tuple(hosts_of_value(value.text, key, exists))
    if spots:
        yield from _mentions(container, where, value, iter(spots), Form.VALUE)
        return
    yield from _mentions(container, where, value, hosts_in_script(value.text, exists), Form.INSIDE)


def _mentions(
    container: str, where: str, value: Expanded, spots: Iterator[Spot], form: Form
) -> Iterator[Mention]:
    for each in spots:
        text = value.as_written(each.start, each.end).strip()
        yield Mention(container, where, text, each.name, form)


# Programs whose operands are users and groups, not hosts and ports.
_OF_USERS = frozenset({"chown", "chgrp", "su-exec", "gosu", "useradd", "adduser", "usermod"})
_ASSIGNED = re.compile(r"(?P<key>-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=(?P<value>[^\n]*)", re.DOTALL)


def _of_words(
    container: str, words: Words, variables: Mapping[str, str], exists: Exists
) -> Iterator[Mention]:
    """The mentions in a command line: a list of words, of which one may be a shell's script."""
    if _OF_USERS.intersection(each.rpartition("/")[2] for each in words.words):
        return
    before = ""
    for word in words.words:
        text = expand_everywhere(word, variables)
        if is_script(text.text):
            spots = hosts_in_script(text.text, exists)
            yield from _mentions(container, words.where, text, spots, Form.INSIDE)
        else:
            yield from _of_word(container, words.where, text, before, exists)
        before = word
    yield from _of_program(container, words, exists)


def _of_word(
    container: str, where: str, word: Expanded, before: str, exists: Exists
) -> Iterator[Mention]:
    """The mentions in one word: `--flag=value`, the value of the flag BEFORE it, or an operand."""
    assigned = _ASSIGNED.fullmatch(word.text)
    flag = before if before.startswith("-") and "=" not in before else ""
    key = assigned["key"] if assigned else flag
    shift = assigned.start("value") if assigned else 0
    value = word.text[shift:]
    found = False
    for each in hosts_of_value(value, key, exists):
        is_url = "://" in value[each.start : each.end]
        # A lone word that no flag precedes is a subcommand or an operand, whatever is called so.
        if not (key or is_url) and each.name == value and "." not in value:
            continue
        found = True
        start = each.start + shift if is_url or not assigned else 0
        text = word.as_written(start, each.end + shift)
        yield Mention(container, where, text, each.name)
    if not found and re.search(r"[=:;,/@]", value) and says_of_value(key) is not Says.PATTERN:
        yield from _mentions(
            container, where, word, hosts_in_script(word.text, exists), Form.INSIDE
        )


def _of_program(container: str, words: Words, exists: Exists) -> Iterator[Mention]:
    """The host that a program is told by its words alone: `[nc, -z, db, "5432"]`."""
    if any(is_script(each) for each in words.words):
        return
    for each in hosts_of_programs(" ".join(words.words), exists):
        yield Mention(container, words.where, each.name, each.name)


def _of_volumes(workload: Workload, around: Surroundings) -> Iterator[Mention]:
    """The mentions in the data that the pods mount."""
    mounted = {name for each in workload.started.containers for name in each.volumes}
    for volume, reference, keys in workload.started.volumes:
        if volume in mounted:
            data = around.data(reference) or {}
            chosen = {key: data[key] for key in keys if key in data} if keys else data
            yield from mentions_of_data(reference.kind, reference.name, chosen, around.exists)


def mentions_of_data(
    kind: str, name: str, data: Mapping[str, str], exists: Exists
) -> Iterator[Mention]:
    """The mentions in a ConfigMap's or a Secret's data, in no container's environment."""
    for key, value in data.items():
        where = f"{kind.lower()} {name} key {key}"
        if is_script(value):
            spots = hosts_in_script(value, exists)
            yield from _mentions("", where, as_it_is(value), spots, Form.INSIDE)
        else:
            yield from _of_value("", where, key, as_it_is(value), exists)
