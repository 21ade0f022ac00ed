/** Whether the SRTP of a browser fails its authentication for good: one forged packet is nobody's trouble. */

const inRowToFail = 10;
const inSecondToFail = 5;

export interface AuthenticationWatchOut {
  failing(): void;
  recovered(): void;
}

export class AuthenticationWatch {
  readonly #out: AuthenticationWatchOut;
  #failing = false;
  #inRow = 0;
  #inSecond = 0;
  /** Packets that had passed at the last failure, and at the last tick. */
  #passedAtFailure = 0;
  #passedAtTick = 0;

  constructor(out: AuthenticationWatchOut) {
    this.#out = out;
  }

  /** A packet failed; `passed` packets have not, so far. */
  failed(passed: number): void {
    this.#inRow = passed === this.#passedAtFailure ? this.#inRow + 1 : 1;
    this.#passedAtFailure = passed;
    this.#inSecond++;
    if (this.#failing || this.#inRow < inRowToFail) return;
    // What passed before it began is no recovery.
    this.#beginSecond(passed);
    this.#fail();
  }

  /** Once a second. */
  tick(passed: number): void {
    const passedNow = passed - this.#passedAtTick;
    const failedNow = this.#inSecond;
    this.#beginSecond(passed);
    if (failedNow > passedNow && failedNow >= inSecondToFail) this.#fail();
    else if (this.#failing && passedNow > failedNow) {
      this.#failing = false;
      this.#out.recovered();
    }
  }

  #beginSecond(passed: number): void {
    this.#passedAtTick = passed;
    this.#inSecond = 0;
  }

  #fail(): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#out.failing();
  }
}
