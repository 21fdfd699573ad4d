/** Symmetric positive definite systems by Cholesky's factors. */

export interface Square {
  readonly size: number;
  /** Row by row; of symmetric matrices and factors only the lower triangle counts. */
  readonly values: Float64Array;
}

/** @param value of row a and column b, asked for b <= a */
export function symmetric(size: number, value: (a: number, b: number) => number): Square {
  const values = new Float64Array(size * size);
  for (let a = 0; a < size; a++) for (let b = 0; b <= a; b++) values[a * size + b] = value(a, b);
  return { size, values };
}

/** L with L L^T the matrix. @throws RangeError where the matrix is not positive definite. */
export function factored({ size, values }: Square): Square {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = values[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= factor[row * size + k]! * factor[column * size + k]!;
      if (row !== column) factor[row * size + column] = sum / factor[column * size + column]!;
      else if (sum > 0) factor[row * size + row] = Math.sqrt(sum);
      else throw new RangeError(`not positive definite at row ${row}`);
    }
  }
  return { size, values: factor };
}

/** x with L L^T x = right. */
export function solved({ size, values }: Square, right: readonly number[]): readonly number[] {
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = x[row]!;
    for (let k = 0; k < row; k++) sum -= values[row * size + k]! * x[k]!;
    x[row] = sum / values[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    const value = x[row]! / values[row * size + row]!;
    x[row] = value;
    for (let k = 0; k < row; k++) x[k]! -= values[row * size + k]! * value;
  }
  return [...x];
}

/** L to the power -1, column by column in storage (row k of column a at a * size + k). */
export function invertedFactor({ size, values }: Square): Square {
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const base = column * size;
    inverse[base + column] = 1 / values[base + column]!;
    for (let row = column + 1; row < size; row++) {
      let sum = 0;
      for (let k = column; k < row; k++) sum -= values[row * size + k]! * inverse[base + k]!;
      inverse[base + row] = sum / values[row * size + row]!;
    }
  }
  return { size, values: inverse };
}

/** Of (L L^T) to the power -1, the rows and columns `members`, ascending; `inverse` as {@link invertedFactor} has it. */
export function inverseBlock({ size, values }: Square, members: readonly number[]): Square {
  return symmetric(members.length, (a, b) => {
    const [left, right] = [members[a]! * size, members[b]! * size];
    let sum = 0;
    for (let k = members[a]!; k < size; k++) sum += values[left + k]! * values[right + k]!;
    return sum;
  });
}
