// What is announced, as plain data.

import { decode, encode } from "./codec.js";
import { wrongType } from "./error.js";
import type { Event, Evidence, Told } from "./generated/schema.js";
import { Module, type Exports, type Source } from "./module.js";

interface ExplainExports extends Exports {
  explain(scratch: number, name: number, unit: number): number;
}

const sentences = new Module<ExplainExports>("drift-sre");
const encoder = new TextEncoder();

export interface InitOptions {
  /** The module itself, for hosts that load it themselves. */
  module?: Source;
  /** The same of `explain.wasm`, the sentences of events; false if none will be wanted. */
  explain?: Source | false;
}

/** Loads what events are explained by, unless that is not wanted. */
export async function words(source: Source | false | undefined): Promise<void> {
  if (source !== false) await sentences.init(source, "explain");
}

/** A drift that opens or closes, or a point anomaly. It is plain data but for `explain`, and may be cloned and stored. */
export interface DriftEvent extends Omit<Event, "evidence">, Evidence {
  /** The same samples give the same id, wherever and however often they are replayed; of one series no two share it. */
  id: string;
  /** What happened, in English, of a series of this name and unit. */
  explain(name: string, unit: string): string;
}

/** Not a property of the event's own, so that the event stays plain data. */
const METHODS = {
  explain(this: DriftEvent, name: string, unit: string): string {
    return explain(this, name, unit);
  },
};

/** What an event says, in English; also of one that was cloned or stored, and so has no methods. */
export function explain(event: Omit<DriftEvent, "explain">, name: string, unit: string): string {
  if (typeof name !== "string") throw wrongType("name", "a string", name);
  if (typeof unit !== "string") throw wrongType("unit", "a string", unit);
  if (typeof event !== "object" || event === null) throw wrongType("event", "an event", event);
  const { kind, cause, aspect, direction, severity, onset, at, fired } = event;
  const { value, baseline, level, sigmas, samples, score } = event;
  const evidence = { value, baseline, level, sigmas, samples, score };
  const bytes = encode("Event", { kind, cause, aspect, direction, severity, onset, at, fired, evidence }, "event");
  const texts = [encoder.encode(name), encoder.encode(unit)] as const;
  sentences.give(...texts, bytes);
  return sentences.text(sentences.call((exports, scratch) => exports.explain(scratch, texts[0].length, texts[1].length)));
}

/** The events that core wrote, and at which positions of a batch. */
export function events(bytes: Uint8Array): { index: number; event: DriftEvent }[] {
  return (decode("*Told", bytes) as Told[]).map(({ index, id_high, id_low, event }) => {
    const id = [id_high, id_low].map((half) => half.toString(16).padStart(8, "0")).join("");
    const { evidence, ...rest } = event;
    return { index, event: Object.assign(Object.create(METHODS), { id }, rest, evidence) as DriftEvent };
  });
}
