"""The words of a refusal: the rule, the reason, and the page that says so."""

from typing import Final

_GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference"


def guide(page: str) -> str:
    """Return the address of a page of the SageMaker developer guide."""
    return f"{_GUIDE}/{page}.html"


def api(page: str) -> str:
    """Return the address of a page of the SageMaker API reference."""
    return f"{_API}/API_{page}.html"


def refusal(rule: str, *, because: str, page: str) -> str:
    """Return one message: what is wrong, why SageMaker minds, and where that is written."""
    return f"{rule}, because {because} ({page})"
