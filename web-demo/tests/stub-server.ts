// The server's API at the level of its protocol, with answers that tests can steer.

import type { IncomingMessage, ServerResponse } from "node:http";

const START = Date.parse("2026-01-05T12:00:00Z") / 1000;
const POINTS = 720;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Smooth and bumpy enough to look like something; the same every time. */
const wave = (at: number): number =>
  150 + 20 * Math.sin(at / 7) * Math.cos(at / 3.1) + 6 * Math.sin(at * 2.3);

export class StubServer {
  key: string | null = null;
  services = ["checkout", "search", "payments"];
  drift: Record<string, unknown> | null = null;
  private readonly streams = new Set<ServerResponse>();

  readonly answer = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://stub");
    if (!pathname.startsWith("/v1/")) return next();
    if (this.key !== null && request.headers.authorization !== `Bearer ${this.key}`) {
      response.writeHead(401).end();
    } else if (pathname === "/v1/live") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write(": hello\n\n");
      this.streams.add(response);
      response.on("close", () => this.streams.delete(response));
    } else if (pathname === "/v1/services") {
      json(response, { services: this.services.map((name) => this.service(name)) });
    } else if (pathname === "/v1/events") {
      json(response, { events: this.drift === null ? [] : [this.drift] });
    } else {
      json(response, timeline(decodeURIComponent(pathname.split("/").pop()!), searchParams.get("metric")!));
    }
  };

  /** Sends an event to all who listen; says to how many. */
  send(event: string, data: unknown): number {
    for (const stream of this.streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    return this.streams.size;
  }

  /** A sample of a service, so many seconds after what its timeline ends with. */
  sample(service: string, after: number, value: number): unknown {
    const time = START + after;
    const expected = { baseline: 150, lower: 110, upper: 190 };
    return {
      service_id: service,
      metric: "latency_ms",
      time,
      value,
      ...expected,
      score: 0.4,
      state: "in_control",
    };
  }

  opened(service: string, explanation: string): Record<string, unknown> {
    return {
      id: "9f1c",
      service_id: service,
      metric: "latency_ms",
      kind: "opened",
      severity: "critical",
      direction: "up",
      onset: iso(START - 60),
      detected_at: iso(START - 45),
      previous_state: "STABLE",
      new_state: "DRIFT_DETECTED",
      explanation,
      metadata: {},
    };
  }

  /** Ends all connections that are open. */
  drop(): void {
    for (const stream of this.streams) stream.end();
    this.streams.clear();
  }

  private service(name: string): unknown {
    const drifting = this.drift?.["service_id"] === name;
    const metric = { value: 151, baseline: 150, lower: 110, upper: 190, score: 0.2, state: "in_control" };
    return {
      service_id: name,
      state: drifting ? "DRIFT_DETECTED" : "STABLE",
      sample_count: 12_034,
      transition_timestamp: null,
      last_seen: iso(START),
      metrics: { latency_ms: metric, payload_kb: metric },
    };
  }
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function timeline(service: string, metric: string): unknown {
  const times = Array.from({ length: POINTS }, (_, i) => START - POINTS + 1 + i);
  const learned = (number: number): (number | null)[] => times.map((_, i) => (i < 60 ? null : number));
  const values = times.map((at) => wave(at) + (at >= START - 60 && metric === "latency_ms" ? 90 : 0));
  const scores = times.map((at, i) =>
    i < 60 ? null : at < START - 60 ? 0.1 : Math.min((at - START + 60) / 15, 4),
  );
  const expected = { baseline: learned(150), lower: learned(110), upper: learned(190) };
  const unit = metric === "latency_ms" ? "ms" : "kB";
  return { service_id: service, metric, unit, times, values, ...expected, scores };
}
