"""The zygote's first lines: load this folder as the package `guest`, by its path alone, and obey.

Arguments: the control socket's descriptor, and the homework's folder, which is the package `homework`.
"""

import importlib.util
import sys
import types
from pathlib import Path

if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location("guest", here / "__init__.py", submodule_search_locations=[str(here)])
    assert spec is not None and spec.loader is not None
    guest = sys.modules["guest"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guest)
    # Without its `__init__`, which is the staff's and imports the toolkit.
    homework = sys.modules["homework"] = types.ModuleType("homework")
    homework.__path__ = [sys.argv[2]]
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != here]
    from guest import own_names

    own_names.keep_builtins()
    from guest.zygote import main

    main(int(sys.argv[1]))
