import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunningMetrics } from './running.ts';

let running: RunningMetrics;
beforeEach(() => {
  running = new RunningMetrics();
});
afterEach(() => running.metrics.close());

async function samples(): Promise<Map<string, number>> {
  const lines = (await running.lines()).filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('metrics', () => {
  test('of calls: counted by direction, trunk and cause, times in seconds', async () => {
    running.happen();
    const seen = await samples();
    const of = '{direction="outbound",trunk="carrier"}';
    expect(seen.get(`offhook_calls_started_total${of}`)).toBe(1);
    expect(seen.get(`offhook_calls_answered_total${of}`)).toBe(1);
    expect(seen.get('offhook_calls_ended_total{direction="outbound",trunk="carrier",cause="hung-up"}')).toBe(1);
    expect(seen.get('offhook_calls_refused_total{direction="inbound",status="404"}')).toBe(1);
    expect(seen.get(`offhook_call_post_dial_delay_seconds_sum${of}`)).toBe(0.8);
    expect(seen.get(`offhook_call_answer_delay_seconds_sum${of}`)).toBe(4);
    expect(seen.get(`offhook_call_duration_seconds_sum${of}`)).toBe(60);
    expect(seen.get('offhook_call_mos_sum{side="browser"}')).toBe(4.15);
    expect(seen.get('offhook_call_jitter_seconds_sum{side="browser"}')).toBe(0.004);
    expect(seen.get('offhook_call_loss_ratio_sum{side="browser"}')).toBe(0.01);
    expect(seen.has('offhook_call_mos_sum{side="trunk"}')).toBe(false);
  });

  test('of media are sums over all calls', async () => {
    running.happen();
    const seen = await samples();
    expect(seen.get('offhook_media_received_packets_total{side="browser"}')).toBe(2970);
    expect(seen.get('offhook_media_received_lost_packets_total{side="browser"}')).toBe(30);
    expect(seen.get('offhook_media_sent_bytes_total{side="trunk"}')).toBe(475_200);
    expect(seen.get('offhook_media_dropped_packets_total{side="browser",reason="source"}')).toBe(0);
    expect(seen.get('offhook_media_milestones_total{side="browser",what="path-lost"}')).toBe(1);
  });

  test('of the gateway are asked for when they are read', async () => {
    const seen = await samples();
    expect(seen.get('offhook_calls_active{direction="outbound",trunk="carrier"}')).toBe(1);
    expect(seen.get('offhook_calls_active{direction="outbound",trunk="pbx"}')).toBe(0);
    expect(seen.get('offhook_trunk_up{trunk="pbx"}')).toBe(0);
    expect(seen.get('offhook_trunk_registered{trunk="carrier"}')).toBe(0);
    expect(seen.has('offhook_trunk_registered{trunk="pbx"}')).toBe(false);
    expect(seen.get('offhook_relay_sessions{thread="0"}')).toBe(2);
    expect(seen.get('offhook_relay_port_pairs')).toBe(5000);
    expect(seen.get(`offhook_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
    expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(seen.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  test('of what was lost: writes to the store, and events for webhooks', async () => {
    running.happen();
    for (let reading = 0; reading < 2; reading++) {
      const seen = await samples();
      expect(seen.get('offhook_store_lost_total')).toBe(2);
      expect(seen.get('offhook_webhook_dead_letters_total')).toBe(1);
    }
  });

  test('of hostility are counted by kind and reason', async () => {
    running.happen();
    const seen = await samples();
    expect(seen.get('offhook_security_refusals_total{kind="source"}')).toBe(17);
    expect(seen.get('offhook_authentication_failures_total{reason="wrong-password"}')).toBe(1);
  });

  test('name nobody and no number', async () => {
    running.happen();
    const text = await running.metrics.render();
    for (const secret of ['alice', 'mallory', '15550199', '192.0.2.9', 'crm.test']) expect(text).not.toContain(secret);
  });

  test('have a help text, a unit or _total in their names', async () => {
    running.happen();
    const lines = await running.lines();
    const named = (kind: string) =>
      lines.filter((line) => line.startsWith('# TYPE') && line.endsWith(kind)).map((line) => line.split(' ')[2] ?? '');
    expect(lines.filter((line) => /^# HELP \S+$/.test(line))).toEqual([]);
    expect(named('counter').filter((name) => !name.endsWith('_total'))).toEqual([]);
    expect(named('histogram').filter((name) => !/_(seconds|mos|ratio)$/.test(name))).toEqual([]);
  });
});
