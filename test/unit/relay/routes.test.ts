import { describe, expect, test } from 'vitest';
import type { PayloadFormat } from '../../../src/relay/media-relay.ts';
import { chooseTelephoneEvent, planRoutes } from '../../../src/relay/routes.ts';

const format = (payloadType: number, encoding: string, clockRate = 8000, channels = 1): PayloadFormat => ({
  payloadType,
  encoding,
  clockRate,
  channels,
});

describe('routes', () => {
  test('go by name, clock rate and channels, never by number', () => {
    const routes = planRoutes([format(0, 'PCMU'), format(111, 'opus', 48000, 2)], [format(109, 'OPUS', 48000, 2), format(8, 'PCMA')]);
    expect(routes.get(111)).toMatchObject({ payloadType: 109, event: false, clockRate: 48000 });
    expect(routes.get(0)).toMatchObject({ payloadType: null });
    expect(routes.get(8)).toBeUndefined();
  });

  test('lead nowhere without a partner, yet know what comes', () => {
    expect(planRoutes([format(0, 'PCMU')], []).get(0)).toMatchObject({ encoding: 'PCMU', payloadType: null });
  });

  test.each([
    ['the same clock rate', [format(101, 'telephone-event'), format(110, 'telephone-event', 48000)], 110, 1],
    ['that of the audio, if there is not the same', [format(0, 'PCMU'), format(101, 'telephone-event', 8000)], 101, 1 / 6],
    ['any, if there is no other', [format(9, 'G722', 16000), format(101, 'telephone-event', 8000)], 101, 1 / 6],
  ])('take telephone events to %s', (_, send, payloadType, durationScale) => {
    const route = planRoutes([format(110, 'telephone-event', 48000)], send).get(110);
    expect(route).toMatchObject({ event: true, payloadType, durationScale });
  });

  test('the events of a leg are those of its audio', () => {
    const events = [format(126, 'telephone-event', 8000), format(110, 'telephone-event', 48000)];
    expect(chooseTelephoneEvent([format(111, 'opus', 48000, 2), ...events], undefined)?.payloadType).toBe(110);
    expect(chooseTelephoneEvent([format(0, 'PCMU'), ...events], undefined)?.payloadType).toBe(126);
    expect(chooseTelephoneEvent([format(0, 'PCMU')], undefined)).toBeUndefined();
  });
});
