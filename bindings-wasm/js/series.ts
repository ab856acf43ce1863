// The module of monitors and charts, and `init`.

import type { CorridorExports } from "./corridor.js";
import { words, type InitOptions } from "./event.js";
import { Exchange } from "./exchange.js";

export interface SeriesExports extends CorridorExports {
  chart_make(scratch: number, isSaved: number): number;
  chart_free(chart: number): void;
  chart_update(chart: number, value: number): number;
  chart_update_many(chart: number, scratch: number, count: number): number;
  chart_score_many(chart: number, scratch: number, count: number): void;
  chart_read(chart: number, what: number): number;
  chart_reset(chart: number): void;
  chart_bytes(chart: number, scratch: number): number;
}

export const series = new Exchange<SeriesExports>("drift-sre");

/**
 * Loads the WebAssembly of monitors, charts and explanations. They wait for it; further calls do nothing. The other entry
 * points have an `init` of their own.
 */
export async function init({ module, explain }: InitOptions = {}): Promise<void> {
  await Promise.all([series.init(module, "series"), words(explain)]);
}
