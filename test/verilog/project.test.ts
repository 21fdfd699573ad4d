/** The files around the Verilog, each held against the tool that reads it where that tool is here, against its format where not. */

import { spawnSync } from 'node:child_process';
import { Exit, runYosys } from '@yowasp/yosys';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  blockDiagram,
  diagramBoxes,
  emitTestBench,
  emitVerilog,
  portsOf,
  projectFiles,
  yosysFamilies,
} from '../../compiler/verilog/index.js';
import { type Machine, machinePresets, machineSchema } from '../../models/machine/index.js';
import { hasTool, programOf, smallMachine, withFiles } from './support.js';

const machine = smallMachine({ rows: 2, columns: 2, lanes: 1, busBytes: 4 });

function bundle(of: Machine) {
  const verilog = emitVerilog(of);
  const files = [...verilog.files, ...projectFiles(of, verilog)];
  const text = (path: string) => {
    const file = files.find((f) => f.path === path);
    if (file === undefined) throw new Error(`no ${path}`);
    return file.text;
  };
  return { files, text, paths: files.map(({ path }) => path), verilog };
}

const { files, text, paths, verilog } = bundle(machine);

function benchBundle() {
  const program = programOf(machine, 'end', 0, 4096);
  const golden = [{ address: 64, bytes: Uint8Array.of(0) }];
  return emitTestBench({ machine, program, dram: new Uint8Array(4096), golden });
}

describe('every preset', () => {
  it('gives the same bytes for the same machine, and names itself in every file but the list', () => {
    for (const preset of machinePresets.values()) {
      const first = bundle(preset).files;
      expect(bundle(structuredClone(preset)).files).toEqual(first);
      for (const file of first)
        if (file.path !== 'files.f') expect(file.text.slice(0, 900), file.path).toContain(preset.name);
      for (const file of first)
        expect(file.text, file.path).not.toMatch(/\bNaN\b|\[object|\bundefined\b(?!\.| at| and)/);
    }
  });
});

describe('systole_pins', () => {
  it('connects every port of the core', () => {
    const core = portsOf(verilog.files.at(-1)!.text);
    expect(core.length).toBeGreaterThan(50);
    const pins = text('synth/systole_pins.v');
    for (const { name } of core) expect(pins).toMatch(new RegExp(`\\.${name} \\(${name}\\)`));
  });

  it.skipIf(!hasTool('verilator'))('lints clean', () => {
    for (const preset of [machine]) {
      const of = bundle(preset);
      const sources = [...of.verilog.files.map((f) => f.path), 'synth/systole_pins.v'];
      const result = withFiles(of.files, (cwd) =>
        spawnSync('verilator', ['--lint-only', '-Wall', '--top-module', 'systole_pins', ...sources], {
          cwd,
          encoding: 'utf8',
        }),
      );
      expect(result.stderr, preset.name).toBe('');
    }
  });
});

/** Where the mapping of each family starts: what is before shows that files, options and the top are right. */
const firstPasses = { ice40: 'coarse', ecp5: 'coarse', gowin: 'coarse', xilinx: 'prepare', intel: 'coarse' };

/** Runs a bundle's Yosys script up to the mapping (test/synth maps whole machines); the log, and whether it came to its end. */
async function yosysScript(family: keyof typeof firstPasses) {
  const tree: Record<string, string | Record<string, string>> = { build: {} };
  for (const file of files) {
    const [folder, name] = file.path.split('/');
    if (name === undefined) tree[folder!] = file.text;
    else tree[folder!] = { ...(tree[folder!] as Record<string, string> | undefined), [name]: file.text };
  }
  const path = `synth/${family}.ys`;
  const stop = ` -run begin:${firstPasses[family]}`;
  const script = text(path)
    .replace(/^(write_|delete |check ).*$/gm, '')
    .replace(/^synth_\w+.*$/gm, (command) => `${command}${stop}\nproc`);
  tree['run.ys'] = script;
  let log = '';
  const keep = (bytes: Uint8Array | null) => {
    if (bytes) log += new TextDecoder().decode(bytes);
  };
  try {
    await runYosys(['-s', 'run.ys'], tree, { stdout: keep, stderr: keep });
    return { log, done: true };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { log, done: false };
  }
}

describe('Yosys', () => {
  it.each(yosysFamilies)(
    'reads synth/%s.ys, its files and its options',
    async (family) => {
      const { log, done } = await yosysScript(family);
      expect(done, log.slice(-2000)).toBe(true);
      expect(log).not.toMatch(/^Latch inferred/m);
      expect(log).toMatch(/Top module: {2}\\systole_pins/);
    },
    120_000,
  );
});

/** Tcl in which every command of a vendor's tool writes its words to standard output. */
const stubbed = (script: string) => `
foreach name {package cd file pwd} { catch { rename $name real_$name } }
proc package args {}
proc cd args {}
proc file args {}
proc pwd args { return HERE }
proc unknown args { puts [join $args " "]; return [lindex $args 0] }
${script}`;

function tcl(script: string) {
  const result = spawnSync('tclsh', { input: stubbed(script), encoding: 'utf8' });
  return { lines: result.stdout.split('\n'), complaint: result.stderr };
}

describe.skipIf(spawnSync('tclsh', { input: '' }).status !== 0)('Tcl', () => {
  it('runs the scripts for Vivado and Quartus, which read every Verilog file and their constraints', () => {
    const rtl = verilog.files.map(({ path }) => path);
    const vivado = tcl(text('synth/vivado.tcl'));
    expect(vivado.complaint).toBe('');
    expect(vivado.lines.flatMap((l) => /^read_verilog (\S+)$/.exec(l)?.[1] ?? [])).toEqual(rtl);
    expect(vivado.lines).toContain('read_xdc -mode out_of_context constraints/xilinx.xdc');
    const quartus = tcl(text('synth/quartus.tcl'));
    expect(quartus.complaint).toBe('');
    const read = quartus.lines.flatMap((l) => /-name VERILOG_FILE HERE\/(\S+)$/.exec(l)?.[1] ?? []);
    expect(read).toEqual(rtl);
  });

  it('runs the constraints: one clock of the period, delays of all other ports', () => {
    for (const path of ['constraints/xilinx.xdc', 'constraints/systole.sdc']) {
      const { lines, complaint } = tcl(text(path));
      expect(complaint, path).toBe('');
      expect(lines, path).toContain('create_clock -name clk -period 10.000 get_ports');
      expect(lines.filter((l) => /^set_(in|out)put_delay 5/.test(l))).toHaveLength(2);
      const patterns = [...text(path).matchAll(/get_ports \{([^}]*)\}/g)].flatMap((m) => m[1]!.split(' '));
      const globs = patterns.map((p) => new RegExp(`^${p.replaceAll('*', '.*')}$`));
      for (const { name, direction } of portsOf(verilog.files.at(-1)!.text)) {
        const found = globs.filter((glob) => glob.test(name)).length;
        expect(found, `${name} ${direction} in ${path}`).toBe(name === 'clk_i' ? 0 : 1);
      }
    }
  });
});

