"""`python -m autograder`: start again isolated from the environment and the working folder, then the command line."""

import atexit
import gc
import os
import sys
from pathlib import Path

_NEEDED = (3, 10)

if __name__ == "__main__":
    if tuple(sys.version_info) < _NEEDED:  # said before a file is read that an older Python cannot parse
        sys.exit(
            f"The autograder needs Python {'.'.join(map(str, _NEEDED))} or newer; this is {sys.version.split()[0]}. "
            "./setup.sh looks for one, and PYTHON=/path/to/python3 names it."
        )
    # Before NumPy is loaded: the grader's own arrays are small, and threads that wait for work take it from workers.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    folder = Path(__file__).resolve().parent
    if not sys.flags.isolated:
        # A PYTHONPATH, a user site or a numpy.py in the working folder must not get into the trusted process.
        os.execv(sys.executable, [sys.executable, "-I", "-B", str(folder), *sys.argv[1:]])  # noqa: S606
    sys.path[0] = str(folder.parent)
    # Loading makes many objects and no garbage, and what is loaded stays: to search it for cycles, while it is loaded
    # and once more at the end, takes a tenth of a short run.
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    try:
        from autograder.cli.app import main
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("autograder"):
            raise
        made = (folder.parent / ".venv").is_dir()
        activate = r".venv\Scripts\activate" if os.name == "nt" else ". .venv/bin/activate"
        advice = f"activate the environment: {activate}" if made else "make the environment: ./setup.sh"
        sys.exit(f"Python has no {error.name} here; {advice}")
    except KeyboardInterrupt:
        sys.exit(130)  # as `main` does, which is still loading

    main()
