// Seeded signals that know when they are out of control: a WebAssembly module of its own, for those who need it.

import { decode, encode } from "./codec.js";
import { DriftError, wrongType } from "./error.js";
import { Exchange } from "./exchange.js";
import { scenarioPresets, type Interval, type ScenarioConfig, type ScenarioPresetName } from "./generated/schema.js";
import { resolve } from "./given.js";
import { Owner, type Exports, type Source } from "./module.js";

export { CODES, DriftError, type Code } from "./error.js";
export type { Interval, Law, Outage, Outliers, Phase, PhaseKind, ScenarioConfig, ScenarioPresetName, Season } from "./generated/schema.js";
export { scenarioPresets } from "./generated/schema.js";

interface ScenarioExports extends Exports {
  scenario_make(scratch: number, seed: bigint): number;
  scenario_free(scenario: number): void;
  scenario_take(scenario: number, scratch: number, count: number): number;
  scenario_left(scenario: number): number;
  scenario_truth(scenario: number, scratch: number): number;
}

const scenario = new Exchange<ScenarioExports>("drift-sre/scenario");

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ module }: { module?: Source } = {}): Promise<void> {
  return scenario.init(module, "scenario");
}

/** Samples of a scenario, one entry each. */
export interface Signal {
  /** NaN for a gap. */
  values: Float64Array;
  /** In seconds; the first is at 0. */
  times: Float64Array;
  /** 1 where it is out of control. */
  drifting: Uint8Array;
}

/** A signal with known ground truth: the same configuration and seed give the same bits everywhere. */
export class Scenario extends Owner<ScenarioExports> {
  /** A signal before its first sample, by the name of a preset or a configuration. */
  constructor(config: ScenarioPresetName | ScenarioConfig, seed: number | bigint) {
    if (typeof seed !== "bigint" && typeof seed !== "number") throw wrongType("seed", "a whole number", seed);
    const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
    if (!whole || BigInt.asUintN(64, BigInt(seed)) !== BigInt(seed)) {
      throw new DriftError("out_of_range", `seed must be a whole number of 0 to 2^64 - 1, got ${seed}`);
    }
    const settings = encode("ScenarioConfig", resolve(config, scenarioPresets));
    scenario.give(settings);
    super(scenario, "scenario_free", scenario.call((exports, scratch) => exports.scenario_make(scratch, BigInt(seed))));
  }

  /** The next samples, up to so many: fewer where the signal ends. */
  take(count: number): Signal {
    const { left } = this;
    if (typeof count !== "number") throw wrongType("count", "a number", count);
    const length = Math.max(0, Math.min(Math.floor(count) || 0, left));
    const signal = { values: new Float64Array(length), times: new Float64Array(length), drifting: new Uint8Array(length) };
    scenario.parts(length, (begin, end) => {
      // They are there before the first batch is.
      void scenario.columns;
      scenario.exports.scenario_take(this.address, scenario.scratch, end - begin);
      const { values, times, states } = scenario.columns;
      signal.values.set(values.subarray(0, end - begin), begin);
      signal.times.set(times.subarray(0, end - begin), begin);
      signal.drifting.set(states.subarray(0, end - begin), begin);
    });
    return signal;
  }

  /** How many samples are left. */
  get left(): number {
    // Numbers in the upper half come as negative ones.
    return scenario.exports.scenario_left(this.address) >>> 0;
  }

  /** When it is out of control, in order of time. What is part of normal is not in it. */
  truth(): Interval[] {
    const length = scenario.exports.scenario_truth(this.address, scenario.scratch);
    return decode("*Interval", scenario.taken(length)) as Interval[];
  }
}
