"""Inference code of the digits models, packed into each `model.tar.gz`.

SageMaker's scikit-learn container calls the four `*_fn` functions. A model is trained with scikit-learn; its
coefficients are what is packed, so that serving needs numpy and joblib only.
"""

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np

PIXELS = 64
SIDE = 8


def coarse(row: Any) -> Any:
    """Return the mean ink of each block of 2 x 2 pixels: 16 features of a row of 64."""
    return np.asarray(row).reshape(4, 2, 4, 2).mean(axis=(1, 3)).ravel() / 16


def pixels(row: Any) -> Any:
    """Return the 64 pixels, each 0 to 1."""
    return np.asarray(row) / 16


def pixels_and_slant(row: Any) -> Any:
    """Return the pixels and the slant of the lower half: the log ratio of ink left and right of its middle.

    Here is the bug that the rehearsal is about: an image without ink on one side has no such logarithm.
    """
    image = np.asarray(row).reshape(SIDE, SIDE)
    left, right = float(image[5:7, 2:4].sum()), float(image[5:7, 4:6].sum())
    return np.append(pixels(row), math.log(left / right))


FEATURES: Mapping[str, Callable[[Any], Any]] = {
    "coarse": coarse,
    "pixels": pixels,
    "pixels_and_slant": pixels_and_slant,
}


def model_fn(model_dir: str) -> dict[str, Any]:
    """Load the model; DIGITS_DTYPE, a numpy type's name, sets the precision it computes in."""
    model: dict[str, Any] = joblib.load(Path(model_dir) / "model.joblib")
    dtype = np.dtype(os.environ.get("DIGITS_DTYPE", "float64"))
    model["layers"] = [(weights.astype(dtype), bias.astype(dtype)) for weights, bias in model["layers"]]
    return model


def input_fn(request_body: str | bytes, content_type: str) -> list[list[float]]:
    """Decode `{"instances": [[64 numbers], ...]}`."""
    if content_type.split(";")[0].strip() != "application/json":
        raise ValueError(f"content type must be application/json, got {content_type}")
    rows: list[list[float]] = json.loads(request_body)["instances"]
    if not rows or any(len(row) != PIXELS for row in rows):
        raise ValueError(f"instances must be rows of {PIXELS} numbers")
    return rows


def predict_fn(rows: Sequence[Sequence[float]], model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the digit of each row, and which version says so."""
    features = FEATURES[model["features"]]
    activation = np.stack([features(row) for row in rows])
    *hidden, (weights, bias) = model["layers"]
    for inner_weights, inner_bias in hidden:
        activation = np.maximum(activation @ inner_weights + inner_bias, 0)
    digits = (activation @ weights + bias).argmax(axis=1)
    return {"model_version": model["version"], "predictions": [int(digit) for digit in digits]}


def output_fn(prediction: Mapping[str, Any], accept: str) -> tuple[str, str]:  # noqa: ARG001 - the contract
    """Encode the answer as JSON, whatever else is accepted."""
    return json.dumps(prediction), "application/json"
