/** Something that a benchmark needs is not on this machine; the message says what, and how to get it. */
export class MissingError extends Error {
  constructor(needs: readonly string[]) {
    super(['This benchmark needs:', ...needs.map((need) => `  - ${need}`)].join('\n'));
    this.name = 'MissingError';
  }
}
