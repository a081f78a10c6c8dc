"""The pipelines of the account, and their executions.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html,
API_StartPipelineExecution.html, API_StopPipelineExecution.html and API_DeletePipeline.html
"""

import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, arn, invalid, require_emulated
from localcloud.sagemaker.pipelines.definition import Definition
from localcloud.sagemaker.pipelines.execution import PipelineExecution
from localcloud.sagemaker.pipelines.runs import Runs
from localcloud.sagemaker.tags import Tags

_PIPELINE: Final = frozenset(
    {"PipelineName", "PipelineDisplayName", "PipelineDefinition", "PipelineDefinitionS3Location"}
    | {"PipelineDescription", "ClientRequestToken", "RoleArn", "Tags"}
)
_START: Final = frozenset(
    {"PipelineName", "PipelineExecutionDisplayName", "PipelineParameters"}
    | {"PipelineExecutionDescription", "ClientRequestToken"}
)
_PIPELINES: Final = Listing(result="PipelineSummaries", name="PipelineName")
_ALPHABET: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 12
_PAGE: Final = 10


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """A pipeline; `tokens` are the executions by the token that they were started with."""

    name: str
    arn: str
    role: str
    definition: Definition
    created: float
    modified: float
    display_name: str | None = None
    description: str | None = None
    last_run: float | None = None
    tokens: dict[str, str] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return the members that lists and descriptions share."""
        given = {
            "PipelineArn": self.arn,
            "PipelineName": self.name,
            "PipelineDisplayName": self.display_name,
            "PipelineDescription": self.description,
            "RoleArn": self.role,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
        }
        return {name: value for name, value in given.items() if value is not None}


class Pipelines:
    """Makes, changes, starts and describes pipelines.

    Args:
        clock: the cloud clock.
        tags: tags of the pipelines.
        events: told of every change of an execution's status.
        read: returns an object of S3.
        call: makes one request to this SageMaker.
        lock: the service's.

    """

    def __init__(
        self,
        *,
        clock: CloudClock,
        tags: Tags,
        events: Events,
        read: Callable[[str], bytes],
        call: Callable[[str, dict[str, Any]], dict[str, Any]],
        lock: threading.RLock,
    ) -> None:
        self._clock = clock
        self._tags = tags
        self._read = read
        self._pipelines: dict[str, Pipeline] = {}
        self._runs = Runs(clock=clock, events=events, call=call, lock=lock)

    def op_create_pipeline(self, params: Params) -> dict[str, Any]:
        """Create a pipeline."""
        require_emulated(params, _PIPELINE, "CreatePipeline")
        name = params["PipelineName"]
        if name.lower() in self._pipelines:
            message = "Pipeline names must be unique within an AWS account and region. Pipeline with name"
            raise invalid(f"{message} ({name}) already exists.")
        now = self._clock.now()
        pipeline = Pipeline(
            name=name,
            arn=arn("pipeline", name),
            role=params["RoleArn"],
            definition=self._definition(params),
            created=now,
            modified=now,
            display_name=params.get("PipelineDisplayName"),
            description=params.get("PipelineDescription"),
        )
        self._pipelines[name.lower()] = pipeline
        self._tags.create(pipeline.arn, params.get("Tags"))
        return {"PipelineArn": pipeline.arn}

    def op_update_pipeline(self, params: Params) -> dict[str, Any]:
        """Change a pipeline; executions that run keep the definition that they were started with."""
        require_emulated(params, _PIPELINE, "UpdatePipeline")
        pipeline = self._get(params["PipelineName"])
        if "PipelineDefinition" in params or "PipelineDefinitionS3Location" in params:
            pipeline.definition = self._definition(params)
        pipeline.role = params.get("RoleArn", pipeline.role)
        pipeline.display_name = params.get("PipelineDisplayName", pipeline.display_name)
        pipeline.description = params.get("PipelineDescription", pipeline.description)
        pipeline.modified = self._clock.now()
        return {"PipelineArn": pipeline.arn}

    def op_describe_pipeline(self, params: Params) -> dict[str, Any]:
        """Describe a pipeline."""
        require_emulated(params, {"PipelineName"}, "DescribePipeline")
        pipeline = self._get(params["PipelineName"])
        run = {} if pipeline.last_run is None else {"LastRunTime": pipeline.last_run}
        more = {"PipelineDefinition": pipeline.definition.text, "PipelineStatus": "Active", **run}
        return pipeline.describe() | more

    def op_delete_pipeline(self, params: Params) -> dict[str, Any]:
        """Delete a pipeline that does not run; its executions stay known."""
        pipeline = self._get(params["PipelineName"])
        if self._runs.running(pipeline.arn):
            raise AwsError("ConflictException", f"Pipeline {pipeline.arn} has running executions.")
        del self._pipelines[pipeline.name.lower()]
        self._tags.forget(pipeline.arn)
        return {"PipelineArn": pipeline.arn}

    def op_list_pipelines(self, params: Params) -> dict[str, Any]:
        """List pipelines."""
        require_emulated(
            params,
            {"PipelineNamePrefix", "SortBy", "SortOrder", "NextToken", "MaxResults"},
            "ListPipelines",
        )
        prefix = params.get("PipelineNamePrefix", "")
        found = [each.describe() for each in self._pipelines.values() if each.name.startswith(prefix)]
        return _PIPELINES.page(found, params)

    def op_start_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Start an execution; the same token starts it once."""
        require_emulated(params, _START, "StartPipelineExecution")
        pipeline, token = self._get(params["PipelineName"]), params["ClientRequestToken"]
        if token not in pipeline.tokens:
            execution = self._execution(pipeline, params)
            pipeline.tokens[token], pipeline.last_run = execution.arn, execution.created
            self._runs.start(execution)
        return {"PipelineExecutionArn": pipeline.tokens[token]}

    def op_describe_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Describe an execution."""
        return self._runs.get(params["PipelineExecutionArn"]).describe()

    def op_describe_pipeline_definition_for_execution(self, params: Params) -> dict[str, Any]:
        """Describe the definition that an execution was started with."""
        execution = self._runs.get(params["PipelineExecutionArn"])
        return {"PipelineDefinition": execution.definition.text, "CreationTime": execution.created}

    def op_list_pipeline_parameters_for_execution(self, params: Params) -> dict[str, Any]:
        """List the parameters that an execution was started with."""
        return {"PipelineParameters": self._runs.get(params["PipelineExecutionArn"]).given}

    def op_stop_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Stop an execution."""
        execution = self._runs.get(params["PipelineExecutionArn"])
        self._runs.stop(execution)
        return {"PipelineExecutionArn": execution.arn}

    def op_list_pipeline_executions(self, params: Params) -> dict[str, Any]:
        """List the executions of a pipeline, the newest first."""
        require_emulated(
            params, {"PipelineName", "SortOrder", "NextToken", "MaxResults"}, "ListPipelineExecutions"
        )
        found = [each.summary() for each in self._runs.of(self._get(params["PipelineName"]).arn)]
        return _page("PipelineExecutionSummaries", found, params)

    def op_list_pipeline_execution_steps(self, params: Params) -> dict[str, Any]:
        """List the steps of an execution that were begun, the newest first."""
        if "PipelineExecutionArn" not in params:
            raise invalid("PipelineExecutionArn is required")
        runs = self._runs.get(params["PipelineExecutionArn"]).runs.values()
        return _page("PipelineExecutionSteps", [run.describe() for run in runs], params)

    def _get(self, name: str) -> Pipeline:
        """Return a pipeline by its name or ARN."""
        key = name.rpartition("/")[2].lower()
        if key not in self._pipelines:
            raise AwsError("ResourceNotFound", f"Pipeline '{arn('pipeline', key)}' does not exist.")
        return self._pipelines[key]

    def _definition(self, params: Params) -> Definition:
        location = params.get("PipelineDefinitionS3Location")
        if (location is None) == ("PipelineDefinition" not in params):
            raise invalid("exactly one of PipelineDefinition and PipelineDefinitionS3Location must be given")
        if location is None:
            return Definition.parse(params["PipelineDefinition"])
        version = f"?versionId={location['VersionId']}" if "VersionId" in location else ""
        content = self._read(f"s3://{location['Bucket']}/{location['ObjectKey']}{version}")
        return Definition.parse(content.decode())

    def _execution(self, pipeline: Pipeline, params: Params) -> PipelineExecution:
        identifier = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
        given, now = list(params.get("PipelineParameters", [])), self._clock.now()
        return PipelineExecution(
            pipeline_name=pipeline.name,
            pipeline_arn=pipeline.arn,
            identifier=identifier,
            arn=f"{pipeline.arn}/execution/{identifier}",
            definition=pipeline.definition,
            parameters=pipeline.definition.values(given),
            given=given,
            created=now,
            modified=now,
            display_name=params.get("PipelineExecutionDisplayName"),
            description=params.get("PipelineExecutionDescription"),
        )


def _page(result: str, found: list[dict[str, Any]], params: Params) -> dict[str, Any]:
    """Return one page of what is in the order of its beginning."""
    token = params.get("NextToken", "0")
    if not token.isdecimal():
        raise invalid("Invalid NextToken")
    if params.get("SortOrder", "Descending") == "Descending":
        found = found[::-1]
    start, size = int(token), params.get("MaxResults", _PAGE)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {result: found[start : start + size], **more}
