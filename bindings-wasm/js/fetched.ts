// Where a browser, a worker or a bundle has its WebAssembly from: beside this file, by the network.

// Written out, so that bundlers see every file.
const FILES = {
  series: () => new URL("./series.wasm", import.meta.url),
  explain: () => new URL("./explain.wasm", import.meta.url),
  adaptive: () => new URL("./adaptive.wasm", import.meta.url),
  scenario: () => new URL("./scenario.wasm", import.meta.url),
  fleet: () => new URL("./fleet.wasm", import.meta.url),
  "fleet-simd": () => new URL("./fleet-simd.wasm", import.meta.url),
  records: () => new URL("./records.wasm", import.meta.url),
};

/** The modules of the package. */
export type File = keyof typeof FILES;

/** The bytes of a module. */
export async function load(file: File): Promise<Response> {
  return fetch(FILES[file]());
}
