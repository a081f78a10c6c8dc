import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tests.constructs.test_shadow_phase import routes
from tidegate import Rollout, RolloutPlan, SampleRequests
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition
from tidegate.sample_requests import MOST_SAMPLES
from tidegate_runtime.adapters.packaged_samples import packaged_samples
from tidegate_runtime.samples import Sample

USUAL = {"name": "usual", "body": [1, 2], "expect": {"equals": [7]}}
DOCUMENT = {"samples": [USUAL, {"name": "image", "file": "images/seven.bin", "content_type": "image/png"}]}
FILES = {"images/seven.bin": b"\x00\xff"}


def rollout(stack: Stack, samples: SampleRequests | None) -> Rollout:
    return Rollout(
        stack,
        "Rollout",
        endpoint_name="digits",
        model_package_group_name="digits",
        pointer_parameter="/digits/live",
        hosting_stack_name="digits-hosting",
        execution_role=iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/execution"),
        artifact_buckets=[],
        plan=RolloutPlan.canary(),
        samples=samples,
    )


def functions(template: Template) -> dict[str, dict[str, Any]]:
    found = template.find_resources("AWS::Lambda::Function").values()
    return {one["Properties"]["Handler"].split(".")[0]: one["Properties"] for one in found}


def test_the_function_finds_in_its_archive_what_was_declared(tmp_path: Path) -> None:
    stack = Stack(App(outdir=str(tmp_path)), "stack")
    rollout(stack, SampleRequests(document=DOCUMENT, files=FILES))
    key = functions(Template.from_stack(stack))["try_samples"]["Code"]["S3Key"]
    (archive,) = [path for path in tmp_path.glob("asset.*.zip") if path.name.split(".")[1] in str(key)]
    ZipFile(archive).extractall(tmp_path / "function")
    usual, image = packaged_samples(tmp_path / "function")
    assert (usual.name, usual.body, usual.expect.values[0].value) == ("usual", b"[1, 2]", [7])
    assert image == Sample(name="image", body=b"\x00\xff", content_type="image/png")


def test_the_archive_starts_by_itself_with_all_that_it_imports(tmp_path: Path) -> None:
    stack = Stack(App(outdir=str(tmp_path)), "stack")
    rollout(stack, SampleRequests(document=DOCUMENT, files=FILES))
    template = Template.from_stack(stack)
    (archive,) = [
        path for path in tmp_path.glob("asset.*.zip") if "try_samples/handler.py" in ZipFile(path).namelist()
    ]
    ZipFile(archive).extractall(tmp_path / "function")
    plan = functions(template)["try_samples"]["Environment"]["Variables"]["PLAN"]
    names = ("ENDPOINT_NAME", "POINTER_PARAMETER", "HOSTING_STACK", "LEDGER_TABLE", "MODEL_PACKAGE_GROUP")
    environment = dict.fromkeys((*names, "EXECUTION_ROLE_ARN"), "x") | {
        "PLAN": plan,
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": str(tmp_path / "function"),
    }
    code = "from try_samples.handler import samples; print([one.name for one in samples()])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "['usual', 'image']"


def test_another_sample_is_another_archive_and_the_same_one_is_not(tmp_path: Path) -> None:
    def key(document: dict[str, Any], name: str) -> str:
        stack = Stack(App(outdir=str(tmp_path / name)), "stack")
        rollout(stack, SampleRequests(document=document))
        return str(functions(Template.from_stack(stack))["try_samples"]["Code"]["S3Key"])

    one, other = {"samples": [USUAL]}, {"samples": [{**USUAL, "body": [3]}]}
    assert key(one, "a") == key(one, "b") != key(other, "c")


def test_the_function_may_ask_this_endpoint_and_nothing_else(
    stack: Stack, template: Callable[[], Template]
) -> None:
    rollout(stack, SampleRequests(document={"samples": [USUAL]}))
    policies = template().find_resources("AWS::IAM::ManagedPolicy").values()
    statements = [one for policy in policies for one in policy["Properties"]["PolicyDocument"]["Statement"]]
    (allowed,) = [one for one in statements if "sagemaker:InvokeEndpoint" in one["Action"]]
    assert allowed["Action"] == "sagemaker:InvokeEndpoint"
    assert str(allowed["Resource"]).endswith(":endpoint/digits'}") or ":endpoint/digits" in str(
        allowed["Resource"]
    )
    assert "*" not in str(allowed["Resource"])


def test_without_samples_there_is_neither_function_nor_state(
    stack: Stack, template: Callable[[], Template]
) -> None:
    rollout(stack, None)
    rendered = template()
    assert "try_samples" not in functions(rendered)
    assert "TrySamples" not in json.dumps(rendered.find_resources("AWS::StepFunctions::StateMachine"))
    assert "InvokeEndpoint" not in json.dumps(rendered.find_resources("AWS::IAM::ManagedPolicy"))


def test_the_samples_are_asked_between_prepare_and_the_first_shift() -> None:
    definition = rollout_definition(
        {name: f"arn:{name}" for name in ROLLOUT_HANDLERS},
        rollback_arn="arn:rollback",
        start_execution="arn:start",
        bakes_seconds=600,
    )
    states = definition["States"]
    assert routes(states, "Prepare")["DONE"] == "TrySamples"
    assert routes(states, "TrySamples") == {"WAIT": "TrySamplesWait", "DONE": "Shift"}
    assert states["TrySamplesStatus"]["Default"] == "StartRollback"
    assert states["TrySamples"]["Catch"][0]["Next"] == "StartRollbackOnError"


def test_a_file_of_samples_is_read_with_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "seven.bin").write_bytes(FILES["images/seven.bin"])
    (tmp_path / "samples.json").write_text(json.dumps(DOCUMENT))
    assert SampleRequests.from_file(tmp_path / "samples.json") == SampleRequests(
        document=DOCUMENT, files=FILES
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"samples": []}, "samples: must be a list of at least one sample"),
        ({"samples": [{"body": 1, "expect": {"sttus": 1}}]}, "samples.0.expect.sttus: is not known"),
        ({"samples": [{"file": "gone"}]}, "samples.0.file: gone cannot be read: no such file"),
        (
            {"samples": [{"body": "x" * 7_000_000}]},
            r"samples.0: the request must be at most .* MB .*got 6.7 MB",
        ),
        (
            {"samples": [{"name": str(n), "body": n} for n in range(MOST_SAMPLES + 1)]},
            f"samples: must be at most {MOST_SAMPLES}, got {MOST_SAMPLES + 1}",
        ),
        (
            {"samples": [{"name": str(n), "body": "x" * 5_500_000} for n in range(4)]},
            "samples: the requests together must be at most 20 MB, got 21.0 MB",
        ),
        ({"samples": [{"body": 1, "expect": {"equals": {1, 2}}}]}, "must be what JSON can say"),
    ],
)
def test_rejects_samples_that_cannot_be_asked(document: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SampleRequests(document=document)


def test_the_most_samples_are_too_few_to_set_an_alarm_of_the_candidate_off() -> None:
    """Samples may expect errors, and the alarms ask for a share of at least fifty requests a minute."""
    from inspect import signature

    from tidegate import CandidateAlarms

    assert signature(CandidateAlarms.__init__).parameters["floor_requests"].default > MOST_SAMPLES
