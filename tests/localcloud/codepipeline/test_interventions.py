"""People and updates change what runs: retries, stops, rollbacks, a new structure."""

import pytest

from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.errors import AwsError
from tests.localcloud.codepipeline.pipeline_world import World, action, pipeline

FAILED = ActionFailed("JobFailed", "no")


def stage(world: World, name: str) -> dict[str, str]:
    return {"pipelineName": "code", "stageName": name}


def test_an_update_lets_running_actions_end_and_cancels_the_execution(world: World) -> None:
    world.create(pipeline([action("Build")], [action("Job")]))
    execution = world.start()
    # The pipeline updates itself in the middle of its own build, and starts again.
    updated = pipeline([action("Build")], [action("Job")], [action("Job", "More")])

    def mutate() -> None:
        world.call("UpdatePipeline", pipeline=updated)
        world.start()

    world.during["Build"] = mutate
    world.settle()
    assert world.statuses()[-2:] == ["Cancelled", "Succeeded"]
    assert world.status(execution) == "Cancelled"
    assert world.ran() == ["Source", "Build", "Source", "Build", "Job", "More"]
    assert world.call("GetPipeline", name="code")["pipeline"]["version"] == 2


def test_an_update_cancels_what_waits_and_abandons_approvals(world: World) -> None:
    declaration = pipeline([action("Approve")])
    world.create(declaration)
    asked, waits = world.start(), world.start()
    world.settle(hold="Approve")
    world.call("UpdatePipeline", pipeline=declaration)
    assert [world.status(asked), world.status(waits)] == ["Cancelled", "Cancelled"]
    assert world.state("S1")["actionStates"][0]["latestExecution"]["status"] == "Abandoned"


def test_a_retry_runs_the_failed_actions_again_and_goes_on(world: World) -> None:
    world.create(pipeline([action("Job", "a"), action("Job", "b"), action("Job", "c", order=2)]))
    world.outcomes["a"] = FAILED
    execution = world.start()
    world.settle()
    world.outcomes.clear()
    world.call(
        "RetryStageExecution",
        **stage(world, "S1"),
        pipelineExecutionId=execution,
        retryMode="FAILED_ACTIONS",
    )
    world.settle()
    assert world.ran() == ["Source", "a", "b", "a", "c"]
    assert world.status(execution) == "Succeeded"


def test_a_retry_of_all_actions_begins_the_stage_again(world: World) -> None:
    world.create(pipeline([action("Job", "a"), action("Job", "b", order=2)]))
    world.outcomes["b"] = FAILED
    execution = world.start()
    world.settle()
    world.outcomes.clear()
    world.call(
        "RetryStageExecution", **stage(world, "S1"), pipelineExecutionId=execution, retryMode="ALL_ACTIONS"
    )
    world.settle()
    assert world.ran() == ["Source", "a", "b", "a", "b"]


def test_rejects_a_retry_of_what_did_not_fail_or_is_not_the_latest(world: World) -> None:
    world.create(pipeline([action("Job")]))
    good = world.start()
    world.settle()
    world.outcomes["Job"] = FAILED
    bad = world.start()
    world.settle()
    world.outcomes.clear()
    world.start()
    world.settle()
    for execution, code in (
        (good, "StageNotRetryableException"),
        (bad, "NotLatestPipelineExecutionException"),
    ):
        with pytest.raises(AwsError) as refusal:
            world.call(
                "RetryStageExecution",
                **stage(world, "S1"),
                pipelineExecutionId=execution,
                retryMode="FAILED_ACTIONS",
            )
        assert refusal.value.code == code


def test_a_stop_waits_for_running_actions(world: World) -> None:
    world.create(pipeline([action("Job")], [action("Job", "Next")]))
    execution = world.start()
    world.settle(hold="Job")
    world.call(
        "StopPipelineExecution", pipelineName="code", pipelineExecutionId=execution, reason="wrong commit"
    )
    assert world.status(execution) == "Stopping"
    world.settle()
    assert world.status(execution) == "Stopped"
    assert world.ran() == ["Source", "Job"]
    [newest, *_] = world.call("ListPipelineExecutions", pipelineName="code")["pipelineExecutionSummaries"]
    assert newest["stopTrigger"] == {"reason": "wrong commit"}


