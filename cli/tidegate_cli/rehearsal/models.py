"""Three versions of a real model: good, better, and better with a bug. Trained on scikit-learn's digits."""

import importlib.util
import tarfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tidegate_cli.failures import CliError

MODEL_CODE: Final = Path(__file__).parent / "model_code" / "inference.py"
_HELD_OUT: Final = 0.3
_SEED: Final = 0
_EPOCHS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The data: 8 x 8 images of handwritten digits, pixels 0 to 16.

    Attributes:
        train: Rows (n, 64) and labels (n,) that models learn from.
        held_out: Rows and labels that they never see; the traffic is made of these.

    """

    train: tuple[Any, Any]
    held_out: tuple[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A packed model version.

    Attributes:
        version: For example `v2`.
        what: What it is, in a few words.
        accuracy: On the held-out rows that it can compute features of.
        failing_share: Share of the held-out rows that raise in its feature code, 0 to 1.
        archive: Its `model.tar.gz`.
        expected: Its answer for each held-out row; None where it raises.

    """

    version: str
    what: str
    accuracy: float
    failing_share: float
    archive: Path
    expected: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    version: str
    what: str
    features: str
    hidden: int


_RECIPES: Final = (
    _Recipe(version="v1", what="logistic regression on 4 x 4 blocks", features="coarse", hidden=0),
    _Recipe(version="v2", what="neural network on all pixels", features="pixels", hidden=48),
    _Recipe(version="v3", what="v2 and a slant feature", features="pixels_and_slant", hidden=48),
)


def load_data() -> DataSet:
    """Load the data set that ships inside scikit-learn, and hold out 30 % of it."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    split = train_test_split(
        digits.data, digits.target, test_size=_HELD_OUT, random_state=_SEED, stratify=digits.target
    )
    return DataSet(train=(split[0], split[2]), held_out=(split[1], split[3]))


def train_all(data: DataSet, folder: Path) -> tuple[TrainedModel, ...]:
    """Train, measure and pack v1, v2 and v3 into `folder`.

    Raises:
        CliError: the versions are not good, better, and failing on 2 to 5 % of the rows: the rehearsal would
            tell another story than it claims.

    """
    code = load_code()
    models = tuple(_train(recipe, data, code, folder) for recipe in _RECIPES)
    first, second, third = models
    story = second.accuracy > first.accuracy and 0.02 <= third.failing_share <= 0.05
    if not story or first.failing_share or second.failing_share:
        raise CliError(f"the trained models are not what the rehearsal needs: {models}")
    return models


def train_on_few(data: DataSet, folder: Path, *, version: str, rows: int) -> TrainedModel:
    """Train, measure and pack a version that learned from a few rows: it never fails, and is often wrong."""
    few = DataSet(train=(data.train[0][:rows], data.train[1][:rows]), held_out=data.held_out)
    recipe = _Recipe(version=version, what=f"v1 on {rows} rows only", features="coarse", hidden=0)
    return _train(recipe, few, load_code(), folder)


def load_code() -> ModuleType:
    """Import the inference code as the model server does: training and serving share the features."""
    spec = importlib.util.spec_from_file_location("digits_inference", MODEL_CODE)
    if spec is None or spec.loader is None:
        raise CliError(f"no inference code at {MODEL_CODE}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _train(recipe: _Recipe, data: DataSet, code: ModuleType, folder: Path) -> TrainedModel:
    features = code.FEATURES[recipe.features]
    rows, labels = _usable(features, *data.train)
    model = {
        "version": recipe.version,
        "features": recipe.features,
        "layers": _layers(recipe, rows, labels),
    }
    expected = tuple(_answer(code, model, row) for row in data.held_out[0])
    right = [int(e == label) for e, label in zip(expected, data.held_out[1], strict=True) if e is not None]
    return TrainedModel(
        version=recipe.version,
        what=recipe.what,
        accuracy=sum(right) / len(right),
        failing_share=1 - len(right) / len(expected),
        archive=_pack(model, folder / f"{recipe.version}.tar.gz"),
        expected=expected,
    )


def _usable(features: Any, rows: Any, labels: Any) -> tuple[list[Any], list[int]]:
    """Drop rows without features, as a training job drops missing values: so the bug stays unseen."""
    kept: list[Any] = []
    kept_labels: list[int] = []
    for row, label in zip(rows, labels, strict=True):
        try:
            kept.append(features(row))
        except (ArithmeticError, ValueError):
            continue
        kept_labels.append(int(label))
    return kept, kept_labels


def _layers(recipe: _Recipe, rows: list[Any], labels: list[int]) -> list[tuple[Any, Any]]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if not recipe.hidden:
        linear = LogisticRegression(max_iter=300).fit(rows, labels)
        return [(linear.coef_.T, linear.intercept_)]
    network = MLPClassifier((recipe.hidden,), max_iter=_EPOCHS, random_state=_SEED)
    with warnings.catch_warnings(), threadpool_limits(1):
        # A fixed number of epochs is the intention, not convergence; threads are slower on so little data.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(rows, labels)
    return list(zip(network.coefs_, network.intercepts_, strict=True))


def _answer(code: ModuleType, model: dict[str, Any], row: Any) -> int | None:
    try:
        return int(code.predict_fn([row], model)["predictions"][0])
    except (ArithmeticError, ValueError):
        return None


def _pack(model: dict[str, Any], archive: Path) -> Path:
    import joblib

    pickled = archive.with_suffix(".joblib")
    joblib.dump(model, pickled)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(pickled, "model.joblib")
        tar.add(MODEL_CODE, "code/inference.py")
    return archive
