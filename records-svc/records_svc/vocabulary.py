"""Fields that several features read: codes instead of free text, and measures."""

from __future__ import annotations

import math
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from fascia.web.schemas import RequestSchema, TextField
from records_svc.evaluation.measure import Measure


class CodeField(fields.String):
    """A code such as lower_back: what travels in events is made of codes, so that no free text slips out."""

    fix = "Send lower-case words joined by underscores, for example lower_back."

    def __init__(self, **kwargs: Any) -> None:
        pattern = validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z", error="Not a code.")
        super().__init__(validate=pattern, **kwargs)


class AnswerField(fields.Float):
    """A number; booleans and texts that look like one are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValidationError("Not a number.")
        return float(value)


class MeasureSchema(RequestSchema):
    """A patient's answers to one instrument. Leave a missing item out; it is never a zero."""

    instrument = TextField(at_most=40, required=True, metadata={"description": "id of the instrument, e.g. NPRS"})
    answers = fields.Dict(
        keys=TextField(at_most=40), values=AnswerField(), required=True, validate=validate.Length(1, 100)
    )

    @post_load
    def _measure(self, data: dict[str, Any], **_: Any) -> Measure:
        return Measure(data["instrument"], data["answers"])
