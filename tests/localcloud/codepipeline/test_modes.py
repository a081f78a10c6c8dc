"""Queued executions keep their order, superseded ones are overtaken, parallel ones ignore each other."""

import pytest

from localcloud.codepipeline.engine import MOST_QUEUED
from localcloud.codepipeline.outcome import ActionFailed
from localcloud.errors import AwsError
from tests.localcloud.codepipeline.pipeline_world import World, action, pipeline


def waiting(world: World, stage: str) -> list[str]:
    return [each["pipelineExecutionId"] for each in world.state(stage)["inboundExecutions"]]


def test_queued_executions_pass_a_stage_one_by_one_in_order(world: World) -> None:
    world.create(pipeline([action("Job")], mode="QUEUED"))
    first, second, third = (world.start() for _ in range(3))
    world.settle(hold="Job")
    assert world.state("S1")["latestExecution"]["pipelineExecutionId"] == first
    assert waiting(world, "S1") == [second, third]
    world.settle()
    assert [world.status(each) for each in (first, second, third)] == ["Succeeded"] * 3
    jobs = [context.execution.id for context in world.done if context.run.action.name == "Job"]
    assert jobs == [first, second, third]


def test_a_newer_execution_supersedes_one_that_waits_but_none_that_works(world: World) -> None:
    world.create(pipeline([action("Job")], mode="SUPERSEDED"))
    first, second, third = (world.start() for _ in range(3))
    world.settle(hold="Job")
    assert waiting(world, "S1") == [third]
    assert world.status(second) == "Superseded"
    world.settle()
    assert [world.status(first), world.status(third)] == ["Succeeded", "Succeeded"]


def test_parallel_executions_do_not_wait_for_each_other(world: World) -> None:
    world.create(pipeline([action("Job")], mode="PARALLEL"))
    started = [world.start() for _ in range(3)]
    world.settle(hold="Job")
    assert waiting(world, "S1") == []
    world.settle()
    assert {world.status(each) for each in started} == {"Succeeded"}


def test_a_failure_lets_the_next_execution_in(world: World) -> None:
    world.create(pipeline([action("Job")]))
    world.outcomes["Job"] = ActionFailed("JobFailed", "no")
    first, second = world.start(), world.start()
    world.settle()
    assert [world.status(first), world.status(second)] == ["Failed", "Failed"]
    assert world.state("S1")["latestExecution"]["pipelineExecutionId"] == second


def test_rejects_more_queued_executions_than_aws_allows(world: World) -> None:
    world.create(pipeline([action("Job")]))
    for _ in range(MOST_QUEUED):
        world.start()
    with pytest.raises(AwsError) as refusal:
        world.start()
    assert refusal.value.code == "ConcurrentPipelineExecutionsLimitExceededException"
