"""Set-up tells a person in one line what is missing."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[2] / "tools" / "bootstrap.py"


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", BOOTSTRAP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 15)])
def test_rejects_a_python_that_is_not_supported(bootstrap: ModuleType, version: tuple[int, int]) -> None:
    with pytest.raises(
        bootstrap.SetupError, match=rf"3\.11 to 3\.14 is needed, this is {version[0]}\.{version[1]}"
    ):
        bootstrap.check_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 14)])
def test_a_supported_python_passes(bootstrap: ModuleType, version: tuple[int, int]) -> None:
    bootstrap.check_python(version)


def test_rejects_a_disk_that_would_fill_up(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.SetupError, match=r"needs .* GB of free disk"):
        bootstrap.check_disk(10**9)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("WARNING: Retrying ... NewConnectionError(...)\nERROR: nope", "registry does not answer"),
        ("npm error code ENOTFOUND", "registry does not answer"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Collecting x\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "DO NOT MATCH THE HASHES"),
        ("", "failed without a word"),
    ],
)
def test_an_installer_that_fails_is_explained_in_one_line(
    bootstrap: ModuleType, output: str, said: str
) -> None:
    line = bootstrap.explain("Python packages", output)
    assert said in line
    assert "\n" not in line


def test_a_step_runs_again_only_when_its_lock_files_change(bootstrap: ModuleType, tmp_path: Path) -> None:
    done: list[str] = []
    stamp = tmp_path / "stamp"
    for wanted in ("one", "one", "two"):
        bootstrap.step("packages", stamp, wanted, lambda: done.append("run"))
    assert len(done) == 2


def test_a_step_that_fails_is_not_marked_as_done(bootstrap: ModuleType, tmp_path: Path) -> None:
    def fail() -> None:
        raise bootstrap.SetupError("no")

    with pytest.raises(bootstrap.SetupError):
        bootstrap.step("packages", tmp_path / "stamp", "one", fail)
    assert not (tmp_path / "stamp").exists()


def test_the_environment_is_made_by_a_python_outside_of_it(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An activated environment is removed and made anew: its own interpreter is gone by then."""
    activated = Path(sys.prefix)
    monkeypatch.setattr(sys, "executable", str(activated / "bin" / "python"))
    found = Path(bootstrap.base_python())
    assert found.exists()
    assert activated not in found.parents
