/** Structured logging: pino behind the small interface that the layers see. Secrets and keys never become fields. */

import { pino } from 'pino';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on standard output; `pretty` for a terminal. */
export function createLog(options: { level: LogLevel; pretty: boolean }): Log {
  if (!options.pretty) return pino({ level: options.level });
  return pino({
    level: options.level,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' } },
  });
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
