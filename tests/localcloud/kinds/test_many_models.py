"""The examples of a multi-model endpoint and of an inference pipeline, deployed and called."""

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.kinds.kinds_cloud import KindsCloud, synthesize

PREDICT = "s3://my-model-artifacts/predict/7/model.onnx"


def test_the_multi_model_example_loads_the_model_that_a_request_names(cloud: KindsCloud) -> None:
    for name in ("cats", "dogs"):
        cloud.upload(f"s3://my-model-artifacts/many/{name}.tar.gz", version=name)
    cloud.created("many", synthesize("multi_model_endpoint", cloud.folder))
    first, again, other = (
        cloud.invoke("many", TargetModel=f"{name}.tar.gz") for name in ("cats", "cats", "dogs")
    )
    assert (first["version"], other["version"]) == ("cats", "dogs")
    assert first["pid"] == again["pid"] != other["pid"]
    with pytest.raises(ClientError, match="Failed to download model data"):
        cloud.invoke("many", TargetModel="birds.tar.gz")

    # WHEN a model is added to the prefix THEN it can be asked for without a deployment
    cloud.upload("s3://my-model-artifacts/many/birds.tar.gz", version="birds")
    assert cloud.invoke("many", TargetModel="birds.tar.gz")["version"] == "birds"


def test_the_pipeline_example_hands_the_answer_of_one_container_to_the_next(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/prepare/3/model.tar.gz", version="prepare")
    cloud.upload("s3://my-model-artifacts/predict/7/model.tar.gz", version="predict")
    template = synthesize("inference_pipeline", cloud.folder)
    (model,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::SageMaker::Model"]
    # The local model server reads archives: it has no ONNX runtime of its own.
    predict = model["Properties"]["Containers"][1]
    assert predict.pop("ModelDataSource")["S3DataSource"]["S3Uri"] == PREDICT
    predict["ModelDataUrl"] = "s3://my-model-artifacts/predict/7/model.tar.gz"
    cloud.created("pipeline", template)
    answer = cloud.invoke("pipeline", 7)
    assert answer["version"] == "predict"
    assert (answer["data"]["version"], answer["data"]["data"]) == ("prepare", 7)
    assert answer["pid"] != answer["data"]["pid"]
