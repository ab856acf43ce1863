// What `Monitor` and `Adaptive` have in common: samples in, verdicts and events out.

import { DriftError } from "./error.js";
import { events, one, type DriftEvent } from "./event.js";
import type { Exchange, Scratch } from "./exchange.js";
import { STATES, type Direction, type State } from "./generated/schema.js";
import { floats, number } from "./given.js";
import { Owner, type Raw } from "./module.js";

/** The answer to one sample. */
export interface Verdict {
  /** Where the series stands after the sample. */
  state: State;
  /** How surprising it was, 1 being the alarm line; `null` in the warm-up and for a gap. */
  score: number | null;
  /** Which way it leans. */
  direction: Direction | null;
  /** What is to be announced. */
  event: DriftEvent | null;
}

/** The answers to many samples, one entry each. What there is none of yet is NaN. */
export interface Batch {
  scores: Float64Array;
  /** Positions in `STATES`. */
  states: Uint8Array;
  /** What was normal after the sample. */
  baseline: Float64Array;
  /** Between what bounds values were expected. */
  lower: Float64Array;
  upper: Float64Array;
  events: { index: number; event: DriftEvent }[];
}

/** What both are on the other side. */
export interface RawCorridor extends Raw {
  update(value: number, at: number): number;
  updateMany(scratch: Scratch, count: number): number;
  told(): Uint8Array;
  advance(at: number): Uint8Array;
  accept(): Uint8Array;
  reset(): Uint8Array;
  reconfigure(config: Uint8Array): void;
  state(): number;
  samples(): number;
  score(): number;
  level(): number;
  lower(): number;
  upper(): number;
  newest(): number;
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

export abstract class Corridor<R extends RawCorridor> extends Owner<R> {
  /** The time of the sample that comes next, if it is not told. */
  #next: number;
  readonly #exchange: Exchange;

  protected constructor(exchange: Exchange, raw: R) {
    super(raw);
    this.#exchange = exchange;
    const newest = raw.newest();
    this.#next = Number.isNaN(newest) ? 0 : newest + 1;
  }

  /**
   * Takes one value, NaN for a gap, at a time in seconds; without one, a second after the sample before it. Times do not go
   * back.
   */
  update(value: number, at: number = this.#next): Verdict {
    const { raw } = this;
    const told = raw.update(number("value", value), number("at", at));
    if (Number.isFinite(at)) this.#next = at + 1;
    const scored = (told & 8) !== 0;
    return {
      state: STATES[told & 7]!,
      score: scored ? raw.score() : null,
      direction: scored ? ((told & 16) !== 0 ? "up" : "down") : null,
      event: (told & 32) !== 0 ? one(raw.told()) : null,
    };
  }

  /** Takes many values: the same answers as `update` gives, in a fraction of the time. */
  updateMany(values: Float64Array, times?: Float64Array): Batch {
    const { raw } = this;
    const { length } = floats("values", values);
    if (times !== undefined && floats("times", times).length !== length) {
      throw new DriftError("out_of_range", `times must be as many as values, ${length}, got ${times.length}`);
    }
    const [scores, baseline, lower, upper] = [0, 1, 2, 3].map(() => new Float64Array(length)) as [
      Float64Array, Float64Array, Float64Array, Float64Array,
    ];
    const batch: Batch = { scores, states: new Uint8Array(length), baseline, lower, upper, events: [] };
    const exchange = this.#exchange;
    exchange.parts(length, (begin, end) => {
      const [scratch, columns] = exchange.shared();
      const count = end - begin;
      columns.values.set(values.subarray(begin, end));
      if (times === undefined) {
        for (let index = 0; index < count; index++) columns.times[index] = this.#next++;
      } else {
        columns.times.set(times.subarray(begin, end));
        const last = times[end - 1]!;
        if (Number.isFinite(last)) this.#next = last + 1;
      }
      const told = raw.updateMany(scratch, count);
      const { scores, baseline, lower, upper, states } = exchange.shared()[1];
      batch.scores.set(scores.subarray(0, count), begin);
      batch.baseline.set(baseline.subarray(0, count), begin);
      batch.lower.set(lower.subarray(0, count), begin);
      batch.upper.set(upper.subarray(0, count), begin);
      batch.states.set(states.subarray(0, count), begin);
      if (told > 0) {
        for (const { index, event } of events(raw.told())) batch.events.push({ index: begin + index, event });
      }
    });
    return batch;
  }

  /** Time passes without a sample: past `idle_secs` the series goes stale, which closes its drift. */
  advance(at: number): DriftEvent | null {
    return one(this.raw.advance(number("at", at)));
  }

  /** Declares the present level normal, which closes an open drift. */
  accept(): DriftEvent | null {
    return one(this.raw.accept());
  }

  /** Forgets all it has seen, which closes an open drift. */
  reset(): DriftEvent | null {
    return one(this.raw.reset());
  }

  /** Where the series stands. */
  get state(): State {
    return STATES[this.raw.state()]!;
  }

  /** Usable samples since the start or the last reset. */
  get samples(): number {
    return this.raw.samples();
  }

  /** The newest score, 1 being the alarm line; `null` in the warm-up. */
  get score(): number | null {
    return known(this.raw.score());
  }

  /** What is normal; `null` in the warm-up. */
  get baseline(): number | null {
    return known(this.raw.level());
  }

  /** Between what bounds values are expected; `null` in the warm-up. */
  get band(): [lower: number, upper: number] | null {
    const lower = this.raw.lower();
    return Number.isNaN(lower) ? null : [lower, this.raw.upper()];
  }
}
