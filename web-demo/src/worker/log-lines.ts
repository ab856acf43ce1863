// The log of a small web shop, line by line, and lines that do not belong there.

import { Scenario } from "drift-sre/scenario";

import { ENDLESS } from "./source";

const TEMPLATES: [weight: number, template: string][] = [
  [30, 'GET /items/# 200 #ms ip=10.0.#.# agent="Mozilla/5.0"'],
  [18, "GET /search?q=item# 200 #ms ip=10.0.#.#"],
  [12, "POST /cart user=# item=# 201 #ms"],
  [8, "cache hit key=item:# age=#s"],
  [6, "cache miss key=item:# filled in #ms"],
  [6, "db pool size=20 busy=# waiting=0"],
  [5, "POST /checkout user=# order=# 200 #ms"],
  [4, "payment accepted order=# provider=stripe in #ms"],
  [4, "mail queued order=# template=confirmation"],
  [3, "GET /items/# 404 #ms ip=10.0.#.#"],
  [2, "session expired user=#"],
  [2, "healthcheck ok in #ms"],
];

const ODD = [
  "kernel: sda1: I/O error, dev sda, sector 48120936, journal aborted",
  "payment declined order=48211 provider=stripe: certificate has expired",
  "db pool exhausted size=20 busy=20 waiting=117, request dropped",
  "POST /login user=admin' OR '1'='1 401 3ms",
  "panic: runtime error: index out of range [7] with length 7",
  "oom-killer: killed process 2211 (shop-worker) total-vm:8123400kB",
  "GET /../../../../etc/passwd 400 1ms ip=203.0.113.9",
  "replication lag 184s on replica db-2, reads redirected",
  "<script>alert(document.cookie)</script> in field comment rejected",
];

export class LogLines {
  private readonly chance: Scenario;
  private odd = 0;

  constructor(seed: number) {
    const law = { uniform: { low: 0, high: 1 } };
    this.chance = new Scenario({ ...ENDLESS, law }, seed);
  }

  next(): string {
    const total = TEMPLATES.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.draw() * total;
    const [, template] = TEMPLATES.find(([weight]) => (left -= weight) < 0) ?? TEMPLATES[0]!;
    return template.replace(/#/g, () => String(Math.floor(this.draw() * 250)));
  }

  nextOdd(): string {
    return ODD[this.odd++ % ODD.length]!;
  }

  free(): void {
    this.chance.free();
  }

  private draw(): number {
    return this.chance.take(1).values[0]!;
  }
}
