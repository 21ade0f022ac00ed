/** Icons: decoration beside words, or the face of a control that has a label. */

import type { JSX } from 'preact';

const strokes = {
  mark: null,
  arrowRight: 'M4 12h15M13.5 6.5 19 12l-5.5 5.5',
  arrowLeft: 'M20 12H5M10.5 6.5 5 12l5.5 5.5',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5.5v13l10.5-6.5z',
  leave: 'M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10 12h10M16.5 8.5 20 12l-3.5 3.5',
  handset:
    'M6.6 3.6 8.8 3l1.7 3.7-2 2.2a12.4 12.4 0 0 0 5.6 5.6l2.2-2 3.7 1.7-.6 2.2c-.3 1.2-1.3 2-2.5 1.9C10 17.800 5.500 13.400 4.700 6.100c-.1-1.200.700-2.200 1.900-2.500z',
  info: 'M12 11v5.500M12 7.700v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  warning:
    'M12 9.500v4M12 16.800v.1M10.700 4.500 3.200 17.600A1.500 1.500 0 0 0 4.500 20h15a1.500 1.500 0 0 0 1.300-2.400L13.300 4.500a1.500 1.500 0 0 0-2.600 0z',
  problem: 'M12 7.500v5.500M12 16.300v.1M8.300 3h7.400L21 8.300v7.400L15.700 21H8.300L3 15.700V8.300z',
  check: 'M5 12.500l4.500 4.500L19 7.500',
} as const;

export type IconName = keyof typeof strokes;

export function Icon({ name }: { name: IconName }): JSX.Element {
  const stroke = strokes[name];
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {stroke === null ? <Mark /> : <path stroke-width="1.8" d={stroke} />}
    </svg>
  );
}

/** The handset above its cradle. */
function Mark(): JSX.Element {
  return (
    <>
      <g transform="rotate(-16 12 9)">
        <path stroke-width="2.6" d="M4.8 9.8C6 6.8 8.8 5.3 12 5.3s6 1.5 7.2 4.5" />
        <path stroke-width="4.6" d="M4.9 10.2v.9M19.1 10.2v.9" />
      </g>
      <path stroke-width="2.6" d="M6.5 20.2h11" />
    </>
  );
}
