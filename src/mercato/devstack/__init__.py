"""The embedded stack: real servers from packages, for one machine and for tests."""

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder, Ports, running_environment
from mercato.devstack.stack import ADDRESSES, Stack

__all__ = ["ADDRESSES", "DataFolder", "Ports", "Stack", "StackError", "running_environment"]
