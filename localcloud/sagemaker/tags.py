"""Tags of SageMaker resources.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html
"""

from typing import Any, Final

from localcloud.sagemaker.names import Params, invalid

_MOST: Final = 50


class Tags:
    """Tags by ARN; a resource is known from `create` to `forget`."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def create(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        """Make a resource known, with its first tags."""
        self._tags[arn] = {tag["Key"]: tag["Value"] for tag in tags or []}

    def forget(self, arn: str) -> None:
        """Drop a resource's tags."""
        self._tags.pop(arn, None)

    def of(self, arn: str) -> dict[str, str]:
        """Return a copy of a resource's tags."""
        return dict(self._tags.get(arn, {}))

    def op_add_tags(self, params: Params) -> dict[str, Any]:
        """Add or overwrite tags; answers all of the resource's."""
        tags = self._known(params["ResourceArn"])
        merged = tags | {tag["Key"]: tag["Value"] for tag in params["Tags"]}
        if len(merged) > _MOST:
            raise invalid(f"a resource may have at most {_MOST} tags, got {len(merged)}")
        tags.update(merged)
        return self.op_list_tags(params)

    def op_list_tags(self, params: Params) -> dict[str, Any]:
        """Answer all tags at once: there are never more than one page holds."""
        tags = self._known(params["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def op_delete_tags(self, params: Params) -> dict[str, Any]:
        """Delete tags; keys that are not there are fine."""
        tags = self._known(params["ResourceArn"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _known(self, arn: str) -> dict[str, str]:
        if arn not in self._tags:
            raise invalid(f'Could not find resource "{arn}".')
        return self._tags[arn]
