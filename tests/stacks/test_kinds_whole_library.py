"""What the library has, a service file can say."""

import re
from pathlib import Path
from typing import Final

from constructs import Construct

import tidegate
from stacks.fields.asynchronous import AsyncPart
from stacks.fields.capture import CapturePart, ExplainerPart
from stacks.fields.components import ComponentsPart
from stacks.fields.endpoint import EndpointPart
from stacks.fields.retain import retained
from tidegate import VariantProperty

ROOT: Final = Path(__file__).resolve().parents[2]
# The candidate's alarms belong to the controller; the other is the short form of a tracking policy.
ELSEWHERE: Final = {"CandidateAlarms", "LiveAlarms", "VariantScaling"}
ARN: Final = "arn:aws:sagemaker:eu-west-1:111122223333:training-plan/mine"


def test_every_public_construct_of_the_library_is_used_by_the_stacks() -> None:
    found = {name: getattr(tidegate, name) for name in dir(tidegate)}
    public = {name for name, one in found.items() if isinstance(one, type) and issubclass(one, Construct)}
    sources = " ".join(path.read_text() for path in (ROOT / "stacks").rglob("*.py"))
    assert public - set(re.findall(r"\w+", sources)) == ELSEWHERE


def test_every_setting_of_instances_reaches_the_library() -> None:
    part = EndpointPart.model_validate(
        {
            "instance_type": "ml.m5.large",
            "instances": 2,
            "fallback_types": ["ml.m6i.large"],
            "routing": "least-outstanding-requests",
            "volume_gb": 20,
            "download_timeout_seconds": 100,
            "startup_timeout_seconds": 200,
            "provision_timeout_seconds": 300,
        }
    )
    options = part.options()
    assert options is not None
    assert options.routing is not None
    assert options.routing.value == "LEAST_OUTSTANDING_REQUESTS"
    assert (options.volume_size_gb, options.fallback_types) == (20, ("ml.m6i.large",))
    assert options.download_timeout_seconds == 100
    assert options.startup_timeout_seconds == 200
    assert options.provision_timeout_seconds == 300


def test_a_reservation_reaches_the_library() -> None:
    part = EndpointPart.model_validate({"instance_type": "ml.m5.large", "instances": 2, "reservation": ARN})
    options = part.options()
    assert options is not None
    assert options.reservation_arn == ARN


def test_without_settings_of_instances_sagemaker_chooses() -> None:
    part = EndpointPart.model_validate({"instance_type": "ml.m5.large", "instances": 2})
    assert part.options() is None


def test_what_deploys_keep_is_the_librarys_own_choice_unless_said_otherwise() -> None:
    assert retained(None) is None
    assert retained(["weights", "data-capture"]) == [
        VariantProperty.DESIRED_WEIGHT,
        VariantProperty.DATA_CAPTURE_CONFIG,
    ]


def test_only_requests_can_be_captured() -> None:
    part = CapturePart.model_validate({"percent": 5, "destination": "s3://a-bucket/x", "keep": ["requests"]})
    assert part.capture(None).modes == ("Input",)


def test_every_setting_of_the_explainer_reaches_the_library() -> None:
    given = {
        "baseline_uri": "s3://a-bucket/baseline.csv",
        "mime_type": "text/csv",
        "enable": "`true`",
        "samples": 10,
        "seed": 7,
        "feature_headers": ("age", "words"),
        "feature_types": ("numerical", "text"),
        "probability_index": 1,
    }
    found = ExplainerPart.model_validate(given).explainer()
    assert {name: getattr(found, name) for name in given} == given


def test_queues_and_components_take_the_settings_of_instances_too() -> None:
    for part in (AsyncPart, ComponentsPart):
        assert set(EndpointPart.model_fields) & {"fallback_types", "routing"} <= set(part.model_fields)
