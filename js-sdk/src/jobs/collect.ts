/** Puts the pages of a job's result together into one result. */
import type { Schemas } from "../generated/resources.js";
import { DetectionResult, type RowResult } from "../results.js";

type Page = Schemas["JobResultPage"];
type Row = Schemas["ResultRow"];

/** The result that the pages, from the first to the last, make up. */
export function wholeResult(pages: readonly Page[]): DetectionResult {
  const rows = pages.flatMap((page) => page.items);
  const summary = pages[0]!.summary;
  const confidence = rows.map((row) => row.confidence).filter((value) => typeof value === "number");
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.identifiers)))];
  const explanations = rows
    .filter((row) => row.explanation && row.explanation.length > 0)
    .map((row) => ({ row: row.row, contributions: row.explanation! }));
  return new DetectionResult({
    ...summary,
    predictions: rows.map((row) => row.prediction),
    scores: rows.map((row) => row.score),
    confidence: rows.length > 0 && confidence.length === rows.length ? confidence : null,
    explanations: explanations.length > 0 ? explanations : null,
    series: seriesOf(rows),
    identifiers: Object.fromEntries(names.map((name) => [name, rows.map((row) => row.identifiers[name] ?? null)])),
    source: "server",
  });
}

function seriesOf(rows: readonly Row[]): Schemas["SeriesExpectation"] | null {
  const points = rows.map((row) => row.series).filter((point) => point !== undefined && point !== null);
  if (points.length === 0 || points.length < rows.length) return null;
  return {
    feature: points.map((point) => point.feature),
    expected: points.map((point) => point.expected),
    lower: points.map((point) => point.lower),
    upper: points.map((point) => point.upper),
  };
}

/** One row of a page. */
export function rowResult({ row, score, prediction, identifiers, confidence, explanation, series }: Row): RowResult {
  return {
    row,
    score,
    prediction,
    identifiers,
    ...(typeof confidence === "number" && { confidence }),
    ...(explanation && { explanation }),
    ...(series && { series }),
  };
}
