// The module of monitors and charts, and `init`.

import { words, type InitOptions } from "./event.js";
import { Exchange } from "./exchange.js";
import * as glue from "./generated/series_bg.js";

export const series = new Exchange("series", "drift-sre", glue);

/**
 * Loads the WebAssembly of monitors, charts and explanations. They wait for it; further calls do nothing. The other entry
 * points have an `init` of their own.
 */
export async function init({ module, explain }: InitOptions = {}): Promise<void> {
  await Promise.all([series.init(module, "series"), words(explain)]);
}
