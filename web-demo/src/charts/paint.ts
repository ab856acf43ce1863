// Draws columns of numbers onto a canvas, at most a few strokes for each pixel's width.

/** Maps a time or a value to pixels. */
export interface Mapping {
  scale: number;
  offset: number;
}

export function mapping(from: number, to: number, start: number, end: number): Mapping {
  const scale = to > from ? (end - start) / (to - from) : 0;
  return { scale, offset: start - from * scale };
}

const place = (map: Mapping, number: number): number => number * map.scale + map.offset;

/**
 * A line through values. Where many fall into one pixel's width, their first, least, greatest and last are joined, which
 * covers the same pixels as joining all of them.
 */
export function traceLine(
  context: CanvasRenderingContext2D,
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  x: Mapping,
  y: Mapping,
): void {
  let column = NaN;
  let [least, most, last] = [0, 0, 0];
  const leave = (): void => {
    if (least < last) context.lineTo(column, least);
    if (most > last) context.lineTo(column, most);
    context.lineTo(column, last);
  };
  context.beginPath();
  for (let i = 0; i < times.length; i++) {
    const at = Math.round(2 * place(x, times[i]!)) / 2;
    const height = place(y, values[i]!);
    if (Number.isNaN(height)) {
      if (!Number.isNaN(column)) leave();
      column = NaN;
    } else if (at === column) {
      least = Math.min(least, height);
      most = Math.max(most, height);
      last = height;
    } else {
      if (Number.isNaN(column)) {
        context.moveTo(at, height);
      } else {
        leave();
        context.lineTo(at, height);
      }
      column = at;
      least = most = last = height;
    }
  }
  if (!Number.isNaN(column)) leave();
}

/** The area between two columns, in one piece for each run of numbers. */
export function traceBand(
  context: CanvasRenderingContext2D,
  times: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  x: Mapping,
  y: Mapping,
): void {
  const edge: [at: number, bottom: number][] = [];
  const finish = (): void => {
    for (let i = edge.length - 1; i >= 0; i--) context.lineTo(edge[i]![0], edge[i]![1]);
    context.closePath();
    edge.length = 0;
  };
  context.beginPath();
  for (let i = 0; i < times.length; i++) {
    const at = Math.round(place(x, times[i]!));
    const [top, bottom] = [place(y, upper[i]!), place(y, lower[i]!)];
    if (Number.isNaN(top) || Number.isNaN(bottom)) {
      if (edge.length > 0) finish();
    } else if (edge.length === 0 || edge[edge.length - 1]![0] !== at) {
      if (edge.length === 0) context.moveTo(at, top);
      else context.lineTo(at, top);
      edge.push([at, bottom]);
    }
  }
  if (edge.length > 0) finish();
}

/** Oblique lines through a rectangle, so that it is told from another without colour. */
export function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  gap: number,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  const first = Math.floor((left - height) / gap) * gap;
  for (let start = first; start < left + width; start += gap) {
    context.moveTo(start, top + height);
    context.lineTo(start + height, top);
  }
  context.stroke();
  context.restore();
}

/** A small triangle with its point at a place: hollow for an onset, filled for an alarm. */
export function marker(
  context: CanvasRenderingContext2D,
  at: number,
  top: number,
  size: number,
  filled: boolean,
): void {
  context.beginPath();
  context.moveTo(at, top + size);
  context.lineTo(at - size * 0.6, top);
  context.lineTo(at + size * 0.6, top);
  context.closePath();
  if (filled) context.fill();
  else context.stroke();
}
