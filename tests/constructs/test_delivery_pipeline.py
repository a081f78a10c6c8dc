"""The pipeline as CodePipeline gets it, by properties; the app's own is in tests/stacks."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Stage, pipelines
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from tidegate import DeliveredEnvironment, DeliveryPipeline, DeliverySource, DeliveryStage, DeliveryWave
from tidegate._job import Job
from tidegate._job_step import JobStep

TOOLING = "000000000000"
CONNECTION = "arn:aws:codeconnections:us-east-1:000000000000:connection/01234567-89ab-cdef-0123-456789abcdef"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:deliver"


@pytest.fixture
def app() -> App:
    return App()


def environment(
    app: App, name: str, *, account: str = TOOLING, region: str = "us-east-1", **more: Any
) -> DeliveredEnvironment:
    stage = Stage(app, name, env=Environment(account=account, region=region))
    s3.CfnBucket(Stack(stage, "hosting", stack_name=f"digits-{name}-hosting"), "Bucket")
    return DeliveredEnvironment(stage=stage, **more)


def step(do: str) -> pipelines.Step:
    return JobStep(f"digits-{do}", job=Job(do=do, at=None, namespace=do), function_arn=FUNCTION)


def stage(app: App, name: str, **more: Any) -> DeliveryStage:
    return DeliveryStage(name=name, waves=[DeliveryWave(environments=[environment(app, name)])], **more)


def built(app: App, stages: Sequence[DeliveryStage], **changes: Any) -> Template:
    stack = Stack(app, "pipeline", env=Environment(account=TOOLING, region="us-east-1"))
    fields: dict[str, Any] = {
        "pipeline_name": "tidegate",
        "source": DeliverySource.connection("owner/name", connection_arn=CONNECTION),
        "synth_commands": ["make check", "cdk synth -c commit=$CODEBUILD_RESOLVED_SOURCE_VERSION"],
        "stages": stages,
    }
    DeliveryPipeline(stack, "Pipeline", **{**fields, **changes})
    return Template.from_stack(stack)


def properties(template: Template) -> dict[str, Any]:
    (found,) = template.find_resources("AWS::CodePipeline::Pipeline").values()
    return dict(found["Properties"])


def stages_of(template: Template) -> dict[str, dict[str, Any]]:
    return {one["Name"]: one for one in properties(template)["Stages"]}


def actions_of(template: Template, stage_name: str) -> list[tuple[int, str]]:
    found = stages_of(template)[stage_name]["Actions"]
    return sorted((one["RunOrder"], one["Name"]) for one in found)


@pytest.mark.parametrize("mode", ["queued", "superseded", "parallel"])
def test_the_pipeline_is_of_the_second_type_and_its_execution_mode_is_chosen(app: App, mode: Any) -> None:
    found = properties(built(app, [stage(app, "dev")], execution_mode=mode))
    assert (found["PipelineType"], found["ExecutionMode"]) == ("V2", mode.upper())


def builds(template: Template) -> dict[str, dict[str, Any]]:
    """Return the build specifications by the names of their actions."""
    projects = template.find_resources("AWS::CodeBuild::Project").values()
    return {
        str(one["Properties"]["Description"]).rpartition("/")[2]: json.loads(
            one["Properties"]["Source"]["BuildSpec"]
        )
        for one in projects
        if isinstance(one["Properties"]["Source"]["BuildSpec"], str)
    }


def test_the_pipeline_updates_itself_with_a_known_cli_and_starts_anew(app: App) -> None:
    template = built(app, [stage(app, "dev")], cli_version="2.1148.1")
    assert properties(template)["RestartExecutionOnUpdate"] is True
    order = [one["Name"] for one in properties(template)["Stages"]]
    assert order == ["Source", "Build", "UpdatePipeline", "dev"]
    phases = builds(template)["SelfMutate"]["phases"]
    assert phases["install"]["commands"] == ["npm install -g aws-cdk@2.1148.1"]
    assert phases["build"]["commands"] == ["cdk -a . deploy pipeline --require-approval=never --verbose"]


def test_the_synth_runs_the_commands_in_their_order_and_keeps_what_they_make(app: App) -> None:
    found = builds(built(app, [stage(app, "dev")]))["Synth"]
    commands = ["make check", "cdk synth -c commit=$CODEBUILD_RESOLVED_SOURCE_VERSION"]
    assert found["phases"]["build"]["commands"] == commands
    assert found["phases"]["install"]["runtime-versions"] == {"nodejs": "22", "python": "3.12"}
    assert found["artifacts"] == {"base-directory": "cdk.out", "files": ["**/*"]}


def test_a_push_to_the_branch_starts_the_pipeline_and_paths_narrow_it(app: App) -> None:
    source = DeliverySource.connection(
        "owner/name", connection_arn=CONNECTION, branch="release", paths=["services/**"]
    )
    found = properties(built(app, [stage(app, "dev")], source=source))
    push = {"Branches": {"Includes": ["release"]}, "FilePaths": {"Includes": ["services/**"]}}
    assert found["Triggers"] == [
        {
            "ProviderType": "CodeStarSourceConnection",
            "GitConfiguration": {"SourceActionName": "Source", "Push": [push]},
        }
    ]


@pytest.mark.parametrize(
    ("source", "provider", "configuration", "revision"),
    [
        (
            DeliverySource.connection("owner/name", connection_arn=CONNECTION),
            "CodeStarSourceConnection",
            {"ConnectionArn": CONNECTION, "FullRepositoryId": "owner/name", "BranchName": "main"},
            "#{Source.CommitId}",
        ),
        (
            DeliverySource.codecommit("digits"),
            "CodeCommit",
            {"RepositoryName": "digits", "BranchName": "main", "PollForSourceChanges": False},
            "#{Source.CommitId}",
        ),
        (
            DeliverySource.s3("my-bucket", key="source.zip", poll=True),
            "S3",
            {"S3Bucket": "my-bucket", "S3ObjectKey": "source.zip", "PollForSourceChanges": True},
            "#{Source.VersionId}",
        ),
        (
            DeliverySource.s3("my-bucket", key="source.zip"),
            "S3",
            {"S3Bucket": "my-bucket", "S3ObjectKey": "source.zip", "PollForSourceChanges": False},
            "#{Source.VersionId}",
        ),
    ],
)
def test_each_kind_of_source_is_one_action_with_a_known_name(
    app: App, source: DeliverySource, provider: str, configuration: dict[str, Any], revision: str
) -> None:
    (action,) = stages_of(built(app, [stage(app, "dev")], source=source))["Source"]["Actions"]
    assert (action["Name"], action["Namespace"]) == ("Source", "Source")
    assert action["ActionTypeId"]["Provider"] == provider
    assert configuration.items() <= action["Configuration"].items()
    assert source.revision == revision


def test_an_object_in_the_bucket_starts_the_pipeline_where_it_does_not_poll(app: App) -> None:
    template = built(app, [stage(app, "dev")], source=DeliverySource.s3("my-bucket", key="source.zip"))
    template.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": ["my-bucket"]}, "object": {"key": ["source.zip"]}},
            }
        },
    )


def test_a_job_comes_before_the_one_stack_that_waits_for_it_and_chains_after_all(app: App) -> None:
    one = environment(app, "dev")
    (hosting,) = [child for child in one.stage.node.children if isinstance(child, Stack)]
    waiting = DeliveredEnvironment(
        stage=one.stage, before=[(hosting, step("first"))], after=[[step("smoke"), step("follow")]]
    )
    found = built(app, [DeliveryStage(name="dev", waves=[DeliveryWave(environments=[waiting])])])
    assert actions_of(found, "dev") == [
        (1, "digits-dev-hosting.digits-first"),
        (2, "digits-dev-hosting.Prepare"),
        (3, "digits-dev-hosting.Deploy"),
        (4, "digits-smoke"),
        (5, "digits-follow"),
    ]


def test_waves_come_one_after_the_other_with_a_bake_at_the_end_of_each_but_the_last(app: App) -> None:
    eu, us, ap = (environment(app, name) for name in ("prod-eu", "prod-us", "prod-ap"))
    waves = [DeliveryWave(environments=[eu], bake=[step("bake")]), DeliveryWave(environments=[us, ap])]
    found = built(app, [DeliveryStage(name="production", waves=waves)])
    assert [one["Name"] for one in properties(found)["Stages"]][3:] == ["prod-eu", "production-2"]
    assert actions_of(found, "prod-eu")[-1] == (3, "digits-bake")
    assert {name for _, name in actions_of(found, "production-2")} == {
        f"{name}.digits-{name}-hosting.{what}"
        for name in ("prod-us", "prod-ap")
        for what in ("Prepare", "Deploy")
    }


def test_an_approval_is_a_stage_of_its_own_and_shows_its_evidence(app: App) -> None:
    text = "Deploy #{Source.CommitId}? digits-staging smoke: #{staging_smoke.Summary}"
    stages = [stage(app, "staging"), stage(app, "production", approval=text, roll_back=True)]
    topic = "arn:aws:sns:us-east-1:000000000000:approvals"
    stack = Stack(app, "topics", env=Environment(account=TOOLING, region="us-east-1"))
    found = stages_of(built(app, stages, notify=sns.Topic.from_topic_arn(stack, "Topic", topic)))
    (action,) = found["Approve-production"]["Actions"]
    assert action["Configuration"] == {"CustomData": text, "NotificationArn": topic}
    assert "OnFailure" not in found["Approve-production"], "a rejection is nothing to roll back"


def test_only_stages_that_say_so_roll_back(app: App) -> None:
    found = stages_of(built(app, [stage(app, "dev"), stage(app, "production", roll_back=True)]))
    assert found["production"]["OnFailure"] == {"Result": "ROLLBACK"}
    assert "OnFailure" not in found["dev"]


def test_the_release_comes_when_every_stage_has_succeeded(app: App) -> None:
    found = properties(built(app, [stage(app, "dev")], release=[step("release")]))
    assert [one["Name"] for one in found["Stages"]][-1] == "Release"


def test_in_one_account_and_region_there_is_no_key_and_no_other_stack(app: App) -> None:
    template = built(app, [stage(app, "dev")])
    template.resource_count_is("AWS::KMS::Key", 0)
    assert [child.node.id for child in app.node.children if type(child).__name__ == "Stack"] == ["pipeline"]


def test_artifacts_have_a_rotated_key_once_another_account_reads_them(app: App) -> None:
    there = environment(app, "prod", account="111122223333")
    stages = [DeliveryStage(name="production", waves=[DeliveryWave(environments=[there])])]
    template = built(app, stages)
    template.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})
    deploys = stages_of(template)["prod"]["Actions"]
    assert {"Fn::Sub", "Fn::Join"} & set(deploys[0]["RoleArn"])
    assert "deploy-role-111122223333-us-east-1" in str(deploys[0]["RoleArn"])
    assert "cfn-exec-role-111122223333-us-east-1" in str(deploys[0]["Configuration"]["RoleArn"])


def test_another_region_gets_a_store_for_artifacts_of_its_own(app: App) -> None:
    there = environment(app, "prod", region="eu-west-1")
    stages = [DeliveryStage(name="production", waves=[DeliveryWave(environments=[there])])]
    found = properties(built(app, stages))
    assert [store["Region"] for store in found["ArtifactStores"]] == ["eu-west-1", "us-east-1"]


def test_artifacts_are_kept_from_the_public_and_from_plain_text(app: App) -> None:
    template = built(app, [stage(app, "dev")])
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    )
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": Match.object_like(
                {
                    "Statement": Match.array_with(
                        [
                            Match.object_like(
                                {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                            )
                        ]
                    )
                }
            )
        },
    )


def test_rejects_rolling_back_what_runs_in_parallel(app: App) -> None:
    with pytest.raises(ValueError, match=r"roll_back does not go with execution_mode parallel \(https"):
        built(app, [stage(app, "dev", roll_back=True)], execution_mode="parallel")


def test_rejects_all_faults_of_a_pipeline_at_once(app: App) -> None:
    with pytest.raises(ValueError, match=r"execution_mode must be one of .* must have at least one stage"):
        built(app, [], execution_mode="fast")


def test_rejects_two_stages_of_one_name(app: App) -> None:
    one = stage(app, "dev")
    with pytest.raises(
        ValueError, match="stages and environments must differ in their names, got 'dev' twice"
    ):
        built(app, [one, one])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"approval": "x" * 1001}, "approval must be at most 1000 characters, got 1001"),
        ({"name": "Dev"}, "name must be in lower case, got 'Dev'"),
        ({"waves": []}, "must have at least one wave, got none"),
    ],
)
def test_rejects_a_stage_that_codepipeline_would_refuse(app: App, changes: Any, message: str) -> None:
    fields = {"name": "dev", "waves": [DeliveryWave(environments=[environment(app, "dev")])]}
    with pytest.raises(ValueError, match=message):
        DeliveryStage(**{**fields, **changes})


def test_rejects_a_stage_that_begins_in_several_regions_at_once(app: App) -> None:
    eu, us = environment(app, "prod-eu", region="eu-west-1"), environment(app, "prod-us")
    message = "the first wave must lie in one region, .*, got eu-west-1, us-east-1"
    with pytest.raises(ValueError, match=message):
        DeliveryStage(name="production", waves=[DeliveryWave(environments=[eu, us])])


def test_later_waves_may_lie_in_several_regions(app: App) -> None:
    first = environment(app, "first")
    eu, us = environment(app, "prod-eu", region="eu-west-1"), environment(app, "prod-us")
    waves = [DeliveryWave(environments=[first]), DeliveryWave(environments=[eu, us])]
    assert len(DeliveryStage(name="production", waves=waves).waves) == 2


def test_rejects_a_provider_that_connections_do_not_know() -> None:
    with pytest.raises(ValueError, match="provider must be one of github, gitlab, bitbucket, got 'svn'"):
        DeliverySource.connection("owner/name", connection_arn=CONNECTION, provider="svn")


def test_more_actions_than_codepipeline_takes_are_spread_over_stages_that_all_roll_back(app: App) -> None:
    one = environment(app, "dev")
    jobs = [Job(do="smoke", at=None, namespace=f"n{number}") for number in range(49)]
    chain = [JobStep(f"job-{job.namespace}", job=job, function_arn=FUNCTION) for job in jobs]
    waves = [DeliveryWave(environments=[DeliveredEnvironment(stage=one.stage, after=[chain])])]
    found = stages_of(built(app, [DeliveryStage(name="dev", waves=waves, roll_back=True)]))
    assert [len(found[name]["Actions"]) for name in ("dev.1", "dev.2")] == [50, 1]
    assert [found[name]["OnFailure"] for name in ("dev.1", "dev.2")] == [{"Result": "ROLLBACK"}] * 2
