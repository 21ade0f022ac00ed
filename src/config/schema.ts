/**
 * The configuration as a schema: names, kinds, limits and one line on each. Defaults of sections stand in config/default.yaml,
 * those of list entries here. docs/configuration.md is made from both.
 */

import { z } from 'zod';
import {
  advertisedAddress,
  allowedOrigin,
  autoOr,
  bindAddress,
  callerId,
  count,
  eventFilter,
  filePath,
  flag,
  hostName,
  ipAddress,
  listenAddress,
  loginName,
  longSecret,
  oneOf,
  port,
  portRange,
  remoteAddress,
  routePattern,
  seconds,
  secret,
  someOf,
  subnet,
  trunkName,
  trunkTarget,
  userName,
  webAddress,
} from './values.ts';

function about<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  return schema.meta({ ...schema.meta(), description });
}

const http = z.strictObject({
  listen: about(listenAddress, 'Where the listener waits. Port 0 takes any free one.'),
});

const https = z.strictObject({
  listen: about(listenAddress, 'Where the listener waits. Port 0 takes any free one.'),
  cert: about(filePath, 'Certificate chain, PEM.'),
  key: about(filePath, 'Private key of the certificate, PEM.'),
});

const sip = z.strictObject({
  udp: about(z.nullable(listenAddress), 'SIP over UDP towards trunks; null for none.'),
  tcp: about(z.nullable(listenAddress), 'SIP over TCP towards trunks; null for none.'),
  advertise: about(z.nullable(advertisedAddress), 'The address in Via and Contact towards trunks; null: that of the route to the trunk.'),
});

const browserMedia = z.strictObject({
  bind: about(bindAddress, 'Where browsers send their media.'),
  advertise: about(z.nullable(ipAddress), 'The address told to browsers, if it differs from `bind`; null: every address bound.'),
  port: about(port, 'UDP port of the first relay thread; the next thread takes the next port. 0 takes free ones.'),
});

const trunkMedia = z.strictObject({
  bind: about(bindAddress, 'Where trunks send their media.'),
  advertise: about(z.nullable(ipAddress), 'The address told to trunks, if it differs from `bind`; null: that of the route to the trunk.'),
  ports: about(portRange, 'First and last UDP port; a call takes one pair.'),
});

const media = z.strictObject({
  browser: about(browserMedia, 'The side of the browsers.'),
  trunk: about(trunkMedia, 'The side of the trunks.'),
  workers: about(
    autoOr(0, 64),
    'Relay threads. auto: one for each core beyond the first, at least one. 0: none, relay in the main thread.',
  ),
  driver: about(
    oneOf('auto', 'mmsg', 'dgram'),
    'How UDP is spoken. mmsg: many packets in one system call, on Linux. dgram: the portable way. auto: the first that works.',
  ),
  dtls: about(
    oneOf('auto', 'openssl', 'werift'),
    'Which DTLS. openssl: that of the Node binary. werift: portable. auto: the first that works.',
  ),
  srtp: about(
    oneOf('auto', 'evp', 'node'),
    'Which ciphers. evp: those of the Node binary, called directly. node: those of node:crypto. auto: the first that works.',
  ),
  batchUs: about(autoOr(0, 10_000), 'Microseconds for which the mmsg driver gathers packets before it sends them together.'),
});

const auth = z.strictObject({
  algorithms: about(
    someOf('MD5', 'SHA-256', 'SHA-512-256'),
    'Digest algorithms offered to browsers, in this order. JsSIP and SIP.js read only the last and know only MD5.',
  ),
  nonceTtlSec: about(seconds(10, 86_400), 'How long a nonce may be used.'),
  maxFailures: about(
    count(1, 1_000_000),
    'Wrong passwords for one name from one address that lock it out there. Behind a proxy all browsers have the address of the proxy.',
  ),
  failureWindowSec: about(seconds(1, 86_400), 'Wrong passwords are counted for so long from the first; a lock lasts for the rest of it.'),
});

const registrar = z.strictObject({
  minExpiresSec: about(seconds(1, 86_400), 'A shorter registration is refused with 423.'),
  maxExpiresSec: about(seconds(1, 86_400), 'A longer registration is shortened to this.'),
});

