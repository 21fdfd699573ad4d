/**
 * Place-and-route of a mapped core: nextpnr of the family, as npm package (iCE40) or from PATH. In: `pins.json` in the flow's
 * folder. Out: clock, utilisation, bitstream, or a note that says what to install.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import type { SynthesisRecord } from '../report/index.js';
import { reportUnreadable, tooLarge, unknownDevice } from './diagnostics.js';
import type { Family } from './families.js';
import { readNextpnrReport } from './nextpnr-report.js';
import { findInPath, runTool } from './process.js';
import type { SynthesisRequest } from './request.js';
import { runStage } from './stage.js';
import { hasYowasp, runYowasp, yowaspVersion } from './yowasp.js';

export interface Routed {
  readonly tools: readonly string[];
  readonly timing: SynthesisRecord['timing'];
  readonly record: SynthesisRecord['placeAndRoute'];
  readonly notes: readonly string[];
}

/** How a family is placed and routed. */
interface Router {
  readonly program: string;
  readonly defaultDevice: string;
  /** Device types that the program has an option for. */
  readonly types: readonly string[];
  /** Arguments for a device (`hx8k-ct256`), outputs aside. */
  readonly deviceArguments: (device: string) => readonly string[];
  /** The packer's program, its arguments from the router's output. */
  readonly pack: { readonly program: string; readonly args: readonly string[]; readonly output: string };
  readonly layout: { readonly option: string; readonly file: string };
}

/** `um-25k-CABGA381`: the package follows the type, which may have a dash itself. */
const split = (device: string) => {
  const [, type = device, packaging = ''] = /^((?:um5?g?-)?[^-]*)-?(.*)$/s.exec(device) ?? [];
  return { type, packaging };
};

/** What is wrong with the device that a request names, before anything is mapped. */
export function deviceFaults({ flow, device }: SynthesisRequest): readonly Diagnostic[] {
  const router = routers[flow];
  if (device === undefined || router === undefined) return [];
  return router.types.includes(split(device).type) ? [] : [unknownDevice(flow, device, router.types)];
}

const routers: Readonly<Record<string, Router>> = {
  ice40: {
    program: 'nextpnr-ice40',
    defaultDevice: 'hx8k-ct256',
    types: ['lp384', 'lp1k', 'lp4k', 'lp8k', 'hx1k', 'hx4k', 'hx8k', 'up3k', 'up5k', 'u1k', 'u2k', 'u4k'],
    deviceArguments: (device) => {
      const { type, packaging } = split(device);
      return [`--${type}`, ...(packaging ? ['--package', packaging] : [])];
    },
    layout: { option: '--asc', file: 'layout.asc' },
    pack: { program: 'icepack', args: ['layout.asc', 'bitstream.bin'], output: 'bitstream.bin' },
  },
  ecp5: {
    program: 'nextpnr-ecp5',
    defaultDevice: '85k-CABGA381',
    types: ['12k', '25k', '45k', '85k', 'um-25k', 'um-45k', 'um-85k', 'um5g-25k', 'um5g-45k', 'um5g-85k'],
    deviceArguments: (device) => {
      const { type, packaging } = split(device);
      return [`--${type}`, ...(packaging ? ['--package', packaging] : []), '--lpf-allow-unconstrained'];
    },
    layout: { option: '--textcfg', file: 'layout.config' },
    pack: {
      program: 'ecppack',
      args: ['--compress', 'layout.config', 'bitstream.bit'],
      output: 'bitstream.bit',
    },
  },
};

/** Flows whose cores are placed and routed here. */
export const routedFlows: readonly string[] = Object.keys(routers);

