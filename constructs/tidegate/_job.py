"""One job of a pipeline: what the function `deliver` is told to do, where, and what it answers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aws_cdk import Token

from tidegate._validation import Faults

MOST_PARAMETERS: Final = 1000
"""Characters of `UserParameters`.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html

"""

LONGEST_JOB_HOURS: Final = 24
"""How long CodePipeline calls a job's function again before it gives up.

Source:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html

"""

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlace:
    """One service in one environment, as a job sees it.

    The ledger is not here: CloudFormation names it, in another account perhaps. The stack `<name>-controller`
    tells it (output `LedgerTable`).

    Attributes:
        environment: Name of the environment.
        name: Name of the endpoint, of the model package group, and the beginning of the stacks' names.
        region: Where it lies.
        role: ARN of the role that the job takes for everything it touches there.
        pointer: Name of the parameter with the live model package version.

    """

    environment: str
    name: str
    region: str
    role: str
    pointer: str

    def to_parameters(self) -> dict[str, str]:
        """Return the place in the words of `UserParameters`."""
        return {
            "environment": self.environment,
            "role": self.role,
            "region": self.region,
            "name": self.name,
            "pointer": self.pointer,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call of the function `deliver` by a pipeline.

    Attributes:
        do: Name of the job in the function's table.
        at: Where; None for a job of the pipeline itself.
        namespace: Name under which later actions read its answers, as `namespace()` makes it; letters, digits
            and underscores.
        more: The job's own parameters. They may hold variables of earlier actions.

    Raises:
        ValueError: the namespace or the length of the parameters is not what CodePipeline takes.

    Example:
        job = Job(do="validate", at=place, namespace="staging_validate", more={"metric": "accuracy"})
        step = JobStep("Validate", job=job, function_arn=arn)
        text = f"Go live? {job.variable('Summary')}"

    """

    do: str
    at: JobPlace | None
    namespace: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = Faults(f"job {self.do!r}")
        faults.require(
            ok=_NAMESPACE.fullmatch(self.namespace) is not None,
            message=f"namespace must be at most 100 letters, digits and underscores, got {self.namespace!r}",
        )
        text = self.user_parameters()
        if not Token.is_unresolved(text):
            faults.require(
                ok=len(text) <= MOST_PARAMETERS,
                message=f"parameters must be at most {MOST_PARAMETERS} characters, got {len(text)}: {text}",
            )
        faults.raise_if_any()

    def user_parameters(self) -> str:
        """Return the text that the function reads."""
        at = {} if self.at is None else {"at": self.at.to_parameters()}
        return json.dumps({"do": self.do, **at, **self.more}, separators=(",", ":"))

    def variable(self, name: str) -> str:
        """Return how later actions of the pipeline say this job's answer, for example `PackageArn`.

        Source:
            https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html

        """
        return f"#{{{self.namespace}.{name}}}"


def namespace(environment: str, do: str, *, service: str | None = None) -> str:
    """Return the namespace of a job: `<environment>_<do>`, after the service where a pipeline has several.

    Example:
        >>> namespace("prod-eu", "validate")
        'prod_eu_validate'

    """
    parts = (*(() if service is None else (service,)), environment, do)
    return re.sub(r"\W", "_", "_".join(parts))
