/** The elements of index.html by id. */

/** Throws when the page has no such element of that kind: a defect of the page, seen at its start. */
export function element<Kind extends Element = HTMLElement>(id: string, kind?: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`index.html has no ${kind?.name ?? 'element'} #${id}`);
  return found as unknown as Kind;
}

export function showIcon(button: HTMLElement, symbol: string): void {
  button.querySelector('use')?.setAttribute('href', `#icon-${symbol}`);
}
