/** What a unit shell drives: a datapath that is started when its unit accepts an instruction and then moved on cycle by cycle. */

export interface Datapath<Fields> {
  /** The accept cycle: takes the instruction's fields. */
  start(fields: Fields): void;
  /** One running cycle, number `now` of the run. True in the last one: `done` is high. */
  tick(now: number): boolean;
}
