"""Makes JSON Schema (2020-12) of what files hold, from the models that load them.

A schema accepts all that loads, older words and `${NAME}` too. It refuses unknown keys, missing ones, values
of the wrong type or range: what can be said of a part by itself.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, PlainValidator, SecretStr
from pydantic.fields import FieldInfo

from datagen.distributions.base import DISTRIBUTIONS, Distribution
from datagen.fields.base import FIELDS
from datagen.inspection.schema_parts import (
    COMMENTS,
    Schema,
    chosen,
    given,
    list_of,
    mapping_of,
    or_else,
    required_one,
    with_environment,
    with_old_key,
)
from datagen.inspection.schema_values import (
    CONSTRAINTS,
    NAMED,
    OBJECTS,
    PLAIN,
    TIME_ZONE,
    qualified_name,
)
from datagen.spec.process import STATES
from datagen.targets import TARGETS
from datagen.validation import Family, Model

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {  # "": any
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    SecretStr: "string",
    NoneType: "null",
    Any: "",
}
_OLD_KEYS = {"event:start:timer": "timer", "event:intermediate:timer": "delay"}
_EITHER: Mapping[str, tuple[str, ...]] = {  # models of which one of several keys is there
    "Generator": ("interarrival", "populations"),
    "Transition": ("probability", "when"),
    "TableModel": ("file", "rows"),
    "Exponential": ("mean", "rate"),
    "Trend": ("per_month", "per_year"),
    "IpAddressField": ("distribution", "cidr"),
}
_NAMES = {"State": "classic_state"}
FAMILIES = {
    "effect": "disorder.effects.EFFECTS",
    "distribution of instants": "fields.instants.INSTANTS",
}


def json_schema(kind: str) -> Schema:
    """Return the schema of files of a kind, one of `ROOTS`."""
    writer = SchemaWriter()
    root = ROOTS[kind](writer)
    writer.basic("parameter of file")
    return {
        "$schema": DIALECT,
        "title": f"datagen: {kind}",
        **root,
        "$defs": dict(sorted(writer.definitions.items())),
    }


class SchemaWriter:
    """Collects the definitions that a schema refers to: each model once, by a name."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._environment = False  # texts may hold the names of variables

    def named(self, name: str, make: Callable[[], Schema]) -> Schema:
        """Return a reference to the definition of a name, which is made once."""
        if self._environment:
            name = f"target:{name}"
        if name not in self.definitions:
            self.definitions[name] = {}  # it may refer to itself
            made = make()
            self.definitions[name] = with_environment(made) if self._environment else made
        return {"$ref": f"#/$defs/{name}"}

    def value(self, annotation: Any, metadata: Iterable[Any] = ()) -> Schema:
        """Return the schema of the values that a type with its validators takes."""
        if get_origin(annotation) is Annotated:
            inner, *validators = get_args(annotation)
            return self.value(inner, (*validators, *metadata))
        metadata = [*metadata]
        plain = next((each for each in metadata if isinstance(each, PlainValidator)), None)
        made = self._annotated(annotation) if plain is None else self._checked(plain.func)
        for each in metadata:
            if isinstance(each, AfterValidator):
                found = CONSTRAINTS.get(qualified_name(each.func), {})
                made = self.basic("time zone") if found is TIME_ZONE else {**made, **found}
        return made

    def family(self, family: Family[Any], noun: str, member: Callable[[str], Schema]) -> Schema:
        """Return a reference to the definition of a family: an object whose `type` chooses among its members."""
        return self.named(noun, lambda: chosen(noun, {kind: member(kind) for kind in family}))

    def members(self, family: Family[Any], noun: str) -> Schema:
        """Return a reference to the definition of a family whose members are their models."""
        return self.family(
            family, noun, lambda kind: self.model(family[kind], f"{noun}:{kind.replace(':', '.')}")
        )

    def model(self, model: type[Model], name: str | None = None) -> Schema:
        """Return a reference to the definition of a model."""
        name = name or _NAMES.get(model.__name__) or words_of(model.__name__)
        return self.named(name, lambda: self.object_of(model))

    def object_of(self, model: type[Model]) -> Schema:
        """Return the schema of a model: its keys, those it must have, and comments."""
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        keys = {
            key: {
                **(
                    self._key(model, key, field)
                    if key == "type"
                    else given(self._key(model, key, field))
                ),
                **_default(field.default),
                **_description(model, key),
            }
            for key, field in fields.items()
        }
        made: Schema = {
            "type": "object",
            "description": inspect.cleandoc(model.__doc__ or ""),
            "properties": keys,
            "patternProperties": COMMENTS,
            "additionalProperties": False,
            "required": [key for key, field in fields.items() if field.is_required()],
        }
        if either := _EITHER.get(model.__name__):
            made["anyOf"] = required_one(either)
        return with_old_key(
            made, _OLD_KEYS.get(str(fields["type"].default if "type" in fields else ""))
        )

    def _key(self, model: type[Model], key: str, field: FieldInfo) -> Schema:
        """Return the schema of the value of a key."""
        for each in model.__mro__:
            if make := OBJECTS.get((each.__name__, key)):
                made: Schema = make(self)
                return made
        return self.value(field.annotation, field.metadata)

    def distribution(self, noun: str = "distribution", *, sized: bool = True) -> Schema:
        """Return a distribution of numbers: `timer` if they are seconds, `pick` (not `sized`) if they are places."""
        timed = noun == "timer"

        def member(kind: str) -> Schema:
            return self.named(
                f"{noun}:{kind}", lambda: self._distribution(DISTRIBUTIONS[kind], timed, sized)
            )

        made = self.family(DISTRIBUTIONS, noun, member)
        short = (
            [{"type": "number"}, self.basic("length of time")] if timed else [{"type": "number"}]
        )
        return {"anyOf": [*short, made]}

    def _distribution(self, model: type[Distribution], timed: bool, sized: bool) -> Schema:
        made = self.object_of(model)
        keys = made["properties"]
        for key in (*model.unit_keys, "rate") if timed else ():
            text = self.basic("rate" if key == "rate" else "length of time")
            if key in keys:
                keys[key] = or_else(keys[key], text)
        for key in model.varying_keys:
            keys[key] = or_else(keys[key], self.basic("parameter"))
        if timed:
            keys["hours"] = {"anyOf": [{"type": "string"}, self.curve()]}
        if not sized and model.size_key in made.get("required", ()):
            made["required"].remove(model.size_key)
        return made

    def basic(self, name: str) -> Schema:
        """Return a reference to the definition of a text with a meaning, such as a duration."""
        return self.named(name.replace(" ", "_"), lambda: dict(NAMED[name]))

    def curve(self) -> Schema:
        """Return a curve over time."""
        from datagen.curves.curve import CURVES  # noqa: PLC0415 - its module registers the others

        return self.members(CURVES, "curve")

    def field(self, *, name: bool = False) -> Schema:
        """Return a field generator, which must have a name or may go without."""
        made = self.family(FIELDS, "field", self._field)
        named = {"required": ["name"], "properties": {"name": {"type": "string"}}}
        return {**made, **named} if name else made

    def _field(self, kind: str) -> Schema:
        def make() -> Schema:
            made = self.object_of(FIELDS[kind])
            made["properties"]["type"] = {"type": "string"}  # its family knows the words
            return made

        return self.named(f"field:{kind.replace(':', '.')}", make)

    def state(self) -> Schema:
        """Return a state of the process form."""
        return self.members(STATES, "state")

    def format(self) -> Schema:
        """Return a format with its keys."""
        from datagen.formats import FORMATS  # noqa: PLC0415 - the file formats need much

        return self.members(FORMATS, "format")

    def target(self, *, optional: bool = False) -> Schema:
        """Return a target, inside which texts may hold `${NAME}`; `optional` is a key of those in a tee."""
        before, self._environment = self._environment, False
        try:
            name = "tee_target" if optional else "target"
            return self.named(name, lambda: self._target(optional))
        finally:
            self._environment = before

    def _target(self, optional: bool) -> Schema:
        self._environment = True
        members = {kind: self._target_member(kind, optional) for kind in TARGETS}
        made: Schema = with_environment(chosen("target", members))
        return made

    def _target_member(self, kind: str, optional: bool) -> Schema:
        def make() -> Schema:
            made = self.object_of(TARGETS[kind])
            if optional:
                made["properties"]["optional"] = {"type": "boolean", "default": False}
            return made

        return self.named(f"{kind}{'_in_tee' * optional}", make)

    def _checked(self, check: Any) -> Schema:
        """Return the schema of the values that a validator takes in place of a type."""
        family = getattr(check, "__self__", None)
        name = FAMILIES.get(family.noun) if isinstance(family, Family) else qualified_name(check)
        made: Schema = PLAIN[str(name)](self)
        return made

    def _annotated(self, annotation: Any) -> Schema:
        """Return the schema of the values of a type."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        made: Schema
        if annotation in _TYPES:
            made = {"type": _TYPES[annotation]} if annotation is not Any else {}
        elif origin is Literal:
            made = {"enum": [*arguments]} if len(arguments) > 1 else {"const": arguments[0]}
        elif origin in (Union, UnionType):
            made = {"anyOf": [self.value(each) for each in arguments]}
        elif origin in (list, tuple):
            made = list_of(self.value(arguments[0]))
        elif origin is dict:
            made = mapping_of(self.value(arguments[1]))
        elif inspect.isclass(annotation) and issubclass(annotation, Model):
            made = self.model(annotation)
        else:
            raise TypeError(f"no schema of {annotation}")
        return made


def words_of(name: str) -> str:
    """Return the name of a class in lower case, its words joined by underscores."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _default(value: Any) -> Schema:
    return {"default": value} if isinstance(value, str | bool | int | float) else {}


