/**
 * Platforms of ncnn's benchmark table as processors: chips whose names alone say what they are, and otherwise the cores and clocks that a platform's
 * name spells out. Arm only. Clocks are those of the name: the table's owners do not say whether they held.
 */

import { type CpuCluster, type CpuDevice, cpuCoreSource, cpuCores } from '../../../models/data/index.js';

interface Chip {
  readonly name: string;
  readonly pattern: RegExp;
  /** Core, count, GHz; fastest first. Without it the platform's name is read. */
  readonly clusters?: readonly (readonly [core: string, cores: number, gigahertz: number])[];
  /** GB/s of the memory interface, and MiB of the cache behind the cores' own. */
  readonly gigabytes: number;
  readonly cacheMiB: number;
}

const chips: readonly Chip[] = [
  { name: 'bcm2711', pattern: /BCM2711/, gigabytes: 12.8, cacheMiB: 0 },
  {
    name: 'bcm2712 at 2.9 GHz',
    pattern: /BCM2712 Overclock/,
    clusters: [['cortex-a76', 4, 2.9]],
    gigabytes: 17.1,
    cacheMiB: 2,
  },
  { name: 'bcm2712', pattern: /BCM2712/, clusters: [['cortex-a76', 4, 2.4]], gigabytes: 17.1, cacheMiB: 2 },
  { name: 'bcm2837', pattern: /BCM2837|BCM2710/, gigabytes: 3.6, cacheMiB: 0 },
  {
    name: 'sm8550',
    pattern: /SM8550/,
    clusters: [
      ['cortex-x3', 1, 3.2],
      ['cortex-a715', 2, 2.8],
      ['cortex-a710', 2, 2.8],
      ['cortex-a510', 3, 2],
    ],
    gigabytes: 67.2,
    cacheMiB: 8,
  },
  { name: 'sm8350', pattern: /Snapdragon 888/, gigabytes: 51.2, cacheMiB: 4 },
  {
    name: 'msm8998',
    pattern: /MSM8998|Snapdragon 835/,
    clusters: [
      ['cortex-a73', 4, 2.45],
      ['cortex-a53', 4, 1.9],
    ],
    gigabytes: 29.9,
    cacheMiB: 0,
  },
  {
    name: 'sdm660',
    pattern: /SDM660|Snapdragon 660/,
    clusters: [
      ['cortex-a73', 4, 2.2],
      ['cortex-a53', 4, 1.84],
    ],
    gigabytes: 29.9,
    cacheMiB: 0,
  },
  {
    name: 'sm6150',
    pattern: /MSM6150|SM6150|Snapdragon 675/,
    clusters: [
      ['cortex-a76', 2, 2],
      ['cortex-a55', 6, 1.7],
    ],
    gigabytes: 14.9,
    cacheMiB: 1,
  },
  { name: 'kirin 970', pattern: /Kirin 970/, gigabytes: 29.9, cacheMiB: 0 },
  { name: 'msm8916', pattern: /MSM8916|Snapdragon 410/, gigabytes: 4.3, cacheMiB: 0 },
  {
    name: 'rk3588',
    pattern: /RK3588/i,
    clusters: [
      ['cortex-a76', 4, 2.4],
      ['cortex-a55', 4, 1.8],
    ],
    gigabytes: 34.1,
    cacheMiB: 3,
  },
  { name: 'rk3399', pattern: /RK3399/i, gigabytes: 12.8, cacheMiB: 0 },
  { name: 'rk3566', pattern: /RK356[68]|Radxa Zero 3/i, gigabytes: 8.5, cacheMiB: 0.5 },
  { name: 'rk3288', pattern: /RK3288/i, clusters: [['cortex-a17', 4, 1.8]], gigabytes: 12.8, cacheMiB: 0 },
  { name: 'h616', pattern: /H616|H618/, gigabytes: 5.3, cacheMiB: 0 },
  { name: 't527', pattern: /T527/, gigabytes: 12.8, cacheMiB: 1 },
  { name: 'a7', pattern: /Apple A7/, clusters: [['cyclone', 2, 1.3]], gigabytes: 12.8, cacheMiB: 4 },
  { name: 'm1', pattern: /\bM1\b/, clusters: [['firestorm', 4, 3.2]], gigabytes: 68.3, cacheMiB: 8 },
  {
    name: 'xavier',
    pattern: /Xavier/,
    clusters: [['carmel', 8, 2.2]],
    gigabytes: 136.5,
    cacheMiB: 4,
  },
  {
    name: 'kunpeng 920',
    pattern: /KunPeng 920/i,
    clusters: [['tsv110', 8, 2.6]],
    gigabytes: 42.7,
    cacheMiB: 8,
  },
  {
    name: 'e2000',
    pattern: /Phytium/i,
    clusters: [
      ['ftc664', 2, 1.8],
      ['cortex-a53', 2, 1.5],
    ],
    gigabytes: 19.2,
    cacheMiB: 0,
  },
  {
    name: 'cobalt 100',
    pattern: /D\d+pl?s v6/,
    clusters: [['neoverse-n2', 64, 3.4]],
    gigabytes: 460,
    cacheMiB: 128,
  },
  {
    name: 'altra',
    pattern: /D\d+pl?s v5|Altra/,
    clusters: [['neoverse-n1', 64, 3]],
    gigabytes: 204.8,
    cacheMiB: 32,
  },
  {
    name: 'cix p1',
    pattern: /Orion O6/,
    clusters: [
      ['cortex-a720', 4, 2.6],
      ['cortex-a720', 4, 2.4],
      ['cortex-a520', 4, 1.8],
    ],
    gigabytes: 96,
    cacheMiB: 12,
  },
  { name: 'zynq-7000', pattern: /7020|7010|Zynq/i, gigabytes: 4.2, cacheMiB: 0 },
  { name: 'i.mx7', pattern: /MX7/, gigabytes: 4.2, cacheMiB: 0 },
  { name: 's805', pattern: /S805/, clusters: [['cortex-a5', 4, 1.536]], gigabytes: 6.4, cacheMiB: 0 },
];

