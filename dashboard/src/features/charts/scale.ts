/** The number of points between labels, so that each has room. */
export function strideOf(points: number, widthPx: number, labelPx: number, strides: readonly number[]): number {
  const room = Math.max(1, Math.floor(widthPx / labelPx));
  const needed = Math.ceil(points / room);
  return strides.find((stride) => stride >= needed) ?? needed;
}
