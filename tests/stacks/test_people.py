"""The section `people` of environments.yaml: what is accepted, what it makes, and every refusal."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from stacks.fields.people import PeoplePart
from stacks.people import define_people
from stacks.people_rules import people_faults
from stacks.service_files import Folder, load_folder
from stacks.yaml_source import BadFiles, YamlSource
from tests.stacks.conftest import ROOT, context

EXAMPLE = ROOT / "examples" / "delivery"
PEOPLE = "environments: [prod-eu, prod-us]\n  identity_center"
Faults = Callable[..., Sequence[str]]
Templates = dict[str, dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(EXAMPLE, tmp_path / "services"))


@pytest.fixture
def faults(folder: Path) -> Faults:
    """Replace texts in the example, and return all faults of the folder."""

    def find(*changes: tuple[str, str]) -> Sequence[str]:
        path = folder / "environments.yaml"
        text = path.read_text()
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        path.write_text(text)
        with pytest.raises(BadFiles) as refusal:
            load_folder(folder)
        return [fault.split(": ", 1)[1] for fault in refusal.value.faults]

    return find


def _synthesized(folder: Folder, outdir: Path) -> Templates:
    app = App(context=context(), outdir=str(outdir))
    define_people(app, folder)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def _policies(template: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        each["Properties"]["ManagedPolicyName"]: each["Properties"]["PolicyDocument"]["Statement"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::ManagedPolicy"
    }


@pytest.fixture
def templates(folder: Path, tmp_path: Path) -> Templates:
    return _synthesized(load_folder(folder), tmp_path / "out")


def test_each_environment_gets_policies_in_its_account_and_where_its_pipelines_lie(
    templates: Templates,
) -> None:
    assert set(templates) == {
        "tidegate-people",
        "tidegate-people-prod-eu",
        "tidegate-people-prod-eu-pipelines",
        "tidegate-people-prod-us",
        "tidegate-people-prod-us-pipelines",
    }
    kinds = ("approver", "deployer", "fence", "operator", "reader")
    assert set(_policies(templates["tidegate-people-prod-us"])) == {f"tidegate-prod-us-{k}" for k in kinds}


def test_the_policies_cover_every_service_of_the_environment_and_none_of_another(
    templates: Templates,
) -> None:
    approver = _policies(templates["tidegate-people-prod-us"])["tidegate-prod-us-approver"]
    (decide,) = [one for one in approver if one["Sid"] == "DecideAboutVersions"]
    assert decide["Resource"] == "arn:aws:sagemaker:us-east-1:333344445555:model-package/*-prod-us/*"


def test_the_approver_answers_the_approvals_before_the_environments_stage(templates: Templates) -> None:
    approver = _policies(templates["tidegate-people-prod-us-pipelines"])["tidegate-prod-us-approver"]
    (decide,) = [one for one in approver if one["Sid"] == "DecideInPipelines"]
    place = "arn:aws:codepipeline:eu-west-1:444455556666:"
    assert f"{place}tidegate/Approve-production/Approve-production" in decide["Resource"]
    assert all("production" in resource for resource in decide["Resource"])


def test_the_permission_sets_name_the_policies(templates: Templates) -> None:
    sets = [
        each["Properties"]
        for each in templates["tidegate-people"]["Resources"].values()
        if each["Type"] == "AWS::SSO::PermissionSet"
    ]
    assert len(sets) == 8
    named = {one["Name"]: [ref["Name"] for ref in one["CustomerManagedPolicyReferences"]] for one in sets}
    assert named["tidegate-prod-eu-reader"] == ["tidegate-prod-eu-reader", "tidegate-prod-eu-fence"]


def test_one_environment_can_be_deployed_without_its_people(folder: Path) -> None:
    assert load_folder(folder, only="dev").people is None


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (
            "environments: [prod-eu, prod-uss]\n  identity_center",
            "people.environments[1]: unknown environment 'prod-uss'; did you mean 'prod-us'?",
        ),
        ("environments: [prod-eu, prod-eu]\n  identity_center", "must be listed once, got 'prod-eu again'"),
        ("environments: [tooling]\n  identity_center", "no service with a rollout is deployed to 'tooling'"),
        ("environments: []\n  identity_center", "people.environments"),
        ("identity_center", "people.environments"),
    ],
)
def test_rejects_environments_without_anything_to_guard(faults: Faults, after: str, fault: str) -> None:
    (found,) = faults((PEOPLE, after))
    assert fault in found


def test_rejects_an_environment_whose_name_another_ones_ends_with(folder: Path) -> None:
    loaded = load_folder(folder)
    services = [one.service.model_copy(update={"environments": ("us",)}) for one in loaded.deployments]
    people = PeoplePart.model_validate({"name": "t", "environments": ["us"]})
    environments = {**loaded.environments, "us": loaded.environments["prod-us"]}
    source = YamlSource.read(folder / "environments.yaml")
    found = list(people_faults(source, people, environments, services))
    assert len(found) == 1
    assert "environment 'prod-us' lies in the same account and its name ends alike" in found[0]


def test_rejects_a_center_that_is_none_and_lies_nowhere(faults: Faults) -> None:
    (found,) = faults(("ssoins-0123456789abcdef", "x"))
    assert "people.identity_center.instance: must look like arn:aws:sso:::instance/ssoins-" in found


def test_rejects_a_center_in_an_unknown_environment(faults: Faults) -> None:
    (found,) = faults(("at: tooling}", "at: toolin}"))
    assert "people.identity_center.at: unknown environment 'toolin'; did you mean 'tooling'?" in found


def test_rejects_names_that_are_too_long_for_permission_sets(faults: Faults) -> None:
    found = faults(("people:\n  name: tidegate", "people:\n  name: tidegate-of-the-company"))
    assert len(found) == 2
    assert "tidegate-of-the-company-prod-eu-approver has 40" in found[0]


def test_rejects_an_environment_that_is_called_as_the_section(faults: Faults) -> None:
    found = faults(("people:\n", "people:\n  account: '1'\n"))
    assert "no environment can be called so" in found[0]
