// One detector over many series, a row of values at a time: a WebAssembly module of its own, compiled for speed.

import { decode, encode } from "./codec.js";
import { DriftError, wrongType } from "./error.js";
import type { ChartConfig } from "./generated/schema.js";
import { bytes, floats } from "./given.js";
import { Made, Module, Owner, hasSimd, type Exports, type Source } from "./module.js";

export { CODES, DriftError, type Code } from "./error.js";
export type { ChartConfig } from "./generated/schema.js";

export interface InitOptions {
  /** Whether to use vector instructions; as the engine has them, if it is not told. */
  simd?: boolean;
  /** The module itself, for hosts that load it themselves: `fleet.wasm` or `fleet-simd.wasm` of this package. */
  module?: Source;
}

interface FleetExports extends Exports {
  fleet_make(scratch: number, series: number, isSaved: number): number;
  fleet_free(fleet: number): void;
  fleet_buffer(fleet: number, rows: number): number;
  fleet_take(fleet: number, rows: number): number;
  fleet_alarms(fleet: number): number;
  fleet_series(fleet: number): number;
  fleet_reset(fleet: number): void;
  fleet_config(fleet: number, scratch: number): number;
  fleet_bytes(fleet: number, scratch: number): number;
}

const fleet = new Module<FleetExports>("drift-sre/fleet");

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ simd, module }: InitOptions = {}): Promise<void> {
  return fleet.init(module, (simd ?? hasSimd()) ? "fleet-simd" : "fleet");
}

/** About so many values are copied in at once. */
const VALUES = 65_536;

/** The same chart over many series, which answer as charts of their own would. */
export class Fleet extends Owner<FleetExports> {
  readonly #series: number;
  /** How many rows the buffer holds. */
  #rows = 0;

  /** Charts that have seen nothing, one for each of so many series. */
  constructor(config: ChartConfig, series: number) {
    if (config instanceof Made) {
      super(fleet, "fleet_free", config.address);
    } else {
      if (typeof config !== "object" || config === null) throw wrongType("config", "an object", config);
      if (typeof series !== "number") throw wrongType("series", "a number", series);
      if (!Number.isInteger(series) || series < 1 || series > 10_000_000) {
        throw new DriftError("out_of_range", `series must be 1 to 10,000,000, got ${series}`);
      }
      super(fleet, "fleet_free", make(encode("ChartConfig", config), series, false));
    }
    this.#series = fleet.exports.fleet_series(this.address);
  }

  /** The fleet that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(saved: Uint8Array): Fleet {
    return new Fleet(new Made(make(bytes("saved", saved), 0, true)) as ChartConfig, 0);
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
    const { address } = this;
    if (typeof rows !== "number") throw wrongType("rows", "a number", rows);
    if (!Number.isInteger(rows) || rows < 1 || rows * this.#series > 2 ** 28) {
      throw new DriftError("out_of_range", `rows must be 1 or more, of 268,435,456 values at most, got ${rows}`);
    }
    const at = fleet.call((exports) => exports.fleet_buffer(address, rows)) >>> 0;
    this.#rows = Math.max(this.#rows, rows);
    return new Float64Array(fleet.exports.memory.buffer, at, rows * this.#series);
  }

  /** Judges the first so many rows of the buffer; pairs of row and series, one for each alarm. */
  take(rows: number): Uint32Array {
    const { address } = this;
    if (typeof rows !== "number") throw wrongType("rows", "a number", rows);
    if (!Number.isInteger(rows) || rows < 0 || rows > this.#rows) {
      throw new DriftError("out_of_range", `rows must be at most the ${this.#rows} of the buffer, got ${rows}`);
    }
    const count = fleet.call((exports) => exports.fleet_take(address, rows));
    const at = fleet.exports.fleet_alarms(address) >>> 0;
    return new Uint32Array(fleet.exports.memory.buffer, at, 2 * count).slice();
  }

  /** Forgets all it has seen. */
  reset(): void {
    fleet.exports.fleet_reset(this.address);
  }

  /** Settings and states as bytes. */
  toBytes(): Uint8Array {
    return fleet.taken(fleet.exports.fleet_bytes(this.address, fleet.scratch));
  }

  /** How many series there are. */
  get series(): number {
    return this.#series;
  }

  /** The settings that all series run with. */
  get config(): Required<ChartConfig> {
    const length = fleet.exports.fleet_config(this.address, fleet.scratch);
    return decode("ChartConfig", fleet.taken(length)) as Required<ChartConfig>;
  }
}

function make(bytes: Uint8Array, series: number, isSaved: boolean): number {
  fleet.give(bytes);
  return fleet.call((exports, scratch) => exports.fleet_make(scratch, series, Number(isSaved)));
}