const user = z.strictObject({
  name: about(userName, 'The user part of sip:NAME@domain, and the login.'),
  password: about(secret, 'Digest password.'),
  callerId: about(z.nullable(callerId).default(null), 'The number shown to trunks; null: the name.'),
  dtmf: about(oneOf('rfc4733', 'info').default('rfc4733'), 'How a digit from the trunk reaches the browser: as RTP event or as SIP INFO.'),
});

const trunkAuth = z.strictObject({
  username: about(loginName, 'Digest user name at the trunk.'),
  password: about(secret, 'Digest password at the trunk.'),
  realm: about(z.nullable(loginName).default(null), 'The only realm that is answered; null: any realm that this trunk names.'),
});

const trunk = z.strictObject({
  name: about(trunkName, 'The name by which routes and logs call it.'),
  target: about(trunkTarget, 'Where its requests go.'),
  auth: about(z.nullable(trunkAuth).default(null), 'Credentials for its 401 and 407; null: none.'),
  register: about(flag.default(false), 'Register at the trunk and keep the registration alive.'),
  registerExpiresSec: about(seconds(60, 86_400).default(600), 'Life of that registration as asked for.'),
  sources: about(z.array(subnet).default([]), 'Where its requests may come from; empty: what `target` resolves to.'),
  codecs: about(someOf('PCMU', 'PCMA', 'G722', 'opus').default(['PCMU', 'PCMA']), 'Codecs allowed towards it, in order of preference.'),
  tcpFallback: about(flag.default(false), 'Send requests over 1300 bytes by TCP although the target does not say so.'),
  pingSec: about(seconds(0, 3600).default(0), 'OPTIONS to the trunk every so often; 0: never. A trunk that does not answer is not used.'),
  media: about(
    z
      .strictObject({ learn: about(flag.default(false), 'Accept media from another address than its SDP names (NAT).') })
      .default({ learn: false }),
    'Media rules of this trunk.',
  ),
});

const call = z.strictObject({
  graceSec: about(seconds(0, 3600), 'How long a call waits for a browser that lost its connection.'),
  noAnswerSec: about(seconds(1, 3600), 'How long a call may ring.'),
  maxSec: about(seconds(1, 604_800), 'Longest call.'),
  sessionExpiresSec: about(seconds(90, 86_400), 'Session interval that is asked for (RFC 4028).'),
  drainSec: about(
    seconds(0, 86_400),
    'How long a gateway that is asked to stop waits for running calls, while it refuses new ones with 503. 0: it ends them at once.',
  ),
});

const outboundRoute = z.strictObject({
  match: about(routePattern, 'Matched against what the browser dials.'),
  trunk: about(trunkName, 'The trunk that takes the call.'),
});

const inboundRoute = z.strictObject({
  match: about(routePattern, 'Matched against the user part of the Request-URI from the trunk.'),
  users: about(z.array(userName).min(1).meta({ expected: 'a list of user names' }), 'Who rings, all contacts at once.'),
});

const routes = z.strictObject({
  outbound: about(z.array(outboundRoute), 'From browsers to trunks; the first match counts whose trunk is not down.'),
  inbound: about(z.array(inboundRoute), 'From trunks to browsers; the first match counts.'),
});

const limits = z.strictObject({
  messageBytes: about(count(2048, 1_048_576), 'Largest SIP message over WebSocket and TCP.'),
  messagesPerSec: about(count(1, 10_000), 'SIP messages of one WebSocket connection, on average; twice as many at once.'),
  trunkMessagesPerSec: about(
    count(1, 100_000),
    'SIP messages from one trunk address, likewise. TCP is read no faster; datagrams beyond it are dropped.',
  ),
  connections: about(count(1, 1_000_000), 'SIP connections at once, over WebSocket and over TCP each; also all HTTP sockets.'),
  connectionsPerAddress: about(
    count(1, 1_000_000),
    'The same of one remote address, which may have twice as many HTTP sockets. Behind a proxy all browsers have its address.',
  ),
  anonymousSec: about(seconds(1, 3600), 'How long a WebSocket may stay open before its first request with a valid password.'),
  calls: about(count(1, 100_000), 'Calls at once.'),
  callsPerUser: about(count(1, 10_000), 'Calls at once of one user.'),
  callsPerTrunk: about(z.nullable(count(1, 100_000)), 'Calls at once of one trunk, in both directions; null: as many as in all.'),
  callsPerAddress: about(count(1, 100_000), 'Calls at once from browsers at one remote address.'),
  registrationsPerUser: about(count(1, 1000), 'Contacts of one user.'),
  registrationsPerAddress: about(count(1, 100_000), 'Contacts registered from one remote address.'),
});

