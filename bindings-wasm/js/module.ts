// A WebAssembly module and its glue, made ready once.

import { load, type File } from "#load";
import { DriftError, calling } from "./error.js";

/** What `init` takes instead of fetching for itself. */
export type Source = WebAssembly.Module | BufferSource | Response | PromiseLike<WebAssembly.Module | BufferSource | Response>;

/** What wasm-bindgen generates for bundlers; its own types leave this function out. */
interface Glue {
  __wbg_set_wasm(exports: unknown): void;
}

/** Its exports, as far as they are used from here. */
export interface Exports {
  memory: WebAssembly.Memory;
  __wbindgen_start(): void;
}

/** Makes an instance of a module that comes as anything. */
async function instantiate(source: Source, glue: object, name: string): Promise<Exports> {
  const imports = { [`./${name}_bg.js`]: glue as WebAssembly.ModuleImports };
  const exports = (await instance(await source, imports)).exports as unknown as Exports;
  (glue as Glue).__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return exports;
}

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

/** One of the package's modules. */
export class Module {
  #exports: Exports | undefined;
  #starting: Promise<void> | undefined;

  /** By the name of its glue, and of the entry point whose `init` loads it. */
  constructor(
    readonly name: string,
    readonly entry: string,
    readonly glue: object,
  ) {}

  /** Loads it. Further calls do nothing, unless the one before has failed. */
  init(source: Source | undefined, file: File): Promise<void> {
    this.#starting ??= instantiate(source ?? load(file), this.glue, this.name).then(
      (made) => {
        this.#exports = made;
      },
      (error: unknown) => {
        this.#starting = undefined;
        throw error;
      },
    );
    return this.#starting;
  }

  /** Its memory, once there is one. */
  get memory(): WebAssembly.Memory {
    if (this.#exports === undefined) {
      throw new DriftError("not_initialised", `init() of ${this.entry} must have been awaited first`);
    }
    return this.#exports.memory;
  }

  /** Calls what may be refused. */
  call<T>(what: () => T): T {
    void this.memory;
    return calling(what);
  }
}

/** Something of wasm-bindgen's, which lives outside of what JavaScript collects. */
export interface Raw {
  free(): void;
}

/** An object that holds memory of WebAssembly. It is given back when the object is collected, or at once by `free`. */
export abstract class Owner<R extends Raw> {
  #raw: R | undefined;

  protected constructor(raw: R) {
    this.#raw = raw;
  }

  /** What it is on the other side. */
  protected get raw(): R {
    if (this.#raw === undefined) throw new DriftError("freed", `${this.constructor.name} must not be used after free()`);
    return this.#raw;
  }

  /** Gives the memory back at once. Whatever is called later, but for `free`, throws a `DriftError` with code `freed`. */
  free(): void {
    this.#raw?.free();
    this.#raw = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }
}