def _description(model: type[Model], key: str) -> Schema:
    """Return the sentences of the docstrings of a model and its bases that name a key."""
    for each in model.__mro__:
        if not issubclass(each, Model):
            break
        sentences = re.split(r"(?<=[^.\s][.;])\s+", inspect.cleandoc(each.__doc__ or ""))
        if found := [text for text in sentences if f"`{key}`" in text]:
            text = " ".join(" ".join(found).split()).rstrip(";:.")
            return {"description": f"{text[0].upper()}{text[1:]}."}
    return {}


def _form(writer: SchemaWriter, name: str, make: Callable[[], Schema]) -> Schema:
    """Return a form of a specification, which may include files, and have parameters."""

    def whole() -> Schema:
        made = make()
        keys = {
            **made["properties"],
            "include": list_of({"type": "string"}),
            "params": mapping_of({}),
        }
        needed = {key: made.pop(key) for key in ("required", "anyOf", "if", "then") if key in made}
        alone = {
            "not": {"required": ["include"]}
        }  # what is included may have the keys that are missing
        return {**made, "properties": keys, "if": alone, "then": needed}

    return writer.named(name, whole)


def _process(made: Schema) -> Schema:
    """Return the schema of the process form; the file of a child may leave its emitters to the others."""
    made["required"].remove("emitters")
    starts = {"required": ["type"], "properties": {"type": {"const": "event:start:timer"}}}
    has_start = {"properties": {"states": {"contains": starts}}}
    return {**made, "if": has_start, "then": {"required": ["emitters"]}}


