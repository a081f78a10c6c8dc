"""A hosting stack of any shape, made of the library's public constructs, under the name of the service's own.

Usage: shapes_app.py FOLDER SHAPES, where SHAPES is JSON: {name: {stack, endpoint, pointer, role, package,
variants: {name: instance type}, fails}}. Each assembly goes to FOLDER/name.
"""

import json
import sys
from pathlib import Path
from typing import Any

from aws_cdk import (
    App,
    CfnOutput,
    CfnParameter,
    CfnResource,
    CliCredentialsStackSynthesizer,
    Environment,
    Stack,
)
from aws_cdk import aws_iam as iam

from tidegate import (
    HostingAttach,
    HostingGuard,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    ScalingMetric,
    ScheduledCapacity,
    Step,
    StepPolicy,
    TrackingPolicy,
)

_TRACKING = TrackingPolicy.invocations(per_instance_per_minute=60_000, scale_in=False)
_BURST = StepPolicy(
    name="burst",
    metric=ScalingMetric(name="InvocationsPerInstance", statistic="Sum"),
    threshold=1_000_000,
    steps=[Step(lower=0, change=1)],
)
_MORNING = ScheduledCapacity(name="morning", schedule="cron(0 7 ? * MON-FRI *)", min_capacity=1)


def define(app: App, shape: dict[str, Any]) -> None:
    """Define the stack of one shape: `live` is scaled in every way, any other variant by tracking alone."""
    stack = Stack(
        app,
        shape["stack"],
        env=Environment(account="000000000000", region="us-east-1"),
        synthesizer=CliCredentialsStackSynthesizer(),
    )
    pointer = CfnParameter(
        stack, "LiveModelPackage", type="AWS::SSM::Parameter::Value<String>", default=shape["pointer"]
    ).value_as_string
    role = iam.Role.from_role_arn(stack, "Role", shape["role"], mutable=False)
    source = ModelSource.model_package(shape["package"] or pointer)
    model = Model(stack, "Model", source=source, role=role)
    variants = [
        InstanceVariant(name=name, model=model, instance_type=kind, initial_count=1)
        for name, kind in shape["variants"].items()
    ]
    name = shape["endpoint"]
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=variants, endpoint_name=name)
    attach = HostingAttach(stack, "Attach", endpoint_name=name, endpoint=endpoint)
    for variant in variants:
        live = variant.name == "live"
        attach.add_scaling(
            variant,
            min_capacity=1,
            max_capacity=4,
            policies=[_TRACKING, _BURST] if live else [_TRACKING],
            schedules=[_MORNING] if live else [],
        )
    guard = HostingGuard(
        stack, "Guard", endpoint_name=name, endpoint=endpoint, model_package=pointer, attach=attach
    )
    model.node.add_dependency(guard)
    if shape["fails"]:
        bad = CfnResource(
            stack, "Fails", type="AWS::SageMaker::EndpointConfig", properties={"ProductionVariants": []}
        )
        bad.node.add_dependency(attach)
    CfnOutput(stack, "EndpointName", value=name)
    CfnOutput(stack, "EndpointConfigName", value=endpoint.endpoint_config_name)
    CfnOutput(stack, "ModelPackage", value=pointer)


def main(folder: str, shapes: str) -> None:
    """Write an assembly for each shape."""
    for name, shape in json.loads(shapes).items():
        app = App(outdir=str(Path(folder, name)))
        define(app, shape)
        app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
