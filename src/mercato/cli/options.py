"""Settings for commands: problems are printed, not raised."""

import os
import sys
from pathlib import Path

from mercato.devstack import ADDRESSES, running_environment
from mercato.platform.settings import Settings, SettingsError, load_settings, read_environment

DEFAULT_DATA_DIR = Path(".mercato")
"""Data folder of `mercato up`."""


def settings_or_exit() -> Settings:
    """The settings of the environment; exits with status 2 and one line a problem when they are not usable.

    Where no address is given, a command works on the `mercato up` that runs in this folder.
    """
    _adopt_running_stack()
    try:
        return load_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _adopt_running_stack() -> None:
    given = read_environment(os.environ)
    if not any(name in given for name in ADDRESSES):
        running = running_environment(DEFAULT_DATA_DIR)
        os.environ.update({name: value for name, value in running.items() if name not in given})
