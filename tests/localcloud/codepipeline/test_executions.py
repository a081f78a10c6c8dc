"""An execution walks through stages and run orders, hands things on, and ends with the first failure."""

import pytest

from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.errors import AwsError
from tests.localcloud.codepipeline.pipeline_world import World, action, pipeline

CODE = [{"name": "code"}]


def test_a_new_pipeline_runs_once(world: World) -> None:
    world.call("CreatePipeline", pipeline=pipeline([action("Job")]))
    world.settle()
    found = world.call("ListPipelineExecutions", pipelineName="code")["pipelineExecutionSummaries"]
    assert [(each["status"], each["trigger"]["triggerType"]) for each in found] == [
        ("Succeeded", "CreatePipeline")
    ]


def test_actions_of_one_run_order_run_side_by_side_after_those_of_lower_orders(world: World) -> None:
    world.create(
        pipeline([action("Job", "last", order=3), action("Job", "a", order=2), action("Job", "b", order=2)])
    )
    execution = world.start()
    world.settle(hold="a")
    # b is done, a is not: the last one waits
    assert world.ran() == ["Source", "b"]
    assert world.status(execution) == "InProgress"
    world.settle()
    assert world.ran() == ["Source", "b", "a", "last"]
    assert world.status(execution) == "Succeeded"


def test_a_failed_action_ends_the_execution_once_those_beside_it_are_done(world: World) -> None:
    world.create(pipeline([action("Job", "a"), action("Job", "b"), action("Job", "c", order=2)]))
    world.outcomes["a"] = ActionFailed("JobFailed", "the model is worse")
    execution = world.start()
    world.settle(hold="b")
    assert world.status(execution) == "InProgress"
    world.settle()
    assert world.ran() == ["Source", "a", "b"]
    found = world.call("GetPipelineExecution", pipelineName="code", pipelineExecutionId=execution)
    assert found["pipelineExecution"]["status"] == "Failed"
    assert found["pipelineExecution"]["statusSummary"] == "the model is worse"
    [failed] = [each for each in world.state("S1")["actionStates"] if each["actionName"] == "a"]
    assert failed["latestExecution"]["errorDetails"] == {"code": "JobFailed", "message": "the model is worse"}


def test_later_actions_read_the_variables_of_earlier_ones(world: World) -> None:
    job = action(
        "Job",
        configuration={
            "UserParameters": "#{Src.VersionId} #{variables.Package} #{codepipeline.PipelineExecutionId}"
        },
    )
    declaration = pipeline([job], variables=[{"name": "Package", "defaultValue": "none"}])
    world.outcomes["Source"] = Succeeded(variables={"VersionId": "v7"})
    world.create(declaration)
    execution = world.start(variables=[{"name": "Package", "value": "arn:1"}])
    world.settle()
    assert world.done[-1].configuration["UserParameters"] == f"v7 arn:1 {execution}"
    [detail, _] = world.call(
        "ListActionExecutions", pipelineName="code", filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]
    assert detail["input"]["configuration"]["UserParameters"].startswith("#{Src")
    assert detail["input"]["resolvedConfiguration"]["UserParameters"].startswith("v7")


def test_a_reference_to_a_variable_that_nobody_produced_fails_its_action(world: World) -> None:
    world.create(pipeline([action("Job", configuration={"UserParameters": "#{dev_train.PackageArn}"})]))
    execution = world.start()
    world.settle()
    assert world.status(execution) == "Failed"
    assert (
        "#{dev_train.PackageArn}, which has no value"
        in world.call("GetPipelineExecution", pipelineName="code", pipelineExecutionId=execution)[
            "pipelineExecution"
        ]["statusSummary"]
    )


def test_a_pipeline_variable_without_a_value_fails_the_execution(world: World) -> None:
    world.create(pipeline([action("Job")], variables=[{"name": "Package"}]))
    assert world.status(world.start()) == "Failed"


def test_rejects_a_variable_that_the_pipeline_does_not_declare(world: World) -> None:
    world.create(pipeline([action("Job")]))
    with pytest.raises(AwsError, match="no variable Colour"):
        world.start(variables=[{"name": "Colour", "value": "red"}])


