"""The endpoints."""

import hashlib
import json
import uuid
from datetime import timedelta

from django.core import signing
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from models import Attendance, Participation, PsuEntry, Session, Suspension
from serializers import EntryBody, EntryView, HoursField, PageQuery, RowView, SheetBody
from tokens import Refusal, role_in

CLASS_LEADERS = role_in("coordinator", "social_worker", "facilitator")
HOUR_LOGGERS = role_in("coordinator", "social_worker", "host_supervisor")
HOUR_READERS = role_in("coordinator", "social_worker", "family_assistant", "host_supervisor", "auditor")
FIGURE_READERS = role_in("administrator", "coordinator", "social_worker", "family_assistant", "auditor", "statistician")
BOOK_WEEK = """INSERT INTO psu_weeks AS w (person_id, week_on, used_minutes, limit_minutes) VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
       SET used_minutes = w.used_minutes + excluded.used_minutes, limit_minutes = least(w.limit_minutes, excluded.limit_minutes)
     WHERE w.used_minutes + excluded.used_minutes <= least(w.limit_minutes, excluded.limit_minutes)"""
WEEKLY_LIMIT = """SELECT r.parameters->>'psuWeeklyLimit' FROM editions e
    JOIN agreements a ON a.tenant_id = e.tenant_id AND a.id = e.agreement_id
    JOIN regimes r ON r.tenant_id = a.regime_tenant_id AND r.id = a.regime_id WHERE e.tenant_id = %s AND e.id = %s"""


