// The adaptive detector: a WebAssembly module of its own, for those who need it.

import { decode, encode } from "./codec.js";
import { Corridor, make, type CorridorExports } from "./corridor.js";
import { events, words, type DriftEvent, type InitOptions } from "./event.js";
import { Exchange } from "./exchange.js";
import type { AdaptiveConfig } from "./generated/schema.js";
import { bytes, resolve } from "./given.js";
import { Made } from "./module.js";

export type { Batch, Verdict } from "./corridor.js";
export { CODES, DriftError, type Code } from "./error.js";
export { explain, type DriftEvent, type InitOptions } from "./event.js";
export type { AdaptiveConfig } from "./generated/schema.js";
export { STATES } from "./generated/schema.js";

interface AdaptiveExports extends CorridorExports {
  adaptive_period(corridor: number): number;
  adaptive_alarm(corridor: number): void;
  adaptive_config(corridor: number, scratch: number): number;
}

const adaptive = new Exchange<AdaptiveExports>("drift-sre/adaptive");

/** Loads the WebAssembly of the detector and of explanations. It waits for it; further calls do nothing. */
export async function init({ module, explain }: InitOptions = {}): Promise<void> {
  await Promise.all([adaptive.init(module, "adaptive"), words(explain)]);
}

const encoded = (config: unknown): Uint8Array => encode("AdaptiveConfig", resolve(config, {}));

/** Finds drifts and point anomalies in any series; its only knob is `arl0`, how often it may cry wolf. */
export class Adaptive extends Corridor<AdaptiveExports> {
  /** A detector that has seen nothing. */
  constructor(config?: AdaptiveConfig) {
    super(adaptive, config instanceof Made ? config.address : make(adaptive, encoded(config)));
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(saved: Uint8Array): Adaptive {
    return new Adaptive(new Made(make(adaptive, new Uint8Array(0), bytes("saved", saved))) as AdaptiveConfig);
  }

  /** Settings and state. */
  toBytes(): Uint8Array {
    return this.bytes();
  }

  /** Changes settings from the next sample on; the season and the size stay. What was learned stays. */
  reconfigure(config: AdaptiveConfig): void {
    void this.address;
    this.settle(encoded(config));
  }

  /** The period of the season, in the unit of times; `null` if none is known. */
  get period(): number | null {
    const period = adaptive.exports.adaptive_period(this.address);
    return Number.isNaN(period) ? null : period;
  }

  /** The last drift that was opened, or point anomaly. */
  get alarm(): DriftEvent | null {
    const { exports, scratch } = adaptive;
    exports.adaptive_alarm(this.address);
    return events(adaptive.taken(exports.corridor_told(this.address, scratch)))[0]?.event ?? null;
  }

  /** The settings it runs with. */
  get config(): Required<AdaptiveConfig> {
    const { exports, scratch } = adaptive;
    const length = exports.adaptive_config(this.address, scratch);
    return decode("AdaptiveConfig", adaptive.taken(length)) as Required<AdaptiveConfig>;
  }
}
