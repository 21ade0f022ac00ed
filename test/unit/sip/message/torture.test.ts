import { describe, expect, test } from 'vitest';
import type { SipMessage, SipRequest } from '../../../../src/sip/message/message.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { unquote } from '../../../../src/sip/message/scanner.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import { percentDecode, printUri, type SipUri, uriUser } from '../../../../src/sip/message/uri.ts';
import { validateRequest } from '../../../../src/sip/message/validate.ts';
import { rfc4475, rfc5118, type TortureMessage } from '../../../support/sip-fixtures.ts';

const messages = [...rfc4475(), ...rfc5118()];

/** What the message layer makes of a message: a status, `accept`, or `drop` where no answer is possible. */
function outcomeOf({ bytes }: TortureMessage): number | 'accept' | 'drop' {
  try {
    const message = parseMessage(bytes);
    if (message.kind === 'response') return 'accept';
    return validateRequest(message)?.status ?? 'accept';
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    return error.partial ? error.status : 'drop';
  }
}

function permits(allowed: number | string, outcome: number | string): boolean {
  if (allowed === 'process normally') return outcome === 'accept';
  if (allowed === '4xx') return typeof outcome === 'number' && outcome >= 400 && outcome < 500;
  if (typeof allowed === 'string' && allowed.startsWith('200')) return outcome === 'accept';
  return allowed === outcome;
}

