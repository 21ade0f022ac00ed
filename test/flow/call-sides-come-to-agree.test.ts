/** Whatever both sides do to a call, in whatever order and however fast, they end with what both want. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Direction } from '../../src/sdp/description.ts';
import type { BrowserPhone } from '../support/call-phone.ts';
import { identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import type { PhoneCall } from '../support/stage-call.ts';

type Talk = { readonly browser: PhoneCall; readonly trunk: PhoneCall };

const steps: Readonly<Record<string, (talk: Talk) => void>> = {
  'the browser holds': ({ browser }) => browser.hold(),
  'the browser resumes': ({ browser }) => browser.resume(),
  'the browser stops altogether': ({ browser }) => browser.wish('inactive'),
  'the browser restarts ICE': ({ browser }) => {
    (browser.audio as ReturnType<BrowserPhone['newAudio']>).restartIce();
    browser.session.reinvite(browser.audio.offer());
  },
  'the carrier holds': ({ trunk }) => trunk.hold(),
  'the carrier resumes': ({ trunk }) => trunk.resume(),
  'the carrier stops altogether': ({ trunk }) => trunk.wish('inactive'),
  'the carrier wants PCMA': ({ trunk }) => want(trunk, ['PCMA']),
  'the carrier wants PCMU': ({ trunk }) => want(trunk, ['PCMU']),
  'the carrier takes both': ({ trunk }) => want(trunk, ['PCMA', 'PCMU']),
  'the carrier updates': ({ trunk }) => trunk.session.update(trunk.audio.offer()),
  'the carrier moves': ({ trunk }) => {
    Object.assign(trunk.audio, { port: 20_000 + trunk.log.length * 2 });
    trunk.session.reinvite(trunk.audio.offer());
  },
};

function want(trunk: PhoneCall, codecs: readonly string[]): void {
  trunk.audio.codecs = codecs;
  trunk.session.reinvite(trunk.audio.offer());
}

const sends = (direction: Direction): boolean => direction.startsWith('send');
const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

/** What we do towards `one` when each side wishes this. */
function towards(one: Direction, other: Direction): Direction {
  const send = sends(other) && receives(one);
  const receive = sends(one) && receives(other);
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

const script = fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.constantFrom(0, 5, 15, 60, 300, 2500)), {
  minLength: 1,
  maxLength: 10,
});

test.each(['outbound', 'inbound'] as const)(
  '%s',
  async (direction) => {
    await fc.assert(
      fc.asyncProperty(script, async (moves) => {
        const stage = await CallStage.open();
        const alice = await stage.browser('alice');
        const talk = await stage[direction](alice);
        const before = identityOf(talk.browser.sdp).filter((value) => !value.startsWith('gw') && !value.startsWith('gateway'));
        for (const [step, pauseMs] of moves) {
          steps[step]?.(talk);
          await stage.advance(pauseMs);
        }
        await stage.advance(60_000);
        const { browser, trunk } = stage.relay.last;
        const [ofBrowser, ofTrunk] = [talk.browser.audio.wish, talk.trunk.audio.wish];
        expect(browser.browser.direction).toBe(towards(ofBrowser, ofTrunk));
        expect(trunk.trunk.direction).toBe(towards(ofTrunk, ofBrowser));
        const encodings = [browser.browser, trunk.trunk].map(({ receive }) =>
          receive
            .map(({ encoding }) => encoding)
            .sort()
            .join(),
        );
        expect(encodings[0]).toBe(encodings[1]);
        expect(trunk.trunk.rtp?.port).toBe((talk.trunk.audio as { port?: number }).port);
        expect(identityOf(talk.browser.sdp)).toEqual(expect.arrayContaining(before));
        expect(stage.switchboard.size).toBe(1);
        // And they come to rest.
        expect(stage.trunkLink.log.length + alice.link.log.length).toBeLessThan(300);
      }),
      { numRuns: 40 },
    );
  },
  120_000,
);
