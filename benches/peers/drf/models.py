"""The tables that the peer touches; the schema is the service's own, so nothing is managed here.

Django knows one-column keys only. Ids are unique in practice, and row-level security keeps the tenants apart.
"""

from django.db import models
from django.db.models.functions import Now


class TenantModel(models.Model):
    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()

    class Meta:
        abstract = True
        app_label = "peer"
        managed = False


class Participation(TenantModel):
    edition_id = models.UUIDField()
    person_id = models.UUIDField()
    starts_on = models.DateField()
    planned_end_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "participations"


class Suspension(TenantModel):
    participation_id = models.UUIDField()
    from_on = models.DateField()
    to_on = models.DateField()

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "suspensions"


class PsuEntry(TenantModel):
    edition_id = models.UUIDField()
    participation_id = models.UUIDField()
    person_id = models.UUIDField()
    host_id = models.UUIDField(null=True)
    worked_on = models.DateField()
    minutes = models.IntegerField()
    started_at = models.TimeField(null=True)
    ended_at = models.TimeField(null=True)
    kind_of_work = models.TextField(null=True)
    supersedes_id = models.UUIDField(null=True)
    superseded_at = models.DateTimeField(null=True)
    correction_reason = models.TextField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.UUIDField()

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "psu_entries"


class Session(TenantModel):
    edition_id = models.UUIDField()
    held_on = models.DateField()
    minutes = models.IntegerField()
    attendance_version = models.IntegerField()

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "sessions"


class Attendance(TenantModel):
    edition_id = models.UUIDField()
    session = models.ForeignKey(Session, models.DO_NOTHING)
    participation_id = models.UUIDField()
    status = models.TextField()
    minutes = models.IntegerField()
    reason_class = models.TextField(null=True)
    supersedes_id = models.UUIDField(null=True)
    superseded_at = models.DateTimeField(null=True)
    correction_reason = models.TextField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.UUIDField()

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "attendance"
