"""An environment with an endpoint, a package that came from staging, and the pipelines that brought it."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from tests.cli.operator.conftest import FakeAws, FakePaginator, refusal

ACCOUNT: Final = "arn:aws:sagemaker:eu-west-1:111122223333:"
LIVE: Final = f"{ACCOUNT}model-package/digits-production/3"
SOURCE: Final = f"{ACCOUNT}model-package/digits-staging/7"
JOB: Final = f"{ACCOUNT}training-job/digits-2026"
EXECUTION: Final = f"{ACCOUNT}pipeline/digits-training/execution/e1"
COMMIT: Final = "4d5e6f"
NOW: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
ADA: Final = "arn:aws:sts::111122223333:assumed-role/Approvers/ada"


def package(arn: str, **metadata: str) -> dict[str, Any]:
    container = {"Image": "image:1", "ImageDigest": "sha256:abc", "ModelDataUrl": "s3://models/model.tar.gz"}
    return {
        "ModelPackageArn": arn,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "looks good",
        "LastModifiedBy": {"IamIdentity": {"Arn": ADA, "PrincipalId": "ada"}},
        "LastModifiedTime": NOW,
        "CreationTime": NOW,
        "InferenceSpecification": {"Containers": [container]},
        "ModelMetrics": {"ModelQuality": {"Statistics": {"S3Uri": "s3://models/quality.json"}}},
        "CustomerMetadataProperties": {
            key.replace("_", ":", 1).replace("_", "-"): v for key, v in metadata.items()
        },
    }


class Environment(FakeAws):
    """Every client of every account at once, and what may be read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.codepipeline = self
        self.refused: set[str] = set()
        self.pointer = LIVE
        self.outputs = {**(self.outputs or {}), "Commit": COMMIT, "Build": "synth:12"}
        self.model_package = LIVE
        told = {"tidegate_commit": "1a2b3c", "tidegate_build": "train:8", "tidegate_data_version": "v9"}
        self.packages = {
            LIVE: package(LIVE, **told, tidegate_source_package=SOURCE),
            SOURCE: package(SOURCE, **told, tidegate_training_job=JOB, tidegate_pipeline_execution=EXECUTION),
        }
        self.job = {
            "TrainingJobArn": JOB,
            "TrainingJobStatus": "Completed",
            "HyperParameters": {"depth": "4", "alpha": "0.1"},
            "AlgorithmSpecification": {"TrainingImage": "train@sha256:def"},
            "ModelArtifacts": {"S3ModelArtifacts": "s3://models/model.tar.gz"},
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://data/digits/v9/"}}}
            ],
        }
        self.run("v3-x", status="PROMOTED", package_arn=LIVE, ended_at=2000.0, approved_by=ADA)
        self.log("v3-x", 1001, "CHECKED", baseline={"instances": 2, "instance_type": "ml.m5.large"})
        self.log("v3-x", 1100, "SHIFTED", step=0, weight_percent=5)
        self.log("v3-x", 1400, "JUDGED", verdict="PASS", reason="no signal fails", buckets=[])
        self.log("v3-x", 1500, "GATE_OPENED", step=0, by="bob", reason="seen")
        self.log("v3-x", 1600, "PROMOTING")
        self.log("v3-x", 2000, "ENDED", outcome="PROMOTED")

    def in_region(self, _region: str) -> "Environment":
        return self

    def _ask(self, operation: str) -> None:
        if operation in self.refused:
            raise refusal("AccessDeniedException", "not authorized", operation)

    def describe_endpoint(self, **request: str) -> dict[str, Any]:
        return {
            "EndpointArn": f"{ACCOUNT}endpoint/{request['EndpointName']}",
            "EndpointStatus": "InService",
            "EndpointConfigName": "Config-1",
        }

    def describe_endpoint_config(self, **_request: str) -> dict[str, Any]:
        variant = {"VariantName": "live", "ModelName": "Model-1", "InstanceType": "ml.m5.large"}
        return {"ProductionVariants": [variant]}

    def describe_model(self, **_request: str) -> dict[str, Any]:
        container = {"ModelPackageName": self.model_package} if self.model_package else {"Image": "x"}
        return {"PrimaryContainer": container}

    def describe_training_job(self, **request: str) -> dict[str, Any]:
        self._ask("DescribeTrainingJob")
        assert request == {"TrainingJobName": "digits-2026"}
        return self.job

    def describe_pipeline_execution(self, **_request: str) -> dict[str, Any]:
        return {"PipelineExecutionStatus": "Succeeded", "CreationTime": NOW}

    def list_pipeline_parameters_for_execution(self, **_request: str) -> dict[str, Any]:
        return {"PipelineParameters": [{"Name": "DataFraction", "Value": "1.0"}]}

    def list_pipeline_execution_steps(self, **_request: str) -> dict[str, Any]:
        step = {"StepName": "Train", "StepStatus": "Succeeded", "Metadata": {"TrainingJob": {"Arn": JOB}}}
        return {"PipelineExecutionSteps": [step]}

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_pipelines":
            self._ask("ListPipelines")
            return FakePaginator({"pipelines": [{"name": "tidegate"}]})
        return super().get_paginator(operation)

    def list_pipeline_executions(self, **_request: Any) -> dict[str, Any]:
        of = [("p1", "older"), ("p2", COMMIT)]
        return {
            "pipelineExecutionSummaries": [
                {"pipelineExecutionId": name, "sourceRevisions": [{"revisionId": commit}]}
                for name, commit in of
            ]
        }

    def get_pipeline_execution(self, **request: str) -> dict[str, Any]:
        if request["pipelineExecutionId"] != "p2":
            raise refusal("PipelineExecutionNotFoundException", "no such execution", "GetPipelineExecution")
        return {
            "pipelineExecution": {
                "status": "Succeeded",
                "trigger": {"triggerType": "Webhook"},
                "artifactRevisions": [
                    {"name": "Source", "revisionId": COMMIT, "revisionSummary": "Add a step"}
                ],
            }
        }

    def list_action_executions(self, **_request: Any) -> dict[str, Any]:
        def action(name: str, category: str, **more: Any) -> dict[str, Any]:
            usual = {"stageName": "Production", "actionName": name, "status": "Succeeded"}
            return {**usual, "input": {"actionTypeId": {"category": category}}, **more}

        said = {"executionResult": {"externalExecutionSummary": "go ahead"}}
        return {
            "actionExecutionDetails": [
                action("Approve", "Approval", updatedBy=ADA, lastUpdateTime=NOW, output=said),
                action("Deploy", "Deploy"),
            ]
        }


@pytest.fixture
def environment() -> Environment:
    return Environment()
