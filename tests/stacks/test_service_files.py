from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stacks.fields.managed import ManagedService
from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles
from tidegate import Gate

ROOT = Path(__file__).resolve().parents[2]
DIGITS = (ROOT / "services/digits.yaml").read_text()
ENVIRONMENTS = (ROOT / "services/environments.yaml").read_text()
Faults = Callable[..., Sequence[str]]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "services"
    folder.mkdir()
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    (folder / "digits.yaml").write_text(DIGITS)
    return folder


@pytest.fixture
def faults(services: Path) -> Faults:
    """Replace texts in digits.yaml (or another file), and return the faults found."""

    def find(*changes: tuple[str, str], file: str = "digits.yaml") -> Sequence[str]:
        path = services / file
        text = path.read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path.write_text(text)
        with pytest.raises(BadFiles) as refusal:
            load_deployments(services)
        return refusal.value.faults

    return find


def line(text: str, *, of: str = DIGITS) -> int:
    return next(number for number, one in enumerate(of.splitlines(), start=1) if text in one)


def test_the_example_service_is_one_deployment(services: Path) -> None:
    (deployment,) = load_deployments(services)
    assert deployment.name == "digits-rehearsal"
    assert deployment.pointer_parameter == "/tidegate/rehearsal/digits/live-model-package"
    assert deployment.environment.account == "000000000000"


def test_minutes_become_seconds(services: Path) -> None:
    (deployment,) = load_deployments(services)
    plan = deployment.of(ManagedService).service.rollout.plan()
    assert [step.weight_percent for step in plan.steps] == [5, 25, 50, 100]
    assert plan.steps[0].min_bake_seconds == 300
    assert plan.watch.max_bake_seconds == 1800


def test_a_service_can_name_who_is_told(services: Path) -> None:
    path = services / "digits.yaml"
    arn = "arn:aws:sns:us-east-1:000000000000:on-call"
    path.write_text(DIGITS.replace("rollout:\n", f"rollout:\n  notify: {arn}\n"))
    (deployment,) = load_deployments(services)
    assert deployment.of(ManagedService).service.rollout.notify == arn


def test_rejects_who_is_told_without_an_arn(faults: Faults) -> None:
    (fault,) = faults(("rollout:\n", "rollout:\n  notify: on-call\n"))
    assert "rollout.notify: must look like arn:aws:sns:eu-west-1:111122223333:on-call" in fault


FIRST_STEP = "{weight_percent: 5, min_bake_minutes: 5, max_bake_minutes: 60, min_requests: 100}"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:approve"


def test_a_step_can_have_a_gate_and_hooks(services: Path) -> None:
    path = services / "digits.yaml"
    more = f"gate: {{approval: manual, max_wait_hours: 8, on_timeout: needs_human}}, before: '{FUNCTION}'"
    path.write_text(DIGITS.replace(FIRST_STEP, FIRST_STEP.replace("}", f", {more}}}")))
    (deployment,) = load_deployments(services)
    first = deployment.of(ManagedService).service.rollout.plan().steps[0]
    assert first.gate == Gate.manual(max_wait_seconds=8 * 3600, on_timeout="needs_human")
    assert (first.before, first.after) == (FUNCTION, None)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("gate: {}", "rollout.steps[0].gate: must have either approval: manual or a function"),
        (
            f"gate: {{approval: manual, function: '{FUNCTION}'}}",
            "rollout.steps[0].gate: must have either approval: manual or a function",
        ),
        ("gate: {approval: automatic}", "rollout.steps[0].gate.approval: must be 'manual'"),
        (
            "gate: {approval: manual, max_wait_hours: 0}",
            "rollout.steps[0].gate.max_wait_hours: must be at least",
        ),
        ("gate: {approval: manual, on_timeout: wait}", "rollout.steps[0].gate.on_timeout: must be"),
        ("gate: {function: approve}", "rollout.steps[0].gate.function: must look like arn:aws:lambda:"),
        ("before: warm-up", "rollout.steps[0].before: must look like arn:aws:lambda:"),
        ("after: 'arn:aws:sns:eu-west-1:111122223333:x'", "rollout.steps[0].after: must look like"),
    ],
)
def test_rejects_gates_and_hooks_that_cannot_be(faults: Faults, more: str, message: str) -> None:
    found = faults((FIRST_STEP, FIRST_STEP.replace("}", f", {more}}}")))
    assert any(message in fault for fault in found), found


