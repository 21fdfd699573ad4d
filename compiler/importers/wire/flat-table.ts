/**
 * FlatBuffers, read by field number. In: bytes of a file that may be broken anywhere. Out: values, each checked to lie inside
 * the file, or a diagnostic at the byte where that fails. No schema: the importer knows its field numbers.
 */

import { ByteBuffer } from 'flatbuffers';
import { DiagnosticError } from '../../../base/index.js';
import { brokenFile } from './diagnostics.js';

/** More entries than any vector of tables can have: a stated length beyond it is a broken length field. */
const MOST_ENTRIES = 2 ** 20;

/** The bytes of a file and what diagnostics call it. */
export class FlatFile {
  readonly bytes: ByteBuffer;

  constructor(
    readonly data: Uint8Array,
    readonly name: string,
    readonly format: string,
  ) {
    this.bytes = new ByteBuffer(data);
  }

  /** @throws DiagnosticError when the root does not lie inside the file. */
  root(): FlatTable {
    return new FlatTable(this, this.target(0));
  }

  /** Refuses a range that leaves the file. */
  check(offset: number, size: number): number {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.data.length))
      this.broken(offset, `a field of ${size} bytes reaches beyond the end of the data`);
    return offset;
  }

  /** Where the unsigned offset stored at `offset` points. */
  target(offset: number): number {
    return this.check(offset + this.bytes.readUint32(this.check(offset, 4)), 4);
  }

  broken(offset: number, reason: string): never {
    const at = Math.max(0, Math.min(offset, this.data.length));
    throw new DiagnosticError([brokenFile(this.name, at, reason, this.format)]);
  }
}

/** A run of entries of equal size. */
interface Vector {
  readonly start: number;
  readonly length: number;
}

/** One table; absent fields answer with the stated default. */
export class FlatTable {
  private readonly vtable: number;
  private readonly fields: number;

  constructor(
    readonly file: FlatFile,
    readonly position: number,
  ) {
    this.vtable = position - file.bytes.readInt32(file.check(position, 4));
    this.fields = file.bytes.readUint16(file.check(this.vtable, 4));
    if (this.fields < 4 || this.fields % 2 === 1)
      file.broken(this.vtable, `a table description of ${this.fields} bytes is not one`);
    file.check(this.vtable, this.fields);
  }

  int32(field: number, fallback = 0): number {
    const at = this.at(field, 4);
    return at === undefined ? fallback : this.file.bytes.readInt32(at);
  }

  uint8(field: number, fallback = 0): number {
    const at = this.at(field, 1);
    return at === undefined ? fallback : this.file.bytes.readUint8(at);
  }

  uint64(field: number): number {
    const at = this.at(field, 8);
    return at === undefined ? 0 : Number(this.file.bytes.readUint64(at));
  }

  float32(field: number, fallback = 0): number {
    const at = this.at(field, 4);
    return at === undefined ? fallback : this.file.bytes.readFloat32(at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.at(field, 4);
    return at === undefined ? undefined : new FlatTable(this.file, this.file.target(at));
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.vector(field, 4);
    if (length > MOST_ENTRIES) this.file.broken(start, `${length} entries are more than any network has`);
    return Array.from({ length }, (_, i) => new FlatTable(this.file, this.file.target(start + 4 * i)));
  }

  text(field: number): string {
    return new TextDecoder().decode(this.raw(field));
  }

  /** The bytes of a vector of bytes, as a view of the file. */
  raw(field: number): Uint8Array {
    const { start, length } = this.vector(field, 1);
    return this.file.data.subarray(start, start + length);
  }

  int32s(field: number): number[] {
    return this.list(field, 4, (at) => this.file.bytes.readInt32(at));
  }

  float32s(field: number): number[] {
    return this.list(field, 4, (at) => this.file.bytes.readFloat32(at));
  }

  int64s(field: number): number[] {
    return this.list(field, 8, (at) => Number(this.file.bytes.readInt64(at)));
  }

  private list(field: number, size: number, read: (at: number) => number): number[] {
    const { start, length } = this.vector(field, size);
    return Array.from({ length }, (_, i) => read(start + size * i));
  }

  private vector(field: number, size: number): Vector {
    const at = this.at(field, 4);
    if (at === undefined) return { start: 0, length: 0 };
    const head = this.file.target(at);
    const length = this.file.bytes.readUint32(head);
    this.file.check(head + 4, length * size);
    return { start: head + 4, length };
  }

  /** Where a field lies, undefined when the table does not have it. */
  private at(field: number, size: number): number | undefined {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.fields) return undefined;
    const offset = this.file.bytes.readUint16(this.vtable + entry);
    return offset === 0 ? undefined : this.file.check(this.position + offset, size);
  }
}
