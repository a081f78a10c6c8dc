from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest

Synthesize = Callable[[str], dict[str, Any]]

# What each example makes, besides its execution role, models, configuration and endpoint.
EXAMPLES: Final = {
    "async_endpoint": {"AWS::IAM::ManagedPolicy": 2, "AWS::SNS::Topic": 2, "AWS::SNS::TopicPolicy": 2},
    "inference_components": {
        "AWS::IAM::ManagedPolicy": 3,
        "AWS::SageMaker::InferenceComponent": 2,
        "AWS::SageMaker::Model": 2,
    },
    "inference_pipeline": {"AWS::IAM::ManagedPolicy": 2},
    "multi_model_endpoint": {"AWS::IAM::ManagedPolicy": 2},
    "serverless_endpoint": {"AWS::IAM::ManagedPolicy": 1},
    "shadow_endpoint": {"AWS::IAM::ManagedPolicy": 4, "AWS::SageMaker::Model": 2},
}
ALWAYS: Final = {
    "AWS::IAM::Role": 1,
    "AWS::SageMaker::Endpoint": 1,
    "AWS::SageMaker::EndpointConfig": 1,
    "AWS::SageMaker::Model": 1,
}


@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_the_example_synthesizes_as_reviewed(example: str, synthesize: Synthesize, snapshot: Any) -> None:
    template = synthesize(example)
    kinds = Counter(resource["Type"] for resource in template["Resources"].values())
    assert kinds == {**ALWAYS, **EXAMPLES[example]}
    assert template["Resources"] == snapshot
