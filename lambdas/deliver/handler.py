"""Entry point of the function behind the Lambda actions of delivery pipelines.

The event holds credentials of the pipeline's artifacts: it is never logged.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
"""

from typing import Any

from deliver.wiring import delivery

DELIVERY = delivery()


def handle(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Handle one call of CodePipeline."""
    return DELIVERY(event)
