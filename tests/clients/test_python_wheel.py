"""The wheel of the Python client is built, and installed without the service."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "python"
ALONE = """
import sys
sys.modules["service"] = None
import nextlead_client
assert nextlead_client.__file__.startswith(sys.argv[1]), nextlead_client.__file__
print(*sorted(nextlead_client.__all__))
"""


@pytest.mark.more
def test_the_wheel_works_alone(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=CLIENT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("nextlead_client-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = {name.partition("/")[0] for name in opened.namelist()}
        assert "nextlead_client/py.typed" in opened.namelist()
    assert names == {"nextlead_client", f"{wheel.name.split('-py3')[0]}.dist-info"}

    place = tmp_path / "installed"
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--offline", "--no-deps"]
    subprocess.run([*uv, "--target", str(place), str(wheel)], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(place)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Client" in done.stdout.split()
