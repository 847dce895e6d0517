"""Templates in Jinja2's language: checked, rendered record by record, or translated to expressions.

Importing the package imports Jinja2; so it is imported only where templates are used or checked.
"""

from datagen.templating.checking import (
    ENV,
    CheckedTemplate,
    TemplateError,
    check_template,
    free_names,
    lines_of_name,
)
from datagen.templating.meter import StoppedError
from datagen.templating.obstacles import NotTranslatableError
from datagen.templating.rendering import MISSING, Renderer, RenderError
from datagen.templating.sandbox import Sandbox
from datagen.templating.work_bound import WorkBound

__all__ = [
    "ENV",
    "MISSING",
    "CheckedTemplate",
    "NotTranslatableError",
    "RenderError",
    "Renderer",
    "Sandbox",
    "StoppedError",
    "TemplateError",
    "WorkBound",
    "check_template",
    "free_names",
    "lines_of_name",
]
