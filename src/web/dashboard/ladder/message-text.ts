/** What the ladder shows of a SIP message. For people: the message was parsed and judged by the gateway. */

export interface MessageParts {
  /** First line and header fields. */
  readonly head: string;
  readonly body: string;
}

export function splitMessage(text: string): MessageParts {
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? { head: text, body: '' } : { head: text.slice(0, end), body: text.slice(end + 4) };
}

/** The value of the first such header field, or ''. */
function headerOf(head: string, name: string, compact = name): string {
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const field = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (field === name || field === compact) return line.slice(colon + 1).trim();
  }
  return '';
}

export function sdpOf(text: string): string | null {
  const { head, body } = splitMessage(text);
  return body !== '' && headerOf(head, 'content-type', 'c').toLowerCase().startsWith('application/sdp') ? body : null;
}

export interface MessageLabel {
  /** `INVITE` or `200 OK`. */
  readonly title: string;
  /** The Request-URI, or the method that a response answers. */
  readonly detail: string;
  readonly method: string;
  readonly tone: 'request' | 'provisional' | 'success' | 'failure';
}

export function labelMessage(firstLine: string, text: string): MessageLabel {
  const { head } = splitMessage(text);
  if (!firstLine.startsWith('SIP/2.0 ')) {
    const [method = '', ...rest] = firstLine.split(' ');
    return { title: method, detail: rest.slice(0, -1).join(' '), method, tone: 'request' };
  }
  const title = firstLine.slice('SIP/2.0 '.length);
  const sequence = headerOf(head, 'cseq');
  const method = sequence.slice(sequence.lastIndexOf(' ') + 1);
  return { title, detail: method, method, tone: toneOf(title) };
}

/** 401 and 407 ask for a password: no failure yet. */
function toneOf(title: string): MessageLabel['tone'] {
  if (title.startsWith('1') || title.startsWith('401') || title.startsWith('407')) return 'provisional';
  return title.startsWith('2') ? 'success' : 'failure';
}
