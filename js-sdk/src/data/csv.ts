/** Reads CSV text (RFC 4180) into columns, for the rules on this machine. */
import { DataError } from "../errors.js";
import type { Columns } from "../local.js";

const SEPARATORS = [",", ";", "\t", "|"];

/** The columns of a CSV with a header. */
export function columnsOfCsv(text: string): Columns {
  const rows = parse(text.replace(/^\uFEFF/, ""));
  const [names, ...values] = rows;
  if (names === undefined) return {};
  if (values.some((row) => row.length !== names.length)) {
    throw new DataError("The rows of the CSV differ in length; give every row one value per column.");
  }
  return Object.fromEntries(names.map((name, place) => [name, values.map((row) => row[place])]));
}

function parse(text: string): string[][] {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let place = 0; place < text.length; place += 1) {
    const char = text[place]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[place + 1] === '"') cell += text[(place += 1)]!;
      else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === separator) endCell();
    else if (char === "\n") endRow();
    else if (char === "\r") {
      if (text[place + 1] !== "\n") endRow();
    } else cell += char;
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}

/** The separator of a CSV, as the server finds it: what its header holds most of, outside quotes. */
function separatorOf(text: string): string {
  const header = text.split("\n", 1)[0]!;
  const bare = header.split('"').filter((_, place) => place % 2 === 0).join("");
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}
