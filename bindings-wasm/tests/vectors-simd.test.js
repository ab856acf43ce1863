// The shared vectors against the module with vector instructions.

import { test } from "node:test";

import * as api from "drift-sre";

import { vectors } from "./files.js";
import { verify } from "./vectors.js";

test("every vector is answered to the bit", async () => {
  await api.init({ simd: true });
  const cases = verify(api, vectors());
  if (!(cases > 150)) throw new Error(`only ${cases} cases`);
});
