/** What XML 1.0 has no way to write, not even as a reference (section 2.2, Char), and half characters. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text as the value of an attribute or the text of an element: what XML forbids becomes U+FFFD, so that its place is seen. */
export function xmlText(text: string): string {
  return text
    .replace(forbidden, '\ufffd')
    .replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`)
    .replace(/[\t\n\r]/g, (found) => (found === '\n' ? found : `&#${found.charCodeAt(0)};`));
}

/** ` name="value"` of each; line ends in a value are written so that they stay. */
export function xmlAttributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`).join('');
}
