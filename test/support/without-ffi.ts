/** Node as it is where koffi has no binary: importing it fails, in every thread. */

const hook = `export const resolve = (name, context, next) => {
  if (name === 'koffi') throw new Error('no koffi binary for this platform');
  return next(name, context);
}`;
const asUrl = (script: string): string => `data:text/javascript,${encodeURIComponent(script)}`;

/** Options of Node. */
export const withoutFfi: readonly string[] = [
  '--import',
  asUrl(`import { register } from 'node:module'; register(${JSON.stringify(asUrl(hook))});`),
];
