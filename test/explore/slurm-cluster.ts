/** A Slurm of two virtual nodes on this computer, with its own munge, ports and folder. Needs root and Debian's slurm-wlm and munge. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why there can be no cluster here; undefined where there can. */
export function slurmMissing(): string | undefined {
  for (const program of ['slurmctld', 'slurmd', 'sbatch', 'munged'])
    if (spawnSync('which', [program]).status !== 0)
      return `${program} is not installed (Debian: slurm-wlm, munge)`;
  return process.getuid?.() === 0 ? undefined : 'munged and slurmd need root here';
}

const NODES = ['n1', 'n2'] as const;
export type NodeName = (typeof NODES)[number];

export class SlurmCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'systole-slurm-'));
  /** Of the clients' processes. */
  readonly environment: NodeJS.ProcessEnv;
  private readonly daemons = new Map<string, ChildProcess>();

  constructor() {
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, 'state'));
    writeFileSync(join(this.folder, 'munge.key'), randomBytes(1024), { mode: 0o600 });
    writeFileSync(join(this.folder, 'slurm.conf'), this.configuration());
    this.environment = { ...process.env, SLURM_CONF: join(this.folder, 'slurm.conf') };
  }

  private configuration(): string {
    const host = hostname().split('.')[0]!;
    const port = 20_000 + (process.pid % 20_000);
    const at = (name: string) => join(this.folder, name);
    const nodes = NODES.map(
      (node, i) => `NodeName=${node} NodeAddr=127.0.0.1 NodeHostname=${host} Port=${port + 10 + i} CPUs=1`,
    );
    return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')}
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool-%n')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd-%n.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd-%n.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SlurmdTimeout=5
KillWait=2
MinJobAge=10
SlurmdParameters=config_overrides
${nodes.join('\n')}
PartitionName=all Nodes=${NODES.join(',')} Default=YES MaxTime=INFINITE State=UP
`;
  }

  /** Starts the daemons and waits until both nodes are idle. */
  async start(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    this.daemon('munged', [
      ...['--foreground', '--force', `--key-file=${at('munge.key')}`, `--socket=${at('munge.socket')}`],
      ...[
        `--pid-file=${at('munge.pid')}`,
        `--log-file=${at('munge.log')}`,
        `--seed-file=${at('munge.seed')}`,
      ],
    ]);
    await pause(500);
    this.daemon('slurmctld', ['-D', '-f', at('slurm.conf')]);
    await pause(500);
    for (const node of NODES) this.daemon(node, ['-D', '-N', node, '-f', at('slurm.conf')], 'slurmd');
    for (let wait = 0; wait < 60; wait++) {
      if (this.states().filter((state) => state === 'idle').length === NODES.length) return;
      await pause(500);
    }
    throw new Error(`the cluster did not come up: ${this.states().join(', ')}`);
  }

  /** State of each node, as sinfo has it. */
  states(): readonly string[] {
    const { stdout } = spawnSync('sinfo', ['--noheader', '-N', '--format=%T'], {
      env: this.environment,
      encoding: 'utf8',
    });
    return stdout.split('\n').filter(Boolean);
  }

  /** Node and state of every element that is queued. */
  running(): readonly string[] {
    const { stdout } = spawnSync('squeue', ['--noheader', '--array', '--states=running', '--format=%N'], {
      env: this.environment,
      encoding: 'utf8',
    });
    return stdout.split('\n').filter(Boolean);
  }

  /** The node dies: its daemon and everything that it runs, at once. Returns how many processes of jobs died. */
  kill(node: NodeName): number {
    this.daemons.get(node)?.kill('SIGKILL');
    const jobs = processesOf(this.folder, node);
    for (const pid of jobs) tryKill(pid);
    return jobs.length;
  }

  async stop(): Promise<void> {
    for (const node of NODES) this.kill(node);
    for (const daemon of this.daemons.values()) daemon.kill('SIGKILL');
    await pause(200);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private daemon(name: string, args: readonly string[], program = name): void {
    this.daemons.set(name, spawn(program, args, { stdio: 'ignore', env: this.environment }));
  }
}

/** Jobs of a node of this cluster, with the step daemons above them. */
function processesOf(folder: string, node: NodeName): readonly number[] {
  const found = new Set<number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = readProc(entry, 'environ');
    if (!environment.includes(`SLURM_CONF=${folder}`) || !environment.includes(`SLURMD_NODENAME=${node}\0`))
      continue;
    found.add(Number(entry));
    const parent = Number(/\nPPid:\t(\d+)/.exec(readProc(entry, 'status'))?.[1] ?? 0);
    if (readProc(String(parent), 'cmdline').startsWith('slurmstepd')) found.add(parent);
  }
  return [...found];
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'utf8');
  } catch {
    return '';
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
