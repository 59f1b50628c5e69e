/** Arithmetic that does not depend on the order of its terms. */

/** The sum of numbers, rounded once (J. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997), as `math.fsum`. */
export function exactSum(values: readonly number[]): number {
  if (values.length < 3) return values.reduce((sum, value) => sum + value, 0);
  const partials: number[] = [];
  for (let value of values) {
    let kept = 0;
    for (let partial of partials) {
      if (Math.abs(value) < Math.abs(partial)) [value, partial] = [partial, value];
      const high = value + partial;
      const low = partial - (high - value);
      if (low !== 0) partials[kept++] = low;
      value = high;
    }
    partials.length = kept;
    partials.push(value);
  }
  return partials.reduceRight((sum, partial) => sum + partial, 0);
}

/** Linear interpolation between the two nearest of the sorted values. */
export function quantile(ordered: readonly number[], share: number): number {
  const place = share * (ordered.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below]! + (ordered[above]! - ordered[below]!) * (place - below);
}
