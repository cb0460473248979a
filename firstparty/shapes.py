"""JSON that came from outside, told apart by shape, so that the rest is typed."""

from __future__ import annotations

from typing import TypeGuard


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a JSON value is an object; its keys are texts always."""
    return isinstance(value, dict)


def is_texts(value: object) -> TypeGuard[list[str]]:
    """Whether a JSON value is an array of texts."""
    return is_list(value) and all(isinstance(each, str) for each in value)
