from collections.abc import Callable
from typing import Any

import pytest

Synthesize = Callable[[str], dict[str, Any]]


def model_of(template: dict[str, Any]) -> dict[str, Any]:
    (found,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::SageMaker::Model")
    return dict(found["Properties"])


@pytest.mark.parametrize(
    ("example", "kind", "uri", "recorded"),
    [
        (
            "mlflow_model",
            "S3Prefix",
            "s3://my-model-artifacts/churn/7/model/",
            {"Key": "tidegate:image-digest", "Value": "sha256:" + "0" * 64},
        ),
        (
            "onnx_model",
            "S3Object",
            "s3://my-model-artifacts/digits/7/model.onnx",
            {"Key": "tidegate:artifact-version", "Value": "3HL4kqtJlcpXroDTDmJ"},
        ),
    ],
)
def test_a_model_is_served_as_its_tool_saved_it_and_recorded(
    synthesize: Synthesize, example: str, kind: str, uri: str, recorded: dict[str, str]
) -> None:
    model = model_of(synthesize(example))
    container = model["PrimaryContainer"]
    assert container["ModelDataSource"]["S3DataSource"] == {
        "CompressionType": "None",
        "S3DataType": kind,
        "S3Uri": uri,
    }
    assert "ModelDataUrl" not in container
    assert model["Tags"] == [recorded]
