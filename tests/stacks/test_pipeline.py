"""The pipeline of examples/delivery, and the stacks inside of it."""

import json
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from stacks.compose import define_stacks
from stacks.pipeline import CDK_CLI_VERSION
from stacks.service_files import load_folder
from tests.stacks.conftest import DELIVERY as EXAMPLE
from tests.stacks.conftest import ROOT, Templates, context, synthesized
from tests.stacks.template_reading import as_list, properties, stages_of, statements

ENVIRONMENTS: Final = ("dev", "staging", "prod-eu", "prod-us")


def jobs_of(actions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what each job of a stage is told, by the name of its action."""
    return {
        action["Name"]: json.loads(action["Configuration"]["UserParameters"])
        for action in actions
        if action["ActionTypeId"]["Provider"] == "Lambda"
        and isinstance(action["Configuration"]["UserParameters"], str)
    }


def test_the_template_of_the_pipeline_is_as_reviewed(pipeline: dict[str, Any], snapshot: Any) -> None:
    assert pipeline == snapshot


def test_a_terminal_and_the_pipeline_deploy_the_same_stacks(delivered: Templates, tmp_path: Path) -> None:
    for name in ENVIRONMENTS:
        app = App(context=context(), outdir=str(tmp_path / name))
        define_stacks(app, load_folder(EXAMPLE, only=name).deployments)
        stacks = app.synth().stacks
        assert {stack.stack_name for stack in stacks} == {one for one in delivered if f"-{name}-" in one}
        for stack in stacks:
            assert stack.template == delivered[stack.stack_name], stack.stack_name


def test_every_service_is_deployed_where_it_lists_and_nowhere_else(delivered: Templates) -> None:
    roles = ("foundation", "controller", "delivery", "hosting")
    wanted = {
        f"{service}-{name}-{role}"
        for service in ("hybrid", "promoted", "trained-everywhere")
        for name in ENVIRONMENTS
        for role in roles
        if (service, name) not in (("hybrid", "dev"), ("hybrid", "prod-us"))
    }
    assert set(delivered) == wanted


def test_environments_come_in_the_order_of_promotion_and_the_release_last(pipeline: dict[str, Any]) -> None:
    assert list(stages_of(pipeline)) == [
        "Source",
        "Build",
        "UpdatePipeline",
        "Assets",
        "dev",
        "staging",
        "Approve-production",
        "prod-eu",
        "prod-us",
        "Release",
    ]


def test_hosting_waits_for_a_first_version_and_controller_for_foundation(pipeline: dict[str, Any]) -> None:
    order = {action["Name"]: action["RunOrder"] for action in stages_of(pipeline)["dev"]}
    names = [
        "promoted-dev-foundation.Deploy",
        "promoted-dev-controller.Prepare",
        "promoted-dev-controller.Deploy",
        "promoted-dev-hosting.promoted-dev-first",
        "promoted-dev-hosting.Prepare",
        "promoted-dev-hosting.Deploy",
        "promoted-dev-smoke",
    ]
    assert [order[name] for name in names] == sorted({order[name] for name in names})


def test_a_job_is_told_where_it_works(pipeline: dict[str, Any]) -> None:
    told = jobs_of(stages_of(pipeline)["prod-us"])["promoted-prod-us-smoke"]
    assert told == {
        "do": "smoke",
        "at": {
            "environment": "prod-us",
            "role": "arn:aws:iam::333344445555:role/promoted-prod-us-delivery",
            "region": "us-east-1",
            "name": "promoted-prod-us",
            "pointer": "/tidegate/prod-us/promoted/live-model-package",
        },
    }


def test_what_deploys_models_gets_its_first_version_from_the_stage_before(pipeline: dict[str, Any]) -> None:
    stages = stages_of(pipeline)
    dev = jobs_of(stages["dev"])["promoted-dev-hosting.promoted-dev-first"]
    staging = jobs_of(stages["staging"])["promoted-staging-hosting.promoted-staging-first"]
    assert "package" not in dev, "a person registers and approves the first one"
    assert staging["package"] == "#{promoted_dev_first.PackageArn}"
    assert staging["artifact"] == "copy"


def test_deploying_code_trains_in_each_stage_with_its_own_parameters(pipeline: dict[str, Any]) -> None:
    stages = stages_of(pipeline)
    fractions = {
        name: jobs_of(stages[name])[f"trained-everywhere-{name}-train"]["parameters"] for name in ENVIRONMENTS
    }
    assert fractions == {
        "dev": {"DataFraction": "0.01"},
        "staging": {"DataFraction": "0.1"},
        "prod-eu": {"DataFraction": "1"},
        "prod-us": {"DataFraction": "1"},
    }


def test_what_was_trained_is_validated_approved_and_followed_one_after_the_other(
    pipeline: dict[str, Any],
) -> None:
    actions = stages_of(pipeline)["staging"]
    order = {action["Name"]: action["RunOrder"] for action in actions}
    names = [f"trained-everywhere-staging-{do}" for do in ("train", "validate", "approve", "follow")]
    assert [order[name] for name in names] == sorted({order[name] for name in names})
    told = jobs_of(actions)
    packages = {told[name].get("package") for name in names[1:]}
    assert packages == {"#{trained_everywhere_staging_train.PackageArn}"}


def test_the_hybrid_trains_in_one_stage_and_nowhere_else(pipeline: dict[str, Any]) -> None:
    trains = [
        name for name, actions in stages_of(pipeline).items() if f"hybrid-{name}-train" in jobs_of(actions)
    ]
    assert trains == ["staging"]


def test_the_first_region_is_watched_before_the_second_begins(pipeline: dict[str, Any]) -> None:
    actions = stages_of(pipeline)["prod-eu"]
    bakes = [name for name in jobs_of(actions) if name.endswith("-bake")]
    assert len(bakes) == 3
    assert jobs_of(actions)["promoted-prod-eu-bake"]["minutes"] == 30
    assert jobs_of(actions)["promoted-prod-eu-bake"]["alarms"] == [
        "promoted-prod-eu-live-5xx",
        "promoted-prod-eu-live-model_errors",
    ]
    last = max(action["RunOrder"] for action in actions)
    assert {action["Name"] for action in actions if action["RunOrder"] == last} == set(bakes)
    assert not [name for name in jobs_of(stages_of(pipeline)["prod-us"]) if name.endswith("-bake")]


def test_the_alarms_that_are_watched_are_there(pipeline: dict[str, Any], delivered: Templates) -> None:
    watched = jobs_of(stages_of(pipeline)["prod-eu"])["promoted-prod-eu-bake"]["alarms"]
    alarms = properties(delivered["promoted-prod-eu-controller"], "AWS::CloudWatch::Alarm")
    assert set(watched) <= {alarm["AlarmName"] for alarm in alarms}


def test_an_approval_shows_what_the_stage_before_has_found(pipeline: dict[str, Any]) -> None:
    (action,) = stages_of(pipeline)["Approve-production"]
    text = action["Configuration"]["CustomData"]
    assert text.startswith("Deploy #{Source.CommitId} to prod-eu, prod-us?\n")
    assert "promoted-staging smoke: #{promoted_staging_smoke.Summary}" in text.splitlines()
    assert (
        "trained-everywhere-staging validate: #{trained_everywhere_staging_validate.Summary}"
        in text.splitlines()
    )
    assert len(text) <= 1000


def test_every_variable_that_an_action_reads_is_answered_by_an_earlier_one(pipeline: dict[str, Any]) -> None:
    known = {"codepipeline"}
    for actions in stages_of(pipeline).values():
        for action in sorted(actions, key=lambda one: int(one["RunOrder"])):
            text = json.dumps(action["Configuration"])
            read = {part.partition(".")[0] for part in text.split("#{")[1:]}
            assert read <= known, action["Name"]
            known |= {action["Namespace"]} if "Namespace" in action else set()


def test_the_release_tells_the_commit_of_each_service_whose_models_are_promoted(
    pipeline: dict[str, Any],
) -> None:
    actions = stages_of(pipeline)["Release"]
    assert [action["Name"] for action in actions] == [
        "hybrid-release",
        "promoted-release",
        "trained-everywhere-release",
    ]
    text = json.dumps(actions[0]["Configuration"]["UserParameters"])
    assert "#{Source.CommitId}" in text
    assert "hybrid/released.zip" in text


def test_pull_requests_are_compared_with_what_is_deployed_in_every_place(pipeline: dict[str, Any]) -> None:
    (found,) = [one for _, one in statements(pipeline) if one.get("Sid") == "ReadDeployed"]
    places = [
        ("111122223333", "eu-west-1"),
        ("222233334444", "eu-west-1"),
        ("333344445555", "eu-west-1"),
        ("333344445555", "us-east-1"),
        ("444455556666", "eu-west-1"),
    ]
    assert found["Resource"] == [
        f"arn:aws:iam::{account}:role/cdk-hnb659fds-lookup-role-{account}-{region}"
        for account, region in places
    ]


def test_nothing_in_the_pipeline_is_allowed_on_everything_but_what_knows_no_resource(
    pipeline: dict[str, Any],
) -> None:
    policies = properties(pipeline, "AWS::IAM::Policy")
    everything = [
        statement["Action"]
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if "*" in as_list(statement["Resource"])
    ]
    assert everything == ["lambda:ListFunctions"]


def test_the_cli_that_updates_the_pipeline_is_the_pinned_one() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())
    assert {**pinned.get("dependencies", {}), **pinned.get("devDependencies", {})}[
        "aws-cdk"
    ] == CDK_CLI_VERSION


def test_an_environment_that_is_deployed_by_hand_stays_beside_the_pipeline(tmp_path: Path) -> None:
    folder = tmp_path / "services"
    folder.mkdir()
    for name in ("samples", "promoted.yaml"):
        (folder / name).symlink_to(EXAMPLE / name)
    (folder / "promoted.yaml").unlink()
    text = (EXAMPLE / "promoted.yaml").read_text()
    (folder / "promoted.yaml").write_text(text.replace("[dev,", "[rehearsal, dev,"))
    around = (EXAMPLE / "environments.yaml").read_text()
    here = 'rehearsal: {account: "000000000000", region: us-east-1, deploy_with: cli-credentials}\n'
    (folder / "environments.yaml").write_text(around.replace("dev:\n", f"{here}dev:\n", 1))
    top = {stack.stack_name for stack in synthesized(folder, tmp_path / "out").stacks}
    assert top >= {f"promoted-rehearsal-{role}" for role in ("foundation", "controller", "hosting")}
    assert "promoted-dev-foundation" not in top
