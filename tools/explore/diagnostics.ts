/** What can be wrong with a design space, its expressions, and a folder of results. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../base/index.js';

export function spaceSyntax(message: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/syntax', message, { where });
}

/** @param path of the field, `parameters.array.rows`. */
export function spaceField(path: string, message: string, where: Place, hint?: string): Diagnostic {
  return errorDiagnostic('explore/field', `${path}: ${message}`, { where, ...(hint && { hint }) });
}

/** A value that the field of a machine cannot have. @param fault names the field. */
export function spaceValue(value: unknown, fault: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/value', `${JSON.stringify(value)} for ${fault}`, { where });
}

export function expressionSyntax(message: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/expression', `the expression does not parse: ${message}`, { where });
}

export function unknownName(name: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('explore/unknown-name', `there is no "${name}" here`, {
    where,
    hint: `known: ${known.join(', ')}`,
  });
}

export function expressionType(message: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/type', message, { where });
}

/** A range or list that gives no machine a value. */
export function emptyParameter(path: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/empty', `${path} has no values`, { where });
}

export function noFeasiblePoint(evaluated: number, reasons: string): Diagnostic {
  return errorDiagnostic(
    'explore/nothing-feasible',
    `none of the ${evaluated} machines that were tried computes every network within the limits (${reasons})`,
    { hint: 'loosen `limits`, or widen `parameters`' },
  );
}

export function objectiveWithoutValue(objective: string, why: string, where: Place): Diagnostic {
  return errorDiagnostic('explore/no-value', `${objective} has no value on a machine of this space: ${why}`, {
    where,
  });
}

/** A chunk's file does not hold what was written: it is set aside and its points are evaluated again. */
export function corruptChunk(file: string, why: string, moved: string): Diagnostic {
  return warningDiagnostic('explore/corrupt-chunk', `${file} is damaged (${why}); it is now ${moved}`, {
    where: { kind: 'file', file },
    hint: 'its points are evaluated again; every other chunk is kept',
  });
}

export function unwritable(file: string, code: string): Diagnostic {
  return errorDiagnostic('explore/unwritable', `cannot write ${file}: ${code}`, {
    where: { kind: 'file', file },
    hint: 'every chunk that was written before is whole: free space or rights, then --resume',
  });
}

export function notAResult(folder: string, why: string): Diagnostic {
  return errorDiagnostic('explore/not-a-result', `${folder} holds no exploration: ${why}`, {
    where: { kind: 'file', file: folder },
  });
}

/** The folder belongs to another exploration. */
export function otherExploration(folder: string, what: string): Diagnostic {
  return errorDiagnostic('explore/other', `${folder} holds another exploration: ${what} differs`, {
    where: { kind: 'option', option: `--out ${folder}` },
    hint: 'give another folder, or --resume to go on with the one that is there',
  });
}

export function unknownPoint(point: string, folder: string, hint: string): Diagnostic {
  return errorDiagnostic('explore/unknown-point', `there is no point ${point} in ${folder}`, {
    where: { kind: 'option', option: `--point ${point}` },
    hint,
  });
}

/** A front point's exact run differs from what the search took it for. */
export function changedPoint(id: number, message: string): Diagnostic {
  return warningDiagnostic('explore/changed-point', `point ${id}: ${message}`);
}

/** One of Slurm's programs refused or is not there. */
export function slurmFault(program: string, said: string): Diagnostic {
  return errorDiagnostic(
    'explore/slurm',
    `${program}: ${said === 'ENOENT' ? 'there is no such program' : said}`,
    {
      where: { kind: 'option', option: '--engine slurm' },
      hint: 'every chunk that was written is kept: --resume goes on, with --engine local too',
    },
  );
}

/** A chunk's job ended several times without writing it. */
export function chunkNotMade(hash: string, attempts: number, output: string): Diagnostic {
  const said = output === '' ? 'it printed nothing' : `it printed:\n${output}`;
  return errorDiagnostic('explore/chunk-failed', `chunk ${hash} was submitted ${attempts} times; ${said}`, {
    where: { kind: 'option', option: '--engine slurm' },
    hint: 'the rest is kept: --resume goes on when the cause is gone',
  });
}

/** @param why as the loader said it. */
export function noDuckDb(why: string): Diagnostic {
  return errorDiagnostic('explore/no-duckdb', `DuckDB is not installed (${why})`, {
    hint: 'npm install @duckdb/node-api; front.json and the chunks are plain JSON without it',
  });
}

export function queryFault(sql: string, said: string): Diagnostic {
  return errorDiagnostic('explore/query', said, {
    where: { kind: 'option', option: `--sql ${sql}` },
    hint: 'the table is points; names with dots are quoted: SELECT id, "array.rows" FROM points',
  });
}
