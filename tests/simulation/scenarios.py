"""The scenarios by name."""

from collections.abc import Mapping

from tests.simulation.of_alerting import OfAlerting
from tests.simulation.of_detection import OfDetection
from tests.simulation.of_pipeline import OfPipeline
from tests.simulation.of_relay import OfRelay
from tests.simulation.scenario import Make

EVERY: Mapping[str, Make] = {one.name: one for one in (OfPipeline, OfRelay, OfDetection, OfAlerting)}
