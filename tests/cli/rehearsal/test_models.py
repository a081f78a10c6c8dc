"""The three versions are what the rehearsal says: good, better, and better with a bug."""

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tidegate_cli.rehearsal.models import DataSet, TrainedModel, load_code, load_data, train_all


@pytest.fixture(scope="module")
def data() -> DataSet:
    return load_data()


@pytest.fixture(scope="module")
def models(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainedModel, ...]:
    return train_all(data, tmp_path_factory.mktemp("models"))


def test_the_second_version_is_better_on_rows_that_neither_has_seen(models: tuple[TrainedModel, ...]) -> None:
    assert models[0].accuracy > 0.8
    assert models[1].accuracy > models[0].accuracy + 0.05


def test_only_the_third_version_fails_and_only_on_a_few_per_cent(models: tuple[TrainedModel, ...]) -> None:
    assert [model.failing_share for model in models[:2]] == [0, 0]
    assert 0.02 <= models[2].failing_share <= 0.05


def test_an_archive_holds_what_the_container_expects(models: tuple[TrainedModel, ...]) -> None:
    with tarfile.open(models[0].archive) as tar:
        assert sorted(tar.getnames()) == ["code/inference.py", "model.joblib"]


def test_an_unpacked_archive_answers_as_the_trained_model(
    data: DataSet, models: tuple[TrainedModel, ...], tmp_path: Path
) -> None:
    code = load_code()
    shutil.unpack_archive(models[1].archive, tmp_path)
    model = code.model_fn(str(tmp_path))
    body = json.dumps({"instances": [list(row) for row in data.held_out[0][:20]]})
    answer, content_type = code.output_fn(
        code.predict_fn(code.input_fn(body, "application/json"), model), "application/json"
    )
    assert content_type == "application/json"
    document = json.loads(answer)
    assert document["model_version"] == "v2"
    assert document["predictions"] == list(models[1].expected[:20])


def test_the_bug_is_the_one_that_the_report_tells(data: DataSet) -> None:
    blank = [0.0] * 64
    with pytest.raises((ValueError, ZeroDivisionError)):
        load_code().pixels_and_slant(blank)


def test_a_typing_error_in_the_container_environment_stops_the_model_from_loading(
    models: tuple[TrainedModel, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITS_DTYPE", "flaot32")
    shutil.unpack_archive(models[0].archive, tmp_path)
    with pytest.raises(TypeError):
        load_code().model_fn(str(tmp_path))


@pytest.mark.parametrize("body", ['{"instances": []}', '{"instances": [[1, 2]]}'])
def test_rejects_rows_of_the_wrong_shape(body: str) -> None:
    with pytest.raises(ValueError, match="64 numbers"):
        load_code().input_fn(body, "application/json")


def test_rejects_another_content_type() -> None:
    with pytest.raises(ValueError, match="application/json, got text/csv"):
        load_code().input_fn("1,2", "text/csv")
