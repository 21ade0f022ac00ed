/** The flows to try for a request that is routed by URI, one after the other (RFC 3263 section 4.3, RFC 3261 section 18.1.1). */

import type { Log } from '../base/log.ts';
import type { Connector, ServerAddress } from './destination.ts';
import type { Flow } from './message/flow.ts';
import { printUri, type SipUri } from './message/uri.ts';

/** Above it a datagram risks fragmentation, and the request goes by TCP. */
const maxDatagramBytes = 1300;

export interface Routing {
  readonly uri: SipUri;
  /** Whether TCP may stand in for UDP although the URI says `transport=udp`. */
  readonly tcpFallback: boolean;
  /** The size of the request as it would leave on this flow. */
  readonly sizeOn: (flow: Flow) => number;
}

/** Ends when no server is left. Throws what `candidates` rejects with. */
export async function* flowsTo(connector: Connector, log: Log, routing: Routing): AsyncGenerator<Flow, undefined> {
  for (const server of await connector.candidates(routing.uri)) {
    const flow = await reach(connector, server);
    if (flow) yield await fittingFlow(connector, log, routing, flow);
  }
}

/** The flow itself, or one by TCP to the same server if the request is too large for UDP and TCP may be used. */
export async function fittingFlow(connector: Connector, log: Log, routing: Routing, flow: Flow): Promise<Flow> {
  const { uri, tcpFallback, sizeOn } = routing;
  const bytes = flow.transport === 'udp' ? sizeOn(flow) : 0;
  if (bytes <= maxDatagramBytes) return flow;
  if (tcpFallback || !uri.params.has('transport')) {
    return (await reach(connector, { transport: 'tcp', address: flow.remote })) ?? flow;
  }
  log.warn({ bytes, uri: printUri(uri) }, 'request over 1300 bytes goes by UDP because its target says transport=udp');
  return flow;
}

async function reach(connector: Connector, server: ServerAddress): Promise<Flow | undefined> {
  try {
    return await connector.connect(server);
  } catch {
    return undefined;
  }
}
