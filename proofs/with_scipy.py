"""The environment in which proofs ask scipy, made when it is first needed."""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "scipy" / "requirements.txt"
VERSION = re.search(r"^scipy==(.+)$", REQUIREMENTS.read_text(), re.MULTILINE)[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / f"scipy-{VERSION}"


def enter():
    """Goes on where scipy is: runs the calling program once more in an environment that has it, unless this one does."""
    try:
        # The directory beside this file is called scipy too, so that scipy alone would seem to be there.
        import numpy  # noqa: F401
    except ModuleNotFoundError:
        python = CACHE / "bin" / "python"
        if not (CACHE / "done").exists():
            subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
            (CACHE / "done").touch()
        os.execv(python, [python, *sys.argv])
