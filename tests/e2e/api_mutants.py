"""`python -m tests.e2e.api_mutants NUMBER [SEED]`: mutated manifests, the API server's word and ours.

Objects that the server takes (api_bases.yaml) with a field dropped, misspelt, of another type, moved,
copied or repeated; a strict dry run of each through `kubectl proxy` against what `model/api` says.
Prints every difference. A service account that is not there is the cluster's state, and no manifest's.
"""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kubectl_hosts.model.api.review import review
from kubectl_hosts.offline.manifests import api_model
from kubectl_hosts.yaml_reader import parse_yaml

AT_ONCE = 4
BASES = tuple(
    each.value for each in parse_yaml((Path(__file__).parent / "api_bases.yaml").read_text())
)
WRONG = (
    *("text", "", 0, -1, 1, 70000, 3000000000, 1.5, True, False, None, [], {}, ["a"], [1], [None]),
    *({"a": "b"}, [{"a": 1}], "UPPER", "a_b", "a b", "10.1.2.3", "1", "true", "a" * 64, "a" * 254),
    *("*.x", "-", "a.b", "/x", "../x", "5%", "1Gi", "\u00e9"),
)
OF_THE_SERVER = ("apiVersion", "kind", "metadata")
NO_ACCOUNT = re.compile(r"error looking up service account")
PLURALS = {"EndpointSlice": "endpointslices"}


def places(value, path=()):
    """Every path in VALUE."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from places(each, (*path, key))


def at(value, path):
    """What stands at PATH."""
    for step in path:
        value = value[step]
    return value


def misspelt(dice, key):
    """KEY as people write it."""
    ways = (key.upper(), key[:1].upper() + key[1:], key.lower(), key[:-1], key + "s", key + "x")
    ways = (*ways, key[:2] + key[3:], key.replace("N", "_n"), key[1:2] + key[:1] + key[2:])
    return dice.choice([each for each in ways if each and each != key] or [key + "z"])


def drop(_dice, holder, key, _obj):
    """A field less."""
    del holder[key]


def value(dice, holder, key, _obj):
    """Another value."""
    holder[key] = copy.deepcopy(dice.choice(WRONG))


def misspell(dice, holder, key, _obj):
    """Another name."""
    if isinstance(holder, dict):
        items = [(misspelt(dice, k) if k == key else k, each) for k, each in holder.items()]
        holder.clear()
        holder.update(items)


def wrap(dice, holder, key, _obj):
    """A list of it, or an object with it."""
    holder[key] = [holder[key]] if dice.random() < 0.5 else {"x": holder[key]}


def copied(dice, holder, key, obj):
    """What stands elsewhere."""
    holder[key] = copy.deepcopy(at(obj, dice.choice(tuple(places(obj)))))


def move(dice, holder, key, obj):
    """The same field in another object."""
    objects = [each for path in places(obj) if isinstance(each := at(obj, path), dict)]
    dice.choice(objects)[str(key)] = copy.deepcopy(holder[key])


def repeat(_dice, holder, key, _obj):
    """An item twice, or null for a field."""
    if isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = None


WAYS = {drop: 20, value: 30, misspell: 20, wrap: 10, copied: 8, move: 6, repeat: 6}


def mutant(dice):
    """An object with one or two mistakes, and what was done to it."""
    obj = copy.deepcopy(dice.choice(BASES))
    done = []
    for _ in range(1 if dice.random() < 0.85 else 2):
        (way,) = dice.choices(list(WAYS), weights=list(WAYS.values()))
        own = [each for each in places(obj) if len(each) > 1 and each != ("metadata", "name")]
        path = dice.choice([each for each in own if each[0] not in OF_THE_SERVER[:2]])
        way(dice, at(obj, path[:-1]), path[-1], obj)
        done.append((way.__name__, path))
    return obj, done


def server_says(proxy, obj):
    """The status of a strict dry run, 0 where the server takes OBJ, and its words."""
    version = obj["apiVersion"]
    api = f"{proxy}/apis/{version}" if "/" in version else f"{proxy}/api/{version}"
    plural = PLURALS.get(obj["kind"], f"{obj['kind'].lower()}s")
    url = f"{api}/namespaces/default/{plural}?dryRun=All&fieldValidation=Strict"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(obj).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60):
            return 0, ""
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()).get("message", "")


def main() -> int:
    """1 where the two differ."""
    number = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    dice = random.Random(seed)
    mutants = {}
    while len(mutants) < number:
        obj, done = mutant(dice)
        mutants.setdefault(json.dumps(obj, sort_keys=True), (obj, done))
    command = ["kubectl", "proxy", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        address = f"http://{proxy.stdout.readline().split()[-1]}"
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                words = list(pool.map(lambda each: server_says(address, each[0]), mutants.values()))
        finally:
            proxy.terminate()
    differ = 0
    for (obj, done), (status, said) in zip(mutants.values(), words, strict=True):
        ours = review(obj, api_model)
        if bool(status) == ours.refused or NO_ACCOUNT.search(said):
            continue
        differ += 1
        print(f"{obj['kind']} {done}\n  server: {status} {said[:400]}")
        print(f"  ours: {'; '.join(each.message for each in ours.findings)[:400] or 'taken'}")
    refused = sum(bool(status) for status, _ in words)
    print(f"seed {seed}: {number} mutants, {refused} refused by the server, {differ} differ")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
