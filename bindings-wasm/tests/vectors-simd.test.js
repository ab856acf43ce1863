// The shared vectors, fleets with vector instructions.

import { test } from "node:test";

import { everything, vectors } from "./files.js";
import { verify } from "./vectors.js";

test("every vector is answered to the bit", async () => {
  const cases = verify(await everything({ simd: true }), vectors());
  if (!(cases > 150)) throw new Error(`only ${cases} cases`);
});
