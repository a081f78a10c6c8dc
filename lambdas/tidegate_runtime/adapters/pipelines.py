"""Executions of CodePipeline's pipelines."""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of, translated
from tidegate_runtime.errors import Transient

_BUSY: Final = ("ConflictException", "ConcurrentPipelineExecutionsLimitExceededException")


class CodePipelines:
    """Pipelines of one account and region, found by their names.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def start(self, name: str, *, variables: Mapping[str, str], token: str) -> str:
        """Start an execution and return its id; the same token starts once.

        Raises:
            Transient: the pipeline is changing, or has as many executions as it may.

        """
        values = [{"name": variable, "value": value} for variable, value in variables.items()]
        with translated():
            try:
                answer = self._client.start_pipeline_execution(
                    name=name, variables=values, clientRequestToken=token
                )
            except ClientError as error:
                if code_of(error) not in _BUSY:
                    raise
                raise Transient(message_of(error)) from error
        return str(answer["pipelineExecutionId"])
