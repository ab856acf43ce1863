// What a timeline shows. Whoever has such numbers can draw them: a detector in this page, or a server.

/** Samples and what was expected of them, column by column; NaN where there is none. */
export interface Track {
  /** Seconds, ascending. */
  time: ArrayLike<number>;
  value: ArrayLike<number>;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
  baseline: ArrayLike<number>;
  /** 1 is the alarm line. */
  score: ArrayLike<number>;
}

export const TRACK = ["time", "value", "lower", "upper", "baseline", "score"] as const;

/** A drift: when it most likely began, when it was announced, when it was over. */
export interface Drift {
  onset: number;
  alarm: number;
  /** `null` while it lasts; equal to `alarm` for a single point. */
  end: number | null;
  text: string;
}

/** A time that is known to be out of control, because somebody made it so. */
export interface Injected {
  start: number;
  end: number;
  kind: string;
}

/** Where a series stands, in words that every detector's state maps to. */
export type Standing = "learning" | "normal" | "warning" | "drifting" | "silent";

export interface Scene {
  track: Track;
  drifts: readonly Drift[];
  injected?: readonly Injected[];
}
