"""The pipelines that promote models, of the services in examples/delivery."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from stacks.service_files import load_folder
from stacks.yaml_source import BadFiles
from tests.stacks.conftest import DELIVERY, synthesized
from tests.stacks.template_reading import as_list, properties, statements

TOOLING: Final = "444455556666"
DEV, STAGING, PROD = "111122223333", "222233334444", "333344445555"
ROOT_OF: Final = "arn:aws:iam::{}:root"


def models(pipeline: Mapping[str, Any], service: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in properties(dict(pipeline), "AWS::CodePipeline::Pipeline")
        if one["Name"] == f"tidegate-{service}-models"
    ]
    return found


def order(stage: Mapping[str, Any]) -> list[list[str]]:
    """Return the names of a stage's actions, those of one moment together."""
    steps: dict[int, list[str]] = {}
    for action in stage["Actions"]:
        steps.setdefault(int(action["RunOrder"]), []).append(action["Name"])
    return [steps[number] for number in sorted(steps)]


def jobs(pipeline: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the actions that call a function, each with what it is told."""
    for stage in pipeline["Stages"]:
        for action in stage["Actions"]:
            if action["ActionTypeId"]["Provider"] == "Lambda":
                yield action, json.loads(action["Configuration"]["UserParameters"])


def test_what_is_trained_everywhere_needs_no_pipeline_that_promotes(pipeline: dict[str, Any]) -> None:
    names = {one["Name"] for one in properties(pipeline, "AWS::CodePipeline::Pipeline")}
    assert names == {"tidegate", "tidegate-promoted-models", "tidegate-hybrid-models"}


def test_a_version_is_followed_at_home_then_registered_validated_approved_and_followed(
    pipeline: dict[str, Any],
) -> None:
    stages = {stage["Name"]: order(stage) for stage in models(pipeline, "promoted")["Stages"]}
    assert stages == {
        "Source": [["Released"]],
        "dev": [["dev-follow"]],
        "staging": [["staging-register"], ["staging-validate"], ["staging-approve"], ["staging-follow"]],
        "production": [
            ["prod-eu-register", "prod-us-register"],
            ["prod-eu-validate", "prod-us-validate"],
            ["Approve"],
            ["prod-eu-approve"],
            ["prod-eu-follow"],
            ["prod-eu-bake"],
            ["prod-us-approve"],
            ["prod-us-follow"],
        ],
    }


def test_the_hybrid_promotes_from_the_stage_that_trains(pipeline: dict[str, Any]) -> None:
    stages = {stage["Name"]: order(stage) for stage in models(pipeline, "hybrid")["Stages"]}
    assert list(stages) == ["Source", "staging", "production"]
    assert stages["staging"] == [["staging-follow"]]
    assert stages["production"][0] == ["prod-eu-register"]


def test_each_environment_makes_its_version_from_the_one_before(pipeline: dict[str, Any]) -> None:
    packages = {
        action["Name"]: told["package"]
        for action, told in jobs(models(pipeline, "promoted"))
        if "package" in told
    }
    assert packages["dev-follow"] == "#{variables.ModelPackageArn}"
    assert packages["staging-register"] == "#{variables.ModelPackageArn}"
    assert packages["prod-us-register"] == "#{staging_register.PackageArn}"
    assert packages["prod-us-approve"] == "#{prod_us_register.PackageArn}"


def test_every_variable_that_a_promotion_reads_is_answered_by_an_earlier_action(
    pipeline: dict[str, Any],
) -> None:
    for service in ("promoted", "hybrid"):
        known = {"codepipeline", "variables"}
        for stage in models(pipeline, service)["Stages"]:
            for action in sorted(stage["Actions"], key=lambda one: int(one["RunOrder"])):
                read = {
                    part.partition(".")[0] for part in json.dumps(action["Configuration"]).split("#{")[1:]
                }
                assert read <= known, action["Name"]
                known |= {action["Namespace"]} if "Namespace" in action else set()


def test_a_promotion_deploys_nothing_and_its_source_is_what_was_released(pipeline: dict[str, Any]) -> None:
    found = models(pipeline, "promoted")
    providers = {one["ActionTypeId"]["Provider"] for stage in found["Stages"] for one in stage["Actions"]}
    assert providers == {"S3", "Lambda", "Manual"}
    source = found["Stages"][0]["Actions"][0]["Configuration"]
    assert source["S3ObjectKey"] == "promoted/released.zip"
    assert source["PollForSourceChanges"] == "false"
    assert (found["PipelineType"], found["ExecutionMode"]) == ("V2", "QUEUED")


def test_an_approval_asks_with_what_the_gates_have_found_in_at_most_a_thousand_characters(
    pipeline: dict[str, Any],
) -> None:
    (text,) = [
        action["Configuration"]["CustomData"]
        for stage in models(pipeline, "promoted")["Stages"]
        for action in stage["Actions"]
        if action["Name"] == "Approve"
    ]
    assert text.splitlines() == [
        "Approve #{variables.ModelPackageArn} for prod-eu, prod-us?",
        "prod-eu: #{prod_eu_validate.Summary}",
        "prod-us: #{prod_us_validate.Summary}",
    ]


def test_the_job_that_approves_knows_where_a_person_was_asked(pipeline: dict[str, Any]) -> None:
    asked = {
        action["Name"]: told.get("asked")
        for action, told in jobs(models(pipeline, "promoted"))
        if told["do"] == "approve"
    }
    assert asked == {
        "staging-approve": None,
        "prod-eu-approve": "production",
        "prod-us-approve": "production",
    }


def test_each_service_has_a_function_that_may_take_the_roles_of_its_own_environments(
    pipeline: dict[str, Any],
) -> None:
    places = ((DEV, "dev"), (STAGING, "staging"), (PROD, "prod-eu"), (PROD, "prod-us"))
    roles = [f"arn:aws:iam::{account}:role/promoted-{name}-delivery" for account, name in places]
    taken = [one["Resource"] for _, one in statements(pipeline) if one.get("Sid") == "TakeDeliveryRoles"]
    assert roles in taken
    assert all(len({arn.split("/")[1].split("-")[0] for arn in as_list(one)}) == 1 for one in taken)
    names = {one.get("FunctionName") for one in properties(pipeline, "AWS::Lambda::Function")}
    assert {f"tidegate-{one}-deliver" for one in ("hybrid", "promoted", "trained-everywhere")} <= names


def test_approvals_where_versions_come_from_start_the_pipeline(pipeline: dict[str, Any]) -> None:
    (start,) = [
        one["Environment"]["Variables"]
        for one in properties(pipeline, "AWS::Lambda::Function")
        if one.get("FunctionName") == "tidegate-promoted-start"
    ]
    assert (start["PIPELINE"], start["START_GROUP"]) == ("tidegate-promoted-models", "promoted-dev")
    places = [(one["group"], one["source"]) for one in json.loads(start["PLACES"])]
    assert places == [
        ("promoted-staging", "promoted-dev"),
        ("promoted-prod-eu", "promoted-staging"),
        ("promoted-prod-us", "promoted-staging"),
    ]


def test_rejects_models_that_come_from_two_environments(tmp_path: Path) -> None:
    folder = tmp_path / "services"
    for path in DELIVERY.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(DELIVERY)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text())
    (folder / "hybrid.yaml").unlink()
    path = folder / "environments.yaml"
    text = path.read_text().replace(
        "- {name: staging, waves: [[staging]], models_from: dev}",
        "- {name: staging, waves: [[staging]], models_from: dev}\n    - {name: us, waves: [[prod-us]]}",
    )
    text = text.replace("waves: [[prod-eu], [prod-us]]\n      bake_minutes: 30", "waves: [[prod-eu]]")
    path.write_text(text.replace("models_from: staging", "models_from: us"))
    assert load_folder(folder).delivery is not None
    with pytest.raises(BadFiles, match="must come from one environment in the end, got") as refusal:
        synthesized(folder, tmp_path / "out")
    assert "promoted.yaml" in str(refusal.value)
