import { describe, expect, test } from 'vitest';
import { Dialog } from '../../../../src/sip/dialog/dialog.ts';
import { createRequest, createResponse } from '../../../../src/sip/message/build.ts';
import type { SipRequest, SipResponse } from '../../../../src/sip/message/message.ts';
import { parseUri, printAnyUri } from '../../../../src/sip/message/uri.ts';

type Entries = ReadonlyArray<readonly [string, string]>;

function invite(extra: Entries = [['Contact', '<sip:bob@192.0.2.2:5070;transport=tcp>']]): SipRequest {
  return createRequest('INVITE', parseUri('sip:alice@example.com'), [
    ['From', '"Bob" <sip:bob@example.com>;tag=far'],
    ['To', 'sip:alice@example.com'],
    ['Call-ID', 'call'],
    ['CSeq', '4711 INVITE'],
    ...extra,
  ]);
}

function answered(extra: Entries): Dialog {
  const request = invite();
  const response = createResponse(request, 200, undefined, [['To', 'sip:alice@example.com;tag=us'], ...extra]);
  const local = '"Bob" <sip:bob@example.com>;tag=far';
  return Dialog.fromResponse(
    { callId: 'call', localTag: 'far', local, localSequence: 4711, uri: parseUri('sip:alice@example.com') },
    response,
  );
}

function routesOf(request: SipRequest): string[] {
  return request.headers.routes.map(({ uri }) => printAnyUri(uri));
}

describe('of the called side (RFC 3261 section 12.1.1)', () => {
  test('requests go to the Contact, with our To as From', () => {
    const dialog = Dialog.fromRequest(invite(), 'us');
    const bye = dialog.createRequest('BYE', [], null);
    expect(printAnyUri(bye.uri)).toBe('sip:bob@192.0.2.2:5070;transport=tcp');
    expect(bye.headers.fromTag).toBe('us');
    expect(bye.headers.get('To')).toBe('"Bob" <sip:bob@example.com>;tag=far');
    expect(bye.headers.get('Max-Forwards')).toBe('70');
    expect(printAnyUri(dialog.nextHop)).toBe('sip:bob@192.0.2.2:5070;transport=tcp');
    expect([dialog.nextSequence(), dialog.nextSequence()]).toEqual([1, 2]);
  });

  test('the route set is the Record-Route as it stands', () => {
    const dialog = Dialog.fromRequest(
      invite([
        ['Record-Route', '<sip:near;lr>, <sip:middle;lr>'],
        ['Record-Route', '<sip:far;lr>'],
        ['Contact', '<sip:bob@far>'],
      ]),
      'us',
    );
    expect(routesOf(dialog.createRequest('BYE', [], null))).toEqual(['sip:near;lr', 'sip:middle;lr', 'sip:far;lr']);
    expect(printAnyUri(dialog.nextHop)).toBe('sip:near;lr');
  });

  test.each([
    ['no Contact', []],
    ['two Contacts', [['Contact', '<sip:a@b>, <sip:c@d>']]],
    ['Contact: *', [['Contact', '*']]],
    ['a telephone number as Contact', [['Contact', '<tel:+15550100>']]],
    ['a malformed Contact', [['Contact', '<sip:']]],
    [
      'a malformed Record-Route',
      [
        ['Record-Route', '<<'],
        ['Contact', '<sip:a@b>'],
      ],
    ],
  ] satisfies ReadonlyArray<readonly [string, Entries]>)('%s makes none', (_name, headers) => {
    expect(() => Dialog.fromRequest(invite(headers), 'us')).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('of the calling side (section 12.1.2)', () => {
  test('the route set is the Record-Route backwards', () => {
    const dialog = answered([
      ['Record-Route', '<sip:far;lr>, <sip:middle;lr>'],
      ['Record-Route', '<sip:near;lr>'],
      ['Contact', '<sip:alice@far>'],
    ]);
    const request = dialog.createRequest('INVITE', [['X', 'y']], 'body');
    expect(routesOf(request)).toEqual(['sip:near;lr', 'sip:middle;lr', 'sip:far;lr']);
    expect(request.headers.get('From')).toBe('"Bob" <sip:bob@example.com>;tag=far');
    expect(request.headers.toTag).toBe('us');
    expect(request.headers.get('X')).toBe('y');
    expect(dialog.nextSequence()).toBe(4712);
  });

  test('a strict router gets the request as its own, our target last in Route (12.2.1.1)', () => {
    const dialog = answered([
      ['Record-Route', '<sip:far;lr>, <sip:strict>'],
      ['Contact', '<sip:alice@192.0.2.9>'],
    ]);
    const request = dialog.createRequest('BYE', [], null);
    expect(printAnyUri(request.uri)).toBe('sip:strict');
    expect(routesOf(request)).toEqual(['sip:far;lr', 'sip:alice@192.0.2.9']);
    expect(printAnyUri(dialog.nextHop)).toBe('sip:strict');
  });

  test('what stands in Route and target is kept whole', () => {
    const route = '"A \\"proxy\\", here" <sip:[2001:db8::1]:5080;lr;x=%20y?h=v>;q="1;2"';
    const target = 'sips:a%40b:pw@[2001:db8::2]:5061;transport=tls;ob?Subject=x';
    const request = answered([
      ['Record-Route', route],
      ['Contact', `<${target}>`],
    ]).createRequest('BYE', [], null);
    expect(request.headers.getAll('Route')).toEqual([route]);
    expect(printAnyUri(request.uri)).toBe(target);
  });

  test('without Contact the Request-URI stays the target', () => {
    expect(printAnyUri(answered([]).nextHop)).toBe('sip:alice@example.com');
  });
});

describe('within', () => {
  const dialog = () => Dialog.fromRequest(invite(), 'us');
  const next = (number: number): SipRequest => createRequest('INFO', 'sip:x', [['CSeq', `${number} INFO`]]);

  test('sequence numbers rise, with gaps or without (12.2.2)', () => {
    const target = dialog();
    for (const number of [4712, 4713, 5000, 2_147_483_647]) target.checkSequence(next(number));
    expect(() => target.checkSequence(next(1))).toThrow(expect.objectContaining({ status: 500 }));
    expect(() => target.checkSequence(next(2_147_483_647))).toThrow(expect.objectContaining({ status: 500 }));
  });

  test('the peer of a caller starts where it likes', () => {
    const target = answered([]);
    target.checkSequence(next(0));
    expect(() => target.checkSequence(next(0))).toThrow(expect.objectContaining({ status: 500 }));
  });

  test('a target refresh moves the target and leaves the route set', () => {
    const target = dialog();
    const moved: SipResponse = createResponse(invite(), 200, undefined, [['Contact', '<sip:bob@198.51.100.5>']]);
    target.refreshTarget(moved);
    expect(printAnyUri(target.nextHop)).toBe('sip:bob@198.51.100.5');
    target.refreshTarget(createResponse(invite(), 200));
    expect(printAnyUri(target.nextHop)).toBe('sip:bob@198.51.100.5');
  });
});
