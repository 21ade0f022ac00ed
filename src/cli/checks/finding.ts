/** One thing that `offhook check` looked at. */

export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** What is so. */
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function ok(text: string): Finding {
  return { level: 'ok', text };
}

export function warning(text: string, advice: string): Finding {
  return { level: 'warning', text, advice };
}

export function problem(text: string, advice: string): Finding {
  return { level: 'problem', text, advice };
}
