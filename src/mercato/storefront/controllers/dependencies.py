"""What handlers are given by the composition root, under these names: `search`, `taxonomy`, `settings`, `db`."""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from mercato.platform.db import Database
from mercato.platform.settings import Settings
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy

Search = NamedDependency[SkipValidation[SearchService]]
Categories = NamedDependency[SkipValidation[Taxonomy]]
Configuration = NamedDependency[SkipValidation[Settings]]
Connections = NamedDependency[SkipValidation[Database]]