def test_a_stop_can_abandon_running_actions(world: World) -> None:
    world.create(pipeline([action("Job")]))
    execution = world.start()
    world.settle(hold="Job")
    world.call("StopPipelineExecution", pipelineName="code", pipelineExecutionId=execution, abandon=True)
    assert world.status(execution) == "Stopped"
    # What the action answers later changes nothing.
    world.settle()
    assert world.status(execution) == "Stopped"
    assert world.state("S1")["actionStates"][0]["latestExecution"]["status"] == "Abandoned"


def test_rejects_a_stop_of_what_has_ended(world: World) -> None:
    world.create(pipeline([action("Job")]))
    execution = world.start()
    world.settle()
    with pytest.raises(AwsError) as refusal:
        world.call("StopPipelineExecution", pipelineName="code", pipelineExecutionId=execution)
    assert refusal.value.code == "PipelineExecutionNotStoppableException"


def test_a_stage_rolls_back_to_its_last_success_when_it_fails(world: World) -> None:
    declaration = pipeline([action("Deploy", configuration={"StackName": "#{Src.VersionId}"})])
    declaration["stages"][1]["onFailure"] = {"result": "ROLLBACK"}
    world.outcomes["Source"] = Succeeded(variables={"VersionId": "v1"})
    world.create(declaration)
    world.outcomes = {"Source": Succeeded(variables={"VersionId": "v2"}), "Deploy": FAILED}
    failed = world.start()
    world.during["Deploy"] = lambda: None
    world.settle(hold="Deploy")
    world.settle()
    found = world.call("ListPipelineExecutions", pipelineName="code")["pipelineExecutionSummaries"]
    rollback = found[0]
    assert rollback["trigger"] == {"triggerType": "AutomatedRollback", "triggerDetail": failed}
    assert rollback["executionType"] == "ROLLBACK"
    assert rollback["rollbackMetadata"] == {
        "rollbackTargetPipelineExecutionId": found[2]["pipelineExecutionId"]
    }
    assert [context.configuration.get("StackName") for context in world.done[1:]] == ["v2", "v1"]
    # A rollback that fails too is not rolled back.
    assert [each["status"] for each in found] == ["Failed", "Failed", "Succeeded"]


def test_a_stage_can_be_rolled_back_by_hand(world: World) -> None:
    world.create(pipeline([action("Deploy")]))
    target = world.start()
    world.settle()
    world.start()
    world.settle()
    answer = world.call("RollbackStage", **stage(world, "S1"), targetPipelineExecutionId=target)
    world.settle()
    assert world.status(answer["pipelineExecutionId"]) == "Succeeded"
    assert world.ran()[-1] == "Deploy"


def test_rejects_rollbacks_that_aws_refuses(world: World) -> None:
    declaration = pipeline([action("Deploy")])
    world.create(declaration)
    world.outcomes["Deploy"] = FAILED
    failed = world.start()
    world.settle()
    for name, target, code in (
        ("Source", failed, "UnableToRollbackStageException"),
        ("S1", failed, "UnableToRollbackStageException"),
        ("S9", failed, "StageNotFoundException"),
        ("S1", "00000000-0000-0000-0000-000000000000", "PipelineExecutionNotFoundException"),
    ):
        with pytest.raises(AwsError) as refusal:
            world.call("RollbackStage", **stage(world, name), targetPipelineExecutionId=target)
        assert refusal.value.code == code
    world.call("UpdatePipeline", pipeline=declaration)
    with pytest.raises(AwsError) as refusal:
        world.call("RollbackStage", **stage(world, "S1"), targetPipelineExecutionId=failed)
    assert refusal.value.code == "PipelineExecutionOutdatedException"


def test_a_rule_can_start_a_pipeline_with_variables(world: World) -> None:
    world.create(pipeline([action("Job")], variables=[{"name": "Package", "defaultValue": "none"}]))
    rule = "arn:aws:events:us-east-1:000000000000:rule/approved"
    world.service.start_by_event("code", rule, {"variables": [{"name": "Package", "value": "arn:1"}]})
    world.settle()
    execution = world.done[0].execution
    assert (execution.trigger_type, execution.trigger_detail) == ("CloudWatchEvent", rule)
    assert execution.variables == {"Package": "arn:1"}
