// Plain data as postcard and back, by the schema that core's own types gave.

import { DriftError, shown } from "./error.js";
import { schema } from "./generated/schema.js";

/** Named fields in their order, and what those that may be left out count as. */
interface Fields {
  fields: readonly (readonly [name: string, type: string])[];
  defaults: Readonly<Record<string, unknown>>;
}

/** One of several: by its name alone, or with something in it. */
interface Variants {
  variants: readonly (readonly [name: string, holds: null | string | Fields])[];
}

export type Schema = Readonly<Record<string, Fields | Variants>>;

const INTEGERS: Readonly<Record<string, number>> = { u8: 0xff, u32: 0xffff_ffff, u64: Number.MAX_SAFE_INTEGER };

const refused = (place: string, wanted: string, given: unknown): DriftError =>
  new DriftError("bad_config", `${place} must be ${wanted}, got ${shown(given)}`);

const isObject = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

/** A value of a type as bytes. Errors say where in it, what was wanted and what came. */
export function encode(type: string, value: unknown, place = "config"): Uint8Array {
  const bytes: number[] = [];
  const float = new DataView(new ArrayBuffer(8));
  const varint = (value: number): void => {
    // Not by shifts, which know 32 bits only.
    for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
    bytes.push(value);
  };
  const fields = (of: Fields, value: unknown, place: string): void => {
    if (!isObject(value)) throw refused(place, "an object", value);
    const names = of.fields.map(([name]) => name);
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    if (unknown !== undefined) throw refused(place, `made of ${names.join(", ")}`, unknown);
    for (const [name, type] of of.fields) {
      const given = value[name] === undefined ? of.defaults[name] : value[name];
      if (given === undefined) throw refused(`${place}.${name}`, "given", undefined);
      write(type, given, `${place}.${name}`);
    }
  };
  const variant = (of: Variants, value: unknown, place: string): void => {
    const named = isObject(value) ? Object.keys(value) : [value];
    const index = of.variants.findIndex(([name]) => name === named[0]);
    const holds = of.variants[index]?.[1];
    if (named.length !== 1 || holds === undefined || (holds === null) === isObject(value)) {
      const names = of.variants.map(([name, holds]) => (holds === null ? `"${name}"` : `{ ${name}: … }`));
      throw refused(place, `one of ${names.join(", ")}`, isObject(value) ? named.join(", ") : value);
    }
    varint(index);
    if (holds !== null) {
      const [name, held] = Object.entries(value as Record<string, unknown>)[0]!;
      if (typeof holds === "string") write(holds, held, `${place}.${name}`);
      else fields(holds, held, `${place}.${name}`);
    }
  };
  const write = (type: string, value: unknown, place: string): void => {
    const most = INTEGERS[type];
    if (type === "f64") {
      if (typeof value !== "number") throw refused(place, "a number", value);
      float.setFloat64(0, value, true);
      bytes.push(...new Uint8Array(float.buffer));
    } else if (most !== undefined) {
      if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > most) {
        throw refused(place, `a whole number of 0 to ${most}`, value);
      }
      varint(value as number);
    } else if (type === "bool") {
      if (typeof value !== "boolean") throw refused(place, "true or false", value);
      bytes.push(Number(value));
    } else if (type[0] === "?") {
      bytes.push(Number(value !== null));
      if (value !== null) write(type.slice(1), value, place);
    } else if (type[0] === "*") {
      if (!Array.isArray(value)) throw refused(place, "an array", value);
      varint(value.length);
      value.forEach((each, index) => write(type.slice(1), each, `${place}[${index}]`));
    } else {
      const of = schema[type]!;
      if ("fields" in of) fields(of, value, place);
      else variant(of, value, place);
    }
  };
  write(type, value, place);
  return Uint8Array.from(bytes);
}

/** The value of a type that core wrote. */
export function decode(type: string, bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const fields = (of: Fields): unknown => Object.fromEntries(of.fields.map(([name, type]) => [name, read(type)]));
  const read = (type: string): unknown => {
    if (type === "f64") {
      at += 8;
      return view.getFloat64(at - 8, true);
    }
    if (type === "u8" || type === "bool") {
      const byte = view.getUint8(at++);
      return type === "u8" ? byte : byte === 1;
    }
    if (type in INTEGERS) return varint();
    if (type[0] === "?") return view.getUint8(at++) === 1 ? read(type.slice(1)) : null;
    if (type[0] === "*") return Array.from({ length: varint() }, () => read(type.slice(1)));
    const of = schema[type]!;
    if ("fields" in of) return fields(of);
    const [name, holds] = of.variants[varint()]!;
    if (holds === null) return name;
    return { [name]: typeof holds === "string" ? read(holds) : fields(holds) };
  };
  return read(type);
}
