"""What CodePipeline asks for: one job, where, with which parameters, and what the call before left."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from tidegate_runtime.errors import RequestInvalid

_PLACE: Final = ("environment", "role", "region", "name", "pointer")
_OWN: Final = ("do", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One service in one environment.

    Attributes:
        environment: Name of the environment.
        role: ARN of the role that may deliver there.
        region: Its region.
        name: `<service>-<environment>`: endpoint, model package group, and how the stacks' names begin.
        pointer: SSM parameter with the live version's ARN.

    """

    environment: str
    role: str
    region: str
    name: str
    pointer: str

    @property
    def foundation(self) -> str:
        """Name of the stack whose outputs tell ledger, artifact bucket and execution role."""
        return f"{self.name}-foundation"

    @property
    def controller(self) -> str:
        """Name of the stack with the rollout controller."""
        return f"{self.name}-controller"

    @property
    def hosting(self) -> str:
        """Name of the stack that owns the endpoint."""
        return f"{self.name}-hosting"

    @classmethod
    def of(cls, raw: object) -> Self:
        """Read a place.

        Raises:
            RequestInvalid: naming everything that is missing.

        """
        known = raw if isinstance(raw, Mapping) else {}
        missing = [name for name in _PLACE if not known.get(name)]
        if missing:
            raise RequestInvalid(f"UserParameters.at must have {', '.join(_PLACE)}, without {missing}")
        return cls(**{name: str(known[name]) for name in _PLACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call for one job.

    Attributes:
        job_id: CodePipeline's id of the call; each call has its own.
        do: Name of the job.
        at: Where; None for a job in the pipeline's own account.
        parameters: The job's own parameters, from the action's UserParameters.
        token: What the job left in its last `Wait`; empty in the first call.

    """

    job_id: str
    do: str
    at: At | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Mapping[str, Any], *, token: Mapping[str, Any]) -> Self:
        """Read the `CodePipeline.job` of an event.

        Raises:
            RequestInvalid: it has no readable UserParameters.

        Source:
            https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html

        """
        raw = _parameters(job)
        if not isinstance(raw.get("do"), str):
            raise RequestInvalid(f"UserParameters.do must name a job, got {raw.get('do')!r}")
        return cls(
            job_id=str(job["id"]),
            do=raw["do"],
            at=At.of(raw["at"]) if "at" in raw else None,
            parameters={name: value for name, value in raw.items() if name not in _OWN},
            token=token,
        )

    @property
    def place(self) -> At:
        """Where the job works.

        Raises:
            RequestInvalid: the parameters do not say.

        """
        if self.at is None:
            raise RequestInvalid(f"the job {self.do} needs UserParameters.at, got none")
        return self.at

    @property
    def execution(self) -> str:
        """Id of the pipeline execution that the call belongs to."""
        return self.text("execution")

    def text(self, name: str) -> str:
        """Return a parameter.

        Raises:
            RequestInvalid: there is none, or it is no text.

        """
        value = self.parameters.get(name)
        if not isinstance(value, str) or not value:
            raise RequestInvalid(f"the job {self.do} needs the parameter {name!r} as text, got {value!r}")
        return value

    @property
    def package(self) -> str:
        """ARN of the model package version that the job is about.

        Raises:
            RequestInvalid: the parameter is none.

        """
        value = self.text("package")
        if ":model-package/" not in value:
            raise RequestInvalid(
                f"the parameter 'package' must be the ARN of a model package version, got {value!r}: start "
                "the pipeline with the variable ModelPackageArn"
            )
        return value

    def optional(self, name: str) -> str:
        """Return a parameter, or an empty text when there is none."""
        return self.text(name) if self.parameters.get(name) else ""


def _parameters(job: Mapping[str, Any]) -> Mapping[str, Any]:
    configuration = job["data"].get("actionConfiguration", {}).get("configuration", {})
    text = configuration.get("UserParameters", "")
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise RequestInvalid(f"UserParameters must be JSON, got {text[:200]!r}") from error
    if not isinstance(raw, dict):
        raise RequestInvalid(f"UserParameters must be a JSON object, got {text[:200]!r}")
    return raw
