"""A fleet of instances that several inference components share."""

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._hosted_endpoint import HostedEndpoint
from tidegate._model_features import model_features
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults
from tidegate.compatibility import Feature, Mode, check
from tidegate.component_sizing import ComponentCompute, ComponentRollingUpdate
from tidegate.model import Model

_Part = sagemaker.CfnInferenceComponent


class ComponentEndpoint(HostedEndpoint):
    """An endpoint without models of its own: inference components bring them, and share its instances.

    SageMaker keeps as many instances as the copies need, between the two bounds.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        role: Execution role of the endpoint; creation waits for the role and its policies.
        instance_type: SageMaker instance type, for example `ml.m5.xlarge`.
        min_instances: Fewest instances, at least 1.
        max_instances: Most instances, at least `min_instances`.
        variant_name: Stable name of the only variant, `live` by default.
        endpoint_name: Stable name, at most 63 characters; CloudFormation's choice when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        fleet = ComponentEndpoint(
            stack, "Fleet", role=role, instance_type="ml.m5.xlarge", min_instances=2, max_instances=4
        )
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=2, compute=compute)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role: iam.IRole,
        instance_type: str,
        min_instances: int,
        max_instances: int,
        variant_name: str = "live",
        endpoint_name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check_fleet(instance_type, min_instances, max_instances, [variant_name, endpoint_name])
        self.variant_name: str = variant_name
        """Name of the only variant."""
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            execution_role_arn=role.role_arn,
            production_variants=[_variant(variant_name, instance_type, min_instances, max_instances)],
            metrics_config=sagemaker.CfnEndpointConfig.MetricsConfigProperty(
                enable_enhanced_metrics=False, enable_detailed_observability=False
            ),
        )
        config.node.add_dependency(role)
        self.resource_name = self._serve(config, endpoint_name=endpoint_name).attr_endpoint_name
        """Name of the endpoint as a reference, so that what names it waits for it."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` invoke every component of this endpoint; SageMaker checks the endpoint's ARN."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])


class InferenceComponent(Construct):
    """A model on a shared fleet, in a number of copies, replaced batch by batch.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint: The fleet.
        model: A model of one container with one model, without network settings of its own.
        copies: Copies at creation, at least 1; a scaler may go to 0 later.
        compute: What each copy reserves.
        component_name: Stable name, at most 63 characters; CloudFormation's choice when None.
        rolling_update: How an update replaces the copies; SageMaker's own way when None.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=2, compute=compute)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: ComponentEndpoint,
        model: Model,
        copies: int,
        compute: ComponentCompute,
        component_name: str | None = None,
        rolling_update: ComponentRollingUpdate | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check_component(model, copies, component_name)
        resource = _Part(
            self,
            "Resource",
            endpoint_name=endpoint.resource_name,
            variant_name=endpoint.variant_name,
            inference_component_name=component_name,
            specification=_Part.InferenceComponentSpecificationProperty(
                model_name=model.model_name, compute_resource_requirements=_compute(compute)
            ),
            runtime_config=_Part.InferenceComponentRuntimeConfigProperty(copy_count=copies),
            deployment_config=None if rolling_update is None else _deployment(rolling_update),
        )
        # The resource tells its ARN only, which ends in inference-component/<name>.
        arn = resource.attr_inference_component_arn
        self.component_name: str = Fn.select(1, Fn.split("/", arn))
        """Name of the component, for `InferenceComponentName` of a request (a deploy-time token)."""


def _check_fleet(instance_type: str, least: int, most: int, names: Sequence[str | None]) -> None:
    faults = Faults("component endpoint")
    for field, name in zip(("variant_name", "endpoint_name"), names, strict=True):
        if name is not None:
            faults.require_name(name, field=field)
    faults.rule(
        "instance-type",
        ok=INSTANCE_TYPE_PATTERN.fullmatch(instance_type) is not None,
        message=f"instance_type must look like ml.m5.large, got {instance_type!r}",
    )
    faults.rule(
        "component-fleet",
        ok=1 <= least <= most,
        message=f"min_instances must be 1 to max_instances ({most}), got {least}",
    )
    faults.raise_if_any()


def _check_component(model: Model, copies: int, name: str | None) -> None:
    faults = Faults("inference component")
    if name is not None:
        faults.require_name(name, field="component_name")
    faults.rule("component-copies", ok=copies >= 1, message=f"copies must be at least 1, got {copies}")
    traits = model.traits
    faults.rule(
        "component-network",
        ok=not (traits.in_vpc or traits.network_isolated),
        message="model must have neither a vpc nor network_isolation",
    )
    # The two rules of the table about the network speak of the configuration: the one above of the model.
    faults.add(check(Mode.COMPONENTS, model_features(model) - {Feature.VPC, Feature.NETWORK_ISOLATION}))
    faults.raise_if_any()


def _variant(
    name: str, instance_type: str, least: int, most: int
) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    # Without a model name: the components bring the models.
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=name,
        instance_type=instance_type,
        initial_instance_count=least,
        managed_instance_scaling=sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty(
            status="ENABLED", min_instance_count=least, max_instance_count=most
        ),
        routing_config=sagemaker.CfnEndpointConfig.RoutingConfigProperty(
            routing_strategy="LEAST_OUTSTANDING_REQUESTS"
        ),
    )


def _compute(
    compute: ComponentCompute,
) -> sagemaker.CfnInferenceComponent.InferenceComponentComputeResourceRequirementsProperty:
    return _Part.InferenceComponentComputeResourceRequirementsProperty(
        min_memory_required_in_mb=compute.min_memory_mb,
        max_memory_required_in_mb=compute.max_memory_mb,
        number_of_cpu_cores_required=compute.cpu_cores,
        number_of_accelerator_devices_required=compute.accelerators,
    )


def _deployment(
    update: ComponentRollingUpdate,
) -> sagemaker.CfnInferenceComponent.InferenceComponentDeploymentConfigProperty:
    back = update.rollback_percent
    alarms = [_Part.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in update.alarms]
    return _Part.InferenceComponentDeploymentConfigProperty(
        auto_rollback_configuration=_Part.AutoRollbackConfigurationProperty(alarms=alarms)
        if alarms
        else None,
        rolling_update_policy=_Part.InferenceComponentRollingUpdatePolicyProperty(
            maximum_batch_size=_percent(update.batch_percent),
            wait_interval_in_seconds=update.wait_seconds,
            maximum_execution_timeout_in_seconds=update.timeout_seconds,
            rollback_maximum_batch_size=None if back is None else _percent(back),
        ),
    )


def _percent(value: int) -> sagemaker.CfnInferenceComponent.InferenceComponentCapacitySizeProperty:
    return _Part.InferenceComponentCapacitySizeProperty(type="CAPACITY_PERCENT", value=value)
