"""The parameters that networks share, as JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pynomaly_server.detectors.deep.training import Plan
from pynomaly_server.detectors.parameters import integer

if TYPE_CHECKING:
    from collections.abc import Mapping

# Epochs without improvement after which training ends.
_PATIENCE = 5


def training_options(*, epochs: int, learning_rate: float) -> dict[str, dict[str, Any]]:
    """The schemas of `epochs`, `batch_size` and `learning_rate`, with these defaults."""
    return {
        "epochs": integer(
            "Times that every row is shown to the network, at most; training ends early once it no longer "
            "learns.",
            default=epochs,
            minimum=1,
            maximum=500,
        ),
        "batch_size": integer(
            "Rows in each step of training; more where there are above 500 batches of them.",
            default=32,
            minimum=2,
            maximum=4096,
        ),
        "learning_rate": number("Size of the steps.", default=learning_rate, minimum=1e-6, maximum=0.1),
    }


def units(description: str, *, default: int) -> dict[str, Any]:
    """The schema of a layer's number of units."""
    return integer(description, default=default, minimum=1, maximum=1024)


def dropout() -> dict[str, Any]:
    """The schema of the share of units that each step of training leaves out."""
    return number(
        "Share of the units that each step of training leaves out, at random.",
        default=0.2,
        minimum=0,
        maximum=0.9,
    )


def number(description: str, *, default: float, minimum: float, maximum: float) -> dict[str, Any]:
    """The schema of a number in [minimum, maximum]."""
    return {
        "type": "number",
        "description": description,
        "default": default,
        "minimum": minimum,
        "maximum": maximum,
    }


def plan(values: Mapping[str, Any], *, weight_decay: float) -> Plan:
    """The training that the values of `training_options` describe."""
    return Plan(
        epochs=values["epochs"],
        batch_size=values["batch_size"],
        learning_rate=values["learning_rate"],
        weight_decay=weight_decay,
        patience=_PATIENCE,
    )
