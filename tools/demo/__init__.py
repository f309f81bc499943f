"""The demo shop: settings, categories and products, kept as JSON in this folder.

`load()` reads it; `check()` says everything that is wrong with it at once, so that a
hand-edited file is repaired in one go instead of one error at a time.
"""

from tools.demo.checks import DemoDataError, check
from tools.demo.data import HERE, DemoShop, Record, load, products_of

__all__ = ["HERE", "DemoDataError", "DemoShop", "Record", "check", "load", "products_of"]
