/**
 * The time that a host processor needs for its part of a network. In: counted operations and bytes, a HostModel. Out: seconds. A
 * roofline without overlap: what is computed and what is moved take their time one after the other. What it costs to start a segment,
 * to be interrupted and to synchronise caches is not in it.
 */

import type { Known } from '../data/index.js';

export interface HostModel {
  /** Element operations a second (as `hostWork` counts them), above 0. */
  readonly operationsPerSecond: number;
  /** Bytes read or written a second, above 0. */
  readonly bytesPerSecond: number;
  readonly basis: string;
  readonly known: Known;
}

/** One core of an embedded processor beside the accelerator; nobody measured it. */
export const defaultHost: HostModel = {
  operationsPerSecond: 1e9,
  bytesPerSecond: 1e9,
  basis: 'one operation and one byte a nanosecond, as a single embedded core at 1 GHz might do',
  known: 'assumed',
};

/** A host with rates that the user states; what is left out is the default's. */
export function statedHost(
  rates: Partial<Pick<HostModel, 'operationsPerSecond' | 'bytesPerSecond'>>,
): HostModel {
  return { ...defaultHost, ...rates, basis: 'rates as stated for this run', known: 'assumed' };
}

export interface HostDemand {
  readonly operations: number;
  readonly bytes: number;
}

/** Seconds of one step of the host. */
export function hostSeconds(model: HostModel, { operations, bytes }: HostDemand): number {
  return operations / model.operationsPerSecond + bytes / model.bytesPerSecond;
}