const log = z.strictObject({
  level: about(oneOf('debug', 'info', 'warn', 'error', 'silent'), 'The least important lines that are written.'),
  format: about(oneOf('auto', 'json', 'pretty'), 'auto: pretty on a terminal, else JSON lines.'),
});

const store = z.strictObject({
  path: about(
    z.nullable(filePath),
    'The SQLite file with call records, users added at run time and API tokens. null: in memory, gone with the process, and the last 10000 records only.',
  ),
});

const records = z.strictObject({
  maxDays: about(count(1, 36_500), 'Records of calls are kept for so many days.'),
  maxRows: about(count(1, 100_000_000), 'And so many at most, the latest.'),
});

const metrics = z.strictObject({
  enabled: about(flag, 'Serve metrics for Prometheus at /metrics, to whom the API answers.'),
});

const trace = z.strictObject({
  calls: about(count(0, 100_000), 'Ended calls of which the trace is kept; running ones all have one. 0: nothing is traced.'),
  entries: about(count(20, 100_000), 'SIP messages and other entries of one call; then the middle of the call is left out.'),
  bytes: about(count(16_384, 16_777_216), 'The same in bytes.'),
});

const hep = z.strictObject({
  target: about(remoteAddress, 'Where the collector takes HEP over UDP.'),
  captureId: about(count(0, 4_294_967_295).default(2001), 'The number of this gateway among those that send there.'),
  password: about(z.nullable(secret).default(null), 'What the collector asks for as authentication key; it is sent as it stands.'),
  node: about(z.nullable(loginName).default(null), 'The name of this gateway as the collector shows it.'),
});

const webhook = z.strictObject({
  url: about(webAddress, 'Where events are posted.'),
  secret: about(longSecret, 'The key of the signature by which the receiver knows that an event is ours.'),
  filter: about(eventFilter.default(''), 'Which events (docs/events.md); empty: all but `call.quality`.'),
});

const api = z.strictObject({
  expose: about(flag, 'Answer /api for other machines, too, once there are tokens (offhook token).'),
});

const web = z.strictObject({
  dashboard: about(flag, 'Serve the dashboard at /, to whoever may use the API.'),
  softphone: about(flag, 'Serve the softphone page at /phone.'),
});

export const configSchema = z.strictObject({
  domain: about(hostName, 'The SIP domain of the users, and the realm of their passwords.'),
  http: about(z.nullable(http), 'Pages, API and the SIP WebSocket at /sip; null for none.'),
  https: about(z.nullable(https), 'The same with TLS; null for none.'),
  allowedOrigins: about(z.array(allowedOrigin), 'Web origins whose pages may open the SIP WebSocket, besides the gateway’s own.'),
  sip: about(sip, 'SIP towards trunks.'),
  media: about(media, 'Media. The two sides may be two networks.'),
  auth: about(auth, 'How browsers prove who they are.'),
  registrar: about(registrar, 'Registrations of browsers.'),
  users: about(z.array(user), 'Who may register and call.'),
  trunks: about(z.array(trunk), 'The way to the telephone network.'),
  routes: about(routes, 'Who is called. Numbers and names longer than 64 characters match nothing.'),
  call: about(call, 'Times of a call.'),
  limits: about(limits, 'What one peer, and all together, may take.'),
  log: about(log, 'Log lines go to standard output.'),
  store: about(store, 'What outlives the process.'),
  records: about(records, 'A record of each call, in the store.'),
  metrics: about(metrics, 'Figures for monitoring.'),
  trace: about(trace, 'What is kept of each call for those who look into it later; in memory.'),
  hep: about(z.nullable(hep), 'Sends SIP messages and quality reports to Homer or another HEP collector; null: to none.'),
  webhooks: about(z.array(webhook), 'Who is told of events by HTTP.'),
  api: about(api, 'The HTTP API.'),
  web: about(web, 'Pages.'),
});

/** A checked configuration: addresses parsed, patterns compiled, file paths absolute. */
export type Config = z.output<typeof configSchema>;

/** What a configuration may look like before it is laid over the defaults: any part of it, as YAML gives it. */
export type ConfigInput = { readonly [Key in keyof z.input<typeof configSchema>]?: unknown };