def execute(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() if cursor.description else cursor.rowcount


class TenantView(APIView):
    """One transaction per request, with the context that row-level security asks for."""

    def handle_in_transaction(self, work):
        client = self.request.user
        with transaction.atomic():
            now = timezone.now().isoformat()
            execute("SELECT set_config('app.tenant', %s, true), set_config('app.client', %s, true), set_config('app.now', %s, true)",
                    [str(client.tenant_id), str(client.id), now])
            return work()

    def write(self, work):
        """The key first, then the work, then audit row, event and stored answer."""
        return self.handle_in_transaction(lambda: self.write_once(work))

    def write_once(self, work):
        request, client = self.request, self.request.user
        key = request.headers.get("Idempotency-Key")
        if key:
            digest = hashlib.sha256(f"{request.method} {request.path}\n{json.dumps(request.data, sort_keys=True)}".encode()).digest()
            if execute("INSERT INTO idempotency_keys (key, request_hash) VALUES (%s, %s) ON CONFLICT DO NOTHING", [key, digest]) == 0:
                known, status, body = execute(
                    "SELECT request_hash, status, body FROM idempotency_keys WHERE tenant_id = %s AND client_id = %s AND key = %s",
                    [client.tenant_id, client.id, key])
                if bytes(known) != digest:
                    raise Refusal(422, "platform.idempotency_key_reused")
                return HttpResponse(bytes(body), "application/json", status, headers={"Idempotent-Replayed": "true"})
        operation, answer, status, headers, record, aggregate, event, data = work()
        body = self.request.accepted_renderer.render(answer)
        execute(
            """SELECT finish_write(%s, %s, %s, NULL, NULL, %s, ARRAY[%s::uuid], %s, false, false, NULL, %s, ARRAY[%s::uuid],
                   ARRAY[%s::text], ARRAY[%s::uuid], ARRAY[%s::text], %s::jsonb, %s, %s::smallint, %s, %s, %s::bytea)""",
            [uuid.uuid4(), operation, client.role, record[0], record[1], list(request.data), uuid.uuid4(), uuid.uuid4(),
             aggregate[0], aggregate[1], event, json.dumps([data], default=str), key, status, headers.get("Location"), headers.get("ETag"), body])
        return HttpResponse(body, "application/json", status, headers=headers)


def parsed(serializer):
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class Entries(TenantView):
    def get_permissions(self):
        return [HOUR_LOGGERS() if self.request.method == "POST" else HOUR_READERS()]

    def post(self, request):
        body = parsed(EntryBody(data=request.data))
        return self.write(lambda: self.record(body))

    def record(self, body):
        client, minutes, day = self.request.user, body["minutes"], body["worked_on"]
        if minutes == 0:
            raise Refusal(422, "platform.invalid_body")
        if client.role == "host_supervisor" and client.host_id != body.get("host_id"):
            raise Refusal(422, "platform.reference_not_found")
        own = Participation.objects.filter(tenant_id=client.tenant_id, id=body["participation_id"])
        participation = own.select_for_update(of=("self",), no_key=True).first()
        if participation is None:
            raise Refusal(422, "platform.reference_not_found")
        rests = Suspension.objects.filter(
            tenant_id=client.tenant_id, participation_id=participation.id, from_on__lte=day, to_on__gte=day).exists()
        if rests or not participation.starts_on <= day <= (participation.ended_on or participation.planned_end_on):
            raise Refusal(422, "participation.outside_period")
        [limit] = execute(WEEKLY_LIMIT, [client.tenant_id, participation.edition_id])
        limit = HoursField().to_internal_value(limit or "168.00")
        monday = day - timedelta(days=day.weekday())
        if minutes > limit or execute(BOOK_WEEK, [participation.person_id, monday, minutes, limit]) == 0:
            raise Refusal(422, "participation.psu_weekly_limit")
        entry = PsuEntry.objects.create(
            **{"id": uuid.uuid4(), **body}, tenant_id=client.tenant_id, edition_id=participation.edition_id,
            person_id=participation.person_id, recorded_at=timezone.now(), recorded_by=client.id)
        answer = EntryView(entry).data
        data = {"psuEntryId": entry.id, **{name: answer[name] for name in ("participationId", "editionId", "workedOn", "supersedesId")}}
        return ("record_psu_entry", answer, 201, {"Location": f"/api/v1/psu-entries/{entry.id}"}, ("psuEntry", entry.id),
                ("participation", entry.participation_id), "psu_entry.recorded", data)

    def get(self, request):
        query = parsed(PageQuery(data=request.query_params.dict()))
        signer, after = signing.Signer(salt=f"{query['editionId']} {request.user.id}"), uuid.UUID(int=0)
        if "cursor" in query:
            try:
                after = signer.unsign(query["cursor"])
            except signing.BadSignature:
                raise Refusal(400, "platform.invalid_parameter") from None
        rows = PsuEntry.objects.filter(tenant_id=request.user.tenant_id, id__gt=after, edition_id=query["editionId"], superseded_at=None)
        rows = self.handle_in_transaction(lambda: list(rows.order_by("id")[: query["limit"] + 1]))
        page = {"items": EntryView(rows[: query["limit"]], many=True).data}
        if len(rows) > query["limit"]:
            page["nextCursor"] = signer.sign(str(rows[-2].id))
        return Response(page)


class Entry(TenantView):
    permission_classes = [HOUR_READERS]

    def get(self, request, id):
        entry = self.handle_in_transaction(PsuEntry.objects.filter(tenant_id=request.user.tenant_id, id=id).first)
        if entry is None or (request.user.role == "host_supervisor" and entry.host_id != request.user.host_id):
            raise Refusal(404, "platform.not_found")
        return Response(EntryView(entry).data)


class Sheet(TenantView):
    permission_classes = [CLASS_LEADERS]

    def put(self, request, id):
        body = parsed(SheetBody(data=request.data))
        return self.write(lambda: self.record(id, body["rows"]))

    def record(self, id, lines):
        client = self.request.user
        session = Session.objects.filter(tenant_id=client.tenant_id, id=id).select_for_update().first()
        if session is None:
            raise Refusal(404, "platform.not_found")
        if session.attendance_version > 0:
            raise Refusal(428, "platform.precondition_required")
        session.attendance_version = 1
        session.save(update_fields=["attendance_version"])
        day = session.held_on
        present = Participation.objects.alias(last=Coalesce("ended_on", "planned_end_on")).filter(
            ~Exists(Suspension.objects.filter(
                tenant_id=client.tenant_id, participation_id=OuterRef("id"), from_on__lte=day, to_on__gte=day)),
            tenant_id=client.tenant_id, edition_id=session.edition_id, starts_on__lte=day, last__gte=day)
        expected = list(present.order_by("id").values_list("id", flat=True))
        if sorted(line["participation_id"] for line in lines) != expected:
            raise Refusal(422, "participation.sheet_incomplete")
        rows = Attendance.objects.bulk_create(
            Attendance(**{"minutes": session.minutes if line["status"] == "present" else 0, **line}, id=uuid.uuid4(), tenant_id=client.tenant_id,
                       edition_id=session.edition_id, session=session, recorded_at=timezone.now(), recorded_by=client.id) for line in lines)
        answer = {"sessionId": id, "version": 1, "recorded": True, "expected": expected, "rows": RowView(rows, many=True).data}
        data = {"sessionId": id, "editionId": session.edition_id, "heldOn": day, "version": 1}
        return "record_attendance", answer, 200, {"ETag": '"1"'}, ("session", id), ("session", id), "attendance.recorded", data


class Figures(TenantView):
    permission_classes = [FIGURE_READERS]

    def get(self, request, id):
        return self.handle_in_transaction(lambda: self.count(request.user.tenant_id, id))

    def count(self, tenant, edition):
        of_edition = {"tenant_id": tenant, "edition_id": edition}
        if execute("SELECT 1 FROM editions WHERE tenant_id = %s AND id = %s", [tenant, edition]) in (None, 0):
            raise Refusal(404, "platform.not_found")
        started = Participation.objects.filter(**of_edition).count()
        current = Attendance.objects.filter(**of_edition, superseded_at=None)
        sheets = current.aggregate(attended=Sum("minutes", default=0), scheduled=Sum("session__minutes", default=0))
        delivered = Session.objects.filter(**of_edition).aggregate(all=Sum("minutes", default=0))["all"]
        worked = PsuEntry.objects.filter(**of_edition, superseded_at=None).aggregate(all=Sum("minutes", default=0))["all"]
        hours = HoursField().to_representation

        def figure(definition, value, numerator=None, denominator=None):
            return {"definitionId": definition, "value": value, "numerator": numerator or value, "denominator": denominator}

        rate = f"{sheets['attended'] / sheets['scheduled']:.6f}"
        return Response({"editionId": edition, "figures": [
            figure("M-06", started), figure("M-13.attendance_rate", rate, hours(sheets["attended"]), hours(sheets["scheduled"])),
            figure("M-14.delivery_hours", hours(delivered)), figure("M-15.psu_hours", hours(worked))]})


urlpatterns = [
    path("health/ready", lambda request: HttpResponse("ok")),
    path("api/v1/psu-entries", Entries.as_view()),
    path("api/v1/psu-entries/<uuid:id>", Entry.as_view()),
    path("api/v1/sessions/<uuid:id>/attendance", Sheet.as_view()),
    path("api/v1/editions/<uuid:id>/figures", Figures.as_view()),
]
