"""Turns the templates of a specification into plans of columns, or into records by Jinja2.

Importing the package imports Jinja2; so it is imported only where templates are used or checked.
"""

from datagen.templates.checking import Checked, TemplateError, checked
from datagen.templates.onefield import NoColumnsError
from datagen.templates.rendering import MISSING, Renderer, RenderError, folded
from datagen.templates.sandbox import Sandbox
from datagen.templates.translation import Translation

__all__ = [
    "MISSING",
    "Checked",
    "NoColumnsError",
    "RenderError",
    "Renderer",
    "Sandbox",
    "TemplateError",
    "Translation",
    "checked",
    "folded",
]
