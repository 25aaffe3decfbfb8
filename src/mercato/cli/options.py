"""Settings for commands: problems are printed, not raised."""

import os
import sys

from mercato.platform.settings import Settings, SettingsError, load_settings


def settings_or_exit() -> Settings:
    """The settings of the environment; exits with status 2 and one line a problem when they are not usable."""
    try:
        return load_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
