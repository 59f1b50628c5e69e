"""How far something is, for people: HTML in notebooks, a bar in terminals, lines that follow each other
elsewhere. IPython and rich are used where they are, never required."""

from pynomaly.progress.displays import Display, open_display
from pynomaly.progress.state import Progress, duration

__all__ = ["Display", "Progress", "duration", "open_display"]
