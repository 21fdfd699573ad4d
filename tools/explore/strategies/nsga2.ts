/**
 * NSGA-II (K. Deb et al., IEEE Trans. Evolutionary Computation 6(2), 2002) over the indices of parameter values: fast non-dominated
 * sort, crowding distance, binary tournaments with constrained domination, uniform crossover, mutation to a neighbouring value or to
 * any. No point is evaluated twice: an offspring that was seen is mutated on, and drawn at random when that fails.
 */

import { dominates } from '../front.js';
import { genesOf, idOf, isAllowed } from '../points.js';
import { type Random, seededRandom } from '../random.js';
import type { Space } from '../space.js';
import { drawer } from './random.js';
import type { Judged, Strategy } from './strategy.js';

export interface Nsga2Options {
  readonly seed: number;
  /** Evaluations at most. */
  readonly budget: number;
  readonly population: number;
}

interface Ranked extends Judged {
  readonly rank: number;
  readonly crowding: number;
}

export function nsga2(space: Space, options: Nsga2Options): Strategy {
  return new Nsga2(space, options);
}

class Nsga2 implements Strategy {
  readonly total: number;
  private readonly random: Random;
  private readonly draw: () => number | undefined;
  private readonly seen = new Set<number>();
  private parents: readonly Ranked[] = [];
  private waiting = false;

  constructor(
    private readonly space: Space,
    private readonly options: Nsga2Options,
  ) {
    this.total = Math.min(options.budget, space.size);
    this.random = seededRandom(options.seed);
    this.draw = drawer(space, this.random);
  }

  next(): readonly number[] | 'wait' | 'done' {
    if (this.waiting) return 'wait';
    const count = Math.min(this.options.population, this.total - this.seen.size);
    const ids: number[] = [];
    for (let i = 0; i < count; i++) {
      const id = this.parents.length === 0 ? this.fresh() : (this.offspring() ?? this.fresh());
      if (id === undefined) break;
      this.seen.add(id);
      ids.push(id);
    }
    if (ids.length === 0) return 'done';
    this.waiting = true;
    return ids;
  }

  tell(judged: readonly Judged[]): void {
    this.waiting = false;
    this.parents = select([...this.parents, ...judged], this.options.population);
  }

  /** A point that was not seen. */
  private fresh(): number | undefined {
    for (;;) {
      const id = this.draw();
      if (id === undefined || !this.seen.has(id)) return id;
    }
  }

  private offspring(): number | undefined {
    const [a, b] = [this.tournament(), this.tournament()].map(({ id }) => genesOf(this.space, id));
    const genes = a!.map((gene, i) => (this.random.next() < 0.5 ? gene : b![i]!));
    for (let attempt = 0; attempt < 32; attempt++) {
      this.mutate(genes);
      const id = idOf(this.space, genes);
      if (!this.seen.has(id) && isAllowed(this.space, id)) return id;
    }
    return undefined;
  }

  private tournament(): Ranked {
    const { parents, random } = this;
    const [a, b] = [parents[random.below(parents.length)]!, parents[random.below(parents.length)]!];
    if (a.rank !== b.rank) return a.rank < b.rank ? a : b;
    return a.crowding >= b.crowding ? a : b;
  }

  /** Each gene with probability 1/n: three times in four to a neighbour, values being in order, else anywhere. */
  private mutate(genes: number[]): void {
    const { parameters } = this.space;
    for (const [i, { values }] of parameters.entries()) {
      if (values.length < 2 || this.random.next() >= 1 / parameters.length) continue;
      if (this.random.next() < 0.75) {
        const up = genes[i] === 0 || (genes[i] !== values.length - 1 && this.random.next() < 0.5);
        genes[i] = genes[i]! + (up ? 1 : -1);
      } else genes[i] = this.random.below(values.length);
    }
  }
}

/** Constrained domination: feasible before infeasible, fewer violations before more, then Pareto. */
function beats(a: Judged, b: Judged): boolean {
  const [x, y] = [violationsOf(a), violationsOf(b)];
  if (x !== y) return x < y;
  return a.costs !== undefined && b.costs !== undefined && dominates(a.costs, b.costs);
}

function violationsOf({ costs, violations }: Judged): number {
  return costs === undefined ? Number.POSITIVE_INFINITY : violations;
}

/** The best `count` by rank, then crowding; ties by id, so that the order of arrival does not matter. */
export function select(points: readonly Judged[], count: number): readonly Ranked[] {
  const kept: Ranked[] = [];
  let rest = [...points];
  for (let rank = 0; rest.length > 0 && kept.length < count; rank++) {
    const first = rest.filter((point) => !rest.some((other) => beats(other, point)));
    const ranked = withCrowding(first, rank).sort((a, b) => b.crowding - a.crowding || a.id - b.id);
    kept.push(...ranked.slice(0, count - kept.length));
    const taken = new Set(first);
    rest = rest.filter((point) => !taken.has(point));
  }
  return kept;
}

/** Crowding distance within one rank: the sides of the box between neighbours, each objective over its span. */
function withCrowding(points: readonly Judged[], rank: number): Ranked[] {
  const crowding = new Map(points.map((point) => [point, 0]));
  const objectives = points[0]?.costs?.length ?? 0;
  for (let k = 0; k < objectives; k++) {
    const at = ({ costs }: Judged) => costs?.[k] ?? 0;
    const sorted = [...points].sort((a, b) => at(a) - at(b) || a.id - b.id);
    const span = at(sorted.at(-1)!) - at(sorted[0]!);
    for (const [i, point] of sorted.entries()) {
      const inner = i > 0 && i < sorted.length - 1 && span > 0;
      const side = inner ? (at(sorted[i + 1]!) - at(sorted[i - 1]!)) / span : Number.POSITIVE_INFINITY;
      crowding.set(point, crowding.get(point)! + side);
    }
  }
  return points.map((point) => ({ ...point, rank, crowding: crowding.get(point)! }));
}
