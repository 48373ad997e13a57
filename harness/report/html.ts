import { visibleText } from './visible-text.ts';

/** Text that is HTML already. Only `html` and `rendered` make one: what was parsed from a file, whatever its shape, is none. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

export type Piece = Markup | string | number | undefined | readonly Piece[];

/**
 * HTML with values in it. Every value is text, in an element or between the quotes of an attribute, unless this tag made it; a list is its
 * pieces one after the other, and undefined is nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return Markup.of(parts.map((part, index) => part + textOf(values[index])).join(''));
}

/** What a library rendered and escaped itself: an SVG. */
export function rendered(text: string): Markup {
  return Markup.of(text);
}

export const nothing = Markup.of('');

function textOf(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Markup) return piece.toString();
  if (typeof piece === 'string') return escaped(visibleText(piece));
  if (typeof piece === 'number') return String(piece);
  return piece.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}
