import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.model_server.handlers import ModelHandlers

DOUBLER = """
import helper
class Doubler:
    def predict(self, rows):
        return [[2 * cell for cell in row] for row in rows]
def model_fn(model_dir):
    assert helper.NAME == "beside"
    return Doubler()
"""


@pytest.fixture
def handlers(tmp_path: Path) -> Iterator[ModelHandlers]:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").write_text(DOUBLER)
    (tmp_path / "code" / "helper.py").write_text('NAME = "beside"')
    before = list(sys.path)
    yield ModelHandlers.load(tmp_path)
    sys.path[:] = before
    for name in ("inference", "helper"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ((b"[[1, 2]]", "application/json", "*/*"), (200, b"[[2, 4]]", "application/json")),
        ((b"[[1, 2]]", "application/json; charset=utf-8", "text/csv"), (200, b"2,4\n", "text/csv")),
        (
            (b"1,2\n3,4\n", "text/csv", "application/json"),
            (200, b"[[2.0, 4.0], [6.0, 8.0]]", "application/json"),
        ),
    ],
)
def test_the_defaults_read_and_write_json_and_csv(
    handlers: ModelHandlers, request_: tuple[bytes, str, str], expected: tuple[int, bytes, str]
) -> None:
    assert handlers.respond(*request_) == expected


@pytest.mark.parametrize(
    ("request_", "status", "text"),
    [
        ((b"x", "image/png", "*/*"), 415, b"image/png"),
        ((b"[[1]]", "application/json", "image/png"), 415, b"image/png"),
        ((b"{", "application/json", "*/*"), 500, b"JSONDecodeError"),
        ((b"[1]", "application/json", "*/*"), 500, b"TypeError"),
    ],
)
def test_rejects_unknown_formats_with_415_and_anything_raised_with_500(
    handlers: ModelHandlers, request_: tuple[Any, ...], status: int, text: bytes
) -> None:
    answered = handlers.respond(*request_)
    assert answered[0] == status
    assert text in answered[1]


def test_rejects_output_that_is_neither_bytes_nor_text(handlers: ModelHandlers) -> None:
    broken = ModelHandlers(
        model=handlers.model,
        input_fn=handlers.input_fn,
        predict_fn=handlers.predict_fn,
        output_fn=lambda prediction, accept: prediction,
    )
    assert broken.respond(b"[[1]]", "application/json", "*/*")[:2] == (
        500,
        b"TypeError: output_fn must return bytes or str, got list",
    )
