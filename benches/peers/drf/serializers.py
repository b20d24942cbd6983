"""JSON in and out."""

import re

from rest_framework import serializers

from models import Attendance, PsuEntry
from tokens import Refusal


class HoursField(serializers.Field):
    """Decimal hours in JSON, minutes in the database."""

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{1,3}\.(00|25|50|75)", data):
            raise serializers.ValidationError("is not a number of quarters of an hour")
        return round(float(data) * 60)

    def to_representation(self, minutes):
        return f"{minutes // 60}.{minutes % 60 * 100 // 60:02}"


class Strict(serializers.Serializer):
    """An unknown field is refused, not dropped."""

    def to_internal_value(self, data):
        if not isinstance(data, dict) or set(data) - set(self.fields):
            raise Refusal(422, "platform.unknown_field")
        return super().to_internal_value(data)


class EntryBody(Strict):
    id = serializers.UUIDField(required=False)
    participationId = serializers.UUIDField(source="participation_id")
    hostId = serializers.UUIDField(source="host_id", required=False)
    workedOn = serializers.DateField(source="worked_on")
    hours = HoursField(source="minutes")
    kindOfWork = serializers.CharField(source="kind_of_work", max_length=200, required=False)


class RowBody(Strict):
    participationId = serializers.UUIDField(source="participation_id")
    status = serializers.ChoiceField(["present", "late", "leftEarly", "excused", "unexcused"])
    hours = HoursField(source="minutes", required=False)
    reasonClass = serializers.ChoiceField(["health", "care", "official", "other"], source="reason_class", required=False)


class SheetBody(Strict):
    rows = RowBody(many=True, max_length=500)
    correctionReason = serializers.CharField(max_length=200, required=False)


class PageQuery(Strict):
    editionId = serializers.UUIDField()
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class EntryView(serializers.ModelSerializer):
    editionId = serializers.UUIDField(source="edition_id")
    participationId = serializers.UUIDField(source="participation_id")
    personId = serializers.UUIDField(source="person_id")
    hostId = serializers.UUIDField(source="host_id")
    workedOn = serializers.DateField(source="worked_on")
    hours = HoursField(source="minutes")
    startedAt = serializers.TimeField(source="started_at")
    endedAt = serializers.TimeField(source="ended_at")
    kindOfWork = serializers.CharField(source="kind_of_work")
    supersedesId = serializers.UUIDField(source="supersedes_id")
    supersededAt = serializers.DateTimeField(source="superseded_at")
    correctionReason = serializers.CharField(source="correction_reason")
    recordedAt = serializers.DateTimeField(source="recorded_at")

    class Meta:
        model = PsuEntry
        fields = ["id", "editionId", "participationId", "personId", "hostId", "workedOn", "hours", "startedAt", "endedAt",
                  "kindOfWork", "supersedesId", "supersededAt", "correctionReason", "recordedAt"]


class RowView(serializers.ModelSerializer):
    participationId = serializers.UUIDField(source="participation_id")
    hours = HoursField(source="minutes")
    reasonClass = serializers.CharField(source="reason_class")
    supersedesId = serializers.UUIDField(source="supersedes_id")
    supersededAt = serializers.DateTimeField(source="superseded_at")
    correctionReason = serializers.CharField(source="correction_reason")
    recordedAt = serializers.DateTimeField(source="recorded_at")

    class Meta:
        model = Attendance
        fields = ["id", "participationId", "status", "hours", "reasonClass", "supersedesId", "supersededAt", "correctionReason", "recordedAt"]
