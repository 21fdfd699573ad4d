/** What one line of dataflow text says, before operations are matched with their syntax. Spans are offsets in the line. */

import type { PlaceMemory } from './syntax.js';
import type { Affine } from './types.js';

export interface LineSpan {
  readonly start: number;
  readonly end: number;
}

/** A string with its place. */
export interface Text extends LineSpan {
  readonly text: string;
}

export type Line =
  | { readonly kind: 'header'; readonly name: string; readonly machine: string }
  | TensorLine
  | LayerLine
  | { readonly kind: 'loop'; readonly variable: Text; readonly count: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'blank' }
  | OperationLine;

export interface TensorLine {
  readonly kind: 'tensor';
  readonly name: Text;
  readonly element: Text;
  readonly layout?: {
    readonly shape: readonly number[];
    /** Pixels in lanes, channels in rows. */
    readonly exchanged: boolean;
    readonly lanes: number;
    readonly pitch: number;
  };
  readonly bytes: number;
  readonly address: number;
  readonly segment: Text;
  readonly value?: string;
}

export interface LayerLine {
  readonly kind: 'layer';
  readonly name: string;
  readonly node: string;
  readonly operator: string;
  readonly macs: number;
  readonly output: Text;
  readonly kept?: {
    readonly bank: number;
    readonly row: number;
    readonly pitch: number;
    readonly blockRows: number;
    readonly pictureRows: number;
  };
}

export interface OperationLine {
  readonly kind: 'operation';
  readonly mnemonic: Text;
  readonly suffix?: Text;
  readonly items: readonly Item[];
}

export type Item = LineSpan &
  (
    | { readonly kind: 'mask'; readonly which: 'wait' | 'signal'; readonly units: readonly Text[] }
    | {
        readonly kind: 'place';
        readonly memory: PlaceMemory;
        readonly bank?: Affine;
        readonly row: Affine;
        readonly slot?: Affine;
      }
    | { readonly kind: 'reference'; readonly tensor: string; readonly offset: Affine }
    | { readonly kind: 'assign'; readonly flag: Affine }
    | { readonly kind: 'symbol'; readonly text: string }
    | {
        readonly kind: 'phrase';
        readonly word: Text;
        readonly values: readonly Affine[];
        readonly by?: readonly Affine[];
      }
  );
