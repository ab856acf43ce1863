// What arguments must be.

import { DriftError, wrongType } from "./error.js";

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

/** A configuration that is named, given, or left to the defaults. */
export function resolve<C>(given: unknown, presets: Readonly<Record<string, C>>): unknown {
  if (given === undefined) return {};
  if (typeof given === "string") {
    if (Object.hasOwn(presets, given)) return presets[given];
    const names = Object.keys(presets).join(", ");
    throw new DriftError("out_of_range", `config must be one of ${names}, got '${given}'`);
  }
  if (typeof given !== "object" || given === null) throw wrongType("config", "an object or the name of a preset", given);
  return given;
}
