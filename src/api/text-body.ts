/** A long text as a body that is made while it is read: whoever reads slowly is waited for, and whoever hangs up stops it. */

/** `failed` is told when there is no more although it is not complete; the client must not take it for the end. */
export function textBody(chunks: AsyncIterable<string>, failed: (error: unknown) => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        failed(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
