import { describe, expect, test } from 'vitest';
import { type CallEnding, describeEnding, describeMicrophoneError } from '../../../src/web/phone-module/ending.ts';

const unanswered: CallEnding = { by: 'them', incoming: false, answered: false, status: null, reason: null, cause: '' };

function told(ending: Partial<CallEnding>): string {
  const { tone, title, detail } = describeEnding({ ...unanswered, ...ending }, '880', '1:05');
  return `${tone}: ${title}. ${detail}`;
}

describe('calls that went well', () => {
  test('we hung up', () => {
    expect(told({ by: 'us', answered: true, cause: 'Terminated' })).toBe('calm: Call ended. It lasted 1:05.');
  });

  test('they hung up', () => {
    const reason = { protocol: 'q.850', cause: 16 };
    expect(told({ by: 'them', answered: true, cause: 'Terminated', reason })).toBe('calm: They hung up. It lasted 1:05.');
  });
});

describe('calls that somebody did not want', () => {
  test('we gave up', () => {
    expect(told({ by: 'us', cause: 'Canceled' })).toBe('calm: Call cancelled. ');
  });

  test('we declined', () => {
    expect(told({ by: 'us', incoming: true, cause: 'Rejected' })).toBe('calm: Call declined. From 880.');
  });

  test('they gave up', () => {
    expect(told({ incoming: true, cause: 'Canceled' })).toBe('calm: Missed call. From 880.');
  });

  test('another phone was faster', () => {
    const reason = { protocol: 'sip', cause: 200 };
    expect(told({ incoming: true, cause: 'Canceled', reason })).toBe('calm: Answered elsewhere. From 880.');
  });
});

describe('calls that failed', () => {
  test.each([
    [486, 'Busy'],
    [600, 'Busy'],
    [603, 'Declined'],
    [404, 'Unknown number'],
    [480, 'Not reachable'],
    [403, 'Not permitted'],
    [488, 'No common codec'],
    [503, 'No way through'],
  ])('%i is %s', (status, title) => {
    expect(told({ status })).toContain(`problem: ${title}.`);
  });

  test('a status that nobody knows is told as it is', () => {
    expect(told({ status: 499 })).toBe('problem: The call failed. The other side answered 499.');
  });

  test('the Reason header knows better than the status', () => {
    expect(told({ status: 480, reason: { protocol: 'q.850', cause: 19 } })).toBe('problem: No answer. Nobody picked up.');
  });

  test('a Reason header that only repeats the status changes nothing', () => {
    expect(told({ status: 486, reason: { protocol: 'sip', cause: 486 } })).toContain('problem: Busy.');
  });

  test('the audio was lost during the call', () => {
    const reason = { protocol: 'q.850', cause: 41 };
    expect(told({ answered: true, reason })).toBe('problem: Call ended. The audio connection was lost.');
  });

  test('no connection to the gateway', () => {
    expect(told({ by: 'system', cause: 'Connection Error' })).toContain('problem: No connection.');
  });

  test('the browser could not', () => {
    expect(told({ by: 'us', cause: 'WebRTC Error' })).toContain('problem: No audio.');
  });
});

describe('microphone', () => {
  test('refused, missing, in use, or something else', () => {
    const titles = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'InsecureContext', '__proto__'].map(
      (name) => describeMicrophoneError(name).title,
    );
    expect(titles).toEqual(['Microphone refused', 'No microphone', 'Microphone in use', 'No microphone here', 'No microphone']);
  });
});
