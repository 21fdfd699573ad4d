/** How a tensor lies that stays whole in act: what home.ts computes and act.ts remembers. */

/** Pixels around a picture, and the constant that they hold. */
export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly value: number;
}

/** How a whole picture with its padding lies in act, rows counted from the start of its region. */
export interface HomeShape {
  readonly tensor: string;
  readonly height: number;
  readonly width: number;
  readonly blocks: number;
  readonly padding: Padding;
  /** Rows from a line to the next, and from a channel block to the next. */
  readonly pitch: number;
  readonly blockRows: number;
  readonly rows: number;
}
