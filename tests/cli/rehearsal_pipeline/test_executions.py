"""Executions are read whole, oldest first, and approvals are answered with their token."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate_cli.rehearsal_pipeline.executions import Executions

AT = datetime(2026, 1, 1, tzinfo=UTC)


class FakePipelines:
    """CodePipeline with one pipeline."""

    def __init__(self) -> None:
        self.answered: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> Any:
        pages = {
            "list_pipeline_executions": {
                "pipelineExecutionSummaries": [
                    self._summary("new", "Failed"),
                    self._summary("old", "Succeeded"),
                ]
            },
            "list_action_executions": {
                "actionExecutionDetails": [
                    self._action("Synth", "Failed", {"externalExecutionSummary": "exit status 1"}),
                    self._action("Source", "Succeeded", {}),
                ]
            },
        }

        class Paginator:
            def paginate(self, **_params: Any) -> list[Any]:
                return [pages[name]]

        return Paginator()

    def get_pipeline_execution(self, **_params: Any) -> Any:
        return {"pipelineExecution": {"pipelineVersion": 3}}

    def get_pipeline(self, **_params: Any) -> Any:
        return {"pipeline": {"version": 3, "stages": [{"name": "Source"}, {"name": "dev"}]}}

    def get_pipeline_state(self, **_params: Any) -> Any:
        waits = {"status": "InProgress", "token": "t", "summary": "Deploy v2?\nmore"}
        actions = [{"actionName": "never"}, {"actionName": "Approve", "latestExecution": waits}]
        return {"stageStates": [{"stageName": "Ask", "actionStates": actions}]}

    def put_approval_result(self, **params: Any) -> None:
        self.answered.append(params)

    def _summary(self, name: str, status: str) -> dict[str, Any]:
        return {
            "pipelineExecutionId": name,
            "status": status,
            "trigger": {"triggerType": "CloudWatchEvent"},
            "sourceRevisions": [{"revisionId": "v2"}],
        }

    def _action(self, name: str, status: str, result: dict[str, str]) -> dict[str, Any]:
        return {
            "stageName": "Build",
            "actionName": name,
            "status": status,
            "startTime": AT,
            "lastUpdateTime": AT,
            "output": {"executionResult": result, "outputVariables": {"Summary": "taken"}},
        }


def test_executions_and_actions_are_read_oldest_first() -> None:
    found = Executions(FakePipelines()).every("rehearsed")
    assert [each.id for each in found] == ["old", "new"]
    assert [each.name for each in found[1].actions] == ["Source", "Synth"]
    assert found[1].actions[0].told == "taken"
    failed = found[1].failed
    assert failed is not None
    assert (failed.name, failed.told) == ("Synth", "exit status 1")


@pytest.mark.parametrize(("approved", "status"), [(True, "Approved"), (False, "Rejected")])
def test_an_approval_that_waits_is_answered_with_its_token(approved: bool, status: str) -> None:
    pipelines = FakePipelines()
    reader = Executions(pipelines)
    [waiting] = reader.waiting("rehearsed")
    assert waiting.text.startswith("Deploy v2?")
    reader.answer(waiting, approved=approved, reason="fine")
    assert pipelines.answered == [
        {
            "pipelineName": "rehearsed",
            "stageName": "Ask",
            "actionName": "Approve",
            "token": "t",
            "result": {"summary": "fine", "status": status},
        }
    ]


def test_what_a_pipeline_does_is_told_in_a_line() -> None:
    reader = Executions(FakePipelines())
    assert reader.doing("rehearsed") == "Ask: Approve: Deploy v2?"
    assert reader.structure("rehearsed") == (3, ["Source", "dev"])
