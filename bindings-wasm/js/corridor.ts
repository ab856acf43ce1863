// What `Monitor` and `Adaptive` have in common: samples in, verdicts and events out.

import { DriftError } from "./error.js";
import { events, type DriftEvent } from "./event.js";
import type { Exchange } from "./exchange.js";
import { STATES, type Direction, type State } from "./generated/schema.js";
import { floats, number } from "./given.js";
import { Owner, type Exports } from "./module.js";

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
export interface CorridorExports extends Exports {
  corridor_make(scratch: number, config: number, resumes: number): number;
  corridor_free(corridor: number): void;
  corridor_update(corridor: number, value: number, at: number): number;
  corridor_update_many(corridor: number, scratch: number, count: number): number;
  corridor_told(corridor: number, scratch: number): number;
  corridor_act(corridor: number, what: number, at: number): void;
  corridor_reconfigure(corridor: number, scratch: number): void;
  corridor_read(corridor: number, what: number): number;
  corridor_bytes(corridor: number, scratch: number): number;
}

/** What `corridor_act` does, and `corridor_read` tells, by numbers. */
const ACTS = { advance: 0, accept: 1, reset: 2 };
const NUMBERS = { state: 0, samples: 1, score: 2, level: 3, lower: 4, upper: 5, newest: 6 };

/** Makes one of settings, which goes on from what was saved if there is something. */
export function make<E extends CorridorExports>(exchange: Exchange<E>, config: Uint8Array, saved?: Uint8Array): number {
  exchange.give(config, saved ?? new Uint8Array(0));
  return exchange.call((exports, scratch) => exports.corridor_make(scratch, config.length, Number(saved !== undefined)));
}

export abstract class Corridor<E extends CorridorExports> extends Owner<E> {
  /** The time of the sample that comes next, if it is not told. */
  #next: number;
  readonly #exchange: Exchange<E>;

  protected constructor(exchange: Exchange<E>, address: number) {
    super(exchange, "corridor_free", address);
    this.#exchange = exchange;
    const newest = this.#number("newest");
    this.#next = newest === null ? 0 : newest + 1;
  }

  /**
   * Takes one value, NaN for a gap, at a time in seconds; without one, a second after the sample before it. Times do not go
   * back.
   */
  update(value: number, at: number = this.#next): Verdict {
    const { address } = this;
    const told = this.#exchange.exports.corridor_update(address, number("value", value), number("at", at));
    if (Number.isFinite(at)) this.#next = at + 1;
    const scored = (told & 8) !== 0;
    return {
      state: STATES[told & 7]!,
      score: scored ? this.#number("score") : null,
      direction: scored ? ((told & 16) !== 0 ? "up" : "down") : null,
      event: (told & 32) !== 0 ? this.#event() : null,
    };
  }

  /** Takes many values: the same answers as `update` gives, in a fraction of the time. */
  updateMany(values: Float64Array, times?: Float64Array): Batch {
    const { address } = this;
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
      const { columns } = exchange;
      const count = end - begin;
      columns.values.set(values.subarray(begin, end));
      if (times === undefined) {
        for (let index = 0; index < count; index++) columns.times[index] = this.#next++;
      } else {
        columns.times.set(times.subarray(begin, end));
        const last = times[end - 1]!;
        if (Number.isFinite(last)) this.#next = last + 1;
      }
      const told = exchange.exports.corridor_update_many(address, exchange.scratch, count);
      const { scores, baseline, lower, upper, states } = exchange.columns;
      batch.scores.set(scores.subarray(0, count), begin);
      batch.baseline.set(baseline.subarray(0, count), begin);
      batch.lower.set(lower.subarray(0, count), begin);
      batch.upper.set(upper.subarray(0, count), begin);
      batch.states.set(states.subarray(0, count), begin);
      if (told > 0) {
        for (const { index, event } of this.#told()) batch.events.push({ index: begin + index, event });
      }
    });
    return batch;
  }

  /** Time passes without a sample: past `idle_secs` the series goes stale, which closes its drift. */
  advance(at: number): DriftEvent | null {
    return this.#act("advance", number("at", at));
  }

  /** Declares the present level normal, which closes an open drift. */
  accept(): DriftEvent | null {
    return this.#act("accept");
  }

  /** Forgets all it has seen, which closes an open drift. */
  reset(): DriftEvent | null {
    return this.#act("reset");
  }

  /** Where the series stands. */
  get state(): State {
    return STATES[this.#number("state")!]!;
  }

  /** Usable samples since the start or the last reset. */
  get samples(): number {
    return this.#number("samples")!;
  }

  /** The newest score, 1 being the alarm line; `null` in the warm-up. */
  get score(): number | null {
    return this.#number("score");
  }

  /** What is normal; `null` in the warm-up. */
  get baseline(): number | null {
    return this.#number("level");
  }

  /** Between what bounds values are expected; `null` in the warm-up. */
  get band(): [lower: number, upper: number] | null {
    const [lower, upper] = [this.#number("lower"), this.#number("upper")];
    return lower === null || upper === null ? null : [lower, upper];
  }

  /** Takes other settings. */
  protected settle(config: Uint8Array): void {
    const { address } = this;
    this.#exchange.give(config);
    this.#exchange.call((exports, scratch) => exports.corridor_reconfigure(address, scratch));
  }

  /** What it leaves as bytes. */
  protected bytes(): Uint8Array {
    const { exports, scratch } = this.#exchange;
    return this.#exchange.taken(exports.corridor_bytes(this.address, scratch));
  }

  #act(what: keyof typeof ACTS, at = 0): DriftEvent | null {
    this.#exchange.exports.corridor_act(this.address, ACTS[what], at);
    return this.#event();
  }

  #number(what: keyof typeof NUMBERS): number | null {
    const number = this.#exchange.exports.corridor_read(this.address, NUMBERS[what]);
    return Number.isNaN(number) ? null : number;
  }

  #event(): DriftEvent | null {
    return this.#told()[0]?.event ?? null;
  }

  /** The events of the last call. */
  #told(): Batch["events"] {
    const { exports, scratch } = this.#exchange;
    return events(this.#exchange.taken(exports.corridor_told(this.address, scratch)));
  }
}
