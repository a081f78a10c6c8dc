"""The four functions of an inference script, and their defaults.

Source: SageMaker framework containers, "Serve a model",
https://sagemaker.readthedocs.io/en/stable/frameworks/sklearn/using_sklearn.html#serve-a-model
"""

import csv
import importlib.util
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Self

JSON: Final = "application/json"
CSV: Final = "text/csv"
_ANY: Final = frozenset({"", "*/*", "application/*"})
_UNSUPPORTED: Final = frozenset({"UnsupportedFormatError", "UnsupportedContentType"})


class UnsupportedContentType(Exception):
    """No function knows this content type; answered with 415."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHandlers:
    """A loaded model with the functions around it.

    Attributes:
        model: what `model_fn` returned.
        input_fn: (body, content type) -> object. By default JSON, or CSV as lists of numbers.
        predict_fn: (object, model) -> prediction. By default `model.predict(object)`.
        output_fn: (prediction, accept) -> body, or (body, content type). By default JSON or CSV.

    """

    model: Any
    input_fn: Callable[[bytes, str], Any]
    predict_fn: Callable[[Any, Any], Any]
    output_fn: Callable[[Any, str], Any]

    @classmethod
    def load(cls, model_dir: Path) -> Self:
        """Import `code/inference.py` and call its `model_fn`.

        Raises:
            FileNotFoundError: the artifact has no inference script.
            AttributeError: the script has no `model_fn`.

        """
        script = _import(model_dir / "code" / "inference.py")
        if not hasattr(script, "model_fn"):
            raise AttributeError("code/inference.py must define model_fn(model_dir)")
        return cls(
            model=script.model_fn(str(model_dir)),
            input_fn=getattr(script, "input_fn", default_input),
            predict_fn=getattr(script, "predict_fn", default_predict),
            output_fn=getattr(script, "output_fn", default_output),
        )

    def respond(self, body: bytes, content_type: str, accept: str) -> tuple[int, bytes, str]:
        """Answer one invocation: status, body, content type. Never raises.

        Whatever the script raises is a 500 with the exception as text, an unknown format a 415.
        """
        try:
            prediction = self.predict_fn(self.input_fn(body, content_type), self.model)
            return 200, *_encoded(self.output_fn(prediction, accept), accept)
        except Exception as error:  # noqa: BLE001 - the script may raise anything
            name = type(error).__name__
            status = 415 if name in _UNSUPPORTED else 500
            return status, f"{name}: {error}".encode(), "text/plain"


def default_input(body: bytes, content_type: str) -> Any:
    """Decode JSON, or CSV without a header into lists of floats."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return json.loads(body)
    if kind == CSV:
        return [[float(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode())) if row]
    raise UnsupportedContentType(f"content type {content_type!r} is neither {JSON} nor {CSV}")


def default_predict(data: Any, model: Any) -> Any:
    """Return `model.predict(data)`."""
    return model.predict(data)


def default_output(prediction: Any, accept: str) -> tuple[bytes, str]:
    """Encode a prediction (arrays become lists) as JSON, or as CSV when that is asked for."""
    plain = prediction.tolist() if hasattr(prediction, "tolist") else prediction
    kind = accept.partition(";")[0].strip().lower()
    if kind in _ANY or kind == JSON:
        return json.dumps(plain).encode(), JSON
    if kind == CSV:
        text = io.StringIO()
        rows = (row if isinstance(row, list) else [row] for row in plain)
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode(), CSV
    raise UnsupportedContentType(f"accept {accept!r} is neither {JSON} nor {CSV}")


def _encoded(output: Any, accept: str) -> tuple[bytes, str]:
    fallback = JSON if accept.strip() in _ANY else accept
    body, kind = output if isinstance(output, tuple) else (output, fallback)
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray):
        raise TypeError(f"output_fn must return bytes or str, got {type(body).__name__}")
    return bytes(body), kind


def _import(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError("the model artifact has no code/inference.py")
    # As in the framework containers, the script may import modules that lie beside it.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("inference", path)
    assert spec is not None  # noqa: S101 - a .py file always has one
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    sys.modules["inference"] = module
    spec.loader.exec_module(module)
    return module
