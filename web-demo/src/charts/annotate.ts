// Marks on a timeline: drifts with onset and alarm apart, what was injected, the score against its line.

import type { Palette } from "../shared/theme";
import type { Drift, Injected, Track } from "./model";
import { hatch, mapping, marker, traceLine, type Mapping } from "./paint";
import { SCORE_CAP, SCORE_SHARE } from "./scales";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Pen {
  context: CanvasRenderingContext2D;
  colours: Palette;
  box: Box;
  x: Mapping;
  /** Device pixels in one of the style sheet's. */
  ratio: number;
}

/** Drifts: hatched from their onset on, a dashed line and a hollow mark there, a solid line and a filled one at the alarm. */
export function drawDrifts(pen: Pen, drifts: readonly Drift[], newest: number): void {
  const { left, width } = pen.box;
  const px = (time: number): number =>
    Math.min(Math.max(time * pen.x.scale + pen.x.offset, left), left + width);
  const lasting = drifts.filter(({ alarm, end }) => alarm !== end);
  let shaded = left;
  for (const { onset, end } of [...lasting].sort((one, other) => one.onset - other.onset)) {
    // What is open twice is shaded once.
    const [from, to] = [Math.max(px(onset), shaded), px(end ?? newest)];
    if (to > from) shade(pen, from, to - from);
    shaded = Math.max(shaded, to);
  }
  for (const { onset, alarm } of lasting) {
    if (px(onset) > left) markOnset(pen, px(onset));
    if (px(alarm) > left) markAlarm(pen, px(alarm), true);
  }
  for (const { alarm, end } of drifts) {
    if (alarm === end && px(alarm) > left) markAlarm(pen, px(alarm), false);
  }
}

function shade({ context, colours, box, ratio }: Pen, from: number, width: number): void {
  context.fillStyle = context.strokeStyle = colours.shade;
  context.fillRect(from, box.top, width, box.height);
  context.lineWidth = ratio;
  hatch(context, from, box.top, width, box.height, 9 * ratio);
}

function markOnset({ context, colours, box, ratio }: Pen, at: number): void {
  context.strokeStyle = colours.onset;
  context.lineWidth = 1.25 * ratio;
  context.setLineDash([4 * ratio, 3 * ratio]);
  upright(context, at, box);
  context.setLineDash([]);
  marker(context, at, box.top, 7 * ratio, false);
}

function markAlarm({ context, colours, box, ratio }: Pen, at: number, lasts: boolean): void {
  context.strokeStyle = context.fillStyle = colours.alarm;
  context.lineWidth = 1.25 * ratio;
  if (lasts) upright(context, at, box);
  marker(context, at, box.top, 7 * ratio, true);
}

/** What was done to the stream: a bar along the foot of the values. */
export function drawInjected({ context, colours, box, x, ratio }: Pen, spans: readonly Injected[]): void {
  context.fillStyle = colours.injected;
  for (const { start, end } of spans) {
    const left = Math.max(start * x.scale + x.offset, box.left);
    const right = Math.min(end * x.scale + x.offset, box.left + box.width);
    if (right > left) {
      context.fillRect(left, box.top + box.height - 4 * ratio, Math.max(right - left, 2 * ratio), 4 * ratio);
    }
  }
}

/** The score as a line over a filled foot, and the alarm line at 1. */
export function drawScore({ context, colours, box, x, ratio }: Pen, track: Track): void {
  const height = box.height * SCORE_SHARE;
  const foot = box.top + box.height;
  const y = mapping(0, SCORE_CAP, foot, foot - height);
  const scores = Float64Array.from(track.score, (score) => Math.min(score, SCORE_CAP));
  context.fillStyle = colours.paper;
  context.fillRect(box.left, foot - height, box.width, height);
  context.strokeStyle = colours.rule;
  context.lineWidth = ratio;
  across(context, box, foot - height);
  context.strokeStyle = colours.score;
  context.lineWidth = 1.25 * ratio;
  context.lineJoin = "round";
  traceLine(context, track.time, scores, x, y);
  context.stroke();
  context.strokeStyle = colours.alarm;
  context.lineWidth = ratio;
  context.setLineDash([2 * ratio, 2 * ratio]);
  across(context, box, y.scale + y.offset);
  context.setLineDash([]);
}

function upright(context: CanvasRenderingContext2D, at: number, { top, height }: Box): void {
  context.beginPath();
  context.moveTo(at, top);
  context.lineTo(at, top + height);
  context.stroke();
}

function across(context: CanvasRenderingContext2D, { left, width }: Box, at: number): void {
  context.beginPath();
  context.moveTo(left, at);
  context.lineTo(left + width, at);
  context.stroke();
}
