// The numeric module: `init`, and the memory through which batches cross.

import { load } from "#load";
import { calling, wrongType } from "./error.js";
import * as glue from "./generated/series_bg.js";
import { early, hasSimd, instantiate, type Exports, type Source } from "./module.js";

export interface InitOptions {
  /** Whether to use vector instructions; as the engine has them, if it is not told. */
  simd?: boolean;
  /** The module itself, for hosts that load it themselves: `series.wasm` or `series-simd.wasm` of this package. */
  module?: Source;
}

/** Columns of samples in WebAssembly's memory. */
interface Columns {
  values: Float64Array;
  times: Float64Array;
  scores: Float64Array;
  baseline: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  states: Uint8Array;
  alarms: Uint32Array;
}

let exports: Exports | undefined;
let starting: Promise<void> | undefined;
let scratch: glue.Scratch | undefined;
let columns: Columns | undefined;

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ simd = hasSimd(), module = load(simd) }: InitOptions = {}): Promise<void> {
  starting ??= instantiate(module, glue, "series").then(
    (made) => {
      scratch = new glue.Scratch();
      exports = made;
    },
    (error: unknown) => {
      // Another attempt may do better.
      starting = undefined;
      throw error;
    },
  );
  return starting;
}

/** WebAssembly's memory, once there is one. */
export function memory(): WebAssembly.Memory {
  if (exports === undefined) throw early("drift-sre");
  return exports.memory;
}

/** So many samples cross at once. */
export let SIZE = 8192;

/** The columns, and what stands for them on the other side. Views of memory that has grown are void, and made again. */
export function shared(): [glue.Scratch, Columns] {
  const { buffer } = memory();
  if (columns?.values.buffer !== buffer) {
    SIZE = glue.Scratch.size();
    const column = (position: number): Float64Array<ArrayBuffer> =>
      new Float64Array(buffer as ArrayBuffer, scratch!.columns() + 8 * SIZE * position, SIZE);
    columns = {
      values: column(0),
      times: column(1),
      scores: column(2),
      baseline: column(3),
      lower: column(4),
      upper: column(5),
      states: new Uint8Array(buffer, scratch!.states(), SIZE),
      alarms: new Uint32Array(buffer, scratch!.alarms(), SIZE),
    };
  }
  return [scratch!, columns!];
}

/** Makes something of wasm-bindgen's. */
export function make<T>(call: () => T): T {
  memory();
  return calling(call);
}

export function number(name: string, given: unknown): number {
  if (typeof given !== "number") throw wrongType(name, "a number", given);
  return given;
}

export function floats(name: string, given: unknown): Float64Array {
  if (!(given instanceof Float64Array)) throw wrongType(name, "a Float64Array", given);
  return given;
}

export function bytes(name: string, given: unknown): Uint8Array {
  if (!(given instanceof Uint8Array)) throw wrongType(name, "a Uint8Array", given);
  return given;
}

/** Calls for every part of a batch that crosses at once, with where it begins and ends. */
export function parts(length: number, each: (begin: number, end: number) => void): void {
  for (let begin = 0; begin < length; begin += SIZE) each(begin, Math.min(begin + SIZE, length));
}
