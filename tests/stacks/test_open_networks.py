"""A model that may reach the network has a reason that scanners read, or they find it."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.stacks.conftest import ROOT, synthesize
from tests.stacks.template_reading import resources

OWN_IMAGE: Final = (
    "image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64 + "\n  "
    "artifact: s3://my-model-artifacts/1/model.tar.gz"
)
XGBOOST: Final = "framework: xgboost\n  version: 1.7-1\n  artifact: s3://my-model-artifacts/1/model.tar.gz"
SCIKIT_LEARN: Final = XGBOOST.replace("xgboost", "scikit-learn").replace("1.7-1", "1.2-1")
ENDPOINT: Final = "endpoint: {instance_type: ml.m5.large, instances: 2}"
SERVERLESS: Final = "serverless: {memory_mb: 2048, max_concurrency: 5}"


def skipped(tmp_path: Path, model: str, section: str = ENDPOINT) -> dict[str, str]:
    """Return what checkov is told of the model of a service."""
    (tmp_path / "environments.yaml").write_text((ROOT / "services/environments.yaml").read_text())
    (tmp_path / "open.yaml").write_text(
        f"service: open\nenvironments: [production]\nmodel:\n  {model}\n{section}\n"
    )
    template = synthesize(tmp_path, outdir=tmp_path / "out")["open-production-hosting"]
    (found,) = resources(template, "AWS::SageMaker::Model").values()
    metadata: dict[str, Any] = found.get("Metadata", {})
    return {one["id"]: one["comment"] for one in metadata.get("checkov", {}).get("skip", [])}


@pytest.mark.parametrize("model", [OWN_IMAGE, XGBOOST])
def test_an_open_network_without_a_reason_is_left_for_the_scanners(tmp_path: Path, model: str) -> None:
    assert skipped(tmp_path, model) == {}


def test_the_service_file_can_give_the_reason(tmp_path: Path) -> None:
    model = f"{OWN_IMAGE}\n  open_network_because: reads a feature store"
    assert skipped(tmp_path, model) == {"CKV_AWS_370": "reads a feature store"}


def test_an_image_that_aws_excludes_from_isolation_needs_no_other_reason(tmp_path: Path) -> None:
    assert "excludes its scikit-learn" in skipped(tmp_path, SCIKIT_LEARN)["CKV_AWS_370"]


def test_a_kind_that_excludes_isolation_says_so(tmp_path: Path) -> None:
    assert "serverless" in skipped(tmp_path, OWN_IMAGE, SERVERLESS)["CKV_AWS_370"]


def test_an_isolated_model_has_nothing_to_acknowledge(tmp_path: Path) -> None:
    model = f"{OWN_IMAGE}\n  network_isolation: true\n  open_network_because: an old one"
    assert skipped(tmp_path, model) == {}
