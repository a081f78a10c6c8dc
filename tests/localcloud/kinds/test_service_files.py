"""The example service files, deployed stack after stack as `cdk deploy` would, and called."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from tests.localcloud.kinds.kinds_cloud import ROOT, KindsCloud

EXAMPLES: Final = ROOT / "examples" / "services"
LATENCY: Final = "      latency: [{percentile: 90, at_least_ms: 200, expected_requests_per_minute: 600}]\n"
HERE: Final = """\
production:
  account: "000000000000"
  region: us-east-1
  deploy_with: cli-credentials
"""


def templates(name: str, folder: Path, *changes: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Return the templates of an example's stacks in the local cloud's account, in the order of birth."""
    services = folder / f"services-{name}"
    services.mkdir()
    (services / "environments.yaml").write_text(HERE)
    shutil.copy(EXAMPLES / f"{name}.yaml", services)
    for before, after in changes:
        text = (services / f"{name}.yaml").read_text()
        assert before in text, before
        (services / f"{name}.yaml").write_text(text.replace(before, after))
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context=context, outdir=str(folder / f"out-{name}"))
    define_stacks(app, load_deployments(services))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def deploy(cloud: KindsCloud, name: str, *changes: tuple[str, str]) -> None:
    for stack, template in templates(name, cloud.folder, *changes).items():
        cloud.created(stack, template)


def test_a_serverless_service_answers(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/faces/7/model.tar.gz", version="v7")
    deploy(cloud, "serverless")
    assert cloud.invoke("serverless-production")["version"] == "v7"


def test_the_variants_of_a_service_share_its_traffic(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/faces/7/model.tar.gz", version="v7")
    cloud.upload("s3://my-model-artifacts/faces/8/model.tar.gz", version="v8")
    # The local cloud evaluates a percentile of few requests too.
    deploy(cloud, "variants", (LATENCY, ""))
    for variant, version in {"steady": "v7", "fresh": "v8"}.items():
        answer = cloud.invoke("variants-production", TargetVariant=variant)
        assert answer["version"] == version


def test_each_request_names_a_container_of_the_service(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/faces/7/model.tar.gz", version="faces")
    cloud.upload("s3://my-model-artifacts/letters/3/model.tar.gz", version="letters")
    deploy(cloud, "multi-container")
    for container in ("faces", "letters"):
        answer = cloud.invoke("multi-container-production", TargetContainerHostname=container)
        assert answer["version"] == container


def test_each_request_names_a_component_of_the_service(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/digits/7/model.tar.gz", version="digits")
    cloud.upload("s3://my-model-artifacts/letters/3/model.tar.gz", version="letters")
    deploy(cloud, "components")
    for name in ("digits", "letters"):
        component = f"components-production-{name}"
        answer = cloud.invoke("components-production", InferenceComponentName=component)
        assert answer["version"] == name


def test_each_request_names_a_model_below_the_prefix_of_the_service(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/many/a.tar.gz", version="a")
    cloud.upload("s3://my-model-artifacts/many/b.tar.gz", version="b")
    deploy(cloud, "multi-model")
    for model in ("a", "b"):
        answer = cloud.invoke("multi-model-production", TargetModel=f"{model}.tar.gz")
        assert answer["version"] == model


def test_jobs_and_tests_of_services_are_set_up(cloud: KindsCloud) -> None:
    for key in ("batch/7", "trees/4", "network/1"):
        cloud.upload(f"s3://my-model-artifacts/{key}/model.tar.gz")
    deploy(cloud, "batch")
    deploy(cloud, "ab-test")
    names = [one["name"] for one in cloud.client("stepfunctions").list_state_machines()["stateMachines"]]
    assert "batch-production" in names
    assert cloud.invoke("ab-test-production")["version"] == "v1"


def test_a_queue_takes_requests_and_a_pipeline_answers(cloud: KindsCloud) -> None:
    cloud.upload("s3://my-model-artifacts/video/3/model.tar.gz")
    cloud.upload("s3://my-model-artifacts/predict/7/model.tar.gz", version="predicted")
    cloud.upload("s3://my-model-artifacts/prepare/1/model.tar.gz", version="prepared")
    deploy(cloud, "async", ("/video/3/", "/video/3/model.tar.gz"))
    status = cloud.sagemaker.describe_endpoint(EndpointName="async-production")["EndpointStatus"]
    assert status == "InService"
    prepared = f"@sha256:{64 * '0'}"
    deploy(
        cloud,
        "pipeline",
        ("model.onnx", "model.tar.gz"),
        (prepared, f"{prepared}\n      artifact: s3://my-model-artifacts/prepare/1/model.tar.gz"),
    )
    answer = cloud.invoke("pipeline-production", "x")
    assert (answer["version"], answer["data"]["version"]) == ("predicted", "prepared")


def test_a_shadow_of_a_service_answers_nobody(cloud: KindsCloud) -> None:
    for version in ("7", "8"):
        cloud.upload(f"s3://my-model-artifacts/faces/{version}/model.tar.gz", version=f"v{version}")
    package = "package: arn:aws:sagemaker:eu-west-1:111122223333:model-package/faces"
    image = "image: 000000000000.dkr.ecr.us-east-1.amazonaws.com/faces@sha256:" + 64 * "0"
    artifact = "artifact: s3://my-model-artifacts/faces"
    deploy(
        cloud,
        "shadow",
        (f"  {package}/7\n", f"  {image}\n  {artifact}/7/model.tar.gz\n"),
        (f"      {package}/8\n", f"      {image}\n      {artifact}/8/model.tar.gz\n"),
        ('  explainer: {baseline: "0.5,1.0,3.2", samples: 200}\n', ""),
    )
    assert {cloud.invoke("shadow-production")["version"] for _ in range(5)} == {"v7"}