def test_inputs_are_the_artifacts_of_this_execution(world: World) -> None:
    world.create(pipeline([action("Build", inputArtifacts=CODE, outputArtifacts=[{"name": "out"}])]))
    first, second = world.start(), world.start()
    world.settle()
    keys = [context.run.inputs[0].key for context in world.done if context.run.action.name == "Build"]
    assert first != second
    assert len(set(keys)) == 2


def test_a_request_token_starts_one_execution(world: World) -> None:
    world.create(pipeline([action("Job")]))
    assert world.start(clientRequestToken="event-1") == world.start(clientRequestToken="event-1")
    assert world.start(clientRequestToken="event-2") != world.start(clientRequestToken="event-1")


def test_a_source_revision_can_be_asked_for(world: World) -> None:
    world.create(pipeline([action("Job")]))
    asked = {"actionName": "Source", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v3"}
    world.start(sourceRevisions=[asked])
    world.settle()
    assert world.done[0].execution.revisions == {"Source": "v3"}
    with pytest.raises(AwsError, match="no source action Other"):
        world.start(sourceRevisions=[{**asked, "actionName": "Other"}])
    with pytest.raises(AwsError, match="does not emulate"):
        world.start(sourceRevisions=[{**asked, "revisionType": "COMMIT_ID"}])


def test_executions_are_listed_newest_first_in_pages(world: World) -> None:
    world.create(pipeline([action("Job")]))
    started = [world.start() for _ in range(3)]
    world.settle()
    page = world.call("ListPipelineExecutions", pipelineName="code", maxResults=2)
    rest = world.call("ListPipelineExecutions", pipelineName="code", nextToken=page["nextToken"])
    ids = [each["pipelineExecutionId"] for each in page["pipelineExecutionSummaries"]]
    assert ids == started[:0:-1]
    assert rest["pipelineExecutionSummaries"][0]["pipelineExecutionId"] == started[0]
    with pytest.raises(AwsError) as refusal:
        world.call("ListPipelineExecutions", pipelineName="code", nextToken="somewhere")
    assert refusal.value.code == "InvalidNextTokenException"


def test_executions_that_succeeded_in_a_stage_can_be_listed(world: World) -> None:
    world.create(pipeline([action("Job")], [action("Job", "Last")]))
    world.outcomes["Last"] = ActionFailed("JobFailed", "no")
    execution = world.start()
    world.settle()
    filters = [{"succeededInStage": {"stageName": stage}} for stage in ("S1", "S2")]
    counts = [
        [
            each["pipelineExecutionId"]
            for each in world.call("ListPipelineExecutions", pipelineName="code", filter=one)[
                "pipelineExecutionSummaries"
            ]
        ]
        for one in filters
    ]
    assert execution in counts[0]
    assert execution not in counts[1]


def test_every_change_of_state_is_an_event(world: World) -> None:
    world.create(pipeline([action("Job")]))
    world.outcomes["Job"] = ActionFailed("JobFailed", "no", external_id="run-1")
    execution = world.start()
    world.settle()
    told = [
        (kind.split()[1], detail.get("action", detail.get("stage")), detail["state"])
        for kind, detail in world.events
    ]
    assert told == [
        ("Pipeline", None, "STARTED"),
        ("Stage", "Source", "STARTED"),
        ("Action", "Source", "STARTED"),
        ("Action", "Source", "SUCCEEDED"),
        ("Stage", "Source", "SUCCEEDED"),
        ("Stage", "S1", "STARTED"),
        ("Action", "Job", "STARTED"),
        ("Action", "Job", "FAILED"),
        ("Stage", "S1", "FAILED"),
        ("Pipeline", None, "FAILED"),
    ]
    failed = world.events[7][1]
    assert failed["execution-id"] == execution
    assert failed["execution-trigger"]["trigger-type"] == "StartPipelineExecution"
    assert failed["execution-result"] == {
        "external-execution-id": "run-1",
        "external-execution-summary": "no",
        "error-code": "JobFailed",
    }
