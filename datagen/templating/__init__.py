"""Turns the templates of a specification into plans of columns, or into records by Jinja2.

Importing the package imports Jinja2; so it is imported only where templates are used or checked.
"""

from datagen.templating.checking import Checked, TemplateError, checked
from datagen.templating.onefield import NoColumnsError
from datagen.templating.rendering import MISSING, Renderer, RenderError, folded
from datagen.templating.sandbox import Sandbox

__all__ = [
    "MISSING",
    "Checked",
    "NoColumnsError",
    "RenderError",
    "Renderer",
    "Sandbox",
    "TemplateError",
    "checked",
    "folded",
]
