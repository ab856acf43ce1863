// One metric of the service that is looked at: its timeline, grown by what arrives.

import { Columns } from "../charts/columns";
import { note } from "../charts/drifts";
import { TRACK, type Drift, type Standing, type Track } from "../charts/model";
import { Timeline } from "../charts/timeline";
import { el, say, visible } from "../shared/dom";
import { quantity } from "../shared/format";
import type { DriftRow, LiveSample, TimelineAnswer } from "./api";

const CAPACITY = 3600;

/** States of services and of detectors. */
const STANDINGS: Record<string, Standing> = {
  STABLE: "normal",
  DRIFT_DETECTED: "drifting",
  INSUFFICIENT_DATA: "learning",
  in_control: "normal",
  drifting: "drifting",
  warming_up: "learning",
  warning: "warning",
  stale: "silent",
};

export function stand(element: HTMLElement, state: string): void {
  const standing = STANDINGS[state] ?? "learning";
  element.dataset["standing"] = standing;
  say(element, standing);
}

const or = (number: number | null | undefined): number => number ?? NaN;

export class MetricView {
  readonly figure: HTMLElement;
  private readonly now = el("span", {});
  private readonly told = el("p", { class: "hidden" });
  private readonly plot = el("div", { class: "plot" });
  private readonly columns = new Columns(TRACK, CAPACITY);
  private chart: Timeline | null = null;
  private drifts: Drift[] = [];
  private unit = "";
  private changed = false;

  constructor(readonly metric: string) {
    const caption = el("figcaption", {}, el("h3", {}, visible(metric)), this.now);
    this.figure = el("figure", { class: "metric" }, caption, this.plot, this.told);
  }

  /** All that the server has of it. */
  load(
    { unit, times, values, baseline, lower, upper, scores }: TimelineAnswer,
    rows: readonly DriftRow[],
  ): void {
    const [value, base] = [values.map(or), baseline.map(or)];
    const [low, high, score] = [lower.map(or), upper.map(or), scores.map(or)];
    this.unit = unit;
    this.chart ??= new Timeline(this.plot, { name: visible(this.metric), unit, axis: "clock" });
    this.columns.clear();
    this.columns.push({ time: times, value, baseline: base, lower: low, upper: high, score });
    this.drifts = [];
    [...rows]
      .sort((one, other) => seconds(one.detected_at) - seconds(other.detected_at))
      .forEach((row) => this.drift(row));
    this.changed = true;
  }

  add({ time, value, baseline, lower, upper, score }: LiveSample): void {
    const newest = this.columns.view("time", 1)[0];
    // What was loaded already may arrive once more.
    if (newest !== undefined && time <= newest) return;
    const row = { time: [time], value: [or(value)], baseline: [or(baseline)] };
    this.columns.push({ ...row, lower: [or(lower)], upper: [or(upper)], score: [or(score)] });
    this.changed = true;
  }

  drift({ kind, onset, detected_at, explanation }: DriftRow): void {
    note(this.drifts, { kind, onset: seconds(onset), at: seconds(detected_at), text: explanation });
    this.changed = true;
  }

  /** Draws what has changed since the last time. */
  draw(): void {
    if (!this.changed || this.chart === null) return;
    this.changed = false;
    const track = Object.fromEntries(
      TRACK.map((name) => [name, this.columns.view(name)]),
    ) as unknown as Track;
    this.chart.show({ track, drifts: this.drifts });
    const value = track.value[track.value.length - 1];
    say(this.now, quantity(or(value), visible(this.unit)));
    say(this.told, this.chart.describe());
  }

  destroy(): void {
    this.chart?.destroy();
    this.figure.remove();
  }
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
