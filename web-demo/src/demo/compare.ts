// Detectors side by side: their alarms beside what is known, delays and false alarms counted.

import type { Injected } from "../charts/model";
import { mapping } from "../charts/paint";
import { byId, el, say } from "../shared/dom";
import { count, number } from "../shared/format";
import { palette } from "../shared/theme";
import { DETECTORS, type Mark, type Tally } from "./protocol";

interface Row {
  lane: HTMLCanvasElement;
  cells: HTMLElement[];
}

export class Comparison {
  private readonly rows: Row[];

  constructor() {
    const body = byId("comparison").querySelector("tbody")!;
    this.rows = DETECTORS.map(({ name, story }) => {
      const lane = el("canvas", { role: "img", "aria-label": `Alarms of ${name}` });
      const cells = ["delay", "found", "median", "false", "rate"].map((id) => el("td", { "data-cell": id }));
      const head = el("th", { scope: "row" }, name, el("small", {}, story));
      body.append(el("tr", {}, head, el("td", { class: "lane" }, lane), ...cells));
      return { lane, cells };
    });
  }

  /** Counts, by detector, of one stream or of several together. */
  tell(tallies: readonly Tally[][]): void {
    tallies.forEach((streams, detector) => {
      const sum = (of: (tally: Tally) => number): number =>
        streams.reduce((total, one) => total + of(one), 0);
      const [samples, falseAlarms] = [sum((one) => one.samples), sum((one) => one.falseAlarms)];
      const ended = sum((one) => one.found) + sum((one) => one.missed);
      const delays = streams.flatMap((one) => one.delays).sort((one, other) => one - other);
      const median = delays[Math.floor((delays.length - 1) / 2)];
      const texts = [
        streams.length === 1 ? lastDelay(streams[0]!.last) : "–",
        ended === 0 ? "–" : `${count(sum((one) => one.found))} of ${count(ended)}`,
        median === undefined ? "–" : samplesIn(median),
        count(falseAlarms),
        samples < 1000 ? "–" : number((falseAlarms / samples) * 10_000),
      ];
      this.rows[detector]!.cells.forEach((cell, index) => say(cell, texts[index]!));
    });
  }

  /** Alarms on the stream that is looked at, over the time that its chart shows. */
  draw(marks: readonly Mark[][], injected: readonly Injected[], from: number, to: number): void {
    marks.forEach((alarms, detector) => drawLane(this.rows[detector]!.lane, alarms, injected, from, to));
  }
}

function samplesIn(delay: number): string {
  const told = count(delay + 1);
  return told === "1" ? "1 sample" : `${told} samples`;
}

function lastDelay(last: Tally["last"]): string {
  if (last === null) return "–";
  if (last.delay === null) return `${last.kind}: not yet`;
  return `${last.kind}: ${last.delay === "missed" ? "missed" : samplesIn(last.delay)}`;
}

function drawLane(
  canvas: HTMLCanvasElement,
  marks: readonly Mark[],
  injected: readonly Injected[],
  from: number,
  to: number,
): void {
  const ratio = devicePixelRatio;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d")!;
  const colours = palette();
  const x = mapping(from, to, 0, width);
  const middle = height / 2;
  const size = 4 * ratio;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colours.injected;
  context.globalAlpha = 0.3;
  for (const { start, end } of injected) {
    const left = start * x.scale + x.offset;
    context.fillRect(left, 0.15 * height, Math.max((end - start) * x.scale, 2 * ratio), 0.7 * height);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.rule;
  context.fillRect(0, Math.floor(middle), width, ratio);
  context.lineWidth = 1.75 * ratio;
  for (const { at, verdict } of marks) {
    const left = at * x.scale + x.offset;
    context.strokeStyle = context.fillStyle = verdict === "false" ? colours.alarm : colours.normal;
    context.beginPath();
    if (verdict === "false") {
      context.moveTo(left - size, middle - size);
      context.lineTo(left + size, middle + size);
      context.moveTo(left - size, middle + size);
      context.lineTo(left + size, middle - size);
    } else {
      context.arc(left, middle, size, 0, 7);
      if (verdict === "found") context.fill();
    }
    context.stroke();
  }
}
