/** Long enough for every reason; a megabyte without a newline is none. */
const longestText = 16_000;
/** What JSON leaves as it is and a terminal may obey: C1 controls, format characters such as direction overrides, line separators. */
const unseen = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu;

/** A document as JSON on one line, or on several with `indent`: nothing in it moves a terminal, and a text of strangers has an end. */
export function jsonLine(document: unknown, indent?: number): string {
  const text = JSON.stringify(document, (_key, value: unknown) => (typeof value === 'string' ? bounded(value) : value), indent);
  return text.replace(unseen, (found) => [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''));
}

/** Half a character, which is no text that every reader takes, becomes U+FFFD. */
function bounded(text: string): string {
  const cut = text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
  return cut.replace(/\p{Cs}/gu, '\ufffd');
}
