// Log lines and structured events: a WebAssembly module of its own, for those who need it.

import { DriftError, wrongType } from "./error.js";
import type { RecordConfig, RecordProfile } from "./generated/schema.js";
import { Made, Module, Owner, type Exports, type Source } from "./module.js";
import type { AnchorDetails, RecordCalibration, RecordMetrics, RecordVerdict } from "./verdict.js";

export { CODES, DriftError, type Code } from "./error.js";
export type { RecordConfig, RecordProfile } from "./generated/schema.js";
export type * from "./verdict.js";

/** A line, its bytes, or an event that JSON can hold. */
export type LogRecord = string | Uint8Array | object;

interface RecordExports extends Exports {
  record_make(scratch: number, config: number, resumes: number): number;
  record_free(monitor: number): void;
  record_update(monitor: number, scratch: number, source: number, isNamed: number): number;
  record_read(monitor: number, scratch: number, what: number): number;
  record_set_anchor(monitor: number, scratch: number): number;
  record_drop_anchor(monitor: number): number;
  record_feedback(monitor: number, scratch: number, id: bigint, at: number): void;
  record_snapshot(monitor: number, scratch: number): number;
  record_compare(scratch: number, what: number, first: number): number;
}

/** What `record_read` and `record_compare` tell, by numbers. */
const SIDES = { metrics: 0, calibration: 1, anchor: 2, config: 3, templates: 4 };
const COMPARISONS = { ncd: 0, conditional: 1, entropy: 2, compressionRatio: 3 };

const records = new Module<RecordExports>("drift-sre/records");

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ module }: { module?: Source } = {}): Promise<void> {
  return records.init(module, "records");
}

const encoder = new TextEncoder();

function bytesOf(name: string, given: unknown): Uint8Array {
  if (given instanceof Uint8Array) return given;
  if (typeof given === "string") return encoder.encode(given);
  throw wrongType(name, "a string or a Uint8Array", given);
}

function recordOf(given: unknown): Uint8Array {
  if (typeof given !== "object" || given === null || given instanceof Uint8Array) return bytesOf("record", given);
  // A BigInt or a circle within is a TypeError of its own.
  return encoder.encode(JSON.stringify(given));
}

function settings(given: unknown): Uint8Array {
  if (given === undefined) return encoder.encode("{}");
  if (typeof given === "string" || (typeof given === "object" && given !== null)) return encoder.encode(JSON.stringify(given));
  throw wrongType("config", "an object or the name of a profile", given);
}

function make(config: Uint8Array, snapshot?: Uint8Array): number {
  records.give(config, snapshot ?? new Uint8Array(0));
  return records.call((exports, scratch) => exports.record_make(scratch, config.length, Number(snapshot !== undefined)));
}

/** Watches the records of one stream: says which are odd, which windows of them, and why. */
export class RecordMonitor extends Owner<RecordExports> {
  /** A monitor that has seen nothing, by the name of a profile or a configuration. */
  constructor(config: RecordProfile | Partial<RecordConfig> = "balanced") {
    super(records, "record_free", config instanceof Made ? config.address : make(settings(config)));
  }

  /** A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with. */
  static resume(config: RecordProfile | Partial<RecordConfig>, snapshot: Uint8Array): RecordMonitor {
    if (!(snapshot instanceof Uint8Array)) throw wrongType("snapshot", "a Uint8Array", snapshot);
    return new RecordMonitor(new Made(make(settings(config), snapshot)) as Partial<RecordConfig>);
  }

  /** Takes one record; `source` names where it comes from, if the stream has several sources. */
  update(record: LogRecord, source?: string): RecordVerdict {
    const { address } = this;
    if (source !== undefined && typeof source !== "string") throw wrongType("source", "a string", source);
    const bytes = recordOf(record);
    const name = encoder.encode(source);
    records.give(name, bytes);
    const { exports, scratch } = records;
    const length = exports.record_update(address, scratch, name.length, Number(source !== undefined));
    const [verdict, confidence, why] = JSON.parse(records.text(length)) as [RecordVerdict, number, string];
    return { ...verdict, confidence, why };
  }

