// The package's front door: drift detection for numbers.

export { Adaptive } from "./adaptive.js";
export { Cusum, Ewma, PageHinkley, Trend, WindowShift, ZScore, type ChartOptions } from "./chart.js";
export type { Batch, Verdict } from "./corridor.js";
export { CODES, DriftError, type Code } from "./error.js";
export { explain, type DriftEvent } from "./event.js";
export { Fleet } from "./fleet.js";
export type * from "./generated/schema.js";
export { STATES, presets, scenarioPresets } from "./generated/schema.js";
export { Monitor } from "./monitor.js";
export { Scenario, type Signal } from "./scenario.js";
export { init, type InitOptions } from "./series.js";
