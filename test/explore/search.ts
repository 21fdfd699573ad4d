/** Strategies without files or threads, for tests: points are evaluated here, each once however many searches ask for it. */

import { unwrap } from '../../base/index.js';
import { prepare } from '../../compiler/pipeline/index.js';
import {
  Evaluator,
  type Judged,
  judgeSpace,
  machineAt,
  parseSpace,
  type Space,
  type Strategy,
} from '../../tools/explore/index.js';
import { openNetwork } from '../../tools/library/index.js';

/** Judges points of a space on the shipped network. */
export class Bench {
  readonly space: Space;
  private readonly evaluator: Evaluator;
  private readonly judge: ReturnType<typeof judgeSpace>;
  private readonly known = new Map<number, Judged>();

  constructor(text: string) {
    this.space = unwrap(parseSpace(text, 'space', ['digits']));
    const { graph, calibration } = openNetwork('digits');
    this.evaluator = new Evaluator([unwrap(prepare(graph, { calibration }))]);
    this.judge = judgeSpace(this.space, ['digits']);
  }

  judged(id: number): Judged {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const point = machineAt(this.space, id);
    const outcome = point.ok
      ? this.evaluator.evaluate(point.machine)
      : ({ ok: false, reason: point.reason } as const);
    const made = this.judge.judge(id, outcome);
    this.known.set(id, made);
    return made;
  }

  /** Feasible points of a search, in the order in which it asked. */
  run(strategy: Strategy): readonly Judged[] {
    const all: Judged[] = [];
    for (;;) {
      const ids = strategy.next();
      if (typeof ids === 'string') return all;
      const judged = ids.map((id) => this.judged(id));
      strategy.tell(judged);
      all.push(...judged);
    }
  }
}
