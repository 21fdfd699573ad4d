/** What the importer uses of jsfive, which brings no types. */
declare module 'jsfive' {
  export class Group {
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly keys: readonly string[];
    get(path: string): Group | Dataset;
  }
  export class File extends Group {
    constructor(buffer: ArrayBuffer, name: string);
  }
  export class Dataset {
    readonly shape: readonly number[];
    readonly dtype: unknown;
    readonly value: ArrayLike<number>;
    /** What the file says of it. `chunks` are the extents of a chunk; absent where it lies in one piece. */
    readonly _dataobjects: { readonly chunks: readonly number[] | null | undefined };
  }
  /** What undoes each filter of chunks, by its number in HDF5. */
  export const Filters: Map<number, (bytes: ArrayBuffer, itemSize: number) => ArrayBuffer>;
}
