// Log lines and structured events: a WebAssembly module of its own, for those who need it.

import { DriftError, wrongType } from "./error.js";
import * as glue from "./generated/records_bg.js";
import type { RecordConfig, RecordProfile } from "./generated/schema.js";
import { Module, Owner, type Source } from "./module.js";
import type { AnchorDetails, RecordCalibration, RecordMetrics, RecordVerdict } from "./verdict.js";

export { CODES, DriftError, type Code } from "./error.js";
export type { RecordConfig, RecordProfile } from "./generated/schema.js";
export type * from "./verdict.js";

/** A line, its bytes, or an event that JSON can hold. */
export type LogRecord = string | Uint8Array | object;

const module = new Module("records", "drift-sre/records", glue);

/** Loads the WebAssembly. Everything else waits for it; further calls do nothing. */
export function init({ module: source }: { module?: Source } = {}): Promise<void> {
  return module.init(source, "records");
}

const call = <T>(what: () => T): T => module.call(what);

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

function settings(given: unknown): string {
  if (given === undefined) return "{}";
  if (typeof given === "string" || (typeof given === "object" && given !== null)) return JSON.stringify(given);
  throw wrongType("config", "an object or the name of a profile", given);
}

/** Watches the records of one stream: says which are odd, which windows of them, and why. */
export class RecordMonitor extends Owner<glue.RecordMonitor> {
  /** A monitor that has seen nothing, by the name of a profile or a configuration. */
  constructor(config: RecordProfile | Partial<RecordConfig> = "balanced") {
    super(config instanceof Resumed ? config.raw : call(() => new glue.RecordMonitor(settings(config))));
  }

  /** A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with. */
  static resume(config: RecordProfile | Partial<RecordConfig>, snapshot: Uint8Array): RecordMonitor {
    if (!(snapshot instanceof Uint8Array)) throw wrongType("snapshot", "a Uint8Array", snapshot);
    const resumed = new Resumed(call(() => glue.RecordMonitor.resume(settings(config), snapshot)));
    return new RecordMonitor(resumed as Partial<RecordConfig>);
  }

  /** Takes one record; `source` names where it comes from, if the stream has several sources. */
  update(record: LogRecord, source?: string): RecordVerdict {
    const { raw } = this;
    if (source !== undefined && typeof source !== "string") throw wrongType("source", "a string", source);
    const bytes = recordOf(record);
    const [verdict, confidence, why] = JSON.parse(call(() => raw.update(bytes, source))) as [RecordVerdict, number, string];
    return { ...verdict, confidence, why };
  }

  /** Takes many, as so many updates would. If one of them is no record, none is taken. */
  updateMany(records: readonly LogRecord[], source?: string): RecordVerdict[] {
    if (!Array.isArray(records)) throw wrongType("records", "an array", records);
    return records.map(recordOf).map((record) => this.update(record, source));
  }

  /** What was learned, as bytes; the settings are not in it. */
  snapshot(): Uint8Array {
    return this.raw.snapshot();
  }

  /** The newest window's content beside the baseline before it, in full; `null` until there are records enough. */
  metrics(): RecordMetrics | null {
    return JSON.parse(this.raw.metrics()) as RecordMetrics | null;
  }

  /** Makes the newest records the anchor that later windows are held against. */
  setAnchor(): AnchorDetails {
    const { raw } = this;
    return JSON.parse(call(() => raw.setAnchor())) as AnchorDetails;
  }

  /** Forgets the anchor; tells whether there was one. */
  dropAnchor(): boolean {
    return this.raw.dropAnchor();
  }

  /** Says of a detection, by the verdict's id, what it was, at a time in seconds. */
  feedback(id: number, kind: "false_positive" | "confirmed" | "dismissed", at: number): void {
    const { raw } = this;
    if (typeof at !== "number") throw wrongType("at", "a number", at);
    if (typeof id !== "number") throw wrongType("id", "a number", id);
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new DriftError("out_of_range", `id must be a whole number of at least 0, got ${id}`);
    }
    call(() => raw.feedback(id, JSON.stringify(kind) ?? "null", at));
  }

  /** The anchor, if there is one. */
  get anchor(): AnchorDetails | null {
    return JSON.parse(this.raw.anchor()) as AnchorDetails | null;
  }

  /** How far calibration has come. */
  get calibration(): RecordCalibration {
    return JSON.parse(this.raw.calibration()) as RecordCalibration;
  }

  /** Templates that are remembered. */
  get templates(): number {
    return this.raw.templates();
  }

  /** The settings it runs with. */
  get config(): Required<RecordConfig> {
    return JSON.parse(this.raw.config()) as Required<RecordConfig>;
  }
}

class Resumed {
  constructor(readonly raw: glue.RecordMonitor) {}
}

/** The normalised compression distance by DEFLATE, from 0 for the same to about 1; `null` where both are empty. */
export function ncd(x: string | Uint8Array, y: string | Uint8Array): number | null {
  const [one, other] = [bytesOf("x", x), bytesOf("y", y)];
  return call(() => glue.ncd(one, other)) ?? null;
}

/** What `x` takes where `baseline` is known, as a share of what it takes alone; `null` where it is empty. */
export function conditional(x: string | Uint8Array, baseline: string | Uint8Array): number | null {
  const [one, other] = [bytesOf("x", x), bytesOf("baseline", baseline)];
  return call(() => glue.conditional(one, other)) ?? null;
}

/** Shannon's entropy in bits a byte. */
export function entropy(text: string | Uint8Array): number {
  const bytes = bytesOf("text", text);
  return call(() => glue.entropy(bytes));
}

/** How many times shorter it becomes by DEFLATE; `null` where it is empty. */
export function compressionRatio(text: string | Uint8Array): number | null {
  const bytes = bytesOf("text", text);
  return call(() => glue.compressionRatio(bytes)) ?? null;
}

/** A verdict's reason, in English; `null` where nothing was detected. */
export function explainRecord(verdict: RecordVerdict): string | null {
  return verdict.why;
}
