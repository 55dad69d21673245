"""`/v1/connection-presets`: tools that can be connected by naming them."""

from typing import Annotated

from fastapi import Depends

from services.marketing.capture.access import SOURCES
from services.marketing.capture.connectors.registry import PRESETS
from services.marketing.capture.connectors.schemas import PresetsView, PresetView
from shared.auth.access import Caller
from shared.http.service import router

presets = router("/v1/connection-presets", tags=["connections"])
Readers = Annotated[Caller, Depends(SOURCES.read)]


@presets.get("")
async def list_presets(_: Readers) -> PresetsView:
    """Tools whose settings are ready: name one as `preset` in a new connection's settings."""
    return PresetsView(
        items=[
            PresetView(
                name=name,
                kind=kind.name,
                title=preset.title,
                about=preset.about,
                verified=preset.verified,
                secrets=list(kind.secrets),
                settings=dict(preset.settings),
            )
            for kind in PRESETS
            for name, preset in kind.presets.items()
        ]
    )
