/** The dial plan: numbers to trunks, and numbers to users. Numbers are matched as dialled, nothing is added or rewritten. */

/** Longer than any number or user name; patterns never meet more. */
const longestMatched = 64;

export interface OutboundRoute {
  readonly match: RegExp;
  readonly trunk: string;
}

export interface InboundRoute {
  readonly match: RegExp;
  readonly users: readonly string[];
}

export class DialPlan {
  readonly #outbound: readonly OutboundRoute[];
  readonly #inbound: readonly InboundRoute[];

  constructor(routes: { readonly outbound: readonly OutboundRoute[]; readonly inbound: readonly InboundRoute[] }) {
    this.#outbound = routes.outbound;
    this.#inbound = routes.inbound;
  }

  /** Names of the trunks that may take the number, in the order of the routes, each once. */
  trunksFor(number: string): string[] {
    return [...new Set(this.#outbound.filter(({ match }) => matches(match, number)).map(({ trunk }) => trunk))];
  }

  /** Names of the users behind the number, of the first route that matches, each once. */
  usersFor(number: string): string[] {
    return [...new Set(this.#inbound.find(({ match }) => matches(match, number))?.users)];
  }
}

function matches(pattern: RegExp, number: string): boolean {
  return number.length <= longestMatched && number.search(pattern) >= 0;
}
