/** The words of an event filter: names and values, operators, commas, quoted strings. One pass, bounded. */

export interface FilterToken {
  readonly text: string;
  readonly quoted: boolean;
}

const mostCharacters = 1000;

/** What is wrong with the text, as a sentence, when it cannot be read. */
export function readFilterTokens(text: string): readonly FilterToken[] | string {
  if (text.length > mostCharacters) return `longer than ${mostCharacters} characters`;
  const tokens: FilterToken[] = [];
  for (let at = 0; at < text.length; ) {
    if (isSpace(text[at])) at += 1;
    else if (text[at] === '"') {
      const end = closingQuote(text, at);
      if (end < 0) return 'a quote is not closed';
      tokens.push({ text: withoutEscapes(text.slice(at + 1, end)), quoted: true });
      at = end + 1;
    } else {
      const end = endOfWord(text, at);
      tokens.push({ text: text.slice(at, end), quoted: false });
      at = end;
    }
  }
  return tokens;
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function isOperator(character: string | undefined): boolean {
  return character === '=' || character === '!' || character === '<' || character === '>';
}

/** A backslash takes the next character as it stands. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function withoutEscapes(text: string): string {
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    plain += text[at] ?? '';
  }
  return plain;
}

function endOfWord(text: string, start: number): number {
  let at = start + 1;
  if (text[start] === ',') return at;
  if (isOperator(text[start])) {
    while (isOperator(text[at])) at += 1;
    return at;
  }
  while (at < text.length && !isSpace(text[at]) && !isOperator(text[at]) && text[at] !== ',' && text[at] !== '"') at += 1;
  return at;
}
