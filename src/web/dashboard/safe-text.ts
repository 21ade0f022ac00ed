/** Text from strangers, fit to be looked at: nothing invisible, nothing that turns the line round, nothing endless. */

/** Controls, and what Unicode has to hide text or to turn its direction; line ends and tabs stay. */
const hidden = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Hidden characters as `\u202e`. */
export function showHidden(text: string): string {
  return text.replace(hidden, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);
}

/** On one line and at most `most` characters of it. */
export function shorten(text: string, most: number): string {
  const cut = text.length > most ? `${[...text.slice(0, most)].slice(0, -1).join('')}…` : text;
  return showHidden(cut.replaceAll('\r', '').replaceAll('\n', ' '));
}

/** `host:port`, IPv6 in brackets. */
export function formatPeer({ host, port }: { readonly host: string; readonly port: number }): string {
  return showHidden(`${host.includes(':') ? `[${host}]` : host}:${port}`);
}
