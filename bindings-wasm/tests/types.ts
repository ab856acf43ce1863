// Compiled, never run: what the types promise, and what they refuse.

import { Monitor, PageHinkley, STATES, explain, init, presets, type DriftEvent, type State } from "drift-sre";
import { Adaptive, init as initAdaptive } from "drift-sre/adaptive";
import { Fleet, init as initFleet } from "drift-sre/fleet";
import { Scenario } from "drift-sre/scenario";
import { RecordMonitor, ncd, type RecordVerdict } from "drift-sre/records";

await Promise.all([init({ explain: false }), initAdaptive(), initFleet({ simd: false })]);
const monitor = new Monitor({ detector: { z_score: { threshold: 4 } }, decision: { exit: "adopt" } });
const { state, score, event } = monitor.update(1, 2);
const told: State = state;
const sentence: string | undefined = event?.explain("cpu", "%");
const many: Float64Array = monitor.updateMany(new Float64Array(3)).scores;
const named: State = STATES[monitor.updateMany(many).states[0]!]!;
const bounds: [number, number] | null = monitor.band;
const alarms: Uint32Array = new PageHinkley({ cap: null, baseline: { rolling: {} } }).updateMany(many);
const events: DriftEvent[] = new Adaptive({ arl0: 1e4, season: { given: { period: 86_400 } } }).updateMany(many).events.map((each) => each.event);
const cost: Uint32Array = new Fleet(presets.driftwatch, 2).tick(many);
const kinds: string[] = new Scenario("step", 1n).truth().map(({ kind }) => kind);
const verdict: RecordVerdict = new RecordMonitor({ line_level: 0.1 }).update("x", "host");
const distance: number | null = ncd("x", new Uint8Array(2));
export const used = [told, sentence, score, named, bounds, alarms, events, cost, kinds, verdict.why, distance, explain];

// @ts-expect-error no preset of this name
new Monitor("nightly");
// @ts-expect-error no such setting
new Monitor({ detectors: {} });
// @ts-expect-error values come as numbers
monitor.update("1");
// @ts-expect-error arrays are of floats
monitor.updateMany([1, 2]);
// @ts-expect-error a state is one of five
const wrong: State = "fine";
export { wrong };
