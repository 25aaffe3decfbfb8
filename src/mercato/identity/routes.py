"""The controllers and tables of identity, registered once."""

from sqlalchemy import MetaData

from mercato.identity import problems
from mercato.identity.account import models as account_models
from mercato.identity.account.controllers import UserController
from mercato.identity.api_key import models as api_key_models
from mercato.identity.api_key.controllers import ApiKeyController
from mercato.identity.session import models as session_models
from mercato.identity.session.controllers import AuthController
from mercato.platform.db import Base

CONTROLLERS = (AuthController, UserController, ApiKeyController)
TABLES = (account_models, session_models, api_key_models)
PROBLEMS = problems
"""Importing it registers what the constraints of identity mean."""
METADATA: MetaData = Base.metadata