/** Undefined-free: a family without a router, or without its tool installed, gives notes alone. */
export async function placeAndRoute(request: SynthesisRequest, family: Family): Promise<Routed> {
  const router = routers[family.flow];
  if (router === undefined)
    return onlyNotes(`place and route of ${family.device} is the vendor's tool's work`);
  const packaged = family.flow === 'ice40' && hasYowasp('@yowasp/nextpnr-ice40');
  const native = findInPath(router.program);
  if (!packaged && native === undefined) return onlyNotes(howToInstall(family, router));
  const device = request.device ?? router.defaultDevice;
  const tools = packaged ? [yowaspVersion('@yowasp/nextpnr-ice40')] : [native!];
  await route(request, router, device, packaged).catch((error: unknown) => {
    const log = join(request.folder, 'route.log');
    const over = existsSync(log) ? overfull(readFileSync(log, 'utf8')) : [];
    if (request.signal?.aborted || over.length === 0) throw error;
    throw new DiagnosticError([tooLarge(request.machine.name, device, over, log)]);
  });
  const bitstream = await pack(request, router, packaged);
  const report = readNextpnrReport(readFileSync(join(request.folder, 'report.json'), 'utf8'));
  if (report === undefined) throw new DiagnosticError([reportUnreadable(router.program, 'a clock')]);
  return {
    tools,
    timing: {
      fmaxMegahertz: report.fmaxMegahertz,
      basis: `${router.program} on ${device}, routed, its static timing`,
      criticalPath: report.criticalPath,
    },
    record: {
      device,
      seed: request.seed ?? 1,
      utilization: report.utilization,
      bitstreamBytes: bitstream,
    },
    notes: bitstream === null ? [`no bitstream: ${router.pack.program} is not installed`] : [],
  };
}

/** Lines `Info: ICESTORM_LC: 7024/ 5280 133%` of more than there are. */
export function overfull(log: string): readonly string[] {
  const lines = log.matchAll(/^Info:\s+(\w+):\s*(\d+)\/\s*(\d+)\s+\d+%/gm);
  const over = [...lines].filter(([, , used, available]) => Number(used) > Number(available));
  return [...new Set(over.map(([, name, used, available]) => `${name} ${used} of ${available}`))];
}

function onlyNotes(note: string): Routed {
  return { tools: [], timing: null, record: null, notes: [`not placed and routed: ${note}`] };
}

function howToInstall(family: Family, router: Router): string {
  return family.flow === 'ice40'
    ? 'install the optional package @yowasp/nextpnr-ice40, or nextpnr-ice40 in PATH'
    : `${router.program} is not in PATH`;
}

function routeArguments(request: SynthesisRequest, router: Router, device: string): readonly string[] {
  return [
    ...router.deviceArguments(device),
    ...['--json', 'pins.json', '--report', 'report.json'],
    ...['--freq', String(request.machine.clockMegahertz), '--seed', String(request.seed ?? 1)],
    '--timing-allow-fail',
    ...[router.layout.option, router.layout.file],
  ];
}

async function route(
  request: SynthesisRequest,
  router: Router,
  device: string,
  packaged: boolean,
): Promise<void> {
  const { folder, signal, onProgress } = request;
  const args = routeArguments(request, router, device);
  const log = join(folder, 'route.log');
  const onLine = (line: string) => {
    const match = /^Info: (Packing|Placed|Running|Routing|.*heap.*iteration|Constraining).*/i.exec(line);
    if (match) onProgress?.(`${router.program}: ${line.replace(/^Info: /, '').trim()}`);
  };
  await runStage({
    name: 'route',
    folder,
    key: [
      ...args,
      packaged ? yowaspVersion('@yowasp/nextpnr-ice40') : 'PATH',
      readFileSync(join(folder, 'pins.json'), 'utf8'),
    ],
    outputs: ['report.json', router.layout.file],
    run: () =>
      packaged
        ? runYowasp({
            packageName: '@yowasp/nextpnr-ice40',
            tool: router.program,
            args,
            inputs: ['pins.json'],
            cwd: folder,
            log,
            signal,
            onLine,
          })
        : runTool({
            tool: router.program,
            command: router.program,
            args: [...args],
            cwd: folder,
            log,
            signal,
            onLine,
          }),
  });
}

/** @returns bytes of the bitstream, or null when there is no packer. */
async function pack(request: SynthesisRequest, router: Router, packaged: boolean): Promise<number | null> {
  const { folder, signal } = request;
  const { program, args, output } = router.pack;
  const log = join(folder, 'pack.log');
  const path = join(folder, output);
  if (packaged) {
    await runYowasp({
      packageName: '@yowasp/nextpnr-ice40',
      tool: program,
      args,
      inputs: [router.layout.file],
      cwd: folder,
      log,
      signal,
    });
  } else if (findInPath(program) !== undefined) {
    await runTool({ tool: program, command: program, args: [...args], cwd: folder, log, signal });
  } else return null;
  return existsSync(path) ? statSync(path).size : null;
}
