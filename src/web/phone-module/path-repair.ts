/** Restarts ICE when the way of the audio broke or the network changed, as soon as the gateway can be told of it. */

export interface PathActions {
  /** Whether the gateway can be reached by SIP now. */
  gatewayAnswers(): Promise<boolean>;
  /** False when the call cannot be negotiated anew at this moment. */
  restart(): boolean;
}

/** As of RTCPeerConnection.iceConnectionState. */
type IceState = 'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';

/** Single lost checks heal by themselves. */
const healMs = 2000;
/** Until a restart that was not possible is tried again. */
const retryMs = 1000;
/** Time for a restart to take effect. */
const settleMs = 8000;

export class PathRepair {
  readonly #actions: PathActions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #works = false;
  #wanted = false;
  #busy = false;

  constructor(actions: PathActions) {
    this.#actions = actions;
  }

  iceState(state: IceState): void {
    this.#works = state === 'connected' || state === 'completed';
    if (this.#works || state === 'closed') this.stop();
    else if (state === 'failed') this.#want();
    else if (state === 'disconnected') this.#after(healMs, () => this.#want());
  }

  /** The addresses that the other side knows may be gone, although nothing was noticed yet. */
  networkChanged(): void {
    this.#want();
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
  }

  #want(): void {
    this.#wanted = true;
    this.#attempt();
  }

  #attempt(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#actions.gatewayAnswers().then(
      (answers) => this.#proceed(answers),
      () => this.#proceed(false),
    );
  }

  #proceed(answers: boolean): void {
    this.#busy = false;
    if (!this.#wanted) return;
    if (!answers || !this.#actions.restart()) {
      this.#after(retryMs, () => this.#attempt());
      return;
    }
    this.#wanted = false;
    this.#after(settleMs, () => {
      if (!this.#works) this.#want();
    });
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
