/** A request within the early dialog of a phone's call, which a session of ours would not send. */

import { createRequest } from '../../src/sip/message/build.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import type { PhoneCall } from './stage-call.ts';

/** Over the phone's WebSocket, its branch named after the method; `call` has had a provisional response with a To tag. */
export function earlyRequest(
  call: PhoneCall,
  method: string,
  fields: ReadonlyArray<readonly [string, string]> = [],
  body = '',
): Uint8Array {
  const { headers } = call.responses[0] ?? {};
  const request = createRequest(
    method,
    call.session.request.uri,
    [
      ['Via', `SIP/2.0/WS x.invalid;branch=z9hG4bK${method}`],
      ['From', headers?.get('From') ?? ''],
      ['To', headers?.get('To') ?? ''],
      ['Call-ID', call.session.callId],
      ['CSeq', `9 ${method}`],
      ...fields,
    ],
    body,
  );
  return printMessage(request);
}
