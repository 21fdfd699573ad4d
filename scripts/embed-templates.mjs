// Writes compiler/verilog/templates.generated.ts from hdl-templates/, so that the compiler needs no file access:
//     node scripts/embed-templates.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const templates = new URL('hdl-templates/', root);
const target = new URL('compiler/verilog/templates.generated.ts', root);

function readFolder(folder) {
  const url = new URL(folder, templates);
  const names = readdirSync(url).filter((name) => name.endsWith('.v'));
  return names.sort().map((name) => [`${folder}${name}`, readFileSync(new URL(name, url), 'utf8')]);
}

function table(name, comment, files) {
  const rows = files.flatMap(([path, text]) => [
    `  [`,
    `    ${JSON.stringify(path)},`,
    `    [`,
    ...text.split('\n').map((line) => `      ${JSON.stringify(line)},`),
    `    ].join('\\n'),`,
    `  ],`,
  ]);
  return [
    `/** ${comment} */`,
    `export const ${name}: ReadonlyMap<string, string> = new Map([`,
    ...rows,
    ']);',
    '',
  ];
}

/** The text of the generated module. */
function embedTemplates() {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return [
    '/** Generated from hdl-templates/ and package.json by scripts/embed-templates.mjs: do not edit. */',
    '',
    '/** Version of the tool, for the heads of emitted files. */',
    `export const toolVersion = ${JSON.stringify(version)};`,
    '',
    ...table(
      'cellTemplates',
      'Cells of the machine: file name to text.',
      readFolder('./').map(([p, t]) => [p.slice(2), t]),
    ),
    ...table(
      'benchTemplates',
      'Modules of the test bench.',
      readFolder('bench/').map(([p, t]) => [p.slice(6), t]),
    ),
    ...table(
      'variantTemplates',
      'Modules that take the place of cells for one target, and rules of its mapping: folder and file name to text.',
      ['asic/', 'gowin/', 'ice40/', 'output-stationary/', 'split/']
        .filter((folder) => existsSync(new URL(folder, templates)))
        .flatMap(readFolder),
    ),
  ].join('\n');
}

const isFresh = () => readFileSync(target, 'utf8') === embedTemplates();

// With --check: status 0 if the generated module is up to date.
if (process.argv[2] === '--check') process.exitCode = isFresh() ? 0 : 1;
else writeFileSync(target, embedTemplates());
