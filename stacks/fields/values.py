"""Single values: names, types, times, addresses. Every bound and pattern is written here once."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from tidegate.instance_families import is_elastic_inference

_NAME: Final = re.compile(r"[a-z0-9](-?[a-z0-9])*")
_INSTANCE_TYPE: Final = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
_BUCKETS: Final = (10, 30, 60, 120, 180, 240, 300)
_BUCKET: Final = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_ACCOUNT: Final = r"[0-9]{12}"
_LONGEST_NAME: Final = 24
_REGION: Final = r"[a-z0-9-]+"


@dataclass(frozen=True, slots=True)
class Like:
    """A text of a fixed form; the message shows an example, and editors get the pattern.

    Attributes:
        pattern: Regular expression for the whole text.
        example: A text that fits.

    """

    pattern: str
    example: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the text after pydantic found that it is one."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the pattern."""
        return {**handler(core), "pattern": f"^{self.pattern}$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise PydanticCustomError("form", "must look like {example}", {"example": self.example})
        return value


def arn(service: str, resource: str) -> str:
    """Return the pattern of ARNs of one kind of resource, in any partition, region and account."""
    return f"arn:aws[a-z-]*:{service}:{_REGION}:{_ACCOUNT}:{resource}"


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise PydanticCustomError("name", "must be lower-case letters, digits and single inner hyphens")
    return value


def is_environment_name(value: str) -> bool:
    """Tell whether a text is right as the name of an environment."""
    return len(value) <= _LONGEST_NAME and bool(_NAME.fullmatch(value))


def _instance_type(value: str) -> str:
    if not _INSTANCE_TYPE.fullmatch(value):
        raise PydanticCustomError("instance_type", "must look like ml.m5.large")
    if is_elastic_inference(value):
        raise PydanticCustomError("retired", "Elastic Inference is retired; use ml.inf2, ml.g4dn or ml.g5")
    return value


def is_instance_type(value: object) -> bool:
    """Tell whether a value is right as the name of an instance type."""
    try:
        return isinstance(value, str) and bool(_instance_type(value))
    except PydanticCustomError:
        return False


def _frequency(value: int) -> int:
    if value not in _BUCKETS:
        raise PydanticCustomError("frequency", f"must be one of {', '.join(map(str, _BUCKETS))}")
    return value


# Editors read the schema, which cannot run the validators: it gets what they check.
_NAMED: Final[JsonDict] = {"pattern": f"^{_NAME.pattern}$"}
ServiceName = Annotated[str, Field(max_length=32, json_schema_extra=_NAMED), AfterValidator(_name)]
EnvironmentName = Annotated[
    str, Field(max_length=_LONGEST_NAME, json_schema_extra=_NAMED), AfterValidator(_name)
]
Name = Annotated[str, Field(max_length=_LONGEST_NAME, json_schema_extra=_NAMED), AfterValidator(_name)]
Seconds = Annotated[int, Field(json_schema_extra={"enum": list(_BUCKETS)}), AfterValidator(_frequency)]
InstanceType = Annotated[
    str,
    Field(json_schema_extra={"pattern": f"^{_INSTANCE_TYPE.pattern}$"}),
    AfterValidator(_instance_type),
]
Policy = Literal["roll_back", "needs_human"]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Above0 = Annotated[float, Field(gt=0)]
AtLeast0 = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(gt=0, le=100)]

_ECR: Final = rf"{_ACCOUNT}\.dkr\.ecr\.{_REGION}\.amazonaws\.com(\.cn)?"
ImageUri = Annotated[
    str,
    Like(
        rf"{_ECR}/[a-z0-9._/-]+(@sha256:[0-9a-f]{{64}}|:[A-Za-z0-9._-]+)",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256: and 64 hexadecimal digits",
    ),
]
Digest = Annotated[str, Like(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits")]
S3Uri = Annotated[str, Like(rf"s3://{_BUCKET}(/.*)?", "s3://my-bucket/some/prefix")]
S3Prefix = Annotated[
    str, Like(rf"s3://{_BUCKET}/(.*/)?", "s3://my-bucket/some/prefix/ with a slash at its end")
]
BucketArn = Annotated[str, Like(rf"arn:aws[a-z-]*:s3:::{_BUCKET}", "arn:aws:s3:::my-bucket")]
TopicArn = Annotated[str, Like(arn("sns", r"[A-Za-z0-9_.-]+"), "arn:aws:sns:eu-west-1:111122223333:on-call")]
KeyArn = Annotated[
    str, Like(arn("kms", r"key/[A-Za-z0-9-]+"), "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-...")
]
AlarmArn = Annotated[
    str, Like(arn("cloudwatch", r"alarm:.+"), "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:my-alarm")
]
SecretArn = Annotated[
    str,
    Like(
        arn("secretsmanager", r"secret:[A-Za-z0-9/_+=.@-]+"),
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:comments-AbCdEf",
    ),
]
FunctionArn = Annotated[
    str,
    Like(
        arn("lambda", r"function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?"),
        "arn:aws:lambda:eu-west-1:111122223333:function:approve",
    ),
]
RepositoryArn = Annotated[
    str,
    Like(arn("ecr", r"repository/[a-z0-9._/-]+"), "arn:aws:ecr:eu-west-1:111122223333:repository/digits"),
]
PackageArn = Annotated[
    str,
    Like(
        arn("sagemaker", r"model-package/[A-Za-z0-9-]+(/[0-9]+)?"),
        "arn:aws:sagemaker:eu-west-1:111122223333:model-package/digits/7",
    ),
]
ReservationArn = Annotated[
    str,
    Like(
        arn("sagemaker", r"[a-z0-9-]{1,14}/.+"),
        "arn:aws:sagemaker:eu-west-1:111122223333:training-plan/my-plan",
    ),
]
