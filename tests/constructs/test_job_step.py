import json
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Stage, pipelines
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tidegate._job import MOST_PARAMETERS, Job, JobPlace, namespace
from tidegate._job_step import JobStep

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:digits-deliver"
PLACE = JobPlace(
    environment="staging",
    name="digits-staging",
    region="us-east-1",
    role="arn:aws:iam::000000000000:role/digits-staging-delivery",
    pointer="/tidegate/staging/digits/live-model-package",
)


def validate(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "do": "validate",
        "at": PLACE,
        "namespace": "staging_validate",
        "more": {"metric": "accuracy"},
    }
    return Job(**{**fields, **changes})


def test_a_job_says_what_to_do_where_and_how() -> None:
    assert json.loads(validate().user_parameters()) == {
        "do": "validate",
        "at": {
            "environment": "staging",
            "role": "arn:aws:iam::000000000000:role/digits-staging-delivery",
            "region": "us-east-1",
            "name": "digits-staging",
            "pointer": "/tidegate/staging/digits/live-model-package",
        },
        "metric": "accuracy",
    }


def test_a_job_of_the_pipeline_itself_has_no_place() -> None:
    release = Job(do="release", at=None, namespace="release")
    assert json.loads(release.user_parameters()) == {"do": "release"}


def test_later_actions_read_an_answer_by_its_namespace() -> None:
    assert validate().variable("Summary") == "#{staging_validate.Summary}"


@pytest.mark.parametrize(
    ("service", "expected"), [(None, "prod_eu_validate"), ("my-digits", "my_digits_prod_eu_validate")]
)
def test_a_namespace_has_underscores_only(service: str | None, expected: str) -> None:
    assert namespace("prod-eu", "validate", service=service) == expected


def test_rejects_parameters_that_codepipeline_would_cut() -> None:
    with pytest.raises(ValueError, match=f"parameters must be at most {MOST_PARAMETERS} characters, got"):
        validate(more={"data": "x" * MOST_PARAMETERS})


def test_rejects_a_namespace_that_no_variable_could_name() -> None:
    with pytest.raises(ValueError, match="namespace must be at most 100 letters, digits and underscores"):
        validate(namespace="prod.eu")


class Nothing(Stage):
    def __init__(self, scope: Any, construct_id: str) -> None:
        super().__init__(scope, construct_id, env=Environment(account="000000000000", region="us-east-1"))
        stack = Stack(self, "Stack", stack_name="nothing")
        s3.CfnBucket(stack, "Bucket")


def test_a_step_becomes_an_action_that_calls_the_function() -> None:
    app = App()
    stack = Stack(app, "pipeline", env=Environment(account="000000000000", region="us-east-1"))
    source = pipelines.CodePipelineSource.s3(
        s3.Bucket.from_bucket_name(stack, "Source", "source"), "source.zip", action_name="Source"
    )
    pipeline = pipelines.CodePipeline(
        stack,
        "Pipeline",
        synth=pipelines.ShellStep("Synth", input=source, commands=["true"]),
        pipeline_type=codepipeline.PipelineType.V2,
    )
    step = JobStep("digits-staging-validate", job=validate(), function_arn=FUNCTION)
    pipeline.add_stage(Nothing(app, "staging"), post=[step])
    pipeline.build_pipeline()
    template = Template.from_stack(stack).to_json()
    (found,) = [
        action
        for one in template["Resources"].values()
        if one["Type"] == "AWS::CodePipeline::Pipeline"
        for stage in one["Properties"]["Stages"]
        for action in stage["Actions"]
        if action["ActionTypeId"]["Provider"] == "Lambda"
    ]
    assert found["Name"] == "digits-staging-validate"
    assert found["Namespace"] == "staging_validate"
    assert found["Configuration"] == {
        "FunctionName": "digits-deliver",
        "UserParameters": validate().user_parameters(),
    }
    assert found["RunOrder"] == 3, "after the change set is prepared and executed"
