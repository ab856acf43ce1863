// The adaptive detector.

import { decode, encode } from "./codec.js";
import { Corridor, resolve } from "./corridor.js";
import { one, type DriftEvent } from "./event.js";
import * as glue from "./generated/series_bg.js";
import type { AdaptiveConfig } from "./generated/schema.js";
import { bytes, make } from "./series.js";

const encoded = (config: unknown): Uint8Array => encode("AdaptiveConfig", resolve(config, {}));

/** Finds drifts and point anomalies in any series; its only knob is `arl0`, how often it may cry wolf. */
export class Adaptive extends Corridor<glue.Adaptive> {
  /** A detector that has seen nothing. */
  constructor(config?: AdaptiveConfig) {
    super(config instanceof Saved ? config.raw : make(() => new glue.Adaptive(encoded(config))));
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(saved: Uint8Array): Adaptive {
    return new Adaptive(new Saved(make(() => glue.Adaptive.fromBytes(bytes("saved", saved)))) as AdaptiveConfig);
  }

  /** Settings and state. */
  toBytes(): Uint8Array {
    return this.raw.bytes();
  }

  /** Changes settings from the next sample on; the season and the size stay. What was learned stays. */
  reconfigure(config: AdaptiveConfig): void {
    const { raw } = this;
    const settings = encoded(config);
    make(() => raw.reconfigure(settings));
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