/** The chip and its cores; undefined: no Arm processor that is known or spelled out. */
export function ncnnPlatform(
  platform: string,
): { readonly chip: string; readonly device: CpuDevice } | undefined {
  const chip = chips.find(({ pattern }) => pattern.test(platform));
  const clusters =
    chip?.clusters?.map(([core, cores, gigahertz]) => cluster(core, cores, gigahertz)) ?? spelled(platform);
  if (clusters === undefined || clusters.length === 0) return undefined;
  const newest = clusters[0]!.core;
  const device: CpuDevice = {
    name: platform,
    description: platform,
    sockets: 1,
    clusters,
    memoryBytesPerSecond: 1e9 * (chip?.gigabytes ?? (newest.perCycle.float16 === undefined ? 6.4 : 12.8)),
    lastLevelBytes: 2 ** 20 * (chip?.cacheMiB ?? 0),
    thermalWatts: null,
    sources: [cpuCoreSource],
  };
  return { chip: chip?.name ?? platform, device };
}

function cluster(core: string, cores: number, gigahertz: number): CpuCluster {
  return { core: cpuCores.get(core)!, cores, baseHertz: gigahertz * 1e9, boostHertz: gigahertz * 1e9 };
}

/** "Cortex-A72 1.8GHz x 2 + Cortex-A53 (1.5GHz x 4)": each known core with its clock and count. */
function spelled(platform: string): readonly CpuCluster[] {
  const found: CpuCluster[] = [];
  const pattern = /Cortex.(A\d+|X\d)\b[^+]*?([\d.]+)\s*([GM])Hz\s*[x*×]\s*(\d+)/gi;
  for (const [, name, clock, unit, cores] of platform.matchAll(pattern)) {
    const core = `cortex-${name!.toLowerCase()}`;
    if (!cpuCores.has(core)) return [];
    found.push(cluster(core, Number(cores), Number(clock) * (unit!.toUpperCase() === 'M' ? 1e-3 : 1)));
  }
  return found;
}

/** The cores that ncnn's powersave setting leaves: 0 all, 1 the slow ones, 2 the fast ones (clocks above the middle). */
export function poweredClusters(device: CpuDevice, powersave: number): CpuDevice {
  const clocks = device.clusters.map(({ boostHertz }) => boostHertz);
  const middle = (Math.max(...clocks) + Math.min(...clocks)) / 2;
  if (powersave === 0 || clocks.every((clock) => clock === clocks[0])) return device;
  const clusters = device.clusters.filter(({ boostHertz }) => boostHertz >= middle === (powersave === 2));
  return { ...device, clusters };
}
