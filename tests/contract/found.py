"""What Django and the files of the product say of its names, without a module of the product being imported by path."""

from __future__ import annotations

import ast
import re
from argparse import Action
from collections.abc import Iterator
from pathlib import Path

import polib
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import BaseCommand, get_commands, load_command_class
from django.db.models import Field, Model
from django.urls import URLPattern, URLResolver, get_resolver

#: Methods of ``os.environ`` and of django-environ's ``Env`` that read the variable of their first argument.
READERS = ("get", "getenv", "parsed", "read", "required", "setdefault")
READ_OF = ("_values", "env", "environ", "os")
#: What a pattern of a regular expression takes for an argument, such as the names of all apps.
_ARGUMENT = re.compile(r"\(\?P<(\w+)>[^()]*\)")
_ENUMERATION = re.compile(r"\b[A-Z]\w*\.(?=[A-Z_]+\b)")
_HEAD = re.compile(r"\(([a-z_]+(?:,[a-z_]+)+)[;)]")


def own_apps() -> list[AppConfig]:
    """The apps that are a part of this product."""
    root = Path(settings.BASE_DIR)
    return [
        config
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(root) and "site-packages" not in Path(config.path).parts
    ]


def own_models() -> list[type[Model]]:
    """Those of the product's apps, also the tables between two models and the history of them."""
    return [model for config in own_apps() for model in config.get_models(include_auto_created=True)]


def app_labels() -> dict[str, str]:
    return dict.fromkeys((config.label for config in apps.get_app_configs()), "")


def model_names() -> dict[str, str]:
    """The table of each model."""
    return {model._meta.label: model._meta.db_table for model in own_models()}


def model_columns() -> dict[str, str]:
    """Type, length and whether NULL is allowed, of each column as Django knows it."""
    return {
        f"{model._meta.db_table}.{field.column}": _column(field)
        for model in own_models()
        for field in model._meta.local_concrete_fields
        if field.column
    }


def model_constraints() -> dict[str, str]:
    """Constraints and indexes that have a name, with their kind and columns."""
    return {
        f"{model._meta.db_table} {one.name}": f"{type(one).__name__} {_of(one)}"
        for model in own_models()
        for one in (*model._meta.constraints, *model._meta.indexes)
    }


def _column(field: Field[object, object]) -> str:
    words = [field.get_internal_type()]
    if field.max_length:
        words.append(str(field.max_length))
    words += [word for word, is_so in _traits(field).items() if is_so]
    if field.remote_field:
        words.append(f"to {field.remote_field.model._meta.db_table}")
    return " ".join(words)


def _traits(field: Field[object, object]) -> dict[str, bool]:
    return {"null": field.null, "unique": field.unique, "primary key": field.primary_key}


def _of(one: object) -> str:
    """The columns or the condition of a constraint or index."""
    fields, condition = getattr(one, "fields", ()), getattr(one, "condition", None)
    words = [", ".join(fields), *([_ENUMERATION.sub("", str(condition))] if condition else [])]
    return " ".join(filter(None, words))


def addresses() -> dict[str, str]:
    """The name of each address, with its namespaces."""
    found: dict[str, str] = {}
    for route, name in _routes(get_resolver().url_patterns, "", ""):
        found[route] = f"{found[route]}, {name}" if route in found else name
    return found


def _routes(patterns: list[URLPattern | URLResolver], before: str, names: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + _ARGUMENT.sub(r"<\1>", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            namespace = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from _routes(pattern.url_patterns, route, namespace)
        else:
            yield route, f"{names}{pattern.name}" if pattern.name else "without a name"


def commands() -> dict[str, str]:
    """The commands of our own apps, their options, and a line for each choice that an option leaves."""
    found: dict[str, str] = {}
    usual = {action.dest for action in BaseCommand().create_parser("", "")._actions}
    for name, command in _own_commands().items():
        found[name] = ""
        for action in command.create_parser("manage.py", name)._actions:
            if action.dest not in usual:
                option = f"{name} {', '.join(action.option_strings) or f'<{action.dest}>'}"
                found[option] = _option(action)
                found |= dict.fromkeys((f"{option} {choice}" for choice in action.choices or ()), "a choice")
    return found


def _own_commands() -> dict[str, BaseCommand]:
    own = {config.name for config in own_apps()}
    return {name: load_command_class(app, name) for name, app in get_commands().items() if app in own}


def _option(action: Action) -> str:
    facts = {"dest": action.dest, "default": action.default, "nargs": action.nargs, "const": action.const}
    if action.type in (int, float):
        facts["type"] = action.type.__name__ if isinstance(action.type, type) else ""
    words = [f"{name}={value!r}" for name, value in facts.items() if value is not None]
    return " ".join([*words, *(["required"] if action.required else [])])


def history_columns() -> dict[str, str]:
    """The head of the files that a command reads, which its help tells."""
    heads = {name: _HEAD.search(str(command.help)) for name, command in _own_commands().items()}
    return {f"{name} reads": match[1] for name, match in heads.items() if match}


def variables() -> dict[str, str]:
    """The environment variables that the product reads."""
    found = {name for file in _own_files() for name in _read_in(ast.parse(file.read_text()))}
    return dict.fromkeys(found, "")


def _own_files() -> list[Path]:
    found = {
        file for config in own_apps() for file in Path(config.path).rglob("*.py") if "migrations" not in file.parts
    }
    return sorted(found | {Path(settings.BASE_DIR) / "manage.py"})


def _read_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=source, attr=how), args=[ast.Constant(value=str(name)), *_]):
                if how in READERS and _last(source) in READ_OF:
                    yield name
            case ast.Subscript(value=source, slice=ast.Constant(value=str(name))):
                if _last(source) == "environ":
                    yield name


def _last(source: ast.expr) -> str:
    """``environ`` of ``os.environ`` and of ``environ``."""
    return source.attr if isinstance(source, ast.Attribute) else getattr(source, "id", "")


def message_ids() -> dict[str, str]:
    """What there is to translate."""
    file = Path(settings.LOCALE_PATHS[0]) / "es" / "LC_MESSAGES" / "django.po"
    return {
        (f"{entry.msgctxt}\x04" if entry.msgctxt else "") + entry.msgid: entry.msgid_plural
        for entry in polib.pofile(str(file))
        if not entry.obsolete
    }
