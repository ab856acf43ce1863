// Detectors in classical use: one comparison a sample, and a fresh start after each alarm.

import { decode, encode } from "./codec.js";
import { DriftError, wrongType } from "./error.js";
import type {
  Baseline, ChartConfig, CusumConfig, Direction, EwmaConfig, PageHinkleyConfig, Transform, TrendConfig,
  WindowShiftConfig, ZScoreConfig,
} from "./generated/schema.js";
import { bytes, floats, number } from "./given.js";
import { Made, Owner } from "./module.js";
import { series, type SeriesExports } from "./series.js";

/** What every chart may be told beside its detector's own settings. */
export interface ChartOptions {
  /** What is normal; what suits the detector, if it is not told. */
  baseline?: Baseline;
  /** Applied to every value first. */
  transform?: Transform;
}

const EMPTY = {};

/** What `chart_read` tells, by numbers. */
const NUMBERS = { score: 0, lean: 1, level: 2 };

/** Bytes of the envelope that come before what is saved: the settings, then the state. */
const ENVELOPE = 4;

abstract class Chart extends Owner<SeriesExports> {
  protected constructor(detector: string, given: unknown, baseline: Baseline) {
    super(series, "chart_free", given instanceof Made ? given.address : make(encoded(detector, given, baseline), false));
  }

  /** Takes one value and tells whether it alarms. One that is not finite changes nothing. */
  update(value: number): boolean {
    const { address } = this;
    return series.exports.chart_update(address, number("value", value)) === 1;
  }

  /** Takes many values; the positions of those that alarm. */
  updateMany(values: Float64Array): Uint32Array {
    const { address } = this;
    const alarms: number[] = [];
    this.#give(values, (begin, end) => {
      const count = series.exports.chart_update_many(address, series.scratch, end - begin);
      for (const alarm of series.columns.alarms.subarray(0, count)) alarms.push(begin + alarm);
    });
    return Uint32Array.from(alarms);
  }

  /** Takes many values; their scores, 1 being the alarm line and NaN meaning that there is none. */
  scoreMany(values: Float64Array): Float64Array {
    const { address } = this;
    const scores = new Float64Array(floats("values", values).length);
    this.#give(values, (begin, end) => {
      series.exports.chart_score_many(address, series.scratch, end - begin);
      scores.set(series.columns.scores.subarray(0, end - begin), begin);
    });
    return scores;
  }

  /** Brings values over in parts, and tells where each begins and ends. */
  #give(values: Float64Array, each: (begin: number, end: number) => void): void {
    series.parts(floats("values", values).length, (begin, end) => {
      series.columns.values.set(values.subarray(begin, end));
      each(begin, end);
    });
  }

  /** Forgets all it has seen. */
  reset(): void {
    series.exports.chart_reset(this.address);
  }

  /** Settings and state as bytes. */
  toBytes(): Uint8Array {
    return saved(this.address);
  }

  /** Whether the newest value alarmed. */
  get driftDetected(): boolean {
    return (this.score ?? 0) > 1;
  }

  /** The newest score, 1 being the alarm line; `null` in the warm-up. */
  get score(): number | null {
    return this.#number("score");
  }

  /** Which way it leans. */
  get direction(): Direction | null {
    const lean = this.#number("lean");
    return lean === null ? null : lean > 0 ? "up" : "down";
  }

  /** What values are compared with; `null` in the warm-up. */
  get baseline(): number | null {
    return this.#number("level");
  }

  /** The settings it runs with. */
  get config(): Required<ChartConfig> {
    return settings(this.address);
  }

  #number(what: keyof typeof NUMBERS): number | null {
    const number = series.exports.chart_read(this.address, NUMBERS[what]);
    return Number.isNaN(number) ? null : number;
  }
}

function make(bytes: Uint8Array, isSaved: boolean): number {
  series.give(bytes);
  return series.call((exports, scratch) => exports.chart_make(scratch, Number(isSaved)));
}

const saved = (chart: number): Uint8Array => series.taken(series.exports.chart_bytes(chart, series.scratch));

const settings = (chart: number): Required<ChartConfig> =>
  decode("ChartConfig", saved(chart).subarray(ENVELOPE)) as Required<ChartConfig>;

function encoded(detector: string, given: unknown, suited: Baseline): Uint8Array {
  if (typeof given !== "object" || given === null) throw wrongType("config", "an object", given);
  const { baseline = suited, transform = "identity", ...settings } = given as ChartOptions;
  return encode("ChartConfig", { transform, baseline, detector: { [detector]: settings } });
}

/** What `toBytes` of this kind of detector wrote. */
function resumed(detector: string, given: unknown): Made {
  const chart = make(bytes("saved", given), true);
  const { detector: found } = settings(chart);
  if (detector in found) return new Made(chart);
  series.release("chart_free", chart);
  throw new DriftError("snapshot_mismatch", `saved must be of ${detector}, got ${Object.keys(found)[0]}`);
}

const FOLLOWS: Baseline = { exponential: {} };
const STANDS: Baseline = { forgetting: {} };
const NEWEST: Baseline = { rolling: {} };
const EVERYTHING: Baseline = { forgetting: { half_life: null } };

/** The Page-Hinkley test: lasting small shifts of the level. */
export class PageHinkley extends Chart {
  constructor(config: PageHinkleyConfig & ChartOptions = EMPTY) {
    super("page_hinkley", config, FOLLOWS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): PageHinkley {
    return new PageHinkley(resumed("page_hinkley", bytes) as PageHinkleyConfig);
  }
}

/** Distances of single values. */
export class ZScore extends Chart {
  constructor(config: ZScoreConfig & ChartOptions = EMPTY) {
    super("z_score", config, NEWEST);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): ZScore {
    return new ZScore(resumed("z_score", bytes) as ZScoreConfig);
  }
}

/** Accumulated deviations from a reference that does not follow. */
export class Cusum extends Chart {
  constructor(config: CusumConfig & ChartOptions = EMPTY) {
    super("cusum", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Cusum {
    return new Cusum(resumed("cusum", bytes) as CusumConfig);
  }
}

/** A moving mean against its own control limits. */
export class Ewma extends Chart {
  constructor(config: EwmaConfig & ChartOptions = EMPTY) {
    super("ewma", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Ewma {
    return new Ewma(resumed("ewma", bytes) as EwmaConfig);
  }
}

/** The newest values together: small shifts, changes of the spread. */
export class WindowShift extends Chart {
  constructor(config: WindowShiftConfig & ChartOptions = EMPTY) {
    super("window_shift", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): WindowShift {
    return new WindowShift(resumed("window_shift", bytes) as WindowShiftConfig);
  }
}

/** A line through means of blocks: slow leaks. */
export class Trend extends Chart {
  constructor(config: TrendConfig & ChartOptions = EMPTY) {
    super("trend", config, EVERYTHING);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Trend {
    return new Trend(resumed("trend", bytes) as TrendConfig);
  }
}
