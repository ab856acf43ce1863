// Detectors in classical use: one comparison a sample, and a fresh start after each alarm.

import { decode, encode } from "./codec.js";
import { DriftError, wrongType } from "./error.js";
import * as glue from "./generated/series_bg.js";
import type {
  Baseline, ChartConfig, CusumConfig, Detector, Direction, EwmaConfig, PageHinkleyConfig, Transform, TrendConfig,
  WindowShiftConfig, ZScoreConfig,
} from "./generated/schema.js";
import { bytes, floats, number } from "./given.js";
import { Owner } from "./module.js";
import { series } from "./series.js";

/** What every chart may be told beside its detector's own settings. */
export interface ChartOptions {
  /** What is normal; what suits the detector, if it is not told. */
  baseline?: Baseline;
  /** Applied to every value first. */
  transform?: Transform;
}

const EMPTY = {};

abstract class Chart extends Owner<glue.Chart> {
  protected constructor(detector: string, given: unknown, baseline: Baseline) {
    super(given instanceof Saved ? given.raw : series.call(() => new glue.Chart(encoded(detector, given, baseline))));
  }

  /** Takes one value and tells whether it alarms. One that is not finite changes nothing. */
  update(value: number): boolean {
    return this.raw.update(number("value", value));
  }

  /** Takes many values; the positions of those that alarm. */
  updateMany(values: Float64Array): Uint32Array {
    const { raw } = this;
    const alarms: number[] = [];
    series.parts(floats("values", values).length, (begin, end) => {
      const [scratch, columns] = series.shared<glue.Scratch>();
      columns.values.set(values.subarray(begin, end));
      const count = raw.updateMany(scratch, end - begin);
      if (count > 0) for (const alarm of series.shared<glue.Scratch>()[1].alarms.subarray(0, count)) alarms.push(begin + alarm);
    });
    return Uint32Array.from(alarms);
  }

  /** Takes many values; their scores, 1 being the alarm line and NaN meaning that there is none. */
  scoreMany(values: Float64Array): Float64Array {
    const { raw } = this;
    const scores = new Float64Array(floats("values", values).length);
    series.parts(scores.length, (begin, end) => {
      const [scratch, columns] = series.shared<glue.Scratch>();
      columns.values.set(values.subarray(begin, end));
      raw.scoreMany(scratch, end - begin);
      scores.set(series.shared<glue.Scratch>()[1].scores.subarray(0, end - begin), begin);
    });
    return scores;
  }

  /** Forgets all it has seen. */
  reset(): void {
    this.raw.reset();
  }

  /** Settings and state as bytes. */
  toBytes(): Uint8Array {
    return this.raw.bytes();
  }

  /** Whether the newest value alarmed. */
  get driftDetected(): boolean {
    return this.raw.driftDetected();
  }

  /** The newest score, 1 being the alarm line; `null` in the warm-up. */
  get score(): number | null {
    const score = this.raw.score();
    return Number.isNaN(score) ? null : score;
  }

  /** Which way it leans. */
  get direction(): Direction | null {
    const lean = this.raw.lean();
    return lean === 0 ? null : lean > 0 ? "up" : "down";
  }

  /** What values are compared with; `null` in the warm-up. */
  get baseline(): number | null {
    const level = this.raw.level();
    return Number.isNaN(level) ? null : level;
  }

  /** The settings it runs with. */
  get config(): Required<ChartConfig> {
    return decode("ChartConfig", this.raw.config()) as Required<ChartConfig>;
  }
}

class Saved {
  constructor(readonly raw: glue.Chart) {}
}

function encoded(detector: string, given: unknown, suited: Baseline): Uint8Array {
  if (typeof given !== "object" || given === null) throw wrongType("config", "an object", given);
  const { baseline = suited, transform = "identity", ...settings } = given as ChartOptions;
  return encode("ChartConfig", { transform, baseline, detector: { [detector]: settings } });
}

/** What `toBytes` of this kind of detector wrote. */
function saved(detector: string, given: unknown): Saved {
  const raw = series.call(() => glue.Chart.fromBytes(bytes("saved", given)));
  const { detector: found } = decode("ChartConfig", raw.config()) as { detector: Detector };
  if (detector in found) return new Saved(raw);
  raw.free();
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
    return new PageHinkley(saved("page_hinkley", bytes) as PageHinkleyConfig);
  }
}

/** Distances of single values. */
export class ZScore extends Chart {
  constructor(config: ZScoreConfig & ChartOptions = EMPTY) {
    super("z_score", config, NEWEST);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): ZScore {
    return new ZScore(saved("z_score", bytes) as ZScoreConfig);
  }
}

/** Accumulated deviations from a reference that does not follow. */
export class Cusum extends Chart {
  constructor(config: CusumConfig & ChartOptions = EMPTY) {
    super("cusum", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Cusum {
    return new Cusum(saved("cusum", bytes) as CusumConfig);
  }
}

/** A moving mean against its own control limits. */
export class Ewma extends Chart {
  constructor(config: EwmaConfig & ChartOptions = EMPTY) {
    super("ewma", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Ewma {
    return new Ewma(saved("ewma", bytes) as EwmaConfig);
  }
}

/** The newest values together: small shifts, changes of the spread. */
export class WindowShift extends Chart {
  constructor(config: WindowShiftConfig & ChartOptions = EMPTY) {
    super("window_shift", config, STANDS);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): WindowShift {
    return new WindowShift(saved("window_shift", bytes) as WindowShiftConfig);
  }
}

/** A line through means of blocks: slow leaks. */
export class Trend extends Chart {
  constructor(config: TrendConfig & ChartOptions = EMPTY) {
    super("trend", config, EVERYTHING);
  }

  /** The detector that `toBytes` wrote, which goes on bit for bit. */
  static fromBytes(bytes: Uint8Array): Trend {
    return new Trend(saved("trend", bytes) as TrendConfig);
  }
}
