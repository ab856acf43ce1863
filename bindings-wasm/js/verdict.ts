// What a record monitor answers, with core's own names.

export interface RecordVerdict {
  /** The record's number, from 0. */
  id: number;
  /** Whether the monitor is calibrated; until then nothing is judged. */
  ready: boolean;
  /** How odd the record is: 0 where 1 in 100 lies above, in spreads of scores. */
  score: number | null;
  /** The share of the newest 1,000 records that were at least so odd. */
  p_value: number | null;
  /** One less the p-value. */
  confidence: number | null;
  /** Whether the record alarms. In the long run the share that does is `line_level`. */
  detected: boolean;
  /** What the score is made of, in bits. */
  parts: Parts;
  /** What was known of records like it. */
  familiarity: Familiarity;
  /** Numbers far from those of their field. */
  outliers: FieldOutlier[];
  /** The content of the window that was compared last, beside the baseline before it. */
  metrics: RecordMetrics | null;
  /** The p-value from which windows are detected. */
  p_value_threshold: number;
  /** The newest window, where one was judged. */
  window: WindowVerdict | null;
  /** Where the stream stands against its anchor. */
  anchor: AnchorVerdict | null;
  /** The record without secrets and masked, where it is detected. */
  text: string | null;
  /** Whether it was longer than what is looked at. */
  truncated: boolean;
  /** Why it was detected, in English. */
  why: string | null;
}

export interface Parts {
  context: number;
  recency: number;
  rarity: number;
  burst: number;
  content: number;
  severity: number;
  discount: number;
}

export interface Familiarity {
  times: number;
  lines: number;
  lately: number;
  ago: number | null;
  unknown_words: number;
  severe_words: number;
}

export interface FieldOutlier {
  field_path: string;
  value: number;
  expected_mean: number;
  std_dev: number;
  z_score: number;
  sample_count: number;
}

/** Content of a window beside the baseline before it. */
export interface RecordMetrics {
  ncd: number;
  novelty: number;
  p_value: number;
  null_size: number;
  detail: RecordDetail | null;
}

export interface RecordDetail {
  ncd_raw: number;
  baseline_compression_ratio: number;
  window_compression_ratio: number;
  baseline_entropy: number;
  window_entropy: number;
}

export interface WindowTest {
  statistic: number;
  p_value: number;
  detected: boolean;
}

/** The newest records, as a window. */
export interface WindowVerdict {
  records: number;
  isolated: WindowTest;
  episode: WindowTest;
  p_value: number;
  detected: boolean;
  content_detected: boolean;
  culprits: { id: number; score: number; text: string }[];
}

export interface AnchorVerdict {
  drift_score: number;
  p_value: number;
  drift_detected: boolean;
}

export interface AnchorDetails {
  set_at: number;
  event_count: number;
  baseline_entropy: number;
  baseline_compression_ratio: number;
}

export interface RecordCalibration {
  events_ingested: number;
  events_needed: number;
  min_baseline_size: number;
  progress_percent: number;
  detection_ready: boolean;
  detection_events_needed: number;
  detection_min_events: number;
}
