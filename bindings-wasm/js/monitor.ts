// The monitor of one series.

import { encode } from "./codec.js";
import { Corridor, make } from "./corridor.js";
import { presets, type MonitorConfig, type PresetName } from "./generated/schema.js";
import { bytes, resolve } from "./given.js";
import { Made } from "./module.js";
import { series, type SeriesExports } from "./series.js";

const encoded = (config: unknown): Uint8Array => encode("MonitorConfig", resolve(config, presets));

/** Watches one series: learns what is normal, announces drifts and their end. */
export class Monitor extends Corridor<SeriesExports> {
  /** A monitor that has seen nothing, by the name of a preset, by a configuration, or with the defaults. */
  constructor(config?: PresetName | MonitorConfig) {
    super(series, config instanceof Made ? config.address : make(series, encoded(config)));
  }

  /** A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with. */
  static resume(config: PresetName | MonitorConfig | undefined, snapshot: Uint8Array): Monitor {
    return new Monitor(new Made(make(series, encoded(config), bytes("snapshot", snapshot))) as unknown as MonitorConfig);
  }

  /** What was learned, as bytes; the settings are not in it. */
  snapshot(): Uint8Array {
    return this.bytes();
  }

  /** Changes settings from the next sample on. What was learned stays. */
  reconfigure(config: PresetName | MonitorConfig): void {
    void this.address;
    this.settle(encoded(config));
  }
}
