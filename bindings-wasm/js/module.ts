// A WebAssembly module, made ready once.

import { load, type File } from "#load";
import { DriftError, refusal, type Code } from "./error.js";

/** What `init` takes instead of fetching for itself. */
export type Source = WebAssembly.Module | BufferSource | Response | PromiseLike<WebAssembly.Module | BufferSource | Response>;

/** What every module exports, beside what is its own. Objects are addresses, lengths are in bytes. */
export interface Exports {
  memory: WebAssembly.Memory;
  scratch_new(): number;
  scratch_room(scratch: number, length: number): number;
  scratch_place(scratch: number, what: number): number;
}

type Call = (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown) => unknown;

async function instance(
  source: Awaited<Source>,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source, imports);
  if (typeof Response === "undefined" || !(source instanceof Response)) {
    return (await WebAssembly.instantiate(source as BufferSource, imports)).instance;
  }
  if (!source.ok) throw new Error(`${source.url} must be WebAssembly, got status ${source.status}`);
  // Streaming needs a media type that not every server knows to send.
  const streams = source.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  const made = streams
    ? await WebAssembly.instantiateStreaming(source, imports)
    : await WebAssembly.instantiate(await source.arrayBuffer(), imports);
  return made.instance;
}

/** Whether the engine has vector instructions: it takes a module with one of them. */
export function hasSimd(): boolean {
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  return WebAssembly.validate(new Uint8Array(bytes));
}

/** Bytes beyond so many are not kept once they are read. */
const KEPT = 65_536;

const decoder = new TextDecoder();

/** One of the package's modules. */
export class Module<E extends Exports> {
  #exports: E | undefined;
  #starting: Promise<void> | undefined;
  #scratch = 0;
  #refused: DriftError | undefined;
  #trapped: string | undefined;

  /** By the entry point whose `init` loads it. */
  constructor(readonly entry: string) {}

  /** Loads it. Further calls do nothing, unless the one before has failed. */
  init(source: Source | undefined, file: File): Promise<void> {
    this.#starting ??= this.#start(source ?? load(file)).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  async #start(source: Source): Promise<void> {
    const text = (at: number, length: number): string => decoder.decode(this.#bytes(at, length));
    const refused = (
      code: number, codeLength: number, field: number, fieldLength: number, wanted: number, wantedLength: number,
      value: number, limit: number,
    ): void => {
      const told = { code: text(code, codeLength) as Code, field: text(field, fieldLength), wanted: text(wanted, wantedLength) };
      this.#refused = refusal({ ...told, value, limit });
    };
    const { exports } = await instance(await source, { "drift-sre": { refused } });
    const guarded = Object.entries(exports).map(([name, it]) => [name, typeof it === "function" ? this.#guard(it as Call) : it]);
    this.#exports = Object.fromEntries(guarded) as unknown as E;
  }

  /** A call that may trap, after which there is no other: what a trap left half done must not be seen. */
  #guard(call: Call): Call {
    return (a, b, c, d, e) => {
      if (this.#trapped !== undefined) throw new DriftError("trapped", this.#trapped);
      try {
        return call(a, b, c, d, e);
      } catch (thrown) {
        const lost = `the WebAssembly of ${this.entry} cannot be used any more, and what it held is lost; load it anew`;
        this.#trapped = `${lost}. It trapped: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        if (this.#refused === undefined) throw new DriftError("trapped", this.#trapped);
        throw new DriftError(this.#refused.code, `${this.#refused.message}; ${lost}`);
      }
    };
  }

  /** What it exports, once it is there. */
  get exports(): E {
    if (this.#exports === undefined) {
      throw new DriftError("not_initialised", `init() of ${this.entry} must have been awaited first`);
    }
    return this.#exports;
  }

  /** What stands for the memory that both sides see. */
  get scratch(): number {
    const { exports } = this;
    this.#scratch ||= exports.scratch_new();
    return this.#scratch;
  }

  /** Calls what may be refused. */
  call<T>(what: (exports: E, scratch: number) => T): T {
    const answer = what(this.exports, this.scratch);
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) throw refused;
    return answer;
  }

  /** Leaves bytes, one part behind the other, for the next call. */
  give(...parts: readonly Uint8Array[]): void {
    let at = this.exports.scratch_room(this.scratch, parts.reduce((total, { length }) => total + length, 0));
    for (const part of parts) {
      this.#bytes(at, part.length).set(part);
      at += part.length;
    }
  }

  /** So many bytes that the last call left. */
  taken(length: number): Uint8Array {
    const bytes = this.#bytes(this.exports.scratch_place(this.scratch, 0), length).slice();
    if (length > KEPT) this.exports.scratch_room(this.scratch, 0);
    return bytes;
  }

  /** The same as text. */
  text(length: number): string {
    return decoder.decode(this.taken(length));
  }

  /** Gives back an object, if there is still something to give back to. */
  release(free: keyof E, address: number): void {
    if (this.#trapped === undefined) (this.exports[free] as Call)(address);
  }

  #bytes(at: number, length: number): Uint8Array {
    // Addresses in the upper half come as negative numbers.
    return new Uint8Array(this.exports.memory.buffer, at >>> 0, length);
  }
}

const collected = new FinalizationRegistry<() => void>((release) => release());

/** Outside of the class, so that it does not keep what it waits for. */
const releasing = <E extends Exports>(module: Module<E>, free: keyof E, address: number) => (): void =>
  module.release(free, address);

/** An object that holds memory of WebAssembly. It is given back when the object is collected, or at once by `free`. */
export abstract class Owner<E extends Exports> {
  #address: number;
  readonly #release: () => void;

  /** Of a module, which gives it back by one of its exports. */
  protected constructor(module: Module<E>, free: keyof E, address: number) {
    this.#address = address;
    this.#release = releasing(module, free, address);
    collected.register(this, this.#release, this);
  }

  /** Where it is on the other side. */
  protected get address(): number {
    if (this.#address === 0) throw new DriftError("freed", `${this.constructor.name} must not be used after free()`);
    return this.#address;
  }

  /** Gives the memory back at once. Whatever is called later, but for `free`, throws a `DriftError` with code `freed`. */
  free(): void {
    if (this.#address === 0) return;
    this.#address = 0;
    collected.unregister(this);
    this.#release();
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** What was made already, in the place of settings. */
export class Made {
  constructor(readonly address: number) {}
}
