/**
 * The JSON resources of the API, as schemas and as plain types. Times are milliseconds since the Unix epoch; null means "not (yet)".
 * The pages import the types from here, so that there is one definition of what goes over the wire.
 */

import { z } from 'zod';
import { callEndCauses } from '../events/call-end.ts';

const timestamp = z.number().meta({ description: 'Milliseconds since the Unix epoch.' });
const count = z.int().min(0);
const text = z.string();
const callSide = z.enum(['browser', 'trunk']);

/** `.` and `..` are no names: as a part of a path they mean another. */
export const userNameSchema = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._+~-]{1,64}$/)
  .meta({ description: '1 to 64 letters, digits or . _ + ~ -' });
export const trunkNameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
export const callIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const problemSchema = z
  .object({
    type: text.meta({ description: 'about:blank: the status says it all.' }),
    title: text,
    status: z.int(),
    detail: z.string().exactOptional(),
    errors: z
      .array(z.object({ path: text, message: text }))
      .readonly()
      .exactOptional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457).' });
export type Problem = Readonly<z.infer<typeof problemSchema>>;

const addressSchema = z.object({ host: text, port: z.int() }).meta({ id: 'Address' });

const partiesShape = {
  callId: text,
  direction: z.enum(['outbound', 'inbound']).meta({ description: 'Seen from the browser: outbound goes to the trunk.' }),
  user: text.nullable().meta({ description: 'The browser’s user; of an inbound call the one who answered, null before.' }),
  number: text.meta({ description: 'The number on the telephone side.' }),
  trunk: text,
};

const callSchema = z
  .object({
    ...partiesShape,
    state: z.enum(['preparing', 'calling', 'early', 'answered']),
    invitedAt: timestamp,
    answeredAt: timestamp.nullable(),
    codec: text.nullable().meta({ description: 'What was agreed on last; null before.' }),
    mos: z.number().nullable().meta({ description: 'The worse leg’s estimated listening quality, 1 to 4.5 (ITU-T G.107).' }),
  })
  .meta({ id: 'Call' });
export type Call = Readonly<z.infer<typeof callSchema>>;

const streamQuality = z.object({ packets: count, bytes: count, lost: z.int(), jitterMs: z.number() }).readonly();

const legQualitySchema = z
  .object({
    side: callSide,
    received: streamQuality,
    sent: streamQuality,
    roundTripMs: z.number().nullable(),
    mos: z.number().nullable(),
    dropped: z.record(text, count).readonly().exactOptional().meta({ description: 'Packets not relayed, by reason.' }),
  })
  .meta({ id: 'LegQuality' });
export type LegQuality = Readonly<z.infer<typeof legQualitySchema>>;

export const callDetailSchema = callSchema
  .extend({
    ringingAt: timestamp.nullable(),
    heldBy: z.array(callSide).readonly(),
    media: z.object({ profile: text, remote: addressSchema }).readonly().nullable().meta({ description: 'The browser’s media path.' }),
    quality: z.array(legQualitySchema).readonly(),
  })
  .meta({ id: 'CallDetail' });
export type CallDetail = Readonly<z.infer<typeof callDetailSchema>>;

export const callOrderSchema = z
  .strictObject({
    user: userNameSchema.meta({ description: 'Whose browser rings first.' }),
    number: z
      .string()
      .regex(/^\+?[0-9A-Za-z*#._-]{1,64}$/)
      .meta({ description: 'Dialled when the user has answered.' }),
  })
  .meta({ id: 'CallOrder' });
export type CallOrder = Readonly<z.infer<typeof callOrderSchema>>;

export const placedCallSchema = z.object({ callId: text }).meta({ id: 'PlacedCall' });
export type PlacedCall = Readonly<z.infer<typeof placedCallSchema>>;

const registrationSchema = z
  .object({
    user: text,
    contact: text,
    instanceId: text.nullable(),
    remote: addressSchema,
    userAgent: text.nullable(),
    connected: z.boolean().meta({ description: 'False: the connection is gone, the browser may come back.' }),
    expiresAt: timestamp,
  })
  .meta({ id: 'Registration' });
export type Registration = Readonly<z.infer<typeof registrationSchema>>;

const dtmfSchema = z.enum(['rfc4733', 'info']).meta({ description: 'How a digit from the trunk reaches the browser.' });
const callerIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9+*#._-]{1,64}$/)
  .nullable()
  .meta({ description: 'The number shown to trunks; null: the name.' });
const passwordSchema = z.string().min(8).max(256).meta({ description: 'Kept as digest HA1 only, never returned.' });

export const userSchema = z
  .object({
    name: text,
    callerId: text.nullable(),
    dtmf: dtmfSchema,
    source: z.enum(['configuration', 'api']).meta({ description: 'Users of the configuration are changed there.' }),
    contacts: count.meta({ description: 'Registered browsers.' }),
    calls: count,
  })
  .meta({ id: 'User' });
export type User = Readonly<z.infer<typeof userSchema>>;

export const newUserSchema = z
  .strictObject({
    name: userNameSchema,
    password: passwordSchema,
    callerId: callerIdSchema.default(null),
    dtmf: dtmfSchema.default('rfc4733'),
  })
  .meta({ id: 'NewUser' });
export type NewUser = Readonly<z.infer<typeof newUserSchema>>;

export const userChangeSchema = z
  .strictObject({ password: passwordSchema.exactOptional(), callerId: callerIdSchema.exactOptional(), dtmf: dtmfSchema.exactOptional() })
  .meta({ id: 'UserChange', description: 'What is left out stays as it is.' });
export type UserChange = Readonly<z.infer<typeof userChangeSchema>>;

export const trunkSchema = z
  .object({
    name: text,
    target: text,
    enabled: z.boolean().meta({ description: 'False: an operator has taken it out of use.' }),
    available: z.boolean().meta({ description: 'False: it does not answer OPTIONS.' }),
    pinged: z.boolean().meta({ description: 'Whether it is asked regularly.' }),
    registration: z.enum(['registered', 'unregistered']).nullable().meta({ description: 'null: it wants no registration.' }),
    addresses: z.array(addressSchema).readonly().meta({ description: 'What the target resolved to last.' }),
    codecs: z.array(text).readonly(),
    calls: count,
    changedAt: timestamp.nullable(),
    detail: text.meta({ description: 'What was learned last about it, in plain words.' }),
  })
  .meta({ id: 'Trunk' });
export type Trunk = Readonly<z.infer<typeof trunkSchema>>;

export const trunkTestSchema = z
  .object({
    trunk: text,
    answered: z.boolean(),
    status: z.int().nullable().meta({ description: 'The SIP status of the answer to OPTIONS.' }),
    roundTripMs: z.number().nullable(),
    detail: text,
  })
  .meta({ id: 'TrunkTest' });
export type TrunkTest = Readonly<z.infer<typeof trunkTestSchema>>;

const causeSchema = z.enum(callEndCauses);

const callEndSchema = z
  .object({
    cause: causeSchema,
    side: z.enum(['browser', 'trunk', 'gateway']),
    sipStatus: z.int().exactOptional(),
    q850: z.int().exactOptional(),
    detail: z.string().exactOptional(),
  })
  .meta({ id: 'CallEnd' });
export type CallEnd = Readonly<z.infer<typeof callEndSchema>>;

const findingSchema = z
  .object({
    rule: text,
    severity: z.enum(['info', 'warning', 'problem']),
    path: z.enum(['browser->gateway', 'gateway->trunk', 'trunk->gateway', 'gateway->browser']).nullable(),
    text,
    evidence: z.array(text).readonly(),
    advice: text,
    since: timestamp.nullable(),
  })
  .meta({ id: 'Finding', description: 'What is wrong with a call, in plain words.' });
export type Finding = Readonly<z.infer<typeof findingSchema>>;

export const recordSchema = z
  .object({
    ...partiesShape,
    invitedAt: timestamp,
    ringingAt: timestamp.nullable(),
    earlyMediaAt: timestamp.nullable(),
    answeredAt: timestamp.nullable(),
    endedAt: timestamp,
    end: callEndSchema.readonly(),
    codec: text.nullable(),
    codecs: z.object({ browser: text.nullable(), trunk: text.nullable() }).readonly(),
    transferredFrom: text.nullable(),
    quality: z.array(legQualitySchema).readonly(),
    findings: z.array(findingSchema).readonly().exactOptional(),
  })
  .meta({ id: 'Record', description: 'A finished call.' });
export type CallRecord = Readonly<z.infer<typeof recordSchema>>;

export const recordPageSchema = z
  .object({ records: z.array(recordSchema).readonly(), next: text.nullable().meta({ description: 'The cursor of the next page.' }) })
  .meta({ id: 'RecordPage' });
export type RecordPage = Readonly<z.infer<typeof recordPageSchema>>;

const queryTime = z.coerce.number().int().min(0).meta({ description: 'Milliseconds since the Unix epoch.' });
const recordFilterShape = {
  from: queryTime.exactOptional(),
  to: queryTime.exactOptional(),
  user: z.string().max(64).exactOptional(),
  number: z.string().max(64).exactOptional(),
  trunk: z.string().max(64).exactOptional(),
  cause: causeSchema.exactOptional(),
  answered: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .exactOptional(),
};

export const recordFilterSchema = z.strictObject(recordFilterShape);
export const recordQuerySchema = z.strictObject({
  ...recordFilterShape,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(256).exactOptional(),
});
export type RecordQuery = Readonly<z.infer<typeof recordQuerySchema>>;

const milestoneSchema = z.object({
  side: callSide,
  at: timestamp,
  what: text,
  remote: addressSchema.readonly().nullable(),
  detail: text,
});

const traceEntrySchema = z
  .discriminatedUnion('kind', [
    z.object({
      at: timestamp,
      kind: z.literal('sip'),
      side: callSide,
      direction: z.enum(['received', 'sent']),
      transport: text,
      local: addressSchema.readonly(),
      remote: addressSchema.readonly(),
      firstLine: text,
      text: text.meta({ description: 'The whole message, credentials hidden.' }),
    }),
    z.object({ at: timestamp, kind: z.literal('milestone'), milestone: milestoneSchema.readonly() }),
    z.object({
      at: timestamp,
      kind: z.literal('media'),
      side: callSide,
      codec: text.nullable(),
      direction: text,
      ptimeMs: z.number().nullable(),
    }),
    z.object({
      at: timestamp,
      kind: z.literal('call'),
      what: z.enum(['started', 'ringing', 'answered', 'held', 'resumed', 'dtmf', 'ended']),
      detail: text,
    }),
  ])
  .meta({ id: 'TraceEntry' });
export type TraceEntry = Readonly<z.infer<typeof traceEntrySchema>>;

export const traceSchema = z
  .object({
    callId: text,
    parties: z.object(partiesShape).readonly(),
    entries: z.array(traceEntrySchema).readonly(),
    truncated: z.boolean(),
    record: recordSchema.partial({ codecs: true, transferredFrom: true }).readonly().nullable(),
    quality: z.array(z.object({ at: timestamp, legs: z.array(legQualitySchema).readonly() }).readonly()).readonly(),
  })
  .meta({ id: 'Trace' });
export type Trace = Readonly<z.infer<typeof traceSchema>>;

export const nodeSchema = z
  .object({
    version: text,
    state: z.enum(['starting', 'ready', 'draining']),
    startedAt: timestamp,
    uptimeSec: z.number(),
    runtime: text.meta({ description: 'Node version and platform.' }),
    calls: count,
    registrations: count,
    memory: z.object({ rssBytes: count, heapUsedBytes: count }).readonly(),
    cpu: z.number().meta({ description: 'Cores in use since the last look, all threads together.' }),
    threads: z
      .array(
        z
          .object({
            thread: z.int(),
            sessions: count,
            load: z.number().nullable().meta({ description: '0 idle to 1 busy; null where it is not measured.' }),
            alive: z.boolean(),
          })
          .readonly(),
      )
      .readonly(),
    ports: z.object({ inUse: count, total: count }).readonly().meta({ description: 'Pairs for RTP and RTCP towards trunks.' }),
    drivers: z.record(text, text).readonly().meta({ description: 'udp, dtls, srtp: what is in use.' }),
  })
  .meta({ id: 'Node' });
export type Node = Readonly<z.infer<typeof nodeSchema>>;

const roleSchema = z.enum(['read', 'operate', 'admin']);
export type Role = z.infer<typeof roleSchema>;

export const sessionSchema = z
  .object({
    role: roleSchema,
    name: text.nullable().meta({ description: 'The token’s name; null for this machine without a token.' }),
  })
  .meta({ id: 'Session' });
export type Session = Readonly<z.infer<typeof sessionSchema>>;

export const webhookSchema = z
  .object({
    id: text,
    url: text,
    filter: text.meta({ description: 'Empty: every event.' }),
    source: z.enum(['configuration', 'api']),
    queued: count,
    delivered: count,
    deadLetters: count.meta({ description: 'Given up after the last retry, or thrown away because the queue was full.' }),
    lastError: text.nullable(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = Readonly<z.infer<typeof webhookSchema>>;

export const newWebhookSchema = z
  .strictObject({
    url: z.string().max(2048).meta({ description: 'http or https.' }),
    secret: z.string().min(16).max(256).meta({ description: 'Key of the HMAC, never returned.' }),
    filter: z.string().max(1000).default(''),
  })
  .meta({ id: 'NewWebhook' });
export type NewWebhook = Readonly<z.infer<typeof newWebhookSchema>>;

export const drainOrderSchema = z
  .strictObject({
    deadlineSec: z.int().min(0).max(86_400).default(300).meta({ description: 'Calls that still run then are ended.' }),
  })
  .meta({ id: 'DrainOrder' });

export const drainingSchema = z
  .object({ state: z.literal('draining'), calls: count.meta({ description: 'Still running.' }) })
  .meta({ id: 'Draining' });
export type Draining = Readonly<z.infer<typeof drainingSchema>>;

export const eventSchema = z
  .object({
    id: text,
    at: timestamp,
    event: text.meta({ description: 'Its name: call.ended.' }),
    data: z.record(text, z.unknown()).readonly().meta({ description: 'Its payload: docs/events.md.' }),
  })
  .meta({ id: 'Event' });
export type Event = Readonly<z.infer<typeof eventSchema>>;

/** Lists are objects, so that something can be said beside them one day. */
export const callListSchema = z.object({ calls: z.array(callSchema).readonly() }).meta({ id: 'CallList' });
export type CallList = Readonly<z.infer<typeof callListSchema>>;
export const registrationListSchema = z.object({ registrations: z.array(registrationSchema).readonly() }).meta({ id: 'RegistrationList' });
export type RegistrationList = Readonly<z.infer<typeof registrationListSchema>>;
export const userListSchema = z.object({ users: z.array(userSchema).readonly() }).meta({ id: 'UserList' });
export type UserList = Readonly<z.infer<typeof userListSchema>>;
export const trunkListSchema = z.object({ trunks: z.array(trunkSchema).readonly() }).meta({ id: 'TrunkList' });
export type TrunkList = Readonly<z.infer<typeof trunkListSchema>>;
export const findingListSchema = z.object({ findings: z.array(findingSchema).readonly() }).meta({ id: 'FindingList' });
export type FindingList = Readonly<z.infer<typeof findingListSchema>>;
export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema).readonly() }).meta({ id: 'WebhookList' });
export type WebhookList = Readonly<z.infer<typeof webhookListSchema>>;
