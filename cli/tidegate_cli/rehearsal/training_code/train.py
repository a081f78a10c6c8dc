"""Training script of the digits models, run by SageMaker in script mode (and by the local cloud).

It reads rows `{"input": {"instances": [[64 pixels]]}, "label": digit}` from the channel `train`, learns from
a fraction of them, and writes what the scikit-learn container serves: `model.joblib` and the code beside it.
"""

import argparse
import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
from inference import FEATURES  # type: ignore[import-not-found]  # packed beside this script
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

_HELD_OUT = 0.2
_SEED = 0
_EPOCHS = 60
_FEATURES = "pixels"


def read(folder: Path) -> tuple[list[Any], list[int]]:
    """Return features and labels of all rows of a channel."""
    lines = [line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    rows = [json.loads(line) for line in lines]
    features = [FEATURES[_FEATURES](row["input"]["instances"][0]) for row in rows]
    return features, [int(row["label"]) for row in rows]


def main() -> None:
    """Train, measure on rows that were held out, and write the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fraction", type=float, default=1.0)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--version", default="trained")
    given = parser.parse_args()
    features, labels = read(Path(os.environ["SM_CHANNEL_TRAIN"]))
    split = train_test_split(features, labels, test_size=_HELD_OUT, random_state=_SEED, stratify=labels)
    count = max(1, round(given.fraction * len(split[0])))
    network = MLPClassifier((given.hidden,), max_iter=_EPOCHS, random_state=_SEED)
    with warnings.catch_warnings():
        # A fixed number of epochs is the intention, not convergence.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(split[0][:count], split[2][:count])
    # What SageMaker reads as metrics, see MetricDefinitions.
    sys.stdout.write(f"rows={count};\naccuracy={network.score(split[1], split[3]):.4f};\n")
    layers = list(zip(network.coefs_, network.intercepts_, strict=True))
    folder = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump({"version": given.version, "features": _FEATURES, "layers": layers}, folder / "model.joblib")
    (folder / "code").mkdir()
    shutil.copy(Path(__file__).with_name("inference.py"), folder / "code" / "inference.py")


if __name__ == "__main__":
    main()
