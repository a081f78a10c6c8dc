from pathlib import Path

import pytest

from stacks.service_files import load_deployments
from stacks.yaml_source import BadFiles

ROOT = Path(__file__).resolve().parents[2]
DIGITS = (ROOT / "services/digits.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    services = tmp_path / "services"
    services.mkdir()
    (services / "environments.yaml").write_text((ROOT / "services/environments.yaml").read_text())
    return services


def faults(folder: Path, needs: str, *, instance_type: str = "ml.m5.large") -> list[str]:
    text = DIGITS.replace("ml.m5.large", instance_type)
    (folder / "digits.yaml").write_text(f"{text}needs: {needs}\n")
    try:
        load_deployments(folder)
    except BadFiles as bad:
        return [fault.split(": ", 1)[1] for fault in bad.faults]
    return []


@pytest.mark.parametrize(
    "needs",
    [
        "{}",
        "{payload_mb: 6, processing_seconds: 60}",
        "{traffic: rare, cost: lowest}",
        "{requests_per_second: 4000}",
        "{features: [vpc, data-capture, autoscaling]}",
    ],
)
def test_a_service_that_agrees_with_its_needs_is_accepted(folder: Path, needs: str) -> None:
    assert faults(folder, needs) == []


def test_rejects_a_payload_that_real_time_cannot_take_and_says_what_can(folder: Path) -> None:
    (fault,) = faults(folder, "{payload_mb: 50, answer_within_seconds: 60}")
    assert fault.startswith(
        "needs.payload_mb: a payload is at most 6 MB, got 50 [real-time/payload-size: https"
    )
    assert fault.endswith("what fits is async")


def test_rejects_long_processing_with_the_line_of_the_field(folder: Path) -> None:
    text = DIGITS + "needs:\n  traffic: spiky\n  processing_seconds: 300\n  answer_within_seconds: 900\n"
    (folder / "digits.yaml").write_text(text)
    with pytest.raises(BadFiles) as refusal:
        load_deployments(folder)
    (fault,) = refusal.value.faults
    line = len(DIGITS.splitlines()) + 3
    assert fault.startswith(
        f"services/digits.yaml:{line}: needs.processing_seconds: a request is processed within 60 s"
    )


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ("{payload_mb: 50}", "needs.payload_mb: a payload is at most 6 MB, got 50"),
        ("{payload_mb: 50}", "no kind of inference fits these needs"),
        ("{features: [scale-to-zero]}", "[real-time/scale-to-zero: https://docs.aws.amazon.com"),
        ("{features: [shadow]}", "needs.features: shadow with several-variants: with a shadow variant"),
        (
            "{models: 20, answer_within_seconds: 20}",
            "needs.models: a service hosts one model, got 20; what fits is multi-model",
        ),
        ("{gpu: true}", "needs.gpu: endpoint.instance_type must have a GPU, got ml.m5.large"),
        ("{requests_per_second: 4001}", "needs.requests_per_second: endpoint.scaling holds at most 4000"),
        (
            "{answer_within_seconds: 1, processing_seconds: 2}",
            "answer_within_seconds: must be at least processing_seconds (2), got 1",
        ),
        ("{payload_mb: 0}", "needs.payload_mb: must be above 0, got 0"),
        ("{traffic: bursty}", "needs.traffic: must be 'steady', 'spiky' or 'rare', got 'bursty'"),
        ("{features: [teleport]}", "needs.features[0]: must be 'several-variants', 'ab-test'"),
        ("{payload: 1}", "needs.payload: unknown field; did you mean 'payload_mb'?"),
    ],
)
def test_rejects_needs_that_the_service_contradicts(folder: Path, needs: str, message: str) -> None:
    found = faults(folder, needs)
    assert any(message in fault for fault in found), found


def test_a_gpu_type_satisfies_the_need_for_gpus(folder: Path) -> None:
    assert faults(folder, "{gpu: true}", instance_type="ml.g5.xlarge") == []


def test_rejects_an_elastic_inference_type(folder: Path) -> None:
    (fault,) = faults(folder, "{}", instance_type="ml.eia2.medium")
    assert "Elastic Inference is retired; use ml.inf2" in fault
