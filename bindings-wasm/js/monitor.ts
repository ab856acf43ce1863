// The monitor of one series.

import { encode } from "./codec.js";
import { Corridor } from "./corridor.js";
import * as glue from "./generated/series_bg.js";
import { presets, type MonitorConfig, type PresetName } from "./generated/schema.js";
import { bytes, resolve } from "./given.js";
import { series } from "./series.js";

const encoded = (config: unknown): Uint8Array => encode("MonitorConfig", resolve(config, presets));

/** Watches one series: learns what is normal, announces drifts and their end. */
export class Monitor extends Corridor<glue.Monitor> {
  /** A monitor that has seen nothing, by the name of a preset, by a configuration, or with the defaults. */
  constructor(config?: PresetName | MonitorConfig) {
    super(series, config instanceof Resumed ? config.raw : series.call(() => new glue.Monitor(encoded(config))));
  }

  /** A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with. */
  static resume(config: PresetName | MonitorConfig | undefined, snapshot: Uint8Array): Monitor {
    const settings = encoded(config);
    const resumed = new Resumed(series.call(() => glue.Monitor.resume(settings, bytes("snapshot", snapshot))));
    return new Monitor(resumed as unknown as MonitorConfig);
  }

  /** What was learned, as bytes; the settings are not in it. */
  snapshot(): Uint8Array {
    return this.raw.bytes();
  }

  /** Changes settings from the next sample on. What was learned stays. */
  reconfigure(config: PresetName | MonitorConfig): void {
    const { raw } = this;
    const settings = encoded(config);
    series.call(() => raw.reconfigure(settings));
  }
}

class Resumed {
  constructor(readonly raw: glue.Monitor) {}
}
