"""The controllers and tables of media, registered once."""

from sqlalchemy import MetaData

from mercato.media.asset import models
from mercato.media.controllers import MediaController, deliver
from mercato.media.image.controllers import (
    BrandImageController,
    CategoryImageController,
    ImageController,
    ProductImageController,
)
from mercato.platform.db import Base

CONTROLLERS = (ProductImageController, ImageController, CategoryImageController, BrandImageController, MediaController)
DELIVERY = deliver
TABLES = (models,)
METADATA: MetaData = Base.metadata
