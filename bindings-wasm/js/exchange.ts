// The memory through which the batches of a module cross.

import { Module } from "./module.js";

/** Where it lies: a class that every module with batches has. */
export interface Scratch {
  columns(): number;
  states(): number;
  alarms(): number;
}

interface Glue {
  Scratch: { new (): Scratch; size(): number };
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

/** A module with batches. */
export class Exchange extends Module {
  #scratch: Scratch | undefined;
  #columns: Columns | undefined;

  constructor(
    name: string,
    entry: string,
    override readonly glue: Glue,
  ) {
    super(name, entry, glue);
  }

  /** What stands for the columns on the other side, and the columns. Views of memory that has grown are void, and made again. */
  shared<S extends Scratch>(): [S, Columns] {
    const { memory } = this;
    this.#scratch ??= new this.glue.Scratch();
    const { buffer } = memory;
    if (this.#columns?.values.buffer !== buffer) {
      const [scratch, size] = [this.#scratch, this.glue.Scratch.size()];
      const column = (position: number): Float64Array<ArrayBuffer> =>
        new Float64Array(buffer as ArrayBuffer, scratch.columns() + 8 * size * position, size);
      this.#columns = {
        values: column(0),
        times: column(1),
        scores: column(2),
        baseline: column(3),
        lower: column(4),
        upper: column(5),
        states: new Uint8Array(buffer, scratch.states(), size),
        alarms: new Uint32Array(buffer, scratch.alarms(), size),
      };
    }
    return [this.#scratch as S, this.#columns!];
  }

  /** Calls for every part of a batch that crosses at once, with where it begins and ends. */
  parts(length: number, each: (begin: number, end: number) => void): void {
    void this.memory;
    const size = this.glue.Scratch.size();
    for (let begin = 0; begin < length; begin += size) each(begin, Math.min(begin + size, length));
  }
}
