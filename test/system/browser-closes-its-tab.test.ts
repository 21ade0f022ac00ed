/** A page goes away without a word: its calls end, its registration rings no more. */

import { expect, test } from 'vitest';
import { callOut, type Pair, ringBrowser } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { header } from '../support/plain-sip.ts';
import { jssip, libraries, type PhoneKind, sipjs, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectTonesBothWays } from '../support/system.ts';

/** Consent to send media lives so long (RFC 7675 5.1). */
const consentMs = 30_000;
/** What a busy machine may take on top. */
const slackMs = 3000;

const password = 'secret';

interface Case {
  readonly user: { readonly name: string; readonly password: string };
  readonly kind: PhoneKind;
  readonly way: 'closed' | 'reloaded';
}

const cases: readonly Case[] = [
  { user: { name: 'alice', password }, kind: jssip, way: 'closed' },
  { user: { name: 'bob', password }, kind: sipjs, way: 'closed' },
  { user: { name: 'carol', password }, kind: jssip, way: 'reloaded' },
  { user: { name: 'dave', password }, kind: sipjs, way: 'reloaded' },
];

describeWith(['chromium', 'openssl'], 'a page goes away', () => {
  const stage = useStage({
    config: {
      users: cases.map(({ user }) => user),
      routes: {
        outbound: [{ match: '^[0-9]+$', trunk: 'carrier' }],
        inbound: cases.map(({ user: { name } }) => ({ match: `^${name}$`, users: [name] })),
      },
    },
  });

  // Side by side, since consent takes its time to end.
  test('in the midst of a call, which ends at the trunk with consent; later calls find what is there now', {
    timeout: 90_000,
  }, async () => {
    const pairs: Pair[] = [];
    for (const { kind, user } of cases) pairs.push(await callOut(stage, kind, { user }));
    const goneAt = performance.now();
    await Promise.all(pairs.map(({ phone }, at) => (cases[at]?.way === 'closed' ? phone.close() : phone.reload())));
    for (const [at, { user, way, kind }] of cases.entries()) {
      const phone = pairs[at]?.phone;
      if (!phone) throw new Error('every case has a phone');
      if (way === 'closed') {
        const next = await stage.trunk.call(stage.gateway.listeners.udp, user.name);
        expect(header(await next.responded(480), 'Reason')).toContain('nobody is registered');
      } else {
        await stage.start(phone, kind, { user });
        const next = await ringBrowser(stage, phone, user.name);
        await phone.answer();
        await next.responded(200);
        await expectTonesBothWays(phone, next, { seconds: 1 });
        await phone.hangUp();
        await next.requested('BYE');
        expect((await phone.events()).filter((event) => event === 'incoming')).toEqual(['incoming']);
      }
    }
    for (const { call } of pairs) {
      const bye = await call.requested('BYE', consentMs + slackMs);
      expect(bye.atMs - goneAt).toBeLessThan(consentMs + slackMs);
      // A page that goes before its DTLS is done has never had a media path: that ends sooner, in its own words.
      expect(header(bye, 'Reason')).toMatch(/^Q\.850;cause=41;text="(the browser is gone|no media path within the grace time)"$/);
      expectCleanTrunk(call);
    }
    await stage.isIdle();
  });

  test.each(libraries)('while it rings with $name, and the caller is told', async (kind) => {
    const user = { name: 'alice', password };
    const phone = await stage.phone(kind, { user });
    const call = await ringBrowser(stage, phone, user.name);
    await phone.close();
    await call.responded(480);
    await stage.isIdle();
    expectCleanTrunk(call);
  });
});
