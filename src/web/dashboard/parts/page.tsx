/** The frame of one page: its title, what stands beside it, its content. */

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface PageProps {
  readonly title: string;
  /** Beside the title, in soft ink. */
  readonly note?: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Takes the focus when it appears, so that a screen reader begins here. */
export function Page({ title, note, tools, children }: PageProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · offhook`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {note !== undefined && <p class="page-note">{note}</p>}
        {tools !== undefined && <div class="page-tools">{tools}</div>}
      </div>
      {children}
    </>
  );
}

/** Fact after fact, each with its name. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Mos({ value, rating, text }: { value: number | null; rating: string; text: string }): JSX.Element {
  return (
    <span class="mos" data-rating={rating} title={value === null ? 'Nothing measured yet' : 'Estimated listening quality, 1 to 4.5'}>
      <span class="bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {text}
    </span>
  );
}
