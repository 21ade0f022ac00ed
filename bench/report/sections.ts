/** The parts of a page that are made by a program: each stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */

/** Throws for a section that the page has no place for. */
export function fillSections(page: string, sections: ReadonlyMap<string, string>): string {
  let filled = page;
  for (const [name, content] of sections) {
    const begin = `<!-- bench:${name} -->`;
    const end = `<!-- /bench:${name} -->`;
    const from = filled.indexOf(begin);
    const to = filled.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the page has no place ${begin} ... ${end}`);
    filled = `${filled.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${filled.slice(to)}`;
  }
  return filled;
}
