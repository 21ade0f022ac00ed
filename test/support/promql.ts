/** What a PromQL expression speaks of: metrics with the labels of their matchers, and the labels it groups by. No evaluation. */

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Mentions {
  readonly selectors: readonly Selector[];
  /** Of `by (...)`, `on (...)` and their like. */
  readonly groupings: readonly string[];
}

const token = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[A-Za-z_:][A-Za-z0-9_:]*|[0-9.]+(?:e[+-]?[0-9]+)?|[=!]~|[=!<>]=|[^\s]/g;
const words = new Set(['and', 'or', 'unless', 'bool', 'offset']);
const grouping = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);

export function readExpression(expression: string): Mentions {
  const tokens: readonly string[] = expression.match(token) ?? [];
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at] ?? '';
    if (!/^[A-Za-z_:]/.test(word) || words.has(word)) continue;
    const next = tokens[at + 1];
    if (grouping.has(word)) {
      const end = tokens.indexOf(')', at);
      groupings.push(...tokens.slice(at + 2, end).filter((part) => part !== ','));
      at = end;
    } else if (next === '{') {
      const end = tokens.indexOf('}', at);
      selectors.push({ metric: word, matchers: readMatchers(tokens.slice(at + 2, end)) });
      at = end;
    } else if (next !== '(' && !grouping.has(next ?? '')) selectors.push({ metric: word, matchers: [] });
  }
  return { selectors, groupings };
}

function readMatchers(tokens: readonly string[]): Matcher[] {
  const matchers: Matcher[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [label = '', operator = '', value = ''] = tokens.slice(at, at + 3);
    matchers.push({ label, operator, value: value.slice(1, -1) });
  }
  return matchers;
}