def test_one_environment_can_be_chosen(services: Path) -> None:
    path = services / "digits.yaml"
    path.write_text(DIGITS.replace("[rehearsal]", "[rehearsal, production]"))
    assert len(load_deployments(services)) == 2
    assert [one.environment_name for one in load_deployments(services, only="production")] == ["production"]


def test_scaling_is_optional(services: Path) -> None:
    path = services / "digits.yaml"
    start, end = DIGITS.index("  scaling:"), DIGITS.index("rollout:")
    path.write_text(DIGITS[:start] + DIGITS[end:])
    (deployment,) = load_deployments(services)
    assert deployment.of(ManagedService).service.endpoint.scaling is None


def test_rejects_a_step_that_is_not_greater_than_the_one_before(faults: Faults) -> None:
    assert faults(("weight_percent: 50", "weight_percent: 10")) == (
        (
            f"services/digits.yaml:{line('weight_percent: 50')}: rollout.steps[2].weight_percent: "
            "must be greater than the step before (25), got 10"
        ),
    )


def test_rejects_a_plan_that_does_not_end_at_everything(faults: Faults) -> None:
    assert faults(("weight_percent: 100", "weight_percent: 99")) == (
        (
            f"services/digits.yaml:{line('weight_percent: 100')}: rollout.steps[3].weight_percent: "
            "must be 100 in the last step, got 99"
        ),
    )


def test_rejects_an_unknown_field_and_names_the_nearest(faults: Faults) -> None:
    assert faults(("  instances: 2", "  instance: 2")) == (
        (
            f"services/digits.yaml:{line('instances: 2')}: endpoint.instance: "
            "unknown field; did you mean 'instances'?"
        ),
    )


def test_rejects_an_unknown_field_below_a_list(faults: Faults) -> None:
    (fault,) = faults(("weight_percent: 5,", "weight_percent: 5, min_request: 1,"))
    assert fault == (
        f"services/digits.yaml:{line('weight_percent: 5,')}: rollout.steps[0].min_request: "
        "unknown field; did you mean 'min_requests'?"
    )


def test_rejects_all_faults_of_a_file_at_once_in_its_order(faults: Faults) -> None:
    found = faults(
        ("environments: [rehearsal]", "environments: [rehersal]"),
        ("instances: 2", "instances: two"),
        ("ml.m5.large", "m5.large"),
        ("metrics_frequency_seconds: 10", "metrics_frequency_seconds: 15"),
        ("    min: 2", "    min: 0"),
        ("bucket_seconds: 60", "bucket_seconds: 61"),
        ("on_no_data: roll_back", "on_no_data: promote"),
        ("model_errors: {max_rate: 0.01}", "latency: {max_rate: 2}"),
    )
    assert [fault.split(": ", 2)[1:] for fault in found] == [
        ["endpoint.instance_type", "must look like ml.m5.large, got 'm5.large'"],
        ["endpoint.instances", "must be a whole number, got 'two'"],
        ["endpoint.metrics_frequency_seconds", "must be one of 10, 30, 60, 120, 180, 240, 300, got 15"],
        ["endpoint.scaling.min", "must be at least 1, got 0"],
        ["rollout.bucket_seconds", "must be one of 10, 30, 60, 120, 180, 240, 300, got 61"],
        ["rollout.signals.latency.max_rate", "must be below 1, got 2"],
        ["rollout.signals.latency", "must be 5xx or model_errors, or have a metric, got 'latency'"],
        ["rollout.on_no_data", "must be 'roll_back' or 'needs_human', got 'promote'"],
        ["environments[0]", "unknown environment 'rehersal'; did you mean 'rehearsal'?"],
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("service: digits", "service: digit", "service: must be the file's name (digits), got 'digit'"),
        (
            "service: digits",
            "service: Digits!",
            "must be lower-case letters, digits and single inner hyphens",
        ),
        ("[rehearsal]", "[]", "environments: must not be empty, got a list"),
        (
            "[rehearsal]",
            "[rehearsal, rehearsal]",
            "environments[1]: must be listed once, got 'rehearsal' again",
        ),
        ("ml.m5.large", "ml.t2.medium", "burstable instance types cannot be scaled (ml.t2.medium)"),
        ("instances: 2", "instances: 9", "endpoint.scaling: min to max must include instances (9)"),
        ("max: 4", "max: 1", "endpoint.scaling.max: must be at least min (2), got 1"),
        ("max_bake_minutes: 30", "max_bake_minutes: 3", "must be at least min_bake_minutes (5), got 3"),
        ("min_requests: 100", "min_requests: 1.5", "must be a whole number, got 1.5"),
        ("min_requests: 100", "min_requests: '100'", "must be a whole number, got '100'"),
        ("settle_seconds: 60", "settle_seconds: 901", "rollout.settle_seconds: must be at most 900, got 901"),
        ("settle_seconds: 60", "alpha: 0", "rollout.alpha: must be above 0, got 0"),
        (
            "settle_seconds: 60",
            "rollback_hold_seconds: 5",
            "rollback_hold_seconds: must be at least 60, got 5",
        ),
        (
            "model_errors:",
            "latency:",
            "rollout.signals.latency: must be 5xx or model_errors, or have a metric",
        ),
        ("  environment: {}", "  environment: {A: 1}", "model.environment.A: must be text, got 1"),
        ("max_bake_minutes: 60", "max_bake_minutes: 60000", "must sum up to at most 30 days"),
    ],
)
def test_rejects_what_the_field_does_not_allow(faults: Faults, before: str, after: str, message: str) -> None:
    found = faults((before, after))
    assert any(message in fault for fault in found), found


