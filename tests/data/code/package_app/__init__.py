"""A package that hands names on."""
from .core import fetch
from .core import make as make_client
