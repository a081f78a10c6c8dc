"""A gate in a service file: what is packed for the pipeline, what is granted for it, what synth warns of."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match, Template

from stacks.deliver_files import smoke_requests, validation_gate
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.service_files import load_folder
from tidegate_runtime.adapters.packaged_samples import packaged_samples
from tidegate_runtime.adapters.packaged_validation import packaged_validation

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "delivery"
Load = Callable[..., Deployment[ManagedService]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the example's service in staging, after replacing texts in its file."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "services"))
    monkeypatch.chdir(tmp_path)

    def loaded(*changes: tuple[str, str]) -> Deployment[ManagedService]:
        path = folder / "promoted.yaml"
        text = path.read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path.write_text(text)
        found = [
            each
            for each in load_folder(folder).deployments
            if each.name == "promoted-staging" and isinstance(each.service, ManagedService)
        ]
        (deployment,) = found
        return deployment  # type: ignore[return-value]

    return loaded


def packed_files(deployment: Deployment[ManagedService]) -> dict[str, bytes]:
    found = (smoke_requests(deployment), validation_gate(deployment))
    return {name: content for one in found if one is not None for name, content in one.packed().items()}


def foundation(deployment: Deployment[ManagedService]) -> FoundationStack:
    return FoundationStack(App(), "foundation", deployment=deployment)


def written(deployment: Deployment[ManagedService]) -> list[Any]:
    """Return the resources that the models' role may write to."""
    policies = Template.from_stack(foundation(deployment)).find_resources("AWS::IAM::ManagedPolicy")
    statements = [
        one for each in policies.values() for one in each["Properties"]["PolicyDocument"]["Statement"]
    ]
    return [one["Resource"] for one in statements if one["Action"] == "s3:PutObject"]


def test_the_function_finds_requests_and_gate_in_its_archive(load: Load, tmp_path: Path) -> None:
    deployment = load()
    for name, content in packed_files(deployment).items():
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert [sample.name for sample in packaged_samples(tmp_path / "archive")] == ["one row"]
    gate, data = packaged_validation(tmp_path / "archive")
    assert (gate.criteria.metric, gate.criteria.max_worse, gate.criteria.at_least) == ("accuracy", 0.02, 0.9)
    assert (gate.prediction, gate.instance_type, len(data)) == ("/predictions/0", "ml.m5.large", 250)
    assert gate.model == {"EnableNetworkIsolation": True}
    assert packed_files(deployment) == packed_files(deployment)


def test_the_models_role_may_write_answers_below_one_prefix_and_only_with_a_gate(load: Load) -> None:
    (resource,) = written(load())
    assert str(resource).endswith("'/delivery/validation/*']]}")
    text = (EXAMPLE / "promoted.yaml").read_text()
    without = load((text[text.index("  validation:") :], ""))
    assert written(without) == []
    assert set(packed_files(without)) == {"declared_samples/samples.json"}


def test_a_gate_by_endpoint_writes_its_answers_itself_so_the_models_may_not(
    load: Load,
) -> None:
    deployment = load(("    metric: accuracy\n", "    metric: accuracy\n    by: endpoint\n"))
    assert written(deployment) == []
    gate = validation_gate(deployment)
    assert gate is not None
    assert gate.endpoint_minutes == 60
    assert b'"by":"endpoint"' in gate.packed()["declared_validation/gate.json"]


def test_synth_warns_of_a_set_that_cannot_see_the_margin(load: Load) -> None:
    stack = foundation(load(("max_worse: 0.02", "max_worse: 0.01")))
    (warning,) = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("cannot see"))
    assert "250 rows cannot see that accuracy is 0.01 worse" in str(warning.entry.data)
    assert "from 400 rows on" in str(warning.entry.data)


def test_synth_warns_of_a_gate_without_a_floor_and_of_the_example_nothing(load: Load) -> None:
    assert not Annotations.from_stack(foundation(load())).find_warning("*", Match.any_value())
    stack = foundation(load(("    at_least: 0.9\n", "")))
    (warning,) = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert "fails the first version" in str(warning.entry.data)
