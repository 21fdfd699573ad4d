/** Measured calls of vendors' libraries: NeuSight's linear layers and convolutions, DeepBench's products. In: tables. Out: rows by device. */

import type { GpuDevice } from '../../../models/data/index.js';
import type { KernelType, LibraryConvolution, LibraryProduct } from '../../../models/devices/index.js';
import { numeric, positive, type Row, type Tables } from '../tables.js';
import { chipOf, torchDevice } from './torch-devices.js';

export interface LibraryRow<Shape> {
  readonly label: string;
  readonly device: GpuDevice;
  /** Left out of a fit together. */
  readonly chip: string;
  readonly shape: Shape;
  readonly seconds: number;
  /** Of a product in storage by columns: N as it is stored, T transposed, A before B. */
  readonly layout?: string;
  /** A bare kernel, or a framework's call around it. */
  readonly framework: boolean;
}

/** Rows of every device that the project has figures of, and the names of the others. */
export interface LibraryRows<Shape> {
  readonly rows: readonly LibraryRow<Shape>[];
  readonly unknown: readonly string[];
}

/** Linear layers: rows M, inputs N, outputs K, as PyTorch calls them (the columns' names are the source's). */
export function neusightLinear(tables: Tables): LibraryRows<LibraryProduct> {
  return neusight(tables, 'linear', (path, row) => {
    const [m, n, k] = [
      number(path, row, 'B') * number(path, row, 'M'),
      number(path, row, 'K'),
      number(path, row, 'N'),
    ];
    return { shape: { batch: 1, m, n, k, transposed: true }, label: `${m} x ${k} x ${n}` };
  });
}

/** Convolutions: 3 x 3, stride 1, padded to their size; others are left out. */
export function neusightConvolution(tables: Tables): LibraryRows<LibraryConvolution> {
  return neusight(tables, 'conv', (path, row) => {
    const field = (name: string) => numeric(path, row, name);
    if (field('K') !== 3 || field('stride') !== 1 || field('pad') !== 1) return undefined;
    const shape = { batch: field('B'), inputs: field('Cin'), outputs: field('Cout'), size: field('H') };
    return {
      shape,
      label: `${shape.batch} of ${shape.size} x ${shape.size}, ${shape.inputs} to ${shape.outputs} channels`,
    };
  });
}

function number(path: string, row: Row, field: string): number {
  return positive(path, row, field);
}

function neusight<Shape>(
  tables: Tables,
  operator: string,
  read: (path: string, row: Row) => { readonly shape: Shape; readonly label: string } | undefined,
): LibraryRows<Shape> {
  const rows: LibraryRow<Shape>[] = [];
  const unknown: string[] = [];
  const pattern = new RegExp(`^neusight-${operator}-fp32-(.+)\\.csv$`);
  for (const path of tables.list('measured', pattern)) {
    const name = pattern.exec(path.split('/').at(-1)!)![1]!;
    const device = torchDevice(name);
    if (device === undefined) unknown.push(name);
    else
      for (const row of tables.csv(path)) {
        const found = read(path, row);
        if (found === undefined) continue;
        const seconds = positive(path, row, 'latency_ms') * 1e-3;
        rows.push({
          device,
          chip: chipOf(device),
          shape: found.shape,
          seconds,
          framework: true,
          label: `${name}: ${found.label}`,
        });
      }
  }
  return { rows, unknown };
}

const deepbench = 'published/deepbench_gemm.json';

/** Products on GPUs; matrices are stored by columns, so that "transposed" times "not" reads both along k. */
export function deepbenchProducts(tables: Tables): LibraryRows<LibraryProduct> {
  const rows: LibraryRow<LibraryProduct>[] = [];
  const unknown = new Set<string>();
  for (const row of tables.json(deepbench)) {
    const name = String(row.file).replace('DeepBench_', '');
    const device = torchDevice(name);
    if (device === undefined) unknown.add(name);
    else {
      const [m, n, k] = ['M', 'N', 'K'].map((field) => positive(deepbench, row, field)) as [
        number,
        number,
        number,
      ];
      const layout = `${row['A Transpose']}${row['B Transpose']}`;
      const type = typeOf(row, device);
      const shape: LibraryProduct = {
        batch: 1,
        m,
        n,
        k,
        transposed: layout === 'TN',
        type,
        early: device.launched < 2017,
      };
      const seconds = positive(deepbench, row, 'Time (msec)') * 1e-3;
      const label = `${name}, ${type}: ${m} x ${k} x ${n} ${layout}`;
      rows.push({ device, chip: chipOf(device), shape, seconds, framework: false, layout, label });
    }
  }
  return { rows, unknown: [...unknown] };
}

/** "Mixed" is int8 on GPUs that have its products in their lanes alone, half types in matrix units elsewhere. */
function typeOf(row: Row, { architecture }: GpuDevice): KernelType {
  if (!/mixed/i.test(String(row.sheet))) return 'float32';
  return architecture === 'pascal' ? 'int8' : 'float16';
}
