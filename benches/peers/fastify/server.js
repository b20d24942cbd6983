// Fastify with node-postgres: one process per processor, JSON Schema at the edge, SQL in the handlers.
import cluster from 'node:cluster'
import { createHash, createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import Fastify from 'fastify'
import pg from 'pg'
import { sql } from './sql.js'

const HOURS = '^([0-9]{1,3})\\.(00|25|50|75)$'
const UUID = { type: 'string', format: 'uuid' }
const CLASS_LEADERS = ['coordinator', 'social_worker', 'facilitator']
const HOUR_LOGGERS = ['coordinator', 'social_worker', 'host_supervisor']
const HOUR_READERS = ['coordinator', 'social_worker', 'family_assistant', 'host_supervisor', 'auditor']
const FIGURE_READERS = ['administrator', 'coordinator', 'social_worker', 'family_assistant', 'auditor', 'statistician']

class Refusal extends Error {
  constructor (status, code, more = {}) {
    super(code)
    Object.assign(this, { status, code, more })
  }
}

const entryBody = {
  type: 'object',
  additionalProperties: false,
  required: ['participationId', 'workedOn', 'hours'],
  properties: {
    id: UUID,
    participationId: UUID,
    hostId: UUID,
    workedOn: { type: 'string', format: 'date' },
    hours: { type: 'string', pattern: HOURS },
    kindOfWork: { type: 'string', maxLength: 200 }
  }
}
const sheetBody = {
  type: 'object',
  additionalProperties: false,
  required: ['rows'],
  properties: {
    correctionReason: { type: 'string', maxLength: 200 },
    rows: {
      type: 'array',
      maxItems: 500,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['participationId', 'status'],
        properties: {
          participationId: UUID,
          status: { enum: ['present', 'late', 'leftEarly', 'excused', 'unexcused'] },
          hours: { type: 'string', pattern: HOURS },
          reasonClass: { enum: ['health', 'care', 'official', 'other'] }
        }
      }
    }
  }
}

// Dates stay text; the driver would make them local midnights.
pg.types.setTypeParser(1082, text => text)
const toHours = minutes => `${Math.floor(minutes / 60)}.${String((minutes % 60) * 100 / 60).padStart(2, '0')}`
const toMinutes = hours => Math.round(Number(hours) * 60)
const view = ({ minutes, ...row }) => ({ ...row, hours: toHours(minutes) })

