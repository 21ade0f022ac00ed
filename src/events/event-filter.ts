/**
 * Which events somebody wants: `call.ended where trunk=carrier and cause=busy, registration.*`.
 *
 *     filter      = rule *( "," rule )               the empty filter lets everything pass
 *     rule        = name [ "where" condition *( "and" condition ) ]
 *     name        = an event's name | family ".*" | "*"
 *     condition   = field operator value
 *     field       = a key of the payload, or keys joined by dots: `end.side`
 *     operator    = "=" | "!=" | "<" | "<=" | ">" | ">="
 *     value       = word | quoted string
 *
 * A key that the payload itself does not have is looked for in what it contains: `cause` finds `end.cause`.
 */

import { eventNames, type GatewayEventName } from './event-names.ts';
import { readFilterTokens } from './filter-tokens.ts';

/** What is wrong with a filter, for whoever wrote it. */
export class FilterError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FilterError';
  }
}

export interface EventFilter {
  /** What can pass at all. */
  readonly names: ReadonlySet<GatewayEventName>;
  matches(name: GatewayEventName, payload: object): boolean;
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

interface Condition {
  readonly field: readonly string[];
  readonly operator: Operator;
  readonly value: string;
}

interface Rule {
  readonly names: ReadonlySet<GatewayEventName>;
  readonly conditions: readonly Condition[];
}

const mostRules = 32;
const mostConditions = 16;
const operators: ReadonlySet<string> = new Set<Operator>(['=', '!=', '<', '<=', '>', '>=']);

/** Throws FilterError. */
export function parseFilter(text: string): EventFilter {
  const rules = new FilterParser(text).rules();
  const names = new Set(rules.length === 0 ? eventNames : rules.flatMap((rule) => [...rule.names]));
  const matches = (name: GatewayEventName, payload: object): boolean =>
    rules.length === 0 || rules.some((rule) => rule.names.has(name) && rule.conditions.every((condition) => holds(condition, payload)));
  return { names, matches };
}

class FilterParser {
  readonly #tokens: readonly { readonly text: string; readonly quoted: boolean }[];
  #at = 0;

  constructor(text: string) {
    const tokens = readFilterTokens(text);
    if (typeof tokens === 'string') throw new FilterError(tokens);
    this.#tokens = tokens;
  }

  rules(): Rule[] {
    const rules: Rule[] = [];
    if (this.#tokens.length === 0) return rules;
    do {
      if (rules.length === mostRules) throw new FilterError(`more than ${mostRules} rules`);
      rules.push(this.#rule());
    } while (this.#takes(','));
    const rest = this.#tokens[this.#at];
    if (rest) throw new FilterError(`${JSON.stringify(rest.text)} was not expected here`);
    return rules;
  }

  #rule(): Rule {
    const names = namesOf(this.#word('the name of an event'));
    const conditions: Condition[] = [];
    if (!this.#takes('where')) return { names, conditions };
    do {
      if (conditions.length === mostConditions) throw new FilterError(`more than ${mostConditions} conditions`);
      conditions.push(this.#condition());
    } while (this.#takes('and'));
    return { names, conditions };
  }

  #condition(): Condition {
    const field = this.#word('a field').split('.');
    const operator = this.#word('an operator (= != < <= > >=)');
    if (!isOperator(operator)) throw new FilterError(`${JSON.stringify(operator)} is no operator (= != < <= > >=)`);
    const value = this.#word('a value', true);
    return { field, operator, value };
  }

  #word(what: string, mayBeQuoted = false): string {
    const token = this.#tokens[this.#at];
    if (!token || (!mayBeQuoted && token.quoted) || (!token.quoted && token.text === ',')) throw new FilterError(`${what} is missing`);
    this.#at += 1;
    return token.text;
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (!token || token.quoted || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function isOperator(text: string): text is Operator {
  return operators.has(text);
}

function namesOf(pattern: string): ReadonlySet<GatewayEventName> {
  const family = pattern.endsWith('.*') ? pattern.slice(0, -1) : null;
  const names = eventNames.filter((name) => pattern === '*' || name === pattern || (family !== null && name.startsWith(family)));
  if (names.length === 0) throw new FilterError(`there is no event ${JSON.stringify(pattern)}`);
  return new Set(names);
}

function holds({ field, operator, value }: Condition, payload: object): boolean {
  const found = valuesAt(payload, field);
  if (operator === '!=') return !found.some((candidate) => textOf(candidate) === value);
  if (operator === '=') return found.some((candidate) => textOf(candidate) === value);
  return found.some((candidate) => typeof candidate === 'number' && value !== '' && compares(candidate, operator, Number(value)));
}

function compares(left: number, operator: '<' | '<=' | '>' | '>=', right: number): boolean {
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function textOf(value: unknown): string {
  return value === null ? 'null' : String(value);
}

/** What stands at the path; of lists, in any of their entries. */
function valuesAt(payload: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return typeof payload === 'object' && payload !== null ? [] : [payload];
  return entriesOf(payload).flatMap((entry) => {
    if (Object.hasOwn(entry, key)) return spread(Reflect.get(entry, key)).flatMap((value) => valuesAt(value, rest));
    return Object.values(entry).flatMap((value: unknown) =>
      entriesOf(value).flatMap((inner) =>
        Object.hasOwn(inner, key) ? spread(Reflect.get(inner, key)).flatMap((found) => valuesAt(found, rest)) : [],
      ),
    );
  });
}

function spread(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function entriesOf(value: unknown): object[] {
  return spread(value).filter((entry) => typeof entry === 'object' && entry !== null);
}
