/** What checks are asked about, and how their findings are read. */

import type { Finding } from '../../../../src/cli/checks/finding.ts';
import { parseConfig } from '../../../../src/config/load.ts';
import type { Config, ConfigInput } from '../../../../src/config/schema.ts';

export const trunk = { name: 'carrier', target: 'sip:192.0.2.7' };

/** Free ports on the loopback address everywhere. */
export function local(more: ConfigInput = {}): Config {
  return parseConfig({
    http: { listen: '127.0.0.1:0' },
    sip: { udp: '127.0.0.1:0', tcp: '127.0.0.1:0' },
    media: { browser: { bind: '127.0.0.1', port: 0 }, trunk: { bind: '127.0.0.1', ports: [46200, 46299] }, workers: 2 },
    limits: { calls: 50 },
    ...more,
  });
}

export function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ level, text }) => `${level} ${text}`);
}
