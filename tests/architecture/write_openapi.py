"""Write down the API description, after it was changed on purpose: `make openapi`."""

import sys
import tempfile
from pathlib import Path

from tests.architecture.application import SNAPSHOT, as_text, describe, make_app


def main() -> None:
    """Overwrite the snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        SNAPSHOT.write_text(as_text(describe(make_app(Path(folder)))), encoding="utf-8")
    sys.stdout.write(f"wrote {SNAPSHOT}\n")


if __name__ == "__main__":
    main()