describe.skipIf(!hasTool('make'))('make', () => {
  it('knows every target of the Makefile', () => {
    withFiles(benchBundle().files, (cwd) => {
      const targets = /^# make (.*)$/m.exec(
        benchBundle().files.find((f) => f.path === 'Makefile')!.text,
      )![1]!;
      for (const target of targets.split(' | ')) {
        const dry = spawnSync('make', ['-n', target], { cwd, encoding: 'utf8' });
        expect(dry.stderr).toBe('');
        for (const [path] of dry.stdout.matchAll(/(synth|constraints)\/[\w.]+/g))
          expect(paths).toContain(path);
      }
    });
  });

  it('reads openroad/config.mk from another folder, and every file that it names is there', () => {
    withFiles(files, (folder) => {
      const show =
        'all:\n\t@echo $(DESIGN_NAME) $(PLATFORM) $(wildcard $(VERILOG_FILES)) $(wildcard $(SDC_FILE))\n';
      const input = `include ${folder}/openroad/config.mk\n${show}`;
      const result = spawnSync('make', ['-s', '-f', '-'], { input, cwd: '/', encoding: 'utf8' });
      expect(result.stderr).toBe('');
      const words = result.stdout.trim().split(' ');
      expect(words.slice(0, 2)).toEqual(['systole_core', 'ihp-sg13g2']);
      expect(words.slice(2).map((word) => word.replace(`${folder}/`, ''))).toEqual([
        ...verilog.files.flatMap(({ path }) => {
          if (path === 'rtl/ram_1r1w.v') return ['asic/systole_sram.v', 'asic/ram_1r1w.v'];
          if (path === 'rtl/clock_gate.v') return ['asic/systole_icg.v', 'asic/clock_gate.v'];
          return [path];
        }),
        'constraints/systole.sdc',
      ]);
    });
  });
});

/** What CAPI2 allows of the parts that we use. */
const entry = z.union([z.string(), z.record(z.string(), z.strictObject({ copyto: z.string() }))]);
const coreSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+:[\w.-]+:[\w.-]+:\d+\.\d+\.\d+$/),
  description: z.string(),
  filesets: z.record(z.string(), z.strictObject({ file_type: z.string(), files: z.array(entry).min(1) })),
  targets: z.record(
    z.string(),
    z.strictObject({
      description: z.string().optional(),
      default_tool: z.string().optional(),
      filesets: z.array(z.string()),
      toplevel: z.string(),
      tools: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
    }),
  ),
});

