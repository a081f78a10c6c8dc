"""The `Authority` port: each call of a rollback, in a form that AWS authorizes first and then refuses.

That a request is authorized before its content is looked at is how AWS answers, not what it promises. Were it
otherwise, a missing permission would not be found here; nothing would be changed all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.executions import execution_arn
from tidegate_runtime.errors import Denied, Fault, Rejected, Transient
from tidegate_runtime.settings import Settings

NOBODY: Final = "tidegate-preflight"
"""A name that no variant, configuration, template parameter or execution has."""

_LONGEST_PREFIX: Final = 44
Probe = tuple[str, Callable[[], Any]]


class RollbackAuthority:
    """The calls of a rollback on one endpoint, its hosting stack, its pointer and its state machine."""

    def __init__(
        self, *, sagemaker: Any, cloudformation: Any, ssm: Any, stepfunctions: Any, settings: Settings
    ) -> None:
        self._sagemaker = sagemaker
        self._cloudformation = cloudformation
        self._ssm = ssm
        self._stepfunctions = stepfunctions
        self._settings = settings

    def denied(self, *, package_arn: str, config_name: str) -> Sequence[str]:
        """Return the actions that the function's role may not do.

        Raises:
            Transient: AWS did not answer.
            Rejected: a request that cannot be carried out was accepted.

        """
        probes = (*self._reads(), *self._changes(package_arn=package_arn, config_name=config_name))
        return [action for action, call in probes if not _allowed(action, call)]

    def _reads(self) -> Iterator[Probe]:
        endpoint, stack = self._settings.endpoint_name, self._settings.hosting_stack
        cloudformation, pointer = self._cloudformation, self._settings.pointer_parameter
        yield "sagemaker:DescribeEndpoint", lambda: self._sagemaker.describe_endpoint(EndpointName=endpoint)
        yield "cloudformation:DescribeStacks", lambda: cloudformation.describe_stacks(StackName=stack)
        yield (
            "cloudformation:DescribeStackResources",
            lambda: cloudformation.describe_stack_resources(StackName=stack),
        )
        yield "ssm:GetParameter", lambda: self._ssm.get_parameter(Name=pointer)

    def _changes(self, *, package_arn: str, config_name: str) -> Iterator[Probe]:
        endpoint, settings = self._settings.endpoint_name, self._settings
        variant = {"VariantName": NOBODY, "DesiredWeight": 0.0}
        yield (
            "sagemaker:UpdateEndpointWeightsAndCapacities",
            lambda: self._sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=endpoint, DesiredWeightsAndCapacities=[variant]
            ),
        )
        # Beside the stack's own, so that a policy for names that begin like it allows it as well.
        config = f"{config_name[:_LONGEST_PREFIX].rstrip('-')}-{NOBODY}"
        yield (
            "sagemaker:UpdateEndpoint",
            lambda: self._sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config),
        )
        # The value that it has: even a pointer deleted this instant would come back as it was.
        yield (
            "ssm:PutParameter",
            lambda: self._ssm.put_parameter(
                Name=settings.pointer_parameter, Value=package_arn, Type="String", Overwrite=False
            ),
        )
        unknown = {"ParameterKey": NOBODY.title().replace("-", ""), "ParameterValue": NOBODY}
        yield (
            "cloudformation:UpdateStack",
            lambda: self._cloudformation.update_stack(
                StackName=settings.hosting_stack, UsePreviousTemplate=True, Parameters=[unknown]
            ),
        )
        execution = execution_arn(settings.rollout_state_machine, name=NOBODY)
        yield (
            "states:StopExecution",
            lambda: self._stepfunctions.stop_execution(executionArn=execution),
        )


def _allowed(action: str, call: Callable[[], Any]) -> bool:
    """Tell whether a call was authorized, whatever became of it."""
    try:
        with translated():
            call()
    except Denied:
        return False
    except Transient:
        raise
    except Fault:
        return True
    if not action.split(":")[1].startswith(("Describe", "Get")):
        raise Rejected(f"{action} took a request that cannot be carried out")
    return True
