/** The element's look. Constructed, so that a content security policy without inline styles lets it be. Pages change it by custom properties and parts. */

let sheet: CSSStyleSheet | undefined;

/** One for all elements of the page. */
export function styleSheet(): CSSStyleSheet {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

const css = `
:host {
  --ground: var(--offhook-ground, light-dark(#ffffff, #161d1b));
  --raised: var(--offhook-raised, light-dark(#eef2ee, #24302c));
  --ink: var(--offhook-ink, light-dark(#14211d, #e9f0ed));
  --soft: var(--offhook-soft, light-dark(#55635d, #9fb0a9));
  --go: var(--offhook-go, light-dark(#0b7a5c, #35c496));
  --stop: var(--offhook-stop, light-dark(#c43a31, #f2766c));
  --on-colour: var(--offhook-on-colour, light-dark(#ffffff, #07130f));
  display: block;
  max-width: 22rem;
  color: var(--ink);
  font: 400 1rem / 1.4 var(--offhook-font, system-ui, sans-serif);
}
:host([hidden]), [hidden] { display: none !important; }
*, *::before { box-sizing: border-box; }
.phone { display: grid; gap: 0.75rem; padding: 1rem; border-radius: 1.25rem; background: var(--ground); }
.screen { display: grid; gap: 0.75rem; }
p { margin: 0; text-align: center; overflow-wrap: anywhere; }
p:empty { display: none; }
.connection { color: var(--soft); font-size: 0.875rem; }
.connection::before { content: ''; display: inline-block; width: 0.6em; height: 0.6em; margin-inline-end: 0.5em; border-radius: 50%; background: var(--soft); }
.connection[data-state='ready']::before { background: var(--go); }
.connection:is([data-state='offline'], [data-state='denied'])::before { background: var(--stop); }
.party { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.state, .notice { color: var(--soft); }
.state:not([data-figures=''])::after { content: ' · ' attr(data-figures); font-variant-numeric: tabular-nums; }
.notice[data-tone='problem'] { color: var(--stop); }
.digits { font-size: 1.25rem; letter-spacing: 0.12em; }
.number { width: 100%; min-height: 3rem; padding: 0 0.75rem; border: 0; border-radius: 0.75rem; background: var(--raised); color: inherit; font: inherit; font-size: 1.25rem; text-align: center; }
.pad, .controls { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem; }
.choice { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
button { min-height: 3rem; padding: 0 0.5rem; border: 0; border-radius: 0.75rem; background: var(--raised); color: inherit; font: inherit; cursor: pointer; touch-action: manipulation; }
button:disabled { opacity: 0.5; cursor: default; }
button[aria-pressed='true'], button[aria-expanded='true'], .key[data-pressed], .key:active { background: var(--ink); color: var(--ground); }
.go, .stop { color: var(--on-colour); font-weight: 600; }
.go { background: var(--go); }
.stop { background: var(--stop); }
.key { display: grid; align-content: center; justify-items: center; user-select: none; }
.key-digit { font-size: 1.25rem; line-height: 1.2; }
.key-letters { color: var(--soft); font-size: 0.75rem; line-height: 1; }
.key-letters:empty { display: none; }
[tabindex='-1']:focus { outline: none; }
:focus-visible { outline: 3px solid var(--offhook-focus, light-dark(#1f5fd6, #8ab4ff)); outline-offset: 2px; }
`;
