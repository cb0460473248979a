"""Work beside the loop: page views go on while a thread does it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


async def aside(work: Callable[Given, Answer], *args: Given.args, **named: Given.kwargs) -> Answer:
    """Do this in a thread; or at once, where the program ends.

    The loop that writes last lives on after the main thread, and from Python 3.12 on no other
    thread can begin then.
    """
    if threading.main_thread().is_alive():
        return await asyncio.to_thread(work, *args, **named)
    return work(*args, **named)
