// One series over time: values in their expected band, the score below, drifts shaded.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { el, say, visible } from "../shared/dom";
import { count, number, quantity } from "../shared/format";
import { onThemeChange, palette } from "../shared/theme";
import { drawDrifts, drawInjected, drawScore, type Pen } from "./annotate";
import type { Scene } from "./model";
import { mapping, traceBand, traceLine } from "./paint";
import {
  SCORE_SHARE,
  above,
  clockLabel,
  clockMoment,
  elapsedLabel,
  elapsedTicks,
  extent,
  steady,
  type Range,
} from "./scales";

export interface TimelineOptions {
  name: string;
  unit: string;
  /** Seconds before the newest sample, the time of day, or the number of the sample. */
  axis: "elapsed" | "clock" | "row";
  /** A small multiple: few ticks, no cursor. */
  compact?: boolean;
  /** A part of the time can be looked at more closely. */
  zoom?: boolean;
}

const EMPTY: Scene = {
  track: { time: [], value: [], lower: [], upper: [], baseline: [], score: [] },
  drifts: [],
};

export class Timeline {
  private readonly plot: uPlot;
  private readonly cursor: HTMLElement | undefined;
  private readonly size: ResizeObserver;
  private scene: Scene = EMPTY;
  private values: Range | undefined;
  private zoomed: Range | undefined;

  constructor(
    private readonly host: HTMLElement,
    private options: TimelineOptions,
  ) {
    this.plot = new uPlot(this.settings(), [[], []], host);
    this.plot.root.setAttribute("aria-hidden", "true");
    if (options.compact !== true) {
      this.cursor = el("div", { class: "cursor", role: "slider", tabindex: 0, "aria-valuemin": 0 });
      this.cursor.addEventListener("keydown", (event) => this.step(event));
      host.append(this.cursor);
    }
    this.plot.over.addEventListener("dblclick", () => this.lookAt(undefined));
    this.size = new ResizeObserver(() => this.fit());
    this.size.observe(host);
    onThemeChange(() => this.plot.redraw());
    this.rename(options.name, options.unit);
  }

  /** Draws what is given. Columns are kept until the next call and read when the browser asks for a redraw. */
  show(scene: Scene): void {
    this.scene = scene;
    const wanted = extent(scene.track, this.times());
    this.values = steady(this.values, wanted);
    const { time, value } = scene.track;
    this.plot.setData([time as number[], value as number[]]);
    if (this.cursor?.matches(":focus") === true) this.tellCursor();
  }

  /** Another series takes this place. */
  rename(name: string, unit: string): void {
    this.options = { ...this.options, name, unit };
    this.values = undefined;
    this.zoomed = undefined;
    this.cursor?.setAttribute("aria-label", `${name}: one sample at a time, with the arrow keys`);
  }

  /** The newest sample in a sentence, for those who do not see the chart. */
  describe(): string {
    const { track, drifts } = this.scene;
    const last = track.time.length - 1;
    if (last < 0) return `${this.options.name}: no samples yet`;
    const open = drifts.filter((drift) => drift.end === null).length;
    const told = `${this.options.name}: ${this.tell(last)}`;
    return `${told}. Drifts in view: ${count(drifts.length)}${open > 0 ? ", one still open" : ""}.`;
  }

  destroy(): void {
    this.size.disconnect();
    this.plot.destroy();
    this.host.replaceChildren();
  }

  private times(): Range {
    const { time } = this.scene.track;
    return this.zoomed ?? [time[0] ?? 0, time[time.length - 1] ?? 1];
  }

