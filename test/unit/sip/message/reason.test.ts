import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReasons, printReason } from '../../../../src/sip/message/reason.ts';

describe('reading', () => {
  test.each([
    ['SIP ;cause=200 ;text="Call completed elsewhere"', [{ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' }]],
    ['Q.850;cause=16;text="Terminated"', [{ protocol: 'Q.850', cause: 16, text: 'Terminated' }]],
    ['q.850;cause=16', [{ protocol: 'Q.850', cause: 16, text: null }]],
    ['SIP;cause=486;text=Busy', [{ protocol: 'SIP', cause: 486, text: 'Busy' }]],
    ['SIP;text="a \\"quoted\\" word, and a comma";cause=600', [{ protocol: 'SIP', cause: 600, text: 'a "quoted" word, and a comma' }]],
    [
      'SIP;cause=503;text="x", Q.850;cause=34',
      [
        { protocol: 'SIP', cause: 503, text: 'x' },
        { protocol: 'Q.850', cause: 34, text: null },
      ],
    ],
    ['Preemption;cause=1;text="UA Preemption"', [{ protocol: 'PREEMPTION', cause: 1, text: 'UA Preemption' }]],
  ])('%s', (value, expected) => {
    expect(parseReasons([value])).toEqual(expected);
  });

  test.each([
    '',
    'SIP',
    'SIP;cause',
    'SIP;cause=',
    'SIP;cause=abc',
    'SIP;cause=1000',
    'SIP;cause=-1',
    ';cause=1',
    '"SIP";cause=1',
    'SIP;cause=1;text="',
  ])('left out: %j', (value) => {
    expect(parseReasons([value])).toEqual([]);
  });

  test('one malformed reason does not hide the next', () => {
    expect(parseReasons(['SIP;cause=x, Q.850;cause=16', 'SIP;cause=200'])).toMatchObject([{ cause: 16 }, { cause: 200 }]);
  });

  test('over all field lines', () => {
    expect(parseReasons(['SIP;cause=1', 'SIP;cause=2'])).toHaveLength(2);
  });
});

test('what is printed is read again', () => {
  const reason = fc.record({
    protocol: fc.constantFrom('SIP', 'Q.850'),
    cause: fc.nat(999),
    text: fc.option(fc.stringMatching(/^[ -~]{1,100}$/), { nil: null }),
  });
  fc.assert(
    fc.property(reason, (each) => {
      expect(parseReasons([printReason(each)])).toEqual([each]);
    }),
  );
});

test('any text is reasons or none', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (values) => {
      for (const { protocol, text } of parseReasons(values)) expect(`${protocol}${text}`).toMatch(/^[ -~]*$/);
    }),
  );
});
