import importlib.util
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

CLIENT: Final = Path(__file__).resolve().parents[2] / "examples" / "ab_test" / "client.py"


def only(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [one["Properties"] for one in resources.values() if one["Type"] == kind]
    return dict(found)


def test_the_ab_test_ends_with_its_champion_and_tells_the_team(
    synthesize: Callable[[str], dict[str, Any]], snapshot: Any
) -> None:
    resources = synthesize("ab_test")["Resources"]
    function, subscription, rule, config = (
        only(resources, kind)
        for kind in (
            "AWS::Lambda::Function",
            "AWS::SNS::Subscription",
            "AWS::Events::Rule",
            "AWS::SageMaker::EndpointConfig",
        )
    )
    variables = function["Environment"]["Variables"]
    assert json.loads(variables["AB_TEST"])["champion"] == "trees"
    assert variables["TOPIC_ARN"] == subscription["TopicArn"]
    assert rule["ScheduleExpression"] == "cron(0/5 * * * ? *)"
    assert [(one["VariantName"], one["InitialVariantWeight"]) for one in config["ProductionVariants"]] == [
        ("trees", 80),
        ("network", 20),
    ]
    assert resources == snapshot


class Runtime:
    """Answers with the variant's name; refuses variants that are gone."""

    def __init__(self, variants: set[str]) -> None:
        self.variants = variants
        self.targets: list[str | None] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        target = request.get("TargetVariant")
        self.targets.append(target)
        if target is not None and target not in self.variants:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "gone"}}, "InvokeEndpoint")
        return {"Body": io.BytesIO(b"{}"), "InvokedProductionVariant": target or "trees"}


class Control:
    """An endpoint that gives all its traffic to one variant."""

    def __init__(self, variant: str) -> None:
        self.variant = variant
        self.reads = 0

    def describe_endpoint(self, **_: str) -> dict[str, Any]:
        self.reads += 1
        return {"ProductionVariants": [{"VariantName": self.variant, "CurrentWeight": 1.0}]}


@pytest.fixture
def pinned() -> Callable[[Control, Runtime], Any]:
    spec = importlib.util.spec_from_file_location("ab_test_client", CLIENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda control, runtime: module.PinnedClient(control, runtime)


def test_the_client_asks_the_users_variant_and_reads_the_weights_once(
    pinned: Callable[[Control, Runtime], Any],
) -> None:
    control, runtime = Control("network"), Runtime({"network", "trees"})
    client = pinned(control, runtime)
    assert [client.ask(user, b"{}") for user in ("one", "two")] == [(b"{}", "network")] * 2
    assert (control.reads, runtime.targets) == (1, ["network", "network"])


def test_the_client_asks_without_a_target_when_the_variant_is_gone(
    pinned: Callable[[Control, Runtime], Any],
) -> None:
    control, runtime = Control("network"), Runtime({"trees"})
    client = pinned(control, runtime)
    assert client.ask("one", b"{}") == (b"{}", "trees")
    assert runtime.targets == ["network", None]
    client.ask("one", b"{}")
    assert control.reads == 2
