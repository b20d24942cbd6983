"""What callers may send."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Hours = Annotated[str, Field(pattern=r"^[0-9]{1,3}\.(00|25|50|75)$")]


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class EntryBody(Body):
    id: UUID | None = None
    participation_id: UUID
    host_id: UUID | None = None
    worked_on: date
    hours: Hours
    kind_of_work: Annotated[str, Field(max_length=200)] | None = None


class RowBody(Body):
    participation_id: UUID
    status: Literal["present", "late", "leftEarly", "excused", "unexcused"]
    hours: Hours | None = None
    reason_class: Literal["health", "care", "official", "other"] | None = None


class SheetBody(Body):
    rows: Annotated[list[RowBody], Field(max_length=500)]
    correction_reason: Annotated[str, Field(max_length=200)] | None = None


class PageQuery(Body):
    edition_id: UUID
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
