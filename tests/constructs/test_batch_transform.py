import json
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tidegate import (
    BatchTransform,
    ContainerImage,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    TransformJob,
)
from tidegate._transform_rules import FAMILIES

Render = Callable[[], Template]
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/1"
MACHINE = "AWS::StepFunctions::StateMachine"
RULE = "AWS::Events::Rule"
REQUIRED: dict[str, Any] = {
    "input_uri": "s3://data/in/",
    "output_uri": "s3://data/out/",
    "content_type": "text/csv",
    "instance_type": "ml.m5.xlarge",
}


def job(**changes: Any) -> TransformJob:
    return TransformJob(**{**REQUIRED, **changes})


def make(stack: Stack, model: Model, **changes: Any) -> BatchTransform:
    return BatchTransform(stack, "Batch", name="Digits", model=model, job=job(**changes))


def definition(template: Template) -> dict[str, Any]:
    (machine,) = template.find_resources(MACHINE).values()
    parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    return dict(json.loads("".join(part if isinstance(part, str) else "<token>" for part in parts)))


def parameters(template: Template) -> Any:
    return definition(template)["States"]["Transform"]["Parameters"]


def statements(template: Template) -> dict[str, Any]:
    return {
        statement["Sid"]: statement
        for policy in template.find_resources("AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "Sid" in statement
    }


def test_the_machine_runs_one_job_and_waits_for_it(stack: Stack, model: Model, template: Render) -> None:
    make(stack, model)
    states = definition(template())["States"]
    assert states["Transform"]["Resource"].endswith(":states:::sagemaker:createTransformJob.sync")
    assert states["Transform"]["End"] is True
    assert states["Merge"]["Parameters"]["name.$"] == (
        "States.Format('Digits-{}', States.Hash($$.Execution.Id, 'MD5'))"
    )


def test_an_execution_may_override_input_and_output(stack: Stack, model: Model, template: Render) -> None:
    make(stack, model)
    rendered = template()
    states = definition(rendered)["States"]
    assert states["Defaults"]["Parameters"]["defaults"] == {
        "input_uri": "s3://data/in/",
        "output_uri": "s3://data/out/",
    }
    assert states["Merge"]["Parameters"]["job.$"] == "States.JsonMerge($.defaults, $.given, false)"
    found = parameters(rendered)
    assert found["TransformInput"]["DataSource"]["S3DataSource"] == {
        "S3DataType": "S3Prefix",
        "S3Uri.$": "$.job.input_uri",
    }
    assert found["TransformOutput"]["S3OutputPath.$"] == "$.job.output_uri"


def test_only_what_was_asked_for_is_sent(stack: Stack, model: Model, template: Render) -> None:
    make(stack, model)
    assert set(parameters(template())) == {
        "TransformJobName.$",
        "ModelName",
        "TransformInput",
        "TransformOutput",
        "TransformResources",
    }


def test_every_setting_has_its_name_in_the_api(stack: Stack, model: Model, template: Render) -> None:
    make(
        stack,
        model,
        accept="text/csv",
        instance_count=3,
        split="Line",
        strategy="SingleRecord",
        assemble_lines=True,
        manifest=True,
        gzip=True,
        max_concurrent_transforms=4,
        max_payload_mb=10,
        timeout_seconds=600,
        max_retries=0,
        input_filter="$[1:]",
        output_filter="$[0,-1]",
        join_input=True,
        environment={"MODE": "batch"},
    )
    found = parameters(template())
    assert (found["BatchStrategy"], found["MaxConcurrentTransforms"], found["MaxPayloadInMB"]) == (
        "SingleRecord",
        4,
        10,
    )
    assert found["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 600, "InvocationsMaxRetries": 0}
    assert found["DataProcessing"] == {
        "InputFilter": "$[1:]",
        "OutputFilter": "$[0,-1]",
        "JoinSource": "Input",
    }
    assert found["TransformResources"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3}
    assert (found["TransformInput"]["SplitType"], found["TransformInput"]["CompressionType"]) == (
        "Line",
        "Gzip",
    )
    assert found["TransformOutput"]["AssembleWith"] == "Line"
    assert found["Environment"] == {"MODE": "batch"}
    api = botocore.session.get_session().get_service_model("sagemaker")
    request = api.operation_model("CreateTransformJob").input_shape
    assert request is not None
    assert {name.removesuffix(".$") for name in found} <= set(request.members)


def test_the_machine_may_run_jobs_of_its_own_name_only(stack: Stack, model: Model, template: Render) -> None:
    make(stack, model)
    found = statements(template())
    assert set(found) == {"RunJobs", "HearOfJobs", "DeliverLogs", "Trace"}
    assert sorted(found["RunJobs"]["Action"]) == [
        "sagemaker:AddTags",
        "sagemaker:CreateTransformJob",
        "sagemaker:DescribeTransformJob",
        "sagemaker:StopTransformJob",
    ]
    assert found["RunJobs"]["Resource"] == [
        "arn:aws:sagemaker:us-east-1:000000000000:transform-job/Digits-*",
        "arn:aws:sagemaker:us-east-1:000000000000:transform-job/digits-*",
    ]
    assert found["HearOfJobs"]["Resource"].endswith(
        ":rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"
    )


def test_the_models_role_reads_the_input_and_writes_the_output(stack: Stack, template: Render) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = Model(stack, "Own", source=ModelSource.model_package(PACKAGE), role=role)
    make(stack, model)
    found = statements(template())
    assert found["ReadInput"]["Resource"]["Fn::Join"][1][-1] == ":s3:::data/in/*"
    assert found["WriteAnswers"]["Resource"]["Fn::Join"][1][-1] == ":s3:::data/out/*"


@pytest.mark.parametrize("input_uri", ["s3://data", "s3://data/"])
def test_a_whole_bucket_as_input_is_not_every_bucket_of_a_similar_name(
    stack: Stack, template: Render, input_uri: str
) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = Model(stack, "Own", source=ModelSource.model_package(PACKAGE), role=role)
    make(stack, model, input_uri=input_uri, output_uri="s3://answers/")
    assert statements(template())["ReadInput"]["Resource"]["Fn::Join"][1][-1] == ":s3:::data/*"


def test_a_schedule_starts_the_job(stack: Stack, model: Model, template: Render) -> None:
    make(stack, model).start_on_schedule("Night", events.Schedule.rate(Duration.days(1)))
    rendered = template()
    (rule,) = rendered.find_resources(RULE).values()
    (target,) = rule["Properties"]["Targets"]
    assert rule["Properties"]["ScheduleExpression"] == "rate(1 day)"
    assert target["Input"] == "{}"
    assert "DeadLetterConfig" in target
    rendered.resource_count_is("AWS::IAM::Policy", 0)


def test_a_new_object_starts_the_job_on_itself(stack: Stack, model: Model, template: Render) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "incoming")
    make(stack, model).start_on_object_created("Arrival", bucket, prefix="urgent/")
    (rule,) = template().find_resources(RULE).values()
    pattern = rule["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["object"] == {
        "key": [{"prefix": "urgent/"}],
        "size": [{"numeric": [">", 0]}],
    }
    (target,) = rule["Properties"]["Targets"]
    assert target["InputTransformer"]["InputTemplate"] == (
        '{"input_uri":"s3://<detail-bucket-name>/<detail-object-key>",'
        '"output_uri":"s3://data/out/<detail-object-key>"}'
    )


def test_two_rules_share_the_role_and_the_queue(stack: Stack, model: Model, template: Render) -> None:
    batch = make(stack, model)
    batch.start_on_schedule("Night", events.Schedule.rate(Duration.days(1)))
    batch.start_on_event("Event", events.EventPattern(source=["mine"]), input_uri="s3://data/other/")
    rendered = template()
    rendered.resource_count_is("AWS::SQS::Queue", 1)
    rendered.resource_count_is("AWS::IAM::Role", 2)


def test_starting_by_hand_is_granted_on_this_machine_only(
    stack: Stack, model: Model, template: Render
) -> None:
    make(stack, model).grant_start(iam.User(stack, "Operator"))
    (policy,) = template().find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "states:StartExecution"
    assert statement["Resource"].endswith(":stateMachine:Digits")


def test_the_known_families_are_those_of_the_api() -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("TransformInstanceType")
    assert {name.split(".")[1] for name in shape.enum} == FAMILIES  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instance_type": "ml.t3.medium"}, "got 'ml.t3.medium', because batch transform knows no other"),
        ({"instance_count": 0}, "instance_count must be at least 1, got 0"),
        ({"input_uri": "data/in"}, "input_uri must be an s3:// address"),
        ({"output_uri": "s3://data/in/answers"}, "must not lie below input_uri"),
        ({"max_payload_mb": 101}, r"max_payload_mb must be 0 \(no limit, chunked\) to 100, got 101"),
        ({"max_concurrent_transforms": 0}, "max_concurrent_transforms must be at least 1, got 0"),
        ({"max_payload_mb": 20, "max_concurrent_transforms": 6}, "at most 100 MB, got 20 x 6"),
        ({"timeout_seconds": 3601}, "timeout_seconds must be 1 to 3600, got 3601"),
        ({"max_retries": 4}, "max_retries must be 0 to 3, got 4"),
        ({"strategy": "MultiRecord"}, "strategy MultiRecord needs a split, got none"),
        ({"input_filter": "[1:]"}, r"input_filter must be a JSONPath from \$ on"),
        ({"output_filter": "$" + ".a" * 32}, "output_filter must be a JSONPath .* at most 63 characters"),
        ({"input_filter": "$..id"}, r"got '\$..id', because batch transform knows .name"),
        ({"input_filter": "$['a','b'].c"}, "at the end"),
        ({"output_filter": "$[?(@.id)]"}, "output_filter must be a JSONPath"),
        ({"input_filter": "$", "content_type": "image/png"}, "need a content_type of .*, got 'image/png'"),
        ({"join_input": True, "accept": "application/json"}, "join_input needs accept to be content_type"),
        ({"join_input": True, "accept": "text/csv", "split": "Line"}, "together with assemble_lines"),
        ({"environment": {f"V{n}": "" for n in range(17)}}, "at most 16 variables, got 17"),
    ],
)
def test_rejects_a_job_that_sagemaker_refuses_or_fails(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        job(**changes)


def test_rejects_a_name_that_leaves_no_room_for_the_digest(stack: Stack, model: Model) -> None:
    with pytest.raises(ValueError, match=r"name must be at most 30 characters, got 31"):
        BatchTransform(stack, "Batch", name="x" * 31, model=model, job=job())


def test_rejects_an_override_that_the_job_does_not_read(stack: Stack, model: Model) -> None:
    batch = make(stack, model)
    with pytest.raises(ValueError, match=r"must be input_uri or output_uri, got \['instance_type'\]"):
        batch.start_on_event("Event", events.EventPattern(source=["mine"]), instance_type="ml.m5.large")


@pytest.mark.parametrize("prefix", ["", "out/", "out/urgent/", "o"])
def test_rejects_answers_that_would_start_another_job(stack: Stack, model: Model, prefix: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    with pytest.raises(ValueError, match=r"must lie apart, .* because each answer would start another job"):
        make(stack, model).start_on_object_created("Arrival", bucket, prefix=prefix)


def test_rejects_answers_in_the_watched_bucket_of_the_same_app(stack: Stack, model: Model) -> None:
    bucket = s3.Bucket(stack, "Data", event_bridge_enabled=True)
    batch = make(stack, model, output_uri=f"s3://{bucket.bucket_name}/out/")
    with pytest.raises(ValueError, match="must lie apart"):
        batch.start_on_object_created("Arrival", bucket)


def test_rejects_a_multi_model_model(stack: Stack, role: iam.IRole) -> None:
    container = ModelContainer(
        image=ContainerImage.scikit_learn("1.2-1", region="us-east-1"),
        artifact=ModelArtifact.many_models("s3://artifacts/many/"),
    )
    many = Model(stack, "Many", source=ModelSource.container(container), role=role)
    with pytest.raises(ValueError, match=r"\[batch-transform/multi-model-container: https://"):
        make(stack, many)
