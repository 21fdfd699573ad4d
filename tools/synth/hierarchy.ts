/** Which modules stay modules while Yosys flattens the rest. Out: a line of a Yosys script. */

/**
 * Modules that stay: what is repeated is mapped once, and areas are told by it. The rest becomes one module, where fields and
 * addresses lose the bits that this machine has no use for. (Yosys writes `$paramod$HASH\\pe` or `$paramod\\pe\\PARAMETER=...`.)
 */
const KEPT = ['pe', 'pe_array', 'vector_lane', 'requantizer'].flatMap((name) => [
  `*?${name}`,
  `*paramod?${name}?*`,
]);

/** Marks them; to be run after `hierarchy`. */
export const keepRepeated = `setattr -mod -set keep_hierarchy 1 ${KEPT.join(' ')}`;
