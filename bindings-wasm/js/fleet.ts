// One detector over many series, a row of values at a time: a WebAssembly module of its own, compiled for speed.

import { decode, encode } from "./codec.js";
import { DriftError, wrongType } from "./error.js";
import * as glue from "./generated/fleet_bg.js";
import type { ChartConfig } from "./generated/schema.js";
import { bytes, floats } from "./given.js";
import { Module, Owner, hasSimd, type Source } from "./module.js";

export { CODES, DriftError, type Code } from "./error.js";
export type { ChartConfig } from "./generated/schema.js";

export interface InitOptions {
  /** Whether to use vector instructions; as the engine has them, if it is not told. */
  simd?: boolean;
  /** The module itself, for hosts that load it themselves: `fleet.wasm` or `fleet-simd.wasm` of this package. */
  module?: Source;
}

const fleet = new Module("fleet", "drift-sre/fleet", glue);

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ simd, module }: InitOptions = {}): Promise<void> {
  return fleet.init(module, (simd ?? hasSimd()) ? "fleet-simd" : "fleet");
}

/** About so many values are copied in at once. */
const VALUES = 65_536;

/** The same chart over many series, which answer as charts of their own would. */
export class Fleet extends Owner<glue.Fleet> {
  readonly #series: number;
  /** How many rows the buffer holds. */
  #rows = 0;

  /** Charts that have seen nothing, one for each of so many series. */
  constructor(config: ChartConfig, series: number) {
    if (config instanceof Saved) {
      super(config.raw);
    } else {
      if (typeof config !== "object" || config === null) throw wrongType("config", "an object", config);
      if (typeof series !== "number") throw wrongType("series", "a number", series);
      if (!Number.isInteger(series) || series < 1 || series > 10_000_000) {
        throw new DriftError("out_of_range", `series must be 1 to 10,000,000, got ${series}`);
      }
      super(fleet.call(() => new glue.Fleet(encode("ChartConfig", config), series)));
    }
    this.#series = this.raw.series();
  }

  /** The fleet that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(saved: Uint8Array): Fleet {
    return new Fleet(new Saved(fleet.call(() => glue.Fleet.fromBytes(bytes("saved", saved)))) as ChartConfig, 0);
  }

  /** Takes one value for each series; the series that alarm. */
  tick(row: Float64Array): Uint32Array {
    if (floats("row", row).length !== this.#series) {
      throw new DriftError("out_of_range", `row must be one value for each of ${this.#series} series, got ${row.length}`);
    }
    return this.updateMany(row).filter((_, index) => index % 2 === 1);
  }

  /** Takes many rows, one after the other in an array; pairs of row and series, one for each alarm. */
  updateMany(rows: Float64Array): Uint32Array {
    const { length } = floats("rows", rows);
    if (length % this.#series !== 0) {
      throw new DriftError("out_of_range", `rows must be whole, of ${this.#series} values each, got ${length} values`);
    }
    const count = length / this.#series;
    const most = Math.max(1, Math.floor(VALUES / this.#series));
    const found: Uint32Array[] = [];
    for (let begin = 0; begin < count; begin += most) {
      const end = Math.min(begin + most, count);
      this.buffer(end - begin).set(rows.subarray(begin * this.#series, end * this.#series));
      const alarms = this.take(end - begin);
      for (let pair = 0; pair < alarms.length; pair += 2) alarms[pair]! += begin;
      if (count <= most) return alarms;
      found.push(alarms);
    }
    const all = new Uint32Array(found.reduce((total, alarms) => total + alarms.length, 0));
    let at = 0;
    for (const alarms of found) {
      all.set(alarms, at);
      at += alarms.length;
    }
    return all;
  }

  /**
   * WebAssembly's own memory for so many rows, to be written to and then judged by `take`: nothing is copied. Ask for it anew
   * before each batch, which costs nothing; the memory may have moved since, and an old view then has length 0.
   */
  buffer(rows: number): Float64Array {
    const { raw } = this;
    if (typeof rows !== "number") throw wrongType("rows", "a number", rows);
    if (!Number.isInteger(rows) || rows < 1 || rows * this.#series > 2 ** 28) {
      throw new DriftError("out_of_range", `rows must be 1 or more, of 268,435,456 values at most, got ${rows}`);
    }
    const at = fleet.call(() => raw.buffer(rows));
    this.#rows = Math.max(this.#rows, rows);
    return new Float64Array(fleet.memory.buffer, at, rows * this.#series);
  }

  /** Judges the first so many rows of the buffer; pairs of row and series, one for each alarm. */
  take(rows: number): Uint32Array {
    const { raw } = this;
    if (typeof rows !== "number") throw wrongType("rows", "a number", rows);
    if (!Number.isInteger(rows) || rows < 0 || rows > this.#rows) {
      throw new DriftError("out_of_range", `rows must be at most the ${this.#rows} of the buffer, got ${rows}`);
    }
    const count = fleet.call(() => raw.take(rows));
    return new Uint32Array(fleet.memory.buffer, raw.alarms(), 2 * count).slice();
  }

  /** Forgets all it has seen. */
  reset(): void {
    this.raw.reset();
  }

  /** Settings and states as bytes. */
  toBytes(): Uint8Array {
    return this.raw.bytes();
  }

  /** How many series there are. */
  get series(): number {
    return this.#series;
  }

  /** The settings that all series run with. */
  get config(): Required<ChartConfig> {
    return decode("ChartConfig", this.raw.config()) as Required<ChartConfig>;
  }
}

class Saved {
  constructor(readonly raw: glue.Fleet) {}
}
