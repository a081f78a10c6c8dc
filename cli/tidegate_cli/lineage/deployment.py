"""What deployed the endpoint: its stack, the source revision, and the pipelines with their approvals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidegate_cli.lineage.asking import Refusal, ask, moment
from tidegate_cli.lineage.links import Link, known
from tidegate_cli.operator.session import Aws

_EXECUTION: Final = "pipeline execution"
_MANY: Final = 100
_ELSEWHERE: Final = "name their account and region by --pipeline-profile and --pipeline-region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines:
    """Where the delivery pipelines are.

    Attributes:
        aws: Clients of their account and region.
        names: Which; empty for all that are there.

    """

    aws: Aws
    names: tuple[str, ...] = ()

    def known(self) -> Sequence[str] | Refusal:
        """Return the names of the pipelines to look at."""
        if self.names:
            return self.names
        return ask(self._all)

    def _all(self) -> Sequence[str]:
        pages = self.aws.codepipeline.get_paginator("list_pipelines").paginate()
        return [one["name"] for page in pages for one in page["pipelines"]]


def deployment_link(aws: Aws, stack: str, *, pipelines: Pipelines) -> Link:
    """Describe the stack of an endpoint, and the executions that deployed its commit."""
    answer: Any = ask(lambda: aws.cloudformation.describe_stacks(StackName=stack)["Stacks"][0])
    if isinstance(answer, Refusal):
        return Link(kind="stack", name=stack, missing=f"it cannot be read: {answer.reason}")
    outputs = {one.get("OutputKey"): one.get("OutputValue", "") for one in answer.get("Outputs", [])}
    commit = outputs.get("Commit", "")
    return Link(
        kind="stack",
        name=stack,
        facts=known(
            status=answer.get("StackStatus"),
            updated=moment(answer.get("LastUpdatedTime") or answer.get("CreationTime")),
            build=outputs.get("Build"),
        ),
        origins=(Link(kind="commit", name=commit), *_deployed(pipelines, commit))
        if commit
        else (Link(kind="commit", missing=_NO_COMMIT),),
    )


_NO_COMMIT: Final = "the stack has no output Commit: a deploy with `-c commit=...` would have recorded it"


def _deployed(pipelines: Pipelines, commit: str) -> tuple[Link, ...]:
    names = pipelines.known()
    if isinstance(names, Refusal):
        return (Link(kind=_EXECUTION, missing=f"no pipeline can be read ({names.reason}): {_ELSEWHERE}"),)
    found = [
        _described(pipelines.aws, name, execution["pipelineExecutionId"])
        for name in names
        for execution in _of_commit(pipelines.aws, name, commit)
    ]
    if found:
        return tuple(found)
    seen = f"none of the newest {_MANY} executions of {', '.join(names) or 'any pipeline here'} deployed it"
    return (Link(kind=_EXECUTION, missing=f"{seen}: it was deployed by hand, or {_ELSEWHERE}"),)


def _of_commit(aws: Aws, pipeline: str, commit: str) -> Iterator[Any]:
    found: Any = ask(
        lambda: aws.codepipeline.list_pipeline_executions(pipelineName=pipeline, maxResults=_MANY)
    )
    if isinstance(found, Refusal):
        return
    for execution in found.get("pipelineExecutionSummaries", []):
        if any(one.get("revisionId") == commit for one in execution.get("sourceRevisions", [])):
            yield execution


def execution_link(pipelines: Pipelines, value: str) -> Link:
    """Describe an execution of a CodePipeline.

    Args:
        pipelines: Where to look.
        value: Its id; or `pipeline/id`, at the end of an ARN too.

    """
    place, _, execution = value.rpartition("/")
    name = place.rpartition(":")[2]
    names = [name] if name else pipelines.known()
    if isinstance(names, Refusal):
        reason = f"no pipeline can be read ({names.reason}): {_ELSEWHERE}"
        return Link(kind=_EXECUTION, name=value, missing=reason)
    for name in names:
        link = _described(pipelines.aws, name, execution)
        if not link.missing:
            return link
    reason = f"no pipeline of {', '.join(names) or 'those here'} has such an execution: {_ELSEWHERE}"
    return Link(kind=_EXECUTION, name=value, missing=reason)


def _described(aws: Aws, pipeline: str, execution: str) -> Link:
    asked = {"pipelineName": pipeline, "pipelineExecutionId": execution}
    answer: Any = ask(lambda: aws.codepipeline.get_pipeline_execution(**asked))
    name = f"{pipeline}/{execution}"
    if isinstance(answer, Refusal):
        return Link(kind=_EXECUTION, name=name, missing=f"it cannot be read: {answer.reason}")
    found = answer["pipelineExecution"]
    trigger = found.get("trigger", {})
    return Link(
        kind=_EXECUTION,
        name=name,
        facts=known(
            status=found.get("status"),
            started_by=" ".join(filter(None, (trigger.get("triggerType"), trigger.get("triggerDetail")))),
            variables=", ".join(f"{v['name']}={v['resolvedValue']}" for v in found.get("variables", [])),
        ),
        origins=(*_sources(found), *_approvals(aws, pipeline, execution)),
    )


def _sources(execution: Any) -> Iterator[Link]:
    for revision in execution.get("artifactRevisions", []):
        yield Link(
            kind="source",
            name=revision.get("revisionId", ""),
            facts=known(
                artifact=revision.get("name"),
                summary=revision.get("revisionSummary"),
                created=moment(revision.get("created")),
            ),
        )


def _approvals(aws: Aws, pipeline: str, execution: str) -> Iterator[Link]:
    actions: Any = ask(
        lambda: aws.codepipeline.list_action_executions(
            pipelineName=pipeline, filter={"pipelineExecutionId": execution}, maxResults=_MANY
        )
    )
    if isinstance(actions, Refusal):
        yield Link(kind="manual approval", missing=f"the actions cannot be read: {actions.reason}")
        return
    for action in actions.get("actionExecutionDetails", []):
        if action.get("input", {}).get("actionTypeId", {}).get("category") == "Approval":
            yield _approval(action)


def _approval(action: Any) -> Link:
    result = action.get("output", {}).get("executionResult", {})
    return Link(
        kind="manual approval",
        name=f"{action.get('stageName')}/{action.get('actionName')}: {action.get('status')}",
        facts=known(
            by=action.get("updatedBy"),
            at=moment(action.get("lastUpdateTime")),
            said=result.get("externalExecutionSummary"),
        ),
    )
