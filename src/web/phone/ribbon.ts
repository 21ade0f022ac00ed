/** The last seconds of a conversation: our voice above the line, the other side's below. */

import { meterHeight } from './level.ts';

const stepPx = 7;
const barPx = 4;
/** Between the line and the bars. */
const gapPx = 2;

interface Loudness {
  readonly us: number;
  readonly them: number;
}

export class Ribbon {
  readonly #canvas: HTMLCanvasElement;
  readonly #stepMs: number;
  readonly #glides: boolean;
  #history: readonly Loudness[] = [];
  #pushedMs = 0;

  /** `stepMs`: how often `push` is called. `glides`: between two pushes the picture moves on by one step. */
  constructor(canvas: HTMLCanvasElement, { stepMs, glides }: { readonly stepMs: number; readonly glides: boolean }) {
    this.#canvas = canvas;
    this.#stepMs = stepMs;
    this.#glides = glides;
  }

  clear(): void {
    this.#history = new Array<Loudness>(this.#room).fill({ us: 0, them: 0 });
  }

  push(usDb: number, themDb: number, nowMs: number): void {
    this.#history = [...this.#history, { us: meterHeight(usDb), them: meterHeight(themDb) }].slice(-this.#room);
    this.#pushedMs = nowMs;
  }

  /** Bars that fit, and one for each end that is cut. */
  get #room(): number {
    return Math.ceil(this.#canvas.clientWidth / stepPx) + 2;
  }

  draw(nowMs: number): void {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const { width, height } = sharpen(this.#canvas, context);
    const glidePx = this.#glides ? Math.min(1, (nowMs - this.#pushedMs) / this.#stepMs) * stepPx : stepPx;
    const style = getComputedStyle(this.#canvas);
    const middle = height / 2;
    const reach = middle - gapPx;
    context.clearRect(0, 0, width, height);
    for (const [side, colour] of [
      ['us', style.getPropertyValue('--us')],
      ['them', style.getPropertyValue('--them')],
    ] as const) {
      context.fillStyle = colour;
      this.#history.forEach((loudness, index) => {
        const x = width - (this.#history.length - 1 - index) * stepPx - glidePx;
        const size = Math.max(barPx / 2, loudness[side] * reach);
        // Silence is a faint dot.
        context.globalAlpha = size > barPx ? 1 : 0.4;
        context.beginPath();
        context.roundRect(x, side === 'us' ? middle - gapPx - size : middle + gapPx, barPx, size, Math.min(size, barPx) / 2);
        context.fill();
      });
    }
  }
}

/** Makes the bitmap as fine as the screen. */
function sharpen(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): { readonly width: number; readonly height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const wide = Math.round(width * devicePixelRatio);
  const high = Math.round(height * devicePixelRatio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return { width, height };
}
