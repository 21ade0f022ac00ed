/** Numbers and times as they stand on the page. */

/** `0:07`, `12:34`, `1:02:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${hours > 0 ? two(minutes) : minutes}:${two(rest)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** `+0.012`, `+3.400`, `+1:02.345`: seconds since the call began. */
export function formatOffset(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(Math.round(ms));
  const minutes = Math.floor(size / 60_000);
  const seconds = ((size % 60_000) / 1000).toFixed(3);
  return minutes === 0 ? `${sign}${seconds}` : `${sign}${minutes}:${seconds.padStart(6, '0')}`;
}

/** `14:03:09` in the browser's time zone. */
export function formatTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2026-11-21 14:03:09` in the browser's time zone. */
export function formatDateTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatTime(at)}`;
}

/** `812 B`, `4.1 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** `4.3`, or a dash where nothing was measured. */
export function formatMos(mos: number | null): string {
  return mos === null ? '–' : mos.toFixed(1);
}

export type Rating = 'good' | 'fair' | 'poor' | 'unknown';

/** Satisfied above 4.0, most dissatisfied below 3.1 (ITU-T G.107, annex B). */
export function rateMos(mos: number | null): Rating {
  if (mos === null) return 'unknown';
  if (mos >= 4) return 'good';
  return mos >= 3.1 ? 'fair' : 'poor';
}

/** Between 0 and 1 as `12 %`, with one decimal below ten. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** `1 call`, `2 calls`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
