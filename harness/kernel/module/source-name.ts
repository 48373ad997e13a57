/** The name that a symbol has in the source: without what the compiler adds (.constprop.0, .isra.0, .part.0, .cold, .123). */
export function sourceName(symbol: string): string {
  const dot = symbol.indexOf('.', 1);
  return dot < 0 ? symbol : symbol.slice(0, dot);
}
