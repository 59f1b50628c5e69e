/** Numbers as machines keep them, sent in NumPy's format NPY (version 1) without being written as text. */
import { DataError } from "../errors.js";
import { Content } from "../transport/content.js";

const MEDIA_TYPE = "application/x-npy";
// Arrays of numbers are called after their kind and width, as the types of NPY are: `Float32Array` is `f4`.
const KIND = /^(?:Big)?(Float|Int|Uint)\d+(?:Clamped)?Array$/;

/** An array of numbers of a fixed size each. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** A table of numbers in one typed array, row after row. */
export class Matrix {
  /** Number of rows. */
  readonly rows: number;

  /**
   * @param values - The numbers, row after row.
   * @param columns - Numbers of a row.
   */
  constructor(
    readonly values: TypedArray,
    readonly columns: number,
  ) {
    if (!Number.isInteger(columns) || columns < 1 || values.length % columns !== 0) {
      throw new DataError(`${values.length} numbers make no rows of ${columns}; give the number of columns they were laid out for.`);
    }
    this.rows = values.length / columns;
  }

  /** The numbers of one row. */
  row(position: number): number[] {
    const part = this.values.subarray(position * this.columns, (position + 1) * this.columns);
    return Array.from(part as ArrayLike<number | bigint>, Number);
  }

  /** The body of a request. */
  content(): Content {
    return new Content(MEDIA_TYPE, npy(this));
  }
}

function npy(matrix: Matrix): Uint8Array<ArrayBuffer> {
  const { values } = matrix;
  const [, kind] = KIND.exec(values.constructor.name) ?? [];
  if (kind === undefined) {
    throw new DataError(`A ${values.constructor.name} has no type in NPY; give an array of numbers, such as a Float64Array.`);
  }
  if (values instanceof Float64Array || values instanceof Float32Array) {
    // Every number is looked at before it is sent, so this is a plain loop.
    let place = values.length - 1;
    while (place >= 0 && values[place] !== Infinity && values[place] !== -Infinity) place -= 1;
    if (place >= 0) {
      const [row, column] = [Math.floor(place / matrix.columns), place % matrix.columns];
      throw new DataError(`Row ${row}, column ${column} is infinite; give a finite number, or NaN where the value is missing.`);
    }
  }
  // Numbers are sent in the order of this machine's bytes, and the header says which that is.
  const order = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "<" : ">";
  const said = `{'descr': '${order}${kind[0]!.toLowerCase()}${values.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': (${matrix.rows}, ${matrix.columns}), }`;
  // The numbers begin at a multiple of 64.
  const header = `${said.padEnd(Math.ceil((said.length + 11) / 64) * 64 - 11)}\n`;
  const numbers = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const whole = new Uint8Array(10 + header.length + numbers.length);
  whole.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  whole.set(new TextEncoder().encode(header), 10);
  whole.set(numbers, 10 + header.length);
  return whole;
}
