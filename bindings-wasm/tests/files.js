// Where the repository and the package under test lie.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository: the tests are copied out of it, to where the package is installed. */
export const ROOT = process.env.DRIFT_SRE_ROOT;

export const PACKAGE = dirname(fileURLToPath(import.meta.resolve("drift-sre/package.json")));

export const json = (path) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** All that `verify` reads. */
export const vectors = () => ({
  ...Object.fromEntries(["series", "scenario", "adaptive"].map((name) => [name, json(`vectors/pinned/${name}.json`)])),
  ...Object.fromEntries(
    ["page_hinkley", "driftwatch", "pipeline", "degradation"].map((name) => [name, json(`vectors/reference/${name}.json`)]),
  ),
});

/** Every class for numbers, ready. */
export async function everything({ simd } = {}) {
  const names = ["drift-sre", "drift-sre/adaptive", "drift-sre/scenario", "drift-sre/fleet"];
  const entries = await Promise.all(names.map((name) => import(name)));
  await Promise.all(entries.map(({ init }) => init(simd === undefined ? {} : { simd })));
  return Object.assign({}, ...entries);
}
