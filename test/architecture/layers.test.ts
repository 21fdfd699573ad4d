/** Reads every import of the sources and holds it against `layers.ts`. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Layer, layers, pureFolders } from './layers.js';

const root = resolve(import.meta.dirname, '../..');
const sourceFolders = ['base', 'models', 'compiler', 'simulator', 'tools'];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? sourceFiles(path) : path.endsWith('.ts') ? [path] : [];
  });
}

const files = sourceFolders.flatMap(sourceFiles);
const importPattern =
  /(?:import|export)\s+(?:type\s+)?[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|import\s+'([^']+)'/g;

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The most specific layer that holds a file. */
function layerOf(file: string): Layer | undefined {
  return layers
    .filter((l) => file.startsWith(`${l.folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

const edges: Edge[] = files.flatMap((file) =>
  importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => ({
      from: file,
      to: relative(root, resolve(root, dirname(file), name)).replace(/\.js$/, '.ts'),
    })),
);

function inside(folder: string, file: string): boolean {
  return file.startsWith(`${folder}/`);
}

describe('layers', () => {
  it('every source file belongs to a layer', () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  it('a folder imports only what its row allows', () => {
    const violations = edges.flatMap(({ from, to }) => {
      const layer = layerOf(from);
      if (layer === undefined || inside(layer.folder, to)) return [];
      const allowed = layer.mayImport.some((folder) => inside(folder, to));
      return allowed ? [] : [`${from} imports ${to}: ${layer.why}`];
    });
    expect(violations).toEqual([]);
  });

  it('a folder is entered through its index.ts', () => {
    const violations = edges.flatMap(({ from, to }) => {
      const source = layerOf(from);
      const target = layerOf(to);
      if (source === undefined || target === undefined || source.folder === target.folder) return [];
      if (target.folder === 'tools') return [];
      return to === `${target.folder}/index.ts`
        ? []
        : [`${from} imports ${to}, not ${target.folder}/index.ts`];
    });
    expect(violations).toEqual([]);
  });

  it('files import each other without cycles', () => {
    expect(findCycle(edges)).toEqual([]);
  });

  it('the rows are in dependency order', () => {
    const position = new Map(layers.map((l, index) => [l.folder, index]));
    const late = layers.flatMap((l, index) =>
      l.mayImport.filter((f) => (position.get(f) ?? -1) > index).map((f) => `${l.folder} before ${f}`),
    );
    // importers use the graph passes to fold constants, and the IR is made of instructions: these read forward.
    expect(late).toEqual(
      ['onnx', 'caffe', 'tflite', 'keras', 'tensorflow'].map(
        (format) => `compiler/importers/${format} before compiler/passes`,
      ),
    );
  });

  it('compiler, simulator and models do no input or output', () => {
    const impure = /from 'node:|require\(|\bprocess\.|Date\.now|performance\.now|Math\.random|new Date\(\)/;
    const violations = files.filter(
      (file) =>
        pureFolders.some((f) => inside(f, file)) &&
        impure.test(stripComments(readFileSync(join(root, file), 'utf8'))),
    );
    expect(violations).toEqual([]);
  });
});

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** The files of one import cycle, or an empty list. */
function findCycle(all: readonly Edge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of all) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'closed'>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (state.get(file) === 'closed') return [];
    if (state.get(file) === 'open') return path.slice(path.indexOf(file));
    state.set(file, 'open');
    path.push(file);
    for (const target of next.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    state.set(file, 'closed');
    return [];
  };
  for (const file of next.keys()) {
    const cycle = visit(file);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
