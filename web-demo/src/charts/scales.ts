// Which part of time and value a timeline shows, and where its ticks are.

import { clock, date, duration } from "../shared/format";
import type { Track } from "./model";

export type Range = [from: number, to: number];

/** The share of a plot's height that the score has, at its foot. */
export const SCORE_SHARE = 0.2;

/** Scores from here on are drawn as this: how far beyond the line says little. */
export const SCORE_CAP = 1.6;

/** What values and band reach, with a little air; always more than nothing. */
export function extent(track: Track, [from, to]: Range): Range {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < track.time.length; i++) {
    if (track.time[i]! < from || track.time[i]! > to) continue;
    for (const number of [track.value[i]!, track.lower[i]!, track.upper[i]!]) {
      if (number < least) least = number;
      if (number > most) most = number;
    }
  }
  if (least > most) return [0, 1];
  const air = 0.04 * (most - least) || Math.max(Math.abs(most) * 0.1, 1e-9);
  return [least - air, most + air];
}

/** The old range as long as it fits and is not far too wide, so that a chart does not breathe with its noise. */
export function steady(old: Range | undefined, wanted: Range): Range {
  const size = wanted[1] - wanted[0];
  if (old !== undefined && old[0] <= wanted[0] && old[1] >= wanted[1] && size > 0.6 * (old[1] - old[0])) {
    return old;
  }
  return [wanted[0] - 0.08 * size, wanted[1] + 0.08 * size];
}

/** Makes room for the score below. */
export function above([least, most]: Range, share: number): Range {
  return [least - ((most - least) * share) / (1 - share), most];
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Ticks at whole distances from the newest sample, at most so many. */
export function elapsedTicks([from, to]: Range, most: number): number[] {
  const span = to - from;
  const step = STEPS.find((candidate) => span / candidate <= most) ?? span / most;
  const ticks = [];
  for (let back = 0; back <= span; back += step) ticks.unshift(to - back);
  return ticks;
}

export function elapsedLabel(tick: number, newest: number): string {
  return tick === newest ? "now" : duration(tick - newest);
}

const DAY = 86_400;

/** The time of day, or the date where ticks are days apart. */
export function clockLabel(tick: number, step: number): string {
  return step >= DAY ? date(tick) : clock(tick).slice(0, step >= 60 ? 5 : 8);
}

/** The same of one sample, among samples over such a time. */
export function clockMoment(at: number, span: number): string {
  return span > DAY ? `${date(at)} ${clock(at)}` : clock(at);
}
