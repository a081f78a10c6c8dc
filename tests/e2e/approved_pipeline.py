"""A delivery pipeline with two manual approvals, of which the approver is named for one."""

import io
import json
import zipfile
from typing import Any, Final

from tests.e2e.permitted import APPROVAL, PIPELINE
from tests.e2e.world import World
from tidegate_cli.rehearsal.environment import ACCOUNT

OTHER: Final = "Approve-other"
_BUCKET: Final = "t-delivery-source"
_KEY: Final = "source.zip"
_ROLE: Final = "t-delivery-role"


def make_pipeline(world: World) -> str:
    """Make the pipeline, which starts nothing; return the version of its source, which is its revision."""
    s3, iam = world.client("s3"), world.client("iam")
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as sources:
        sources.writestr("app.py", "")
    version = s3.put_object(Bucket=_BUCKET, Key=_KEY, Body=archive.getvalue())["VersionId"]
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "codepipeline.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    reads = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iam.create_role(RoleName=_ROLE, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=_ROLE, PolicyName="source", PolicyDocument=_document(reads))
    world.client("codepipeline").create_pipeline(pipeline=_declaration())
    return str(version)


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _declaration() -> dict[str, Any]:
    source = {"S3Bucket": _BUCKET, "S3ObjectKey": _KEY, "PollForSourceChanges": "false"}
    return {
        "name": PIPELINE,
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/{_ROLE}",
        "artifactStore": {"type": "S3", "location": _BUCKET},
        "stages": [
            {
                "name": "Source",
                "actions": [
                    _action(
                        "Source", "Source", "S3", configuration=source, outputArtifacts=[{"name": "Sources"}]
                    )
                ],
            },
            {"name": APPROVAL.stage, "actions": [_action(APPROVAL.action, "Approval", "Manual")]},
            {"name": OTHER, "actions": [_action(OTHER, "Approval", "Manual")]},
        ],
    }


def _action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "runOrder": 1, **more}
