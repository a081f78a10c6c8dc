"""Every fault of every file is told at once, and nothing that only follows from another fault."""

import json
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from stacks.service_files import load_folder
from stacks.yaml_source import BadFiles
from tests.stacks.conftest import DELIVERY, EXAMPLES
from tests.stacks.delivery.conftest import ENVIRONMENTS, line

Place = tuple[str | int, ...]

HYBRID: Final = "hybrid.yaml"
PROMOTED: Final = "promoted.yaml"
TRAINED: Final = "trained-everywhere.yaml"
SET: Final = "samples/promoted-validation.jsonl"

# In each file: a text, what is written instead, and the field and beginning of what is told.
FAULTS: Final[Sequence[tuple[str, str, str, str]]] = [
    (ENVIRONMENTS, "us-east-1", "us_east_1", "prod-us.region: must match"),
    (ENVIRONMENTS, "queued", "fast", "delivery.execution_mode: must be 'queued', 'superseded'"),
    (ENVIRONMENTS, "arn:aws:codeconnections", "mine", "delivery.source.connection: must look like arn:aws"),
    (ENVIRONMENTS, "[[dev]]", "[[dev]], bake_minutes: 5", "delivery.stages[0].bake_minutes: bakes between"),
    (
        ENVIRONMENTS,
        "from: dev",
        "from: dv",
        "delivery.stages[1].models_from: must be a stage: dev, stag",
    ),
    (
        ENVIRONMENTS,
        "approval: true",
        "aproval: true",
        "delivery.stages[2].aproval: unknown field; did you mean",
    ),
    (
        ENVIRONMENTS,
        "[prod-eu, prod-us]",
        "[prod-eu, prod-us, a]",
        "people.environments[2]: unknown environment",
    ),
    (ENVIRONMENTS, "instance/ssoins-", "", "people.identity_center.instance: must look like"),
    (
        ENVIRONMENTS,
        "at: tooling\n",
        "at: toling\n",
        "delivery.at: unknown environment 'toling'; did you mean",
    ),
    (HYBRID, "instances: 2", "instances: two", "endpoint.instances: must be a whole number, got 'two'"),
    (HYBRID, "_percent: 10,", "_percent: 0.5,", "rollout.steps[0].weight_percent: must be a whole number"),
    (HYBRID, "_percent: 100,", "_percent: 90,", "rollout.steps[2].weight_percent: must be 100 in the last"),
    (HYBRID, "artifact: share", "artifact: lend", "delivery.artifact: must be 'copy' or 'share', got 'lend'"),
    (HYBRID, "train_in: staging", "train_in: stagin", "delivery.train_in: unknown stage 'stagin'; did you"),
    (HYBRID, "promoted-smoke", "my-smoke", "samples/my-smoke.yaml: no such file"),
    (
        PROMOTED,
        "[dev, staging,",
        "[dev, stage,",
        "environments[1]: unknown environment 'stage'; did you mean",
    ),
    (PROMOTED, "isolation: true", "isolation: 1", "model.network_isolation: must be true or false, got 1"),
    (PROMOTED, "at_least: 0.9", "at_most: 0.9", "delivery.validation.at_most: would refuse what is good"),
    (
        TRAINED,
        "prod-us]",
        "tooling]",
        "environments[3]: no stage of delivery (environments.yaml) deploys 'tool",
    ),
    (TRAINED, "dev: {Data", "dv: {Data", "delivery.training.parameters.dv: unknown stage 'dv'; did you mean"),
    (SET, '"label": 0', '"lable": 0', "must be an object of input and label, got input, lable"),
]


def test_rejects_all_faults_of_all_files_at_once_and_tells_no_other(folder: Path) -> None:
    for file, before, after, _ in FAULTS:
        text = (folder / file).read_text()
        assert before in text, before
        (folder / file).write_text(text.replace(before, after, 1))
    with pytest.raises(BadFiles) as refusal:
        load_folder(folder)
    wanted = sorted(_line(file, before, told) for file, before, _, told in FAULTS)
    found = sorted(refusal.value.faults)
    assert [one[: len(told)] for one, told in zip(found, wanted, strict=True)] == wanted


def _line(file: str, text: str, told: str) -> str:
    return (
        f"services/{told if told.startswith('samples/') else f'{file}:{line(text.rstrip(), file)}: {told}'}"
    )


def leaves(node: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the place of everything in a file that has nothing inside."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*at, index))
    else:
        yield at


def shown(place: Place) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("example", [DELIVERY, EXAMPLES], ids=lambda path: path.name)
def test_rejects_whatever_is_wrong_at_once_and_tells_nothing_elsewhere(
    example: Path, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN: an example with values at random places that fit nowhere
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(example, tmp_path / "services"))
    files = {path.name: YAML(typ="safe", pure=True).load(path) for path in sorted(folder.glob("*.yaml"))}
    places = [(name, place) for name, document in files.items() for place in leaves(document)]
    chosen = random.Random(seed).sample(places, 1 + seed % 5)
    for name, (*around, last) in chosen:
        node = files[name]
        for key in around:
            node = node[key]
        node[last] = {"wrong": {"here": True}}
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document))
    # WHEN: the folder is read
    with pytest.raises(BadFiles) as refusal:
        load_folder(folder)
    # THEN: it tells of these places, or of what is inside of the values, and of nothing else
    told = {tuple(re.split(r":\d+: |: ", fault)[:2]) for fault in refusal.value.faults}
    wanted = [(f"services/{name}", shown(place)) for name, place in chosen]
    assert [one for one in wanted if not any(_same(one, other) for other in told)] == []
    assert [one for one in told if not any(_same(other, one) for other in wanted)] == []


def _same(wanted: tuple[str, ...], told: tuple[str, ...]) -> bool:
    return wanted[0] == told[0] and told[1].startswith(wanted[1])
