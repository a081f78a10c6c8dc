"""One SageMaker Pipeline that trains for every environment of the account: each says its group and bucket."""

import json
from typing import Any, Final

from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.environment import ACCOUNT
from tidegate_cli.rehearsal.models import DataSet
from tidegate_cli.rehearsal.training import labelled_rows, pipeline_definition, source_archive

NAME: Final = "digits-training"
_BUCKET: Final = "training-inputs"
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/training"


def create_training(aws: LocalAws, data: DataSet) -> None:
    """Store script and rows, and create the pipeline that learns from them."""
    aws.s3.create_bucket(Bucket=_BUCKET)
    aws.s3.put_object(Bucket=_BUCKET, Key="code/source.tar.gz", Body=source_archive())
    aws.s3.put_object(Bucket=_BUCKET, Key="train/rows.jsonl", Body=labelled_rows(*data.train))
    aws.sagemaker.create_pipeline(
        PipelineName=NAME, PipelineDefinition=_definition(), ClientRequestToken="t" * 32, RoleArn=_ROLE
    )


def _definition() -> str:
    """Return the example's definition, with group and bucket as parameters that have no default."""
    source, rows = f"s3://{_BUCKET}/code/source.tar.gz", f"s3://{_BUCKET}/train/"
    document: dict[str, Any] = json.loads(
        pipeline_definition(bucket="", group="", role_arn=_ROLE, source=source, data=rows)
    )
    document["Parameters"] += [{"Name": name, "Type": "String"} for name in ("Group", "Bucket")]
    train, register = (step["Arguments"] for step in document["Steps"])
    bucket = {"Get": "Parameters.Bucket"}
    train["OutputDataConfig"]["S3OutputPath"] = {
        "Std:Join": {"On": "", "Values": ["s3://", bucket, "/training"]}
    }
    register["ModelPackageGroupName"] = {"Get": "Parameters.Group"}
    return json.dumps(document)
