"""A model that does what it is told to: by its artifact, its environment, and the request."""

import json
import tarfile
from pathlib import Path
from typing import Final

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
    return {"model_version": model["version"], "colour": model["colour"]}
"""


def pack(folder: Path, version: str, *, failing_percent: int = 0, loads: bool = True) -> TrainedModel:
    """Write a model's `model.tar.gz` into `folder`."""
    behaviour = {"version": version, "failing_percent": failing_percent, "loads": loads}
    members = {"behaviour.json": json.dumps(behaviour), "code/inference.py": _CODE}
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
