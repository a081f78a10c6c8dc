"""The `Pointer` port on an SSM parameter."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated


class SsmPointer:
    """The parameter that names the live model package version."""

    def __init__(self, client: Any, *, name: str) -> None:
        self._client = client
        self._name = name

    def read(self) -> str | None:
        """Return the live version's ARN, or None before the first."""
        with translated():
            try:
                answer = self._client.get_parameter(Name=self._name)
            except ClientError as error:
                if code_of(error) != "ParameterNotFound":
                    raise
                return None
        return str(answer["Parameter"]["Value"])

    def create(self, value: str) -> bool:
        """Write the first value; False when there was one already."""
        with translated():
            try:
                self._put(value, overwrite=False)
            except ClientError as error:
                if code_of(error) != "ParameterAlreadyExists":
                    raise
                return False
        return True

    def write(self, value: str) -> None:
        """Replace the value."""
        with translated():
            self._put(value, overwrite=True)

    def _put(self, value: str, *, overwrite: bool) -> None:
        self._client.put_parameter(Name=self._name, Value=value, Type="String", Overwrite=overwrite)
