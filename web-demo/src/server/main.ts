// The dashboard of a server: its services live, and what happened to them.

import { byId, say, visible } from "../shared/dom";
import { EventList, type Entry } from "../shared/event-list";
import { clock, count, date } from "../shared/format";
import { startTheme } from "../shared/theme";
import { Api, Unauthorised, type DriftRow, type LiveSample, type Service } from "./api";
import { Connection } from "./connection";
import { MetricView, stand } from "./metric";
import { ServiceList } from "./services";

const POINTS = 720;
const EVENTS = 100;

class Dashboard {
  private readonly api = new Api(new URL(".", location.href));
  private readonly list = new ServiceList((service) => void this.look(service));
  private readonly events = new EventList(byId("events"), EVENTS, "Nothing has drifted yet.");
  private readonly seen = new Set<string | number>();
  private readonly connection: Connection;
  private metrics: MetricView[] = [];
  private chosen: string | null = null;
  private loading: AbortController | null = null;
  private refresh: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.connection = new Connection(this.api, {
      opened: () => this.opened(),
      lost: (reason, wait) => this.lost(reason, wait),
      refused: () => this.askForKey(),
      samples: (samples) => this.samples(samples),
      drift: (row) => this.drift(row),
    });
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.api.use(byId<HTMLInputElement>("key").value);
      byId("key-form").hidden = true;
      this.start();
    });
  }

  start(): void {
    void this.connection.open();
  }

  draw(): void {
    this.metrics.forEach((metric) => metric.draw());
    requestAnimationFrame(() => this.draw());
  }

  private askForKey(): void {
    this.connected("an API key is wanted", true);
    byId("key-form").hidden = false;
    byId("key").focus();
  }

  private connected(words: string, lost: boolean): void {
    byId("connection").toggleAttribute("data-lost", lost);
    say(byId("connection"), words);
  }

  private async opened(): Promise<void> {
    const [{ services }, { events }] = await Promise.all([this.api.services(), this.api.events(EVENTS)]);
    this.connected("live", false);
    byId("trouble").hidden = true;
    this.list.set(services);
    [...events]
      .sort((one, other) => Date.parse(one.detected_at) - Date.parse(other.detected_at))
      .forEach((row) => this.tell(row));
    const first = this.list.all.find(({ service_id: name }) => name === this.chosen) ?? this.list.all[0];
    if (first !== undefined) await this.look(first);
  }

  private lost(reason: string, wait: number): void {
    this.connected(`connection lost, trying again in ${count(wait / 1000)} s`, true);
    byId("connection").title = visible(reason);
  }

  /** Shows a service; whatever was still being loaded of another is given up. */
  private async look(service: Service): Promise<void> {
    this.loading?.abort();
    const loading = (this.loading = new AbortController());
    const { service_id: name } = service;
    this.chosen = name;
    this.list.mark(name);
    say(byId("service-name"), visible(name));
    stand(byId("service-standing"), service.state);
    const seen = service.last_seen === null ? "" : `, last seen ${moment(service.last_seen)}`;
    say(byId("service-story"), `${count(service.sample_count)} samples${seen}`);
    const views = Object.keys(service.metrics).map((metric) => new MetricView(metric));
    try {
      const { events } = await this.api.events(EVENTS, name, loading.signal);
      const load = async (view: MetricView): Promise<() => void> => {
        const timeline = await this.api.timeline(name, view.metric, POINTS, loading.signal);
        return () =>
          view.load(
            timeline,
            events.filter(({ metric }) => metric === view.metric),
          );
      };
      const loaded = await Promise.all(views.map(load));
      this.metrics.forEach((view) => view.destroy());
      this.metrics = views;
      byId("metrics").replaceChildren(...views.map(({ figure }) => figure));
      loaded.forEach((show) => show());
    } catch (error) {
      if (loading.signal.aborted) return;
      if (error instanceof Unauthorised) return this.askForKey();
      byId("trouble").hidden = false;
      say(byId("trouble"), visible(String(error)));
    }
  }

  private samples(samples: LiveSample[]): void {
    for (const sample of samples) {
      if (!this.list.all.some(({ service_id: name }) => name === sample.service_id)) this.reload();
      if (sample.service_id !== this.chosen) continue;
      this.metrics.find(({ metric }) => metric === sample.metric)?.add(sample);
    }
  }

  private drift(row: DriftRow): void {
    this.tell(row);
    this.reload();
    if (row.service_id === this.chosen) this.metrics.find(({ metric }) => metric === row.metric)?.drift(row);
  }

  private tell(row: DriftRow): void {
    if (this.seen.has(row.id)) return;
    this.seen.add(row.id);
    this.events.add([entry(row)]);
  }

  /** The services have changed: their list is asked for once, soon. */
  private reload(): void {
    this.refresh ??= setTimeout(() => {
      this.refresh = undefined;
      this.api.services().then(
        ({ services }) => {
          this.list.set(services);
          const chosen = services.find(({ service_id: name }) => name === this.chosen);
          if (chosen !== undefined) stand(byId("service-standing"), chosen.state);
          else if (services[0] !== undefined) void this.look(services[0]);
        },
        () => undefined, // The connection tells of its own loss.
      );
    }, 500);
  }
}

function entry({ service_id, metric, kind, severity, explanation, detected_at }: DriftRow): Entry {
  return { when: moment(detected_at), series: `${service_id} ${metric}`, kind, severity, text: explanation };
}

function moment(iso: string): string {
  const seconds = Date.parse(iso) / 1000;
  return Number.isNaN(seconds) ? visible(iso) : `${date(seconds)}, ${clock(seconds)}`;
}

startTheme();
const dashboard = new Dashboard();
dashboard.draw();
dashboard.start();
