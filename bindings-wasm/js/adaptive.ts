// The adaptive detector: a WebAssembly module of its own, for those who need it.

import { decode, encode } from "./codec.js";
import { Corridor } from "./corridor.js";
import { one, words, type DriftEvent, type InitOptions } from "./event.js";
import { Exchange } from "./exchange.js";
import * as glue from "./generated/adaptive_bg.js";
import type { AdaptiveConfig } from "./generated/schema.js";
import { bytes, resolve } from "./given.js";

export type { Batch, Verdict } from "./corridor.js";
export { CODES, DriftError, type Code } from "./error.js";
export { explain, type DriftEvent, type InitOptions } from "./event.js";
export type { AdaptiveConfig } from "./generated/schema.js";
export { STATES } from "./generated/schema.js";

const adaptive = new Exchange("adaptive", "drift-sre/adaptive", glue);

/** Loads the WebAssembly of the detector and of explanations. It waits for it; further calls do nothing. */
export async function init({ module, explain }: InitOptions = {}): Promise<void> {
  await Promise.all([adaptive.init(module, "adaptive"), words(explain)]);
}

const encoded = (config: unknown): Uint8Array => encode("AdaptiveConfig", resolve(config, {}));

/** Finds drifts and point anomalies in any series; its only knob is `arl0`, how often it may cry wolf. */
export class Adaptive extends Corridor<glue.Adaptive> {
  /** A detector that has seen nothing. */
  constructor(config?: AdaptiveConfig) {
    super(adaptive, config instanceof Saved ? config.raw : adaptive.call(() => new glue.Adaptive(encoded(config))));
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(saved: Uint8Array): Adaptive {
    return new Adaptive(new Saved(adaptive.call(() => glue.Adaptive.fromBytes(bytes("saved", saved)))) as AdaptiveConfig);
  }

  /** Settings and state. */
  toBytes(): Uint8Array {
    return this.raw.bytes();
  }

  /** Changes settings from the next sample on; the season and the size stay. What was learned stays. */
  reconfigure(config: AdaptiveConfig): void {
    const { raw } = this;
    const settings = encoded(config);
    adaptive.call(() => raw.reconfigure(settings));
  }

  /** The period of the season, in the unit of times; `null` if none is known. */
  get period(): number | null {
    const period = this.raw.period();
    return Number.isNaN(period) ? null : period;
  }

  /** The last drift that was opened, or point anomaly. */
  get alarm(): DriftEvent | null {
    return one(this.raw.alarm());
  }

  /** The settings it runs with. */
  get config(): Required<AdaptiveConfig> {
    return decode("AdaptiveConfig", this.raw.config()) as Required<AdaptiveConfig>;
  }
}

class Saved {
  constructor(readonly raw: glue.Adaptive) {}
}
