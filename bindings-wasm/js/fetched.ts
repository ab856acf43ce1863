// Where a browser, a worker or a bundle has its WebAssembly from: beside this file, by the network.

/** The bytes of the module that is built so. */
export async function load(simd: boolean): Promise<Response> {
  // Written out, so that bundlers see both files.
  return fetch(simd ? new URL("./series-simd.wasm", import.meta.url) : new URL("./series.wasm", import.meta.url));
}

export async function loadRecords(): Promise<Response> {
  return fetch(new URL("./records.wasm", import.meta.url));
}
