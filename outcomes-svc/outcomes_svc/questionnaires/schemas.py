"""Shapes of /v1/questionnaires and /v1/askable-instruments."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fascia.web.schemas import InstantField, RequestSchema, TextField


class ImportQuerySchema(RequestSchema):
    """What the resource itself does not say."""

    language = TextField(
        at_least=2,
        at_most=35,
        load_default=None,
        metadata={"description": "BCP 47 tag, where the resource has none; English is assumed where nobody says"},
    )
    map = fields.List(
        TextField(at_most=400),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "LINKID:INSTRUMENT:ITEM, for a question whose codes do not say which item it is"},
    )


class AnswerSchema(Schema):
    """An answer and its number."""

    value = fields.Integer(required=True)
    label = fields.String(required=True)


class ItemWordingSchema(Schema):
    """The wording of one item. Without options it is answered with a number."""

    item = fields.String(required=True, attribute="code")
    link_id = fields.String(required=True)
    lead = fields.String(required=True, metadata={"description": "what stands above it"})
    text = fields.String(required=True)
    options = fields.List(fields.Nested(AnswerSchema), required=True)
    lowest_label = fields.String(required=True)
    highest_label = fields.String(required=True)


class WordingSchema(Schema):
    """One version of the wording of an instrument in a language."""

    wording_id = fields.String(required=True, attribute="id")
    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    language = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "from 1; 0 for one that ships"})
    introduction = fields.String(required=True)
    items = fields.List(fields.Nested(ItemWordingSchema), required=True)


class BoundItemSchema(Schema):
    """A question and the item that it is."""

    link_id = fields.String(required=True)
    instrument = fields.String(required=True)
    item = fields.String(required=True)


class IncompleteSchema(Schema):
    """An instrument that the form has questions of, but not all: it cannot be asked with this form."""

    instrument = fields.String(required=True)
    link_ids = fields.List(fields.String(), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "items without a question"})


class UnboundSchema(Schema):
    """A question that is no item of an instrument that can be asked with this form. It stays in the resource."""

    link_id = fields.String(required=True)
    reason = fields.String(required=True)


class QuestionnaireSummarySchema(Schema):
    """An import, without its wording."""

    questionnaire_id = fields.String(required=True, attribute="id")
    title = fields.String(required=True)
    url = fields.String(required=True)
    language = fields.String(required=True)
    language_from = fields.String(required=True, metadata={"description": "resource, request or assumed"})
    bound = fields.List(fields.Nested(BoundItemSchema), required=True)
    incomplete = fields.List(fields.Nested(IncompleteSchema), required=True)
    unbound = fields.List(fields.Nested(UnboundSchema), required=True)
    imported_by = fields.String(required=True)
    imported_at = InstantField(required=True)
    retired_at = InstantField(required=True, allow_none=True)


class QuestionnaireSchema(QuestionnaireSummarySchema):
    """An import with the wordings that came of it."""

    wordings = fields.List(fields.Nested(WordingSchema), required=True)


class AskableSchema(Schema):
    """Whether the practice can ask an instrument today, and if not, what is missing."""

    instrument = fields.String(required=True)
    instrument_version = fields.String(required=True)
    name = fields.String(required=True)
    askable = fields.Boolean(required=True)
    languages = fields.List(fields.String(), required=True, metadata={"description": "in which there is a wording"})
    missing = fields.List(
        fields.String(), required=True, metadata={"description": "licence, wording; patient where staff measure it"}
    )


class AskableListSchema(Schema):
    """Every instrument that ships."""

    items = fields.List(fields.Nested(AskableSchema), required=True)
