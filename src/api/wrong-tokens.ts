/**
 * Guessing is told of and logged in measure: after some wrong tokens of one host the rest of a minute's are not. A right one always
 * passes: nobody guesses it, and behind a proxy all hosts are one.
 */

const most = 10;
const windowMs = 60_000;
/** Hosts that are remembered at once; the oldest are forgotten first. */
const mostHosts = 10_000;

export class WrongTokens {
  readonly #hosts = new Map<string, { count: number; readonly until: number }>();

  /** How long this host has to wait, in whole seconds; 0: not at all. */
  waitSec(host: string, now: number): number {
    const entry = this.#hosts.get(host);
    return entry && entry.count >= most && entry.until > now ? Math.ceil((entry.until - now) / 1000) : 0;
  }

  add(host: string, now: number): void {
    const entry = this.#hosts.get(host);
    if (entry && entry.until > now) entry.count += 1;
    else this.#remember(host, now);
  }

  #remember(host: string, now: number): void {
    this.#hosts.delete(host);
    this.#hosts.set(host, { count: 1, until: now + windowMs });
    const oldest = this.#hosts.size > mostHosts ? this.#hosts.keys().next() : undefined;
    if (oldest && !oldest.done) this.#hosts.delete(oldest.value);
  }
}