describe('the FuseSoC core', () => {
  it('has the form of CAPI2, names files of the bundle in compilation order, and targets of its filesets', () => {
    const bench = benchBundle();
    for (const [of, list] of [
      [text('systole.core'), paths],
      [bench.files.find((f) => f.path === 'systole.core')!.text, bench.files.map((f) => f.path)],
    ] as const) {
      expect(of).toMatch(/^CAPI=2:\n/);
      const core = coreSchema.parse(parse(of.slice(of.indexOf('\n') + 1), { merge: true }));
      const names = (set: string) =>
        core.filesets[set]!.files.map((f) => (typeof f === 'string' ? f : Object.keys(f)[0]!));
      for (const set of Object.keys(core.filesets))
        for (const name of names(set)) expect(list).toContain(name);
      for (const target of Object.values(core.targets))
        for (const set of target.filesets) expect(core.filesets[set]).toBeDefined();
      expect(names('rtl')).toEqual(verilog.files.map((f) => f.path));
      const simulated = core.targets['sim'];
      if (simulated) expect([...names('rtl'), ...names('bench')]).toEqual(bench.sources);
    }
  });
});

/** Machines at the ends of the range. */
const extremes: readonly Machine[] = [
  ...machinePresets.values(),
  machine,
  machineSchema.parse({
    name: 'one',
    array: { rows: 1, columns: 1 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 16 },
      weight: { rows: 2 },
      accumulator: { rowsPerBank: 4 },
      parameter: { rows: 4 },
    },
    vector: { lanes: 1, functions: [] },
    clockMegahertz: 1,
    target: { kind: 'fpga', family: 'ice40' },
  }),
  machineSchema.parse({
    name: 'a-machine-of-256-by-256-with-everything',
    array: { rows: 256, columns: 256 },
    buffers: {
      activation: { banks: 8, rowsPerBank: 65536 },
      weight: { rows: 1048576 },
      accumulator: { rowsPerBank: 32768 },
      parameter: { rows: 65536 },
    },
    vector: { lanes: 256 },
    bus: { bytes: 64, maximumBurstBeats: 64 },
    queueDepth: 16,
    clockMegahertz: 1000,
    target: { kind: 'asic', nodeNanometres: 7 },
  }),
];

describe('the block diagram', () => {
  it('keeps boxes apart and inside the picture, and words inside their boxes', () => {
    for (const of of extremes) {
      const boxes = diagramBoxes(of);
      for (const [i, a] of boxes.entries()) {
        expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= 1110 && a.y + a.height <= 740).toBe(true);
        for (const b of boxes.slice(i + 1)) {
          const apart =
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(apart, `${a.title}, ${b.title}`).toBe(true);
        }
        // DejaVu Sans is about 0.5 em wide in such words, its bold 0.65.
        expect(a.title.length * 13 * 0.7, a.title).toBeLessThan(a.width);
        for (const line of a.lines) expect(line.length * 11 * 0.55, line).toBeLessThan(a.width);
        expect(13 + a.lines.length * 15, a.title).toBeLessThan(a.height);
      }
    }
  });

  it.skipIf(!hasTool('chromium'))(
    'overlaps no words in a browser',
    () => {
      // Measures every text in the browser and writes what overlaps or leaves the picture into the page.
      const measure = `<script>
      const all = [...document.querySelectorAll('text')].map((t) => [t.textContent, t.getBBox()]);
      const bad = [];
      for (const [i, [s, a]] of all.entries()) {
        if (a.x < 0 || a.y < 0 || a.x + a.width > 1110 || a.y + a.height > 740) bad.push('outside: ' + s);
        for (const [t, b] of all.slice(i + 1))
          if (a.x < b.x + b.width && b.x < a.x + a.width && a.y + 2 < b.y + b.height && b.y + 2 < a.y + a.height)
            bad.push(s + ' / ' + t);
      }
      document.body.innerHTML = '<p>texts ' + all.length + ' bad [' + bad.join('; ') + ']</p>';
    </script>`;
      for (const of of extremes.slice(-2)) {
        const page = `<!doctype html><meta charset="utf-8"><body>${blockDiagram(of)}${measure}</body>`;
        const dom = withFiles([{ path: 'page.html', text: page }], (folder) => {
          const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom'];
          return spawnSync('chromium', [...flags, `file://${folder}/page.html`], { encoding: 'utf8' }).stdout;
        });
        const [, count, bad] = /texts (\d+) bad \[(.*?)\]/.exec(dom) ?? [];
        expect(Number(count)).toBeGreaterThan(30);
        expect(bad).toBe('');
      }
    },
    60_000,
  );
});
