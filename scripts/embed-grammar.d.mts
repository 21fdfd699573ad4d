/** The text of grammar.generated.ts for a grammar text. */
export function embedGrammar(grammar: string): string;
