"""``python -m localcloud COMMAND``: make the environments, then hand over to `localcloud.cli`."""

from __future__ import annotations

import os
import sys

from localcloud import environments
from localcloud.problem import Problem

# Commands that test or lint need more than those that run the shop.
_DEVELOPER = {"venv": "dev", "scan-venv": "scan"}


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        python = environments.ensure(_DEVELOPER.get(command, "local"))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if command in _DEVELOPER:
        return 0
    sys.stdout.flush()
    os.chdir(environments.ROOT)
    return os.execv(str(python), [str(python), "-m", "localcloud.cli", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
