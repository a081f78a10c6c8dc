"""A real-time endpoint whose models the service file names."""

from collections.abc import Iterator
from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings, acknowledge_warnings
from stacks.deployment import Deployment
from stacks.fields.endpoint import EndpointPart, EndpointService, VariantsService
from stacks.fields.fleet import ScaledFleetPart
from stacks.fields.retain import retained
from stacks.kinds import outside
from stacks.kinds.models import define_model, define_variant
from stacks.kinds.watching import watch
from tidegate import InstanceVariant, Model, RealTimeEndpoint

Service = EndpointService | VariantsService


class RealTimeStack(Stack):
    """Models, endpoint configuration, endpoint, scaling and alarms; a deploy is what changes them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[EndpointService] | Deployment[VariantsService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._role = execution_role
        service: Service = deployment.service
        fleets = list(self._fleets(service))
        endpoint = self._endpoint(service, deployment.name, [variant for variant, _ in fleets])
        for variant, fleet in fleets:
            _scale(endpoint, variant, fleet)
        if isinstance(service, VariantsService):
            self._test(endpoint, service, {variant.name: variant for variant, _ in fleets})
        acknowledge_warnings(endpoint, service.endpoint.acknowledge)
        watch(
            self,
            endpoint_name=deployment.name,
            variants={variant.name: variant.instance_type for variant, _ in fleets},
            alarms=service.alarms,
            dashboard=service.dashboard,
            metrics_frequency_seconds=service.endpoint.metrics_frequency_seconds,
        )
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=endpoint.endpoint_config_name)
        acknowledge_findings(self)

    def _endpoint(self, service: Service, name: str, variants: list[InstanceVariant]) -> RealTimeEndpoint:
        part = service.endpoint
        guardrails, capture, explainer = part.guardrails, part.data_capture, part.explainer
        return RealTimeEndpoint(
            self,
            "Endpoint",
            variants=variants,
            endpoint_name=name,
            metrics_frequency_seconds=part.metrics_frequency_seconds,
            kms_key=outside.key(self, "VolumeKey", part.volume_key),
            guardrails=None
            if guardrails is None
            else guardrails.guardrails(
                outside.alarms(self, "RollbackAlarm", guardrails.alarms.existing),
                {variant.instance_type for variant in variants},
            ),
            shadow=self._shadow(part) if isinstance(part, EndpointPart) else None,
            data_capture=None
            if capture is None
            else capture.capture(outside.key(self, "CaptureKey", capture.kms_key)),
            detailed_observability=part.detailed_observability,
            retain=retained(part.retain),
            explainer=None if explainer is None else explainer.explainer(),
        )

    def _test(
        self, endpoint: RealTimeEndpoint, service: VariantsService, variants: dict[str, InstanceVariant]
    ) -> None:
        test = service.endpoint.ab_test
        if test is None:
            return
        from tidegate import ABTest

        ABTest(
            self,
            "ABTest",
            endpoint=endpoint,
            variants=[variants[name] for name in service.endpoint.tested()],
            champion=variants[test.champion],
            deadline=test.ends(),
            idle_after=Duration.minutes(round(test.idle_hours * 60)),
            topic=outside.topic(self, "TestTopic", test.topic),
        )

    def _fleets(self, service: Service) -> Iterator[tuple[InstanceVariant, ScaledFleetPart]]:
        if isinstance(service, EndpointService):
            only = define_model(self, "Model", service.model, role=self._role)
            yield define_variant("live", service.endpoint, only), service.endpoint
            return
        shared: Model | None = None
        if service.model is not None:
            shared = define_model(self, "Model", service.model, role=self._role)
        for name, fleet in service.endpoint.variants.items():
            own = fleet.model
            model = shared if own is None else define_model(self, f"Model-{name}", own, role=self._role)
            if model is not None:
                yield define_variant(name, fleet, model, weight=fleet.weight), fleet

    def _shadow(self, part: EndpointPart) -> InstanceVariant | None:
        if part.shadow is None:
            return None
        model = define_model(self, "Model-shadow", part.shadow.model, role=self._role)
        return define_variant("shadow", part.shadow, model, weight=part.shadow.weight)


def _scale(endpoint: RealTimeEndpoint, variant: InstanceVariant, fleet: ScaledFleetPart) -> None:
    scaling = fleet.scaling
    if scaling is not None:
        endpoint.add_capacity_scaling(
            variant,
            min_capacity=scaling.min,
            max_capacity=scaling.max,
            policies=scaling.policies(),
            schedules=scaling.scheduled(),
        )
