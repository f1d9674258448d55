"""The templates of a context, made when somebody asks for them."""

import asyncio
from collections.abc import Sequence
from importlib import import_module

from services.intake.forms import Form


class Templates:
    """The templates of a context, each made once: it takes a tenth of a second, and anybody may ask."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], asyncio.Future[bytes]] = {}

    async def of(self, forms: Sequence[Form]) -> bytes:
        """Return the workbook of forms, made beside the loop by the first who asks."""
        key = tuple(form.type for form in forms)
        if key not in self._made:
            self._made[key] = asyncio.ensure_future(asyncio.to_thread(_template, forms))
        try:
            return await asyncio.shield(self._made[key])
        except Exception:
            self._made.pop(key, None)
            raise


def _template(forms: Sequence[Form]) -> bytes:
    # What writes workbooks takes 5 MB of every process of contexts, and most are never asked for one.
    made: bytes = import_module("services.intake.templates").template(forms)
    return made
