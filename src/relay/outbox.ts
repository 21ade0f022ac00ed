/** Messages to another thread, gathered: a message costs both threads more than what it says, and what is said together goes as one. */

export class Outbox<Message> {
  readonly #send: (messages: readonly Message[]) => void;
  readonly #soon: (flush: () => void) => void;
  #waiting: Message[] = [];

  /** `soon` calls back when this turn of the thread has said all it has to say. */
  constructor(send: (messages: readonly Message[]) => void, soon: (flush: () => void) => void) {
    this.#send = send;
    this.#soon = soon;
  }

  post(message: Message): void {
    this.#waiting.push(message);
    if (this.#waiting.length === 1) this.#soon(() => this.flush());
  }

  /** Sends at once what waits, in the order in which it was posted. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#send(messages);
  }
}
