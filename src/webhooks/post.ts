/** One HTTP request with a JSON body. */

import { errorText } from '../base/errors.ts';
import type { Post } from './webhook.ts';

/** The answer's body is not read: nothing depends on it, and it may never end. */
export const postByFetch: Post = async (url, headers, body, signal) => {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    // "fetch failed" says nothing; what failed stands behind it.
    if (error instanceof Error && error.cause !== undefined) throw new Error(errorText(error.cause));
    throw error;
  }
};
