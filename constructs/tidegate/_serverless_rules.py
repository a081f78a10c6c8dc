"""What a serverless endpoint cannot serve."""

import re
from typing import Final

from aws_cdk import Token

from tidegate._image_registries import is_aws_account
from tidegate._model_traits import ModelTraits
from tidegate._refusal import guide, refusal
from tidegate._validation import Faults

_PAGE: Final = guide("serverless-endpoints")
_ECR_ACCOUNT: Final = re.compile(r"(\d{12})\.dkr\.ecr\.")


def check_serverless(faults: Faults, traits: ModelTraits, *, account: str) -> None:
    """Record every property of the model that a serverless endpoint excludes."""
    excluded = {
        "a model in a vpc": traits.in_vpc,
        "a model with network_isolation": traits.network_isolated,
        "a multi-model container": traits.multi_model,
        "a model of several containers": traits.containers > 1,
        "an uncompressed artifact": traits.uncompressed,
    }
    for what, found in excluded.items():
        faults.require(
            ok=not found,
            message=refusal(
                f"a serverless endpoint cannot serve {what}",
                because="SageMaker excludes it from serverless inference; use RealTimeEndpoint",
                page=_PAGE,
            ),
        )
    for image in traits.images:
        _check_account(faults, image, account)


def _check_account(faults: Faults, image: str, account: str) -> None:
    found = None if Token.is_unresolved(image) else _ECR_ACCOUNT.match(image)
    faults.require(
        ok=found is None or Token.is_unresolved(account) or found[1] == account or is_aws_account(found[1]),
        message=refusal(
            f"a serverless endpoint needs its own image in account {account}, got {image}",
            because="SageMaker pulls a custom image for serverless from the same account only; copy it there",
            page=_PAGE,
        ),
    )
