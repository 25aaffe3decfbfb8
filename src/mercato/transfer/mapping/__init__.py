"""Mappings: a JSON file that says which field of somebody else's file is which field of ours."""

from mercato.transfer.mapping.compiled import CompiledMapping, MappedRow, compile_mapping
from mercato.transfer.mapping.schemas import Mapping, read_mapping

__all__ = ["CompiledMapping", "MappedRow", "Mapping", "compile_mapping", "read_mapping"]
