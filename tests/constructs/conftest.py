"""A stack with what most constructs need."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tidegate import InstanceVariant, Model, ModelSource

ROLE_ARN = "arn:aws:iam::000000000000:role/execution"
PACKAGE_ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/1"


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "stack", env=Environment(account="000000000000", region="us-east-1"))


@pytest.fixture
def role(stack: Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "ImportedRole", ROLE_ARN, mutable=False)


@pytest.fixture
def model(stack: Stack, role: iam.IRole) -> Model:
    return Model(stack, "Model", source=ModelSource.model_package(PACKAGE_ARN), role=role)


@pytest.fixture
def variant(model: Model) -> Callable[..., InstanceVariant]:
    def make(**changes: Any) -> InstanceVariant:
        fields = {"name": "live", "model": model, "instance_type": "ml.m5.large", "initial_count": 2}
        return InstanceVariant(**{**fields, **changes})

    return make


@pytest.fixture
def template(stack: Stack) -> Callable[[], Template]:
    return lambda: Template.from_stack(stack)
