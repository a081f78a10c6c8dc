"""Resources of calls to CodePipeline and CodeBuild, for IAM.

Source: the Service Authorization Reference for AWS CodePipeline and AWS CodeBuild
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html)
"""

from collections.abc import Mapping
from typing import Any

ANY_RESOURCE = "*"
_ON_A_STAGE = frozenset({"RetryStageExecution", "RollbackStage"})


def pipeline_resource(request: Mapping[str, Any], operation: str, prefix: str) -> str:
    """Return the ARN that a call of CodePipeline concerns, `*` for one without.

    Args:
        request: its parameters.
        operation: its name.
        prefix: `arn:aws:codepipeline:region:account:`.

    """
    pipeline = request.get("pipeline")
    name = request.get("pipelineName") or request.get("name")
    if isinstance(pipeline, Mapping):
        name = pipeline.get("name")
    if not name:
        return ANY_RESOURCE
    path = [str(name)]
    if operation in _ON_A_STAGE:
        path.append(str(request.get("stageName")))
    elif operation == "PutApprovalResult":
        path += [str(request.get("stageName")), str(request.get("actionName"))]
    return prefix + "/".join(path)


def build_resource(request: Mapping[str, Any], prefix: str) -> str:
    """Return the ARN of the project that a call of CodeBuild concerns, `*` for one without.

    Args:
        request: its parameters; of several builds or projects, the first counts.
        prefix: `arn:aws:codebuild:region:account:`.

    """
    name = request.get("projectName") or request.get("name") or request.get("id")
    for member in ("ids", "names"):
        if not name and request.get(member):
            name = request[member][0]
    if not name:
        return ANY_RESOURCE
    own = str(name).rpartition("/")[2].partition(":")[0]
    return f"{prefix}project/{own}"
