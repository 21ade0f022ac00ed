/** Numbers as people write them. */

const separators = new Set(' ()-./\u00a0');
const dialled = new Set('0123456789*#+');

/** Without the separators that people put into numbers; names and addresses (`alice`, `sip:alice@example.com`) stay as they are. */
export function normaliseNumber(text: string): string {
  const trimmed = text.trim();
  const bare = [...trimmed].filter((char) => !separators.has(char));
  return bare.every((char) => dialled.has(char)) ? bare.join('') : trimmed;
}

/** Is this one of the twelve keys of a telephone? */
export function isDialKey(key: string): boolean {
  return key.length === 1 && '0123456789*#'.includes(key);
}

/** `1:05`, `1:00:00`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const tail = String(seconds % 60).padStart(2, '0');
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`;
}
