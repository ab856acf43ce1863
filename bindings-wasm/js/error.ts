// What goes wrong, with a code that programs can rely on.

import { CORE_CODES } from "./generated/schema.js";

/** Codes of what only this package can refuse. */
const OWN_CODES = ["bad_config", "freed", "not_initialised", "out_of_memory", "internal"] as const;

/** Every code there is: core's, which are the same in every language, and those of this package. */
export const CODES = [...CORE_CODES, ...OWN_CODES] as const;

export type Code = (typeof CODES)[number];

/** A refused setting, snapshot or call. The message names what was refused, what was wanted and what came. */
export class DriftError extends Error {
  override readonly name = "DriftError";
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs what may be refused; a refusal becomes a `DriftError`. */
export function calling<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw understood(thrown);
  }
}

/** What WebAssembly threw: a code, a space and a message if it is of ours. */
export function understood(thrown: unknown): unknown {
  if (thrown instanceof TypeError || thrown instanceof DriftError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const code = CODES.find((code) => text.startsWith(`${code} `));
  return code ? new DriftError(code, text.slice(code.length + 1)) : new DriftError("internal", text);
}

/** What was given, as a message shows it. */
export function shown(given: unknown): string {
  if (typeof given === "string") return JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given);
  if (typeof given === "bigint") return `${given}n`;
  if (typeof given === "function") return "a function";
  if (typeof given === "symbol") return "a symbol";
  if (typeof given === "object" && given !== null) return Array.isArray(given) ? "an array" : `an object`;
  return String(given);
}

export function wrongType(name: string, wanted: string, given: unknown): TypeError {
  return new TypeError(`${name} must be ${wanted}, got ${shown(given)}`);
}
