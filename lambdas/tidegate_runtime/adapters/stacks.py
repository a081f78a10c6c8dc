"""The `Stack` port on CloudFormation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of, translated
from tidegate_runtime.errors import NothingToUpdate, Transient
from tidegate_runtime.ports import StackView

_CONFIG_TYPE: Final = "AWS::SageMaker::EndpointConfig"


class HostingStack:
    """The stack that owns the endpoint."""

    def __init__(self, client: Any, *, name: str) -> None:
        self._client = client
        self._name = name

    def describe(self) -> StackView | None:
        """Return the stack, or None when it does not exist."""
        stack = self._stack()
        if stack is None:
            return None
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        return StackView(
            status=stack["StackStatus"],
            config_name=self._config_name(outputs.get("EndpointConfigName", "")),
            package_arn=outputs.get("ModelPackage", ""),
            commit=outputs.get("Commit", ""),
        )

    def update(self, *, token: str) -> None:
        """Run the same template with the same parameters, so that only the pointer's value changes.

        Args:
            token: Makes the request idempotent; letters, digits and hyphens.

        Raises:
            NothingToUpdate: CloudFormation sees no change.

        """
        stack = self._stack() or {}
        parameters = [
            {"ParameterKey": parameter["ParameterKey"], "UsePreviousValue": True}
            for parameter in stack.get("Parameters", ())
        ]
        with translated(), _named_refusals():
            self._client.update_stack(
                StackName=self._name,
                UsePreviousTemplate=True,
                Parameters=parameters,
                Capabilities=stack.get("Capabilities", []),
                ClientRequestToken=token,
            )

    def _stack(self) -> Mapping[str, Any] | None:
        with translated():
            try:
                answer = self._client.describe_stacks(StackName=self._name)
            except ClientError as error:
                if "does not exist" not in message_of(error):
                    raise
                return None
        stacks = answer["Stacks"]
        return stacks[0] if stacks else None

    def _config_name(self, output: str) -> str:
        """Return the configuration the stack owns now; ARNs hold names in lower case, outputs do not."""
        with translated():
            answer = self._client.describe_stack_resources(StackName=self._name)
        names = [
            resource.get("PhysicalResourceId", "").rsplit("/", 1)[-1]
            for resource in answer["StackResources"]
            if resource["ResourceType"] == _CONFIG_TYPE and "DELETE" not in resource["ResourceStatus"]
        ]
        if not names or output.casefold() in (name.casefold() for name in names):
            return output
        return str(names[0])


@contextmanager
def _named_refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "No updates are to be performed" in message_of(error):
            raise NothingToUpdate(message_of(error)) from error
        if "_IN_PROGRESS state and can not be updated" in message_of(error):
            raise Transient(message_of(error)) from error
        # The request with this token was accepted before; its answer was lost.
        if code_of(error) != "TokenAlreadyExistsException":
            raise
