/** Keys for lists: / to the filter, j and k or the arrows from row to row, Escape back. */

import { parseRoute, printRoute } from './route.ts';

const rows = 'main [data-row]';

export function listenForKeys(): () => void {
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  const { target, key } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const acted = isField(target) ? leaveField(target, key) : move(target, key);
  if (acted) event.preventDefault();
}

function isField(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

function leaveField(field: HTMLInputElement, key: string): boolean {
  if (!field.matches('[data-filter]')) return false;
  if (key === 'ArrowDown') return focusRow(0);
  if (key === 'Escape') field.blur();
  return false;
}

function move(target: EventTarget | null, key: string): boolean {
  const current = target instanceof Element ? target.closest(rows) : null;
  if (key === '/') return focusFilter();
  if (key === 'Escape') return leaveItem();
  if (key === 'j' || (key === 'ArrowDown' && current)) return focusNext(current, 1);
  if (key === 'k' || (key === 'ArrowUp' && current)) return focusNext(current, -1);
  return false;
}

function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>('main [data-filter]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** Closes what was opened in a list; else from one thing back to the list of them. */
function leaveItem(): boolean {
  const open = document.querySelector<HTMLElement>(`${rows}[aria-expanded="true"]`);
  if (open) {
    open.click();
    open.focus();
    return true;
  }
  const { page, id } = parseRoute(location.hash);
  if (id !== null) location.hash = printRoute(page);
  return id !== null;
}

function focusNext(current: Element | null, step: 1 | -1): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(rows)];
  const at = current ? all.indexOf(current as HTMLElement) : -1;
  return focusRow(at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step)));
}

function focusRow(index: number): boolean {
  const row = document.querySelectorAll<HTMLElement>(rows)[index];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
  return row !== undefined;
}
