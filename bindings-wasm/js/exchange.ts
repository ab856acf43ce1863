// The memory through which the batches of a module cross.

import { SIZE } from "./generated/schema.js";
import { Module, type Exports } from "./module.js";

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

/** A module with batches. */
export class Exchange<E extends Exports> extends Module<E> {
  #columns: Columns | undefined;

  /** The columns. Views of memory that has grown are void, and made again. */
  get columns(): Columns {
    const { exports, scratch } = this;
    if (this.#columns?.values.buffer !== exports.memory.buffer) {
      const [columns, states, alarms] = [1, 2, 3].map((what) => exports.scratch_place(scratch, what) >>> 0) as [number, number, number];
      const buffer = exports.memory.buffer as ArrayBuffer;
      const column = (position: number): Float64Array<ArrayBuffer> =>
        new Float64Array(buffer, columns + 8 * SIZE * position, SIZE);
      this.#columns = {
        values: column(0),
        times: column(1),
        scores: column(2),
        baseline: column(3),
        lower: column(4),
        upper: column(5),
        states: new Uint8Array(buffer, states, SIZE),
        alarms: new Uint32Array(buffer, alarms, SIZE),
      };
    }
    return this.#columns!;
  }

  /** Calls for every part of a batch that crosses at once, with where it begins and ends. */
  parts(length: number, each: (begin: number, end: number) => void): void {
    void this.exports;
    for (let begin = 0; begin < length; begin += SIZE) each(begin, Math.min(begin + SIZE, length));
  }
}