function message(name: string): SipMessage {
  const found = messages.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name}`);
  return parseMessage(found.bytes);
}

function request(name: string): SipRequest {
  const parsed = message(name);
  if (parsed.kind !== 'request') throw new Error(`${name} is a response`);
  return parsed;
}

function sipUri(uri: SipUri | string): SipUri {
  if (typeof uri === 'string') throw new Error(`${uri} is not a SIP URI`);
  return uri;
}

test('there are 49 messages of RFC 4475 and 12 of RFC 5118', () => {
  expect([rfc4475().length, rfc5118().length]).toEqual([49, 12]);
});

describe('the parser column', () => {
  test.each(messages.filter(({ parser }) => /must-accept|should-accept/.test(parser)))('$name is taken', ({ bytes }) => {
    expect(() => parseMessage(bytes)).not.toThrow();
  });

  test.each(messages.filter(({ parser }) => /must-reject|discard/.test(parser)))('$name is refused', ({ bytes }) => {
    expect(() => parseMessage(bytes)).toThrow(SipError);
  });

  test.each(messages)('$name does not break the parser, and prints to a fixed point if taken', ({ bytes }) => {
    let printed: Uint8Array;
    try {
      printed = printMessage(parseMessage(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(SipError);
      return;
    }
    expect(Buffer.from(printMessage(parseMessage(printed))).toString('latin1')).toBe(Buffer.from(printed).toString('latin1'));
  });
});

/** Answers that are not given on this level, and where instead. */
const elsewhere = new Map([
  ['bcast', 'a response without a transaction: the transaction layer drops it'],
  ['regaut01', 'REGISTER is served here: the registrar column counts'],
]);

describe('the endpoint column', () => {
  const covered = messages.filter(({ name, endpoint }) => endpoint && !elsewhere.has(name));

  test.each(covered)('$name gets $endpoint', (torture) => {
    const outcome = outcomeOf(torture);
    expect(
      torture.endpoint?.some((allowed) => permits(allowed, outcome)),
      `outcome ${outcome}`,
    ).toBe(true);
  });

  test('every exception is about a message that would else be covered', () => {
    for (const name of elsewhere.keys()) expect(messages.find((torture) => torture.name === name)?.endpoint).toBeTruthy();
  });
});

describe('the registrar column, as far as the message alone decides', () => {
  const refused = messages.filter(({ registrar }) => Array.isArray(registrar) && typeof registrar[0] === 'number');

  test.each(refused)('$name gets $registrar', (torture) => {
    const outcome = outcomeOf(torture);
    expect(
      (torture.registrar as Array<number | string>).some((allowed) => permits(allowed, outcome)),
      `outcome ${outcome}`,
    ).toBe(true);
  });

  test.each(['escnull', 'dblreq', 'cparam01', 'cparam02', 'regescrt', 'regaut01', 'ipv6-good'])('%s reaches the registrar', (name) => {
    expect(validateRequest(request(name))).toBeNull();
  });
});

describe('what the torture messages say', () => {
  test('wsinv: folds, space around everything, compact forms and leading zeros', () => {
    const { headers, uri, body } = request('wsinv');
    expect(headers.cseq).toEqual({ number: 9, method: 'INVITE' });
    expect(headers.maxForwards).toBe(68);
    expect(headers.vias.map((via) => [via.transport, via.host, via.params.get('branch')])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    expect(headers.get('Subject')).toBe('');
    expect([...sipUri(uri).params]).toEqual([['unknownparam', null]]);
    expect(headers.toTag).toBe('1918181833n');
    expect(headers.from.displayName).toBe('J Rosenberg \\"');
    expect(headers.contacts[0]).toMatchObject({ displayName: 'Quoted string ""' });
    expect(headers.contacts !== '*' && headers.contacts[0]?.params.get('q')).toBe('0.33');
    expect(headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(headers.get('UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    expect(body.length).toBe(150);
  });

  test('intmeth: every legal character, and text beyond ASCII byte for byte', () => {
    const { method, headers, uri } = request('intmeth');
    expect(method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(headers.to.displayName).toBe('BEL:\u0007 NUL:\0 DEL:\u007f');
    expect(uriUser(sipUri(uri))).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    expect(headers.from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(unquote(headers.from.params.get("fromparam''~+*_!.-%") ?? '')).toBe('работающий');
    const printed = Buffer.from(printMessage(request('intmeth')));
    expect(printed.includes(Buffer.from('efbbbfe5a4a7e5819ce99bbb', 'hex'))).toBe(true);
  });

  test('esc01, escnull: one level of escapes, NUL included', () => {
    const escaped = sipUri(request('esc01').uri);
    expect([uriUser(escaped), escaped.host]).toEqual(['sips:user@example.com', 'example.net']);
    expect(uriUser(sipUri(request('esc01').headers.to.uri))).toBe('user');
    const [contact] = request('esc01').headers.contacts;
    if (typeof contact !== 'object') throw new Error('no contact');
    const params = [...sipUri(contact.uri).params].map(([name, value]) => [percentDecode(name), percentDecode(value ?? '')]);
    expect(params).toContainEqual(['name', 'value%41']);
    expect(uriUser(sipUri(request('escnull').headers.to.uri))).toBe('null-\0-null');
    const contacts = request('escnull').headers.contacts;
    expect(contacts !== '*' && contacts.map(({ uri }) => uriUser(sipUri(uri)))).toEqual(['\0', '\0\0']);
  });

  test('esc02: % outside of URIs is no escape', () => {
    const { method, headers } = request('esc02');
    expect(method).toBe('RE%47IST%45R');
    expect(headers.to.displayName).toBe('%Z%45');
    expect(headers.contacts).toHaveLength(2);
    expect(headers.get('C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
  });

  test('lwsdisp, semiuri, transports: what looks like something else', () => {
    expect(request('lwsdisp').headers.from.displayName).toBe('caller');
    const uri = sipUri(request('semiuri').uri);
    expect([uriUser(uri), uri.params.size]).toEqual(['user;par=u@example.net', 0]);
    expect(request('transports').headers.vias.map((via) => via.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  test('longreq: nothing is cut', () => {
    const { headers } = request('longreq');
    expect(headers.vias).toHaveLength(34);
    expect(headers.callId).toMatch(/^longreq\.one(really)+longcallid$/);
    expect(headers.fromTag).toMatch(/^1(298){50,}/);
  });

  test('dblreq: octets beyond Content-Length are not the message', () => {
    const { method, body } = request('dblreq');
    expect([method, body.length]).toEqual(['REGISTER', 0]);
  });

  test('mpart01: a binary body survives', () => {
    const { body } = request('mpart01');
    expect(body.length).toBe(553);
    expect(body.includes(0)).toBe(true);
    expect(
      Buffer.from(printMessage(request('mpart01')))
        .subarray(-553)
        .equals(Buffer.from(body)),
    ).toBe(true);
  });

  test('unreason, noreason: any reason phrase', () => {
    expect(message('unreason')).toMatchObject({ status: 200 });
    expect((message('unreason') as { reason: string }).reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
    expect(message('noreason')).toMatchObject({ status: 100, reason: '' });
  });

  test('bext01, invut: the refusal says what is not supported, and what is', () => {
    expect(validateRequest(request('bext01'))?.headers).toEqual([['Unsupported', 'nothingSupportsThis, nothingSupportsThisEither']]);
    expect(validateRequest(request('invut'))?.headers).toEqual([['Accept', 'application/sdp']]);
  });

  test('cparam01, cparam02, regescrt: parameters belong where the brackets put them', () => {
    const contactOf = (name: string) => {
      const [contact] = request(name).headers.contacts;
      if (typeof contact !== 'object') throw new Error('no contact');
      return contact;
    };
    expect([...contactOf('cparam01').params.keys()]).toEqual(['unknownparam']);
    expect(sipUri(contactOf('cparam01').uri).params.size).toBe(0);
    expect([...sipUri(contactOf('cparam02').uri).params.keys()]).toEqual(['unknownparam']);
    expect(contactOf('cparam02').params.size).toBe(0);
    expect(printUri(sipUri(contactOf('regescrt').uri))).toBe('sip:user@example.com?Route=%3Csip:sip.example.com%3E');
  });

  test('inv2543: a request of 1999', () => {
    const { headers } = request('inv2543');
    expect([headers.fromTag, headers.maxForwards, headers.topVia.params.has('branch')]).toEqual([undefined, undefined, false]);
  });
});

describe('IPv6', () => {
  test('hosts and ports', () => {
    const hostPort = (name: string) => {
      const { host, port } = sipUri(request(name).uri);
      return { host, port };
    };
    expect(hostPort('ipv6-good')).toEqual({ host: '2001:db8::10', port: null });
    expect(hostPort('port-ambiguous')).toEqual({ host: '2001:db8::10:5070', port: null });
    expect(hostPort('port-unambiguous')).toEqual({ host: '2001:db8::10', port: 5070 });
    expect(hostPort('ipv6-bug-abnf-3-colons')).toEqual({ host: '2001:db8:::192.0.2.1', port: null });
    expect(request('ipv4-mapped-ipv6').headers.vias.map((via) => [via.host, via.port])).toEqual([
      ['::ffff:192.0.2.10', 19823],
      ['::ffff:192.0.2.2', null],
    ]);
  });

  test('received with and without brackets', () => {
    expect(request('via-received-param-with-delim').headers.topVia.params.get('received')).toBe('[2001:db8::9:255]');
    expect(request('via-received-param-no-delim').headers.topVia.params.get('received')).toBe('2001:db8::9:255');
  });

  test('an address without brackets is refused', () => {
    expect(outcomeOf(messages.find(({ name }) => name === 'ipv6-bad') as TortureMessage)).toBe(400);
  });
});
