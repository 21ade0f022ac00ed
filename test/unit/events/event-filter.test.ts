import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterError, parseFilter } from '../../../src/events/event-filter.ts';
import { eventNames, type GatewayEventName } from '../../../src/events/event-names.ts';

const ended = {
  callId: 'c1',
  trunk: 'carrier',
  user: null,
  number: '+1 555, 0100',
  endedAt: 5000,
  end: { cause: 'busy', side: 'trunk', sipStatus: 486 },
  quality: [
    { side: 'browser', mos: 4.2 },
    { side: 'trunk', mos: 2.1 },
  ],
};

function passes(filter: string, payload: object = ended, name: GatewayEventName = 'call.ended'): boolean {
  return parseFilter(filter).matches(name, payload);
}

describe('names', () => {
  test.each([
    ['', true],
    ['   ', true],
    ['*', true],
    ['call.ended', true],
    ['call.*', true],
    ['dtmf', false],
    ['call.started', false],
    ['trunk.*, call.ended', true],
    ['trunk.*,registration.*', false],
  ])('%j', (filter, expected) => {
    expect(passes(filter)).toBe(expected);
  });

  test('a filter knows what can pass at all', () => {
    expect([...parseFilter('trunk.*').names].sort()).toEqual(['trunk.disabled', 'trunk.enabled', 'trunk.state']);
    expect(parseFilter('').names.size).toBe(eventNames.length);
  });
});

describe('conditions', () => {
  test.each([
    ['call.ended where trunk=carrier', true],
    ['call.ended where trunk = carrier and cause = busy', true],
    ['call.ended where trunk=carrier and cause=declined', false],
    ['call.ended where trunk!=carrier', false],
    ['call.ended where end.cause=busy', true],
    ['call.ended where end.sipStatus=486', true],
    ['call.ended where sipStatus>=400 and sipStatus<500', true],
    ['call.ended where sipStatus>486', false],
    ['call.ended where user=null', true],
    ['call.ended where user!=alice', true],
    ['call.ended where number="+1 555, 0100"', true],
    ['call.ended where number="+1 \\"555"', false],
    ['call.ended where mos<3', true],
    ['call.ended where quality.mos<2', false],
    ['call.ended where quality.side=trunk', true],
    ['call.ended where nothing=1', false],
    ['call.ended where nothing!=1', true],
    ['call.ended where __proto__=x', false],
    ['call.ended where constructor.name=Object', false],
    ['call.ended where endedAt>4999', true],
    ['call.ended where trunk>carrie', false],
    ['call.ended where end="[object Object]"', false],
    ['call.ended where cause=declined, call.ended where cause=busy', true],
    ['call.ended where "trunk"=carrier', null],
  ])('%s', (filter, expected) => {
    if (expected === null) expect(() => parseFilter(filter)).toThrow(FilterError);
    else expect(passes(filter)).toBe(expected);
  });
});

describe('what is no filter', () => {
  test.each([
    ['call.end', 'there is no event "call.end"'],
    ['calls.*', 'there is no event "calls.*"'],
    ['call.ended where', 'a field is missing'],
    ['call.ended where trunk', 'an operator (= != < <= > >=) is missing'],
    ['call.ended where trunk carrier', '"carrier" is no operator (= != < <= > >=)'],
    ['call.ended where trunk==carrier', '"==" is no operator (= != < <= > >=)'],
    ['call.ended where trunk=', 'a value is missing'],
    ['call.ended where trunk=a or trunk=b', '"or" was not expected here'],
    ['call.ended,', 'the name of an event is missing'],
    [',', 'the name of an event is missing'],
    ['call.ended where number="1', 'a quote is not closed'],
    ['*,'.repeat(40), 'more than 32 rules'],
    [`dtmf where a=1${' and a=1'.repeat(20)}`, 'more than 16 conditions'],
    ['x'.repeat(1001), 'longer than 1000 characters'],
  ])('%s', (filter, message) => {
    expect(() => parseFilter(filter)).toThrow(new FilterError(message));
  });

  test('arbitrary text is a filter or a FilterError, and arbitrary payloads do not matter', () => {
    const words = fc.constantFrom('call.ended', 'where', 'and', '=', '!=', '<', '"', '\\', ',', ' ', 'a', 'end.cause', '*', '1');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, fc.dictionary(fc.string(), fc.jsonValue()), (filter, payload) => {
        try {
          parseFilter(filter).matches('call.ended', payload);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
