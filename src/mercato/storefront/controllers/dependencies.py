"""What handlers are given by the composition root, under these names: `search`, `taxonomy`, `settings`, `db`, `identity`, `principal`."""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from mercato.identity.principal import Principal
from mercato.identity.wiring import Identity
from mercato.platform.db import Database
from mercato.platform.settings import Settings
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy

Search = NamedDependency[SkipValidation[SearchService]]
Categories = NamedDependency[SkipValidation[Taxonomy]]
Configuration = NamedDependency[SkipValidation[Settings]]
Connections = NamedDependency[SkipValidation[Database]]
Accounts = NamedDependency[SkipValidation[Identity]]
Caller = NamedDependency[SkipValidation[Principal]]
