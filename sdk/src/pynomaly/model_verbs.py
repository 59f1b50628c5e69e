# Made from async_model_verbs.py by `python sdk/unasync.py`; edit that file instead of this one.

"""The promised verbs of trained models: fitting once, and scoring as often as asked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pynomaly.models import Models, TrainedModel
from pynomaly.verbs import Verbs

if TYPE_CHECKING:
    from pynomaly.results import DetectionResult


class ModelVerbs(Verbs):
    """What a client does with models that the server keeps."""

    models: Models  # pyright: ignore[reportIncompatibleVariableOverride]  # the resource and more

    def train_model(
        self,
        training_data: Any,
        algorithm: str | None = None,
        model_name: str | None = None,
        contamination: float | Literal["auto"] | None = None,
        label_column: str | None = None,
        ensemble_methods: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        column_types: Mapping[str, str] | None = None,
        random_state: int | None = None,
        *,
        progress: bool = False,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **parameters: Any,
    ) -> TrainedModel:
        """Train a model and wait for it; it is the next version of the model of this name.

        `client.models.submit` has it trained without waiting.

        Args:
            training_data: The rows: a path or a table as `detect_anomalies` takes them, which is uploaded, or
                the id of a dataset, a URL, or a `pynomaly.RemoteSource`.
            algorithm: Name of an algorithm; `isolation_forest` where None.
            model_name: Name of the model, in lower case; a new one where None.
            contamination: Expected share of anomalies in (0, 0.5], or `auto`; 0.1 where None.
            label_column: A column that says of rows whether they are anomalous: it makes the version's
                metrics, and the model never sees it.
            ensemble_methods: Algorithms that score together, as the algorithm `ensemble`.
            features: Columns the model may use; all usable ones where None.
            column_types: Type of columns by name where the server should not guess.
            random_state: Seed in [0, 2**32 - 1].
            progress: Whether to show a progress bar.
            idempotency_key: Makes a repeated training safe, its upload included; generated where None.
            timeout: Seconds for all of it; until the training ends where None.
            **parameters: Parameters of the algorithm.

        Returns:
            The version, to score with: `model.predict(rows)`.

        Raises:
            DataError: The data cannot be sent.
            JobFailedError: The training failed.
            APITimeoutError: The time is up; the training goes on.
            APIError: No usable answer came.
        """
        fields = self._detection_options(
            algorithm=algorithm,
            contamination=contamination,
            ensemble_methods=ensemble_methods,
            features=features,
            column_types=column_types,
            random_state=random_state,
            parameters=parameters,
        ).given()
        if label_column is not None:
            fields["label_column"] = label_column
        return self.models.train(
            training_data,
            model_name or f"model-{uuid.uuid4().hex[:12]}",
            fields,
            idempotency_key=idempotency_key,
            progress=progress,
            timeout=timeout,
        )

    def fit(self, train_data: Any, **options: Any) -> TrainedModel:
        """Train a model with the client's own algorithm and parameters and wait for it.

        Args:
            train_data: The rows, as `train_model` takes them.
            **options: Of `train_model`.

        Returns:
            The model, to score with: `model.predict(rows)`.
        """
        return self.train_model(train_data, **options)

    def predict_with_model(
        self,
        model_name: str | TrainedModel,
        data: Any,
        return_confidence: bool = False,
        include_explanations: bool = False,
        explain_rows: Literal["anomalies", "all"] | None = None,
        timeout: float | None = None,
    ) -> DetectionResult:
        """Score rows with a model, each from itself alone.

        Args:
            model_name: Name or id of the model for its newest version, `name@3` for a certain one,
                `name@production` for the one that an alias points at; or what `train_model` and `fit` return.
            data: Rows with the columns that the model was trained with, as `detect_anomalies` takes them.
            return_confidence: Whether the result has `confidence`.
            include_explanations: Whether rows are explained.
            explain_rows: `anomalies` or `all`; the anomalous ones where None.
            timeout: Seconds for this call.

        Returns:
            The result; its `model` names the version that scored.

        Raises:
            DataError: The data cannot be sent.
            NotFoundError: There is no such model.
            UnprocessableEntityError: The rows are not of the columns that the model was trained with.
            APIError: No usable answer came.
        """
        return self.models.predict(
            str(model_name),
            data,
            return_confidence=return_confidence,
            include_explanations=include_explanations,
            explain_rows=explain_rows,
            timeout=timeout,
        )

    def predict(self, model: str | TrainedModel, data: Any, **options: Any) -> DetectionResult:
        """Score rows with a model, as `predict_with_model` does; it takes the same options."""
        return self.predict_with_model(model, data, **options)
