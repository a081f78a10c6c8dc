"""Manual approvals of a delivery pipeline: who starts it, who answers, and how that is found again."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.approved_pipeline import OTHER, make_pipeline
from tests.e2e.permitted import APPROVAL, OTHERS, PIPELINE, Person
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def revision(world: World, people: Mapping[str, Person]) -> str:
    """Make the pipeline, let the first execution end, and deploy hosting from its source revision."""
    version = make_pipeline(world)
    answer(world, people, stage=APPROVAL.stage, status="Rejected")
    context = [f"commit={version}"]
    synth = world.stage.cdk.begin_synth(world.stage.service.folder, name="approved", context=context)
    world.stage.cdk.deploy(synth.wait(), world.controller.hosting_stack)
    return version


def answer(world: World, people: Mapping[str, Person], *, stage: str, status: str) -> None:
    """Answer an approval as the account's root, once it waits."""
    asked = request(world, people, stage=stage, status=status, summary="by root")
    world.client("codepipeline").put_approval_result(**asked)


def request(
    world: World, people: Mapping[str, Person], *, stage: str, status: str = "Approved", summary: str = "go"
) -> dict[str, Any]:
    """Return the answer to an approval that waits, with the token that anybody may read."""
    tokens: list[str] = []

    def waits() -> bool:
        state = people["reader"].client("codepipeline").get_pipeline_state(name=PIPELINE)
        (found,) = [each for each in state["stageStates"] if each["stageName"] == stage]
        latest = found["actionStates"][0].get("latestExecution", {})
        tokens[:] = [latest["token"]] if latest.get("token") else []
        return bool(tokens)

    world.wait_until(f"{stage} waits", waits)
    return {
        "pipelineName": PIPELINE,
        "stageName": stage,
        "actionName": stage,
        "token": tokens[0],
        "result": {"status": status, "summary": summary},
    }


def test_only_the_deployer_starts_and_only_the_approver_answers_what_he_is_named_for(
    world: World, people: Mapping[str, Person], revision: str
) -> None:
    for kind in ("approver", "operator", "reader"):
        assert people[kind].refused("codepipeline", "start_pipeline_execution", name=PIPELINE)
    started = people["deployer"].client("codepipeline").start_pipeline_execution(name=PIPELINE)
    asked = request(world, people, stage=APPROVAL.stage)
    for kind in OTHERS:
        assert people[kind].refused("codepipeline", "put_approval_result", **asked)
    people["approver"].client("codepipeline").put_approval_result(**asked)
    other = request(world, people, stage=OTHER)
    for person in people.values():
        assert person.refused("codepipeline", "put_approval_result", **other)
    answer(world, people, stage=OTHER, status="Rejected")

    execution = {"pipelineName": PIPELINE, "pipelineExecutionId": started["pipelineExecutionId"]}
    retry = {**execution, "stageName": OTHER, "retryMode": "FAILED_ACTIONS"}
    for kind in ("approver", "operator", "reader"):
        assert people[kind].refused("codepipeline", "retry_stage_execution", **retry)
    people["deployer"].client("codepipeline").retry_stage_execution(**retry)
    answer(world, people, stage=OTHER, status="Approved")
    ends = people["reader"].client("codepipeline").get_pipeline_execution
    world.wait_until("the end", lambda: ends(**execution)["pipelineExecution"]["status"] == "Succeeded")


def test_nobody_changes_the_pipeline_by_hand(
    world: World, people: Mapping[str, Person], revision: str
) -> None:
    declared = world.client("codepipeline").get_pipeline(name=PIPELINE)["pipeline"]
    for person in people.values():
        assert person.refused("codepipeline", "update_pipeline", pipeline=declared)
        assert person.refused("codepipeline", "delete_pipeline", name=PIPELINE)


def test_the_reader_finds_the_execution_of_the_deployed_commit_and_whoever_approved_it(
    world: World, people: Mapping[str, Person], revision: str
) -> None:
    done = people["reader"].tidegate("lineage", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (stack,) = [link for link in json.loads(done.stdout)["origins"] if link["kind"] == "stack"]
    commit, *executions = stack["origins"]
    assert commit["name"] == revision
    (approved,) = [one for one in executions if one["facts"]["status"] == "Succeeded"]
    assert approved["facts"]["started by"] == f"StartPipelineExecution {people['deployer'].arn}"
    assert [link["name"] for link in approved["origins"] if link["kind"] == "source"] == [revision]
    answered = {
        link["name"]: link["facts"]["by"] for link in approved["origins"] if link["kind"] == "manual approval"
    }
    assert answered[f"{APPROVAL.stage}/{APPROVAL.action}: Succeeded"] == people["approver"].arn
    world.require_rest()
