/**
 * `--devices LIST`: names of the table, kinds, machines of the project's own, `all`, and YAML files (or folders of them) of the user's.
 * In: the list. Out: devices and machines to compare with.
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError, errorDiagnostic, unwrap } from '../../base/index.js';
import { type Device, deviceTable, usualDevices } from '../../models/data/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { parseDevice } from '../compare/index.js';
import { readUserText } from './files.js';

export interface Selection {
  readonly devices: readonly Device[];
  /** Machines of the project's own: compiled for and simulated, not modelled. */
  readonly machines: readonly Machine[];
}

const kinds: readonly string[] = ['cpu', 'gpu', 'tpu', 'fpga', 'asic'];

/**
 * Without a list, the usual devices; with nothing but files, those devices beside the usual ones.
 * @throws DiagnosticError for a name that is none of these, and for a file that is no device.
 */
export function selectDevices(names?: readonly string[]): Selection {
  const files = (names ?? []).filter(isPath);
  const plain = (names ?? []).filter((name) => !isPath(name));
  const own = files.flatMap(openDevices);
  const machines = plain.flatMap((name) => machinePresets.get(name) ?? []);
  const unknown = plain.filter((name) => !isKnown(name));
  if (unknown.length > 0) throw new DiagnosticError(unknown.map(unknownDevice));
  const onlyFiles = files.length > 0 && plain.length === 0;
  const wanted = names === undefined || onlyFiles ? usualDevices : plain;
  const chosen = deviceTable.filter(
    ({ name, kind }) => wanted.includes(name) || wanted.includes(kind) || wanted.includes('all'),
  );
  const replaced = new Set(own.map(({ name }) => name));
  return { devices: [...own, ...chosen.filter(({ name }) => !replaced.has(name))], machines };
}

function isKnown(name: string): boolean {
  return (
    name === 'all' ||
    kinds.includes(name) ||
    machinePresets.has(name) ||
    deviceTable.some((d) => d.name === name)
  );
}

function isPath(name: string): boolean {
  return /[/\\]|\.(ya?ml|json)$/.test(name) || (!isKnown(name) && existsSync(name));
}

function openDevices(path: string): Device[] {
  const folder = existsSync(path) && statSync(path).isDirectory();
  const files = folder
    ? readdirSync(path)
        .filter((file) => /\.(ya?ml|json)$/.test(file))
        .sort()
        .map((file) => join(path, file))
    : [path];
  if (files.length === 0)
    throw new DiagnosticError([
      errorDiagnostic('device/folder', 'the folder holds no device: no .yaml, .yml or .json file', {
        where: { kind: 'file', file: path },
      }),
    ]);
  return files.map((file) => unwrap(parseDevice(readUserText(file), file)));
}

function unknownDevice(name: string) {
  return errorDiagnostic('device/unknown', `there is no device or kind "${name}"`, {
    where: { kind: 'option', option: `--devices ${name}` },
    hint: `systole list devices names them; kinds: ${kinds.join(', ')}; all; a machine (systole list machines); or a YAML file of a device`,
  });
}
