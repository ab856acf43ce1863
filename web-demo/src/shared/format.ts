// Numbers and times as people read them.

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Three significant digits; a dash where there is none. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return (Math.abs(value) >= 1000 ? whole : plain).format(value).replace("-", "−");
}

export function quantity(value: number, unit: string): string {
  return unit === "" || !Number.isFinite(value) ? number(value) : `${number(value)}\u00a0${unit}`;
}

export const count = (value: number): string => whole.format(value);

/** 41.2M */
export const brief = (value: number): string => compact.format(value);

/** 45 s, 12 min, 3 h, 2 d: the largest unit that leaves a number of at least one. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  const [unit, name] =
    size >= 172_800 ? [86_400, "d"] : size >= 7200 ? [3600, "h"] : size >= 120 ? [60, "min"] : [1, "s"];
  return `${plain.format(seconds / unit).replace("-", "−")}\u00a0${name}`;
}

/** 12.3 ms, 450 µs */
export function milliseconds(value: number): string {
  return value < 1 ? `${plain.format(value * 1000)}\u00a0µs` : `${plain.format(value)}\u00a0ms`;
}

/** 14:03:59 for a time in seconds since 1970. */
export function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB");
}

/** 5 Jan 2026 */
export function date(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
}
