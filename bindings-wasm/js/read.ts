// Where Node has its WebAssembly from: the file beside this one.

import { readFile } from "node:fs/promises";

/** The bytes of the module that is built so. */
export async function load(simd: boolean): Promise<Uint8Array> {
  return readFile(simd ? new URL("./series-simd.wasm", import.meta.url) : new URL("./series.wasm", import.meta.url));
}

export async function loadRecords(): Promise<Uint8Array> {
  return readFile(new URL("./records.wasm", import.meta.url));
}
