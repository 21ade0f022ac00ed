/** Answers a challenge of HTTP digest (RFC 7616) with `qop=auth`. It shares nothing with the product. */

import { createHash, randomBytes } from 'node:crypto';

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** The value of an Authorization or Proxy-Authorization header. */
export function digestAnswer(challenge: string, { user, password }: Account, method: string, uri: string): string {
  const said = fieldsOf(challenge);
  const algorithm = said.get('algorithm') ?? 'MD5';
  const [nc, cnonce] = ['00000001', randomBytes(8).toString('hex')];
  const fields = new Map([...said, ['username', user], ['uri', uri], ['nc', nc], ['cnonce', cnonce], ['algorithm', algorithm]]);
  const quoted = ['username', 'realm', 'nonce', 'uri', 'cnonce'].map((name) => `${name}="${fields.get(name)}"`);
  const response = responseOf(fields, password, method);
  return `Digest ${[...quoted, `response="${response}"`, `algorithm=${algorithm}`, 'qop=auth', `nc=${nc}`].join(', ')}`;
}

/** Whether credentials were made by one who knows the password. */
export function knowsPassword(credentials: string, password: string, method: string): boolean {
  const fields = fieldsOf(credentials);
  return fields.get('qop') === 'auth' && fields.get('response') === responseOf(fields, password, method);
}

function fieldsOf(header: string): Map<string, string> {
  return new Map(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', quoted, token = '']) => [name, quoted ?? token]),
  );
}

function responseOf(fields: ReadonlyMap<string, string>, password: string, method: string): string {
  const [user, realm, nonce, uri, nc, cnonce] = ['username', 'realm', 'nonce', 'uri', 'nc', 'cnonce'].map((name) => fields.get(name));
  const name = fields.get('algorithm') === 'SHA-256' ? 'sha256' : 'md5';
  const hash = (text: string): string => createHash(name).update(text).digest('hex');
  return hash(`${hash(`${user}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`);
}
