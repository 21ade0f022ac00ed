/** Nested settings as a list: `media.trunk.bind` and its value. Lists of plain values stay on one line. */

export function flatten(value: unknown, path = ''): readonly (readonly [path: string, value: string])[] {
  if (!isNested(value)) return [[path, textOf(value)]];
  if (Array.isArray(value)) return value.flatMap((item, index) => flatten(item, `${path}[${index}]`));
  return Object.entries(value).flatMap(([name, item]) => flatten(item, path === '' ? name : `${path}.${name}`));
}

function isNested(value: unknown): value is object {
  if (Array.isArray(value)) return value.some(isObject);
  return isObject(value) && Object.keys(value).length > 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
