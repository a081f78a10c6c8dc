import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_plain_endpoint_synthesizes_without_our_stacks(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "constructs"),
        "CDK_VALIDATION": "false",
        "CDK_OUTDIR": str(tmp_path / "out"),
    }
    subprocess.run(
        [sys.executable, str(ROOT / "examples/plain_endpoint/app.py")],
        cwd=tmp_path,
        env=environment,
        timeout=120,
        check=True,
    )
    template = json.loads((tmp_path / "out" / "plain-endpoint.template.json").read_text())
    kinds = sorted(resource["Type"] for resource in template["Resources"].values())
    assert kinds == [
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::SageMaker::Endpoint",
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::Model",
    ]
