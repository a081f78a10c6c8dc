"""A model that does what it is told to: by its artifact, its environment, and the request."""

import json
import tarfile
from pathlib import Path
from typing import Final, TypedDict, Unpack

from tidegate_cli.rehearsal.models import TrainedModel

_CODE: Final = """
import json
import os
import pathlib

def model_fn(model_dir):
    model = json.loads(pathlib.Path(model_dir, "behaviour.json").read_text())
    model["colour"] = os.environ.get("COLOUR", "")
    if not model["loads"] or model["colour"] == "broken":
        raise RuntimeError("this model cannot be loaded")
    model["served"] = 0
    return model

def predict_fn(asked, model):
    model["served"] += 1
    if model["served"] % 100 < model["failing_percent"] or asked.get("fail"):
        raise ValueError("this request fails")
    answer = {"model_version": model["version"], "colour": model["colour"]}
    return answer | ({"sum": sum(asked["add"]) + model["adds_too_much"]} if "add" in asked else {})
"""


class Behaviour(TypedDict, total=False):
    """What a version does wrong: nothing, where nothing is said.

    Attributes:
        failing_percent: Share of the requests that fail.
        loads: Whether the model can be loaded.
        adds_too_much: By how much the sums that it is asked for are wrong.

    """

    failing_percent: int
    loads: bool
    adds_too_much: int


_RIGHT: Final[Behaviour] = {"failing_percent": 0, "loads": True, "adds_too_much": 0}


def pack(folder: Path, version: str, **behaviour: Unpack[Behaviour]) -> TrainedModel:
    """Write a model's `model.tar.gz` into `folder`."""
    document = {**_RIGHT, **behaviour, "version": version}
    failing_percent = behaviour.get("failing_percent", 0)
    members = {"behaviour.json": json.dumps(document), "code/inference.py": _CODE}
    archive = folder / f"{version}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in members.items():
            file = folder / f"{version}-{Path(name).name}"
            file.write_text(text)
            tar.add(file, name)
    return TrainedModel(
        version=version,
        what=f"fails {failing_percent} % of its requests",
        accuracy=1.0,
        failing_share=failing_percent / 100,
        archive=archive,
        expected=(),
    )
