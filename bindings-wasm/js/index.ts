// The package's front door: monitors and charts of single series.

export { Cusum, Ewma, PageHinkley, Trend, WindowShift, ZScore, type ChartOptions } from "./chart.js";
export type { Batch, Verdict } from "./corridor.js";
export { CODES, DriftError, type Code } from "./error.js";
export { explain, type DriftEvent, type InitOptions } from "./event.js";
export type * from "./generated/schema.js";
export { STATES, presets } from "./generated/schema.js";
export { Monitor } from "./monitor.js";
export { init } from "./series.js";
