/** The last seconds of a conversation: our voice above the line, the other side's below. */

import { meterHeight } from './level.ts';

const stepPx = 5;
const barPx = 3;

export class Ribbon {
  readonly #canvas: HTMLCanvasElement;
  /** Heights between 0 and 1, newest last. */
  #history: { readonly us: number; readonly them: number }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  clear(): void {
    this.#history = [];
    this.#draw();
  }

  push(usDb: number, themDb: number): void {
    this.#history.push({ us: meterHeight(usDb), them: meterHeight(themDb) });
    const room = Math.ceil(this.#canvas.clientWidth / stepPx);
    if (this.#history.length > room) this.#history.splice(0, this.#history.length - room);
    this.#draw();
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const { width, height } = this.#fit();
    const style = getComputedStyle(this.#canvas);
    const colours = { us: style.getPropertyValue('--us'), them: style.getPropertyValue('--them') };
    context.clearRect(0, 0, width, height);
    const middle = height / 2;
    this.#history.forEach(({ us, them }, index) => {
      const x = width - (this.#history.length - index) * stepPx;
      bar(context, colours.us, x, middle - 1.5, -us * (middle - 4));
      bar(context, colours.them, x, middle + 1.5, them * (middle - 4));
    });
  }

  /** Makes the bitmap as fine as the screen. */
  #fit(): { readonly width: number; readonly height: number } {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.#canvas.width !== wide || this.#canvas.height !== high) Object.assign(this.#canvas, { width: wide, height: high });
    this.#canvas.getContext('2d')?.setTransform(scale, 0, 0, scale, 0, 0);
    return { width, height };
  }
}

/** Silence is a dot. */
function bar(context: CanvasRenderingContext2D, colour: string, x: number, from: number, length: number): void {
  const size = Math.max(barPx / 2, Math.abs(length));
  context.fillStyle = colour;
  context.globalAlpha = 0.35 + 0.65 * Math.min(1, size / 20);
  context.beginPath();
  context.roundRect(x, length < 0 ? from - size : from, barPx, size, barPx / 2);
  context.fill();
}
