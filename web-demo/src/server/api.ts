// What the server answers, and how it is asked.

export type ServiceState = "STABLE" | "DRIFT_DETECTED" | "INSUFFICIENT_DATA";

export interface Metric {
  value: number | null;
  baseline: number | null;
  lower: number | null;
  upper: number | null;
  score: number | null;
  state: string;
}

export interface Service {
  service_id: string;
  state: ServiceState;
  sample_count: number;
  transition_timestamp: string | null;
  last_seen: string | null;
  metrics: Record<string, Metric>;
}

type Numbers = (number | null)[];

export interface TimelineAnswer {
  service_id: string;
  metric: string;
  unit: string;
  times: number[];
  values: Numbers;
  baseline: Numbers;
  lower: Numbers;
  upper: Numbers;
  scores: Numbers;
}

export interface DriftRow {
  id: string | number;
  service_id: string;
  metric: string;
  kind: "opened" | "closed" | "outlier" | "ready" | "reset";
  severity: string;
  direction: string;
  onset: string;
  detected_at: string;
  previous_state: string;
  new_state: string;
  explanation: string;
}

export interface LiveSample extends Metric {
  service_id: string;
  metric: string;
  time: number;
}

/** The server wants a key, or another one. */
export class Unauthorised extends Error {}

const KEY = "drift-sre-key";

export class Api {
  private key: string | null;

  constructor(private readonly base: URL) {
    this.key = remembered();
  }

  use(key: string): void {
    this.key = key;
    try {
      sessionStorage.setItem(KEY, key);
    } catch {
      return; // Storage is forbidden: the key lives as long as the page.
    }
  }

  services(signal?: AbortSignal): Promise<{ services: Service[] }> {
    return this.json("v1/services", {}, signal);
  }

  timeline(service: string, metric: string, points: number, signal?: AbortSignal): Promise<TimelineAnswer> {
    return this.json(
      `v1/timeline/${encodeURIComponent(service)}`,
      { metric, points: String(points) },
      signal,
    );
  }

  events(limit: number, service?: string, signal?: AbortSignal): Promise<{ events: DriftRow[] }> {
    const about = service === undefined ? {} : { service_id: service };
    return this.json("v1/events", { limit: String(limit), ...about }, signal);
  }

  /** The answer to a request, if it is a good one. */
  async get(path: string, accept: string, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: accept };
    if (this.key !== null) headers["Authorization"] = `Bearer ${this.key}`;
    const response = await fetch(new URL(path, this.base), {
      headers,
      cache: "no-store",
      signal: signal ?? null,
    });
    if (response.status === 401 || response.status === 403)
      throw new Unauthorised(`${path} wants an API key`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  }

  private async json<Answer>(
    path: string,
    query: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const asked = Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query)}` : path;
    return (await (await this.get(asked, "application/json", signal)).json()) as Answer;
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
