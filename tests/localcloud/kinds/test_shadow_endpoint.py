"""The example of a shadow variant with data capture, deployed and called."""

import json

from tests.localcloud.kinds.kinds_cloud import KindsCloud, synthesize


def test_the_shadow_example_answers_from_one_model_and_captures_both(cloud: KindsCloud) -> None:
    for version in ("7", "8"):
        cloud.upload(f"s3://my-model-artifacts/{version}/model.tar.gz", version=version)
    cloud.s3.create_bucket(Bucket="my-captured-data")
    template = synthesize("shadow_endpoint", cloud.folder)
    (config,) = [r for r in template["Resources"].values() if r["Type"] == "AWS::SageMaker::EndpointConfig"]
    # The local cloud does not explain answers.
    del config["Properties"]["ExplainerConfig"]
    config["Properties"]["DataCaptureConfig"]["InitialSamplingPercentage"] = 100
    cloud.created("shadowed", template)

    assert {cloud.invoke("shadowed")["version"] for _ in range(20)} == {"7"}
    cloud.until(lambda: {"live", "shadow"} <= set(captured(cloud)))
    lines = captured(cloud)
    assert len(lines["live"]) == 20
    assert 0 < len(lines["shadow"]) < 20, "half of the requests are copied"
    assert {"endpointInput", "endpointOutput"} == set(json.loads(lines["shadow"][0])["captureData"])


def captured(cloud: KindsCloud) -> dict[str, list[str]]:
    """Return the captured lines by variant."""
    lines: dict[str, list[str]] = {}
    for found in cloud.s3.list_objects_v2(Bucket="my-captured-data").get("Contents", []):
        _, endpoint, variant, *_ = found["Key"].split("/")
        assert endpoint == "shadowed"
        content = cloud.s3.get_object(Bucket="my-captured-data", Key=found["Key"])["Body"].read()
        lines.setdefault(variant, []).extend(content.decode().splitlines())
    return lines