  /** Takes many, as so many updates would. If one of them is no record, none is taken. */
  updateMany(records: readonly LogRecord[], source?: string): RecordVerdict[] {
    if (!Array.isArray(records)) throw wrongType("records", "an array", records);
    return records.map(recordOf).map((record) => this.update(record, source));
  }

  /** What was learned, as bytes; the settings are not in it. */
  snapshot(): Uint8Array {
    return records.taken(records.exports.record_snapshot(this.address, records.scratch));
  }

  /** The newest window's content beside the baseline before it, in full; `null` until there are records enough. */
  metrics(): RecordMetrics | null {
    return this.#side("metrics") as RecordMetrics | null;
  }

  /** Makes the newest records the anchor that later windows are held against. */
  setAnchor(): AnchorDetails {
    const { address } = this;
    const length = records.call((exports, scratch) => exports.record_set_anchor(address, scratch));
    return JSON.parse(records.text(length)) as AnchorDetails;
  }

  /** Forgets the anchor; tells whether there was one. */
  dropAnchor(): boolean {
    return records.exports.record_drop_anchor(this.address) === 1;
  }

  /** Says of a detection, by the verdict's id, what it was, at a time in seconds. */
  feedback(id: number, kind: "false_positive" | "confirmed" | "dismissed", at: number): void {
    const { address } = this;
    if (typeof at !== "number") throw wrongType("at", "a number", at);
    if (typeof id !== "number") throw wrongType("id", "a number", id);
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new DriftError("out_of_range", `id must be a whole number of at least 0, got ${id}`);
    }
    records.give(encoder.encode(JSON.stringify(kind) ?? "null"));
    records.call((exports, scratch) => exports.record_feedback(address, scratch, BigInt(id), at));
  }

  /** The anchor, if there is one. */
  get anchor(): AnchorDetails | null {
    return this.#side("anchor") as AnchorDetails | null;
  }

  /** How far calibration has come. */
  get calibration(): RecordCalibration {
    return this.#side("calibration") as RecordCalibration;
  }

  /** Templates that are remembered. */
  get templates(): number {
    return this.#side("templates") as number;
  }

  /** The settings it runs with. */
  get config(): Required<RecordConfig> {
    return this.#side("config") as Required<RecordConfig>;
  }

  #side(what: keyof typeof SIDES): unknown {
    const { exports, scratch } = records;
    return JSON.parse(records.text(exports.record_read(this.address, scratch, SIDES[what])));
  }
}

function compare(what: keyof typeof COMPARISONS, first: Uint8Array, second: Uint8Array = new Uint8Array(0)): number | null {
  records.give(first, second);
  const number = records.exports.record_compare(records.scratch, COMPARISONS[what], first.length);
  return Number.isNaN(number) ? null : number;
}

/** The normalised compression distance by DEFLATE, from 0 for the same to about 1; `null` where both are empty. */
export function ncd(x: string | Uint8Array, y: string | Uint8Array): number | null {
  return compare("ncd", bytesOf("x", x), bytesOf("y", y));
}

/** What `x` takes where `baseline` is known, as a share of what it takes alone; `null` where it is empty. */
export function conditional(x: string | Uint8Array, baseline: string | Uint8Array): number | null {
  return compare("conditional", bytesOf("x", x), bytesOf("baseline", baseline));
}

/** Shannon's entropy in bits a byte. */
export function entropy(text: string | Uint8Array): number {
  return compare("entropy", bytesOf("text", text)) ?? 0;
}

/** How many times shorter it becomes by DEFLATE; `null` where it is empty. */
export function compressionRatio(text: string | Uint8Array): number | null {
  return compare("compressionRatio", bytesOf("text", text));
}

/** A verdict's reason, in English; `null` where nothing was detected. */
export function explainRecord(verdict: RecordVerdict): string | null {
  return verdict.why;
}
