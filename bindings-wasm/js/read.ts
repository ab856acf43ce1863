// Where Node has its WebAssembly from: the file beside this one.

import { readFile } from "node:fs/promises";

import type { File } from "./fetched.js";

export type { File } from "./fetched.js";

/** The bytes of a module. */
export async function load(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL(`./${file}.wasm`, import.meta.url)) as Promise<Uint8Array<ArrayBuffer>>;
}
