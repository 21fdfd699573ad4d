/** Accelerators beside GPUs whose power was measured, and hosts, by published figures; a system's power needs both. Facts only. */

import type { Provenance } from './provenance.js';

export interface PoweredDevice {
  readonly name: string;
  /** Board power limit. */
  readonly thermalWatts: number;
  /** Dense operations a second in 8 bits, and in half types. */
  readonly int8: number;
  readonly float16: number;
}

export const inferenceCards: readonly PoweredDevice[] = [
  { name: 'cloud-ai-100-pro', thermalWatts: 75, int8: 400e12, float16: 200e12 },
  { name: 'cloud-ai-100-standard', thermalWatts: 75, int8: 350e12, float16: 175e12 },
  { name: 'cloud-ai-100-lite', thermalWatts: 55, int8: 200e12, float16: 100e12 },
  { name: 'cloud-ai-100-dm2', thermalWatts: 25, int8: 200e12, float16: 100e12 },
  { name: 'cloud-ai-100-dm2e', thermalWatts: 15, int8: 70e12, float16: 35e12 },
];

/** Thermal design power of a host's processor, by the number in its name. */
export const hostWatts: ReadonlyMap<string, number> = new Map([
  ['7282', 120],
  ['7302', 155],
  ['7502', 180],
  ['7542', 225],
  ['7713', 225],
  ['7742', 225],
  ['7763', 280],
  ['7h12', 280],
  ['7950x', 170],
  ['q80-30', 210],
  ['4216', 100],
  ['4314', 135],
  ['5318n', 150],
  ['6248', 150],
  ['6252', 150],
  ['6252n', 150],
  ['6258r', 205],
  ['6312u', 185],
  ['6338', 205],
  ['8280', 205],
  ['8358', 250],
  ['8380', 270],
  ['8480+', 350],
  ['9654', 360],
  ['d-2166nt', 85],
  ['d-2776nt', 117],
  ['865', 10],
]);

export const poweredSource: Provenance = {
  citation: "the makers' product briefs and data sheets: power limits, peak rates",
  known: 'recalled',
};