  private settings(): uPlot.Options {
    const compact = this.options.compact === true;
    const stroke = (): string => palette().muted;
    const line = { stroke: () => palette().rule, width: 1 };
    const em = 16 * growth() * (compact ? 0.68 : 0.75);
    const font = `${em}px system-ui, sans-serif`;
    const hidden: uPlot.Series = { show: true, auto: false, paths: () => null, points: { show: false } };
    return {
      width: 300,
      height: 100,
      padding: [8, Math.round((compact ? 1.3 : 1.9) * em), 0, 0],
      legend: { show: false },
      cursor: {
        show: !compact,
        y: false,
        points: { show: false },
        drag: { x: this.options.zoom === true, y: false, setScale: false },
      },
      scales: {
        x: { time: this.options.axis === "clock", range: () => this.times() },
        y: { range: () => above(this.values ?? [0, 1], SCORE_SHARE) },
      },
      series: [{}, hidden],
      axes: [
        {
          stroke,
          font,
          size: Math.round(2.1 * em),
          gap: 2,
          grid: { show: false },
          ticks: { ...line, size: 4 },
          ...(this.options.axis === "elapsed" && {
            splits: () => elapsedTicks(this.times(), compact ? 2 : 8),
            values: (_, splits) => splits.map((tick) => elapsedLabel(tick, this.times()[1])),
          }),
          ...(this.options.axis === "clock" && {
            values: (_, splits, _axis, _space, step) => splits.map((tick) => clockLabel(tick, step)),
          }),
          ...(this.options.axis === "row" && { values: (_, splits) => splits.map(number) }),
        },
        {
          stroke,
          font,
          size: Math.round((compact ? 3.4 : 4.6) * em),
          gap: 4,
          space: Math.round((compact ? 2.2 : 3) * em),
          grid: line,
          ticks: { show: false },
          filter: (_, splits) => splits.map((tick) => (tick < (this.values?.[0] ?? 0) ? null : tick)),
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : number(tick))),
        },
      ],
      hooks: {
        drawAxes: [(plot) => this.paint(plot)],
        setCursor: [() => this.tellCursor()],
        setSelect: [(plot) => this.zoom(plot)],
      },
    };
  }

  private paint(plot: uPlot): void {
    const { track, drifts, injected } = this.scene;
    if (track.time.length === 0) return;
    const [context, colours, box] = [plot.ctx, palette(), plot.bbox];
    const ratio = uPlot.pxRatio * growth();
    const [from, to] = this.times();
    const pen: Pen = { context, colours, box, ratio, x: mapping(from, to, box.left, box.left + box.width) };
    const [least, most] = above(this.values ?? [0, 1], SCORE_SHARE);
    const y = mapping(least, most, box.top + box.height, box.top);
    const upper = { ...box, height: box.height * (1 - SCORE_SHARE) };
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    const newest = track.time[track.time.length - 1]!;
    drawDrifts({ ...pen, box: upper }, drifts, newest);
    context.fillStyle = colours.band;
    traceBand(context, track.time, track.lower, track.upper, pen.x, y);
    context.fill();
    context.lineJoin = "round";
    context.strokeStyle = colours.baseline;
    context.lineWidth = ratio;
    traceLine(context, track.time, track.baseline, pen.x, y);
    context.stroke();
    context.strokeStyle = colours.value;
    context.lineWidth = (this.options.compact === true ? 1 : 1.25) * ratio;
    traceLine(context, track.time, track.value, pen.x, y);
    context.stroke();
    drawInjected({ ...pen, box: upper }, injected ?? []);
    drawScore(pen, track);
    context.restore();
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width > 0 && height > 0) this.plot.setSize({ width, height });
  }

  private zoom(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    this.lookAt([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  private lookAt(range: Range | undefined): void {
    this.zoomed = range;
    this.values = undefined;
    this.show(this.scene);
  }

  /** Arrow keys move the cursor, Home and End go to the ends, Escape shows everything again. */
  private step(event: KeyboardEvent): void {
    const { time } = this.scene.track;
    const last = time.length - 1;
    const from = this.plot.cursor.idx ?? last;
    const stride = event.shiftKey ? 20 : 1;
    const to = { ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last }[event.key];
    if (event.key === "Escape") this.lookAt(undefined);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    const index = Math.min(Math.max(to, 0), last);
    this.plot.setCursor({ left: this.plot.valToPos(time[index]!, "x"), top: 0 });
  }

  private tellCursor(): void {
    if (this.cursor === undefined) return;
    const last = this.scene.track.time.length - 1;
    const index = Math.min(this.plot.cursor.idx ?? last, last);
    const told = index < 0 ? "no samples yet" : this.tell(index);
    this.cursor.setAttribute("aria-valuemax", String(Math.max(last, 0)));
    this.cursor.setAttribute("aria-valuenow", String(Math.max(index, 0)));
    this.cursor.setAttribute("aria-valuetext", told);
    say(this.cursor, this.plot.cursor.left !== undefined && this.plot.cursor.left >= 0 ? told : "");
  }

  private tell(index: number): string {
    const { time, value, lower, upper, score } = this.scene.track;
    const at = time[index]!;
    const newest = time[time.length - 1]!;
    const when = {
      clock: clockMoment(at, newest - time[0]!),
      elapsed: elapsedLabel(at, newest),
      row: `row ${count(at)}`,
    };
    const parts = [when[this.options.axis], quantity(value[index]!, visible(this.options.unit))];
    if (Number.isFinite(lower[index]!)) {
      parts.push(`expected ${number(lower[index]!)} to ${number(upper[index]!)}`);
    }
    if (Number.isFinite(score[index]!)) parts.push(`score ${number(score[index]!)} of 1`);
    return parts.join(", ");
  }
}

/** How much larger than usual the page's text is: a large screen has larger text, and lines as much wider. */
function growth(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