async function serve () {
  const pool = new pg.Pool({ max: Number(process.env.POOL) })
  const [jwk] = (await (await fetch(process.env.JWKS)).json()).keys
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const verify = createVerifier({ key, algorithms: ['EdDSA'], allowedIss: 'pai', allowedAud: 'pai', requiredClaims: ['exp', 'sub'], cache: true })
  const clients = new Map()
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })

  app.setErrorHandler((error, request, reply) => {
    const refusal = error.validation ? new Refusal(422, 'platform.invalid_field') : error
    const status = refusal.status ?? 500
    if (status === 500) console.error(error)
    reply.code(status).type('application/problem+json').send({ status, code: refusal.code ?? 'platform.internal', ...refusal.more })
  })
  app.decorateRequest('caller', null)

  const permit = roles => async request => {
    let claims
    try {
      claims = verify((request.headers.authorization ?? '').replace(/^Bearer /, ''))
    } catch {
      throw new Refusal(401, 'platform.unauthenticated')
    }
    let known = clients.get(claims.sub)
    if (!known || known.since < Date.now() - 20_000) {
      const { rows: [row] } = await pool.query(sql.client([claims.sub]))
      if (!row || row.revoked_at) throw new Refusal(401, 'platform.unauthenticated')
      known = { row, since: Date.now() }
      clients.set(claims.sub, known)
    }
    if (!roles.includes(known.row.role)) throw new Refusal(403, 'platform.forbidden')
    request.caller = known.row
  }

  async function transaction (caller, begin, work) {
    const db = await pool.connect()
    try {
      await db.query(begin)
      await db.query(sql.context([caller.tenant_id, caller.id]))
      const result = await work(db)
      await db.query('COMMIT')
      return result
    } catch (error) {
      await db.query('ROLLBACK')
      throw error
    } finally {
      db.release()
    }
  }
  const read = (request, work) => transaction(request.caller, 'BEGIN READ ONLY', work)

  // The key first, then the work, then audit row, event and stored answer.
  const write = (request, reply, work) => transaction(request.caller, 'BEGIN', async db => {
    const { caller } = request
    const key = request.headers['idempotency-key'] ?? null
    if (key) {
      const hash = createHash('sha256').update(`${request.method} ${request.url}\n`).update(JSON.stringify(request.body)).digest()
      const { rowCount } = await db.query(sql.takeKey([key, hash]))
      if (rowCount === 0) {
        const { rows: [first] } = await db.query(sql.firstAnswer([caller.tenant_id, caller.id, key]))
        if (!first.request_hash.equals(hash)) throw new Refusal(422, 'platform.idempotency_key_reused')
        reply.code(first.status).header('Idempotent-Replayed', 'true').type('application/json')
        return first.body
      }
    }
    const { answer, status, location, etag, operation, kind, record, aggregate, event, data } = await work(db, caller)
    const body = Buffer.from(JSON.stringify(answer))
    await db.query(sql.finish([randomUUID(), operation, caller.role, kind, record, Object.keys(request.body), randomUUID(),
      randomUUID(), aggregate.kind, aggregate.id, event, JSON.stringify([data]), key, status, location, etag, body]))
    reply.code(status).type('application/json')
    if (location) reply.header('Location', location)
    if (etag) reply.header('ETag', etag)
    return body
  })

  app.get('/health/ready', async () => ({ status: 'ok' }))

  app.post('/api/v1/psu-entries', { onRequest: permit(HOUR_LOGGERS), schema: { body: entryBody } }, (request, reply) =>
    write(request, reply, async (db, caller) => {
      const body = request.body
      const minutes = toMinutes(body.hours)
      if (minutes === 0) throw new Refusal(422, 'platform.invalid_body')
      if (caller.role === 'host_supervisor' && caller.host_id !== body.hostId) throw new Refusal(422, 'platform.reference_not_found')
      const { rows: [terms] } = await db.query(sql.terms([caller.tenant_id, body.participationId, body.workedOn]))
      if (!terms) throw new Refusal(422, 'platform.reference_not_found')
      if (body.workedOn < terms.starts_on || body.workedOn > terms.ends_on || terms.rests) throw new Refusal(422, 'participation.outside_period')
      const limit = toMinutes(terms.weekly_limit ?? '168.00')
      const booked = minutes <= limit && await db.query(sql.bookWeek([terms.person_id, body.workedOn, minutes, limit]))
      if (!booked || booked.rowCount === 0) throw new Refusal(422, 'participation.psu_weekly_limit', { limitHours: toHours(limit) })
      const { rows: [row] } = await db.query(sql.insertEntry([body.id ?? randomUUID(), terms.edition_id, body.participationId, terms.person_id,
        body.hostId ?? null, body.workedOn, minutes, body.kindOfWork ?? null]))
      const data = { psuEntryId: row.id, participationId: row.participationId, editionId: row.editionId, workedOn: row.workedOn, supersedesId: null }
      return { answer: view(row), status: 201, location: `/api/v1/psu-entries/${row.id}`, etag: null, operation: 'record_psu_entry', kind: 'psuEntry', record: row.id, aggregate: { kind: 'participation', id: row.participationId }, event: 'psu_entry.recorded', data }
    }))

  app.get('/api/v1/psu-entries/:id', { onRequest: permit(HOUR_READERS), schema: { params: { type: 'object', properties: { id: UUID } } } }, request =>
    read(request, async db => {
      const { rows: [row] } = await db.query(sql.entry([request.caller.tenant_id, request.params.id]))
      if (!row || (request.caller.role === 'host_supervisor' && request.caller.host_id !== row.hostId)) throw new Refusal(404, 'platform.not_found')
      return view(row)
    }))

  const pageQuery = { type: 'object', additionalProperties: false, required: ['editionId'], properties: { editionId: UUID, cursor: { type: 'string' }, limit: { type: 'string', pattern: '^[0-9]{1,3}$' } } }
  app.get('/api/v1/psu-entries', { onRequest: permit(HOUR_READERS), schema: { querystring: pageQuery } }, request =>
    read(request, async db => {
      const { editionId, cursor, limit = '50' } = request.query
      const sign = id => createHmac('sha256', process.env.CURSOR_KEY).update(`${id} ${editionId} ${request.caller.id}`).digest('base64url')
      const [after, tag] = (cursor ?? '').split('.')
      if (cursor && sign(after) !== tag) throw new Refusal(400, 'platform.invalid_parameter')
      const { rows } = await db.query(sql.page([request.caller.tenant_id, after || '00000000-0000-0000-0000-000000000000', editionId, Number(limit) + 1]))
      const items = rows.slice(0, Number(limit)).map(view)
      return rows.length > items.length ? { items, nextCursor: `${items.at(-1).id}.${sign(items.at(-1).id)}` } : { items }
    }))

  app.put('/api/v1/sessions/:id/attendance', { onRequest: permit(CLASS_LEADERS), schema: { body: sheetBody, params: { type: 'object', properties: { id: UUID } } } }, (request, reply) =>
    write(request, reply, async (db, caller) => {
      const id = request.params.id
      const { rows: [session] } = await db.query(sql.beginSheet([caller.tenant_id, id]))
      if (!session) throw new Refusal(404, 'platform.not_found')
      if (session.version > 1) throw new Refusal(428, 'platform.precondition_required')
      const expected = (await db.query(sql.expected([caller.tenant_id, session.edition_id, session.held_on]))).rows.map(row => row.id)
      const given = new Map(request.body.rows.map(row => [row.participationId, row]))
      if (given.size !== request.body.rows.length || given.size !== expected.length || !expected.every(one => given.has(one))) throw new Refusal(422, 'participation.sheet_incomplete')
      const minutes = request.body.rows.map(row => row.hours === undefined ? (row.status === 'present' ? session.minutes : 0) : toMinutes(row.hours))
      const column = pick => request.body.rows.map(pick)
      const { rows } = await db.query(sql.insertSheet([id, session.edition_id, column(() => randomUUID()), column(row => row.participationId), column(row => row.status), minutes, column(row => row.reasonClass ?? null)]))
      const answer = { sessionId: id, version: session.version, recorded: true, expected, rows: rows.map(view) }
      const data = { sessionId: id, editionId: session.edition_id, heldOn: session.held_on, version: session.version }
      return { answer, status: 200, location: null, etag: `"${session.version}"`, operation: 'record_attendance', kind: 'session', record: id, aggregate: { kind: 'session', id }, event: 'attendance.recorded', data }
    }))

  app.get('/api/v1/editions/:id/figures', { onRequest: permit(FIGURE_READERS), schema: { params: { type: 'object', properties: { id: UUID } } } }, request =>
    read(request, async db => {
      const { rows: [row] } = await db.query(sql.figures([request.caller.tenant_id, request.params.id]))
      if (!row) throw new Refusal(404, 'platform.not_found')
      const figure = (definitionId, value, numerator = value, denominator = null) => ({ definitionId, value, numerator, denominator })
      return {
        editionId: request.params.id,
        figures: [
          figure('M-06', row.started),
          figure('M-13.attendance_rate', (row.attended / row.scheduled).toFixed(6), toHours(row.attended), toHours(row.scheduled)),
          figure('M-14.delivery_hours', toHours(row.delivered)),
          figure('M-15.psu_hours', toHours(row.worked))
        ]
      }
    }))

  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS); worker++) cluster.fork()
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill('SIGTERM')
    cluster.on('exit', () => Object.keys(cluster.workers).length === 0 && process.exit(0))
  })
} else {
  await serve()
}
