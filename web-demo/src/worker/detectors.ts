// The detectors of the package under one roof: whatever is chosen takes samples and answers in batches.

import { Monitor, STATES, type Batch } from "drift-sre";
import { Adaptive } from "drift-sre/adaptive";

import type { Standing } from "../charts/model";
import type { DetectorId, Settings } from "../demo/protocol";

export interface Detector {
  updateMany(values: Float64Array, times: Float64Array): Batch;
  free(): void;
}

export function makeDetector(id: DetectorId, { arl0, delta, threshold, z, literal }: Settings): Detector {
  switch (id) {
    case "adaptive":
      return new Adaptive({ arl0 });
    case "page_hinkley":
      return new Monitor({ detector: { page_hinkley: { delta, threshold } } });
    case "z_score":
      return new Monitor({ baseline: { rolling: {} }, detector: { z_score: { threshold: z } } });
    default:
      return new Monitor(literal ? `${id}_literal` : id);
  }
}

const STANDINGS: Record<string, Standing> = {
  warming_up: "learning",
  in_control: "normal",
  warning: "warning",
  drifting: "drifting",
  stale: "silent",
};

export function standing(state: number | undefined): Standing {
  return STANDINGS[STATES[state ?? 0] ?? ""] ?? "learning";
}
