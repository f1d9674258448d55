"""Invented streets: who lives, who dies, who knows of it when, and who steals how.

It produces the upstream form of the facts (structured CloudEvents) and the labels that follow
from the invented world itself. It imports nothing of dibao, so that the two can disagree.
"""

from services.simulator.post import Day
from services.simulator.recording import Recording, write
from services.simulator.settings import Settings
from services.simulator.world import World, simulate

__all__ = ["Day", "Recording", "Settings", "World", "simulate", "write"]
