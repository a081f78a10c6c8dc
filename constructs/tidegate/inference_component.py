"""A model on a shared fleet of instances."""

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._model_features import model_features
from tidegate._role_needs import attach_needs
from tidegate._validation import Faults
from tidegate.compatibility import Feature, Mode, check
from tidegate.component_endpoint import ComponentEndpoint
from tidegate.component_sizing import ComponentCompute, ComponentRollingUpdate
from tidegate.model import Model

_Part = sagemaker.CfnInferenceComponent


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
        rolling_update: How an update replaces the copies; SageMaker's own way when None. Roles that the app
            defines are allowed to read its alarms; an imported role must allow it itself.

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
        if rolling_update is not None:
            self._let_roles_read_alarms(rolling_update, [endpoint.role, model.role], resource)
        # The resource tells its ARN only, which ends in inference-component/<name>.
        arn = resource.attr_inference_component_arn
        self.component_name: str = Fn.select(1, Fn.split("/", arn))
        """Name of the component, for `InferenceComponentName` of a request (a deploy-time token)."""

    def _let_roles_read_alarms(
        self,
        update: ComponentRollingUpdate,
        roles: Sequence[iam.IRole],
        resource: sagemaker.CfnInferenceComponent,
    ) -> None:
        if not update.alarms:
            return
        statement = iam.PolicyStatement(
            sid="ReadRollbackAlarms",
            actions=["cloudwatch:DescribeAlarms"],
            resources=[alarm.alarm_arn for alarm in update.alarms],
        )
        purpose = "Read the alarms that send an update of copies back"
        for need in attach_needs(self, roles, [statement], purpose=purpose):
            resource.node.add_dependency(need)


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
