import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  answerChallenge,
  chooseChallenge,
  type DigestAlgorithm,
  type DigestCredentials,
  ha1,
  parseChallenge,
  parseCredentials,
  printChallenge,
  printCredentials,
  verifyCredentials,
} from '../../../../src/sip/message/digest.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';

interface Vector {
  readonly name: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc?: string;
  readonly cnonce?: string;
  readonly qop: string | null;
  readonly algorithm: DigestAlgorithm;
  readonly response: string;
  readonly expectMatch?: boolean;
}

const { vectors } = JSON.parse(readFileSync(new URL('../../../fixtures/vectors/digest.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};

function credentialsOf(vector: Vector): DigestCredentials {
  const { username, realm, nonce, uri, response, algorithm, qop, cnonce = null, nc = null } = vector;
  return { username, realm, nonce, uri, response, algorithm, opaque: null, qop, cnonce, nc };
}

describe('vectors of RFC 7616, RFC 2617 and JsSIP', () => {
  test.each(vectors.filter(({ qop }) => qop !== 'auth-int'))('$name', (vector) => {
    const { algorithm, username, realm, password, method, uri, nonce, qop, cnonce = '', nc = '1', expectMatch = true } = vector;
    const key = ha1(algorithm, username, realm, password);
    expect(verifyCredentials(credentialsOf(vector), key, method)).toBe(expectMatch);
    const challenge = { realm, nonce, algorithm, opaque: null, qop: qop ? [qop] : [], stale: false };
    const answer = answerChallenge(challenge, { username, password }, method, uri, cnonce, Number.parseInt(nc, 16));
    expect(answer.response === vector.response).toBe(expectMatch);
    expect(answerChallenge(challenge, { username, ha1: key }, method, uri, cnonce, Number.parseInt(nc, 16))).toEqual(answer);
  });

  test.each(vectors.filter(({ qop }) => qop === 'auth-int'))('$name is refused: bodies are not signed here', (vector) => {
    const key = ha1(vector.algorithm, vector.username, vector.realm, vector.password);
    expect(verifyCredentials(credentialsOf(vector), key, vector.method)).toBe(false);
  });
});

describe('credentials', () => {
  const jssip =
    'Digest algorithm=MD5, username="alice", realm="gw.example", nonce="awEWpWsBFXkfozXcqkmfn+SVALywkaWH", uri="sip:gw.example", response="320e739e4a8073ca65e632388538b6af", qop=auth, cnonce="giou11s888jh", nc=00000001';

  test('of JsSIP are read', () => {
    expect(parseCredentials(jssip)).toMatchObject({
      username: 'alice',
      realm: 'gw.example',
      uri: 'sip:gw.example',
      qop: 'auth',
      nc: '00000001',
      cnonce: 'giou11s888jh',
      algorithm: 'MD5',
      opaque: null,
    });
  });

  test('printed and read again are the same', () => {
    const credentials = parseCredentials(jssip) as DigestCredentials;
    expect(parseCredentials(printCredentials(credentials))).toEqual(credentials);
    const strange = { ...credentials, username: 'a"b\\c, d', opaque: '', algorithm: 'SHA-256' as const };
    expect(parseCredentials(printCredentials(strange))).toEqual(strange);
  });

  test('of another scheme are none', () => {
    expect(parseCredentials('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toBeUndefined();
    expect(parseCredentials('NoOneKnowsThisScheme opaque-data=here')).toBeUndefined();
  });

  test('of an unknown algorithm verify nothing', () => {
    const credentials = parseCredentials(jssip.replace('MD5', 'MD5-sess'));
    expect(credentials?.algorithm).toBeNull();
    expect(verifyCredentials(credentials as DigestCredentials, ha1('MD5', 'alice', 'gw.example', 'x'), 'REGISTER')).toBe(false);
  });

  test.each([
    '',
    'Digest',
    'Digest username',
    'Digest username=',
    'Digest username="a',
    'Digest username="a" realm="b"',
    'Digest username="a", username="b", realm="r", nonce="n", uri="u", response="x"',
    'Digest realm="r", nonce="n", uri="u", response="x"',
    `${jssip},`,
  ])('refuses %j', (value) => {
    expect(() => parseCredentials(value)).toThrow(SipError);
  });

  test('one wrong bit is a wrong response', () => {
    const vector = vectors[0] as Vector;
    const key = ha1(vector.algorithm, vector.username, vector.realm, vector.password);
    const credentials = credentialsOf(vector);
    for (const wrong of [
      { nonce: 'x' },
      { nc: '00000002' },
      { cnonce: 'x' },
      { uri: 'x' },
      { response: 'x' },
      { response: '' },
      { qop: null },
    ]) {
      expect(verifyCredentials({ ...credentials, ...wrong }, key, vector.method)).toBe(false);
    }
    expect(verifyCredentials(credentials, key, 'INVITE')).toBe(false);
  });
});

describe('challenges', () => {
  test('printed and read again are the same', () => {
    const challenge = { realm: 'a "b"', nonce: 'n', algorithm: 'SHA-256' as const, opaque: 'o', qop: ['auth', 'auth-int'], stale: true };
    expect(parseChallenge(printChallenge(challenge))).toEqual(challenge);
  });

  test('without algorithm and qop they are those of RFC 2069', () => {
    expect(parseChallenge('digest realm="r",nonce="n",STALE=TRUE')).toEqual({
      realm: 'r',
      nonce: 'n',
      algorithm: 'MD5',
      opaque: null,
      qop: [],
      stale: true,
    });
  });

  test('the first that can be answered is chosen', () => {
    const values = [
      'Bearer realm="r"',
      'Digest realm="r"',
      'Digest realm="r", nonce="1", algorithm=SHA-512',
      'Digest realm="r", nonce="2", algorithm=MD5, qop="auth-int"',
      'Digest realm="r", nonce="3", algorithm=SHA-256, qop="auth,auth-int"',
      'Digest realm="r", nonce="4", algorithm=MD5, qop="auth"',
    ];
    expect(chooseChallenge(values)).toMatchObject({ nonce: '3', algorithm: 'SHA-256' });
    expect(chooseChallenge(values.slice(0, 4))).toBeUndefined();
  });

  test('one that cannot be answered is not', () => {
    const challenge = { realm: 'r', nonce: 'n', algorithm: null, opaque: null, qop: [], stale: false };
    expect(() => answerChallenge(challenge, { username: 'a', password: 'b' }, 'INVITE', 'sip:x', 'c', 1)).toThrow(SipError);
    expect(() =>
      answerChallenge({ ...challenge, algorithm: 'MD5', qop: ['auth-int'] }, { username: 'a', password: 'b' }, 'INVITE', 'sip:x', 'c', 1),
    ).toThrow(SipError);
  });

  test('opaque comes back, nc is eight hex digits', () => {
    const challenge = { realm: 'r', nonce: 'n', algorithm: 'MD5' as const, opaque: 'back', qop: ['auth'], stale: false };
    const answer = answerChallenge(challenge, { username: 'a', password: 'b' }, 'INVITE', 'sip:x', 'c', 255);
    expect([answer.opaque, answer.nc]).toEqual(['back', '000000ff']);
  });
});
