/** The library: a gateway in your own process, and the SDP rewriting alone. */

export type { CallSummary, GatewayState } from './api/gateway-control.ts';
export { ConfigError } from './config/config-error.ts';
export type { Difference } from './config/difference.ts';
export { loadConfig, parseConfig } from './config/load.ts';
export type { Config, ConfigInput } from './config/schema.ts';
export type { CallEnd, CallEndCause } from './events/call-end.ts';
export type { EventNotice } from './events/event-feed.ts';
export { FilterError } from './events/event-filter.ts';
export type { CallParties, CallRecord, GatewayEvents, LegQuality } from './events/gateway-events.ts';
export { createGateway, type Gateway, type GatewayOverrides, type Listeners } from './gateway.ts';
export type { Explanation } from './sdp/explain.ts';
export { exampleGateway, type Rewritten, rewriteAnswer, rewriteOffer } from './sdp/rewrite.ts';
export { SdpError } from './sdp/sdp-error.ts';
export type { CallTrace, TraceEntry } from './trace/call-trace.ts';
export { writeCaptureFile } from './trace/capture-file.ts';
export { printTrace } from './trace/text.ts';
