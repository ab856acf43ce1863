// What goes wrong, with a code that programs can rely on.

import { CORE_CODES, CORE_SENTENCES } from "./generated/schema.js";

/** Codes of what only this package can refuse. */
const OWN_CODES = ["bad_config", "freed", "not_initialised", "out_of_memory", "trapped"] as const;

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

/** Why a call was refused, in the parts that core's sentence tells. */
export interface Refusal {
  code: Code;
  field?: string;
  wanted?: string;
  value?: number;
  limit?: number;
}

const SENTENCES: Readonly<Partial<Record<Code, string>>> = {
  ...CORE_SENTENCES,
  bad_config: "config must be one that the core knows, got another",
  out_of_memory: "there must be memory for this, got none",
};

export function refusal({ code, field = "", wanted = "", value = 0, limit = 0 }: Refusal): DriftError {
  const parts: Readonly<Record<string, string>> = { field, wanted, value: plain(value), limit: plain(limit) };
  const sentence = code === "bad_config" && wanted !== "" ? "{field}: {wanted}" : SENTENCES[code]!;
  return new DriftError(code, sentence.replace(/{(\w+)}/g, (_, name: string) => parts[name]!));
}

/** A number as core writes it: never with an exponent. */
export function plain(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}inf`;
  const [digits, exponent] = size.toExponential().replace(".", "").split("e") as [string, string];
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, "0");
  return `${sign}${whole}${digits.length > point ? "." : ""}${digits.slice(point)}`;
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