def _specification(writer: SchemaWriter) -> Schema:
    """Return the schema of a specification: a replay, or one of the two forms of a machine."""
    from datagen.replay.spec import ReplaySpec  # noqa: PLC0415 - few need all forms
    from datagen.spec.generator import Generator  # noqa: PLC0415
    from datagen.spec.process_document import ProcessDocument  # noqa: PLC0415

    typed = {"type": "object", "required": ["type"]}
    process = {"required": ["states"], "properties": {"states": {"contains": typed}}}
    machine = {
        "if": process,
        "then": _form(writer, "process_form", lambda: _process(writer.object_of(ProcessDocument))),
        "else": _form(writer, "classic_form", lambda: writer.object_of(Generator)),
    }
    replay = {"required": ["type"], "properties": {"type": {"const": "replay"}}}
    return {
        "description": "A specification: of a state machine, in one of two forms, or of a replay.",
        "type": "object",
        "if": replay,
        "then": _form(writer, "replay", lambda: writer.object_of(ReplaySpec)),
        "else": machine,
    }


ROOTS: Mapping[str, Callable[[SchemaWriter], Schema]] = {
    "spec": _specification,
    "target": lambda writer: writer.target(),
    "schedule": lambda writer: writer.curve(),
    "disorder": lambda writer: list_of(PLAIN[FAMILIES["effect"]](writer)),
}