def test_rejects_broken_yaml_with_its_line(faults: Faults) -> None:
    (fault,) = faults(("environments: [rehearsal]", "environments: [rehearsal"))
    assert fault.startswith("services/digits.yaml:")
    assert "not valid YAML: " in fault


def test_rejects_a_field_given_twice(faults: Faults) -> None:
    (fault,) = faults(("service: digits", "service: digits\nservice: digits"))
    assert fault.startswith(f"services/digits.yaml:{line('service: digits') + 1}: not valid YAML: ")


def test_rejects_a_file_that_is_no_mapping(services: Path) -> None:
    (services / "digits.yaml").write_text("- digits\n")
    with pytest.raises(BadFiles, match=r"services/digits.yaml:1: must be a mapping of fields, got a list"):
        load_deployments(services)


def test_rejects_an_empty_file(services: Path) -> None:
    (services / "digits.yaml").write_text("")
    with pytest.raises(BadFiles, match=r"services/digits.yaml:1: must be a mapping of fields, got nothing"):
        load_deployments(services)


def test_rejects_bad_environments_with_file_and_line(faults: Faults) -> None:
    found = faults(('account: "111122223333"', "account: 111122223333"), file="environments.yaml")
    number = line("111122223333", of=ENVIRONMENTS)
    assert found == (
        f"services/environments.yaml:{number}: production.account: must be text, got 111122223333",
    )


def test_rejects_a_missing_environments_file(services: Path) -> None:
    (services / "environments.yaml").unlink()
    with pytest.raises(BadFiles, match=r"services/environments.yaml: no such file"):
        load_deployments(services)


def test_rejects_a_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadFiles, match=r"nowhere: no such folder"):
        load_deployments(Path("nowhere"))


def test_rejects_a_folder_without_services(services: Path) -> None:
    (services / "digits.yaml").unlink()
    with pytest.raises(BadFiles, match=r"services: no service file"):
        load_deployments(services)


def test_rejects_an_unknown_environment_on_the_command_line(services: Path) -> None:
    with pytest.raises(BadFiles, match=r"unknown environment 'prod'; did you mean 'production'"):
        load_deployments(services, only="prod")


def test_rejects_the_faults_of_all_files_at_once(faults: Faults, services: Path) -> None:
    (services / "faces.yaml").write_text("service: faces\n")
    found = faults(("instances: 2", "instances: 0"))
    assert {fault.split(":")[0] for fault in found} == {"services/digits.yaml", "services/faces.yaml"}
