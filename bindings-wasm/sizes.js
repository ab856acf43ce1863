// Prints how large the modules of a built package are, as they are and as browsers fetch them.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2];
for (const file of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) {
  const bytes = readFileSync(join(folder, file));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  console.log(`${file.padEnd(18)} ${String(bytes.length).padStart(8)} bytes, ${String(brotli.length).padStart(7)} in brotli`);
}
